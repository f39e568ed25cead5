"""A worker process: sends one lane's messages, woken by RQ, and looking by itself as well.

Three kinds of threads: senders take messages from the database; a keeper writes that we are alive
and sweeps up after the dead; the main thread is an RQ worker that does nothing but ring the bell.
With Redis away the first two go on as ever.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

import structlog
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from service.outbox.deliver import Sender
from service.outbox.sweep import sweep
from service.outbox.wake import BELL, WakeUp, bounded_redis

from .beats import Heart

SWEEP_SECONDS = 5.0
FINISH_SECONDS = 20.0
"""How long a stop waits for calls to the carrier that are under way; the longest takes 10 s."""

log = structlog.get_logger("ops.lane")


class Lane:
    """The worker of one lane; `run` returns after SIGTERM or SIGINT, with nothing half sent."""

    def __init__(
        self, *, lane: str, sender: Sender, engine: Engine, threads: int, poll_seconds: float
    ) -> None:
        self._lane = lane
        self._sender = sender
        self._engine = engine
        self._threads = threads
        self._poll = poll_seconds
        self.stopping = threading.Event()

    def run(self, redis_url: str | None) -> None:
        """Send until told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        threads = [
            threading.Thread(target=self._send, name=f"sender-{n}", daemon=True)
            for n in range(self._threads)
        ]
        threads.append(threading.Thread(target=self._keep, name="keeper", daemon=True))
        for thread in threads:
            thread.start()
        log.info("started", lane=self._lane, threads=self._threads)
        if redis_url:
            self._listen(redis_url)
        self.stopping.wait()
        BELL.set()
        for thread in threads:
            thread.join(FINISH_SECONDS)
        log.info("stopped", lane=self._lane, clean=not any(t.is_alive() for t in threads))

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def _send(self) -> None:
        while not self.stopping.is_set():
            BELL.clear()
            try:
                self._sender.drain(self._lane, self.stopping.is_set)
            except SQLAlchemyError:
                log.exception("database_trouble", lane=self._lane)
                self.stopping.wait(self._poll)
            except Exception:
                # A fault of ours must not stop the lane; the message it met is swept up later.
                log.exception("sender_failed", lane=self._lane)
                self.stopping.wait(self._poll)
            BELL.wait(self._poll)

    def _keep(self) -> None:
        heart = Heart(self._engine, kind="worker", lane=self._lane)
        while not self.stopping.is_set():
            try:
                heart.beat()
                with self._engine.begin() as connection:
                    touched = sweep(connection)
                if touched:
                    log.info("swept", **touched)
                    BELL.set()
            except Exception:
                log.exception("keeper_failed", lane=self._lane)
            self.stopping.wait(SWEEP_SECONDS)
        heart.stop()

    def _listen(self, redis_url: str) -> None:
        """Be an RQ worker while there is a Redis; try again while there is none."""
        while not self.stopping.is_set():
            try:
                worker = BellRinger([self._lane], redis_url=redis_url, stopping=self.stopping)
                worker.work(logging_level="WARNING")
            except (RedisError, OSError, ValueError) as error:
                log.warning("no_wake_ups", lane=self._lane, error=type(error).__name__)
            self.stopping.wait(2.0)


class BellRinger(SimpleWorker):
    """RQ's worker, on one queue only: with two it loses jobs for good when it is killed."""

    job_class = WakeUp

    def __init__(self, queues: list[str], *, redis_url: str, stopping: threading.Event) -> None:
        self._stopping = stopping
        super().__init__(
            queues,
            connection=bounded_redis(redis_url),
            serializer=JSONSerializer,
            worker_ttl=25,
            maintenance_interval=60,
            job_class=WakeUp,
            log_job_description=False,
        )

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop the whole process, not only the listening."""
        self._stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]
