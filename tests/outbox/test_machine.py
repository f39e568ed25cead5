"""Runs the state machine; MACHINE_EXAMPLES asks for a longer run."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.outbox.kit import Box
from tests.outbox.machine import OutboxMachine

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "50"))
PHASES = [Phase.generate] if "MACHINE_EXAMPLES" in os.environ else list(Phase)
"""A long run only wants to know whether there is a fault, not its shortest form."""


@pytest.mark.timeout(900)
def test_the_outbox_is_right_whatever_happens_in_whatever_order(box: Box) -> None:
    machine = type("Machine", (OutboxMachine,), {"box": box})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )
