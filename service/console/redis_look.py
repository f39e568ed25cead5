"""What stands in Redis and in RQ's registries, looked at from outside.

Nothing is tidied up by looking, as RQ's own counting does, and nothing is believed: names are
shown where they can be names, counts where they are counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.registry import (
    DeferredJobRegistry,
    FailedJobRegistry,
    FinishedJobRegistry,
    ScheduledJobRegistry,
    StartedJobRegistry,
)

from service.outbox.classes import LANES

from .failed_jobs import QUEUE_NAME, FailedJob, key_named, moment, plain, read_failed, small_of

REGISTRIES = {
    "started": StartedJobRegistry, "failed": FailedJobRegistry, "deferred": DeferredJobRegistry,
    "scheduled": ScheduledJobRegistry, "finished": FinishedJobRegistry,
}  # fmt: skip
MOST_QUEUES, MOST_WORKERS, MOST_FAILED = 20, 30, 20
QUEUE, WORKER = Queue.redis_queue_namespace_prefix, Worker.redis_worker_namespace_prefix
OF_WORKERS = ("hostname", "pid", "state", "queues", "birth", "last_heartbeat")

log = structlog.get_logger("console.redis")


@dataclass(frozen=True, slots=True)
class QueueLook:
    """A queue: how many wait in it, and how many stand in each registry of it."""

    name: str
    waiting: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WorkerLook:
    """A worker as it has written itself down."""

    host: str
    pid: str
    state: str
    queues: str
    since: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class RedisLook:
    """What there is in Redis."""

    version: str
    bytes: int
    most_bytes: int
    """0 where no limit is set."""
    clients: int
    queues: Sequence[QueueLook]
    workers: Sequence[WorkerLook]
    workers_in_all: int
    failed: Sequence[FailedJob]


def look_into(redis: Redis | None) -> RedisLook | None:
    """Look, by six round trips of a quarter of a second at most; None when it is away.

    The first that gets no answer is the last that is made.
    """
    if redis is None:
        return None
    try:
        return _look(redis)
    except RedisError as error:
        log.warning("redis_away", error=type(error).__name__)
        return None


def _look(redis: Redis) -> RedisLook:
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.info()
        pipeline.srandmember(Queue.redis_queues_keys, MOST_QUEUES)
        pipeline.srandmember(Worker.redis_workers_keys, MOST_WORKERS)
        pipeline.scard(Worker.redis_workers_keys)
        info, queue_keys, worker_keys, workers = pipeline.execute(raise_on_error=False)
    about = info if isinstance(info, dict) else {}
    named = {key_named(key).removeprefix(QUEUE) for key in _list(queue_keys)} - set(LANES)
    others = sorted(name for name in named if QUEUE_NAME.fullmatch(name))
    queues, failed = _queues(redis, [*LANES, *others])
    return RedisLook(
        version=_version(about),
        bytes=_count(about.get("used_memory")),
        most_bytes=_count(about.get("maxmemory")),
        clients=_count(about.get("connected_clients")),
        queues=queues,
        workers=_workers(redis, [key_named(key) for key in _list(worker_keys)]),
        workers_in_all=_count(workers),
        failed=read_failed(redis, failed),
    )


def _queues(redis: Redis, names: Sequence[str]) -> tuple[list[QueueLook], list[tuple[str, str]]]:
    """Return the queues, and queue and id of the newest failed jobs."""
    with redis.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.llen(f"{QUEUE}{name}")
            for kind in REGISTRIES.values():
                pipeline.zcard(kind(name, connection=redis).key)
            key = FailedJobRegistry(name, connection=redis).key
            pipeline.zrevrange(key, 0, MOST_FAILED - 1, withscores=True)
        told = iter(pipeline.execute(raise_on_error=False))
    looks: list[QueueLook] = []
    failed: list[tuple[float, str, str]] = []
    for name in names:
        waiting = _count(next(told))
        looks.append(QueueLook(name, waiting, {kind: _count(next(told)) for kind in REGISTRIES}))
        failed += [(score, name, key_named(its_id)) for its_id, score in _list(next(told))]
    newest = sorted(failed, reverse=True)[:MOST_FAILED]
    return looks, [(name, its_id) for _, name, its_id in newest]


def _workers(redis: Redis, keys: Sequence[str]) -> list[WorkerLook]:
    small = sorted(small_of(redis, [key for key in keys if key.startswith(WORKER)]))
    with redis.pipeline(transaction=False) as pipeline:
        for key in small:
            pipeline.hmget(key, *OF_WORKERS)
        rows = pipeline.execute(raise_on_error=False) if small else []
    looks = []
    for row in rows:
        if isinstance(row, list):
            host, pid, state, queues = (plain(one, 60) for one in row[:4])
            looks.append(WorkerLook(host, pid, state, queues, moment(row[4]), moment(row[5])))
    return sorted(looks, key=lambda look: (look.queues, look.host, look.pid))


def _version(info: Mapping[str, Any]) -> str:
    if "valkey_version" in info:
        return plain(f"Valkey {info['valkey_version']}")
    return plain(f"Redis {info.get('redis_version', '?')}")


def _list(told: Any) -> list[Any]:
    """Return an answer that is a list; nothing where a key is of another kind than RQ makes it."""
    return told if isinstance(told, list) else []


def _count(told: Any) -> int:
    return told if isinstance(told, int) else 0
