"""How dear a hop of a call is: `make bench-hop`. Prints figures beside targets; 1 when short.

The service runs as the Procfile says, one web worker with one core to itself; PostgreSQL, Valkey
and the callers share the others. The floor is a bare Flask hello on the same server and core,
asked with the same bytes, in turn with the service.
"""

from __future__ import annotations

import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from bench.flows import Flow, Flows
from bench.load import PROCESSES, Tally, closed, steady
from bench.report import Report, p99, rounds
from bench.seed import PEOPLE, seed
from bench.servers import SECRET, Web, databases, share_out_cores, webs
from service.menus import read_menus
from service.ops.migrate import migrate
from service.records.engine import make_engine

LEAST_SHARE = 0.22
MOST_P99 = 20.0
MOST_IDLE_RATIO = 1.5

ROUNDS = 5
SECONDS = 2.0
"""Length of one window at full speed."""
IN_FLIGHT = 16
CROSSING = 32
CROSSED_HOPS = 10_000
RATE = 300.0
CALLERS = 200
STEADY_ROUNDS = 4
STEADY_SECONDS = 5.0
IDLE = 64

OPENED = text("SELECT count(*), count(DISTINCT phone_id) FROM help_requests WHERE state = 'open'")
ONLY_LOOK = range(PEOPLE // 2, PEOPLE)
"""Who only looks at screens; a call for help that breaks off changes what its caller sees next."""
ASK_FOR_HELP = 2000
"""Who asks for help in one window; never again in a later one."""


class Bench:
    """The measurements, on servers that run."""

    def __init__(self, service: Web, hello: Web, flows: Flows, report: Report) -> None:
        self._service, self._hello, self._flows, self._report = service, hello, flows, report
        self._first = 0
        self.wrong: list[str] = []
        self.checked = 0
        self.helped = 0
        self.unread = 0
        """Answers at most that nobody waited for when a window ended."""

    def share(self) -> None:
        """Compare full speed with the floor, in turn, the order reversed each second round."""
        flows = [self._flows.hello, self._flows.screens, self._flows.help, self._flows.classes]
        rates: dict[str, list[float]] = {flow.name: [] for flow in flows}
        costs: dict[str, list[float]] = {flow.name: [] for flow in flows}
        for flow in flows:
            self._at_full_speed(flow, 1.0)
        for number in range(ROUNDS):
            for flow in flows if number % 2 == 0 else reversed(flows):
                before = self._web(flow).cpu()
                tally = self._at_full_speed(flow, SECONDS)
                used = self._web(flow).cpu() - before
                rates[flow.name].append(tally.rate)
                costs[flow.name].append(used / tally.hops * 1e6)
        floor, screens, whole = (median(rates[flow.name]) for flow in flows[:3])
        for flow in flows:
            name = flow.name
            self._report.say(
                f"{name}: {median(rates[name]):,.0f} hops/s (rounds {rounds(rates[name])});"
                f" {median(costs[name]):.0f} us of processor time a hop,"
                f" {median(costs[name]) * median(rates[name]) / 1e4:.0f} % of its core"
            )
        self._report.say(
            f"whole call for help: {whole / 6:,.0f} calls/s, {whole / floor:.3f} of it"
        )
        self._report.figure(
            "hop as share of a bare Flask hello", screens / floor, "", least=LEAST_SHARE
        )

    def steadiness(self) -> None:
        """Measure the wait at a constant rate, with and without connections that say nothing."""
        self._steady(self._flows.screens, 2.0)
        plain: list[Tally] = []
        beside: list[Tally] = []
        left = IDLE
        for number in range(STEADY_ROUNDS):
            for idle in (False, True) if number % 2 == 0 else (True, False):
                with _silent(self._service.port, IDLE if idle else 0) as silent:
                    tally = self._steady(self._flows.screens, STEADY_SECONDS)
                    left = min(left, sum(map(_is_open, silent))) if idle else left
                (beside if idle else plain).append(tally)
        everything = [wait for tally in plain for wait in tally.latencies]
        whole = self._steady(self._flows.help, STEADY_SECONDS).latencies
        self._report.say(
            f"at {RATE:g} hops/s: p50 {median(everything):.2f} ms, longest {max(everything):.1f} ms"
        )
        self._report.say(
            f"whole calls for help at the same rate: p50 {median(whole):.2f} ms,"
            f" p99 {p99(whole):.1f} ms"
        )
        self._report.figure("p99 at 300 hops/s", p99(everything), "ms", most=MOST_P99)
        self._report.say(f"{left} of {IDLE} silent connections were still open at the end")
        for name, measure in (("median", median), ("p99", p99)):
            with_, without = ([measure(t.latencies) for t in those] for those in (beside, plain))
            self._report.say(
                f"{name}: beside them {rounds(with_, 2)} ms, alone {rounds(without, 2)}"
            )
            ratio = median(with_) / median(without)
            self._report.figure(
                f"{name} beside {IDLE} idle connections", ratio, "x", most=MOST_IDLE_RATIO
            )

    def crossing(self) -> None:
        """Have 10,000 hops answered with 32 in flight, half of them of calls with effects."""
        for flow in (self._flows.screens, self._flows.help):
            tally = closed(
                flow,
                self._service.port,
                self._people(flow),
                connections=CROSSING,
                seconds=60.0,
                most=CROSSED_HOPS // 2,
            )
            self._note(flow, tally)
        for example in self.wrong[:3]:
            self._report.say(example)
        self._report.figure(
            f"wrong or crossed answers among {self.checked:,}", len(self.wrong), "", most=0
        )

    def books(self, engine: Engine) -> None:
        """Compare the requests that callers were told of with those in the database."""
        with engine.connect() as connection:
            kept, phones = connection.execute(OPENED).one()
        most = self.helped + self.unread
        off = max(0, self.helped - phones) + max(0, kept - most) + kept - phones
        self._report.figure(f"requests lost or doubled among {self.helped:,}", off, "", most=0)

    def _web(self, flow: Flow) -> Web:
        return self._hello if flow is self._flows.hello else self._service

    def _people(self, flow: Flow) -> range:
        if flow is not self._flows.help:
            return ONLY_LOOK
        self._first += ASK_FOR_HELP
        assert self._first <= ONLY_LOOK.start, "nobody is left who has not asked for help"
        return range(self._first - ASK_FOR_HELP, self._first)

    def _at_full_speed(self, flow: Flow, seconds: float) -> Tally:
        tally = closed(
            flow,
            self._web(flow).port,
            self._people(flow),
            connections=IN_FLIGHT,
            seconds=seconds,
        )
        return self._note(flow, tally)

    def _steady(self, flow: Flow, seconds: float) -> Tally:
        tally = steady(
            flow,
            self._service.port,
            self._people(flow),
            connections=CALLERS,
            rate=RATE,
            seconds=seconds,
        )
        return self._note(flow, tally)

    def _note(self, flow: Flow, tally: Tally) -> Tally:
        self.wrong += tally.wrong
        self.checked += tally.hops
        if flow is self._flows.help:
            self.helped += tally.calls
            self.unread += CROSSING
        return tally


@contextmanager
def _silent(port: int, number: int) -> Iterator[list[socket.socket]]:
    """Hold connections on which nothing is ever said."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            for _ in range(number)
        ]


def _is_open(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def main() -> int:
    """Run everything; return the exit code."""
    report = Report("A hop of a call")
    cores = share_out_cores()
    if cores is None:
        sys.exit("This needs two cores at least: one for the web process, one for the rest.")
    with tempfile.TemporaryDirectory(prefix="caunoi-bench-") as name, ExitStack() as stack:
        Path(name).chmod(0o711)
        settings = stack.enter_context(databases(Path(name)))
        migrate(settings.database_url)
        engine = make_engine(settings.database_url, name="bench", pool_size=1, statement_seconds=60)
        stack.callback(engine.dispose)
        places = seed(engine)
        report.say(f"{PEOPLE:,} people with phones in {len(places):,} hamlets")
        report.say(f"callers: {PROCESSES} Python processes over raw sockets, off the web's core")
        service, hello = stack.enter_context(webs(cores, settings))
        address = f"/gateway/{settings.carrier}/{SECRET}/ussd"
        flows = Flows(read_menus().texts, address, settings.ussd_code, places)
        bench = Bench(service, hello, flows, report)
        bench.share()
        bench.steadiness()
        bench.crossing()
        bench.books(engine)
        report.say(
            f"web process {service.resident():.0f} MB resident, hello {hello.resident():.0f}"
        )
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
