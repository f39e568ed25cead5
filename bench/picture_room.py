"""The console's room as a picture: an hour of an ordinary morning, drawn from a running service.

The last hours are written into its database, since nobody waits for them; the page, its verdicts
and its curves are the service's own.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser
from sqlalchemy import Engine, text

from bench.console import engine_of
from bench.console_data import ATTEMPTS, BODY, MESSAGES, RECEIPTS
from bench.console_fill import SERIES
from bench.console_visitor import PASSWORD, Visitor
from bench.whole import Whole
from service.console.secret_words import Keys
from service.console.users import add_user
from service.records.console import Role

NAME = "nong.an"
FIRST, MANY, GAP = 1_000_001, 900, timedelta(seconds=9)
"""Numbers of the messages, far from those of the service, and the time between two."""
SWEPT = 12.0
"""Seconds after which what was in doubt there is settled and has left."""
UNCHECKED = text("SET LOCAL session_replication_role = replica")
# Waves of different length, so that no two curves look the same; nothing failed, little waits.
PULSES = text("""
    INSERT INTO pulses (span, series, at, value)
    SELECT 'minute', s, date_trunc('minute', now()) - n * interval '1 minute',
           CASE WHEN s LIKE 'failed%' OR s = 'undelivered' THEN (n % 17 = 3)::int
                WHEN s LIKE 'sent:emergency' THEN (n % 29 = 7)::int
                WHEN s LIKE 'waiting%' THEN 1 + n % 3
                WHEN s LIKE 'oldest%' THEN 2 + 2 * sin(n / 5.0)
                WHEN s = 'hop_p95_ms' THEN (ARRAY[20, 20, 30, 20, 40])[1 + n % 5]
                WHEN s = 'balance_vnd' THEN 3200000 + 400 * n
                ELSE round(14 + 6 * sin((n + 5 * length(s)) / 7.0) + n % 4) END
    FROM generate_series(1, 1440) AS n, unnest(CAST(:series AS text[])) AS s
    ON CONFLICT (span, series, at) DO UPDATE SET value = excluded.value
""")


def take_room(whole: Whole, browser: Browser, to: Path) -> None:
    """Fill the last hours, sign in, and take the room as it stands."""
    with engine_of(whole.settings.database_url) as engine:
        _fill(engine)
        time.sleep(SWEPT)
        visitor = _join(whole, engine)
    page = browser.new_page(
        viewport={"width": 1280, "height": 1000}, base_url=visitor.origin, locale="vi-VN"
    )
    page.goto("/sign-in")
    page.fill("[name=name]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=digits]", visitor.digits(steps=1))
    page.keyboard.press("Enter")
    page.wait_for_url("**/room")
    page.wait_for_timeout(500)
    page.screenshot(path=to)


def _fill(engine: Engine) -> None:
    last = FIRST + MANY - 1
    values = {
        "first": FIRST, "last": last, "messages": last, "requests": 1, "people": 97,
        "span": last * GAP, "body": BODY,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(UNCHECKED)
        for statement in (MESSAGES, ATTEMPTS, RECEIPTS):
            connection.execute(text(statement), values)
        connection.execute(PULSES, {"series": list(SERIES)})


def _join(whole: Whole, engine: Engine) -> Visitor:
    settings = whole.settings
    keys = Keys(settings.secret_key.get_secret_value())
    with engine.begin() as connection:
        token = add_user(connection, keys, NAME, Role.OPERATOR, None, by="pictures")
    visitor = Visitor(whole.ports[2])
    visitor.join(f"/join/{token}")
    return visitor
