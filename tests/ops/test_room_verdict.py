"""Each fault made for real: the room names it, names nothing else, and is right about the rest."""

from __future__ import annotations

import pytest

from service.carriers.base import BadNumber, Busy, NoBalance, NoRoute, OutcomeUnknown, Unreachable
from service.ops.room_facts import Why
from service.ops.room_words import clock_time
from service.outbox.brakes import Caps, resume, switch
from service.outbox.claim import begin, claim
from service.outbox.classes import LANES
from service.outbox.sweep import sweep
from service.records.messages import MessageClass
from tests.ops.room_kit import Watched
from tests.outbox.kit import CARRIER
from tests.village import TimedWorld

WELL: list[str] = []


@pytest.fixture
def room(timed: TimedWorld) -> Watched:
    watched = Watched(timed)
    watched.everybody_works()
    return watched


def turn_sending(room: Watched, *, on: bool) -> None:
    with room.world.engine.begin() as connection:
        switch(connection, on=on, by="Lan", reason="a test text went out")


def hold(room: Watched, lane: str = "reply", most: int = 10) -> int:
    """A worker takes messages and dies with them."""
    with room.world.engine.begin() as connection:
        return len(claim(connection, lane, CARRIER, most))


def test_in_an_idle_village_nothing_waits(room: Watched) -> None:
    assert [room.verdict(lane) for lane in LANES] == [("empty", WELL)] * 3
    assert room.all_in_all() == ("empty", WELL)
    assert room.room().verdict.is_well


def test_what_was_put_a_moment_ago_is_moving(room: Watched) -> None:
    room.put(3)
    assert room.verdict() == ("moving", WELL)
    assert (room.lane().waiting, room.lane().in_flight) == (3, 0)


def test_a_deep_lane_that_sends_is_moving(room: Watched) -> None:
    room.put(600, MessageClass.NOTICE)
    room.let_pass(minutes=20)
    room.send("bulk", most=40)
    bulk = room.lane("bulk")
    assert room.verdict("bulk") == ("moving", WELL)
    assert bulk.waiting >= 500
    assert bulk.oldest_seconds >= 1200, "deep, and the oldest waits for long, and yet it moves"
    assert room.all_in_all() == ("moving", WELL)


def test_a_lane_that_sends_far_too_little_is_slow(room: Watched) -> None:
    room.put(200)
    room.let_pass(minutes=6)
    room.send(most=3)
    state, why = room.verdict()
    assert (state, why) == ("slow", ["pace"])


def test_one_that_waits_on_while_others_leave_is_told(room: Watched) -> None:
    room.put()
    room.world.do("UPDATE messages_out SET priority = 9 WHERE state = 'queued'")
    room.let_pass(minutes=11)
    room.put(3)
    room.send(most=3)
    assert room.lane().waiting == 1
    assert room.verdict() == ("slow", ["left_behind"])
    assert room.lane().verdict.reasons[0].values["minutes"] == 11


def test_waiting_without_progress_is_stuck_however_little_it_is(room: Watched) -> None:
    room.put()
    put_at = room.world.time.now()
    room.let_pass(seconds=61)
    assert room.verdict() == ("stuck", ["unexplained"])
    since = room.lane().verdict.since
    assert since is not None
    assert abs((since - put_at).total_seconds()) < 5
    assert room.verdict("bulk") == ("empty", WELL)


def test_stuck_counts_from_the_last_message_that_left(room: Watched) -> None:
    room.put(5)
    room.let_pass(minutes=30)
    room.send(most=2)
    left_at = room.world.time.now()
    room.let_pass(minutes=5)
    lane = room.lane()
    assert lane.verdict.since is not None
    assert abs((lane.verdict.since - left_at).total_seconds()) < 5
    assert lane.oldest_seconds >= 35 * 60


def test_sending_switched_off_is_named_with_who_did_it(room: Watched) -> None:
    turn_sending(room, on=False)
    assert room.verdict() == ("empty", ["sending_off"]), "said before anything waits"
    assert not room.room().verdict.is_well
    room.put()
    assert room.verdict() == ("stuck", ["sending_off"])
    (reason,) = room.lane().verdict.reasons
    assert (reason.values["by"], reason.values["reason"]) == ("Lan", "a test text went out")
    assert room.all_in_all() == ("stuck", ["sending_off"])


def test_what_waited_while_sending_was_off_is_not_stuck_the_moment_it_is_on(room: Watched) -> None:
    turn_sending(room, on=False)
    room.put(3)
    room.let_pass(hours=2)
    turn_sending(room, on=True)
    assert room.verdict() == ("moving", WELL)


def test_an_empty_account_is_named_until_the_carrier_takes_again(room: Watched) -> None:
    room.put(2)
    room.send(answer=NoBalance)
    assert room.verdict() == ("stuck", ["carrier_paused"])
    (reason,) = room.lane().verdict.reasons
    assert (reason.values["carrier"], reason.values["code"]) == (CARRIER, "no_balance")
    assert room.lane().workers == 1
    room.let_pass(minutes=10)
    assert room.verdict() == ("stuck", ["carrier_paused"]), "the pause is over, the fault is not"
    with room.world.engine.begin() as connection:
        resume(connection, CARRIER)
    room.send()
    assert room.verdict() == ("empty", WELL)


def test_a_carrier_away_is_named_by_its_first_failure(room: Watched) -> None:
    room.put()
    room.send(answer=Unreachable)
    room.let_pass(seconds=11)
    assert room.verdict() == ("stuck", ["carrier_refuses"])
    (reason,) = room.lane().verdict.reasons
    assert reason.values["code"] == "unreachable"
    assert room.lane().waiting == 1, "it waits, though it is put back to be tried later"


@pytest.mark.parametrize("fault", [NoRoute, Busy])
def test_one_message_that_brings_its_fault_on_itself_does_not_make_a_lane_stuck(
    room: Watched, fault: type[NoRoute | Busy]
) -> None:
    room.put()
    room.send(answer=fault)
    room.let_pass(minutes=2)
    assert room.verdict() == ("slow", ["carrier_refuses"])


def test_a_hanging_carrier_is_named_though_nothing_waits(room: Watched) -> None:
    room.put(5)
    room.send(answer=OutcomeUnknown)
    assert room.lane().waiting == 0
    assert room.verdict() == ("empty", ["carrier_paused"])
    (reason,) = room.lane().verdict.reasons
    assert reason.values["code"] == "outcome_unknown"


def test_a_wrong_number_is_an_answer_and_stops_nothing(room: Watched) -> None:
    room.put(6)
    room.send(answer=BadNumber)
    assert room.verdict() == ("empty", WELL)
    (kind,) = room.room().errors
    assert (kind.code, str(kind.group), kind.messages) == ("bad_number", "give_up", 6)


@pytest.mark.parametrize("lane", LANES)
def test_a_lane_nobody_works_in_is_named_alone(room: Watched, lane: str) -> None:
    room.world.do("DELETE FROM beats WHERE lane = :lane", lane=lane)
    assert room.verdict(lane) == ("empty", ["no_worker"]), "said before anything waits"
    its_class = {"emergency": MessageClass.EMERGENCY, "reply": MessageClass.REPLY}
    room.put(1, its_class.get(lane, MessageClass.NOTICE))
    assert room.verdict(lane) == ("stuck", ["no_worker"])
    assert all(room.verdict(other) == ("empty", WELL) for other in LANES if other != lane)
    (reason,) = room.room().verdict.reasons
    assert reason.values["lane"] == lane


def test_a_worker_that_was_killed_is_named_within_fifteen_seconds(room: Watched) -> None:
    room.put()
    room.let_pass(gone=["reply"], seconds=13)
    assert room.verdict() == ("stuck", ["no_worker"])
    assert room.room().verdict.reasons[0].values["since"] is not None


def test_a_worker_too_busy_to_say_that_it_lives_is_not_called_dead(room: Watched) -> None:
    room.put(4)
    room.let_pass(gone=["reply"], seconds=20)
    room.send(most=2)
    assert room.verdict() == ("moving", WELL)
    room.let_pass(gone=["reply"], seconds=13)
    assert room.verdict() == ("stuck", ["no_worker"])


def test_a_worker_that_has_just_started_is_given_time(room: Watched) -> None:
    room.world.do("DELETE FROM beats WHERE lane = 'reply'")
    room.put()
    room.let_pass(gone=["reply"], minutes=10)
    room.everybody_works()
    assert room.verdict() == ("moving", WELL)


def test_what_a_dead_worker_holds_is_counted_with_it(room: Watched) -> None:
    room.put(3)
    assert hold(room) == 3
    room.let_pass(gone=["reply"], minutes=2)
    assert room.verdict() == ("stuck", ["no_worker"])
    assert room.lane().verdict.reasons[0].values["held"] == 3


def test_all_leased_by_a_dead_worker_beside_one_that_lives(room: Watched) -> None:
    room.put(3)
    hold(room)
    assert room.verdict() == ("moving", WELL), "held for a moment is how sending looks"
    room.let_pass(minutes=2)
    assert room.verdict() == ("stuck", ["held_by_dead"])
    assert room.lane().verdict.since is not None
    sweep(room.world.engine)
    assert Why.HELD_BY_DEAD not in room.verdict()[1]


def test_what_a_worker_died_in_the_midst_of_is_not_the_carriers_fault(room: Watched) -> None:
    room.put(6)
    with room.world.engine.begin() as connection:
        begin(connection, claim(connection, "reply", CARRIER, 6), CARRIER)
    room.let_pass(minutes=1)
    sweep(room.world.engine)
    assert room.verdict() == ("empty", WELL)
    (kind,) = room.room().errors
    assert (kind.code, str(kind.group), kind.messages) == ("worker_lost", "heals", 6)


def test_the_clock_gone_is_named_and_no_lane_is_blamed(room: Watched) -> None:
    room.let_pass(gone=["clock"], seconds=30)
    assert room.all_in_all() == ("empty", ["clock_gone"])
    assert [room.verdict(lane) for lane in LANES] == [("empty", WELL)] * 3
    room.everybody_works()
    assert room.all_in_all() == ("empty", WELL)


def test_a_clock_at_a_long_piece_of_work_is_not_gone(room: Watched) -> None:
    room.let_pass(gone=["clock"], seconds=30)
    room.world.do("""
        UPDATE periodic_work SET token = gen_random_uuid(),
               lease_until = clock_timestamp() + interval '30 seconds'
    """)
    assert room.all_in_all() == ("empty", WELL)


def test_a_line_no_clock_knows_any_more_is_not_missed(room: Watched) -> None:
    room.world.do("""
        INSERT INTO periodic_work (name, every_seconds, next_at)
        VALUES ('of_an_older_version', 10, clock_timestamp() - interval '90 days')
    """)
    assert room.all_in_all() == ("empty", WELL)


def test_a_clock_that_beats_and_does_nothing_is_named(room: Watched) -> None:
    room.world.do("UPDATE periodic_work SET next_at = clock_timestamp() - interval '3 minutes'")
    assert room.all_in_all() == ("empty", ["clock_gone"])


def test_a_read_only_database_is_named_by_old_and_new_connections(room: Watched) -> None:
    room.put()
    with room.read_only():
        assert room.verdict() == ("stuck", ["database_read_only"])
        room.world.reconnect()
        assert room.verdict() == ("stuck", ["database_read_only"])
        assert room.all_in_all() == ("stuck", ["database_read_only"])
    assert room.verdict() == ("moving", WELL)


def test_a_cap_on_spending_is_named_with_when_it_lifts(room: Watched) -> None:
    room.put(3)
    room.send(caps=Caps(per_hour=400, per_day=10**9, segment_price=400))
    room.let_pass(minutes=2)
    assert room.verdict() == ("stuck", ["cap_reached"])
    (reason,) = room.lane().verdict.reasons
    assert (reason.values["period"], reason.values["messages"]) == ("hour", 2)
    assert clock_time(reason.values["until"], room.room().at) == "10:00"
    assert room.verdict("emergency") == ("empty", WELL)


def test_news_at_night_waits_for_morning_and_is_not_stuck(room: Watched) -> None:
    room.turn_to(2026, 12, 1, 22, 5)
    room.put(4, MessageClass.NOTICE)
    room.let_pass(hours=3)
    assert room.verdict("bulk") == ("waits_for_morning", ["quiet_hours"])
    (reason,) = room.lane("bulk").verdict.reasons
    assert clock_time(reason.values["until"], room.room().at) == "07:00"
    assert (room.lane("bulk").waiting, room.lane("bulk").waiting_for_morning) == (0, 4)
    assert room.all_in_all() == ("waits_for_morning", ["quiet_hours"])
    assert room.room().verdict.is_well


def test_news_of_the_night_is_not_late_the_minute_it_may_leave(room: Watched) -> None:
    room.turn_to(2026, 12, 1, 22, 5)
    room.put(4, MessageClass.NOTICE)
    room.turn_to(2026, 12, 2, 7, 0)
    assert room.verdict("bulk") == ("moving", WELL)
    assert room.lane("bulk").oldest_seconds < 30
    room.let_pass(minutes=2)
    assert room.verdict("bulk") == ("stuck", ["unexplained"])


def test_answers_leave_at_night_and_can_be_stuck_then(room: Watched) -> None:
    room.turn_to(2026, 12, 1, 23, 0)
    room.put()
    room.let_pass(minutes=2)
    assert room.verdict() == ("stuck", ["unexplained"])


def test_what_is_planned_for_later_does_not_wait(room: Watched) -> None:
    room.put()
    room.world.do(
        "UPDATE messages_out SET due_at = due_at + interval '1 day' WHERE state = 'queued'"
    )
    assert room.verdict() == ("empty", WELL)


def test_a_carrier_that_takes_all_and_reports_nothing_is_named(room: Watched) -> None:
    room.put(12)
    room.send()
    assert room.all_in_all() == ("empty", WELL), "reports take their time"
    room.let_pass(minutes=6)
    assert room.all_in_all() == ("empty", ["no_reports"])
    (reason,) = room.room().verdict.reasons
    assert (reason.values["carrier"], reason.values["messages"]) == (CARRIER, 12)
    room.report(1)
    assert room.all_in_all() == ("empty", ["no_reports"]), "eleven later ones are still unheard of"


def test_silence_of_last_week_is_no_fault_of_today(room: Watched) -> None:
    room.put(12)
    room.send()
    room.let_pass(hours=100)
    assert room.all_in_all() == ("empty", WELL)


def test_reports_that_come_in_keep_a_carrier_from_being_named(room: Watched) -> None:
    room.put(12)
    room.send()
    room.taken.reverse()
    room.report(1)
    room.let_pass(minutes=6)
    assert room.all_in_all() == ("empty", WELL)


def test_two_faults_at_once_are_both_named(room: Watched) -> None:
    turn_sending(room, on=False)
    room.put()
    room.let_pass(gone=["reply", "clock"], minutes=1)
    assert room.verdict() == ("stuck", ["sending_off", "no_worker"])
    assert room.all_in_all() == ("stuck", ["sending_off", "no_worker", "clock_gone"])
