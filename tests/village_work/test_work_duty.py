"""Days of duty: taken, given away, swapped, and reminded of once."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from service.village.reminders import ask_silent, lapse_swaps, remind_duties
from tests.gateway.live import Live
from tests.village import DEPUTY, LEADER, MEMBER, NEIGHBOUR, TimedWorld, World
from tests.village_work.words import ask, say

EVENING = datetime(2026, 12, 4, 19, 0)  # noqa: DTZ001 - Vietnam's


def remind(world: World) -> int:
    return remind_duties(world.runtime.units, world.runtime.words)


def lapse(world: World) -> int:
    return lapse_swaps(world.runtime.units, world.runtime.words)


def on_duty(world: World, day: str) -> str | None:
    rows = world.rows(
        """
        SELECT f.msisdn FROM duties d JOIN people h ON h.id = d.person_id
        JOIN phones f ON f.id = h.phone_id WHERE d.day = CAST(:day AS date)
        """,
        day=day,
    )
    return rows[0].msisdn if rows else None


def leave(world: World, msisdn: str) -> None:
    """Let somebody be removed from all teams."""
    world.do(
        "UPDATE memberships SET until = clock_timestamp() FROM people h JOIN phones f "
        "ON f.id = h.phone_id WHERE h.id = person_id AND f.msisdn = :m",
        m=msisdn,
    )


def test_whoever_is_on_duty_hears_first_on_that_day(timed: TimedWorld) -> None:
    timed.phone(MEMBER).text("TRUC 2/12")
    timed.let_pass(days=1)
    ask(timed.phone(NEIGHBOUR))
    assert "Viec 1" in timed.phone(MEMBER).inbox()[-1]
    assert timed.phone(LEADER).inbox() == []


def test_the_evening_before_is_reminded_once_whatever_the_clocks_do(timed: TimedWorld) -> None:
    member = timed.phone(MEMBER)
    member.text("TRUC 5/12")
    timed.time.turn_to(EVENING - timedelta(minutes=1))
    assert remind(timed) == 0
    timed.time.turn_to(EVENING)
    two = [threading.Thread(target=remind, args=(timed,)) for _ in range(2)]
    for clock in two:
        clock.start()
    for clock in two:
        clock.join()
    timed.time.turn_to(EVENING - timedelta(hours=1))
    assert remind(timed) == 0
    timed.time.turn_to(EVENING)
    assert remind(timed) == 0
    assert member.inbox().count(say(timed, "sms.rota_eve", day="5/12")) == 1


def test_who_takes_a_day_that_evening_or_is_away_is_not_reminded(timed: TimedWorld) -> None:
    timed.phone(DEPUTY).text("TRUC 5/12")
    timed.phone(DEPUTY).text("NGHI NGAY 5/12")
    timed.time.turn_to(EVENING)
    assert remind(timed) == 0
    timed.time.turn_to(EVENING + timedelta(days=1))
    timed.phone(MEMBER).text("TRUC 6/12")
    assert remind(timed) == 0


def test_a_service_that_stood_still_in_the_evening_reminds_in_the_morning(
    timed: TimedWorld,
) -> None:
    timed.phone(MEMBER).text("TRUC 5/12")
    timed.time.turn_to(EVENING + timedelta(hours=5))
    assert remind(timed) == 1
    due = timed.one(
        "SELECT due_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS at FROM messages_out ORDER BY id DESC LIMIT 1"
    )
    assert due.at == datetime(2026, 12, 5, 6, 0)  # noqa: DTZ001 - Vietnam's


def test_the_first_who_takes_an_offered_day_has_it_and_the_others_hear_once(
    timed: TimedWorld,
) -> None:
    leader, deputy, member = (timed.phone(who) for who in (LEADER, DEPUTY, MEMBER))
    leader.text("TRUC 5/12")
    leader.text("DOI TRUC 5/12")
    assert "nho truc thay ngay 5/12" in deputy.inbox()[-1]
    assert "thay Hoang Van Mau" in member.text("NHAN TRUC 5/12")[-1]
    assert deputy.text("TRUC 5/12")[0].startswith("Ngay 5/12 da co Trieu Van Nhap")
    assert on_duty(timed, "2026-12-05") == MEMBER
    assert sum("Trieu Van Nhap nhan truc ngay 5/12" in body for body in leader.inbox()) == 1
    assert sum("da co Trieu Van Nhap nhan truc" in body for body in deputy.inbox()) == 1


def test_an_offer_for_a_day_swaps_both(timed: TimedWorld) -> None:
    leader, deputy, member = (timed.phone(who) for who in (LEADER, DEPUTY, MEMBER))
    leader.text("TRUC 5/12")
    member.text("TRUC 9/12")
    leader.text("DOI TRUC 5/12 9/12")
    assert deputy.inbox() == [], "it is the other's day only"
    assert deputy.text("NHAN TRUC 5/12") == [say(timed, "sms.rota_swap_none", day="5/12")]
    member.text("NHAN TRUC 5/12")
    assert [on_duty(timed, day) for day in ("2026-12-05", "2026-12-09")] == [MEMBER, LEADER]


def test_two_who_take_a_day_in_the_same_moment(live: Live, world: World) -> None:
    day = world.one(
        "SELECT (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date + 5 AS day"
    ).day
    typed = f"{day.day}/{day.month}"
    leader = world.phone(LEADER)
    leader.text(f"TRUC {typed}")
    leader.text(f"DOI TRUC {typed}")
    at_once = [
        threading.Thread(target=world.phone(who).text, args=(f"NHAN TRUC {typed}",))
        for who in (DEPUTY, MEMBER)
    ]
    for one in at_once:
        one.start()
    for one in at_once:
        one.join()
    winner = on_duty(world, day.isoformat())
    assert winner in {DEPUTY, MEMBER}
    assert sum("nhan truc ngay" in body for body in leader.inbox()) == 1
    (loser,) = {DEPUTY, MEMBER} - {winner}
    assert any("da co" in body for body in world.phone(loser).inbox())
    assert not any("thay Hoang Van Mau" in body for body in world.phone(loser).inbox())


def test_who_is_away_that_day_cannot_take_it(timed: TimedWorld) -> None:
    member = timed.phone(MEMBER)
    timed.phone(LEADER).text("TRUC 5/12")
    timed.phone(LEADER).text("DOI TRUC 5/12")
    member.text("NGHI NGAY 5/12")
    assert member.text("NHAN TRUC 5/12") == [say(timed, "sms.rota_duty_away", day="5/12")]
    assert member.text("TRUC 5/12") == [say(timed, "sms.rota_duty_away", day="5/12")]
    assert on_duty(timed, "2026-12-05") == LEADER


def test_an_offer_nobody_takes_lapses_after_two_days_and_the_giver_hears_once(
    timed: TimedWorld,
) -> None:
    leader = timed.phone(LEADER)
    leader.text("TRUC 9/12")
    leader.text("DOI TRUC 9/12")
    timed.let_pass(days=1, hours=23)
    assert lapse(timed) == 0
    timed.let_pass(hours=2)
    assert lapse(timed) == 1
    assert lapse(timed) == 0
    assert leader.inbox()[-1] == say(timed, "sms.rota_swap_lapsed", day="9/12")
    assert timed.phone(MEMBER).text("NHAN TRUC 9/12") == [
        say(timed, "sms.rota_swap_none", day="9/12")
    ]


def test_an_offer_lapses_when_its_day_begins(timed: TimedWorld) -> None:
    timed.phone(LEADER).text("TRUC 2/12")
    timed.phone(LEADER).text("DOI TRUC 2/12")
    timed.time.turn_to(datetime(2026, 12, 2, 0, 0))  # noqa: DTZ001 - Vietnam's
    assert "khong ai nho" in timed.phone(MEMBER).text("NHAN TRUC 2/12")[0]
    assert lapse(timed) == 1


def test_a_member_who_was_removed_has_no_day_any_more(timed: TimedWorld) -> None:
    leader, deputy, member = (timed.phone(who) for who in (LEADER, DEPUTY, MEMBER))
    member.text("TRUC 5/12")
    member.text("TRUC 6/12")
    member.text("DOI TRUC 6/12")
    leave(timed, MEMBER)
    assert "Van Nhap" not in leader.text("TRUC")[0]
    timed.time.turn_to(EVENING)
    assert remind(timed) == 0
    assert "minh truc" in deputy.text("TRUC 5/12")[0], "the day is free again"
    assert "khong ai nho" in deputy.text("NHAN TRUC 6/12")[0]
    assert on_duty(timed, "2026-12-05") == DEPUTY


def test_a_number_silent_for_eighty_days_is_asked_once(timed: TimedWorld) -> None:
    member = timed.phone(MEMBER)
    member.text("VIEC")
    before = len(member.inbox())
    timed.let_pass(days=79)
    assert ask_silent(timed.runtime.units, timed.runtime.words) == 0
    timed.let_pass(days=2)
    assert ask_silent(timed.runtime.units, timed.runtime.words) == 1
    assert ask_silent(timed.runtime.units, timed.runtime.words) == 0
    assert "van cua Trieu Van Nhap thi soan 1" in member.inbox()[before]
    assert member.text("1") == [say(timed, "sms.rota_still_thanks")]
    timed.let_pass(days=20)
    assert member.text("VIEC") != [say(timed, "sms.still_you")], "its rights have not lapsed"
