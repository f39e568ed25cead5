"""DD: whoever leads a class gets its list by text, and calls the roll in one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from service.records.people import Person
from service.text.local_time import VIETNAM
from service.text.phones import Msisdn
from service.village.desk import Desk
from service.village.enrolling import register
from service.village.roll_call import record_of
from service.village.seating import Seating
from service.village.trainings import training_by_number
from tests.village import COMMUNE_DUTY, DEPUTY, FAR_AWAY, LEADER, MEMBER, NEIGHBOUR, VILLAGER
from tests.village import TimedWorld as World
from tests.village_work.classes import course, states, training

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
NAMES = ("Mai Thu", "Nong Thi Be", "Ly Van Thu", "Hoang Be", "Sung Gia")
WALKED_IN = "+84900000009"


def seat(world: World, *names: str, number: int = 12) -> None:
    """Register people for a class by their names, each from a phone of their own."""
    with world.runtime.units.open() as unit:
        for n, name in enumerate(names, start=10):
            desk = Desk(unit, world.runtime.words, Msisdn(f"+849000020{n}"), "sms", f"seat:{n}")
            found = training_by_number(unit.session, number)
            assert found is not None
            register(desk, found, name)


def evening(world: World, minutes: int = 10) -> None:
    """Let it be so many minutes after the class has begun."""
    world.time.turn_to(EVENING + timedelta(minutes=minutes))


def came(world: World, number: int = 12) -> dict[int, bool | None]:
    """Who of a class came, by their numbers on the list."""
    rows = world.rows(
        """
        SELECT e.roll_number, e.attended FROM enrolments e JOIN trainings t ON t.id = e.training_id
        WHERE t.number = :number AND e.roll_number IS NOT NULL ORDER BY e.roll_number
        """,
        number=number,
    )
    return {row.roll_number: row.attended for row in rows}


def teacher(world: World, msisdn: str, number: int = 12) -> None:
    """Enter a phone as that of the teacher of a class."""
    world.do("INSERT INTO phones (msisdn) VALUES (:msisdn) ON CONFLICT DO NOTHING", msisdn=msisdn)
    world.do(
        """
        UPDATE trainings SET teacher_phone_id = (SELECT id FROM phones WHERE msisdn = :msisdn)
        WHERE number = :number
        """,
        msisdn=msisdn,
        number=number,
    )


# -- the list


def test_the_list_names_who_is_registered_by_numbers(timed: World) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    seat(timed, "Nông Thị Bé")
    timed.do("UPDATE people SET name = NULL WHERE name LIKE 'Mai%'")
    (said,) = timed.phone(LEADER).text("DD 12")
    assert said == (
        "Lop 12 VNeID ch..., t5 3/12 19h, 2 nguoi: 1 so ..07, 2 Thi Be. Ai den, vi du 1 va 2: "
        "soan DD 12 1 2 gui 8499."
    )


def test_a_number_on_the_list_is_never_anybody_elses(timed: World) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    seat(timed, "Nông Thị Bé")
    timed.phone(LEADER).text("DD 12")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    timed.phone(FAR_AWAY).text("LOP 12")
    (said,) = timed.phone(LEADER).text("DD 12")
    assert "2 nguoi: 2 Thi Be, 3 Sung Gia." in said


def test_a_long_list_comes_in_three_texts_and_the_rest_when_asked_for(timed: World) -> None:
    training(timed, starts_at=EVENING, seats=40)
    seat(timed, *(f"Nong Van {chr(65 + n // 6)}{chr(97 + n)}" for n in range(26)))
    seat_more = [f"Trieu Thi {chr(65 + n)}o" for n in range(10)]
    with timed.runtime.units.open() as unit:
        found = training_by_number(unit.session, 12)
        assert found is not None
        for n, name in enumerate(seat_more):
            desk = Desk(unit, timed.runtime.words, Msisdn(f"+849000021{n:02}"), "sms", f"more:{n}")
            register(desk, found, name)
    said = timed.phone(LEADER).text("DD 12")
    assert len(said) == 3
    assert all(len(one) <= 160 for one in said)
    assert said[0].startswith("Danh sach lop 12 VNeID ch..., t5 3/12 19h, 36 nguoi: 1 Van Aa,")
    *_, rest = said
    more = rest.partition("Con ")[2]
    left, first = int(more.split()[0]), int(more.partition("xem ")[2].split()[0])
    assert first == 36 - left + 1
    following = timed.phone(LEADER).text(f"DD 12 xem {first}")
    assert f": {first} " in following[0]
    assert "36 Thi Jo" in following[-1]


def test_who_is_offered_a_seat_or_waits_is_not_on_the_list(timed: World) -> None:
    training(timed, starts_at=EVENING, seats=1)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(FAR_AWAY).text("LOP 12")
    assert "1 nguoi: 1 Mai Thu." in timed.phone(LEADER).text("DD 12")[0]
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    assert states(timed) == ["left", "offered"]
    assert "chua co ai dang ky" in timed.phone(LEADER).text("DD 12")[0]


# -- the roll


def test_who_is_named_came_and_all_others_did_not(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    timed.phone(LEADER).text("DD 12")
    evening(timed)
    (said,) = timed.phone(LEADER).text("DD12: 1,4 5")
    assert said == (
        "Lop 12 VNeID ch... t5 3/12 19h: co 3 (1 4 5), vang 2 (2 3). Sai: soan lai DD 12 gui 8499 "
        "trong 24 gio."
    )
    assert came(timed) == {1: True, 2: False, 3: False, 4: True, 5: True}
    assert timed.one("SELECT called_at IS NOT NULL AS called FROM trainings").called
    events = timed.rows("SELECT event FROM enrolment_events WHERE event IN ('came', 'missed')")
    assert sorted(row.event for row in events) == ["came"] * 3 + ["missed"] * 2


def test_the_roll_is_called_by_exceptions_too_and_nobody_hears_of_being_missed(
    timed: World,
) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    timed.phone(NEIGHBOUR).text("LOP 12")
    heard = len(timed.phone(NEIGHBOUR).inbox())
    evening(timed)
    for typed, who in (
        ("DD 12 tat ca tru 6", {1, 2, 3, 4, 5}),
        ("DD 12 khong ai", set()),
        ("DD 12 tất cả", {1, 2, 3, 4, 5, 6}),
        ("DD 12 1-3", {1, 2, 3}),
        ("DD 12 2 den 4", {2, 3, 4}),
    ):
        timed.phone(LEADER).text(typed)
        assert {number for number, attended in came(timed).items() if attended} == who
    timed.arrive()
    assert len(timed.phone(NEIGHBOUR).inbox()) == heard


def test_who_missed_a_class_is_behind_in_the_next_race_and_else_loses_nothing(
    timed: World,
) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    evening(timed)
    timed.phone(LEADER).text("DD 12 khong ai")
    training(timed, 13, seats=1)
    for phone in (LEADER, NEIGHBOUR, FAR_AWAY):
        timed.phone(phone).text("LOP 13")
    timed.phone(LEADER).text("HUY LOP 13")
    assert states(timed, 13) == ["left", "waiting", "offered"]


def test_a_later_roll_replaces_the_first_within_a_day_and_says_so(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    evening(timed)
    timed.phone(LEADER).text("DD 12 1 2")
    timed.let_pass(hours=23)
    (said,) = timed.phone(DEPUTY).text("DD 12 1 2 3")
    assert "co 3 (1-3), vang 2 (4 5). Thay lan truoc." in said
    timed.let_pass(hours=2)
    (said,) = timed.phone(LEADER).text("DD 12 1")
    assert "da diem danh qua 24 gio" in said
    assert came(timed) == {1: True, 2: True, 3: True, 4: False, 5: False}


def test_before_the_class_the_list_is_given_and_the_roll_is_not_taken(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    timed.time.turn_to(EVENING - timedelta(minutes=31))
    assert (
        timed.phone(LEADER)
        .text("DD 12 1 2")[0]
        .startswith("Lop 12, toi thu 5, 3/12, 19h, chua hoc. Diem danh tu 30 phut truoc gio hoc.")
    )
    assert set(came(timed).values()) <= {None}
    timed.time.turn_to(EVENING - timedelta(minutes=29))
    assert "co 2 (1 2), vang 3 (3-5)" in timed.phone(LEADER).text("DD 12 1 2")[0]


def test_what_is_wrong_in_a_roll_is_named_and_nothing_is_noted(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    timed.phone(LEADER).text("DD 12")
    evening(timed)
    for typed, told in (
        ("DD 12 1 4 7 9", "Chua ghi gi: lop 12 khong co so 7 9, danh sach den so 5."),
        ("DD 12 tat ca tru 6", "Chua ghi gi: lop 12 khong co so 6, danh sach den so 5."),
        ("DD 12 1 bon 5", "Chua ghi gi: to khong hieu 'bon'. Soan so nguoi den, vi du DD 12 1 4 7"),
        ("DD 12 145000", "Chua ghi gi: to khong hieu '145000'."),
        ("DD 12 1 4 them 09000", "Chua ghi gi: to khong hieu '09000'."),
        ("DD 12 1 4 0900000009", "Chua ghi gi: to khong hieu '0900000009'."),
    ):
        (said,) = timed.phone(LEADER).text(typed)
        assert said.startswith(told)
    assert set(came(timed).values()) == {None}
    assert timed.one("SELECT called_at FROM trainings").called_at is None


def test_a_number_typed_twice_counts_once_and_is_told(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    evening(timed)
    (said,) = timed.phone(LEADER).text("DD 12 1 4 4")
    assert "co 2 (1 4), vang 3 (2 3 5). So 4 2 lan." in said


def test_a_callback_that_comes_twice_calls_the_roll_once(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    evening(timed)
    phone = timed.phone(LEADER)
    assert len(phone.text("DD 12 1 2", id="ATXid_roll")) == 1
    assert phone.text("DD 12 1 2", id="ATXid_roll") == []
    assert timed.one("SELECT count(*) AS n FROM enrolment_events WHERE event = 'came'").n == 2


def test_of_two_who_call_at_once_one_comes_later_and_is_told_so(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    evening(timed)

    def call(who: tuple[str, str]) -> list[str]:
        return timed.phone(who[0]).text(who[1])

    with ThreadPoolExecutor(2) as both:
        said = [*both.map(call, [(LEADER, "DD 12 1 2"), (DEPUTY, "DD 12 3 4 5")])]
    replaced = [one for (one,) in said if "Thay lan truoc" in one]
    assert len(replaced) == 1
    is_leaders = "co 2 (1 2)" in replaced[0]
    assert came(timed) == {n: (n <= 2) == is_leaders for n in range(1, 6)}


# -- whose roll it is


def test_only_who_has_to_do_with_a_class_may_see_its_list(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, "Nông Thị Bé")
    for phone in (LEADER, DEPUTY, MEMBER, COMMUNE_DUTY):
        assert "1 Thi Be" in timed.phone(phone).text("DD 12")[0]
    training(timed, 13, hamlet=_hamlet_of(timed, FAR_AWAY))
    (said,) = timed.phone(LEADER).text("DD 13 1")
    assert said == (
        "Lop 13 khong phai cua to minh, nen to chua ghi gi. Lop cua minh: 12. Soan DD va so lop gui 8499."
    )
    assert "chua co ai dang ky" in timed.phone(COMMUNE_DUTY).text("DD 13")[0]
    (said,) = timed.phone(LEADER).text("DD 99 1 2")
    assert said.startswith("Khong co lop 99, to chua ghi gi. Lop cua minh: 12.")
    assert "khong o trong to" in timed.phone(NEIGHBOUR).text("DD 12")[0]
    assert all("Thi Be" not in one for one in timed.phone(VILLAGER).text("DD 12"))


def _hamlet_of(world: World, msisdn: str) -> str:
    return str(
        world.one(
            """
            SELECT a.code FROM people p JOIN phones f ON f.id = p.phone_id JOIN areas a ON a.id = p.area_id
            WHERE f.msisdn = :msisdn
            """,
            msisdn=msisdn,
        ).code
    )


def test_who_left_the_team_or_is_a_helper_calls_no_roll(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    evening(timed)
    timed.do(
        "UPDATE trainings SET proposed_by = (SELECT person_id FROM memberships WHERE role = 'deputy')"
    )
    timed.do("UPDATE memberships SET until = clock_timestamp() WHERE role = 'deputy'")
    timed.do("UPDATE memberships SET role = 'helper' WHERE role = 'member'")
    assert "khong o trong to" in timed.phone(DEPUTY).text("DD 12 1 2")[0]
    assert "khong phai cua to minh" in timed.phone(MEMBER).text("DD 12 1 2")[0]
    assert set(came(timed).values()) <= {None}


def test_a_teacher_from_outside_calls_the_roll_from_their_own_phone(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    teacher(timed, VILLAGER)
    assert "5 nguoi: 1 Mai Thu" in timed.phone(VILLAGER).text("DD 12")[0]
    evening(timed)
    assert "co 2 (1 2), vang 3 (3-5)" in timed.phone(VILLAGER).text("DD 12 1 2")[0]
    training(timed, 13)
    (said,) = timed.phone(VILLAGER).text("DD 13 1 2")
    assert said.startswith("Lop 13 khong phai cua to minh, nen to chua ghi gi. Lop cua minh: 12.")
    teacher(timed, FAR_AWAY)
    assert all("Thu" not in one for one in timed.phone(VILLAGER).text("DD 12"))


def test_a_teachers_number_silent_for_long_is_asked_whose_it_is(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    teacher(timed, VILLAGER)
    timed.do(
        "UPDATE phones SET last_heard_at = clock_timestamp() - interval '91 days' WHERE msisdn = :m",
        m=VILLAGER,
    )
    evening(timed)
    (said,) = timed.phone(VILLAGER).text("DD 12 1 2")
    assert "co 2" not in said
    assert set(came(timed).values()) <= {None}
    timed.phone(VILLAGER).text("1")
    assert "co 2 (1 2)" in timed.phone(VILLAGER).text("DD 12 1 2")[0]


def test_a_cancelled_class_and_one_that_waits_for_an_answer_have_no_roll(timed: World) -> None:
    training_id = training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    timed.phone(LEADER).text("DD 12")
    with timed.runtime.units.open() as unit:
        Seating(unit, timed.runtime.words, training_id).cancel()
    evening(timed)
    for typed in ("DD 12", "DD 12 1 2"):
        assert "Lop 12 chua duyet hoac da huy" in timed.phone(LEADER).text(typed)[0]
    course(timed)
    timed.phone(LEADER).text("LOP MOI VNEID 5/12 19h nha van hoa")
    assert "Lop 10 chua duyet hoac da huy" in timed.phone(LEADER).text("DD 10")[0]


def test_without_the_number_of_a_class_it_is_the_roll_of_the_hamlet(timed: World) -> None:
    training(timed, starts_at=EVENING)
    for who, typed in (
        (LEADER, "DD"),
        (LEADER, "DD lu"),
        (DEPUTY, "diem danh nha nao bi ngap"),
        (DEPUTY, "DD 1 4 7"),
        (MEMBER, "DD 0900000009"),
    ):
        assert "chua lam duoc" in timed.phone(who).text(typed)[0]


# -- who came without a seat


def test_who_came_without_a_seat_is_added_counted_and_told(timed: World) -> None:
    training(timed, starts_at=EVENING, seats=5)
    seat(timed, *NAMES)
    evening(timed)
    (said,) = timed.phone(LEADER).text("DD 12 1 4 them 0900000009 Lý Thị Vào")
    assert "co 3 (1 4 6), vang 3 (2 3 5). Them 1 nguoi." in said
    timed.arrive()
    assert timed.phone(WALKED_IN).inbox()[-1] == (
        "To ghi Ly Thi Vao co den lop 12 VNeID cho nguoi lon tuoi, toi thu 5, 3/12, 19h. Neu sai: "
        "soan HUY LOP 12 gui 8499, to xoa ngay."
    )
    assert states(timed)[-1] == "walked_in"
    assert "6 Thi Vao" in " ".join(timed.phone(LEADER).text("DD 12"))
    (said,) = timed.phone(LEADER).text("DD 12 1 2 3 4")
    assert "co 5 (1-4 6), vang 1 (5)" in said, "who was added stays added"
    (said,) = timed.phone(LEADER).text("DD 12 1 4 them 0900000009 ly thi vao")
    assert states(timed).count("walked_in") == 1
    timed.arrive()
    assert len(timed.phone(WALKED_IN).inbox()) == 1


def test_somebody_can_be_added_without_calling_the_roll(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    timed.phone(NEIGHBOUR).text("LOP 12")
    evening(timed)
    (said,) = timed.phone(LEADER).text("DD 12 them 0900000009 va 0900000008")
    assert "da ghi so 7 8 co den" in said
    assert came(timed) == dict.fromkeys(range(1, 7)) | {7: True, 8: True}
    record = timed.rows(
        "SELECT person_id, name FROM enrolments WHERE state = 'walked_in' ORDER BY id"
    )
    assert record[0].person_id is None
    assert record[1].person_id is not None, "Sung Gia is known at that number"
    (said,) = timed.phone(LEADER).text("DD 12 them 0900000007")
    assert "da ghi so 6 co den" in said, "who has a seat came in it"
    assert states(timed).count("walked_in") == 2


def test_who_waited_in_the_row_and_came_has_a_place_of_their_own_no_more(timed: World) -> None:
    training(timed, starts_at=EVENING, seats=1)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(FAR_AWAY).text("LOP 12")
    timed.time.turn_to(EVENING - timedelta(minutes=20))
    timed.phone(LEADER).text("DD 12 1 them 0900000008")
    assert states(timed) == ["seated", "walked_in"]


def test_who_was_added_by_mistake_says_so_and_is_off_the_list(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    evening(timed)
    timed.phone(LEADER).text("DD 12 1 them 0900000009")
    timed.arrive()
    (said,) = timed.phone(WALKED_IN).text("HUY LOP 12")
    assert said.startswith("Da xoa ten ba con o lop 12 VNeID cho nguoi lon tuoi")
    assert states(timed)[-1] == "left"
    assert came(timed)[6] is None
    assert "5 nguoi" in timed.phone(LEADER).text("DD 12")[0]


def test_no_more_than_ten_are_added_and_nobody_who_was_erased(timed: World) -> None:
    training(timed, starts_at=EVENING)
    evening(timed)
    five = " ".join(f"09000003{n:02}" for n in range(5))
    phone = timed.phone(LEADER)
    assert "da ghi so 1-5 co den" in phone.text(f"DD 12 them {five}")[0]
    more = " ".join(f"09000004{n:02}" for n in range(6))
    assert phone.text(f"DD 12 them {more}")[0].startswith("Chua ghi gi: moi lop chi them 10 nguoi")
    assert len(states(timed)) == 5
    timed.do(
        "INSERT INTO suppressions (digest, kind) VALUES (:digest, 'erased')",
        digest=_digest(timed, "+84900000009"),
    )
    (said,) = phone.text("DD 12 them 0900000009")
    assert said.startswith("Chua ghi gi: so +8490*****09 da xin xoa")
    assert len(states(timed)) == 5


def test_who_is_taken_off_the_list_again_makes_no_room_for_more_messages(
    timed: World,
) -> None:
    training(timed, in_days=0)
    leader = timed.phone(LEADER)
    for n in range(12):
        said = leader.text(f"DD 12 them 09000002{n:02} Ly Thi Thu")[-1]
        timed.phone(f"+849000002{n:02}").text("HUY LOP 12")
        timed.time.let_pass(timedelta(minutes=30))
    assert "moi lop chi them 10 nguoi" in said
    told = timed.rows("SELECT DISTINCT msisdn FROM messages_out WHERE body LIKE 'To ghi%'")
    assert len(told) == 10


def _digest(world: World, msisdn: str) -> str:
    with world.runtime.units.open() as unit:
        return Desk(unit, world.runtime.words, Msisdn(msisdn), "sms", "digest").digest


# -- in a call


def test_the_roll_is_called_on_the_screens_as_by_text(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    evening(timed)
    phone = timed.phone(LEADER)
    phone.dial()
    phone.keys("5", "1", "3")
    assert "co 3 (1 3 5), vang 2 (2 4)" in phone.key("010305")
    assert set(came(timed).values()) == {None}, "it is read back first"
    assert "Da ghi lop 12" in phone.key("1")
    assert came(timed) == {n: n in {1, 3, 5} for n in range(1, 6)}
    assert "Thay lan truoc" in timed.phone(DEPUTY).text("DD 12 tat ca")[0]


def test_stars_between_the_numbers_note_nothing(timed: World) -> None:
    """The network takes what stands behind a star for the next answer."""
    training(timed, starts_at=EVENING)
    seat(timed, *(f"Nong Thi {chr(97 + n)}" for n in range(12)))
    evening(timed)
    phone = timed.phone(LEADER)
    phone.dial("5*1*3")
    assert "Moi nguoi 2 so" in phone.key("1*4*7")
    assert "Phai khong?" not in phone.key("4")
    phone.dial("5*1*3")
    phone.key("10*12")
    assert timed.one("SELECT called_at FROM trainings").called_at is None


def test_the_class_of_a_caller_who_left_the_team_is_gone(timed: World) -> None:
    training(timed, starts_at=EVENING)
    seat(timed, *NAMES)
    evening(timed)
    phone = timed.phone(DEPUTY)
    phone.dial()
    phone.keys("5", "1", "2")
    timed.do("UPDATE memberships SET until = clock_timestamp() WHERE role = 'deputy'")
    assert "khong phai cua to minh" in phone.key("1")
    assert set(came(timed).values()) == {None}


# -- the record


def test_who_came_has_it_in_their_record(timed: World) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    evening(timed)
    timed.phone(LEADER).text("DD 12 1")
    assert _record(timed, "Mai Thử") == [("vneid-1", 12, True)]
    timed.phone(LEADER).text("DD 12 khong ai")
    assert _record(timed, "Mai Thử") == [("vneid-1", 12, False)]


def _record(world: World, name: str) -> Sequence[tuple[str, int, bool]]:
    with world.runtime.units.open() as unit:
        found = unit.session.query(Person).filter(Person.name == name).one()
        return [
            (one.course.code, one.training.number, one.attended)
            for one in record_of(unit.session, found)
        ]
