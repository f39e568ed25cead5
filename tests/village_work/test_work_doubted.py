"""A member's number of which a text says that it is somebody else's: doubted, and not taken away."""

from __future__ import annotations

from tests.village import MEMBER, NEIGHBOUR, Phone, World
from tests.village_work.words import alarms, forget_answers, say


def doubted(world: World, msisdn: str) -> Phone:
    world.do(
        "UPDATE phones SET last_heard_at = clock_timestamp() - interval '91 days' "
        "WHERE msisdn = :m",
        m=msisdn,
    )
    return world.phone(msisdn)


def holder(world: World, msisdn: str) -> object:
    return world.one("SELECT holder_id FROM phones WHERE msisdn = :m", m=msisdn).holder_id


def test_one_forged_text_parts_no_member_from_their_phone(world: World) -> None:
    member = doubted(world, MEMBER)
    before = holder(world, MEMBER)
    assert member.text("VIEC") == [say(world, "sms.still_you")]
    assert member.text("2") == [say(world, "sms.stranger")]
    assert holder(world, MEMBER) == before
    alarm = world.one("SELECT about FROM alarms WHERE name = 'member_number_doubted'")
    phone = world.one("SELECT id FROM phones WHERE msisdn = :m", m=MEMBER)
    assert alarm.about == f"phone {phone.id}"
    before_request = len(member.inbox())
    world.phone(NEIGHBOUR).text("GIUP VNEID")
    world.move_up(2)
    assert len(member.inbox()) == before_request, "of whoever has this number we know nothing"
    forget_answers(world)
    assert member.text("NV 1") == [say(world, "sms.still_you")], "but is still in doubt"


def test_a_call_parts_a_member_and_raises_the_alarm(world: World) -> None:
    member = doubted(world, MEMBER)
    member.dial()
    member.key("2")
    assert holder(world, MEMBER) is None
    assert "member_number_doubted" in alarms(world)


def test_a_villager_is_parted_by_text_without_an_alarm(world: World) -> None:
    neighbour = doubted(world, NEIGHBOUR)
    neighbour.text("YC")
    neighbour.text("2")
    assert holder(world, NEIGHBOUR) is None
    assert "member_number_doubted" not in alarms(world)
