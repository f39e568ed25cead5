"""Callers over raw sockets: many connections kept alive in one thread, every answer checked."""

from __future__ import annotations

import gc
import select
import socket
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context

from bench.flows import Flow, Hop

PATIENCE = 15.0
"""Seconds without any answer after which the measurement is given up."""
PROCESSES = 2
STRIDE = 7919
"""Neighbours do not call one after another; a prime, so that all call before one calls twice."""
HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"content-length: "


class Silence(Exception):
    """The server stopped answering."""


@dataclass(slots=True)
class Tally:
    """What was answered within `seconds`; latencies in milliseconds, in order of arrival."""

    seconds: float = 0.0
    calls: int = 0
    latencies: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What was asked and what came, for every answer that was another's or no right one."""

    @property
    def hops(self) -> int:
        """How many hops were answered."""
        return len(self.latencies)

    @property
    def rate(self) -> float:
        """Hops a second."""
        return self.hops / self.seconds

    def add(self, other: Tally) -> None:
        """Take in what another process counted in the same time."""
        self.seconds = max(self.seconds, other.seconds)
        self.calls += other.calls
        self.latencies += other.latencies
        self.wrong += other.wrong


class Callers:
    """Hands out people who call one after another, each with a session of its own."""

    def __init__(self, flow: Flow, people: range) -> None:
        self._flow = flow
        self._people = people
        self._numbers = count()
        self._stamp = time.time_ns()
        self.finished = 0

    def calls(self) -> Iterator[Hop]:
        """Yield hop after hop of call after call, for one connection."""
        while True:
            number = next(self._numbers)
            caller = self._people[number * STRIDE % len(self._people)]
            yield from self._flow.call(caller, f"ATUid_{self._stamp:016x}{caller:08x}{number:08x}")
            self.finished += 1


class Line:
    """One connection, on which one caller after another makes a call."""

    def __init__(self, port: int, hops: Iterator[Hop]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._hops = hops
        self._got = b""
        self.hop: Hop | None = None
        self.due: deque[float] = deque()
        """When the hops that wait for this line should have been sent."""
        self.since = 0.0

    def ask(self, since: float) -> None:
        """Send the next hop, whose waiting began at `since`."""
        self.since = since
        self.hop = next(self._hops)
        self.socket.sendall(self.hop.request)

    def answer(self) -> bytes | None:
        """Return the body when all of it has come."""
        more = self.socket.recv(65536)
        if not more:
            raise Silence("the server closed a connection")
        self._got += more
        head, ends, body = self._got.partition(HEAD_ENDS)
        if not ends:
            return None
        _, _, length = head.lower().partition(LENGTH)
        if len(body) < int(length.partition(b"\r")[0]):
            return None
        self._got = b""
        return body if head.startswith(b"HTTP/1.1 200 ") else head

    def check(self, body: bytes, tally: Tally) -> None:
        """Note an answer and whether it is the right one."""
        assert self.hop is not None
        if not self.hop.fits(body):
            tally.wrong.append(f"{self.hop.request[-200:]!r} -> {body[:200]!r}")
        self.hop = None


def closed(
    flow: Flow, port: int, people: range, *, connections: int, seconds: float, most: int = 0
) -> Tally:
    """Keep `connections` hops in flight, over several processes, for so long or until `most`."""
    begin = time.monotonic() + 0.3
    processes = min(PROCESSES, connections)
    parts = [people[n::processes] or people for n in range(processes)]
    each = connections // processes
    total = Tally()
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        running = [
            pool.submit(
                _closed, Callers(flow, part), port, each, (begin, seconds), most // processes
            )
            for part in parts
        ]
        for one in running:
            total.add(one.result())
    return total


def _closed(
    callers: Callers, port: int, connections: int, when: tuple[float, float], most: int
) -> Tally:
    gc.disable()
    tally = Tally()
    poll, lines = _connected(port, connections, callers)
    begin, seconds = when
    time.sleep(max(0.0, begin - time.monotonic()))
    for line in lines.values():
        line.ask(time.monotonic())
    now = begin
    while now < begin + seconds and not 0 < most <= tally.hops:
        ready = poll.poll(PATIENCE)
        if not ready:
            raise Silence(f"no answer for {PATIENCE:g} s")
        for number, _ in ready:
            line = lines[number]
            body = line.answer()
            if body is None:
                continue
            now = time.monotonic()
            tally.latencies.append((now - line.since) * 1000)
            line.check(body, tally)
            line.ask(now)
    tally.seconds, tally.calls = now - begin, callers.finished
    _hang_up(lines)
    return tally


def steady(
    flow: Flow, port: int, people: range, *, connections: int, rate: float, seconds: float
) -> Tally:
    """Send at a constant rate whatever the answers do; a hop waits from its scheduled time on."""
    callers, tally = Callers(flow, people), Tally(seconds=seconds)
    poll, lines = _connected(port, connections, callers)
    begin, total = time.monotonic() + 0.1, int(rate * seconds)
    schedule = deque((begin + n / rate, n % connections) for n in range(total))
    by_turn = list(lines.values())
    gc.collect()
    gc.disable()
    try:
        while tally.hops < total:
            now = time.monotonic()
            while schedule and schedule[0][0] <= now:
                due, turn = schedule.popleft()
                by_turn[turn].due.append(due)
                _go_on(by_turn[turn])
            wait = schedule[0][0] - time.monotonic() if schedule else PATIENCE
            # epoll counts its time-out in whole milliseconds; select on it is finer
            if select.select([poll], [], [], max(0.0, wait))[0]:
                _take_answers(poll, lines, tally)
            elif not schedule:
                raise Silence(f"no answer for {PATIENCE:g} s")
    finally:
        gc.enable()
        _hang_up(lines)
    tally.calls = callers.finished
    return tally


def _take_answers(poll: select.epoll, lines: dict[int, Line], tally: Tally) -> None:
    for number, _ in poll.poll(0):
        line = lines[number]
        body = line.answer()
        if body is not None:
            tally.latencies.append((time.monotonic() - line.since) * 1000)
            line.check(body, tally)
            _go_on(line)


def _go_on(line: Line) -> None:
    if line.hop is None and line.due:
        line.ask(line.due.popleft())


def _connected(
    port: int, connections: int, callers: Callers
) -> tuple[select.epoll, dict[int, Line]]:
    poll, lines = select.epoll(), {}
    for _ in range(connections):
        line = Line(port, callers.calls())
        lines[line.socket.fileno()] = line
        poll.register(line.socket, select.EPOLLIN)
    return poll, lines


def _hang_up(lines: dict[int, Line]) -> None:
    for line in lines.values():
        line.socket.close()
