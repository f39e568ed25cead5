"""Who has a place in a class when numbers change hands, when news is refused, when one is erased."""

from __future__ import annotations

from datetime import datetime

import pytest

from service.outbox.put import Message, put
from service.records.messages import MessageClass
from service.text.local_time import VIETNAM
from service.text.phones import Msisdn
from service.village.seating import Seating
from service.village.suppressions import digest
from tests.village import LEADER, MEMBER, NEIGHBOUR, VILLAGER, Phone, TimedWorld, World
from tests.village_work.classes import look, states, training
from tests.village_work.people_words import prove
from tests.village_work.test_work_classes import grow_stale
from tests.village_work.test_work_erasure import erase, erase_on_the_phone
from tests.village_work.traces import Carrier, clean, deliver, forms_of, found
from tests.village_work.words import forget_answers

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
NEW = "+84900000031"
SHARES_THE_PHONE = """
    INSERT INTO people (name, area_id, household_id, phone_id)
    SELECT 'Mai Khác', area_id, household_id, phone_id FROM people WHERE name = 'Mai Thử'
"""
DOI = "DOI 0900000007 0900000031"


def places(world: World, number: int = 12) -> list[tuple[str, str, str]]:
    """Phone, name and state of those who registered for a class."""
    rows = world.rows(
        """
        SELECT f.msisdn, coalesce(e.name, '') AS name, e.state FROM enrolments e
        JOIN trainings t ON t.id = e.training_id JOIN phones f ON f.id = e.phone_id
        WHERE t.number = :number ORDER BY e.id
        """,
        number=number,
    )
    return [(row.msisdn, row.name, row.state) for row in rows]


def household_and_one_who_waits(timed: TimedWorld, seats: int = 2) -> None:
    training(timed, seats=seats, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Nông Thị Lạ")
    timed.phone(LEADER).text("LOP 12")


# -- refusing news


def test_who_refuses_news_is_invited_no_more_and_still_hears_of_their_class(
    timed: TimedWorld,
) -> None:
    its = training(timed, starts_at=EVENING)
    neighbour = timed.phone(NEIGHBOUR)
    neighbour.text("LOP 12")
    neighbour.text("TC")
    with timed.runtime.units.open() as unit:
        invited = Message(
            "invited",
            MessageClass.NOTICE,
            Msisdn(NEIGHBOUR),
            "Lop moi",
            recipient_digest=digest(timed.runtime.words.key, Msisdn(NEIGHBOUR)),
        )
        put(unit, invited)
        Seating(unit, timed.runtime.words, its).cancel()
    carrier = deliver(timed)
    bodies = [body for number, body in carrier.taken if number == NEIGHBOUR]
    assert "Lop moi" not in bodies
    assert any("KHONG hoc nua" in body for body in bodies)


# -- erasing


@pytest.mark.parametrize("way", [erase, erase_on_the_phone], ids=["by_text", "by_call"])
def test_who_is_erased_frees_the_seats_and_nothing_of_the_names_stays(
    timed: TimedWorld, way
) -> None:
    household_and_one_who_waits(timed)
    deliver(timed)
    timed.phone(NEIGHBOUR).text("HUY LOP 12")  # asks which, by their names
    timed.phone(NEIGHBOUR).dial("4*1*2")
    timed.phone(NEIGHBOUR).hang_up()
    names = ["Mai Thử", "Nông Thị Lạ", *forms_of(NEIGHBOUR)]
    assert len(found(timed, names)) > 5
    forget_answers(timed)
    way(timed.phone(NEIGHBOUR))
    assert states(timed) == ["left", "left", "offered"]
    assert timed.phone(LEADER).inbox()[-1].startswith("Co cho cho Hoang Van Mau o lop 12")
    deliver(timed, Carrier())
    timed.do("UPDATE ussd_sessions SET updated_at = updated_at - interval '6 minutes'")
    timed.do("UPDATE audit SET at = at - interval '73 hours'")
    clean(timed)
    assert found(timed, names) == []
    assert timed.rows("SELECT FROM enrolments WHERE who <> '' OR name IS NOT NULL") == []


def test_who_lives_on_with_the_number_keeps_the_seat_in_their_name(timed: TimedWorld) -> None:
    timed.do(SHARES_THE_PHONE)
    household_and_one_who_waits(timed)
    timed.phone(NEIGHBOUR).text("LOP 12 Mai Khác")
    erase(timed.phone(NEIGHBOUR))
    assert places(timed) == [
        (NEIGHBOUR, "", "left"),
        (NEIGHBOUR, "", "left"),
        (LEADER, "", "offered"),
        (NEIGHBOUR, "Mai Khác", "waiting"),
    ]
    assert look(timed) == 1
    assert places(timed)[-1] == (NEIGHBOUR, "Mai Khác", "offered")
    assert "Co cho cho Mai Khac" in timed.phone(NEIGHBOUR).inbox()[-1]


def test_who_waits_in_a_row_and_is_erased_is_passed_over(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    for number in (LEADER, NEIGHBOUR, MEMBER):
        timed.phone(number).text("LOP 12")
    erase(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("HUY LOP 12")
    assert states(timed) == ["left", "left", "offered"]
    assert timed.phone(MEMBER).inbox()[-1].startswith("Co cho cho Trieu Van Nhap")


# -- a number that is somebody else's now


def by_text(phone: Phone) -> None:
    phone.text("LOP")
    phone.text("2")


def by_call(phone: Phone) -> None:
    phone.dial()
    phone.key("2")


@pytest.mark.parametrize("way", [by_text, by_call])
def test_a_number_its_owner_has_lost_frees_the_seats_and_shows_nothing_of_them(
    timed: TimedWorld, way
) -> None:
    household_and_one_who_waits(timed)
    grow_stale(timed, NEIGHBOUR)
    neighbour = timed.phone(NEIGHBOUR)
    before = len(neighbour.inbox())
    way(neighbour)
    assert states(timed) == ["left", "left", "offered"]
    assert "Co cho cho Hoang Van Mau" in timed.phone(LEADER).inbox()[-1]
    forget_answers(timed)
    neighbour.text("LOP 00018")
    neighbour.dial()
    neighbour.keys("2", "00018", "2", "4")
    assert "12 VNeID" in neighbour.screen
    shown = " ".join([neighbour.screen, *neighbour.inbox()[before:]])
    assert "*12" not in shown
    for name in ("Mai", "Nong Thi La"):
        assert name not in shown


def test_a_members_number_in_doubt_keeps_its_seat_until_they_say_so_in_a_call(
    timed: TimedWorld,
) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(LEADER).text("LOP 12")
    grow_stale(timed, LEADER)
    by_text(timed.phone(LEADER))
    assert states(timed) == ["seated"]
    by_call(timed.phone(LEADER))
    assert states(timed) == ["left"]


def test_an_offer_that_lapsed_is_nothing_for_whoever_has_the_number_now(timed: TimedWorld) -> None:
    household_and_one_who_waits(timed, seats=0)
    timed.do("UPDATE enrolments SET state = 'lapsed', offered_at = clock_timestamp() WHERE id = 1")
    timed.do("UPDATE phones SET doubted_at = clock_timestamp() WHERE msisdn = :m", m=NEIGHBOUR)
    by_text(timed.phone(NEIGHBOUR))
    forget_answers(timed)
    assert "Mai" not in " ".join(timed.phone(NEIGHBOUR).text("1"))
    assert states(timed) == ["left", "left", "waiting"]


def test_who_had_the_number_before_does_not_count_in_the_row(timed: TimedWorld) -> None:
    training(timed, 12, seats=0, starts_at=EVENING)
    timed.do(
        """
        INSERT INTO enrolments (training_id, phone_id, person_id, state, attended)
        SELECT t.id, f.id, f.holder_id, 'seated', false FROM trainings t, phones f
        WHERE f.msisdn = :m
        """,
        m=NEIGHBOUR,
    )
    timed.do("UPDATE trainings SET number = 13, starts_at = starts_at - interval '5 days'")
    training(timed, 12, seats=0, starts_at=EVENING)
    grow_stale(timed, NEIGHBOUR)
    by_call(timed.phone(NEIGHBOUR))
    timed.phone(NEIGHBOUR).text("LOP 12")
    assert timed.one("SELECT rank FROM enrolments ORDER BY id DESC LIMIT 1").rank == 0


# -- somebody's new number


def move(timed: TimedWorld, words: str = DOI) -> None:
    said = prove(timed.phone(LEADER), words)
    if "hoi so moi" in said[0]:
        timed.phone(NEW).text("1")


def test_places_follow_to_a_new_number(timed: TimedWorld) -> None:
    household_and_one_who_waits(timed)
    move(timed)
    assert [(m, state) for m, _, state in places(timed)] == [
        (NEW, "seated"),
        (NEW, "seated"),
        (LEADER, "waiting"),
    ]
    forget_answers(timed)
    assert "*12 VNeID" in timed.phone(NEW).text("LOP")[0]
    assert "Da huy cho cua Mai Thu" in timed.phone(NEW).text("HUY LOP 12 Mai Thu")[0]
    assert "khong dang ky ai o lop 12" in timed.phone(NEIGHBOUR).text("HUY LOP 12")[0]


def test_at_somebody_elses_phone_places_go_by_name(timed: TimedWorld) -> None:
    training(timed, seats=2, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(MEMBER).text("LOP 12")
    prove(timed.phone(LEADER), "DOI 0900000007 0900000004")
    assert places(timed) == [(MEMBER, "Mai Thử", "seated"), (MEMBER, "", "seated")]
    forget_answers(timed)
    assert timed.phone(MEMBER).text("HUY LOP 12") == [
        "Huy cho cua ai? 1 Mai Thu, 2 Trieu Van Nhap. Soan so do gui 8499."
    ]


def test_who_had_registered_with_the_new_number_too_keeps_the_better_place(
    timed: TimedWorld,
) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEW).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    move(timed)
    assert places(timed) == [(NEW, "", "seated"), (NEW, "", "left"), (LEADER, "", "waiting")]


def test_who_shares_the_old_number_keeps_their_places_there(timed: TimedWorld) -> None:
    timed.do(SHARES_THE_PHONE)
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Mai Khác")
    assert len(timed.rows("SELECT DISTINCT person_id FROM enrolments WHERE person_id > 0")) == 2
    move(timed, "DOI 0900000007 0900000031 Mai Thử")
    assert places(timed) == [(NEW, "", "seated"), (NEIGHBOUR, "Mai Khác", "seated")]


# -- who is remembered later


def test_who_agrees_to_be_remembered_learns_in_their_own_name(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(VILLAGER).text("LOP 12")
    timed.phone(VILLAGER).text("1")
    row = timed.one(
        "SELECT e.person_id, f.holder_id FROM enrolments e JOIN phones f ON f.id = e.phone_id"
    )
    assert row.person_id == row.holder_id is not None


def test_what_is_kept_of_classes_is_said_to_whoever_asks(timed: TimedWorld) -> None:
    training(timed)
    timed.phone(NEIGHBOUR).text("LOP 12")
    kept = timed.phone(NEIGHBOUR).text("DL")
    assert kept[-1].startswith("Cung luu: 1 lan dang ky lop hoc")
    timed.phone(VILLAGER).text("LOP 12")
    kept = timed.phone(VILLAGER).text("DL")
    assert "so may nay" in kept[0]
    assert "1 lan dang ky lop hoc" in kept[-1]


def test_huy_alone_asks_whether_a_class_is_meant_or_the_news(timed: TimedWorld) -> None:
    training(timed)
    timed.phone(NEIGHBOUR).text("LOP 12")
    (said,) = timed.phone(NEIGHBOUR).text("HUY")
    assert "Soan 1: huy cho o lop 12" in said
    assert states(timed) == ["seated"]
    timed.phone(NEIGHBOUR).text("1")
    assert states(timed) == ["left"]


def test_a_household_of_six_hears_of_each(timed: TimedWorld) -> None:
    training(timed)
    for name in ("", "Ly Thi An", "Ly Thi Binh", "Ly Thi Chi", "Ly Thi Dao", "Ly Thi Giang"):
        (said,) = timed.phone(NEIGHBOUR).text(f"LOP 12 {name}".strip())
        assert (name or "Mai Thu") in said
