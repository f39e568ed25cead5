"""Members who are away: who is asked instead, and what becomes of what they have in hand."""

from __future__ import annotations

from datetime import datetime

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
from tests.village_work.words import ask, request, say

TEAM = (LEADER, DEPUTY, MEMBER)


def told(world: TimedWorld, *who: str) -> list[int]:
    """How often each was told of a request."""
    return [
        sum("Viec 1" in body for body in world.phone(somebody).inbox()) for somebody in who or TEAM
    ]


def test_three_days_are_today_and_two_more(timed: TimedWorld) -> None:
    timed.phone(LEADER).text("NGHI 3")
    timed.time.turn_to(datetime(2026, 12, 3, 23, 59))  # noqa: DTZ001 - Vietnam's
    ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [0, 1, 0]
    timed.time.turn_to(datetime(2026, 12, 4, 7, 0))  # noqa: DTZ001 - Vietnam's
    ask(timed.phone(NEIGHBOUR), "VSSID")
    assert "VssID" in timed.phone(LEADER).inbox()[-1]


def test_three_days_over_the_29th_of_february(timed: TimedWorld) -> None:
    timed.time.turn_to(datetime(2028, 2, 28, 10, 0))  # noqa: DTZ001 - Vietnam's
    timed.do("UPDATE phones SET last_heard_at = NULL")
    assert "den het 1/3." in timed.phone(LEADER).text("NGHI 3")[0]
    assert "den het 29/2." in timed.phone(DEPUTY).text("NGHI 29/2")[0]
    timed.time.turn_to(datetime(2028, 2, 29, 23, 0))  # noqa: DTZ001 - Vietnam's
    ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [0, 0, 1]


def test_away_on_one_day_only(timed: TimedWorld) -> None:
    timed.phone(LEADER).text("NGHI NGAY 2/12")
    ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [1, 0, 0]
    timed.let_pass(days=1)
    ask(timed.phone(NEIGHBOUR), "VSSID")
    assert "VssID" in timed.phone(DEPUTY).inbox()[-1]


def test_a_day_mistaken_for_until_is_set_right(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    assert "soan NGHI NGAY 20/12" in leader.text("NGHI 20/12")[0]
    assert "mot ngay 20/12" in leader.text("NGHI NGAY 20/12")[0]
    ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [1, 0, 0]


def test_away_twice_is_away_for_both(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    leader.text("NGHI 5/12 8/12")
    assert "tu 5/12 den het 12/12" in leader.text("NGHI 8/12 12/12")[0]
    assert "da ghi nghi den het 12/12 roi" in leader.text("NGHI 6/12 7/12")[0]
    assert "tu 5/12 den het 12/12" in leader.text("VE")[0]
    assert leader.text("VE") == [say(timed, "sms.rota_back_none")]


def test_back_is_told_of_requests_at_once_and_twice_is_answered_kindly(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    leader.text("NGHI 3")
    leader.text("NGHI 3")
    assert leader.text("VE") == [say(timed, "sms.rota_back")]
    assert leader.text("VE") == [say(timed, "sms.rota_back_none")]
    ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [1, 0, 0]


def test_a_text_delivered_twice_notes_one_absence(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    leader.text("NGHI 3", id="in-once")
    assert leader.text("NGHI 3", id="in-once") == []
    assert timed.one("SELECT count(*) AS n FROM absences").n == 1


def test_with_everybody_away_the_commune_is_asked_at_once_and_the_villager_told_so(
    timed: TimedWorld,
) -> None:
    for somebody in TEAM:
        timed.phone(somebody).text("NGHI 2")
    neighbour = timed.phone(NEIGHBOUR)
    number = ask(neighbour)
    assert told(timed, *TEAM, COMMUNE_DUTY, PROVINCE_DUTY) == [0, 0, 0, 1, 0]
    assert neighbour.inbox()[-1].startswith(f"Da ghi viec so {number} (VNeID). To truc se goi")


def test_with_the_commune_away_too_the_province_is_asked(timed: TimedWorld) -> None:
    for somebody in (*TEAM, COMMUNE_DUTY):
        timed.phone(somebody).text("NGHI 2")
    ask(timed.phone(NEIGHBOUR))
    assert told(timed, *TEAM, COMMUNE_DUTY, PROVINCE_DUTY) == [0, 0, 0, 0, 1]


def test_who_goes_away_keeps_what_they_have_and_hears_how_to_pass_it_on(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    leader = timed.phone(LEADER)
    leader.text("NV 1")
    noted, held = leader.text("NGHI 3")
    assert "Trong luc do: Ly Thi Vi Du" in noted
    assert "dang giu viec 1" in held
    assert "CHUYEN 1" in held
    assert request(timed, number).state == "accepted"
    assert told(timed, DEPUTY) == [0]


def test_who_takes_over_is_who_is_there_then(timed: TimedWorld) -> None:
    timed.phone(DEPUTY).text("NGHI 10/12 12/12")
    leader = timed.phone(LEADER)
    assert "Trong luc do: Ly Thi Vi Du" in leader.text("NGHI NGAY 9/12")[0]
    assert "Trong luc do: Trieu Van Nhap" in leader.text("NGHI NGAY 11/12")[0]
    assert "Trong luc do: to xa" in timed.phone(MEMBER).text("NGHI NGAY 11/12")[0]
    assert "Trong luc do: to truc tinh" in timed.phone(COMMUNE_DUTY).text("NGHI 1")[0]
    assert "Trong luc do: chua co ai thay" in timed.phone(PROVINCE_DUTY).text("NGHI 1")[0]


def test_a_leader_with_hours_of_their_own_hears_when_they_wake(timed: TimedWorld) -> None:
    timed.phone(LEADER).text("GIO 10-20")
    ask(timed.phone(NEIGHBOUR))
    due = timed.one(
        "SELECT due_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS at FROM messages_out "
        "WHERE msisdn = :m AND body LIKE 'Viec 1%'",
        m=LEADER,
    )
    assert due.at == datetime(2026, 12, 1, 10, 0)  # noqa: DTZ001 - Vietnam's
    assert timed.let_pass(hours=3, minutes=59) == 0, "three hours from when they wake"
    assert timed.let_pass(minutes=1) == 1
    assert told(timed) == [1, 1, 0]


def test_back_to_the_common_hours(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    leader.text("GIO 10-20")
    assert "06:00-21:00" in leader.text("GIO BO")[0]
    ask(timed.phone(NEIGHBOUR))
    assert timed.let_pass(hours=3) == 1


def test_with_everybody_away_the_desk_hears_all_the_same(timed: TimedWorld) -> None:
    everybody = (LEADER, DEPUTY, MEMBER, COMMUNE_DUTY, PROVINCE_DUTY)
    for somebody in everybody:
        timed.phone(somebody).text("NGHI 80")
    number = ask(timed.phone(NEIGHBOUR))
    assert "NV 1" in timed.phone(PROVINCE_DUTY).inbox()[-1], "who forges texts silences nobody"
    assert all("NV 1" not in " ".join(timed.phone(m).inbox()) for m in everybody[:-1])
    assert timed.phone(PROVINCE_DUTY).text("NV 1")
    assert request(timed, number).state == "accepted"
    timed.phone(FAR_AWAY).text("CUU")
    assert "KHAN CAP" in timed.phone(PROVINCE_DUTY).inbox()[-1].upper()
