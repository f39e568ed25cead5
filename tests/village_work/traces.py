"""Looks for what is left of a person, everywhere anything can be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import text

from service.carriers.base import Accepted, Answer
from service.outbox.brakes import Caps
from service.outbox.deliver import Sender
from service.text.fold import fold
from service.text.phones import Msisdn
from service.village.traces import clean_traces
from tests.village import World

PLENTY = Caps(per_hour=10**12, per_day=10**12, segment_price=400)
LANES = ("emergency", "reply", "bulk")


def forms_of(msisdn: str) -> list[str]:
    """Every way a number is written, as the plain beginning-to-end of it."""
    d = msisdn[3:]
    grouped = [
        f"0{d[:3]} {d[3:6]} {d[6:]}",
        f"0{d[:3]}.{d[3:6]}.{d[6:]}",
        f"{d[:2]} {d[2:5]} {d[5:]}",
    ]
    return [d, *grouped]


def found(world: World, needles: Iterable[str]) -> list[str]:
    """Where in the database any of these stands: table, column, and how often."""
    columns = world.rows(
        """
        SELECT c.table_name AS its_table, c.column_name AS its_name FROM information_schema.columns c
        JOIN information_schema.tables s USING (table_schema, table_name)
        WHERE c.table_schema = 'public' AND s.table_type = 'BASE TABLE'
          AND (c.data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea'))
          AND c.table_name NOT IN ('areas', 'area_aliases', 'alembic_version')
        """
    )
    assert len(columns) > 60
    sought = {form.lower() for needle in needles for form in (needle, fold(needle).text)}
    places = []
    with world.engine.connect() as connection:
        for column in columns:
            for needle in sorted(sought):
                n = connection.execute(
                    text(
                        f'SELECT count(*) FROM "{column.its_table}" '
                        f'WHERE position(:needle IN lower(CAST("{column.its_name}" AS text))) > 0'
                    ),
                    {"needle": needle},
                ).scalar_one()
                if n:
                    places.append(f"{column.its_table}.{column.its_name}: {needle} {n} times")
    return places


class Carrier:
    """A carrier that takes everything and remembers what it took, or does as it is told."""

    name = "africastalking"
    max_recipients = 100

    def __init__(self, meanwhile: Callable[[], None] | None = None) -> None:
        self.taken: list[tuple[str, str]] = []
        self._meanwhile = meanwhile

    def send(self, body: str, numbers: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        if self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        answers: dict[Msisdn, Answer] = {}
        for number in numbers:
            self.taken.append((number, body))
            answers[number] = Accepted(f"ATXid_{len(self.taken)}_{id(self)}", "0")
        return answers


def sender(world: World, carrier: Carrier) -> Sender:
    return Sender(world.runtime.engine, world.runtime.quick, carrier, PLENTY)


def deliver(world: World, carrier: Carrier | None = None) -> Carrier:
    """Let everything that waits leave."""
    carrier = carrier or Carrier()
    for lane in LANES:
        sender(world, carrier).drain(lane, lambda: False)
    return carrier


def clean(world: World) -> int:
    with world.runtime.units.open() as unit:
        return clean_traces(unit.session, world.runtime.words.key)


def report(world: World, its_id: str, to: str, status: str = "Success") -> None:
    fields = {
        "id": its_id,
        "status": status,
        "phoneNumber": to,
        "networkCode": "45204",
        "retryCount": "0",
    }
    assert world.post("receipts", fields).status_code == 200
