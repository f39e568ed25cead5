"""Can this process serve? The database and its schema decide; the rest is named beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from service.outbox.classes import LANES

from .schema import current_revision, needed_revision

LATE_SECONDS = 60.0
"""Age of the oldest due message from which a lane is called late."""
MISSING_SECONDS = 30.0
"""Silence after which a worker or clock is called missing."""

AWAY, NOT_USED = "away", "not used"
"""What is said of Redis when it does not answer, and where none is set."""

OLDEST_DUE = text("""
    SELECT lane, extract(epoch FROM clock_timestamp() - min(due_at))::float AS seconds
    FROM messages_out
    WHERE state = 'queued' AND due_at <= clock_timestamp() AND valid_until > clock_timestamp()
    GROUP BY lane
""")
ALIVE = text("""
    SELECT kind, lane FROM beats WHERE beat_at > clock_timestamp() - make_interval(secs => :silence)
""")
STOPPED = text("SELECT EXISTS (SELECT FROM switches WHERE name = 'sending' AND NOT is_on)")
PAUSED = text("SELECT code FROM carrier_pauses WHERE until > clock_timestamp() LIMIT 1")


def readiness(engine: Engine, redis: Redis | None) -> Callable[[], Mapping[str, Any]]:
    """Return the check behind /readyz: status ready, degraded or unready, and why."""
    needed = needed_revision()

    def check() -> Mapping[str, Any]:
        found: dict[str, Any] = {"status": "ready"}
        try:
            found["database"] = "ok"
            found["migrations"] = _schema_state(current_revision(engine), needed)
            if found["migrations"] != "behind":
                _add_sending(engine, found)
        except SQLAlchemyError:
            found["database"] = "away"
        found["redis"] = redis_state(redis)
        found["status"] = _status(found)
        return found

    return check


def _schema_state(current: str | None, needed: str) -> str:
    """Say how the database's schema stands to ours.

    A newer one serves us as well: a migration only adds what the version before does not need, so
    that the old processes go on while the new ones start.
    """
    if current == needed:
        return "ok"
    return "ahead" if current is not None and current > needed else "behind"


def _add_sending(engine: Engine, found: dict[str, Any]) -> None:
    with engine.connect() as connection:
        oldest = {row.lane: round(row.seconds, 1) for row in connection.execute(OLDEST_DUE)}
        alive = connection.execute(ALIVE, {"silence": MISSING_SECONDS}).all()
        stopped = connection.execute(STOPPED).scalar_one()
        paused = connection.execute(PAUSED).scalar_one_or_none()
    found["oldest_due_seconds"] = {lane: oldest.get(lane, 0.0) for lane in LANES}
    workers = {row.lane for row in alive if row.kind == "worker"}
    found["workers"] = {lane: "ok" if lane in workers else "missing" for lane in LANES}
    found["clock"] = "ok" if any(row.kind == "clock" for row in alive) else "missing"
    found["sending"] = "stopped" if stopped else f"paused: {paused}" if paused else "ok"


def redis_state(redis: Redis | None) -> str:
    """Say whether Redis answers: ok, away, or not used."""
    if redis is None:
        return NOT_USED
    try:
        redis.ping()
    except (RedisError, OSError):
        return AWAY
    return "ok"


def _status(found: Mapping[str, Any]) -> str:
    if found["database"] != "ok" or found.get("migrations") not in {"ok", "ahead"}:
        return "unready"
    late = any(seconds > LATE_SECONDS for seconds in found["oldest_due_seconds"].values())
    missing = "missing" in found["workers"].values() or found["clock"] == "missing"
    away = found["redis"] == AWAY
    return "degraded" if late or missing or away or found["sending"] != "ok" else "ready"
