"""How quick the console is among a year of everything: `make bench-console`.

Builds 5,000,000 messages, 200,000 requests and 130,000 people, and a small database beside them.
Then the console runs as users get it (granian, one worker), somebody of each role signs in, and
every page there is gets asked for again and again: plain, filtered, further back and empty. Times
are those on the wire of this machine, so granian's own share is in them. Statements are counted in
the same application run within this process, on the large and on the small database.

    python -m bench.console [--messages N] [--times N] [--folder FOLDER]

A folder that is named is kept, and used again with what is in it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from sqlalchemy import Engine, make_url, text

from bench.console_count import KEY, Counted, count
from bench.console_data import BEAT
from bench.console_fill import Size, fill, let_be_due
from bench.console_visitor import Page, Visitor
from bench.console_walk import Found, walk
from bench.report import Report, p50
from bench.servers import Web, databases
from service.console.app import make_console
from service.console.handles import seal
from service.console.secret_words import Keys
from service.console.users import add_user
from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.environment import children_environment
from service.ops.migrate import migrate
from service.records.console import Role
from service.records.engine import make_engine
from service.settings import Settings

MOST_MS, MOST_ROOM_MS, MOST_STATEMENTS, MOST_KB = 200.0, 100.0, 12, 150.0
ROOM, FLOOR = "room.glance", "/healthz"
TIMES, WARM, FEWER = 40, 2, 4
"""How often a page is asked for by the operator, and before that counts; by how many times fewer
by others, who see the same page or less of it."""
SMALL = 2_000
PEOPLE = {
    Role.OPERATOR: ("nong.an", None),
    Role.PROVINCE: ("be.chi", "04"),
    Role.COMMUNE: ("ma.binh", "01273"),
    Role.VIEWER: ("ly.xem", None),
}
SAMPLES = text("""
    SELECT (SELECT max(id) FROM messages_out) - 500 AS message,
           (SELECT msisdn FROM messages_out ORDER BY id DESC LIMIT 1) AS msisdn,
           (SELECT max(id) FROM help_requests) - 5 AS request,
           (SELECT max(number) FROM help_requests WHERE state = 'open') AS number,
           (SELECT id FROM alarms WHERE closed_at IS NULL ORDER BY id LIMIT 1) AS alarm,
           (SELECT min(id) FROM trainings) AS training,
           (SELECT max(id) FROM phones) - 500 AS phone,
           (SELECT max(id) FROM messages_in) AS text
""")
FAR_AWAY = "+84900009999"
"""A number that nobody has."""
BEAT_SECONDS = 4.0
AGAIN = """
    UPDATE console_sessions SET began_at = clock_timestamp(), seen_at = clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What one address took."""

    endpoint: str
    path: str
    role: Role
    milliseconds: list[float]
    kilobytes: float

    @property
    def p95(self) -> float:
        """The time that one in twenty exceeds."""
        return quantiles(self.milliseconds, n=20, method="inclusive")[18]


def main() -> int:
    """Build, measure, print; return 1 when a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=Size().messages)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    size = Size.of(given.messages)
    report = Report(
        f"The console among {size.messages:,} messages, {size.requests:,} requests,"
        f" {size.people:,} people"
    )
    folder = given.folder or Path(tempfile.mkdtemp(prefix="caunoi-bench-"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    try:
        if not (folder / "postgres").exists():
            build(folder, size, report)
        measure(folder, size, given.times, report)
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    return report.end()


def build(folder: Path, size: Size, report: Report) -> None:
    """Fill a large and a small database; the server writes nothing through while it does."""
    server = EmbeddedPostgres(folder / "postgres", fsync=False)
    server.start()
    began = time.monotonic()

    def say(line: str) -> None:
        report.say(f"{time.monotonic() - began:5.0f} s  {line}")

    try:
        small = _small(server.plain_url)
        with engine_of(server.plain_url) as engine, engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("CREATE DATABASE small"))
        for url, of in ((small, Size.of(SMALL)), (server.plain_url, size)):
            migrate(url)
            with engine_of(url) as engine:
                fill(engine, of, say)
    finally:
        server.stop()


def measure(folder: Path, size: Size, times: int, report: Report) -> None:
    """Ask for every page, in a quiet hour and while a notice is due; print what it took."""
    with ExitStack() as stack:
        settings = stack.enter_context(databases(folder))
        engine = stack.enter_context(engine_of(settings.database_url))
        stack.enter_context(alive(engine))
        web = Web("", None, children_environment(settings), line="console")
        stack.callback(web.stop)
        web.wait()
        visitors = {role: _let_in(engine, settings, web.port, role) for role in PEOPLE}
        pages = {role: _pages(engine, settings, visitor) for role, visitor in visitors.items()}
        report.say(f"{sum(len(p) for p in pages[Role.OPERATOR].pages.values())} addresses")
        _say_unreached(report, pages[Role.OPERATOR])
        floor = _ask(visitors[Role.OPERATOR], "", FLOOR, Role.OPERATOR, times)
        table(report, _lines(visitors, pages, times), floor, "a quiet hour")
        _weigh(report, visitors[Role.OPERATOR])
        _count(report, settings)
        let_be_due(engine, size)
        table(report, _lines(visitors, pages, times // 2), floor, f"{size.due:,} are due")


def table(report: Report, lines: list[Line], floor: Line, when: str) -> None:
    """Print what every page took, the slowest of its addresses for each role."""
    report.say(f"{when}; p50 and p95 in ms, how many times the floor ({FLOOR}"
               f" {p50(floor.milliseconds):.1f} ms), kB")  # fmt: skip
    slowest: dict[tuple[str, Role], Line] = {}
    for line in lines:
        key = (line.endpoint, line.role)
        if key not in slowest or line.p95 > slowest[key].p95:
            slowest[key] = line
    for line in sorted(slowest.values(), key=lambda line: (line.endpoint, line.role)):
        half = p50(line.milliseconds)
        report.say(
            f"{line.role:<9}{line.path:<44}{half:7.1f}{line.p95:8.1f}"
            f"{half / p50(floor.milliseconds):7.1f} x{line.kilobytes:7.1f} kB"
        )
    for endpoint in dict.fromkeys(line.endpoint for line in lines):
        most = MOST_ROOM_MS if endpoint == ROOM else MOST_MS
        worst = max(line.p95 for line in lines if line.endpoint == endpoint)
        report.figure(f"{endpoint}, p95, {when}", worst, "ms", most=most)


def _lines(visitors: Mapping[Role, Visitor], pages: Mapping[Role, Found], times: int) -> list[Line]:
    return [
        _ask(
            visitors[role], endpoint, path, role, times if role is Role.OPERATOR else times // FEWER
        )
        for role, found in pages.items()
        for endpoint, paths in found.pages.items()
        for path in paths
    ]


def _ask(visitor: Visitor, endpoint: str, path: str, role: Role, times: int) -> Line:
    for _ in range(WARM):
        answer = visitor.get(path)
    took = []
    for _ in range(max(times, 2)):
        answer = visitor.get(path)
        if answer.status != 200:
            raise SystemExit(f"{path} as {role}: {answer.status}")
        took.append(answer.seconds * 1000)
    return Line(endpoint, path, role, took, len(answer.body) / 1000)


def _weigh(report: Report, visitor: Visitor) -> None:
    """Weigh what a browser loads before it shows the room, and ask who else is asked."""
    room = visitor.get("/room")
    page = Page(room.text)
    outside = [f for f in page.files if urlsplit(f).netloc]
    files = {name: visitor.get(name) for name in dict.fromkeys(page.files) if name not in outside}
    assert all(file.status == 200 for file in files.values()), list(files)
    outside += [name for name, file in files.items() if "://" in _asks(name, file.text)]
    weight = len(room.body) + sum(len(file.body) for file in files.values())
    report.figure("the first page with its files", weight / 1000, "kB", most=MOST_KB)
    report.figure("requests to elsewhere", len(outside), "", most=0)


def _asks(name: str, content: str) -> str:
    """Return of a style sheet what it would load; nothing else we have loads by itself."""
    urls = content.split("url(")[1:] + content.split("@import")[1:]
    return " ".join(url[:200] for url in urls) if name.partition("?")[0].endswith(".css") else ""


def _count(report: Report, settings: Settings) -> None:
    """Count statements, on the large database and on the small one."""
    counted: list[Counted] = []
    for url in (settings.database_url, _small(settings.database_url)):
        with engine_of(url) as engine, alive(engine):
            counted.append(count(engine, PEOPLE, samples_of(engine, KEY)))
    large, small = counted
    report.figure("statements of a page", max(large.values()), "", most=MOST_STATEMENTS)
    for (page, role), most in sorted(large.items(), key=lambda it: -it[1])[:5]:
        report.say(f"{page} as {role}: {most}")
    more = {key: (n, small[key]) for key, n in large.items() if n > small.get(key, n)}
    report.figure("pages with more of them among more rows", len(more), "", most=0)
    for (page, role), (many, few) in more.items():
        report.say(f"{page} as {role}: {many}, among few rows {few}")


def _say_unreached(report: Report, found: Found) -> None:
    for rule in found.unreached:
        report.say(f"no link leads to {rule}")
    for path, status in found.refused.items():
        report.say(f"{path}: {status}")
    short = len(found.unreached) + len(found.refused)
    report.figure("pages that could not be looked at", short, "", most=0)


def _pages(engine: Engine, settings: Settings, visitor: Visitor) -> Found:
    key = settings.secret_key.get_secret_value()
    app = make_console(engine, key=key, address="", port=settings.console_port)

    def get(path: str) -> tuple[int, str]:
        answer = visitor.get(path)
        return answer.status, answer.text

    return walk(app, get, samples_of(engine, key))


def _let_in(engine: Engine, settings: Settings, port: int, role: Role) -> Visitor:
    """Make a user of a role, or let them begin anew, and sign them in as people do."""
    name, code = PEOPLE[role]
    keys = Keys(settings.secret_key.get_secret_value())
    with engine.begin() as connection:
        for table_of in ("recovery_codes", "console_links", "console_sessions"):
            connection.execute(
                text(f"DELETE FROM {table_of} WHERE user_id IN"
                     " (SELECT id FROM console_users WHERE name = :name)"), {"name": name}
            )  # fmt: skip
        connection.execute(text("DELETE FROM console_users WHERE name = :name"), {"name": name})
        token = add_user(connection, keys, name, role, code, by="operator bench")
    visitor = Visitor(port)
    visitor.join(f"/join/{token}")
    visitor.sign_in(name)
    return visitor


def samples_of(engine: Engine, key: str) -> dict[str, list[str]]:
    """Return values for what people type and for addresses, by the names such fields have.

    `key` is the console's, which seals numbers that stand in addresses.
    """
    with engine.connect() as connection:
        row = connection.execute(SAMPLES).one()
    by_kind = {
        str(row.message): ("message_id", "message", "id"),
        str(row.msisdn): ("msisdn", "q", "typed"),
        str(row.request): ("request_id", "request"),
        str(row.alarm): ("alarm_id", "alarm"),
        str(row.training): ("training_id", "training", "class_id"),
        str(row.phone): ("phone_id", "phone"),
        str(row.text): ("text_id", "text"),
        seal(Keys(key), row.msisdn or FAR_AWAY): ("number",),
    }
    known = {value: names for value, names in by_kind.items() if value != "None"}
    return {name: [value] for value, names in known.items() for name in names}


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    """Lend an engine whose statements may take long."""
    engine = make_engine(url, name="bench", pool_size=4, statement_seconds=900)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def alive(engine: Engine) -> Iterator[None]:
    """Let workers and clock say that they live, and sessions not end, while pages are asked for."""
    over = threading.Event()

    def beat() -> None:
        while not over.is_set():
            with engine.begin() as connection:
                connection.execute(text(BEAT))
                connection.execute(text(AGAIN))
            over.wait(BEAT_SECONDS)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _small(url: str) -> str:
    return str(make_url(url).set(database="small"))


if __name__ == "__main__":
    sys.exit(main())
