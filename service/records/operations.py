"""What the service knows of its own running: liveness, timetable, switches, money, the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Record


class Beat(Record):
    """A process is alive: one row each, by the database's clock (Redis may forget, this not)."""

    __tablename__ = "beats"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    lane: Mapped[str | None]
    pid: Mapped[int]
    started_at: Mapped[Created]
    beat_at: Mapped[Created]


class PeriodicWork(Record):
    """A line of the timetable; claimed under a lease, so two clocks do no harm."""

    __tablename__ = "periodic_work"

    name: Mapped[str] = mapped_column(primary_key=True)
    every_seconds: Mapped[int]
    next_at: Mapped[Created]
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    last_done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class Shipped(Record):
    """What of the files that ship with the service is loaded, by the digest of their content."""

    __tablename__ = "shipped"

    name: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    loaded_at: Mapped[Created]


class Switch(Record):
    """A big red switch; no row means on."""

    __tablename__ = "switches"

    name: Mapped[str] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
    reason: Mapped[str | None]
    changed_by: Mapped[str]
    changed_at: Mapped[Created]


class CarrierPause(Record):
    """A carrier we do not send to for now, and why (balance, key, no connection)."""

    __tablename__ = "carrier_pauses"

    carrier: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    detail: Mapped[str | None]
    since: Mapped[Created]
    until: Mapped[datetime]
    times: Mapped[int] = mapped_column(server_default=text("1"))


class Spend(Record):
    """Money and segments of one hour or day: a counter row, never a count(*)."""

    __tablename__ = "spend"

    period: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    messages: Mapped[int]
    segments: Mapped[int]
    vnd: Mapped[int]


class Counter(Record):
    """How often something happened in a minute."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    n: Mapped[int]


class Audit(Record):
    """Who did what to what; written once.

    The database itself refuses to change a line, and to delete one before its years have passed
    (audit_guard).
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "at"),
        # For whoever searches it: what was done by, of what kind, to what; the newest first. A name
        # is also looked for by its beginning.
        Index(None, "actor", "at", "action", postgresql_ops={"actor": "text_pattern_ops"}),
        Index(None, "action", "at"),
        Index(None, "about", "at", postgresql_ops={"about": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[Created]
    actor: Mapped[str]
    action: Mapped[str]
    about: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
