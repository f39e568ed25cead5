"""RQ's failed jobs, read with care: whoever can write to Redis can forge all of what stands there.

So no job is loaded: of each a few fields are read, if it is small, a compressed one is unpacked so
far only, and what is shown is plain text.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis import Redis
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.results import Result
from rq.utils import utcparse

from service.outbox.classes import LANES
from service.outbox.wake import WAKE_UP
from service.text.mask import mask_numbers

LARGEST = 16_384
"""Bytes that a key may take in Redis to be read here."""
SHOWN = 160
JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
QUEUE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that failed."""

    queue: str
    its_id: str
    """Empty for what no job's id can be."""
    enqueued_at: datetime | None
    function: str
    """Empty where what stands in Redis is no job of ours, or a very large one."""
    last_line: str
    """Of what it failed with."""

    @property
    def is_ours(self) -> bool:
        """Whether it is a wake-up: the only work there is, and all that is ever run."""
        return self.function == WAKE_UP and self.queue in LANES


def is_named(queue: str, its_id: str) -> bool:
    """Say whether these can be the names of a queue and of a job."""
    return bool(QUEUE_NAME.fullmatch(queue) and JOB_ID.fullmatch(its_id))


def find_failed(redis: Redis, queue: str, its_id: str) -> FailedJob | None:
    """Return a failed job; None when there is none. Raises RedisError when Redis is away."""
    if not is_named(queue, its_id):
        return None
    if redis.zscore(FailedJobRegistry(queue, connection=redis).key, its_id) is None:
        return None
    return read_failed(redis, [(queue, its_id)])[0]


def read_failed(redis: Redis, which: Sequence[tuple[str, str]]) -> list[FailedJob]:
    """Read failed jobs by their queues and ids, by two round trips."""
    jobs = {its_id: Job.key_for(its_id) for queue, its_id in which if is_named(queue, its_id)}
    results = {its_id: results_key(its_id) for its_id in jobs}
    small = small_of(redis, [*jobs.values(), *results.values()])
    with redis.pipeline(transaction=False) as pipeline:
        for its_id, key in jobs.items():
            pipeline.hmget(key if key in small else "-", "enqueued_at", "data")
            pipeline.xrevrange(results[its_id] if results[its_id] in small else "-", count=1)
        told = iter(pipeline.execute(raise_on_error=False) if jobs else [])
    read = {its_id: (next(told), next(told)) for its_id in jobs}
    return [_failed(queue, its_id, *read.get(its_id, (None, None))) for queue, its_id in which]


def small_of(redis: Redis, keys: Sequence[str]) -> frozenset[str]:
    """Return those keys whose values are small enough to be read, by one round trip."""
    with redis.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.memory_usage(key)
        sizes = pipeline.execute(raise_on_error=False) if keys else []
    return frozenset(
        key
        for key, size in zip(keys, sizes, strict=True)
        if isinstance(size, int) and size <= LARGEST
    )


def plain(told: object, most: int = SHOWN) -> str:
    """Return what stands in Redis as one short line in which nothing is hidden or turned around."""
    if isinstance(told, bytes):
        told = told[: 4 * most].decode(errors="replace")
    line = "".join(sign if sign.isprintable() else " " for sign in str(told or ""))
    return mask_numbers(" ".join(line.split())[:most])


def key_named(told: object) -> str:
    """Return a key or an id as it stands in Redis; empty for what is no plain short line.

    It is asked for, not shown: hidden digits, as in an id that looks like a number, find nothing.
    """
    text = told.decode(errors="replace") if isinstance(told, bytes) else ""
    return text if len(text) <= SHOWN and text.isascii() and text.isprintable() else ""


def moment(told: object) -> datetime | None:
    """Return a moment as RQ writes it; None for anything else."""
    try:
        return utcparse(told.decode()) if isinstance(told, bytes) else None
    except ValueError:
        return None


def _failed(queue: str, its_id: str, fields: Any, newest: Any) -> FailedJob:
    enqueued_at, data = fields if isinstance(fields, list) else (None, None)
    shown = its_id if is_named(queue, its_id) else ""
    return FailedJob(queue, shown, moment(enqueued_at), function_of(data), _last_line(newest))


def function_of(data: object) -> str:
    """Return the name of the function that a job would call, without loading the job."""
    try:
        called = json.loads(_unpacked(data if isinstance(data, bytes) else b""))
    except (ValueError, RecursionError):
        return ""
    return plain(called[0]) if isinstance(called, list) and called else ""


def _last_line(results: object) -> str:
    """Return the last line of what a job failed with, from the newest of its results."""
    try:
        fields: Mapping[bytes, bytes] = results[0][1]  # type: ignore[index]
        told = _unpacked(b64decode(fields[b"exc_string"], validate=True))
    except (IndexError, KeyError, TypeError, ValueError):
        return ""
    lines: Iterable[str] = reversed(told.decode(errors="replace").splitlines())
    return plain(next((line for line in lines if line.strip()), ""))


def _unpacked(data: bytes) -> bytes:
    """Unpack what may be packed, no further than LARGEST: a few bytes may hold gigabytes."""
    try:
        return zlib.decompressobj().decompress(data, LARGEST)
    except zlib.error:
        return data


def results_key(its_id: str) -> str:
    """Return where the results of a job stand."""
    key: str = Result.get_key(its_id)  # type: ignore[no-untyped-call]
    return key
