"""Messages in and out, the attempts to send them and the delivery reports about them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, at_most, one_of


class MessageClass(StrEnum):
    """What a message is for; service.outbox.classes says what follows from it."""

    REPLY = "reply"
    ALERT = "alert"
    NOTICE = "notice"
    EMERGENCY = "emergency"
    PROMO = "promo"


class MessageState(StrEnum):
    """Where an outbound message stands; service.outbox.ladder has the allowed moves."""

    HELD = "held"
    QUEUED = "queued"
    LEASED = "leased"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    NO_REPORT = "no_report"
    REJECTED = "rejected"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN_CLOSED = "unknown_closed"


class AttemptOutcome(StrEnum):
    """What became of one handing-over to the carrier."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_TAKEN = "not_taken"
    UNKNOWN = "unknown"


class InboundMessage(Record):
    """An SMS a phone sent us, once however often the carrier delivers it."""

    __tablename__ = "messages_in"
    __table_args__ = (
        UniqueConstraint("carrier", "dedupe_key"),
        at_most("body", 1600),
        Index(None, "phone_id", "id"),
        Index(None, "sender", "received_at"),
    )

    id: Mapped[Key]
    carrier: Mapped[str]
    dedupe_key: Mapped[str]
    """The carrier's id, else a digest of sender, text and time."""
    sender: Mapped[str]
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id"))
    recipient: Mapped[str]
    body: Mapped[str | None]
    """Scrubbed of identity numbers and codes before it is stored."""
    intent: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    received_at: Mapped[Created]


class OutboundMessage(Record):
    """An SMS to one number. The row is the truth; a worker only ever works on it."""

    __tablename__ = "messages_out"
    __table_args__ = (
        one_of("class", MessageClass),
        one_of("state", MessageState),
        at_most("body", 1600),
        CheckConstraint(r"msisdn ~ '^\+[1-9][0-9]{7,14}$'", name="msisdn"),
        CheckConstraint(
            "(state IN ('leased', 'sending')) = (lease_until IS NOT NULL)", name="lease"
        ),
        # Whoever puts news past the outbox's own door must not reach those who refused it.
        CheckConstraint(
            "class NOT IN ('notice', 'promo') OR state NOT IN ('held', 'queued')"
            " OR recipient_digest IS NOT NULL",
            name="refusable",
        ),
        UniqueConstraint("idem_key"),
        Index(
            "ix_messages_out_due",
            "lane",
            "priority",
            "due_at",
            "id",
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_messages_out_leases",
            "lease_until",
            postgresql_where=text("state IN ('leased', 'sending')"),
        ),
        Index(
            "ix_messages_out_waiting",
            "state",
            "changed_at",
            postgresql_where=text("state IN ('accepted', 'unknown')"),
        ),
        Index(
            "ix_messages_out_number",
            "msisdn",
            "lane",
            "id",
            postgresql_where=text("state IN ('queued', 'leased', 'sending')"),
        ),
        Index("ix_messages_out_held", "msisdn", "id", postgresql_where=text("state = 'held'")),
        Index(
            "ix_messages_out_ended_ill",
            "changed_at",
            postgresql_where=text(
                "state IN ('rejected', 'failed', 'expired', 'undelivered', 'unknown_closed',"
                " 'cancelled')"
            ),
        ),
        Index(None, "msisdn", "created_at"),
        Index(None, "request_id"),
    )

    id: Mapped[Key]
    idem_key: Mapped[str]
    """Names the event that caused it; the same event again adds nothing."""
    message_class: Mapped[str] = mapped_column("class")
    lane: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    msisdn: Mapped[str]
    recipient_digest: Mapped[str | None]
    """Stands for the number in `suppressions`; set where the recipient may refuse the class."""
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id"))
    person_id: Mapped[int | None]
    """Who had the phone when it was written, so that nobody else is written to by hand; no key,
    since nothing is read by it."""
    request_id: Mapped[int | None] = mapped_column(ForeignKey("help_requests.id"))
    body: Mapped[str | None]
    segments: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str]
    due_at: Mapped[Created]
    valid_until: Mapped[datetime]
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    strikes: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """Attempts that were certainly not taken; a fault of our account is not the message's."""
    resends: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    report_rank: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    code: Mapped[str | None]
    """Why it stands where it stands, in one stable word."""
    sent_again_as: Mapped[int | None]
    """The message by which an operator has said the same again; no key, for either may be
    forgotten before the other."""
    created_at: Mapped[Created]
    changed_at: Mapped[Created]


class Attempt(Record):
    """One handing-over of a message to a carrier; committed before a byte leaves."""

    __tablename__ = "attempts"
    __table_args__ = (
        one_of("outcome", AttemptOutcome),
        UniqueConstraint("message_id", "no"),
        UniqueConstraint("carrier", "carrier_message_id"),
        Index(
            "ix_attempts_undecided",
            "msisdn",
            postgresql_where=text("outcome IN ('open', 'unknown')"),
        ),
    )

    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(ForeignKey("messages_out.id"))
    no: Mapped[int] = mapped_column(SmallInteger)
    token: Mapped[UUID]
    carrier: Mapped[str]
    msisdn: Mapped[str]
    outcome: Mapped[str]
    carrier_message_id: Mapped[str | None]
    code: Mapped[str | None]
    detail: Mapped[str | None]
    cost: Mapped[str | None]
    started_at: Mapped[Created]
    finished_at: Mapped[datetime | None]


class Receipt(Record):
    """A delivery report, stored before it is understood and kept when it is not."""

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("carrier", "carrier_message_id", "fingerprint"),
        Index("ix_receipts_stray", "msisdn", postgresql_where=text("attempt_id IS NULL")),
        Index(None, "attempt_id"),
    )

    id: Mapped[Key]
    carrier: Mapped[str]
    carrier_message_id: Mapped[str]
    fingerprint: Mapped[str]
    msisdn: Mapped[str | None]
    status: Mapped[str]
    rank: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str | None]
    network: Mapped[str | None]
    received_at: Mapped[Created]
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id"))
