"""Monday morning: a team's leader reads the week in one message, a commune what it should know."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from service.jobs import timetable
from service.text.gsm7 import septets
from service.village.digests import send_digests
from tests.measures.kit import at
from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    FAR_AWAY,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    PROVINCE_DUTY,
    TimedWorld,
)
from tests.village_work.words import ask

EVERYBODY = (LEADER, DEPUTY, MEMBER, COMMUNE_DUTY, PROVINCE_DUTY, NEIGHBOUR, FAR_AWAY)


def send(world: TimedWorld) -> int:
    return send_digests(world.runtime.units, world.runtime.words)


def heard(world: TimedWorld, msisdn: str) -> list[str]:
    """What the week's messages said to a phone."""
    rows = world.rows(
        "SELECT body FROM messages_out WHERE msisdn = :m AND starts_with(idem_key, 'week:')"
        " ORDER BY id", m=msisdn,
    )  # fmt: skip
    assert all(septets(row.body) <= 160 for row in rows)
    return [row.body for row in rows]


def a_week(timed: TimedWorld) -> None:
    """Tuesday: one solved, one taken back, one being done, one that nobody takes."""
    leader, villager = timed.phone(LEADER), timed.phone(NEIGHBOUR)
    ask(villager)
    timed.let_pass(hours=2)
    leader.text("NV 1")
    leader.text("XONG 1")
    villager.text("1")
    number = ask(villager, "VSSID")
    villager.text(f"HUY {number}")
    ask(villager, "DVC")
    timed.let_pass(hours=2, minutes=59)
    leader.text("NV")
    ask(villager, "SIM", "00026")


def away(world: TimedWorld, msisdn: str, begins: datetime, ends: datetime) -> None:
    world.do(
        "INSERT INTO absences (person_id, from_at, until_at)"
        " SELECT holder_id, CAST(:begins AS timestamp) AT TIME ZONE 'Asia/Ho_Chi_Minh',"
        " CAST(:ends AS timestamp) AT TIME ZONE 'Asia/Ho_Chi_Minh' FROM phones WHERE msisdn = :m",
        m=msisdn, begins=begins, ends=ends,
    )  # fmt: skip


def test_the_leader_reads_the_week_in_one_message(timed: TimedWorld) -> None:
    a_week(timed)
    timed.time.turn_to(at(7, 7, 29))
    assert send(timed) == 0
    timed.time.turn_to(at(7, 7, 30))
    timetable(timed.runtime)["tell_the_week"].do()
    assert heard(timed, LEADER) == [
        (
            "Tuan qua to xom Coc Phia: 4 viec moi, 1 viec da xong. Luc nay: 1 viec dang lam, "
            "1 viec chua co nguoi nhan. Nhan viec nhanh nhat: 2 gio."
        )
    ]
    assert [len(heard(timed, somebody)) for somebody in EVERYBODY] == [1, 0, 0, 0, 0, 0, 0]
    message = timed.one("SELECT * FROM messages_out WHERE starts_with(idem_key, 'week:')")
    assert getattr(message, "class") == "alert", "work, which a refusal of news does not stop"


def test_it_comes_once_with_two_clocks_and_a_clock_set_back(timed: TimedWorld) -> None:
    a_week(timed)
    timed.time.turn_to(at(7, 7, 40))
    with ThreadPoolExecutor(4) as clocks:
        sent = sorted(clocks.map(lambda _: send(timed), range(4)))
    assert sent == [0, 0, 0, 1]
    timed.time.let_pass(timedelta(minutes=-5))
    assert send(timed) == 0
    timed.time.turn_to(at(8, 9))
    send(timed)
    assert len(heard(timed, LEADER)) == 1, "nor on Tuesday"
    timed.time.turn_to(at(14, 7, 35))
    send(timed)
    assert heard(timed, LEADER)[1:] == [
        (
            "Tuan qua to xom Coc Phia: 0 viec moi, 0 viec da xong. Luc nay: 1 viec dang lam, "
            "1 viec chua co nguoi nhan."
        )
    ], "the next week, for what is still in hand"


def test_a_clock_that_stood_still_on_monday_sends_on_tuesday_by_day(timed: TimedWorld) -> None:
    a_week(timed)
    for late in (at(7, 20), at(8, 7), at(9, 9), at(13, 9)):
        timed.time.turn_to(late)
        assert send(timed) == 0
    timed.time.turn_to(at(8, 7, 30))
    assert send(timed) == 1


def test_the_deputy_reads_it_while_the_leader_is_away_and_nobody_when_both_are(
    timed: TimedWorld,
) -> None:
    a_week(timed)
    away(timed, LEADER, at(6, 0), at(9, 0))
    timed.time.turn_to(at(7, 7, 30))
    send(timed)
    assert [len(heard(timed, m)) for m in (LEADER, DEPUTY, MEMBER)] == [0, 1, 0]
    away(timed, LEADER, at(13, 0), at(16, 0))
    away(timed, DEPUTY, at(13, 0), at(16, 0))
    timed.time.turn_to(at(14, 7, 30))
    send(timed)
    assert [len(heard(timed, m)) for m in (LEADER, DEPUTY, MEMBER)] == [0, 1, 0]


def test_a_team_that_had_nothing_hears_nothing(timed: TimedWorld) -> None:
    timed.time.turn_to(at(7, 7, 30))
    assert send(timed) == 0
    assert [heard(timed, somebody) for somebody in EVERYBODY] == [[]] * len(EVERYBODY)


def test_whoever_sleeps_longer_gets_it_when_they_wake_and_in_their_language(
    timed: TimedWorld,
) -> None:
    a_week(timed)
    timed.do(
        "UPDATE people SET awake_from = 540, awake_until = 1200, language = 'en'"
        " WHERE phone_id = (SELECT id FROM phones WHERE msisdn = :m)", m=LEADER,
    )  # fmt: skip
    timed.time.turn_to(at(7, 7, 30))
    send(timed)
    assert heard(timed, LEADER) == [
        (
            "Last week, team of xom Coc Phia: 4 new, 1 done. Now: 1 being done, 1 not taken by "
            "anybody. Quickest taken in 2 h."
        )
    ]
    due = timed.one("SELECT due_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS due FROM messages_out"
                    " WHERE starts_with(idem_key, 'week:')").due  # fmt: skip
    assert due == at(7, 9)


def test_a_commune_reads_which_hamlets_are_silent(timed: TimedWorld) -> None:
    timed.do("UPDATE areas SET created_at = clock_timestamp() - interval '1 year'")
    timed.do("UPDATE phones SET last_heard_at = clock_timestamp() - interval '20 days'"
             " WHERE msisdn = :m", m=FAR_AWAY)  # fmt: skip
    ask(timed.phone(NEIGHBOUR))
    timed.time.turn_to(at(7, 7, 59))
    send(timed)
    assert heard(timed, COMMUNE_DUTY) == []
    timed.time.turn_to(at(7, 8))
    assert send(timed) == 1
    assert heard(timed, COMMUNE_DUTY) == [
        (
            "4 tuan nay khong ai nho giup, lien lac: Pan Keng, Khuoi Khoang, Dong Sang. "
            "Nho xa hoi tham ba con."
        )
    ]
    assert heard(timed, PROVINCE_DUTY) == []
    assert send(timed) == 0, "once a week"


def test_a_hamlet_loaded_lately_is_not_silent_yet(timed: TimedWorld) -> None:
    timed.time.turn_to(at(28, 8))
    send(timed)
    assert heard(timed, COMMUNE_DUTY) == []
    timed.time.turn_to(at(31, 8) + timedelta(days=4))
    send(timed)
    assert len(heard(timed, COMMUNE_DUTY)) == 1


def test_names_are_never_cut_and_those_that_do_not_fit_are_counted(timed: TimedWorld) -> None:
    timed.do(
        "INSERT INTO areas (kind, code, title, name, name_key, parent_id, created_at)"
        " SELECT 'hamlet', 90000 + n, 'Xóm', 'Nà Dài Thật Là Dài ' || n, 'na ' || n, a.id,"
        " clock_timestamp() - interval '1 year'"
        " FROM areas a, generate_series(101, 120) AS n WHERE a.code = '01654'"
    )
    timed.time.turn_to(at(7, 8))
    send(timed)
    (said,) = heard(timed, COMMUNE_DUTY)
    listed = said.split(": ")[1].split(". ")[0]
    names, more = listed.split(" va ")
    shown = names.split(", ")
    assert shown == [f"Na Dai That La Dai {n}" for n in (101, 102, 103)]
    assert more == "17 xom nua"


def test_a_commune_reads_which_hamlets_will_have_nobody(timed: TimedWorld) -> None:
    away(timed, LEADER, at(1, 0), at(13, 0))
    away(timed, DEPUTY, at(9, 0), at(11, 0))
    away(timed, DEPUTY, at(11, 0), at(12, 0))
    timed.do("UPDATE phones SET doubted_at = clock_timestamp() WHERE msisdn = :m", m=MEMBER)
    timed.do("DELETE FROM team_areas WHERE area_id IN"
             " (SELECT id FROM areas WHERE code IN ('00034', '00042'))")  # fmt: skip
    timed.time.turn_to(at(7, 8))
    send(timed)
    assert heard(timed, COMMUNE_DUTY) == [
        (
            "Tuan nay khong co ai nhan viec o: Coc Phia 9/12-11/12, Pan Keng 9/12-11/12. "
            "Nho xa tim nguoi thay."
        )
    ]
    timed.do("UPDATE memberships SET until = clock_timestamp() WHERE role IN ('leader', 'deputy')")
    timed.time.turn_to(at(14, 8))
    send(timed)
    assert "Coc Phia tu 14/12, Pan Keng tu 14/12" in heard(timed, COMMUNE_DUTY)[-1]
    timed.do("UPDATE people SET language = 'en' WHERE name LIKE 'Trực%'")
    timed.time.turn_to(at(21, 8))
    send(timed)
    assert heard(timed, COMMUNE_DUTY)[-1].startswith(
        "This week nobody of the team is there: Coc Phia from 21/12, Pan Keng from 21/12."
    )
