"""Requests for help, what happened to them, and the small numbers leaders know them by."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, at_most, one_of


class RequestState(StrEnum):
    """Where a request stands."""

    UNFINISHED = "unfinished"
    """The call dropped after topic and hamlet were known, before the villager confirmed."""
    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    """The leader says it is done; the villager is being asked."""
    CLOSED = "closed"
    CANCELLED = "cancelled"


LIVE = (RequestState.OPEN, RequestState.ACCEPTED, RequestState.DONE)
"""States in which a request has a number and somebody waits for somebody."""


class Event(StrEnum):
    """What can happen to a request."""

    STARTED = "started"
    OPENED = "opened"
    TOLD = "told"
    ACCEPTED = "accepted"
    DONE = "done"
    SOLVED = "solved"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    NOTED = "noted"
    """A member wrote a word about it."""
    PASSED = "passed"
    """A member says that it is not for them; the note holds to whom, and why."""
    ASKED = "asked"
    """A member had a question relayed to the villager."""
    ANSWERED = "answered"
    RETURNED = "returned"
    """Back on its ladder: who had it is in no team any more, or cannot be reached."""


class HelpRequest(Record):
    """One call for help."""

    __tablename__ = "help_requests"
    __table_args__ = (
        one_of("state", RequestState),
        at_most("words", 200),
        at_most("beneficiary", 60),
        CheckConstraint("number BETWEEN 1000 AND 99999", name="number"),
        CheckConstraint(
            "state = 'unfinished' OR state = 'cancelled' OR number IS NOT NULL", name="numbered"
        ),
        UniqueConstraint("idem_key"),
        Index(
            "uq_help_requests_live_number",
            "number",
            unique=True,
            postgresql_where=text("state IN ('open', 'accepted', 'done')"),
        ),
        Index(
            "uq_help_requests_unfinished",
            "phone_id",
            unique=True,
            postgresql_where=text("state = 'unfinished'"),
        ),
        Index(None, "phone_id", "id"),
        Index(None, "area_id", "id"),
        Index(None, "number", "id"),
        Index(None, "team_id", "state"),
        Index(
            "ix_help_requests_week",
            text("(CAST(date_trunc('week', opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date))"),
            "id",
        ),
        Index("ix_help_requests_in_hand", "id", postgresql_where=text("state = 'accepted'")),
    )

    id: Mapped[Key]
    number: Mapped[int | None]
    """Four digits the villager hears and the caller must say; free again when the request ends."""
    state: Mapped[str]
    topic: Mapped[str]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    """The hamlet, or the commune where no hamlets are loaded yet."""
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"))
    words: Mapped[str | None]
    beneficiary: Mapped[str | None]
    """Who needs the help, when it is not the one who asks: a name, or a number to call."""
    spoken: Mapped[str | None]
    """Language the call back should be in; Vietnamese where nothing was chosen."""
    language: Mapped[str]
    channel: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reopened: Mapped[int] = mapped_column(server_default=text("0"))
    idem_key: Mapped[str]
    """The doing that caused it, so that a repeated callback causes nothing."""
    created_at: Mapped[Created]
    opened_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    """When who has it was last reminded, because nothing was heard of it for long."""
    done_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class RequestEvent(Record):
    """A line of a request's history; never changed, never removed before its request."""

    __tablename__ = "request_events"
    __table_args__ = (
        one_of("event", Event),
        at_most("note", 500),
        Index(None, "request_id", "id"),
        Index(
            "ix_request_events_accepted",
            "request_id",
            "at",
            postgresql_where=text("event = 'accepted'"),
        ),
    )

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id"))
    event: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str | None]
    at: Mapped[Created]


class Inquiry(Record):
    """A question of a member's about a request, relayed to the villager, and the answer back."""

    __tablename__ = "inquiries"
    __table_args__ = (
        at_most("question", 200),
        at_most("answer", 200),
        Index(
            "uq_inquiries_open",
            "request_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "phone_id", postgresql_where=text("ended_at IS NULL")),
        Index(None, "asked_by"),
    )

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id"))
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"))
    """The phone that is asked."""
    asked_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    question: Mapped[str]
    asked_at: Mapped[Created]
    expires_at: Mapped[datetime]
    answer: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class TaskNumber(Record):
    """The small number by which one phone knows one request; free again when given back."""

    __tablename__ = "task_numbers"
    __table_args__ = (
        Index(
            "uq_task_numbers_taken",
            "phone_id",
            "number",
            unique=True,
            postgresql_where=text("freed_at IS NULL"),
        ),
        Index(
            "uq_task_numbers_request",
            "phone_id",
            "request_id",
            unique=True,
            postgresql_where=text("freed_at IS NULL"),
        ),
        Index(None, "phone_id", "number", "freed_at"),
        Index(None, "request_id"),
    )

    id: Mapped[Key]
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id"))
    number: Mapped[int]
    given_at: Mapped[Created]
    passed_at: Mapped[datetime | None]
    """Since when its phone has passed the request on: it is listed there no more, yet understood,
    for they may think better of it while nobody has taken it."""
    freed_at: Mapped[datetime | None]


class Question(Record):
    """A question a phone was asked by SMS and may answer by a digit."""

    __tablename__ = "questions"
    __table_args__ = (
        Index(
            "uq_questions_open",
            "phone_id",
            "request_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(None, "request_id"),
    )

    id: Mapped[Key]
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id"))
    asked_at: Mapped[Created]
    expires_at: Mapped[datetime]
    answer: Mapped[str | None]
    closed_at: Mapped[datetime | None]
