"""How much of everything a run has."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run; with the same seed the same things are asked for at the same moments."""

    seed: int = 1
    messages: int = 10_000
    calls: int = 1_400
    """Requests made by USSD."""
    texts: int = 600
    """Requests made by SMS."""
    villagers: int = 1_250
    hamlets: int = 40
    load_seconds: float = 150.0
    """How long the load lasts, and the blows with it."""

    web_kills: int = 3
    web_child_kills: int = 8
    worker_kills: int = 33
    clock_kills: int = 6
    flushes: int = 3
    valkey_kills: int = 2
    postgres_stops: int = 2
    pauses: int = 3
    pause_seconds: float = 35.0

    carrier_share: float = 0.06
    """Of the sends that meet a fault at the carrier."""
    slow_share: float = 0.3
    """Of the sends that the carrier answers byte by byte, so that blows find some under way."""
    hangs: bool = True
    """Whether some of those faults are answers that come too late."""

    drain_seconds: float = 150.0
    """Longest wait, after the load, for what is due to leave."""
    quiet_seconds: float = 70.0
    """Wait between the last fault and the verdict."""
    leaps: bool = False
    """Move the database's clock on instead of waiting for leases to run out."""

    extra_workers: tuple[str, ...] = ("reply", "bulk")
    """Lanes that get a second worker."""
    threads: int = 4
    """Senders of a worker."""
    most_recipients: int = 20
    """Most numbers in one call to the carrier."""

    @property
    def kills(self) -> int:
        """How many processes get a kill -9."""
        return self.web_kills + self.web_child_kills + self.worker_kills + self.clock_kills

    def to_file(self, path: Path) -> None:
        """Write the plan for another process."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def from_file(cls, path: Path) -> Plan:
        """Read what to_file wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**data, "extra_workers": tuple(data["extra_workers"])})


def short(seed: int) -> Plan:
    """Return a run of half a minute, for `make test`."""
    return replace(
        Plan(seed=seed),
        messages=500,
        calls=30,
        texts=15,
        villagers=30,
        hamlets=4,
        load_seconds=7.0,
        web_kills=1,
        web_child_kills=1,
        worker_kills=4,
        clock_kills=1,
        flushes=1,
        valkey_kills=0,
        postgres_stops=1,
        pauses=0,
        carrier_share=0.2,
        slow_share=0.6,
        hangs=False,
        drain_seconds=40.0,
        quiet_seconds=20.0,
        leaps=True,
        extra_workers=(),
    )
