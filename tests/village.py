"""The demo village for tests: people with phones who dial and text through the real gateway."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from service.app import create_app
from service.runtime import Runtime
from service.settings import Settings
from service.text.gsm7 import USSD_PAGE, is_gsm7, septets
from service.village.demo import load_demo

SECRET = "a-secret-for-tests-only-1234"
DEMO = yaml.safe_load(
    (Path(__file__).resolve().parents[1] / "data" / "demo.yaml").read_text(encoding="utf-8")
)
KEPT = ("areas", "area_aliases", "alembic_version")
VILLAGER, LEADER, DEPUTY, MEMBER = (f"+8490000000{n}" for n in (1, 2, 3, 4))
COMMUNE_DUTY, PROVINCE_DUTY = "+84900000005", "+84900000006"
NEIGHBOUR = "+84900000007"
"""Mai Thử: has agreed to be remembered, lives in Cốc Phia."""
FAR_AWAY = "+84900000008"
"""Sùng Giả: remembered, lives in Lũng Mẫu, which no hamlet team serves."""
HAMLET = "00018"


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

    def __init__(self, database_url: str, **changes: Any) -> None:
        self.runtime = Runtime(settings(database_url, **changes), "test")
        self._phones: dict[str, Phone] = {}

    @cached_property
    def client(self) -> FlaskClient:
        return create_app(self.runtime).test_client()

    @property
    def engine(self) -> Engine:
        return self.runtime.engine

    def phone(self, msisdn: str) -> Phone:
        return self._phones.setdefault(msisdn, Phone(self, msisdn))

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(sql), values))

    def one(self, sql: str, **values: Any) -> Any:
        (row,) = self.rows(sql, **values)
        return row

    def do(self, sql: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(sql), values)

    def post(self, door: str, fields: dict[str, str] | bytes, *, secret: str = SECRET, **more: Any):
        body = fields if isinstance(fields, bytes) else urlencode(fields)
        more.setdefault("content_type", "application/x-www-form-urlencoded")
        return self.client.post(f"/gateway/africastalking/{secret}/{door}", data=body, **more)

    def refresh(self) -> None:
        self._phones.clear()

    def close(self) -> None:
        self.runtime.close()


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

    def dial(self, behind: str = "") -> str:
        """Dial the short code; `behind` is what was dialled behind it."""
        self.session = f"ATUid_{self.msisdn[1:]}{next(self._calls):032x}"
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
            "id": id or f"in-{self.msisdn}-{next(self._calls)}",
            "linkId": "",
            "text": words,
            "to": to,
        }
        answer = self.world.post("sms", fields)
        assert answer.status_code == 200, answer.status_code
        return self.inbox()[before:]

    def inbox(self) -> list[str]:
        """What the outbox holds for this phone, in order."""
        rows = self.world.rows(
            "SELECT body FROM messages_out WHERE msisdn = :msisdn ORDER BY id", msisdn=self.msisdn
        )
        for row in rows:
            assert septets(row.body) <= 160, row.body
        return [row.body for row in rows]


def empty_tables(engine: Engine) -> None:
    """Empty every table but the places'."""
    with engine.begin() as connection:
        names = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        emptied = ", ".join(name for name in names if name not in KEPT)
        connection.execute(text(f"TRUNCATE {emptied} RESTART IDENTITY CASCADE"))
        connection.execute(text("DELETE FROM areas WHERE kind = 'hamlet'"))


def demo_village(world: World) -> None:
    """Load the demo people, teams and hamlets."""
    with world.runtime.units.open() as unit:
        load_demo(unit.session, DEMO)
