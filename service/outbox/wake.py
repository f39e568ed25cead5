"""Wake-ups through Redis. They only cut the wait: a worker looks into the database by itself too.

Nothing but a lane's name is ever put into Redis, so a flush loses nothing and a leak tells nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

REDIS_SECONDS = 0.25
"""Longest a wake-up may make a caller wait; redis-py's own default waited over 40 s."""
BREAKER_SECONDS = 10.0
"""How long no wake-up is tried after one failed."""
ENOUGH_QUEUED = 2
"""Wake-ups that may wait in a queue; one more would wake nobody earlier."""
WAKE_UP = "service.outbox.wake.wake"
"""The one job there is."""

BELL = threading.Event()
"""Rung in a worker process when a wake-up arrives; its senders wait for it."""

log = structlog.get_logger("outbox.wake")


def wake(lane: str) -> None:
    """Ring the bell of this worker process; the whole content of a wake-up."""
    log.debug("woken", lane=lane)
    BELL.set()


class ForbiddenJob(Exception):
    """Somebody put a job that is not ours into Redis; it is not run."""


class WakeUp(Job):
    """A job that can only be our own wake-up.

    RQ imports and calls whatever name stands in Redis; whoever can write to Redis could run
    `os.system`. This class refuses every other name and all callbacks.
    """

    @property
    def func(self) -> Callable[..., object]:
        """Return the wake-up's function; raise ForbiddenJob for any other name."""
        if self.func_name != WAKE_UP or self.instance is not None:
            raise ForbiddenJob("a job that is not a wake-up")
        return wake

    success_callback = failure_callback = stopped_callback = None

    def send_webhooks(self, status: object, *, exc_string: str | None = None) -> None:
        """Send nothing: a webhook in Redis is not ours either."""


def bounded_redis(url: str) -> Redis:
    """Make a client that never keeps a caller waiting longer than REDIS_SECONDS."""
    return Redis.from_url(
        url,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


class Waker:
    """Wakes the workers of a lane; never fails and never waits long."""

    def __init__(self, url: str) -> None:
        self._redis = bounded_redis(url)
        self._queues: dict[str, Queue] = {}
        self._closed_until = 0.0
        self._lock = threading.Lock()
        self.failures = 0

    def wake(self, lane: str) -> None:
        """Ask for a look into the outbox; when Redis is away, say nothing for a while."""
        if time.monotonic() < self._closed_until:
            return
        try:
            queue = self._queue(lane)
            if self._redis.llen(queue.key) >= ENOUGH_QUEUED:
                return
            queue.enqueue_call(WAKE_UP, args=(lane,), result_ttl=0, failure_ttl=60, timeout=30)
        except Exception as error:  # noqa: BLE001 - what it would tell of is committed already
            self._closed_until = time.monotonic() + BREAKER_SECONDS
            self.failures += 1
            log.warning("wake_up_lost", lane=lane, error=type(error).__name__)

    def _queue(self, lane: str) -> Queue:
        with self._lock:
            if lane not in self._queues:
                self._queues[lane] = Queue(
                    lane, connection=self._redis, job_class=WakeUp, serializer=JSONSerializer
                )
            return self._queues[lane]
