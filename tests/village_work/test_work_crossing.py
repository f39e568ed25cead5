"""Texts cross on their way: whoever is a moment too late has been told already, and hears it once."""

from __future__ import annotations

from tests.village import DEPUTY, LEADER, MEMBER, NEIGHBOUR, TimedWorld
from tests.village_work.words import ask, request, say, values


def told_all(world: TimedWorld) -> int:
    """Let the whole team hear of a request nobody takes."""
    number = ask(world.phone(NEIGHBOUR))
    for hours in (3, 2):
        world.let_pass(hours=hours)
    return number


def test_who_is_a_moment_too_late_hears_once_that_it_is_taken(timed: TimedWorld) -> None:
    number = told_all(timed)
    told = values(timed, number, task="1", leader="Hoàng Văn Mẫu")
    timed.phone(LEADER).text("NV 1")
    for member in (DEPUTY, MEMBER):
        assert timed.phone(member).text("NV 1") == []
        assert timed.phone(member).inbox()[-1] == say(timed, "sms.task_taken", **told)
    assert request(timed, number).state == "accepted"


def test_who_asks_later_is_answered(timed: TimedWorld) -> None:
    number = told_all(timed)
    told = values(timed, number, task="1", leader="Hoàng Văn Mẫu")
    timed.phone(LEADER).text("NV 1")
    timed.let_pass(minutes=3)
    assert timed.phone(DEPUTY).text("NV 1") == [say(timed, "sms.task_gone", **told)]


def test_who_says_that_it_is_done_is_answered_at_once(timed: TimedWorld) -> None:
    """Two may have helped: whoever did must not think that it is noted."""
    number = told_all(timed)
    told = values(timed, number, task="1", leader="Hoàng Văn Mẫu")
    timed.phone(LEADER).text("NV 1")
    assert timed.phone(DEPUTY).text("XONG 1") == [say(timed, "sms.task_gone", **told)]


def test_whoever_was_buried_in_messages_is_not_told_of_each_end(timed: TimedWorld) -> None:
    told_all(timed)
    timed.do("""
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                                  valid_until)
        SELECT 'x:sms.task_new:' || n, 'alert', 'reply', 1, '+84900000003', 'Viec', 1, 'delivered',
               clock_timestamp() FROM generate_series(1, 20) AS n
    """)
    timed.phone(LEADER).text("NV 1")
    assert "nhan. Cam on" not in timed.phone(DEPUTY).inbox()[-1]
    assert "nhan. Cam on" in timed.phone(MEMBER).inbox()[-1]
    assert timed.one("SELECT count(*) AS n FROM alarms WHERE name = 'buried_in_requests'").n == 1
