"""What is watched: figures of the host, curves over time, alarms and whom they were told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Moment, Record, one_of


class Span(StrEnum):
    """How long a stretch one point of a curve stands for."""

    MINUTE = "minute"
    HOUR = "hour"


class Pulse(Record):
    """One point of a curve: what happened in a minute or an hour. Written by the clock."""

    __tablename__ = "pulses"
    __table_args__ = (one_of("span", Span),)

    span: Mapped[str] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[Moment] = mapped_column(primary_key=True)
    """When the stretch begins."""
    value: Mapped[float]


class Gauge(Record):
    """The newest reading of something outside the database: balance, disk, backup, certificate."""

    __tablename__ = "gauges"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
    detail: Mapped[str | None]
    read_at: Mapped[Created]


class Watch(Record):
    """Since when a signal has been over its threshold, or clear again: for-how-long, hysteresis."""

    __tablename__ = "watches"

    signal: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    over_since: Mapped[datetime | None]
    clear_since: Mapped[datetime | None]
    read_at: Mapped[Created]


class Severity(StrEnum):
    """Whom an alarm is for."""

    PAGE = "page"
    """Somebody must act now: it is told by SMS too, day and night."""
    TICKET = "ticket"
    """Somebody must act on the next working day: by mail and webhook."""
    NOTE = "note"
    """Shown in the console only."""


class Alarm(Record):
    """Something an operator must know; open until it stops happening or is closed."""

    __tablename__ = "alarms"
    __table_args__ = (
        one_of("severity", Severity),
        Index(
            "uq_alarms_open",
            "name",
            "about",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(None, "opened_at"),
        Index(None, "closed_at"),
    )

    id: Mapped[Key]
    name: Mapped[str]
    about: Mapped[str]
    detail: Mapped[str | None]
    severity: Mapped[str | None]
    """As bad as it has been; none where its name says it (service.ops.alarm_kinds)."""
    times: Mapped[int] = mapped_column(server_default=text("1"))
    opened_at: Mapped[Created]
    last_at: Mapped[Created]
    closed_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]


class Word(StrEnum):
    """What is told about an alarm."""

    OPENED = "opened"
    RESOLVED = "resolved"


class Telling(Record):
    """One word about an alarm by one way; a row exists once, however many tell it."""

    __tablename__ = "tellings"
    __table_args__ = (
        one_of("word", Word),
        UniqueConstraint("alarm_id", "word", "way"),
        Index("ix_tellings_due", "due_at", postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[Key]
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarms.id"))
    word: Mapped[str]
    way: Mapped[str]
    """sms, mail or webhook."""
    due_at: Mapped[Created]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    code: Mapped[str | None]
    """Why the last try failed."""
    done_at: Mapped[datetime | None]
