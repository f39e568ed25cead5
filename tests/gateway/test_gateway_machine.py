"""Runs the villagers' state machine; VILLAGER_STEPS asks for a longer run and prints its figures."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from structlog.testing import capture_logs

from tests.gateway.villager_machine import VillagerMachine
from tests.village import World

STEPS_EACH = 50
STEPS = int(os.environ.get("VILLAGER_STEPS", "600"))


@pytest.mark.timeout(900)
def test_whatever_villagers_do_nothing_is_lost_doubled_or_crossed(session_world: World) -> None:
    machine = type("Machine", (VillagerMachine,), {"world": session_world})
    VillagerMachine.steps.clear()
    with capture_logs():  # many replies are withheld from people who text all day
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=max(1, STEPS // STEPS_EACH),
                stateful_step_count=STEPS_EACH,
                suppress_health_check=list(HealthCheck),
                phases=[
                    Phase.generate
                ],  # every step takes a real database; the least one takes long
            ),
        )
    done = +VillagerMachine.steps
    print(f"\n{sum(done.values())} steps: {dict(done)}; 0 lost, 0 doubled, 0 crossed")
    assert {"dial", "key", "drop", "resumed", "duplicate", "text", "filed"} <= set(done)
