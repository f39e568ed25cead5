"""`caunoi status`: the same as the console's room, in plain lines."""

from __future__ import annotations

from service.ops.overview import overview
from tests.village import LEADER, World


def test_a_quiet_service(world: World) -> None:
    assert list(overview(world.engine)) == [
        "sending is on",
        "emergency: nothing waits",
        "reply: nothing waits",
        "bulk: nothing waits",
        "messages in 24 hours: none",
        "requests now: none",
        "spent today: 0 d",
    ]


def test_what_waits_what_is_stopped_and_what_is_the_matter(world: World) -> None:
    world.phone(LEADER).text("TRO GIUP")
    world.do("INSERT INTO switches (name, is_on, changed_by) VALUES ('sending', false, 'An')")
    world.do(
        "INSERT INTO carrier_pauses (carrier, code, until)"
        " VALUES ('africastalking', 'no_balance', clock_timestamp() + interval '1 hour')"
    )
    world.do("INSERT INTO alarms (name, about, detail) VALUES ('cap_reached', 'hour', 'x')")
    told = list(overview(world.engine))
    assert told[:2] == [
        "STOPPED by An: no reason given",
        "PAUSED africastalking: no_balance; top up at the carrier, then: caunoi resume-carrier",
    ]
    assert "sending is on" not in told
    assert any(line.startswith("reply: 1 wait, the oldest for ") for line in told)
    assert "messages in 24 hours: 1 queued" in told
    assert told[-1] == "ALARM cap_reached: hour (x), 1 times"
