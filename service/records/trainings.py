"""Classes people learn in: courses, the single classes of them, who has a seat and who came.

In code a class is a training, since class is a word of the language.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, at_most, one_of


class Audience(StrEnum):
    """For whom a course is."""

    VILLAGERS = "villagers"
    """Everybody; members of teams may come, too."""
    MEMBERS = "members"
    """Members of teams alone; nobody else sees it."""


class TrainingState(StrEnum):
    """Where a class stands; that it is over is said by its time."""

    PROPOSED = "proposed"
    """By a member of a team; a coordinator has not confirmed it."""
    OPEN = "open"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """Proposed, and not confirmed."""


class SeatState(StrEnum):
    """How somebody stands to a class."""

    SEATED = "seated"
    OFFERED = "offered"
    """A seat is kept for them until a moment, and they are asked whether they take it."""
    WAITING = "waiting"
    LEFT = "left"
    """They took it back, or said that they do not come."""
    DECLINED = "declined"
    """They did not want the seat they were offered."""
    LAPSED = "lapsed"
    """They did not answer an offer in time."""
    ENDED = "ended"
    """The class was cancelled, or began while they waited."""
    WALKED_IN = "walked_in"
    """They came without a seat, and whoever called the roll wrote them down."""


HELD = (SeatState.SEATED, SeatState.OFFERED)
"""What takes one of a class's seats."""
LIVE_SEATS = (*HELD, SeatState.WAITING)
"""States in which somebody waits for the class, or for a seat in it."""


class SeatEvent(StrEnum):
    """What can happen to somebody's place in a class."""

    SEATED = "seated"
    QUEUED = "queued"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    LEFT = "left"
    CONFIRMED = "confirmed"
    """They answered a reminder: they will come."""
    MOVED_BACK = "moved_back"
    """The class got fewer seats; they are the first in the row now."""
    ENDED = "ended"
    WALKED_IN = "walked_in"
    CAME = "came"
    MISSED = "missed"
    RATED = "rated"


class Course(Record):
    """What is taught; a class is an evening of it."""

    __tablename__ = "courses"
    __table_args__ = (
        one_of("audience", Audience),
        at_most("code", 20),
        at_most("title", 60),
        at_most("bring", 60),
        CheckConstraint("needed BETWEEN 1 AND 20", name="needed"),
        UniqueConstraint("code"),
    )

    id: Mapped[Key]
    code: Mapped[str]
    """Short name in lists and on the command line: "vneid-1"."""
    title: Mapped[str]
    """With marks, for the console; folded and cut for phones."""
    topic: Mapped[str]
    """A topic of menus/topics.yaml."""
    audience: Mapped[str] = mapped_column(server_default=text("'villagers'"))
    language: Mapped[str] = mapped_column(server_default=text("'vi'"))
    """What is spoken in it."""
    bring: Mapped[str] = mapped_column(server_default=text("''"))
    """What people are asked to bring, with marks."""
    guide: Mapped[str | None]
    """A guide of menus/guides.yaml that is sent afterwards."""
    needed: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    """Classes somebody must come to, to have finished it."""
    certificate: Mapped[str | None]
    """What the numbers of its certificates begin with; empty where it grants none."""
    is_offered: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[Created]


class Training(Record):
    """One class: an evening somewhere, with so many seats."""

    __tablename__ = "trainings"
    __table_args__ = (
        one_of("state", TrainingState),
        at_most("place", 40),
        at_most("teacher_name", 80),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("seats BETWEEN 0 AND 500", name="seats"),
        CheckConstraint("number BETWEEN 10 AND 9999", name="number"),
        Index(
            "uq_trainings_number",
            "number",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
        Index(None, "starts_at"),
        Index(None, "course_id"),
        Index(None, "area_id"),
        Index(None, "teacher_phone_id"),
    )

    id: Mapped[Key]
    number: Mapped[int]
    """What people call it by: LOP 12. Given to another one sixty days after its end."""
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    series: Mapped[str | None]
    """Classes that were entered together have the same."""
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    """Where it is held: a hamlet, or a commune."""
    place: Mapped[str]
    """The house, with marks: "nhà văn hóa"."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seats: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str]
    teacher_name: Mapped[str] = mapped_column(server_default=text("''"))
    teacher_phone_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id"))
    """From which the roll is called, besides those of the team of the place."""
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    changes: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """How often time or place were changed: each change is told once."""
    more_wanted_at: Mapped[datetime | None]
    """When it was suggested to hold it a second time, because the row was long."""
    listed_at: Mapped[datetime | None]
    """When its people were numbered for the roll."""
    called_at: Mapped[datetime | None]
    """When its roll was called first."""
    roll_asked_at: Mapped[datetime | None]
    """When whoever is to call the roll was reminded of it."""
    called_by_phone_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id"))
    """From which it was called last."""
    retired_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class TrainingArea(Record):
    """A place whose people are invited; a class without any invites the commune it is held in."""

    __tablename__ = "training_areas"
    __table_args__ = (Index(None, "area_id"),)

    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True)
    invited_at: Mapped[datetime | None]
    """When its people were written to."""


class Enrolment(Record):
    """Somebody's place in a class: a seat, an offer, or a place in the row."""

    __tablename__ = "enrolments"
    __table_args__ = (
        one_of("state", SeatState),
        at_most("name", 40),
        CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offer"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index(
            "uq_enrolments_live",
            "training_id",
            "phone_id",
            "who",
            unique=True,
            postgresql_where=text("state IN ('seated', 'offered', 'waiting')"),
        ),
        Index(
            "uq_enrolments_roll",
            "training_id",
            "roll_number",
            unique=True,
            postgresql_where=text("roll_number IS NOT NULL"),
        ),
        UniqueConstraint("certificate"),
        Index(None, "training_id"),
        Index(None, "phone_id", "id"),
        Index(None, "person_id"),
        Index(
            "ix_enrolments_offers",
            "offered_until",
            postgresql_where=text("state = 'offered'"),
        ),
        Index("ix_enrolments_row", "training_id", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[Key]
    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id"))
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"))
    """Where whatever is about it is written to."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Whose record it is; empty for somebody of the household of whom we know but a name."""
    name: Mapped[str | None]
    """Of somebody else of the household; empty for the phone's own."""
    who: Mapped[str] = mapped_column(server_default=text("''"))
    """The name as it is compared, so that nobody has two seats."""
    state: Mapped[str]
    rank: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """Orders the row before its ids do: -1 for who had a seat and lost it to fewer seats, 1 for
    who missed their last class without a word."""
    offered_at: Mapped[datetime | None]
    offered_until: Mapped[datetime | None]
    eve_told_at: Mapped[datetime | None]
    """When they were reminded the day before."""
    soon_told_at: Mapped[datetime | None]
    """When they were reminded two hours before."""
    confirmed_at: Mapped[datetime | None]
    """When they answered that they come."""
    roll_number: Mapped[int | None] = mapped_column(SmallInteger)
    """On the list of whoever calls the roll."""
    attended: Mapped[bool | None]
    """Empty until the roll was called."""
    rating_asked_at: Mapped[datetime | None]
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    certificate: Mapped[str | None]
    created_at: Mapped[Created]
    changed_at: Mapped[Created]


class EnrolmentEvent(Record):
    """A line of the history of somebody's place in a class; never changed."""

    __tablename__ = "enrolment_events"
    __table_args__ = (
        one_of("event", SeatEvent),
        Index(None, "enrolment_id", "id"),
        Index(None, "training_id", "id"),
    )

    id: Mapped[Key]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id"))
    event: Mapped[str]
    at: Mapped[Created]
