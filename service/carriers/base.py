"""What a carrier module offers and the words it speaks to the rest of the service in.

A carrier sees neither Flask nor the database: it is given a callback's fields and answers with
values of this file; it is given words and numbers and answers what became of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar, Protocol, runtime_checkable

from service.text.phones import Msisdn

NOBODY_THERE = frozenset({
    "absentsubscriber", "unknownsubscriber", "userdoesnotexist", "userisinactive",
    "useraccountsuspended", "notnetworksubscriber", "notnetworksubcriber",
})  # fmt: skip
"""What carriers report, in small letters, of a number that nobody has or that is never on."""
SEND_SECONDS = 10.0
"""Longest one call to a carrier may take in all, from connecting to the last byte read."""


class Fault(Enum):
    """Who must act when a message was not accepted."""

    RECIPIENT = "recipient"
    """This number or these words are refused; another message is not affected."""
    ACCOUNT = "account"
    """Our account is refused (balance, key, sender); no message is at fault."""
    CARRIER = "carrier"
    """The carrier does not take messages just now; it will again."""
    NOBODY = "nobody"
    """Nobody knows yet whether it was taken; a delivery report may tell."""


def storable(text: object, most: int) -> str:
    """Return a carrier's word as PostgreSQL can hold it: no NUL, no half of a surrogate pair.

    What cannot be written down would leave an answer unrecorded, however clear it was.
    """
    return str(text).encode("utf-8", "replace").decode().replace("\0", "")[:most]


class SendError(Exception):
    """A message the carrier did not clearly accept.

    `retryable` says whether the same message may go again by itself, `code` is a stable word for
    counting and for operators, `fault` says who must act. `detail` is the carrier's own wording.
    """

    retryable: ClassVar[bool]
    code: ClassVar[str]
    fault: ClassVar[Fault]

    def __init__(self, detail: str = "") -> None:
        self.detail = storable(detail, 300)
        super().__init__(f"{self.code}: {self.detail}" if detail else self.code)


class Unreachable(SendError):
    """No connection came about; certainly not taken."""

    retryable, code, fault = True, "unreachable", Fault.CARRIER


class Throttled(SendError):
    """The carrier asks for less (HTTP 429, for every carrier); certainly not taken."""

    retryable, code, fault = True, "throttled", Fault.CARRIER


class Busy(SendError):
    """The carrier says of this recipient that it could not take the message for now."""

    retryable, code, fault = True, "carrier_busy", Fault.CARRIER


class OutcomeUnknown(SendError):
    """The words left us and no usable answer came back: sent or not, nobody can say."""

    retryable, code, fault = False, "outcome_unknown", Fault.NOBODY


class BadNumber(SendError):
    """The carrier knows no such number, or not this kind of number."""

    retryable, code, fault = False, "bad_number", Fault.RECIPIENT


class OptedOut(SendError):
    """The recipient told the carrier to refuse our messages."""

    retryable, code, fault = False, "opted_out", Fault.RECIPIENT


class Refused(SendError):
    """The carrier refuses this message for a reason of its own."""

    retryable, code, fault = False, "refused", Fault.RECIPIENT


class NoBalance(SendError):
    """The account is empty."""

    retryable, code, fault = True, "no_balance", Fault.ACCOUNT


class BadKey(SendError):
    """The carrier does not know our name and key."""

    retryable, code, fault = True, "bad_key", Fault.ACCOUNT


class BadSender(SendError):
    """The carrier does not let us send under this short code or name."""

    retryable, code, fault = True, "bad_sender", Fault.ACCOUNT


class OnHold(SendError):
    """The carrier put the account on hold."""

    retryable, code, fault = True, "on_hold", Fault.ACCOUNT


class NoRoute(SendError):
    """The carrier has no way to this number: to the whole country, or to this number alone."""

    retryable, code, fault = True, "no_route", Fault.ACCOUNT


class BadRequest(SendError):
    """The carrier finds our request malformed: all we send, or this message alone."""

    retryable, code, fault = True, "bad_request", Fault.ACCOUNT


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took the message for this number and calls it `id`."""

    id: str
    cost: str = ""


Answer = Accepted | SendError
"""What became of one recipient."""


@dataclass(frozen=True, slots=True)
class UssdHop:
    """One hop of a USSD session as the carrier tells it; `text` is the whole history."""

    session_id: str
    msisdn: Msisdn
    service_code: str
    text: str


@dataclass(frozen=True, slots=True)
class UssdEnd:
    """The carrier's word that a session is over; it may never come."""

    session_id: str
    msisdn: Msisdn
    status: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """An SMS somebody sent to our short code."""

    id: str | None
    """The carrier's id, the same on every repetition; None where it gave none."""
    sender: str
    recipient: str
    text: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report. `rank` is one of service.outbox.ladder.ReportRank as a number."""

    id: str
    msisdn: Msisdn | None
    status: str
    rank: int
    reason: str | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """What the carrier wants to read back."""

    body: str
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"


class NotUnderstood(ValueError):
    """A callback lacks what makes it one; `args[0]` names the field, never its value."""


Fields = Mapping[str, str]
"""A callback's form fields, decoded, each once."""


@runtime_checkable
class SendsSms(Protocol):
    """Can send."""

    name: str
    max_recipients: int

    def send(self, body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        """Hand one text over for one or many numbers, within SEND_SECONDS.

        Every number gets an answer; one the carrier did not mention is OutcomeUnknown. Never
        raises for what the carrier or the network does.
        """
        ...


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account still holds."""

    amount: float
    currency: str
    """ISO 4217, as the carrier names it."""


@runtime_checkable
class TellsBalance(Protocol):
    """Says what our account holds."""

    def balance(self) -> Balance:
        """Ask, within SEND_SECONDS; raise SendError when no usable answer comes."""
        ...


@runtime_checkable
class ReceivesSms(Protocol):
    """Passes on what people text."""

    def read_sms(self, fields: Fields) -> Inbound:
        """Read a callback; raise NotUnderstood naming a missing field."""
        ...

    def read_report(self, fields: Fields) -> Report:
        """Read a delivery report; any status is accepted. Raises NotUnderstood."""
        ...


@runtime_checkable
class HoldsUssd(Protocol):
    """Holds USSD sessions."""

    def read_hop(self, fields: Fields) -> UssdHop:
        """Read a callback; raise NotUnderstood naming a missing or malformed field."""
        ...

    def read_end(self, fields: Fields) -> UssdEnd:
        """Read an end-of-session event; raise NotUnderstood."""
        ...

    def answer(self, text: str, *, stays_open: bool) -> WireAnswer:
        """Say a page to the caller."""
        ...
