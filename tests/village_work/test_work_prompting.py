"""A call that dropped with topic and hamlet known: the villager is asked once, by SMS."""

from __future__ import annotations

from service.village.prompting import prompt_dropped
from tests.village import NEIGHBOUR, Phone, World


def minutes_pass(world: World, minutes: int) -> None:
    world.do(f"UPDATE ussd_sessions SET updated_at = updated_at - interval '{minutes} minutes'")


def prompt(world: World) -> int:
    with world.runtime.units.open() as unit:
        return prompt_dropped(unit, world.runtime.words)


def drop_at_confirm(world: World) -> Phone:
    phone = world.phone(NEIGHBOUR)
    phone.dial()
    phone.keys("1", "1", "2", "khong mo duoc")
    minutes_pass(world, 4)
    return phone


def test_whoever_was_cut_off_is_asked_once_and_one_sends_it(world: World) -> None:
    phone = drop_at_confirm(world)
    assert prompt(world) == 1
    assert prompt(world) == 0
    (asked,) = phone.inbox()
    assert asked.startswith("Cuoc goi bi ngat: ba con dang nho giup VNeID. Soan 1")
    (filed,) = phone.text("1")
    assert filed.startswith("Da ghi viec so")
    request = world.one("SELECT state, words FROM help_requests")
    assert (request.state, request.words) == ("open", "khong mo duoc")
    assert prompt(world) == 0


def test_two_drops_it_and_nobody_hears_of_it(world: World) -> None:
    phone = drop_at_confirm(world)
    prompt(world)
    assert phone.text("2") == [world.runtime.words.say("sms.dropped", "vi", {})]
    assert world.one("SELECT state FROM help_requests").state == "cancelled"
    assert len(world.rows("SELECT FROM messages_out")) == 2


def test_what_was_dropped_by_text_is_not_offered_by_the_next_call(world: World) -> None:
    phone = drop_at_confirm(world)
    prompt(world)
    phone.text("2")
    assert phone.dial().startswith("To cong nghe so")


def test_a_call_that_is_still_going_on_is_left_alone(world: World) -> None:
    phone = world.phone(NEIGHBOUR)
    phone.dial()
    phone.keys("1", "1")
    assert prompt(world) == 0
    minutes_pass(world, 2)
    assert prompt(world) == 0, "a session may last three minutes"
    minutes_pass(world, 2)
    assert prompt(world) == 1


def test_whoever_called_again_and_sent_it_is_not_asked(world: World) -> None:
    phone = drop_at_confirm(world)
    phone.dial()
    phone.keys("1", "1")
    minutes_pass(world, 4)
    assert prompt(world) == 0
