"""The watcher: looks at every signal, and opens and closes the alarms that follow.

A pass may be made by any process and by two at once: what it decides hangs on the rows of
`watches` alone, which one pass at a time may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine, text

from service.outbox.alarms import close_alarm, raise_alarm
from service.records.watching import Severity

from . import watch_callers, watch_figures, watch_networks, watch_room
from .alarm_kinds import KINDS
from .room import look
from .signals import ANYTHING, SIGNALS, Signal
from .watch_figures import Limits
from .watch_marks import Mark, Stand, judge
from .watch_room import Value

TAIL = 2_000
"""How many of the newest attempts and reports are looked at, every two seconds."""
AFTERMATH = timedelta(minutes=5)
"""The longest for which a cause excuses what follows from it after its end."""
WORST = (None, Severity.NOTE, Severity.TICKET, Severity.PAGE)

ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('caunoi watch'))")
NOW = text("SELECT clock_timestamp()")
MARKS = text("SELECT signal, about, value, over_since, clear_since, read_at FROM watches")
KEEP = text("""
    INSERT INTO watches (signal, about, value, over_since, clear_since, read_at)
    VALUES (:signal, :about, :value, :over_since, :clear_since, :read_at)
    ON CONFLICT (signal, about) DO UPDATE
    SET value = excluded.value, over_since = excluded.over_since,
        clear_since = excluded.clear_since, read_at = excluded.read_at
""")
DROP = text("DELETE FROM watches WHERE signal = :signal AND about = :about")
ALARMS = text("""
    SELECT name, about, severity, closed_at,
           coalesce(extract(epoch FROM clock_timestamp() - closed_at), 0)::float AS over_for
    FROM alarms
    WHERE closed_at IS NULL OR closed_at > clock_timestamp() - :aftermath
    ORDER BY id
""")
WORSEN = text("""
    UPDATE alarms SET severity = :severity, detail = :detail
    WHERE name = :name AND about = :about AND closed_at IS NULL
      AND coalesce(severity, '') <> 'page'
""")
# What lasts after somebody knows of it (a flood, wrong secrets) ends now, and goes on in silence.
# What is over as soon as it has happened ends when they knew: the next time is told, also one
# between their knowing and this moment.
FORGET = text("""
    WITH over AS (
        UPDATE alarms AS a
        SET closed_at = CASE WHEN k.lasts THEN clock_timestamp()
                             ELSE coalesce(a.acknowledged_at, clock_timestamp()) END
        FROM unnest(CAST(:names AS text[]), CAST(:after AS interval[]), CAST(:lasts AS boolean[]))
             AS k (name, after, lasts)
        WHERE a.name = k.name AND a.closed_at IS NULL
          AND (a.acknowledged_at IS NOT NULL OR a.last_at < clock_timestamp() - k.after)
        RETURNING a.name, a.about, a.detail, a.last_at, a.closed_at)
    INSERT INTO alarms (name, about, detail, opened_at, last_at)
    SELECT name, about, detail, last_at, last_at FROM over WHERE last_at > closed_at
    ON CONFLICT DO NOTHING
""")
WATCHED_SINCE = text("""
    INSERT INTO gauges (name, value) VALUES ('watched_since', 0) ON CONFLICT DO NOTHING
""")

log = structlog.get_logger("ops.watch")


@dataclass(frozen=True, slots=True)
class Known:
    """The alarms that are open, and those that were until a moment ago."""

    open: Mapping[tuple[str, str], str | None]
    """Severity by name and what it is about."""
    over_for: Mapping[tuple[str, str], float]
    """Since how many seconds each is over, and one of each name about ANYTHING; 0 while open."""

    def excuses(self, signal: Signal, about: str) -> bool:
        """Say whether a signal only follows from something that is known."""
        return any(
            self.over_for.get(cause, AFTERMATH.total_seconds()) < signal.aftermath
            for cause in signal.causes(about)
        )


def watch(engine: Engine, limits: Limits) -> bool:
    """Make one pass; say whether it was made, or another process is just making one.

    Raises SQLAlchemyError when the database cannot be read or takes no writes.
    """
    room = look(engine, TAIL)
    with engine.begin() as connection:
        if not connection.execute(ALONE).scalar_one():
            return False
        connection.execute(WATCHED_SINCE)
        values = [
            *watch_room.values_of(room),
            *watch_figures.values_of(connection, limits, TAIL),
            *watch_callers.values_of(connection),
            *watch_networks.values_of(connection, room),
        ]
        stands = _judge_all(connection, values)
        _settle(connection, stands, _known(connection))
        connection.execute(FORGET, _events())
    return True


def _events() -> Mapping[str, list[object]]:
    """Return the alarms that nobody closes, for how long each is kept, and whether it lasts."""
    events = {name: kind for name, kind in KINDS.items() if kind.forgotten_after is not None}
    return {
        "names": list(events),
        "after": [kind.forgotten_after for kind in events.values()],
        "lasts": [kind.lasts for kind in events.values()],
    }


def _judge_all(connection: Connection, values: list[Value]) -> list[Stand]:
    """Judge every value, and what nobody speaks of any more as well again; keep the marks."""
    now: datetime = connection.execute(NOW).scalar_one()
    marks = {
        (row.signal, row.about): Mark(row.over_since, row.clear_since, row.read_at, row.value)
        for row in connection.execute(MARKS)
    }
    spoken = {(value.signal, value.about) for value in values}
    silent = {(signal.rpartition(".")[0], about) for signal, about in marks} - spoken
    values = [*values, *(Value(*key, _well(key[0])) for key in sorted(silent) if key[0] in SIGNALS)]
    stands, keep, drop = [], [], []
    for value in values:
        stand, new = judge(value, marks, now)
        stands.append(stand)
        for (signal, about), mark in new.items():
            row = {"signal": signal, "about": about}
            if mark.over_since is not None:
                keep.append({**row, "value": mark.value, "over_since": mark.over_since,
                             "clear_since": mark.clear_since, "read_at": now})  # fmt: skip
            elif (signal, about) in marks:
                drop.append(row)
    for statement, rows in ((KEEP, keep), (DROP, drop)):
        if rows:
            connection.execute(statement, rows)
    return stands


def _well(signal: str) -> float:
    """Return a value of a signal at which it is well."""
    level = SIGNALS[signal].levels[-1]
    return level.clear


def _known(connection: Connection) -> Known:
    rows = connection.execute(ALARMS, {"aftermath": AFTERMATH}).all()
    over_for: dict[tuple[str, str], float] = {}
    for row in rows:
        for key in ((row.name, row.about), (row.name, ANYTHING)):
            over_for[key] = min(row.over_for, over_for.get(key, row.over_for))
    is_open = {(row.name, row.about): row.severity for row in rows if row.closed_at is None}
    return Known(is_open, over_for)


def _settle(connection: Connection, stands: list[Stand], known: Known) -> None:
    """Open what has become an alarm, worsen what has become a worse one, close what is over."""
    over = [stand for stand in stands if stand.is_over]
    begun = {(stand.signal, about) for stand in over for about in (stand.about, ANYTHING)}
    bad = {(stand.signal, stand.about) for stand in stands if stand.severity is not None}
    for stand in stands:
        key, told = (stand.signal, stand.about), {"name": stand.signal, "about": stand.about}
        if stand.severity is None:
            continue
        before = known.open.get(key)
        if key not in known.open:
            if stand.is_calm:
                continue  # it was excused as long as it lasted: nobody is told of it afterwards
            signal = SIGNALS[stand.signal]
            if signal.causes(stand.about) & begun or known.excuses(signal, stand.about):
                continue
            raise_alarm(connection, stand.signal, stand.about, stand.detail or None)
            log.warning("alarm", name=stand.signal, about=stand.about, severity=stand.severity)
        if WORST.index(stand.severity) > WORST.index(before and Severity(before)):
            detail = {"severity": stand.severity, "detail": stand.detail or None}
            connection.execute(WORSEN, {**told, **detail})
    for name, about in _over(known, bad):
        close_alarm(connection, name, about)
        log.info("alarm_over", name=name, about=about)


def _over(known: Known, bad: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the open alarms of signals of which no level holds any more."""
    for key in known.open:
        if key[0] in SIGNALS and key not in bad:
            yield key
