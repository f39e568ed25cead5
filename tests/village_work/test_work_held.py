"""What somebody has taken and says nothing of does not rot: they are reminded, then others asked."""

from __future__ import annotations

from datetime import datetime

from service.text.local_time import VIETNAM
from service.village.held import look_after_held
from tests.village import DEPUTY, LEADER, NEIGHBOUR, TimedWorld
from tests.village_work.words import ask, events, request, say, values

MAU = "Hoàng Văn Mẫu"


def pass_days(world: TimedWorld, days: float) -> int:
    world.let_pass(days=days)
    return look_after_held(world.runtime.units, world.runtime.words)


def test_reminded_once_and_then_given_back(timed: TimedWorld) -> None:
    leader, deputy, villager = (timed.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    number = ask(villager)
    leader.text("NV 1")
    told = values(timed, number, task="1", leader=MAU)
    assert pass_days(timed, 1.99) == 0
    assert pass_days(timed, 0.02) == 1
    assert leader.inbox()[-1] == say(timed, "sms.task_waits", **told)
    assert pass_days(timed, 1.9) == 0
    heard = len(leader.inbox())
    assert pass_days(timed, 0.2) == 1
    assert leader.inbox()[heard:] == [say(timed, "sms.task_returned", **told)]
    assert villager.inbox()[-1] == say(timed, "sms.returned", **told)
    assert len(deputy.inbox()) == 1, "somebody else is asked first"
    assert request(timed, number).state == "open"
    assert events(timed, number)[-2:] == ["returned", "told"]
    assert pass_days(timed, 0) == 0


def test_any_word_of_it_is_enough(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    number = ask(timed.phone(NEIGHBOUR))
    leader.text("NV 1")
    pass_days(timed, 2.1)
    assert "0900000007" in leader.text("NV 1")[0]
    assert pass_days(timed, 1.9) == 0
    assert pass_days(timed, 0.2) == 1
    leader.text("mai toi sang")
    assert pass_days(timed, 1.9) == 0
    leader.text("NV 1 mai nua")
    assert pass_days(timed, 1.9) == 0
    assert request(timed, number).state == "accepted"
    notes = timed.rows("SELECT note FROM request_events WHERE event = 'noted' ORDER BY id")
    assert [row.note for row in notes] == [None, "mai toi sang", "mai nua"]


def test_who_answers_too_late_takes_it_again_while_nobody_has(timed: TimedWorld) -> None:
    leader, villager = timed.phone(LEADER), timed.phone(NEIGHBOUR)
    number = ask(villager)
    leader.text("NV 1")
    pass_days(timed, 2.1)
    pass_days(timed, 2.1)
    assert leader.text("HOI 1 May gi?") == [say(timed, "sms.task_open_again", task="1")]
    yours = leader.text("NV 1")[0]
    assert "0900000007" in yours
    assert request(timed, number).state == "accepted"
    task = yours.split()[1]
    leader.text(f"XONG {task}")
    assert request(timed, number).state == "done"


def test_after_a_still_clock_nobody_is_taken_a_request_from_unreminded(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    number = ask(timed.phone(NEIGHBOUR))
    leader.text("NV 1")
    assert pass_days(timed, 30) == 1
    assert request(timed, number).state == "accepted"


def test_nobody_is_reminded_at_night(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("NV 1")
    timed.time.turn_to(datetime(2026, 12, 4, 2, 0))  # noqa: DTZ001
    assert pass_days(timed, 0) == 0
    assert pass_days(timed, 5 / 24) == 1


def test_what_was_not_solved_rots_neither_and_comes_first(timed: TimedWorld) -> None:
    leader, deputy, villager = (timed.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    first, second = ask(villager), ask(villager, "VSSID")
    for word in ("NV 1", "NV 2", "XONG 2"):
        leader.text(word)
    timed.let_pass(days=1)
    villager.text(f"2 {second}")
    assert "2 VssID Coc Phia; 1 VNeID Coc Phia" in leader.text("VIEC")[0]
    pass_days(timed, 1.2)
    assert "Viec 1" in leader.inbox()[-1], "of the first nothing was heard for two days"
    pass_days(timed, 1)
    assert "Viec 2 (VssID" in leader.inbox()[-1]
    pass_days(timed, 2.1)
    assert {request(timed, n).state for n in (first, second)} == {"open"}
    assert "VssID" in deputy.inbox()[-1]


def test_from_who_is_there_no_more_it_is_taken_at_once(timed: TimedWorld) -> None:
    leader, deputy = timed.phone(LEADER), timed.phone(DEPUTY)
    number = ask(timed.phone(NEIGHBOUR))
    leader.text("NV 1")
    timed.do("UPDATE memberships SET until = clock_timestamp() WHERE role = 'leader'")
    heard = len(leader.inbox())
    assert pass_days(timed, 2.1) == 1
    assert len(leader.inbox()) == heard
    assert request(timed, number).state == "open"
    assert len(deputy.inbox()) == 1


def test_a_step_is_taken_once_by_two_clocks(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("NV 1")
    pass_days(timed, 2.1)
    assert pass_days(timed, 0) == 0
    pass_days(timed, 2.1)
    assert pass_days(timed, 0) == 0
    assert len(timed.phone(DEPUTY).inbox()) == 1


def test_who_takes_an_emergency_and_is_not_heard_of_again_is_asked_soon(timed: TimedWorld) -> None:
    """A forged NV, or a phone that went dead, keeps nobody from help for long, by night either."""
    timed.time.turn_to(datetime(2026, 12, 1, 23, 30, tzinfo=VIETNAM))
    timed.phone(NEIGHBOUR).text("CUU")
    timed.phone(LEADER).text("NV 1")
    assert pass_days(timed, 19 / 1440) == 0
    assert pass_days(timed, 2 / 1440) == 1
    assert "lau chua thay tin" in timed.phone(LEADER).inbox()[-1]
    before = len(timed.phone(DEPUTY).inbox())
    assert pass_days(timed, 21 / 1440) == 1
    state = timed.one("SELECT state FROM help_requests WHERE topic = 'khancap'").state
    assert state == "open"
    assert len(timed.phone(DEPUTY).inbox()) == before + 1


def test_fraud_is_given_back_within_a_day(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR), "LUA DAO")
    timed.phone(LEADER).text("NV 1")
    assert pass_days(timed, 4.1 / 24) == 1
    assert pass_days(timed, 4.1 / 24) == 1
    assert request(timed, number).state == "open"
