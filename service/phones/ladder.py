"""What becomes of a message the carrier took: its delivery reports, and the handset's inbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.phones import callbacks, wire
from service.phones.retry import next_wait
from service.phones.settings import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.phones.faults import Rule
    from service.phones.handsets import Handset
    from service.phones.parts import Parts

OK = 200
REASONED = ("Rejected", "Failed")


@dataclass(frozen=True)
class Message:
    """A message to one handset that was taken. `id` is the carrier's messageId."""

    id: str
    handset: Handset
    sender: str
    text: str


@dataclass
class _Life:
    """A message on its way up the ladder, with the faults that were planned for it."""

    message: Message
    plan: list[Rule]
    kept: list[str] = field(default_factory=list)  # reports held back to be sent out of order
    ended: bool = False

    def planned(self, kind: str, status: str = "") -> Rule | None:
        """Find the first fault of a kind that is meant for a report of `status`, or for any."""
        for rule in self.plan:
            if rule.kind == kind and (not status or rule.covers(status)):
                return rule
        return None


class Ladder:
    """Takes messages from accepted to delivered and tells the gateway of each rung."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def begin(self, message: Message) -> None:
        """Start a message on its way; a planned early one has arrived when this returns."""
        rules = self._parts.faults.draw("receipts", "plan", [message.handset.msisdn])
        for rule in rules:
            self._parts.harm.note(rule, message.handset.msisdn)
        self._soon(_Life(message, rules), self._left)

    def when_covered(self, handset: Handset, call: Callable[[], None]) -> bool:
        """Do `call` soon if the handset has coverage, else when it has again; tell which."""
        with self._parts.book.change(handset):
            if not handset.coverage:
                handset.waiting.append(call)
                return False
        self._parts.posts.after(0, call)
        return True

    def hand_over(self, handset: Handset, sender: str, text: str, id_: str) -> None:
        """Put a message into a handset's inbox."""
        self._parts.book.add_text(handset, "in", sender, text, message_id=id_)
        self._parts.journal.write("delivered", id=id_, msisdn=handset.msisdn)

    def _soon(self, life: _Life, step: Callable[[_Life], None]) -> None:
        if life.planned("early"):
            step(life)
            return
        settings = self._parts.settings.now
        self._parts.posts.after(settings.report_delay * settings.time_factor, step, life)

    def _left(self, life: _Life) -> None:
        self._tell(life, "Sent")
        self._soon(life, self._reached_operator)

    def _reached_operator(self, life: _Life) -> None:
        handset = life.message.handset
        unknown = life.planned("unknown_status")
        if unknown is not None:
            self._tell(life, unknown.text)
        if handset.coverage or life.planned("undelivered"):
            self._tell(life, "Submitted")
            self._soon(life, self._arrive)
        else:
            self._tell(life, "Buffered")
            self._hold(life)

    def _hold(self, life: _Life) -> None:
        message = life.message
        facts = {"id": message.id, "msisdn": message.handset.msisdn}
        self._parts.journal.write("held", **facts)
        self.when_covered(message.handset, lambda: self._arrive(life))

    def _arrive(self, life: _Life) -> None:
        message = life.message
        lost = life.planned("undelivered")
        if lost is not None:
            self._finish(life, lost.text)
        elif message.handset.coverage:
            self.hand_over(message.handset, message.sender, message.text, message.id)
            self._finish(life, "Success")
        else:
            self._hold(life)

    def _finish(self, life: _Life, status: str) -> None:
        life.ended = True
        self._tell(life, status)
        for earlier in reversed(life.kept):
            self._tell(life, earlier)

    def _tell(self, life: _Life, status: str) -> None:
        """Send one report, unless a switch or a planned fault has it otherwise."""
        rung = "Submitted" if status == "Buffered" else status
        if rung in STEPS and rung not in self._parts.settings.now.ladder:
            return
        if life.planned("out_of_order") and not life.ended:
            life.kept.append(status)
            return
        message = life.message
        if life.planned("lost", status):
            facts = {"id": message.id, "msisdn": message.handset.msisdn, "status": status}
            self._parts.journal.write("report-lost", **facts)
            return
        final = life.planned("undelivered")
        reason = final.reason if final is not None and status in REASONED else ""
        late, again = life.planned("late", status), life.planned("duplicate", status)
        wait = late.seconds if late is not None else 0.0
        if again is not None:
            copy = (message, status, reason, 1)
            self._parts.posts.after(wait + again.seconds, self._report, *copy)
        if late is not None:
            self._parts.posts.after(wait, self._report, message, status, reason, 1)
        else:
            self._report(message, status, reason, 1)

    def _report(self, message: Message, status: str, reason: str, tries: int) -> None:
        """Tell the gateway of a rung; if it does not answer 200, again later."""
        number = message.handset.msisdn
        fields = callbacks.report_fields(
            id_=message.id,
            status=status,
            number=number,
            network=self._parts.settings.now.network_code,
            reason=reason,
        )
        http, error = None, ""
        try:
            http = self._parts.callbacks.post("receipts", number, fields).status
        except wire.NoReplyError as none:
            error = none.reason
        facts = {"id": message.id, "msisdn": number, "status": status}
        self._parts.journal.write("report", **facts, **{"try": tries}, http=http, error=error)
        if http == OK:
            return
        wait = next_wait(self._parts.settings.now, tries)
        if wait is None:
            self._parts.journal.write("report-dropped", **facts, tries=tries)
        else:
            self._parts.posts.after(wait, self._report, message, status, reason, tries + 1)
