"""The carrier's side of a USSD call: sessions, hops, and the event that tells of the end."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from service.phones import callbacks, wire
from service.phones.handsets import Handset, Screen
from service.phones.screens import NETWORK_SAYS, measure

if TYPE_CHECKING:
    from service.phones.parts import Parts

BAD_PREFIX = "Response should start with a CON or an END"
LABEL = "at-ussd-hop-metadata"
LONGEST_LABEL = 99
OK = 200


class NoSessionError(Exception):
    """Keys were pressed without an open session, or before its last answer came."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass
class Session:
    """One call. It is open until the gateway, the caller or the network ends it."""

    handset: Handset
    service_code: str
    inputs: list[str]
    id: str = field(default_factory=lambda: f"ATUid_{secrets.token_hex(16)}")
    started: float = field(default_factory=time.monotonic)
    hops: int = 0
    label: str = ""
    labels: list[str] = field(default_factory=list)
    last_answer: str = ""
    open: bool = True

    @property
    def text(self) -> str:
        """Give the history as the carrier joins it: `*` between, nothing escaped."""
        return "*".join(self.inputs)


@dataclass(frozen=True)
class _Answer:
    """What a hop brought: a screen, or an error and why."""

    raw: str = ""
    label: str = ""
    error: str = ""
    why: str = ""


class Ussd:
    """Carries calls between handsets and the gateway; calls of different handsets in parallel."""

    def __init__(self, parts: Parts, short_code: str) -> None:
        self._parts = parts
        self._short_code = short_code
        self._open: dict[str, Session] = {}

    def dial(self, handset: Handset, code: str) -> dict[str, Any]:
        """Dial `code` and return the first screen; `*384*1909*1*2#` dials deep, with text 1*2."""
        if not handset.coverage:
            return self._refuse(handset, "no_coverage")
        inputs = self._route(code.strip())
        if inputs is None:
            return self._refuse(handset, "unknown_code")
        session = Session(handset, self._short_code, inputs)
        with self._parts.book.change(handset):
            self.end(handset, "dialled_again")
            self._open[handset.msisdn] = session
            handset.screen = Screen(session=session.id, busy=True)
        self._parts.journal.write("dial", session=session.id, msisdn=handset.msisdn, code=code)
        return self._hop(session, session.text)

    def keys(self, handset: Handset, text: str) -> dict[str, Any]:
        """Send the caller's answer and return the next screen; raise NoSessionError."""
        with self._parts.book.change(handset):
            session = self._open.get(handset.msisdn)
            if session is None:
                raise NoSessionError("no_session")
            if handset.screen.busy:
                raise NoSessionError("busy")
            session.inputs.append(text)
            handset.screen.busy = True
        return self._hop(session, text)

    def end(self, handset: Handset, why: str, *, error: str = "") -> dict[str, Any]:
        """End the open session, if any, as one the caller left; return what the handset shows."""
        with self._parts.book.change(handset):
            session = self._open.get(handset.msisdn)
            if session is not None:
                self._leave(session, why, error)
            elif not error:
                handset.screen = Screen()
            return handset.screen.shown()

    def _leave(self, session: Session, why: str, error: str) -> None:
        """Close a session on which an answer was waited for; call it inside a change."""
        session.open = False
        del self._open[session.handset.msisdn]
        said = NETWORK_SAYS.get(error, "")
        session.handset.screen = Screen(session=session.id, screen=said, error=error)
        self._ended(session, "Incomplete", why, "")

    def _route(self, code: str) -> list[str] | None:
        """Find what was dialled behind the short code; None if the code is not ours."""
        stem = self._short_code[:-1]
        if code == self._short_code:
            return []
        if code.startswith(f"{stem}*") and code.endswith("#"):
            return code[len(stem) + 1 : -1].split("*")
        return None

    def _refuse(self, handset: Handset, error: str) -> dict[str, Any]:
        with self._parts.book.change(handset):
            if handset.msisdn not in self._open:
                handset.screen = Screen(screen=NETWORK_SAYS[error], error=error)
        return Screen(screen=NETWORK_SAYS[error], error=error).shown()

    def _hop(self, session: Session, typed: str) -> dict[str, Any]:
        """Take one step of the call and show what came of it."""
        session.hops += 1
        number, text, hop = session.handset.msisdn, session.text, session.hops
        for rule in self._parts.faults.draw("ussd", "plan", [number]):
            self._parts.harm.note(rule, number)
            if rule.kind == "late":
                time.sleep(rule.seconds)
            if rule.kind == "duplicate":
                again = (session, hop, typed, text, True)
                self._parts.posts.after(rule.seconds, self._ask, *again)
        answer = self._ask(session, hop, typed, text, False)
        return self._show(session, answer)

    def _ask(self, session: Session, hop: int, typed: str, text: str, duplicate: bool) -> _Answer:
        """Post one hop to the gateway and write down what it answered."""
        fields = callbacks.ussd_fields(
            number=session.handset.msisdn,
            service_code=session.service_code,
            text=text,
            session=session.id,
            network=self._parts.settings.now.network_code,
        )
        label = [(LABEL, session.label)] if session.label else None
        began = time.monotonic()
        http = None
        try:
            reply = self._parts.callbacks.post("ussd", session.handset.msisdn, fields, label)
            http = reply.status
            answer = _judge(reply)
        except wire.NoReplyError as none:
            error = "gateway_late" if none.reason == "late" else "gateway_down"
            answer = _Answer(error=error, why=none.reason)
        self._parts.journal.write(
            "hop",
            session=session.id,
            msisdn=session.handset.msisdn,
            hop=hop,
            input=typed,
            text=text,
            http=http,
            answer=answer.raw,
            ms=round((time.monotonic() - began) * 1000, 1),
            error=answer.error,
            warning="" if answer.error else measure(answer.raw[4:])[1],
            duplicate=duplicate,
        )
        return answer

    def _show(self, session: Session, answer: _Answer) -> dict[str, Any]:
        """Put the answer on the handset, unless the caller has gone on in the meantime."""
        handset = session.handset
        with self._parts.book.change(handset):
            if not session.open:
                return {**Screen(session=session.id).shown(), "error": "hung_up"}
            session.last_answer, session.label = answer.raw, answer.label
            if answer.label:
                session.labels.append(answer.label)
            goes_on = not answer.error and answer.raw.startswith("CON")
            screen = self._screen(session, answer, goes_on=goes_on)
            handset.screen = screen
            if not goes_on:
                session.open = False
                del self._open[handset.msisdn]
        if goes_on:
            wait = (screen.ends_at or 0.0) - time.monotonic()
            self._parts.timers.after(max(wait, 0.001), self._expire, session, session.hops)
        else:
            self._ended(session, "Failed" if answer.error else "Success", answer.error, answer.why)
        return screen.shown()

    def _screen(self, session: Session, answer: _Answer, *, goes_on: bool) -> Screen:
        if answer.error:
            said = NETWORK_SAYS[answer.error]
            return Screen(session=session.id, screen=said, error=answer.error)
        shown = answer.raw[3:].removeprefix(" ")
        length, warning = measure(shown)
        settings, now = self._parts.settings.now, time.monotonic()
        ends_at = min(now + settings.silence_seconds, session.started + settings.session_seconds)
        return Screen(
            session=session.id,
            screen=shown,
            open=goes_on,
            warning=warning,
            length=length,
            ends_at=ends_at if goes_on else None,
        )

    def _expire(self, session: Session, hop: int) -> None:
        """End a session whose caller said nothing since `hop`."""
        with self._parts.book.change(session.handset) as handset:
            if not session.open or session.hops != hop or handset.screen.busy:
                return
            left = session.started + self._parts.settings.now.session_seconds - time.monotonic()
            why = "silence" if left > 0 else "session_limit"
            self._leave(session, why, why)

    def _ended(self, session: Session, status: str, why: str, message: str) -> None:
        msisdn, hops = session.handset.msisdn, session.hops
        self._parts.journal.write(
            "session-end", session=session.id, msisdn=msisdn, status=status, why=why, hops=hops
        )
        plan = self._parts.faults.draw("events", "plan", [msisdn])
        plan = [rule for rule in plan if rule.covers(status)]
        for rule in plan:
            self._parts.harm.note(rule, msisdn)
        if any(rule.kind == "lost" for rule in plan):
            self._parts.journal.write(
                "event-lost", session=session.id, msisdn=msisdn, status=status
            )
            return
        late = sum(rule.seconds for rule in plan if rule.kind == "late")
        fields = self._event(session, status, message)
        waits = [late, *(late + rule.seconds for rule in plan if rule.kind == "duplicate")]
        for wait in waits:
            self._parts.posts.after(wait, self._tell_end, session, status, fields)

    def _event(self, session: Session, status: str, message: str) -> callbacks.Fields:
        return callbacks.event_fields(
            number=session.handset.msisdn,
            service_code=session.service_code,
            session=session.id,
            network=self._parts.settings.now.network_code,
            status=status,
            milliseconds=round((time.monotonic() - session.started) * 1000),
            error=message,
            last_answer=session.last_answer,
            labels=session.labels,
            hops=session.hops,
            date=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
            text=session.text,
        )

    def _tell_end(self, session: Session, status: str, fields: callbacks.Fields) -> None:
        http, error = None, ""
        try:
            http = self._parts.callbacks.post("events", session.handset.msisdn, fields).status
        except wire.NoReplyError as none:
            error = none.reason
        facts = {"session": session.id, "msisdn": session.handset.msisdn, "status": status}
        self._parts.journal.write("event", **facts, http=http, error=error)


def _judge(reply: wire.Reply) -> _Answer:
    """Apply the carrier's rule: 200, and a body that begins with CON or END and nothing before."""
    label = reply.headers.get(LABEL, "")
    if len(label) > LONGEST_LABEL or "|" in label:
        label = ""
    if reply.status != OK:
        return _Answer(reply.body, error="bad_answer", why=f"HTTP status {reply.status}")
    if not reply.body.startswith(("CON", "END")):
        return _Answer(reply.body, error="bad_answer", why=BAD_PREFIX)
    return _Answer(reply.body, label)
