"""A console with a year behind it: every table has rows, every page has something to show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import text

from bench.console import engine_of, samples_of
from bench.console_fill import Size, fill, let_be_due
from service.outbox.brakes import switch
from tests.conftest import TEMPLATE, make_database
from tests.console.office import KEY, Office
from tests.village import World

SIZE = Size(
    messages=3_000, requests=400, people=600, audit=400, calls=300, trainings=340, due=60
)  # fmt: skip
ILL = (
    """INSERT INTO carrier_pauses (carrier, code, until)
       VALUES ('africastalking', 'no_balance', clock_timestamp() + interval '1 hour')""",
    "UPDATE beats SET beat_at = beat_at - interval '1 hour' WHERE lane = 'bulk'",
)


def make_year(server: str, name: str) -> None:
    """Make a database to copy: a year of the service, and a bad morning now."""
    url = make_database(server, name, TEMPLATE)
    with engine_of(url) as engine:
        fill(engine, SIZE, lambda _said: None)
        let_be_due(engine, SIZE)
        with engine.begin() as connection:
            for statement in ILL:
                connection.execute(text(statement))
            switch(connection, on=False, by="Nông An", reason="thử <b>dừng</b>")


@contextmanager
def office_on(server: str, name: str, template: str) -> Iterator[Office]:
    """Lend the console on a copy of a database."""
    world = World(make_database(server, name, template))
    try:
        yield Office(world)
    finally:
        world.close()


def samples(office: Office) -> dict[str, list[str]]:
    """Values for what people type there and for addresses, by the names of the fields."""
    return samples_of(office.world.engine, KEY)


def keep_awake(office: Office) -> None:
    """Let no session of theirs end while a long test goes on."""
    office.world.do(
        "UPDATE console_sessions SET seen_at = clock_timestamp() + :ahead", ahead=timedelta(hours=1)
    )
