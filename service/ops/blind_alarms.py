"""Alarms while the database is away or takes no writes: a file decides who tells, and remembers.

The file lies in CAUNOI_HOME. Its lock lets one process at a time tell, and the kernel lets go of
it when that process dies; what it says of an incident survives. When the database is back, the
incident is written into `alarms` as if it had been there, so that its end is told like any other.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from service.records.watching import Severity, Word

from .alarm_ways import MAIL, SMS, WEBHOOK, NotTold, Ways, tell_by
from .alarm_words import Told
from .tell import SURE_AFTER, note_told

AWAY, READ_ONLY = "database_away", "database_read_only"
REFUSES = frozenset({"25006", "53100", "53200", "57P03", "58030"})
"""SQLSTATEs: read-only transaction, disk full, out of memory, not accepting, I/O error."""
PATIENCE = 4.0
"""Seconds it must have been so for this process: one connection may break at any time."""
LONGEST_WAIT = 600.0
FILE_BYTES = 2000

RETOLD = text("""
    INSERT INTO alarms AS a (name, about, detail, severity, opened_at, closed_at)
    SELECT :name, 'database', :detail, 'page', CAST(:began AS timestamptz), clock_timestamp()
    WHERE NOT EXISTS (SELECT FROM alarms WHERE name = :name AND about = 'database'
                      AND closed_at > clock_timestamp() - CAST(:sure AS interval))
    RETURNING id
""")
SAME = text("""
    UPDATE alarms SET closed_at = clock_timestamp(), last_at = clock_timestamp(), times = times + 1
    WHERE id = (SELECT max(id) FROM alarms WHERE name = :name AND about = 'database')
    RETURNING id
""")

log = structlog.get_logger("ops.blind")


@dataclass
class Incident:
    """What is known of one incident, as its file holds it."""

    name: str
    began: str
    detail: str = ""
    told: list[str] = field(default_factory=list)
    tries: int = 0
    next_try: float = 0.0
    ended: str = ""


def trouble_of(error: Exception) -> str | None:
    """Name what is wrong with the database; None when it is something else."""
    if isinstance(error, NoFreeConnection | InterfaceError):
        return AWAY
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if state in REFUSES:
        return READ_ONLY if state in {"25006", "53100"} else AWAY
    if isinstance(error, OperationalError) and state is None:
        return AWAY
    return None


class BlindAlarms:
    """What one process knows of the database's trouble, and the folder all share."""

    def __init__(self, home: Path, ways: Ways) -> None:
        self._folder = home / "blind"
        self._ways = ways
        self._since: tuple[str, float] | None = None
        self._remembered: dict[str, Incident] = {}

    def met(self, error: Exception) -> None:
        """Note a fault; when it has lasted, tell of it unless another process has."""
        name = trouble_of(error)
        if name is None:
            self._since = None
            return
        if self._since is None or self._since[0] != name:
            self._since = (name, time.monotonic())
        if time.monotonic() - self._since[1] < PATIENCE:
            return
        state = getattr(getattr(error, "orig", None), "sqlstate", None)
        with self._incident(name) as incident:
            if incident is not None:
                self._tell(incident, str(state or type(error).__name__))

    def well(self, engine: Engine) -> None:
        """The database takes writes again: write down what there was, and end it."""
        self._since = None
        for name in (AWAY, READ_ONLY):
            with self._incident(name, make=False) as incident:
                if incident is not None and not incident.ended:
                    self._write_down(engine, incident)

    def _tell(self, incident: Incident, detail: str) -> None:
        """Tell by every way that is still open and does not need the database."""
        incident.detail = incident.detail or detail
        now = time.time()
        left = [w for w in (MAIL, WEBHOOK) if w in self._ways.open and w not in incident.told]
        if not left or now < incident.next_try:
            return
        began = datetime.fromisoformat(incident.began)
        id_ = f"blind-{incident.name}-{began:%Y%m%d%H%M%S}-opened"
        about = (id_, incident.name, "database", incident.detail)
        told = Told(*about, Severity.PAGE, began, None, Word.OPENED)
        for way in left:
            try:
                tell_by(self._ways, way, told)
            except NotTold as why:
                log.warning("not_told", alarm=incident.name, way=way, code=str(why))
            else:
                incident.told.append(way)
                log.warning("told", alarm=incident.name, way=way)
        incident.tries += 1
        incident.next_try = now + min(5 * 2 ** min(incident.tries, 10), LONGEST_WAIT)

    def _write_down(self, engine: Engine, incident: Incident) -> None:
        about = {"name": incident.name, "detail": incident.detail or None, "sure": SURE_AFTER}
        try:
            with engine.begin() as connection:
                found = connection.execute(RETOLD, {**about, "began": incident.began})
                alarm_id = found.scalar_one_or_none()
                if alarm_id is None:
                    alarm_id = connection.execute(SAME, about).scalar_one()
                # No SMS could leave; those who get one hear afterwards of what is over.
                note_told(connection, alarm_id, [*incident.told, SMS])
        except SQLAlchemyError as error:
            log.warning("incident_waits", alarm=incident.name, error=type(error).__name__)
            return
        incident.ended = datetime.now(UTC).isoformat()
        log.info("incident_over", alarm=incident.name)

    @contextmanager
    def _incident(self, name: str, *, make: bool = True) -> Iterator[Incident | None]:
        """Lend the incident under its lock, and keep what is changed; None when others hold it.

        Where the disk is full as well, this process remembers by itself what it has told.
        """
        with ExitStack() as stack:
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                path = self._folder / f"{name}.json"
                file = stack.enter_context(path.open("a+" if make else "r+", encoding="utf-8"))
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, FileNotFoundError):
                yield None
                return
            except OSError:
                yield self._remembered.setdefault(name, _new(name))
                return
            incident = self._remembered.pop(name, None) or _read(file, name)
            if make and incident.ended:
                incident = _next(incident)
            yield incident
            try:
                _write(path, incident)
            except OSError:
                self._remembered[name] = incident


def _write(path: Path, incident: Incident) -> None:
    """Write over what is there, always as long: that needs no new room on a full disk."""
    with path.open("r+", encoding="utf-8") as file:
        file.write(json.dumps(asdict(incident)).ljust(FILE_BYTES))


def _new(name: str) -> Incident:
    return Incident(name, datetime.now(UTC).isoformat())


def _read(file: IO[str], name: str) -> Incident:
    """Read what the file holds; a new file, or one torn by a full disk, is a new incident."""
    file.seek(0)
    try:
        return Incident(**json.loads(file.read()))
    except (ValueError, TypeError):
        return _new(name)


def _next(last: Incident) -> Incident:
    """Begin an incident; one so soon after the last is the same, of which all have been told."""
    now = datetime.now(UTC)
    soon = now - datetime.fromisoformat(last.ended) < SURE_AFTER
    return Incident(last.name, now.isoformat(), told=list(last.told) if soon else [])
