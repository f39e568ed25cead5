"""Reminders: whom the clock asks before a class whether they come, when, and how often."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.text.local_time import VIETNAM
from service.village.class_reminders import remind_classes
from tests.village import LEADER, NEIGHBOUR, TimedWorld
from tests.village_work.classes import look, states, training
from tests.village_work.test_work_class_changes import moved

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
EVE = datetime(2026, 12, 2, 9, 1, tzinfo=VIETNAM)
OTHER = "+84900000101"


def remind(world: TimedWorld, at: datetime | None = None) -> int:
    """Turn the clock to a moment, and write the reminders that are due then."""
    if at is not None:
        world.time.turn_to(at)
    world.arrive()
    return remind_classes(world.runtime.units, world.runtime.words)


def test_the_day_before_somebody_is_asked_once_whether_they_come(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    assert remind(timed, EVE - timedelta(minutes=3)) == 0
    assert remind(timed, EVE) == 1, "whoever waits has no seat to give up"
    assert remind(timed) == 0
    assert timed.phone(NEIGHBOUR).inbox()[-1] == (
        "Lop 12: toi thu 5, 3/12, 19h, nha van hoa Coc Phia. Mang can cuoc, dien thoai. Mai Thu: "
        "soan 1 den, 2 khong den, gui 8499."
    )
    (said,) = timed.phone(NEIGHBOUR).text("2")
    assert "Da huy cho cua Mai Thu o lop 12" in said
    assert states(timed) == ["left", "offered"], "the seat goes to the next at once"


def test_a_clock_set_back_and_a_second_clock_remind_nobody_again(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    assert remind(timed, EVE + timedelta(hours=3)) == 1, "a service that stood still is late"
    timed.time.let_pass(timedelta(hours=-1))
    assert remind(timed) == 0
    assert remind(timed, EVENING - timedelta(hours=1, minutes=50)) == 1
    timed.time.let_pass(timedelta(hours=-1))
    assert remind(timed) == 0
    timed.time.let_pass(timedelta(hours=1))
    assert remind(timed) == 0


def test_nobody_is_reminded_at_night_nor_once_a_class_has_begun(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    for moment in (
        datetime(2026, 12, 2, 21, 0, tzinfo=VIETNAM),
        datetime(2026, 12, 3, 6, 30, tzinfo=VIETNAM),
        EVENING - timedelta(minutes=20),
        EVENING + timedelta(minutes=1),
    ):
        assert remind(timed, moment) == 0, moment


def test_before_an_early_class_the_day_before_is_enough(timed: TimedWorld) -> None:
    training(timed, starts_at=datetime(2026, 12, 3, 7, 0, tzinfo=VIETNAM))
    training(timed, 13, starts_at=datetime(2026, 12, 3, 8, 0, tzinfo=VIETNAM))
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 13")
    assert remind(timed, EVE) == 2
    assert remind(timed, datetime(2026, 12, 3, 5, 1, tzinfo=VIETNAM)) == 0
    assert remind(timed, datetime(2026, 12, 3, 6, 50, tzinfo=VIETNAM)) == 0
    assert remind(timed, datetime(2026, 12, 3, 7, 1, tzinfo=VIETNAM)) == 1, "of the class at eight"
    assert "lop 13" in timed.phone(LEADER).inbox()[-1]


def test_whoever_has_just_registered_is_not_reminded_of_it_at_once(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.time.turn_to(datetime(2026, 12, 2, 8, 0, tzinfo=VIETNAM))
    timed.phone(NEIGHBOUR).text("LOP 12")
    assert remind(timed, EVE) == 0
    assert remind(timed, datetime(2026, 12, 2, 20, 1, tzinfo=VIETNAM)) == 1
    timed.time.turn_to(datetime(2026, 12, 3, 16, 0, tzinfo=VIETNAM))
    timed.phone(LEADER).text("LOP 12")
    assert remind(timed, datetime(2026, 12, 3, 17, 1, tzinfo=VIETNAM)) == 1
    assert "sap hoc" not in timed.phone(LEADER).inbox()[-1].lower()


def test_who_said_the_day_before_that_they_come_is_not_asked_again(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    remind(timed, EVE)
    (said,) = timed.phone(NEIGHBOUR).text("1")
    assert said == (
        "Cam on, to cho Mai Thu: lop 12, toi thu 5, 3/12, 19h, nha van hoa Coc Phia. Mang can "
        "cuoc, dien thoai."
    )
    remind(timed, EVENING - timedelta(hours=2))
    assert timed.phone(NEIGHBOUR).inbox()[-1] == (
        "Sap hoc lop 12: toi thu 5, 3/12, 19h, nha van hoa Coc Phia. To cho Mai Thu. Khong den: "
        "soan HUY LOP 12 gui 8499."
    )
    assert "soan 1 den, 2 khong den" in timed.phone(LEADER).inbox()[-1]


def test_a_household_is_reminded_by_one_message_that_names_it(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Ha Thu")
    before = len(timed.phone(NEIGHBOUR).inbox())
    assert remind(timed, EVE) == 1
    assert timed.phone(NEIGHBOUR).inbox()[before:] == [
        (
            "Lop 12: toi thu 5, 3/12, 19h. Mai Thu va 1 nguoi nua: soan 1 den ca, 2 khong ai den, "
            "bot 1 nguoi HUY LOP 12 va ten, gui 8499."
        )
    ]
    (said,) = timed.phone(NEIGHBOUR).text("1")
    assert said.startswith("Cam on, to cho Mai Thu va 1 nguoi nua: lop 12")
    assert not timed.rows("SELECT FROM enrolments WHERE confirmed_at IS NULL")
    remind(timed, EVENING - timedelta(hours=2))
    (said,) = timed.phone(NEIGHBOUR).text("2")
    assert said.startswith("Da huy cho cua Mai Thu va 1 nguoi nua o lop 12")
    assert states(timed) == ["left", "left"]


def test_a_class_at_another_time_is_reminded_of_anew(timed: TimedWorld) -> None:
    found = training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    assert remind(timed, EVE) == 1
    moved(timed, found, EVENING + timedelta(days=1))
    assert remind(timed, EVENING - timedelta(hours=2)) == 1, "it is the day before once more"
    assert "thu 6, 4/12" in timed.phone(NEIGHBOUR).inbox()[-1]


def test_a_reminder_that_could_not_leave_does_not_arrive_after_the_class(
    timed: TimedWorld,
) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    remind(timed, EVE)
    remind(timed, EVENING - timedelta(hours=2))
    eve, soon = timed.rows(
        "SELECT valid_until FROM messages_out WHERE body LIKE '%khong den,%' ORDER BY id"
    )
    assert eve.valid_until == datetime(2026, 12, 2, 21, 0, tzinfo=VIETNAM), "nor at night"
    assert soon.valid_until == EVENING


def test_an_offer_that_could_not_leave_does_not_arrive_once_it_has_lapsed(
    timed: TimedWorld,
) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    row = timed.one("""
        SELECT m.valid_until, e.offered_until FROM messages_out m, enrolments e
        WHERE m.body LIKE 'Co cho cho%' AND e.state = 'offered'
    """)
    assert row.valid_until == row.offered_until


def test_a_seat_left_between_freeing_and_offering_is_offered_once(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, LEADER, OTHER):
        timed.phone(msisdn).text("LOP 12")
    timed.do("UPDATE enrolments SET state = 'left' WHERE state = 'seated'")
    assert look(timed) == 1
    assert look(timed) == 0
    assert states(timed) == ["left", "offered", "waiting"]
    offers = timed.rows("SELECT FROM messages_out WHERE body LIKE 'Co cho cho%'")
    assert len(offers) == 1


def test_a_class_the_database_says_was_held_before_is_told_of_to_nobody(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    before = len(timed.rows("SELECT FROM messages_out"))
    timed.do(
        "UPDATE trainings SET starts_at = starts_at - interval '3 days',"
        " ends_at = ends_at - interval '3 days'"
    )
    for _ in range(60):
        timed.time.let_pass(timedelta(hours=1))
        look(timed)
        assert remind(timed) == 0
    assert len(timed.rows("SELECT FROM messages_out")) == before
