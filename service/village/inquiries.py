"""A member asks the villager something by a text of ours, and the answer comes back: HOI and TL.

One question of a request at a time; it is open for three days, and for as long as the request is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, text

from service.dialogue.baits import Bait, bait_in
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.requests import LIVE, Event, HelpRequest, Inquiry, RequestState
from service.text.fold import fold
from service.text.gsm7 import cut, septets
from service.text.mask import scrub

from .desk import Desk, lock_phones
from .ledger import close_inquiries, note, task_numbers, values_of
from .tasks import Task, tell_villager

OPEN_FOR = timedelta(days=3)
MOST_IN_A_DAY = 5
"""Questions one villager's phone gets in 24 hours, of whichever requests: whoever forges a
member's number must not be able to bombard them."""
MOST_ANSWERED = 200
"""Characters kept of an answer."""
IS_ASKED = "sms.inquiry"

ASKED_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = (SELECT msisdn FROM phones WHERE id = :phone_id)
      AND class = 'reply' AND position(:key IN idem_key) > 0
      AND created_at > clock_timestamp() - interval '24 hours'
""")


class Asked(StrEnum):
    """How asking went."""

    ASKED = "asked"
    GONE = "gone"
    """The request is not theirs, or not in their hands any more."""
    EMPTY = "empty"
    ASKS = "asks"
    ELSEWHERE = "elsewhere"
    LONG = "long"
    ENOUGH = "enough"
    """The villager has been asked enough today."""
    SELF = "self"
    """It was asked for with this very phone."""


@dataclass(frozen=True, slots=True)
class Open:
    """A question that waits for an answer, and its request."""

    inquiry: Inquiry
    request: HelpRequest

    @property
    def asked_at(self) -> datetime:
        """When it was asked."""
        return self.inquiry.asked_at


def ask(desk: Desk, task: Task, asker: Person, words: str) -> Asked:
    """Pass a question on to the villager; one that was open for this request is asked no more."""
    session, request = desk.unit.session, task.request
    question = " ".join(words.split())
    if refused := _refused(desk, question):
        return refused
    lock_phones(desk.unit, {request.phone_id, desk.phone().id})
    session.refresh(request, with_for_update=True)
    if not task.is_of(asker):
        return Asked.GONE
    if request.phone_id == desk.phone().id:
        return Asked.SELF
    about = {"phone_id": request.phone_id, "key": f":{IS_ASKED}:"}
    asked = session.execute(ASKED_TODAY, about).scalar_one()
    if asked >= MOST_IN_A_DAY or not tell_villager(desk, request, IS_ASKED, {"question": question}):
        return Asked.ENOUGH
    close_inquiries(session, request)
    session.add(
        Inquiry(
            request_id=request.id,
            phone_id=request.phone_id,
            asked_by=asker.id,
            question=question,
            expires_at=now_by(session) + OPEN_FOR,
        )
    )
    note(session, request, Event.ASKED, person=asker, words=question)
    return Asked.ASKED


def _refused(desk: Desk, question: str) -> Asked | None:
    """Return why a question cannot be sent as it is."""
    if not any(map(str.isalnum, question)):
        return Asked.EMPTY
    bait = bait_in(question)
    if bait is not None:
        return Asked.ASKS if bait is Bait.ASKS else Asked.ELSEWHERE
    room = desk.words.texts.gaps["question"].width
    return Asked.LONG if septets(fold(question).text) > room else None


def open_for(desk: Desk) -> Sequence[Open]:
    """Return the questions that wait for an answer of the speaker's phone, oldest first."""
    phone = desk.known_phone()
    if phone is None or desk.is_stale():
        return ()
    rows = desk.unit.session.execute(
        select(Inquiry, HelpRequest)
        .join(HelpRequest, HelpRequest.id == Inquiry.request_id)
        .where(
            Inquiry.phone_id == phone.id,
            Inquiry.ended_at.is_(None),
            Inquiry.expires_at > func.clock_timestamp(),
            HelpRequest.state.in_(LIVE),
        )
        .order_by(Inquiry.asked_at)
    ).all()
    return [Open(row.Inquiry, row.HelpRequest) for row in rows]


def answer(desk: Desk, asked: Open, words: str) -> bool:
    """Take the villager's answer and tell who has the request; False when it came too late."""
    session, request, inquiry = desk.unit.session, asked.request, asked.inquiry
    helper, phone = _who_has(desk, request)
    lock_phones(desk.unit, {inquiry.phone_id, *({phone.id} if phone else ())})
    session.refresh(request, with_for_update=True)
    session.refresh(inquiry, with_for_update=True)
    if inquiry.ended_at is not None or request.state not in LIVE:
        return False
    said = scrub(" ".join(words.split())).text[:MOST_ANSWERED]
    inquiry.answer, inquiry.ended_at = said, now_by(session)
    note(session, request, Event.ANSWERED, person=desk.speaker(), words=said)
    number = task_numbers(session, request).get(phone.id) if phone else None
    if helper and phone and number and request.accepted_by == helper.id:
        _bring(desk, phone, request, number, said)
    return True


def _who_has(desk: Desk, request: HelpRequest) -> tuple[Person | None, Phone | None]:
    """Return who has a request now, and their phone: whoever asked may have passed it on."""
    session = desk.unit.session
    if request.state != RequestState.ACCEPTED or request.accepted_by is None:
        return None, None
    helper = session.get(Person, request.accepted_by)
    has_phone = helper is not None and helper.phone_id is not None
    return helper, session.get(Phone, helper.phone_id) if helper and has_phone else None


def _bring(desk: Desk, phone: Phone, request: HelpRequest, number: int, said: str) -> None:
    """Send the answer to who has the request; what does not fit one message comes in a second."""
    room = desk.words.texts.gaps["answered"].width
    whole = fold(said).text
    first = whole if septets(whole) <= room else _words_within(whole, room)
    parts = {"sms.inquiry_answer": first, "sms.inquiry_answer_more": whole[len(first) :].strip()}
    for key, part in parts.items():
        if part:
            values = {**values_of(desk.unit.session, request), "task": str(number)}
            desk.tell(
                phone,
                key,
                {**values, "answered": part},
                message_class=MessageClass.ALERT,
                request_id=request.id,
            )


def _words_within(text: str, room: int) -> str:
    """Return the whole words of a text's beginning that fit, or what fits of one long word."""
    kept = cut(text, room + len("...")).removesuffix("...")
    at = kept.rfind(" ")
    return kept[:at] if at > 0 else kept
