"""What the carrier tells the service: the fields of each callback, in the carrier's order.

Sources: captures of USSD hops and of the session-ended event; the carrier's documentation for
inbound SMS and delivery reports, whose order of fields on the wire nobody has published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from service.phones import wire

if TYPE_CHECKING:
    from service.phones.faults import Faults, Rule
    from service.phones.harm import Harm
    from service.phones.settings import Switchboard

Fields = list[tuple[str, str]]

PATHS = {"ussd": "/ussd", "sms": "/sms", "receipts": "/receipts", "events": "/ussd-events"}
USSD_AGENT = "at-ussd-api/1.0"
SMS_AGENT = "akka-http/10.2.10"  # not known; the library the carrier's own server is built with
NUMBER_FIELDS = ("phoneNumber", "from")
FORM = "application/x-www-form-urlencoded"


def ussd_fields(*, number: str, service_code: str, text: str, session: str, network: str) -> Fields:
    """Give the five fields of a USSD hop."""
    return [
        ("phoneNumber", number),
        ("serviceCode", service_code),
        ("text", text),
        ("sessionId", session),
        ("networkCode", network),
    ]


def event_fields(
    *,
    number: str,
    service_code: str,
    session: str,
    network: str,
    status: str,
    milliseconds: int,
    error: str,
    last_answer: str,
    labels: list[str],
    hops: int,
    date: str,
    text: str,
) -> Fields:
    """Give the thirteen fields of the session-ended event."""
    return [
        ("durationInMillis", str(milliseconds)),
        ("phoneNumber", number),
        ("errorMessage", error),
        ("serviceCode", service_code),
        ("lastAppResponse", last_answer),
        ("hopsMetadata", "|".join(labels)),
        ("hopsCount", str(hops)),
        ("status", status),
        ("sessionId", session),
        ("cost", "0.00"),
        ("date", date),
        ("networkCode", network),
        ("input", text),
    ]


def sms_fields(
    *, date: str, sender: str, id_: str, link_id: str, text: str, to: str, cost: str, network: str
) -> Fields:
    """Give the fields of an inbound SMS; `link_id` and `cost` are left out where empty."""
    fields = [
        ("date", date),
        ("from", sender),
        ("id", id_),
        ("linkId", link_id),
        ("text", text),
        ("to", to),
        ("cost", cost),
        ("networkCode", network),
    ]
    return [(name, value) for name, value in fields if value or name not in {"linkId", "cost"}]


def report_fields(*, id_: str, status: str, number: str, network: str, reason: str) -> Fields:
    """Give the fields of a delivery report; failureReason only where there is one."""
    fields = [("id", id_), ("status", status), ("phoneNumber", number), ("networkCode", network)]
    if reason:
        fields.append(("failureReason", reason))
    return [*fields, ("retryCount", "0")]


class Callbacks:
    """Posts callbacks to the gateway, spoilt on the wire where a rule says so."""

    def __init__(self, gateway: str, settings: Switchboard, faults: Faults, harm: Harm) -> None:
        self._gateway = gateway
        self._settings = settings
        self._faults = faults
        self._harm = harm

    def post(
        self, place: str, number: str, fields: Fields, extra: Fields | None = None
    ) -> wire.Reply:
        """Tell the gateway once; raise wire.NoReplyError if it does not answer in time."""
        settings = self._settings.now
        struck: dict[str, Rule] = {}
        for rule in self._faults.draw(place, "wire", [number]):
            self._harm.note(rule, number)
            struck.setdefault(rule.kind, rule)
        if "no_plus" in struck:
            fields = [(k, v.lstrip("+") if k in NUMBER_FIELDS else v) for k, v in fields]
        charset = settings.callback_charset and "no_charset" not in struck
        headers = [
            ("User-Agent", USSD_AGENT if place in {"ussd", "events"} else SMS_AGENT),
            ("Content-Type", f"{FORM}; charset=UTF-8" if charset else FORM),
            *(extra or []),
        ]
        close = struck.get("close")
        spoil = wire.Spoil(
            pause=struck["hang"].seconds if "hang" in struck else 0.0,
            drip=struck["trickle"].seconds if "trickle" in struck else 0.0,
            cut_body=close is not None and close.when == "before",
            cut_answer=close is not None and close.when == "after",
        )
        body = urlencode(fields, errors="surrogatepass").encode("ascii")
        return wire.post(
            self._gateway + PATHS[place], headers, body, settings.answer_seconds, spoil
        )
