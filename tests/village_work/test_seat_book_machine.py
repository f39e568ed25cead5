"""Runs the seats' state machine; SEAT_STEPS asks for a longer run and prints its figure."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.village_work.seat_machine import SeatMachine

STEPS_EACH = 50
STEPS = int(os.environ.get("SEAT_STEPS", "4000"))
KINDS = {
    *("register", "cancel", "decline", "erase", "accept", "accept unswept", "accept late"),
    *("wait", "look", "lapse", "offer", "move", "resize", "shrink"),
}


def test_whatever_befalls_a_class_its_seats_and_its_row_stay_in_order() -> None:
    SeatMachine.steps.clear()
    run_state_machine_as_test(
        SeatMachine,
        settings=settings(
            max_examples=3 * STEPS // 2 // STEPS_EACH,
            stateful_step_count=STEPS_EACH,
            suppress_health_check=list(HealthCheck),
        ),
    )
    done = +SeatMachine.steps
    good = "ok   " if done.total() >= STEPS else "SHORT"
    print(f"\n{good} steps of the book of seats: {done.total():,} (target >= {STEPS:,})")
    print(f"  {', '.join(f'{name} {times:,}' for name, times in done.most_common())}; 0 broken")
    assert set(done) == KINDS
    assert done.total() >= STEPS
