"""One class from the race for its seats to its beginning, and what befalls the service."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, create_engine, text
from sqlalchemy.orm import Session

from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.environment import children_environment
from service.records.engine import driver_url
from service.runtime import Runtime
from service.settings import Settings
from service.text.codes import hamlet_code
from service.text.fold import search_key
from service.text.local_time import VIETNAM
from service.village.gazetteer import load_places
from service.village.seating import Seating

from .ladder_clocks import MENUS, Watches
from .ladder_history import Outage
from .seed import DATA, FIRST_NUMBER
from .servers import APP, Web
from .training_callbacks import Callbacks
from .training_people import DIALS, Crowd
from .training_watcher import Watcher
from .village_time import FORWARD, VillageTime

NUMBER = 12
BEGINS = datetime(2026, 12, 1, 8, 0, tzinfo=VIETNAM)
STARTS = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
PACE = 1 / 20
"""A minute in which this machine does nothing for us is three seconds in the village."""
LEASE = timedelta(minutes=1)
"""How long work that a killed clock held is left alone."""
LOOKED_AT = "offer_seats"
SEED = (
    """INSERT INTO areas (kind, code, title, name, name_key, parent_id)
       SELECT 'hamlet', :code, 'Xóm', 'Thử', :key, min(id) FROM areas WHERE kind = 'commune'""",
    """INSERT INTO phones (msisdn) SELECT '+84' || (:first + n)
       FROM generate_series(1, :people) AS n""",
    """INSERT INTO people (name, area_id, phone_id)
       SELECT 'Bà con ' || id, (SELECT id FROM areas WHERE kind = 'hamlet'), id FROM phones""",
    "UPDATE phones p SET holder_id = h.id FROM people h WHERE h.phone_id = p.id",
    """INSERT INTO consents (phone_id, kind, given, wording, channel)
       SELECT id, 'storage', true, 'bench', 'seed' FROM phones""",
    """INSERT INTO courses (code, title, topic, bring)
       VALUES ('vneid-1', 'VNeID cho người lớn tuổi', 'vneid', 'căn cước, điện thoại')""",
    """INSERT INTO trainings (number, course_id, area_id, place, starts_at, ends_at, seats, state)
       SELECT :number, c.id, a.id, 'nhà văn hóa', :starts_at, :ends_at, :seats, 'open'
       FROM courses c, areas a WHERE a.kind = 'hamlet'""",
)
DUE = text("""
    SELECT least((SELECT min(offered_until) FROM enrolments WHERE state = 'offered'),
                 (SELECT min(t.starts_at) - interval '30 minutes' FROM trainings t
                  JOIN enrolments e ON e.training_id = t.id
                  WHERE e.state IN ('waiting', 'offered'))) AS due,
           clock_timestamp() AS now
""")
WORK = text("""
    SELECT token, lease_until, next_at, clock_timestamp() AS now
    FROM periodic_work WHERE name = :name
""")
LAST_EVENT = text("SELECT coalesce(max(id), 0) FROM enrolment_events")
AT_WORK = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
      AND backend_type = 'client backend' AND application_name <> 'watcher'
""")


@dataclass
class Plan:
    """How large it is, and what befalls it."""

    seed: int
    people: int = 500
    seats: int = 25
    clock_kills: float = 0.12
    """Chance that a look of the clocks ends in a kill."""
    web_kills: float = 0.08
    """Chance that a worker of the web process is killed while people act."""
    flushes: float = 0.03
    dialling: bool = True


class Simulation:
    """One run."""

    def __init__(self, plan: Plan, settings: Settings, valkey: EmbeddedValkey) -> None:
        self.plan, self._settings, self._valkey = plan, settings, valkey
        self._chance = random.Random(plan.seed)
        VillageTime(settings.database_url, pace=PACE).turn_to(BEGINS)
        self.runtime = Runtime(settings, "web")
        self.runtime.__dict__["menus"] = MENUS
        url = driver_url(settings.database_url)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        self._line = engine.connect()
        named = create_engine(
            url, isolation_level="AUTOCOMMIT", connect_args={"application_name": "watcher"}
        )
        self._watching = named.connect()
        self.numbers = [f"+84{FIRST_NUMBER + n}" for n in range(1, plan.people + 1)]
        self.training_id = self._settle()
        self.seats: list[tuple[int, int]] = [(0, plan.seats)]
        self.outages: list[Outage] = []
        self.mishaps: Counter[str] = Counter()
        self._dead: object = None

    def _settle(self) -> int:
        with Session(self.runtime.engine) as session, session.begin():
            load_places(session, DATA)
        values = {
            "code": hamlet_code(1),
            "key": search_key("Thử"),
            "first": FIRST_NUMBER,
            "people": self.plan.people,
            "number": NUMBER,
            "seats": self.plan.seats,
            "starts_at": STARTS,
            "ends_at": STARTS + timedelta(minutes=90),
        }
        with self.runtime.engine.begin() as connection:
            for statement in SEED:
                connection.execute(text(statement), values)
            found = connection.execute(text("SELECT id FROM trainings")).scalar_one()
        return int(found)

    def phones(self) -> Sequence[Row[tuple[int, str]]]:
        """Return every phone with its number."""
        with self.runtime.engine.connect() as connection:
            return connection.execute(text("SELECT id, msisdn FROM phones")).all()

    # -- time

    def forward(self, moment: datetime) -> datetime:
        """Turn the clock to a moment, never back, and not in the middle of a transaction."""
        patience = time.monotonic() + 5
        while self._line.execute(AT_WORK).scalar_one() and time.monotonic() < patience:
            time.sleep(0.002)
        now: datetime = self._line.execute(FORWARD, {"moment": moment}).scalar_one()
        return now

    def _next_moment(self) -> datetime | None:
        acts, row = self.crowd.next_at(), self._line.execute(DUE).one()
        looks = max(row.due, row.now) if row.due else None
        if looks and looks > row.now:
            looks += timedelta(seconds=self._chance.uniform(0, 6))
        return min((one for one in (acts, looks) if one), default=None)

    # -- the run

    def run(self) -> None:
        """Let everything happen."""
        self.web = Web(APP, None, children_environment(self._settings), workers=2)
        self.callbacks = Callbacks(self.web.port)
        self.crowd = Crowd(
            self.runtime.engine,
            self.callbacks,
            self._chance,
            number=NUMBER,
            starts_at=STARTS,
            ussd_code=self._settings.ussd_code,
        )
        with ExitStack() as stack:
            stack.callback(self.web.stop)
            self.web.wait()
            watches = Watches(self._settings, self._chance, (LOOKED_AT,))
            stack.callback(watches.stop)
            self.watcher = Watcher(self._watching, self.training_id)
            stack.callback(self.watcher.stop)
            self._race(watches)
            self._until_the_class(watches)

    def _race(self, watches: Watches) -> None:
        """Let everybody register at the same moment, workers of the web process dying."""
        if self.plan.dialling:
            dialling = self._chance.sample(self.numbers, round(DIALS * len(self.numbers)))
            self.crowd.dials.update(dialling)
            self.crowd.dial_up()
        for msisdn in self.numbers:
            self.crowd.register(msisdn, BEGINS, exactly=True)
        began = time.monotonic()
        blows = [began + self._chance.uniform(0.2, 2.5) for _ in range(2)]

        def meanwhile() -> None:
            if blows and time.monotonic() > blows[0]:
                blows.pop(0)
                self.mishaps["kills of web workers"] += self.web.kill_worker(self._chance)

        self.crowd.act(self.forward(BEGINS), meanwhile)
        self.race_seconds = time.monotonic() - began
        self._look(watches)
        self.crowd.read()

    def _until_the_class(self, watches: Watches) -> None:
        changes = [(STARTS - timedelta(hours=40), 22), (STARTS - timedelta(hours=30), 25)]
        last_whole = BEGINS
        while (moment := self._next_moment()) is not None:
            now = self.forward(moment)
            if changes and now >= changes[0][0]:
                self._resize(changes.pop(0)[1])
            if self._chance.random() < self.plan.flushes and (redis := self.runtime.redis):
                redis.flushall()
                self.mishaps["flushes of Redis"] += 1
            is_whole = now - last_whole > timedelta(hours=1)
            last_whole = now if is_whole else last_whole
            self._moment(watches, now, whole=is_whole)
            self.crowd.read()
        self.forward(STARTS + timedelta(minutes=1))
        self._look(watches)

    def _moment(self, watches: Watches, now: datetime, *, whole: bool) -> None:
        """Let people act and the clocks look at the same time, until nothing is due."""
        watches.begin(whole=whole)
        kills = [self._chance.random() < self.plan.web_kills]
        at = time.monotonic() + self._chance.uniform(0, 0.03)

        def meanwhile() -> None:
            if kills[0] and time.monotonic() > at:
                kills[0] = False
                self.mishaps["kills of web workers"] += self.web.kill_worker(self._chance)

        self.crowd.act(now, meanwhile)
        self._end_look(watches)
        patience = time.monotonic() + 60
        while (row := self._line.execute(DUE).one()).due and row.due <= row.now:
            self._wait_for_the_work()
            self._look(watches)
            if time.monotonic() > patience:
                raise SystemExit("something is due and no clock does it")

    def _look(self, watches: Watches) -> None:
        watches.begin(whole=False)
        self._end_look(watches)

    def _end_look(self, watches: Watches) -> None:
        self.mishaps["looks of two clocks at once"] += 1
        if self._chance.random() >= self.plan.clock_kills:
            watches.end()
            return
        before = watches.kills
        watches.kill()
        self.mishaps["kills of clocks"] += watches.kills - before
        work = self._line.execute(WORK, {"name": LOOKED_AT}).one()
        self._dead = work.token
        if work.token is not None:
            self.mishaps["kills of a clock that held the seats"] += 1
            self.outages.append(Outage(work.now - timedelta(seconds=1), work.now + LEASE))

    def _wait_for_the_work(self) -> None:
        """Turn to when the clocks look again: in ten seconds, or when a dead one's lease ends."""
        work = self._line.execute(WORK, {"name": LOOKED_AT}).one()
        if work.token is not None and work.token == self._dead:
            self.forward(work.lease_until + timedelta(milliseconds=100))
        elif work.token is None and work.next_at > work.now:
            self.forward(work.next_at)

    def _resize(self, seats: int) -> None:
        """Have fewer or more seats, nobody else doing anything."""
        self.seats.append((self._line.execute(LAST_EVENT).scalar_one(), seats))
        with self.runtime.units.open() as unit:
            Seating(unit, self.runtime.words, self.training_id).resize(seats)
        self.mishaps["changes of the number of seats"] += 1
