"""What /metrics answers: the service's figures in Prometheus's text format."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from service.dialogue.ladder import Party
from service.outbox.classes import LANES

from .health import MISSING_SECONDS, redis_state
from .metric_readings import OUTBOX, PREFIX
from .metric_village import VILLAGE
from .schema import needed_revision

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from redis import Redis

READINGS: Final = (*OUTBOX, *VILLAGE)
LONGEST_SECONDS = 4.0
"""When a scrape stops reading and tells what it has; Prometheus gives up after ten seconds."""
EVENTS: Final = (
    "door_failed",
    "malformed",
    "not_understood",
    "replies_withheld",
    "wrong_secret",
)
"""What is counted at the doors (service.records.counters)."""
OF_THE_SCRAPE: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "caunoi_build_info": ("1; the version of the service and its schema", ("version", "schema")),
    "caunoi_database_up": ("1 when the database answers; all lines from it are missing else", ()),
    "caunoi_reading_failed": ("1 when a group of figures could not be read in time", ("reading",)),
    "caunoi_redis_up": ("1 when Redis answers; without it messages leave a little later", ()),
    "caunoi_scrape_seconds": ("How long it took to read all this", ()),
}
"""What is told besides the readings: help and labels by name."""
WORD = re.compile(r"[a-z](?:[a-z_]|[0-9](?![0-9]{3})){0,39}")
OTHER = "other"

log = structlog.get_logger("ops.metrics")
Figures = dict[tuple[str, ...], float]


@dataclass
class Scrape:
    """What one scrape has found: figures by name and by the values of their labels."""

    figures: dict[str, Figures] = field(default_factory=dict)

    def put(self, name: str, value: float, *labels: str) -> None:
        """Note a figure; those whose labels became alike are added up."""
        lines = self.figures.setdefault(name, {})
        lines[labels] = lines.get(labels, 0.0) + value


def metrics(
    engine: Engine,
    redis: Redis | None,
    *,
    timetable: Callable[[], Iterable[str]],
    caps: Mapping[str, int],
) -> Callable[[], tuple[bytes, str]]:
    """Return what writes the page: its bytes and their content type.

    `timetable` names the work the clock is to do, `caps` holds what may be spent per_hour and
    per_day. A database that is away makes the page short, and never an error: the scrape that
    fails would say the same of a web process that is dead.
    """
    reader = engine.execution_options(isolation_level="AUTOCOMMIT")

    def write() -> tuple[bytes, str]:
        began = time.monotonic()
        scrape = Scrape()
        values = {
            "lanes": list(LANES),
            "steps": [*(party.value for party in Party), "nobody"],
            "events": list(EVENTS),
            "timetable": list(timetable()),
            "silence": MISSING_SECONDS,
            **caps,
        }
        scrape.put("caunoi_database_up", _read_all(reader, values, scrape, began))
        if redis is not None:
            scrape.put("caunoi_redis_up", int(redis_state(redis) == "ok"))
        scrape.put("caunoi_build_info", 1, version("caunoi"), needed_revision())
        scrape.put("caunoi_scrape_seconds", time.monotonic() - began)
        return _written(scrape)

    return write


def word(value: object) -> str:
    """Return a label's value if it looks like one of our own words; all else is "other".

    Should a phone number or a sentence come to stand in a column one day, nobody who reads the
    page sees it.
    """
    said = str(value if value is not None else "")
    return said if not said or WORD.fullmatch(said) else OTHER


def names() -> Mapping[str, tuple[str, ...]]:
    """Return every name that can be told, with its labels."""
    read = {name: reading.labels for reading in READINGS for name in reading.figures}
    return read | {name: labels for name, (_, labels) in OF_THE_SCRAPE.items()}


def _read_all(engine: Engine, values: Mapping[str, Any], scrape: Scrape, began: float) -> int:
    """Read what can be read; say whether the database answers."""
    try:
        with engine.connect() as connection:
            for reading in READINGS:
                late = time.monotonic() - began > LONGEST_SECONDS
                failed = late or not _read(connection, reading, values, scrape)
                scrape.put("caunoi_reading_failed", int(failed), reading.name)
    except SQLAlchemyError as fault:
        log.warning("database_away", error=type(fault).__name__)
        return 0
    return 1


def _read(connection: Connection, reading: Any, values: Mapping[str, Any], scrape: Scrape) -> bool:
    """Read one group of figures; False when the database would not, though it is there."""
    try:
        rows: Sequence[Any] = connection.execute(reading.statement, values).mappings().all()
    except DBAPIError as fault:
        if fault.connection_invalidated or connection.invalidated:
            raise
        log.warning("reading_failed", reading=reading.name, error=type(fault.orig).__name__)
        return False
    for row in rows:
        labels = [word(row[label]) for label in reading.labels]
        for name in reading.figures:
            value = row[name.removeprefix(PREFIX)]
            if value is not None:
                scrape.put(name, float(value), *labels)
    return True


def _written(scrape: Scrape) -> tuple[bytes, str]:
    """Write the page, as Prometheus's own library does."""
    # Loaded here only: where nobody asks for figures it would lie about in every web process.
    from prometheus_client import (  # noqa: PLC0415
        CONTENT_TYPE_LATEST,
        CollectorRegistry,
        generate_latest,
    )
    from prometheus_client.registry import Collector  # noqa: PLC0415

    class Page(Collector):
        def collect(self) -> Iterator[Metric]:
            return _families(scrape)

    registry = CollectorRegistry()
    registry.register(Page())
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _families(scrape: Scrape) -> Iterator[Metric]:
    from prometheus_client.core import (  # noqa: PLC0415 - as above
        CounterMetricFamily,
        GaugeMetricFamily,
    )

    meanings = {name: meaning for reading in READINGS for name, meaning in reading.figures.items()}
    meanings |= {name: meaning for name, (meaning, _) in OF_THE_SCRAPE.items()}
    for name, labels in names().items():
        if lines := scrape.figures.get(name):
            kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            family = kind(name, meanings[name], labels=labels)
            for line, value in sorted(lines.items()):
                family.add_metric(line, value)
            yield family
