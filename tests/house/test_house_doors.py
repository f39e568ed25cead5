"""Every address of the web process is one we know of; every lane is worked, every worker has one."""

from __future__ import annotations

from service.ops.procfile import read_procfile
from service.outbox.classes import LANES, RULES
from tests.house.source import ROOT
from tests.village import World

DOORS = {
    "/gateway/<carrier>/<secret>/<door>": "the secret in it",
    "/healthz": "anybody: says nothing but that the process lives",
    "/metrics": "METRICS_TOKEN; figures, no number and no name",
    "/readyz": "anybody: states and ages, no number and no name",
}
"""Every route and what keeps it: a new one has to be thought about here."""


def test_every_route_is_a_known_door(session_world: World) -> None:
    routes = {rule.rule for rule in session_world.client.application.url_map.iter_rules()}
    assert routes == set(DOORS)


def test_every_lane_has_a_worker_and_every_worker_a_lane() -> None:
    lines = read_procfile(ROOT / "Procfile")
    workers = {name: line for name, line in lines.items() if "worker.py" in line}
    assert {line.split()[-1] for line in workers.values()} == set(LANES)
    assert sorted(workers) == sorted(f"worker-{lane}" for lane in LANES)
    for line in workers.values():
        assert line.split()[-2:][0].endswith("worker.py"), (
            "one queue a worker: with two RQ loses jobs"
        )
    assert set(lines) == {"release", "web", "console", "clock", *workers}


def test_every_class_of_message_has_a_lane() -> None:
    assert {rules.lane for rules in RULES.values()} == set(LANES)
