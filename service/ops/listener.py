"""Listens for wake-ups as an RQ worker of which only the listening is left.

Whoever can write to Redis can forge anything in it, so what RQ does with the contents of jobs,
groups, registries and messages to workers is not done here: a wake-up rings the bell, anything
else is dropped.
"""

from __future__ import annotations

import threading
from types import FrameType

import structlog
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty

from service.outbox.wake import WakeUp, bounded_redis

AGAIN_SECONDS = 2.0
WORKER_TTL = 25
"""Seconds; RQ waits 15 less for a job before it looks around."""

log = structlog.get_logger("ops.listener")


def listen(lane: str, redis_url: str, stopping: threading.Event) -> None:
    """Pass wake-ups on while there is a Redis; try again while there is none."""
    while not stopping.is_set():
        try:
            BellRinger(lane, redis_url).work(logging_level="WARNING")
        except Exception as error:  # noqa: BLE001 - nothing in Redis may end the listening
            log.warning("no_wake_ups", lane=lane, error=type(error).__name__)
        stopping.wait(AGAIN_SECONDS)


class NoTimeLimit(BaseDeathPenalty):
    """RQ's own needs SIGALRM and the main thread; ringing a bell takes no time."""

    def setup_death_penalty(self) -> None:
        """Set nothing."""

    def cancel_death_penalty(self) -> None:
        """Have nothing to cancel."""


class BellRinger(SimpleWorker):
    """RQ's worker, on one queue only: with two it loses jobs for good when it is killed."""

    job_class = WakeUp
    death_penalty_class = NoTimeLimit

    def __init__(self, lane: str, redis_url: str) -> None:
        super().__init__(
            [lane],
            connection=bounded_redis(redis_url),
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL,
            job_class=WakeUp,
            log_job_description=False,
        )

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Ring the bell, or drop what is no wake-up; keep nothing of either."""
        try:
            job.perform()
        except Exception as error:  # noqa: BLE001 - a forged job may hold anything
            log.warning("job_dropped", error=type(error).__name__)
        with self.connection.pipeline() as pipeline:
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.delete(job.key)
            pipeline.execute()

    def run_maintenance_tasks(self) -> None:
        """Mend nothing: a lost wake-up is not missed, and what registries hold may be forged."""

    def subscribe(self) -> None:
        """Take no orders: a message on the worker's channel could stop the process."""

    def unsubscribe(self) -> None:
        """Have nothing to end."""

    def _install_signal_handlers(self) -> None:
        """Leave signals to the main thread."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Never be asked: no signal reaches this thread."""
