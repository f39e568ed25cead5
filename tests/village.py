"""The demo village for tests: people with phones who dial and text through the real gateway."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from bench.village_time import VillageTime
from service.app import create_app
from service.runtime import Runtime
from service.settings import Settings
from service.text.gsm7 import USSD_PAGE, is_gsm7, septets
from service.village.climbing import climb_due
from service.village.demo import load_demo

MORNING = datetime(2026, 12, 1, 9, 0)  # noqa: DTZ001 - as a clock in the village shows it
"""A Tuesday."""
SECRET = "a-secret-for-tests-only-1234"
DEMO = yaml.safe_load(
    (Path(__file__).resolve().parents[1] / "data" / "demo.yaml").read_text(encoding="utf-8")
)
KEPT = ("areas", "area_aliases", "area_words", "alembic_version")
NOT_SHIPPED = """
    SELECT a.id FROM areas a LEFT JOIN areas p ON p.id = a.parent_id
    WHERE a.kind = 'hamlet' OR '04' <> CASE a.kind WHEN 'commune' THEN p.code ELSE a.code END
"""
"""The places a test has made: hamlets, and whatever lies in another province."""
VILLAGER, LEADER, DEPUTY, MEMBER = (f"+8490000000{n}" for n in (1, 2, 3, 4))
COMMUNE_DUTY, PROVINCE_DUTY = "+84900000005", "+84900000006"
NEIGHBOUR = "+84900000007"
"""Mai Thử: has agreed to be remembered, lives in Cốc Phia."""
FAR_AWAY = "+84900000008"
"""Sùng Giả: remembered, lives in Lũng Mẫu, which no hamlet team serves."""
HAMLET = "00018"
PAST_THE_GUARD = "SET LOCAL session_replication_role = replica"
"""Lets a test move the audit in time, or empty it; the database lets nobody else."""


def settings(database_url: str, **changes: Any) -> Settings:
    """Settings for a test; nothing is read from the environment but what is not named here."""
    return Settings(
        **{
            "database_url": database_url,
            "gateway_secrets": SECRET,
            "secret_key": "k" * 32,
            "carrier_username": "sandbox",
            "carrier_api_key": "test-key",
            "carrier_url": "http://127.0.0.1:9",
            **changes,
        }
    )


class World:
    """The service on one database, and the phones around it."""

    nothing_leaves = False
    """Whether what is written to members stays in the outbox; else it arrives before they act."""

    def __init__(self, database_url: str, **changes: Any) -> None:
        self.runtime = Runtime(settings(database_url, **changes), "test")
        self._phones: dict[str, Phone] = {}
        """Whether what is written to members stays in the outbox, as while a carrier is down."""

    @cached_property
    def client(self) -> FlaskClient:
        return create_app(self.runtime).test_client()

    @property
    def engine(self) -> Engine:
        return self.runtime.engine

    def phone(self, msisdn: str, kind: type[Phone] | None = None) -> Phone:
        return self._phones.setdefault(msisdn, (kind or Phone)(self, msisdn))

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(sql), values))

    def one(self, sql: str, **values: Any) -> Any:
        (row,) = self.rows(sql, **values)
        return row

    def do(self, sql: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            if "audit" in sql:
                connection.execute(text(PAST_THE_GUARD))
            connection.execute(text(sql), values)

    def post(self, door: str, fields: dict[str, str] | bytes, *, secret: str = SECRET, **more: Any):
        body = fields if isinstance(fields, bytes) else urlencode(fields)
        more.setdefault("content_type", "application/x-www-form-urlencoded")
        return self.client.post(f"/gateway/africastalking/{secret}/{door}", data=body, **more)

    def move_up(self, steps: int = 1) -> None:
        """Let the time be over that those have who were told last, of every request nobody took."""
        for _ in range(steps):
            self.do("UPDATE climbs SET due_at = clock_timestamp() WHERE due_at IS NOT NULL")
            climb_due(self.runtime.units, self.runtime.words)

    def arrive(self) -> None:
        """Let what was written to members be on their phones before the next thing happens."""
        if not self.nothing_leaves:
            self.do("""
                UPDATE messages_out SET state = 'delivered', changed_at = clock_timestamp()
                WHERE state = 'queued' AND class IN ('alert', 'emergency')
                  AND due_at <= clock_timestamp()
            """)

    def refresh(self) -> None:
        self._phones.clear()
        self.nothing_leaves = False

    def reconnect(self) -> None:
        """Let go of every connection, when nobody is using one any more."""
        until = time.monotonic() + 5
        while self.engine.pool.checkedout() and time.monotonic() < until:  # type: ignore[attr-defined]
            time.sleep(0.01)
        self.engine.dispose()

    def close(self) -> None:
        self.runtime.close()


class TimedWorld(World):
    """A world whose clock is turned by hand, and where what is due happens when a test says so."""

    def __init__(self, database_url: str, *, time: VillageTime, **changes: Any) -> None:
        super().__init__(database_url, **changes)
        self.time = time

    def climb(self) -> int:
        """Take every step that is due now, as the clock does; return how many."""
        self.arrive()
        return climb_due(self.runtime.units, self.runtime.words)

    def let_pass(self, **duration: float) -> int:
        """Let time pass, then take what is due: let_pass(hours=3)."""
        self.time.let_pass(timedelta(**duration))
        return self.climb()


@dataclass
class Phone:
    """A handset as its owner uses it, by the very fields Africa's Talking sends."""

    world: World
    msisdn: str
    session: str = ""
    history: list[str] = field(default_factory=list)
    screen: str = ""
    open: bool = False
    _calls: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def _name(self) -> str:
        """What the carrier's ids are made of: never the number, of which nothing may stay."""
        return blake2b(self.msisdn.encode(), digest_size=6).hexdigest()

    def dial(self, behind: str = "") -> str:
        """Dial the short code; `behind` is what was dialled behind it."""
        self.session = f"ATUid_{self._name}{next(self._calls):032x}"
        self.history = [behind] if behind else []
        return self._hop()

    def key(self, typed: str) -> str:
        """Answer the screen."""
        assert self.open, f"the call is over: {self.screen}"
        self.history.append(typed)
        return self._hop()

    def keys(self, *typed: str) -> str:
        for one in typed:
            self.key(one)
        return self.screen

    def _hop(self) -> str:
        fields = self.fields()
        self.world.arrive()
        answer = self.world.post("ussd", fields)
        again = self.world.post("ussd", fields)
        assert answer.status_code == 200
        assert again.data == answer.data, "the same hop again got another answer"
        verb, _, self.screen = answer.text.partition(" ")
        assert verb in {"CON", "END"}, answer.text
        assert is_gsm7(self.screen)
        assert septets(self.screen) <= USSD_PAGE, f"{septets(self.screen)} septets: {self.screen}"
        self.open = verb == "CON"
        return self.screen

    def hang_up(self) -> None:
        """Drop the call, and let the carrier say so."""
        fields = self.fields()
        ended = {name: value for name, value in fields.items() if name != "text"} | {
            "date": "2026-11-24 06:04:45",
            "status": "Incomplete",
            "input": fields["text"],
            "cost": "0.00",
            "durationInMillis": "9000",
            "hopsCount": "3",
        }
        assert self.world.post("ussd-events", ended).status_code == 200
        self.open = False

    def fields(self) -> dict[str, str]:
        return {
            "phoneNumber": self.msisdn,
            "serviceCode": "*384*1909#",
            "text": "*".join(self.history),
            "sessionId": self.session,
            "networkCode": "99999",
        }

    def text(self, words: str, *, id: str | None = None, to: str = "8499") -> list[str]:  # noqa: A002
        """Send an SMS and return what came back for this phone."""
        before = len(self.inbox())
        fields = {
            "date": "2026-11-24 06:04:45",
            "from": self.msisdn,
            "id": id or f"in-{self._name}-{next(self._calls)}",
            "linkId": "",
            "text": words,
            "to": to,
        }
        self.world.arrive()
        answer = self.world.post("sms", fields)
        assert answer.status_code == 200, answer.status_code
        return self.inbox()[before:]

    def inbox(self) -> list[str]:
        """What the outbox holds for this phone, in order."""
        rows = self.world.rows(
            """
            SELECT m.body, coalesce(p.wants_marks, false) AS with_marks
            FROM messages_out m LEFT JOIN phones f ON f.msisdn = m.msisdn
            LEFT JOIN people p ON p.id = f.holder_id
            WHERE m.msisdn = :msisdn ORDER BY m.id
            """,
            msisdn=self.msisdn,
        )
        for row in rows:
            assert row.with_marks or septets(row.body) <= 160, (
                f"{septets(row.body)} septets: {row.body}"
            )
        return [row.body for row in rows]


def empty_tables(engine: Engine) -> None:
    """Empty every table but the places', and those of all but the places that ship."""
    with engine.begin() as connection:
        names = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        emptied = ", ".join(name for name in names if name not in KEPT)
        connection.execute(text(PAST_THE_GUARD))
        connection.execute(text(f"TRUNCATE {emptied} RESTART IDENTITY CASCADE"))
        connection.execute(text(f"DELETE FROM area_aliases WHERE area_id IN ({NOT_SHIPPED})"))
        connection.execute(text(f"DELETE FROM areas WHERE id IN ({NOT_SHIPPED})"))


def demo_village(world: World) -> None:
    """Load the demo people, teams and hamlets."""
    with world.runtime.units.open() as unit:
        load_demo(unit.session, DEMO, world.runtime.words.key)
