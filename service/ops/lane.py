"""A worker process: sends one lane's messages, woken by RQ, and looking by itself as well.

Senders, one for each carrier, take messages from the database; a keeper writes that we are alive
and sweeps up after the dead; a listener is an RQ worker that does nothing but ring the bell. With
Redis away the others go on as ever. A watchman looks after all the others, here as in every
process, so that whatever dies somebody is left who sees it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from service.outbox.deliver import Sender
from service.outbox.sweep import sweep
from service.outbox.wake import BELL

from .beats import Heart
from .listener import listen
from .stop_signals import StopSignals
from .watchman import Watchman

SWEEP_SECONDS = 5.0
FINISH_SECONDS = 20.0
"""How long a stop waits for calls to the carrier that are under way; the longest takes 10 s."""

log = structlog.get_logger("ops.lane")


class Lane:
    """The worker of one lane; `run` returns after SIGTERM or SIGINT, with nothing half sent."""

    def __init__(
        self,
        *,
        lane: str,
        senders: Sequence[Sender],
        engine: Engine,
        threads: int,
        poll_seconds: float,
        watchman: Watchman | None = None,
    ) -> None:
        self._lane = lane
        self._senders = senders
        self._engine = engine
        self._threads = threads
        self._poll = poll_seconds
        self._watchman = watchman
        self.stopping = threading.Event()

    def run(self, redis_url: str | None) -> None:
        """Send until told to stop; to be called in the main thread."""
        with StopSignals() as signals:
            workers = [self._thread(f"sender-{n}", self._send) for n in range(self._threads)]
            workers.append(self._thread("keeper", self._keep))
            if self._watchman is not None:
                self._thread("watchman", self._watchman.run, self.stopping)
            if redis_url:
                self._thread("listener", listen, self._lane, redis_url, self.stopping)
            log.info("started", lane=self._lane, threads=self._threads)
            while not signals.asked and not self.stopping.is_set():
                signals.wait(1.0)
            self.stopping.set()
            self._finish(workers)

    @staticmethod
    def _thread(name: str, target: Callable[..., None], *args: object) -> threading.Thread:
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)
        thread.start()
        return thread

    def _finish(self, workers: Sequence[threading.Thread]) -> None:
        """Wait for what is being sent; the listener holds nothing and is left behind."""
        until = time.monotonic() + FINISH_SECONDS
        while any(worker.is_alive() for worker in workers) and time.monotonic() < until:
            BELL.set()
            time.sleep(0.02)
        clean = not any(worker.is_alive() for worker in workers)
        log.info("stopped", lane=self._lane, clean=clean)

    def _send(self) -> None:
        while not self.stopping.is_set():
            BELL.clear()
            try:
                for sender in self._senders:
                    sender.drain(self._lane, self.stopping.is_set)
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
                touched = sweep(self._engine)
                if touched:
                    log.info("swept", **touched)
                    BELL.set()
            except Exception:
                log.exception("keeper_failed", lane=self._lane)
            self.stopping.wait(SWEEP_SECONDS)
        heart.stop()
