"""What somebody paused or rerouted is named by the room, with who, since when and why."""

from __future__ import annotations

import pytest

from service.carriers.base import NoBalance
from service.ops.room_facts import Why
from service.ops.room_words import says
from service.outbox.brakes import pause
from service.outbox.switches import turn
from tests.ops.room_kit import Watched
from tests.outbox.kit import CARRIER
from tests.village import TimedWorld

SECOND = f"{CARRIER}-2"


@pytest.fixture
def room(timed: TimedWorld) -> Watched:
    watched = Watched(timed)
    watched.everybody_works()
    return watched


def turn_to(room: Watched, name: str, *, on: bool) -> None:
    with room.world.engine.begin() as connection:
        turn(connection, name, on=on, by="nong.an", reason="wrong text")


def test_a_paused_lane_is_named_alone(room: Watched) -> None:
    turn_to(room, "lane:bulk", on=False)
    assert room.verdict("bulk") == ("empty", ["lane_paused_by_hand"]), "said before anything waits"
    assert room.verdict("reply") == ("empty", [])
    assert not room.room().verdict.is_well
    turn_to(room, "lane:reply", on=False)
    room.put(2)
    assert room.verdict("reply") == ("stuck", ["lane_paused_by_hand"])
    lane = room.lane("reply")
    said = says(lane.verdict, room.room().at, "en", lane.workers)
    assert "the lane was paused by nong.an since" in said
    assert "(wrong text)" in said
    whole = says(room.room().verdict, room.room().at, "vi")
    assert "tin chung: nong.an đã tạm dừng luồng này từ" in whole


def test_a_paused_carrier_stops_every_lane_and_is_named_once(room: Watched) -> None:
    turn_to(room, f"carrier:{CARRIER}", on=False)
    room.put(2)
    assert room.verdict("reply") == ("stuck", ["carrier_paused_by_hand"])
    assert room.all_in_all() == ("stuck", ["carrier_paused_by_hand"])
    assert room.room().verdict.reasons[0].values["carrier"] == CARRIER


@pytest.mark.parametrize("name", ["lane:reply", f"carrier:{CARRIER}"])
def test_what_waited_while_paused_is_not_stuck_the_moment_it_may_go(
    room: Watched, name: str
) -> None:
    turn_to(room, name, on=False)
    room.put(3)
    room.let_pass(hours=2)
    turn_to(room, name, on=True)
    assert room.verdict() == ("moving", [])


def test_rerouting_is_named_and_nothing_is_wrong(room: Watched) -> None:
    turn_to(room, f"reroute:{SECOND}", on=True)
    room.put(2)
    assert room.all_in_all() == ("moving", ["rerouted"])
    assert room.room().verdict.is_well
    said = says(room.room().verdict, room.room().at, "en")
    assert f"messages go by {SECOND}, decided by nong.an since" in said
    turn_to(room, f"reroute:{SECOND}", on=False)
    assert room.all_in_all() == ("moving", [])


def test_only_the_carrier_in_turn_can_be_what_is_wrong(room: Watched) -> None:
    with room.world.engine.begin() as connection:
        pause(connection, CARRIER, NoBalance())
    turn_to(room, f"carrier:{CARRIER}", on=False)
    room.put(2)
    keys = [Why.CARRIER_HALTED, Why.CARRIER_PAUSED]
    assert room.verdict() == ("stuck", [str(key) for key in keys])
    turn_to(room, f"reroute:{SECOND}", on=True)
    assert room.verdict() == ("moving", [])
    with room.world.engine.begin() as connection:
        pause(connection, SECOND, NoBalance())
    assert room.verdict() == ("stuck", ["carrier_paused"])
    turn_to(room, f"reroute:{SECOND}", on=False)
    assert {r.values["carrier"] for r in room.lane().verdict.reasons} == {CARRIER}
