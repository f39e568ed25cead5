"""Two hundred members take one request at once: `make bench-ladder`, first part.

All of one big team have been told of it by the ladder itself; then each sends NV on a connection of
their own, at the same moment, to one web process. One has it; the others are told once that it is
taken. Beside it, in the same run and in turn: as many texts that change nothing (VIEC).
"""

from __future__ import annotations

import itertools
import select
import socket
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench.report import Report, rounds
from bench.seed import DATA, FIRST_NUMBER
from bench.servers import APP, SECRET, Web, databases, share_out_cores
from bench.village_time import VillageTime
from service.menus import read_menus
from service.ops.environment import children_environment
from service.ops.migrate import migrate
from service.records.engine import make_engine
from service.records.unit import Units
from service.text.codes import hamlet_code
from service.text.fold import search_key
from service.village.climbing import climb_due
from service.village.desk import Words
from service.village.gazetteer import load_places

MEMBERS = 200
ROUNDS = 5
MOST_SECONDS = 2.0
PATIENCE = 30.0
FIRST_DAY = date(2026, 12, 1)
SEED = (
    """INSERT INTO areas (kind, code, title, name, name_key, parent_id)
       SELECT 'hamlet', :code, 'Xóm', 'Thử', :key, min(id) FROM areas WHERE kind = 'commune'""",
    """INSERT INTO phones (msisdn) SELECT '+84' || (:first + n)
       FROM generate_series(0, :members + :rounds) AS n""",
    """INSERT INTO people (name, area_id, phone_id)
       SELECT 'Người ' || id, (SELECT id FROM areas WHERE kind = 'hamlet'), id FROM phones""",
    "UPDATE phones p SET holder_id = h.id FROM people h WHERE h.phone_id = p.id",
    """INSERT INTO consents (phone_id, kind, given, wording, channel)
       SELECT id, 'storage', true, 'bench', 'seed' FROM phones""",
    "INSERT INTO teams (name, level) VALUES ('Tổ lớn', 'hamlet')",
    """INSERT INTO team_areas (team_id, area_id)
       SELECT t.id, a.id FROM teams t, areas a WHERE a.kind = 'hamlet'""",
    """INSERT INTO memberships (team_id, person_id, role, since)
       SELECT t.id, h.id, CASE WHEN row_number() OVER (ORDER BY h.id) = 1 THEN 'leader'
                               ELSE 'member' END, '2026-01-01'
       FROM teams t, (SELECT * FROM people ORDER BY id LIMIT :members) AS h""",
)
OUTCOME = text("""
    SELECT r.id, r.state, h.phone_id AS winner,
           (SELECT count(*) FROM request_events e
            WHERE e.request_id = r.id AND e.event = 'accepted') AS accepted
    FROM help_requests r LEFT JOIN people h ON h.id = r.accepted_by ORDER BY r.id DESC LIMIT 1
""")
WINNER = text("""
    SELECT p.msisdn FROM help_requests r JOIN people h ON h.id = r.accepted_by
    JOIN phones p ON p.id = h.phone_id ORDER BY r.id DESC LIMIT 1
""")
SAID = text("""
    SELECT phone_id, substring(idem_key FROM 'sms[.][a-z_]+') AS key, count(*) AS times
    FROM messages_out
    WHERE created_at >= :since AND (request_id = :id OR class = 'reply')
    GROUP BY phone_id, key
""")
TOLD = text("""
    SELECT count(DISTINCT phone_id) FROM task_numbers WHERE request_id = :id AND freed_at IS NULL
""")


class Crowd:
    """Members who text at the same moment, each on a connection of their own."""

    def __init__(self, port: int, numbers: range) -> None:
        self._port, self._numbers = port, numbers
        self._ids = itertools.count()

    def text(self, words: str) -> float:
        """Send the words from every number at once; return the seconds until all are answered."""
        lines = [socket.create_connection(("127.0.0.1", self._port)) for _ in self._numbers]
        requests = [self._request(number, words) for number in self._numbers]
        began = time.monotonic()
        for line, request in zip(lines, requests, strict=True):
            line.sendall(request)
        waiting = {line.fileno(): line for line in lines}
        statuses: Counter[bytes] = Counter()
        while waiting and time.monotonic() < began + PATIENCE:
            for number in select.select(list(waiting), [], [], 1.0)[0]:
                statuses[waiting.pop(number).recv(4096)[:15]] += 1
        took = time.monotonic() - began
        for line in lines:
            line.close()
        if statuses != {b"HTTP/1.1 200 OK": len(lines)}:
            raise SystemExit(f"not every text was taken: {statuses}, {len(waiting)} unanswered")
        return took

    def one(self, number: int, words: str) -> None:
        """Send the words from one number."""
        with socket.create_connection(("127.0.0.1", self._port)) as line:
            line.sendall(self._request(number, words))
            line.recv(4096)

    def _request(self, number: int, words: str) -> bytes:
        fields = {
            "date": "2026-11-24 06:04:45",
            "from": f"+84{number}",
            "id": f"race-{next(self._ids)}",
            "linkId": "",
            "text": words,
            "to": "8499",
        }
        body = urlencode(fields).encode()
        head = (
            f"POST /gateway/africastalking/{SECRET}/sms HTTP/1.1\r\nHost: bench\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Race:
    """The measurements, on a service that runs."""

    def __init__(self, engine: Engine, time_there: VillageTime, port: int, report: Report) -> None:
        self._engine, self._time, self._report = engine, time_there, report
        self._crowd = Crowd(port, range(FIRST_NUMBER, FIRST_NUMBER + MEMBERS))
        self._units = Units(engine, lambda _lane: None)
        menus = read_menus()
        self._words = Words(
            menus.texts,
            "8499",
            "*384#",
            frozenset({"84"}),
            ladders=menus.ladders,
            key="bench",
        )
        self.wrong: Counter[str] = Counter()

    def run(self) -> None:
        """Race, again and again, each time for another villager's request."""
        idle, races, tellings = [], [], []
        for number in range(ROUNDS):
            # No day's allowance of answers or alerts is used up by the day before.
            day = FIRST_DAY + timedelta(days=2 * number)
            self._time.turn_to(datetime(day.year, day.month, day.day, 9))  # noqa: DTZ001
            self._crowd.one(FIRST_NUMBER + MEMBERS + number, "GIUP VNEID")
            self._time.let_pass(timedelta(hours=3))
            began = time.monotonic()
            climb_due(self._units, self._words)
            tellings.append(time.monotonic() - began)
            since = self._time.now()
            if number % 2:
                idle.append(self._crowd.text("VIEC"))
                races.append(self._race(since))
            else:
                races.append(self._race(since))
                idle.append(self._crowd.text("VIEC"))
            self._finish(FIRST_NUMBER + MEMBERS + number)
        self._say(idle, races, tellings)

    def _finish(self, villager: int) -> None:
        """Let whoever won be done with it, so that NV 1 is the next request for them, too."""
        with self._engine.connect() as connection:
            winner = connection.execute(WINNER).scalar_one()
        self._crowd.one(int(winner.removeprefix("+84")), "XONG 1")
        self._crowd.one(villager, "1")

    def _race(self, since: datetime) -> float:
        with self._engine.connect() as connection:
            request = connection.execute(OUTCOME).one()
            told = connection.execute(TOLD, {"id": request.id}).scalar_one()
            self.wrong["requests that not all had been told of"] += told != MEMBERS
        took = self._crowd.text("NV 1")
        with self._engine.connect() as connection:
            request = connection.execute(OUTCOME).one()
            rows = connection.execute(SAID, {"id": request.id, "since": since}).all()
        self.wrong["requests not taken by exactly one"] += (
            request.accepted != 1 or request.state != "accepted"
        )
        heard: Counter[int] = Counter()
        for row in rows:
            if row.key in {"sms.task_taken", "sms.task_gone"}:
                heard[row.phone_id] += row.times
        self.wrong["others not told exactly once"] += (
            MEMBERS
            - 1
            - sum(times == 1 for phone, times in heard.items() if phone != request.winner)
        )
        self.wrong["winners told that it is taken"] += heard[request.winner]
        yours = sum(row.times for row in rows if row.key == "sms.task_yours")
        self.wrong["winners not told whom to call, once"] += yours != 1
        return took

    def _say(self, idle: list[float], races: list[float], tellings: list[float]) -> None:
        report = self._report
        report.say(f"{MEMBERS} texts at once that change nothing: {rounds(idle, 2)} s")
        report.say(f"telling {MEMBERS - 1} members of a step: {rounds(tellings, 2)} s")
        report.say(f"{MEMBERS} NV at once: {rounds(races, 2)} s")
        ratio = median(races) / median(idle)
        what = f"{MEMBERS} NV on one request ({ratio:.1f} x the texts that change nothing)"
        report.figure(what, median(races), "s", most=MOST_SECONDS)
        for name in (
            "requests that not all had been told of",
            "requests not taken by exactly one",
            "others not told exactly once",
            "winners told that it is taken",
            "winners not told whom to call, once",
        ):
            report.figure(name, self.wrong[name], "", most=0)


def main() -> int:
    """Run everything; return the exit code."""
    report = Report(f"{MEMBERS} members take one request at once")
    cores = share_out_cores()
    if cores is None:
        sys.exit("This needs two cores at least: one for the web process, one for the rest.")
    with tempfile.TemporaryDirectory(prefix="caunoi-bench-") as name, ExitStack() as stack:
        Path(name).chmod(0o711)
        settings = stack.enter_context(databases(Path(name)))
        migrate(settings.database_url)
        village = VillageTime(settings.database_url)
        engine = make_engine(settings.database_url, name="bench", pool_size=2, statement_seconds=60)
        stack.callback(engine.dispose)
        with Session(engine) as session, session.begin():
            load_places(session, DATA)
        counts = {"first": FIRST_NUMBER, "members": MEMBERS, "rounds": ROUNDS}
        values = {**counts, "code": hamlet_code(1), "key": search_key("Thử")}
        with engine.begin() as connection:
            for statement in SEED:
                connection.execute(text(statement), values)
        web = Web(APP, cores.web, children_environment(settings))
        stack.callback(web.stop)
        web.wait()
        Race(engine, village, web.port, report).run()
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
