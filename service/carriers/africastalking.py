"""Africa's Talking, both directions: USSD, SMS in and out, delivery reports.

Sends through the vendor's SDK. Only its HTTP call is replaced, since that one follows redirects
with our key in the header, reads an answer of any size, has no limit on the time in all, and
drops the HTTP status (measured on 2.0.3).
Facts about the wire: Africa's Talking's documentation and recorded traffic of 2017-2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from service.text.phones import InvalidNumber, Msisdn, from_carrier

from .base import (
    Accepted,
    Answer,
    BadKey,
    BadNumber,
    BadRequest,
    BadSender,
    Balance,
    Busy,
    Fields,
    Inbound,
    NoBalance,
    NoRoute,
    NotUnderstood,
    OnHold,
    OptedOut,
    OutcomeUnknown,
    Refused,
    Report,
    SendError,
    Throttled,
    UssdEnd,
    UssdHop,
    WireAnswer,
    storable,
)

if TYPE_CHECKING:
    from africastalking.SMS import SMSService

    from .http import HttpAnswer

NAME = "africastalking"
MONEY = re.compile(r"([A-Z]{3}) (-?\d{1,15}(?:\.\d+)?)", re.ASCII)

STATUS_CODES: Mapping[int, type[SendError]] = {
    401: OnHold,
    402: BadSender,
    403: BadNumber,
    404: BadNumber,
    405: NoBalance,
    406: OptedOut,
    407: NoRoute,
    409: Refused,
    500: Busy,
    501: Busy,
    502: Busy,
}
"""What a recipient's statusCode means; 100, 101 and 102 are "accepted"."""
ACCEPTED_CODES = frozenset({100, 101, 102})

WHOLE_REFUSALS: Mapping[str, type[SendError]] = {
    "invalidsenderid": BadSender,
    "insufficientbalance": NoBalance,
    "riskhold": OnHold,
    "couldnotroute": NoRoute,
}
"""A refusal of the whole call comes as 201 with no recipients and this as its message.

Any other message without recipients tells nothing: the words may well have been taken.
"""

REPORT_RANKS: Mapping[str, int] = {
    "sent": 1,
    "submitted": 1,
    "buffered": 1,
    "rejected": 3,
    "failed": 3,
    "absentsubscriber": 3,
    "expired": 3,
    "success": 4,
}
"""How far each reported status means the message has come; an unknown one is "on its way"."""


def _make_sdk(username: str, api_key: str, base_url: str) -> SMSService:
    """Make the SDK's SMS service at an address of our choice, over our bounded HTTP call."""
    # Loaded with the first message: the web process never sends, and would hold 5 MB for it.
    from africastalking.SMS import SMSService  # noqa: PLC0415

    from .http import post_form  # noqa: PLC0415

    class Sdk(SMSService):
        def _init_service(self) -> None:
            super()._init_service()  # type: ignore[no-untyped-call]
            if base_url:
                self._baseUrl = self._contentUrl = f"{base_url.rstrip('/')}/version1"

        def _make_request(  # noqa: PLR0917 - the SDK's own signature
            self,
            url: str,
            method: str,
            headers: Mapping[str, str],
            data: Mapping[str, Any],
            params: Any,
            callback: Any = None,
            timeout: Any = None,
        ) -> HttpAnswer:
            del method, params, callback, timeout
            return post_form(url, data, headers)

    return Sdk(username, api_key)  # type: ignore[no-untyped-call]


class AfricasTalking:
    """The carrier module; implements SendsSms, ReceivesSms and HoldsUssd of base.py."""

    name = NAME

    def __init__(
        self, *, username: str, api_key: str, base_url: str, sender: str, max_recipients: int
    ) -> None:
        self.max_recipients = max_recipients
        self._sender = sender
        self._account = (username, api_key, base_url)

    @cached_property
    def _sdk(self) -> SMSService:
        return _make_sdk(*self._account)

    # -- sending

    def send(self, body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        """Hand a text over for these numbers; see SendsSms."""
        try:
            answer = self._sdk.send(body, list(to), sender_id=self._sender)  # type: ignore[no-untyped-call]
            found = _answers(answer)
        except SendError as error:
            return dict.fromkeys(to, error)
        unmentioned = OutcomeUnknown("the answer does not mention this number")
        return {number: found.get(number, unmentioned) for number in to}

    def balance(self) -> Balance:
        """Ask for the balance; see TellsBalance."""
        from .http import get  # noqa: PLC0415 - as in _make_sdk

        username, api_key, base_url = self._account
        headers = {"apiKey": api_key, "Accept": "application/json"}
        asked = {"username": username}
        return _balance(get(f"{base_url.rstrip('/')}/version1/user", asked, headers))

    def read_hop(self, fields: Fields) -> UssdHop:
        """Read one hop; `text` may be missing, which is the same as empty."""
        return UssdHop(
            session_id=_session_id(fields),
            msisdn=_number(fields, "phoneNumber"),
            service_code=_needed(fields, "serviceCode"),
            text=fields.get("text", ""),
        )

    def read_end(self, fields: Fields) -> UssdEnd:
        """Read an end-of-session event."""
        return UssdEnd(
            session_id=_session_id(fields),
            msisdn=_number(fields, "phoneNumber"),
            status=_needed(fields, "status")[:40],
        )

    def answer(self, text: str, *, stays_open: bool) -> WireAnswer:
        """Say a page: CON keeps the session open, END closes it; nothing may stand before that."""
        return WireAnswer(f"{'CON' if stays_open else 'END'} {text}", content_type="text/plain")

    # -- SMS in

    def read_sms(self, fields: Fields) -> Inbound:
        """Read an inbound SMS; only sender, recipient and text must be there."""
        if "text" not in fields:
            raise NotUnderstood("text")
        return Inbound(
            id=fields.get("id") or None,
            sender=_needed(fields, "from"),
            recipient=_needed(fields, "to"),
            text=fields["text"],
            sent_at=_moment(fields.get("date", "")),
        )

    def read_report(self, fields: Fields) -> Report:
        """Read a delivery report; a status nobody has documented is taken as "on its way"."""
        status = _needed(fields, "status")[:40]
        try:
            msisdn = from_carrier(fields.get("phoneNumber", ""))
        except InvalidNumber:
            msisdn = None
        return Report(
            id=_needed(fields, "id")[:100],
            msisdn=msisdn,
            status=status,
            rank=REPORT_RANKS.get(status.lower(), 1),
            reason=fields.get("failureReason", "")[:100] or None,
            network=fields.get("networkCode", "")[:20] or None,
        )


make = AfricasTalking
"""Makes the carrier of some settings; every carrier's module has one."""


def _balance(answer: HttpAnswer) -> Balance:
    """Read {"UserData": {"balance": "USD 12.3456"}}; the documents write userData as well."""
    if answer.status == 401:  # noqa: PLR2004 - Unauthorized
        raise BadKey(answer.text)
    try:
        data = json.loads(answer.text)
        told = str((data.get("UserData") or data["userData"])["balance"])
        currency, amount = MONEY.fullmatch(told).groups()  # type: ignore[union-attr]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OutcomeUnknown(f"no balance ({type(error).__name__})") from None
    return Balance(float(amount), currency)


def _answers(answer: HttpAnswer) -> dict[str, Answer]:
    """Read the answer to a send; raise the SendError that holds for all its recipients."""
    if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
        raise Throttled(answer.text)
    if answer.status == 401:  # noqa: PLR2004 - Unauthorized
        raise BadKey(answer.text)
    if 400 <= answer.status < 500 and answer.status != 409:  # noqa: PLR2004 - our request's fault
        raise BadRequest(f"HTTP {answer.status} {answer.text}")
    # Do-not-disturb is documented to come as HTTP 409 with the usual body.
    if not 200 <= answer.status < 300 and answer.status != 409:  # noqa: PLR2004
        raise OutcomeUnknown(f"HTTP {answer.status}")
    try:
        data = json.loads(answer.text)["SMSMessageData"]
        recipients = list(data["Recipients"] or ())
        said = str(data.get("Message", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OutcomeUnknown(f"unreadable answer ({type(error).__name__})") from None
    if not recipients:
        raise WHOLE_REFUSALS.get(re.sub(r"[^a-z]", "", said.lower()), OutcomeUnknown)(said)
    return dict(_recipient(entry) for entry in recipients)


def _recipient(entry: Any) -> tuple[str, Answer]:
    """Say what became of one recipient; the number of a statusCode decides, not its words.

    An entry that cannot be read says nothing about the others.
    """
    try:
        number = str(from_carrier(str(entry["number"])))
        code = int(entry["statusCode"])
        its_id = storable(entry.get("messageId") or "None", 100)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", OutcomeUnknown("unreadable entry")
    has_id = its_id != "None"
    if code in ACCEPTED_CODES and has_id:
        return number, Accepted(its_id, storable(entry.get("cost", ""), 40))
    error = STATUS_CODES.get(code, OutcomeUnknown)
    if has_id and error.retryable:
        error = OutcomeUnknown  # an id was given: it may be on its way all the same
    return number, error(f"{code} {entry.get('status', '')}")


def _needed(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    if not value:
        raise NotUnderstood(name)
    return value


def _session_id(fields: Fields) -> str:
    value = _needed(fields, "sessionId")
    if not re.fullmatch(r"[\x21-\x7e]{1,100}", value):
        raise NotUnderstood("sessionId")
    return value


def _number(fields: Fields, name: str) -> Msisdn:
    try:
        return from_carrier(_needed(fields, name))
    except InvalidNumber:
        raise NotUnderstood(name) from None


def _moment(text: str) -> datetime | None:
    """Read "2017-05-03T06:04:45Z" or "2017-05-03 06:04:45"; both are UTC, both occur."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the second at the edges of the years
        return None
