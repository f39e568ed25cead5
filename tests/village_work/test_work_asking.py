"""A villager asks, drops, goes on, asks again, cancels: nothing is lost and nothing said twice."""

from __future__ import annotations

import re

from tests.village import DEPUTY, HAMLET, LEADER, MEMBER, NEIGHBOUR, VILLAGER, Phone, World
from tests.village_work.words import ask, events, forget_answers, request, say, values

TEAM = (LEADER, DEPUTY, MEMBER)
VSSID = ["1", "2"]


def offered(phone: Phone) -> bool:
    """Say whether a fresh call begins with the request that was cut off."""
    phone.dial()
    return "bi ngat" in phone.screen


def test_a_call_that_dropped_is_offered_again_by_name(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.dial()
    villager.keys(*VSSID)
    assert offered(villager)
    assert "VssID" in villager.screen
    villager.keys("1", "2", "may cu", "1")
    assert not villager.open
    assert events(world, world.one("SELECT number FROM help_requests").number) == [
        "started", "opened", "told",
    ]  # fmt: skip
    assert not offered(villager)


def test_one_begun_anew_after_days_is_offered_as_any_other(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.dial()
    villager.keys(*VSSID)
    world.do("UPDATE help_requests SET created_at = created_at - interval '3 days'")
    world.do("UPDATE ussd_sessions SET updated_at = updated_at - interval '3 days'")
    assert not offered(villager), "after a day nobody asks any more"
    villager.keys("1", "1", "2", "khong mo duoc")
    assert offered(villager)
    assert "VNeID" in villager.screen
    assert world.one("SELECT count(*) AS n FROM help_requests").n == 1


def test_dropping_it_forgets_it(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.dial()
    villager.keys(*VSSID)
    assert offered(villager)
    villager.key("2")
    assert not offered(villager)
    assert world.one("SELECT state FROM help_requests").state == "cancelled"


def test_a_text_about_another_matter_leaves_the_dropped_call_alone(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.dial()
    villager.keys(*VSSID)
    number = ask(villager)
    assert request(world, number).topic == "vneid"
    assert offered(villager)
    assert "VssID" in villager.screen


def test_a_text_about_the_same_matter_is_the_dropped_call_gone_on_with(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.dial()
    villager.keys(*VSSID)
    ask(villager, "VSSID")
    assert not offered(villager)
    assert world.one("SELECT count(*) AS n FROM help_requests").n == 1


def test_asking_for_the_same_again_is_said_and_nothing_is_left_half_done(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    number = ask(villager)
    villager.dial()
    villager.keys("1", "1", "1")
    assert not villager.open
    assert villager.screen == say(world, "sent.already", **values(world, number))
    assert not offered(villager), "that call was not cut off"
    assert villager.text("GIUP VNEID") == [say(world, "sms.already", **values(world, number))]
    assert len(world.phone(LEADER).inbox()) == 1
    assert world.one("SELECT count(*) AS n FROM help_requests WHERE state = 'open'").n == 1


def test_five_at_once_are_enough(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    for topic in ("VNEID", "VSSID", "DVC", "BAN HANG", "DIEN THOAI"):
        ask(villager, topic)
        forget_answers(world)
    assert villager.text("GIUP LUA DAO") == [say(world, "sms.many")]
    villager.dial()
    villager.keys("1", "6", "1")
    assert villager.screen == say(world, "sent.many")
    assert not offered(villager)
    (listed,) = villager.text("YC")
    live = {
        str(row.number)
        for row in world.rows("SELECT number FROM help_requests WHERE state = 'open'")
    }
    assert set(re.findall(r"\b[1-9]\d{3}\b", listed.partition(":")[2].partition(".")[0])) == live


def test_cancelling_tells_everybody_who_was_told_once(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    number = ask(villager)
    world.move_up(2)
    assert villager.text(f"HUY {number}") == [say(world, "sms.cancelled", **values(world, number))]
    told = say(world, "sms.task_cancelled", **values(world, number, task="1"))
    for member in TEAM:
        assert world.phone(member).inbox()[1:] == [told]
    villager.text("HUY")
    villager.text(f"HUY {number}")
    for member in TEAM:
        assert world.phone(member).inbox()[1:] == [told]
    assert events(world, number) == ["opened", "told", "told", "told", "cancelled"]


def test_cancelling_what_was_taken_tells_the_one_who_has_it(world: World) -> None:
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    number = ask(villager)
    leader.text("NV 1")
    villager.dial()
    villager.keys("5", "1", "1", "1")
    assert not villager.open
    told = say(world, "sms.task_cancelled", **values(world, number, task="1"))
    assert leader.inbox()[-1] == told
    assert told not in world.phone(DEPUTY).inbox()
    assert leader.text("XONG 1") == [say(world, "sms.task_ended", task="1")]
    assert request(world, number).state == "cancelled"


def test_a_wrong_number_cancels_nothing_and_says_what_there_is(world: World) -> None:
    villager, other = world.phone(NEIGHBOUR), world.phone(VILLAGER)
    number, anothers = ask(villager), ask(other)
    there_is = say(world, "sms.status_many", numbers=str(number), number=str(number))
    for wrong in (anothers, 9 if number == 1000 else 1000):
        assert villager.text(f"HUY {wrong}") == [there_is]
        forget_answers(world)
    asked = say(world, "sms.guess", first="cancel")
    assert villager.text("HUY 99999999") == [asked], "it may not be about a request at all"
    assert villager.text("1") == [there_is]
    forget_answers(world)
    warned = say(world, "sms.secret")
    assert villager.text("HUY 012345678901") == [there_is, warned], "and this of an identity card"
    assert request(world, number).state == request(world, anothers).state == "open"


def test_a_leader_who_needs_help_is_not_sent_to_himself(world: World) -> None:
    leader = world.phone(LEADER)
    number = ask(leader, "VSSID")
    (filed,) = leader.inbox()
    assert str(number) in filed
    assert "Hoang Van Mau" not in filed
    assert len(world.phone(DEPUTY).inbox()) == 1


def test_who_did_not_agree_to_be_remembered_is_helped_and_forgotten(world: World) -> None:
    villager = world.phone(VILLAGER)
    villager.dial()
    villager.keys("2", HAMLET, "1", "1")
    assert world.rows("SELECT FROM phones WHERE msisdn = :m", m=VILLAGER) == []
    villager.key("1")
    number = world.one("SELECT number FROM help_requests").number
    assert str(number) in villager.inbox()[0]
    assert world.one("SELECT holder_id FROM phones WHERE msisdn = :m", m=VILLAGER).holder_id is None
    assert (
        world.rows(
            "SELECT FROM consents c JOIN phones p ON p.id = c.phone_id WHERE p.msisdn = :m",
            m=VILLAGER,
        )
        == []
    )
    villager.dial()
    assert "Dong y" in villager.screen


def test_a_promise_of_a_message_is_kept_or_not_made(world: World) -> None:
    """Whoever has had all the messages of the day is not told that one is on its way."""
    villager = world.phone(NEIGHBOUR)
    promise = "Tin nhan"
    for _ in range(20):
        before = len(villager.inbox())
        villager.dial()
        villager.keys("1", "3", "1")
        assert not villager.open
        came = len(villager.inbox()) > before
        assert (promise in villager.screen) == came, villager.screen
        number = world.one("SELECT number FROM help_requests WHERE state = 'open'").number
        villager.text(f"HUY {number}")
    assert not came, "by now the budget was used up, or this test tells nothing"
