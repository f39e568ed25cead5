"""Things to do later, in daemon threads that never keep the process from ending."""

from __future__ import annotations

import heapq
import itertools
import queue
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Timetable:
    """Calls functions at their time, on as many threads as it is given.

    A slow call keeps one thread busy, so whoever calls the network has a timetable of its own.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._due: list[tuple[float, int, Callable[..., Any], tuple[Any, ...]]] = []
        self._turn = itertools.count()
        self._change = threading.Condition()
        self._ready: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...]] | None] = (
            queue.SimpleQueue()
        )
        self._closed = False
        self._threads = threads
        threading.Thread(target=self._watch, name=f"{name}-clock", daemon=True).start()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def after(self, seconds: float, call: Callable[..., Any], *args: Any) -> None:
        """Call `call(*args)` in `seconds`; zero or less means as soon as a thread is free."""
        if seconds <= 0:
            self._ready.put((call, args))
            return
        with self._change:
            turn = next(self._turn)
            heapq.heappush(self._due, (time.monotonic() + seconds, turn, call, args))
            if self._due[0][1] == turn:
                self._change.notify()

    def close(self) -> None:
        """Start nothing more and let the threads end."""
        with self._change:
            self._closed = True
            self._change.notify()
        for _ in range(self._threads):
            self._ready.put(None)

    def _watch(self) -> None:
        with self._change:
            while not self._closed:
                if not self._due:
                    self._change.wait()
                    continue
                wait = self._due[0][0] - time.monotonic()
                if wait > 0:
                    self._change.wait(wait)
                    continue
                _, _, call, args = heapq.heappop(self._due)
                self._ready.put((call, args))

    def _work(self) -> None:
        while True:
            item = self._ready.get()
            if item is None or self._closed:
                return
            try:
                item[0](*item[1])
            except Exception:  # noqa: BLE001  one bad call must not take the thread from the rest
                traceback.print_exc(file=sys.stderr)
