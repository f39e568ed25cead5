"""An emergency moves up day and night until somebody says they have it, and buries nobody."""

from __future__ import annotations

from datetime import datetime

import pytest

from service.village.callouts import MOST_TO_A_PHONE
from service.village.held import look_after_held
from service.village.tasks import MOST_TAKEN_IN_A_DAY
from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    HAMLET,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    PROVINCE_DUTY,
    VILLAGER,
    Phone,
    TimedWorld,
)
from tests.village_work.words import alarms, ask, forget_answers, request, say

EVERYBODY = (LEADER, DEPUTY, MEMBER, COMMUNE_DUTY, PROVINCE_DUTY)
NIGHT = datetime(2026, 12, 2, 2, 0)  # noqa: DTZ001 - as a clock in the village shows it


@pytest.fixture
def neighbour(timed: TimedWorld) -> Phone:
    """Mai Thử, at two in the night."""
    timed.time.turn_to(NIGHT)
    return timed.phone(NEIGHBOUR)


def call(phone: Phone) -> str:
    phone.dial()
    return phone.key("8")


def heard(world: TimedWorld, msisdn: str) -> list[str]:
    rows = world.rows(
        """
        SELECT body FROM messages_out
        WHERE msisdn = :m AND class = 'emergency' AND state <> 'cancelled' ORDER BY id
        """,
        m=msisdn,
    )
    return [row.body for row in rows]


def told(world: TimedWorld) -> list[int]:
    """How many messages of emergencies each has, from the leader up to the province."""
    return [len(heard(world, somebody)) for somebody in EVERYBODY]


def emergencies(world: TimedWorld) -> list[str]:
    rows = world.rows("SELECT state FROM help_requests WHERE topic = 'khancap' ORDER BY id")
    return [row.state for row in rows]


def number(world: TimedWorld) -> int:
    return int(
        world.one(
            "SELECT number FROM help_requests WHERE topic = 'khancap' ORDER BY id DESC LIMIT 1"
        ).number
    )


def people(world: TimedWorld, how_many: int) -> list[Phone]:
    """More people of Cốc Phia, who have agreed to be remembered."""
    world.do(
        """
        WITH added AS (
            INSERT INTO people (name, area_id)
            SELECT 'Nguoi ' || n, (SELECT id FROM areas WHERE code = :hamlet)
            FROM generate_series(1, :how_many) AS n RETURNING id),
        numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM added),
        phoned AS (
            INSERT INTO phones (msisdn, holder_id)
            SELECT '+8490001' || lpad(n::text, 4, '0'), id FROM numbered RETURNING id, holder_id)
        SELECT FROM phoned
        """,
        hamlet=HAMLET,
        how_many=how_many,
    )
    world.do("UPDATE people SET phone_id = f.id FROM phones f WHERE f.holder_id = people.id")
    return [world.phone(f"+8490001{n:04d}") for n in range(1, how_many + 1)]


# -- taken by a bare word, and answered in words


def test_a_bare_nv_takes_the_emergency_that_came_last(timed: TimedWorld) -> None:
    older = ask(timed.phone(VILLAGER))
    timed.let_pass(minutes=1)
    call(timed.phone(NEIGHBOUR))
    (answer,) = timed.phone(LEADER).text("NV")
    assert answer.startswith("KHAN CAP viec 2 cua minh")
    assert request(timed, older).state == "open"
    assert emergencies(timed) == ["accepted"]


@pytest.mark.parametrize(
    "words", ["an toan roi", "An toàn rồi, cảm ơn", "toi an toan roi", "co mat"]
)
def test_who_says_in_words_to_be_safe_has_answered(timed: TimedWorld, words: str) -> None:
    caller, leader = timed.phone(NEIGHBOUR), timed.phone(LEADER)
    call(caller)
    leader.text("NV")
    leader.text("XONG")
    caller.text(words)
    assert emergencies(timed) == ["closed"]


def test_to_say_so_closes_nothing_else(timed: TimedWorld) -> None:
    caller, leader = timed.phone(NEIGHBOUR), timed.phone(LEADER)
    assert caller.text("an toan roi") == [say(timed, "sms.nothing_asked")]
    number = ask(caller)
    leader.text("NV")
    leader.text("XONG")
    caller.text("an toan roi")
    assert request(timed, number).state == "done"


# -- up, by day and by night


def test_at_night_it_climbs_in_minutes_to_the_province_which_is_told_every_hour(
    timed: TimedWorld, neighbour: Phone
) -> None:
    assert "Da noi voi Hoang Van Mau" in call(neighbour)
    assert told(timed) == [1, 1, 0, 0, 0]
    (first,) = heard(timed, LEADER)
    assert first == (
        "KHAN CAP luc 02:00 02/12: ba con o xom Coc Phia can cuu giup. Goi ngay 0900000007. "
        "Cuu nan goi 112 mien phi. Ai lo: soan NV 1 gui 8499."
    )
    assert timed.let_pass(minutes=4, seconds=50) == 0
    timed.let_pass(seconds=15)
    assert told(timed) == [1, 1, 1, 0, 0]
    assert heard(timed, MEMBER)[0].startswith("KHAN CAP, chua ai tra loi, luc 02:00 02/12: xom")
    timed.let_pass(minutes=5)
    assert told(timed) == [1, 1, 1, 1, 0]
    timed.let_pass(minutes=10)
    assert told(timed) == [1, 1, 1, 1, 1]
    assert heard(timed, NEIGHBOUR) == [say(timed, "sms.emergency_at_the_desk")]
    for hours in (1, 2, 3):
        timed.let_pass(hours=1)
        assert told(timed) == [1, 1, 1, 1, 1 + hours]
    last = heard(timed, PROVINCE_DUTY)[-1]
    assert last.startswith("KHAN CAP luc 02:00 02/12, van chua ai lo: xom Coc Phia")
    assert last.endswith("Goi ngay 0900000007. Cuu nan goi 112. Ai lo: soan NV 1 gui 8499.")
    assert len(heard(timed, NEIGHBOUR)) == 2, "that the province is on it is said twice"
    readings = timed.one("SELECT count(*) AS n FROM audit WHERE action = 'read_number'").n
    assert readings == sum(told(timed)), "each message that shows the number is on record"


def test_put_back_in_silence_it_calls_the_province_every_hour_again(
    timed: TimedWorld, neighbour: Phone
) -> None:
    call(neighbour)
    for minutes in (5, 5, 10):
        timed.let_pass(minutes=minutes, seconds=10)
    timed.phone(MEMBER).text("NV 1")
    for _ in ("reminded", "put back"):
        timed.let_pass(minutes=21)
        look_after_held(timed.runtime.units, timed.runtime.words)
    for minutes in (5, 5, 10):
        timed.let_pass(minutes=minutes, seconds=10)
    before = len(heard(timed, PROVINCE_DUTY))
    for hours in (1, 2, 3):
        timed.let_pass(hours=1, seconds=10)
        assert len(heard(timed, PROVINCE_DUTY)) == before + hours


def test_who_takes_it_ends_the_climbing_and_each_hears_what_they_must(
    timed: TimedWorld, neighbour: Phone
) -> None:
    call(neighbour)
    timed.let_pass(minutes=5)
    ours = str(number(timed))
    timed.phone(MEMBER).text("NV 1")
    taker, moment = "Triệu Văn Nháp", "02:00 02/12"
    assert heard(timed, MEMBER)[-1] == say(
        timed,
        "sms.task_emergency_yours",
        task="1",
        hamlet="xom Coc Phia",
        phone="0900000007",
        number=ours,
    )
    gone = say(timed, "sms.task_emergency_taken", time=moment, hamlet="xom Coc Phia", leader=taker)
    assert heard(timed, LEADER)[1:] == heard(timed, DEPUTY)[1:] == [gone]
    assert "Minh chua phai di" in gone
    assert "chua biet da yen chua" in gone
    assert heard(timed, NEIGHBOUR) == [say(timed, "sms.emergency_taken", leader=taker, number=ours)]
    readings = timed.one("SELECT count(*) AS n FROM audit WHERE action = 'read_number'").n
    assert readings == 4, "three who were called out, and again the one who has it"
    before = told(timed)
    assert timed.let_pass(days=2) == 0
    assert told(timed) == before
    assert before[3:] == [0, 0], "whoever was not told hears nothing"


def test_whoever_sleeps_by_hours_of_their_own_is_woken(timed: TimedWorld, neighbour: Phone) -> None:
    timed.do("UPDATE people SET awake_from = 7 * 60, awake_until = 20 * 60")
    call(neighbour)
    assert (
        timed.one(
            """
            SELECT count(*) AS n FROM messages_out
            WHERE class = 'emergency' AND due_at <= clock_timestamp()
            """
        ).n
        == 2
    )
    timed.let_pass(minutes=5, seconds=1)
    assert told(timed)[2] == 1


def test_while_nothing_leaves_ordinary_steps_wait_and_those_of_emergencies_do_not(
    timed: TimedWorld,
) -> None:
    neighbour = timed.phone(NEIGHBOUR)
    ask(neighbour)
    timed.nothing_leaves = True
    timed.do(
        """
        INSERT INTO carrier_pauses (carrier, code, until)
        VALUES ('africastalking', 'away', clock_timestamp() + interval '9 hours')
        """
    )
    assert timed.let_pass(hours=3, minutes=1) == 0
    call(neighbour)
    for minutes in (5, 5, 10):
        assert timed.let_pass(minutes=minutes, seconds=1) == 1
    assert told(timed) == [1, 1, 1, 1, 1]
    for _ in range(5):
        timed.let_pass(hours=1)
    rungs = timed.rows("SELECT ladder, rung FROM climbs ORDER BY ladder")
    assert [(row.ladder, row.rung) for row in rungs] == [("emergency", 3), ("ordinary", 0)]
    assert len(heard(timed, PROVINCE_DUTY)) == 1, "of six that could not leave the last is kept"
    timed.do("DELETE FROM carrier_pauses")
    assert timed.let_pass(minutes=9) == 0, "it does not race up now"
    timed.let_pass(minutes=2)
    assert timed.one("SELECT rung FROM climbs WHERE ladder = 'ordinary'").rung == 1


@pytest.mark.parametrize("name", ["sending", "lane:reply", "carrier:africastalking"])
def test_while_replies_are_paused_by_hand_ordinary_steps_wait(timed: TimedWorld, name: str) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.nothing_leaves = True
    timed.do(
        "INSERT INTO switches (name, is_on, changed_by) VALUES (:name, false, 'Duty')", name=name
    )
    assert timed.let_pass(hours=3, minutes=1) == 0
    timed.do("UPDATE switches SET is_on = true")
    timed.let_pass(minutes=11)
    assert timed.one("SELECT rung FROM climbs WHERE ladder = 'ordinary'").rung == 1


def test_by_the_second_carrier_steps_are_taken_though_the_first_is_paused(
    timed: TimedWorld,
) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.do("""
        INSERT INTO switches (name, is_on, changed_by)
        VALUES ('carrier:africastalking', false, 'Duty'),
               ('reroute:africastalking-2', true, 'Duty'), ('lane:bulk', false, 'Duty')
    """)
    assert timed.let_pass(hours=3, minutes=1) == 1


def test_a_leaders_own_goes_to_the_rest_of_the_team_and_up(timed: TimedWorld) -> None:
    assert "Da noi voi Ly Thi Vi Du" in call(timed.phone(LEADER))
    assert told(timed) == [0, 1, 0, 0, 0]
    timed.let_pass(minutes=5, seconds=1)
    assert told(timed) == [0, 1, 1, 0, 0]
    timed.let_pass(minutes=5)
    assert told(timed) == [0, 1, 1, 1, 0]


def test_with_nobody_there_it_is_kept_for_whoever_comes_back(
    timed: TimedWorld, neighbour: Phone
) -> None:
    timed.do("UPDATE phones SET doubted_at = clock_timestamp() WHERE msisdn <> :n", n=NEIGHBOUR)
    assert call(neighbour) == say(timed, "emergency.numbers")
    assert {"emergency_untold", "nobody_to_ask"} <= alarms(timed)
    timed.do("UPDATE phones SET doubted_at = NULL")
    timed.let_pass(minutes=5, seconds=1)
    assert told(timed) == [1, 1, 0, 0, 0]


# -- over, or not


def test_done_asks_whether_they_are_safe_and_no_calls_everybody_again(
    timed: TimedWorld, neighbour: Phone
) -> None:
    call(neighbour)
    leader, ours = timed.phone(LEADER), str(number(timed))
    leader.text("NV 1")
    leader.text("XONG 1")
    assert neighbour.inbox()[-1] == say(
        timed, "sms.emergency_done", leader="Hoàng Văn Mẫu", number=ours
    )
    before = told(timed)
    assert neighbour.text("2") == [say(timed, "sms.emergency_reopened", number=ours)]
    assert told(timed) == [before[0] + 1, before[1] + 1, *before[2:]]
    assert "van chua ai lo" in heard(timed, DEPUTY)[-1]
    timed.let_pass(minutes=5, seconds=1)
    assert told(timed)[2] == before[2] + 1
    timed.phone(DEPUTY).text("NV 2")
    timed.phone(DEPUTY).text("XONG 2")
    assert neighbour.text("1") == [say(timed, "sms.solved", number=ours)]
    assert emergencies(timed) == ["closed"]
    safe = say(timed, "sms.task_emergency_safe", time="02:00 02/12", hamlet="xom Coc Phia")
    for member in (LEADER, DEPUTY, MEMBER):
        assert heard(timed, member)[-1] == safe, "whoever was to be ready hears that it is over"
    assert heard(timed, COMMUNE_DUTY) == []
    assert timed.let_pass(days=1) == 0


def test_no_answer_for_three_days_ends_it(timed: TimedWorld, neighbour: Phone) -> None:
    from service.village.tasks import close_unanswered

    call(neighbour)
    timed.phone(LEADER).text("XONG 1")
    timed.let_pass(days=3, hours=1)
    with timed.runtime.units.open() as unit:
        assert close_unanswered(unit.session) == 1
    assert emergencies(timed) == ["closed"]


def test_however_many_somebody_took_today_an_emergency_is_taken(
    timed: TimedWorld, neighbour: Phone
) -> None:
    timed.do(
        """
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                                  valid_until)
        SELECT n || :key, 'alert', 'reply', 1, :leader, 'x', 1,
               'delivered', clock_timestamp()
        FROM generate_series(1, :most) AS n
        """,
        key=":sms.task_yours:1",
        leader=LEADER,
        most=MOST_TAKEN_IN_A_DAY,
    )
    call(neighbour)
    leader = timed.phone(LEADER)
    leader.dial()
    leader.keys("1", "1", "1")
    assert emergencies(timed) == ["accepted"]
    assert "Goi 0900000007" in leader.screen


def test_it_stands_before_all_others_among_what_is_new(timed: TimedWorld, neighbour: Phone) -> None:
    ask(neighbour)
    call(neighbour)
    leader = timed.phone(LEADER)
    leader.dial()
    assert leader.key("1").splitlines()[1] == "1 viec 2: Khan cap, Coc Phia"


# -- taken back


def test_pressed_by_mistake_and_taken_by_somebody_they_hear_it_is_none(
    timed: TimedWorld, neighbour: Phone
) -> None:
    call(neighbour)
    timed.phone(DEPUTY).text("NV 1")
    neighbour.key("1")
    for member in (LEADER, DEPUTY):
        assert heard(timed, member)[-1].startswith("Bam nham, khong co khan cap luc 02:00 02/12")
    assert emergencies(timed) == ["cancelled"]
    assert timed.let_pass(hours=5) == 0


def test_no_text_cancels_what_a_call_raised_but_their_own_list_does(
    timed: TimedWorld, neighbour: Phone
) -> None:
    call(neighbour)
    ours = str(number(timed))
    assert neighbour.text(f"HUY {ours}") == [say(timed, "sms.emergency_off_by_call")]
    neighbour.text("HUY")
    assert neighbour.text("1") == [say(timed, "sms.emergency_off_by_call")]
    assert emergencies(timed) == ["open"]
    assert neighbour.text("YC") == [say(timed, "sms.status_emergency", number=ours)]
    neighbour.dial()
    assert neighbour.key("5").splitlines()[1] == f"1 {ours} Khan cap"
    assert "GOI NGAY 112" in neighbour.key("1")
    neighbour.keys("1", "1")
    assert emergencies(timed) == ["cancelled"]
    for member in (LEADER, DEPUTY):
        assert heard(timed, member)[-1] == say(
            timed, "sms.task_emergency_cancelled", time="02:00 02/12", hamlet="xom Coc Phia"
        )


def test_what_a_text_raised_a_text_cancels(timed: TimedWorld, neighbour: Phone) -> None:
    neighbour.text("CUU")
    ours = str(number(timed))
    assert neighbour.text(f"HUY {ours}") == [
        say(timed, "sms.cancelled", number=ours, topic="khancap")
    ]
    assert emergencies(timed) == ["cancelled"]
    assert told(timed) == [2, 2, 0, 0, 0]


def test_a_call_behind_a_text_is_the_same_one_and_no_text_cancels_it_any_more(
    timed: TimedWorld, neighbour: Phone
) -> None:
    neighbour.text("CUU")
    call(neighbour)
    assert emergencies(timed) == ["open"]
    assert told(timed) == [2, 2, 0, 0, 0]
    assert "soan NV 1" in heard(timed, LEADER)[-1], "by the same number"
    neighbour.text("CUU")
    assert neighbour.text("NHAM") == [say(timed, "sms.emergency_off_by_call")]
    assert emergencies(timed) == ["open"]


# -- again


def test_called_again_at_once_it_is_the_same_one_later_they_are_told_again_and_it_climbs_on(
    timed: TimedWorld, neighbour: Phone
) -> None:
    call(neighbour)
    timed.let_pass(minutes=6)
    call(neighbour)
    assert told(timed) == [1, 1, 1, 0, 0]
    timed.let_pass(minutes=5)
    call(neighbour)
    assert told(timed) == [2, 2, 1, 1, 0]
    timed.let_pass(minutes=10)
    assert told(timed) == [2, 2, 1, 1, 1], "calling again did not put it down the ladder"
    call(neighbour)
    timed.let_pass(minutes=2)
    call(neighbour)
    assert told(timed)[:2] == [3, 3]
    timed.let_pass(minutes=15)
    assert call(neighbour) == say(timed, "emergency.numbers"), "three times a day"
    assert told(timed)[:2] == [3, 3]
    assert emergencies(timed) == ["open"]


def test_while_somebody_has_it_another_call_names_them_and_later_is_a_new_one(
    timed: TimedWorld, neighbour: Phone
) -> None:
    call(neighbour)
    timed.phone(DEPUTY).text("NV 1")
    assert neighbour.text("YC")[0].startswith("Ly Thi Vi Du dang lo viec nay")
    assert "Da noi voi Ly Thi Vi Du" in call(neighbour)
    assert emergencies(timed) == ["accepted"]
    timed.let_pass(minutes=11)
    call(neighbour)
    assert emergencies(timed) == ["accepted", "open"], "they may not have come"
    assert "soan NV 2" in heard(timed, DEPUTY)[-1]


def test_five_requests_stop_no_emergency_and_an_emergency_stops_no_request(
    timed: TimedWorld, neighbour: Phone
) -> None:
    for topic in ("VNEID", "VSSID", "DVC", "BAN HANG"):
        neighbour.text(f"GIUP {topic}")
        forget_answers(timed)
    call(neighbour)
    assert emergencies(timed) == ["open"]
    fifth = ask(neighbour, "DIEN THOAI")
    assert request(timed, fifth).state == "open"
    assert neighbour.text("GIUP LUA DAO") == [say(timed, "sms.many")]


# -- who is not known, and who is a child


def test_a_caller_we_know_nothing_of_is_kept_like_any_who_did_not_agree(timed: TimedWorld) -> None:
    stranger = timed.phone(VILLAGER)
    stranger.dial()
    assert "Da noi voi" in stranger.keys("2", HAMLET, "2", "8")
    assert "0900000001" in heard(timed, LEADER)[0]
    assert timed.one("SELECT holder_id FROM phones WHERE msisdn = :n", n=VILLAGER).holder_id is None
    asked = timed.one("SELECT words, beneficiary, spoken FROM help_requests")
    assert (asked.words, asked.beneficiary, asked.spoken) == (None, None, None)
    timed.phone(DEPUTY).text("NV 1")
    assert heard(timed, VILLAGER) == [
        say(timed, "sms.emergency_taken", leader="Lý Thị Ví Dụ", number=str(number(timed)))
    ]


def test_of_a_child_nothing_is_filed(timed: TimedWorld) -> None:
    child = timed.phone(VILLAGER)
    child.dial()
    child.key("3")
    child.text("TOI DUOI 16")
    assert emergencies(timed) == []
    assert timed.rows("SELECT FROM phones WHERE msisdn = :n", n=VILLAGER) == []


def test_erased_while_it_climbs_it_is_cancelled_and_names_nobody(
    timed: TimedWorld, neighbour: Phone
) -> None:
    call(neighbour)
    timed.let_pass(minutes=5, seconds=1)
    neighbour.dial("7*5")
    neighbour.key("1")
    assert emergencies(timed) == ["cancelled"]
    assert timed.let_pass(hours=2) == 0
    for member in (LEADER, DEPUTY, MEMBER):
        raised, cancelled = heard(timed, member)
        assert raised == ""
        assert "ba con vua huy" in cancelled
    assert timed.rows("SELECT FROM messages_out WHERE body LIKE '%0900000007%'") == []


# -- very many in one night


def test_when_half_the_valley_calls_all_is_kept_and_climbs_and_nobody_is_buried(
    timed: TimedWorld,
) -> None:
    timed.time.turn_to(NIGHT)
    most, many = MOST_TO_A_PHONE["ussd"], say(timed, "sms.task_emergency_many")
    callers = people(timed, 2 * most)
    for caller in callers:
        call(caller)
    assert emergencies(timed) == ["open"] * len(callers)
    for minutes in (6, 6, 11):
        timed.let_pass(minutes=minutes)
    for somebody in EVERYBODY:
        assert len(heard(timed, somebody)) == most + 1
        assert heard(timed, somebody)[-1] == many
    assert {row.rung for row in timed.rows("SELECT rung FROM climbs")} == {3}
    assert "emergency_flood" in alarms(timed)
    for _ in range(3):
        before = len(heard(timed, PROVINCE_DUTY))
        timed.let_pass(hours=1, minutes=1)
        assert len(heard(timed, PROVINCE_DUTY)) <= before + most + 1
    singly = timed.one(
        """
        SELECT count(DISTINCT request_id) AS n FROM messages_out
        WHERE msisdn = :desk AND request_id IS NOT NULL
        """,
        desk=PROVINCE_DUTY,
    )
    assert singly.n == len(callers), "in the end it hears of each of them"
    desk = timed.phone(PROVINCE_DUTY)
    last = timed.one("SELECT number FROM task_numbers WHERE phone_id = "
                     "(SELECT id FROM phones WHERE msisdn = :d) ORDER BY id DESC LIMIT 1",
                     d=PROVINCE_DUTY).number  # fmt: skip
    desk.text(f"NV {last}")
    assert emergencies(timed).count("accepted") == 1


def test_a_flood_of_texts_takes_nothing_from_calls_on_any_step(timed: TimedWorld) -> None:
    timed.time.turn_to(NIGHT)
    for sender in people(timed, MOST_TO_A_PHONE["sms"] + 5):
        sender.text("CUU")
    call(timed.phone(NEIGHBOUR))
    for minutes in (6, 6, 11):
        timed.let_pass(minutes=minutes)
    for somebody in EVERYBODY:
        assert len(heard(timed, somebody)) == MOST_TO_A_PHONE["sms"] + 2
        assert any("0900000007" in said for said in heard(timed, somebody))
