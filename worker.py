"""Starts the worker of one lane: `python worker.py reply`."""

from __future__ import annotations

import sys

from service.logs import start_logging
from service.ops.lane import Lane
from service.ops.trim import give_back_memory
from service.outbox.classes import LANES
from service.runtime import runtime_from_environment


def main(names: list[str]) -> None:
    """Run the worker of the queue named; RQ loses jobs when one worker listens on two."""
    if len(names) != 1 or names[0] not in LANES:
        sys.exit(f"worker.py takes one queue of: {', '.join(LANES)}")
    runtime = runtime_from_environment(f"worker {names[0]}")
    start_logging(runtime.settings.log_level)
    lane = Lane(
        lane=names[0],
        senders=runtime.senders,
        engine=runtime.engine,
        threads=runtime.settings.sender_threads,
        poll_seconds=runtime.settings.poll_seconds,
        watchman=runtime.watchman(),
    )
    give_back_memory()
    lane.run(runtime.settings.redis_url or None)


if __name__ == "__main__":
    main(sys.argv[1:])
