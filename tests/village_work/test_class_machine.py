"""Runs the machine of a class on the real database; CLASS_STEPS asks for a longer run."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from structlog.testing import capture_logs

from tests.village import TimedWorld
from tests.village_work.class_machine import ClassMachine

STEPS_EACH = 30
STEPS = int(os.environ.get("CLASS_STEPS", "300"))


@pytest.mark.timeout(900)
def test_whatever_people_do_the_database_holds_what_a_page_long_model_does(
    session_timed: TimedWorld,
) -> None:
    machine = type("Machine", (ClassMachine,), {"world": session_timed})
    ClassMachine.steps.clear()
    with capture_logs():  # some answers are withheld from people who text all day
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=max(1, STEPS // STEPS_EACH),
                stateful_step_count=STEPS_EACH,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],  # every step takes a real database
            ),
        )
    done = +ClassMachine.steps
    print(f"\n{done.total():,} steps of a class on the database: {dict(done)}; 0 otherwise")
    assert {"LOP 12", "HUY LOP 12", "1", "wait", "look", "resize"} <= set(done)
