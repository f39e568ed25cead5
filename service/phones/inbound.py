"""SMS that handsets send: to the short code, told until the gateway answers 200, or to another."""

from __future__ import annotations

import itertools
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from service.phones import callbacks, wire
from service.phones.handsets import read_number
from service.phones.retry import next_wait
from service.text import gsm7
from service.text.phones import InvalidNumber

if TYPE_CHECKING:
    from service.phones.handsets import Handset, Text
    from service.phones.ladder import Ladder
    from service.phones.parts import Parts

OK = 200
PAGE = 100  # messages in one answer to a fetch; the carrier's own figure is not published


@dataclass
class Inbound:
    """One SMS on its way to the gateway."""

    handset: Handset
    shown: Text
    to: str
    text: str
    fetch_id: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    link_id: str = field(default_factory=lambda: secrets.token_hex(8))
    sent: datetime = field(default_factory=lambda: datetime.now(UTC))
    tries: int = 0


class Inbox:
    """Takes SMS from handsets and tells the gateway of them."""

    def __init__(self, parts: Parts, ladder: Ladder, sms_code: str) -> None:
        self._parts = parts
        self._ladder = ladder
        self._sms_code = sms_code
        self._ids = itertools.count(15001)
        self._lock = threading.Lock()
        self._messages: list[Inbound] = []

    def send(self, handset: Handset, to: str, text: str) -> dict[str, Any]:
        """Send an SMS from a handset. The answer has an `error` if the phone would show one."""
        if not handset.coverage:
            return {"id": None, "error": "no_coverage"}
        if to == self._sms_code:
            return self._to_gateway(handset, text)
        try:
            other = self._parts.book.find(read_number(to))
        except InvalidNumber:
            other = None
        if other is None:
            return {"id": None, "error": "unknown_number"}
        return self._to_handset(handset, other, text)

    def fetch(self, last: str) -> list[dict[str, Any]]:
        """List the SMS to the short code after the id `last`, oldest first, one page of them."""
        settings = self._parts.settings.now
        with self._lock:
            messages = list(self._messages)
        if settings.fetch_ids == "integer":
            known = int(last) if last.isdecimal() else 0
            messages = [message for message in messages if message.fetch_id > known]
        else:
            places = [n for n, message in enumerate(messages, 1) if message.id == last]
            messages = messages[places[0] if places else 0 :]
        return [
            {
                "linkId": message.link_id if settings.link_id else "",
                "text": message.text,
                "to": message.to,
                "id": message.fetch_id if settings.fetch_ids == "integer" else message.id,
                "date": message.sent.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "from": message.handset.msisdn,
            }
            for message in messages[:PAGE]
        ]

    def _to_gateway(self, handset: Handset, text: str) -> dict[str, Any]:
        shown = self._parts.book.add_text(
            handset, "out", self._sms_code, text, read=True, state="sending"
        )
        with self._lock:
            message = Inbound(handset, shown, self._sms_code, text, next(self._ids))
            self._messages.append(message)
        number = handset.msisdn
        self._parts.journal.write(
            "texted",
            id=message.id,
            msisdn=number,
            to=message.to,
            text=text,
            fetch_id=message.fetch_id,
            link_id=message.link_id,
        )
        self._set_out(message)
        return {"id": message.id, "parts": gsm7.count(text).segments}

    def _set_out(self, message: Inbound) -> None:
        """Start telling the gateway, with the faults that strike this message."""
        number = message.handset.msisdn
        plan = self._parts.faults.draw("sms", "plan", [number])
        for rule in plan:
            self._parts.harm.note(rule, number)
        if any(rule.kind == "lost" for rule in plan):
            self._parts.journal.write("text-lost", id=message.id, msisdn=number)
            return
        late = sum(rule.seconds for rule in plan if rule.kind == "late")
        self._parts.posts.after(late, self._tell, message, True)
        for rule in plan:
            if rule.kind == "duplicate":
                self._parts.posts.after(late + rule.seconds, self._tell, message, False)

    def _to_handset(self, handset: Handset, other: Handset, text: str) -> dict[str, Any]:
        shown = self._parts.book.add_text(
            handset, "out", other.msisdn, text, read=True, state="taken"
        )
        id_ = f"p{shown.id}"
        self._parts.journal.write("text-passed", id=id_, msisdn=handset.msisdn, to=other.msisdn)
        self._ladder.when_covered(
            other,
            lambda: self._ladder.hand_over(other, str(handset.msisdn), text, id_),
        )
        return {"id": id_, "parts": gsm7.count(text).segments}

    def _tell(self, message: Inbound, insist: bool) -> None:
        """Tell the gateway; if it does not answer 200 and we `insist`, try again later."""
        message.tries += 1
        number, tries = message.handset.msisdn, message.tries
        http, error = None, ""
        try:
            http = self._parts.callbacks.post("sms", number, self._fields(message)).status
        except wire.NoReplyError as none:
            error = none.reason
        about = {"id": message.id, "msisdn": number}
        self._parts.journal.write("text-try", **about, **{"try": tries}, http=http, error=error)
        if http == OK:
            self._parts.journal.write("text-taken", **about, tries=tries)
            self._mark(message, "taken")
        elif insist:
            wait = next_wait(self._parts.settings.now, tries)
            if wait is None:
                self._parts.journal.write("text-dropped", **about, tries=tries)
                self._mark(message, "failed")
            else:
                self._parts.posts.after(wait, self._tell, message, True)

    def _mark(self, message: Inbound, state: str) -> None:
        with self._parts.book.change(message.handset):
            message.shown.state = state

    def _fields(self, message: Inbound) -> callbacks.Fields:
        settings = self._parts.settings.now
        style = "%Y-%m-%dT%H:%M:%SZ" if settings.date_style == "iso" else "%Y-%m-%d %H:%M:%S"
        return callbacks.sms_fields(
            date=message.sent.strftime(style),
            sender=message.handset.msisdn,
            id_=message.id,
            link_id=message.link_id if settings.link_id else "",
            text=message.text,
            to=message.to,
            cost=f"{settings.currency} 1.00" if settings.cost else "",
            network=settings.network_code,
        )
