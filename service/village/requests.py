"""A villager asks for help: starts, confirms, cancels, says whether it is solved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import func, select

from service.dialogue.checks import MOST_WORDS
from service.outbox.alarms import raise_alarm
from service.records.areas import Area
from service.records.messages import MessageClass
from service.records.people import Person, Phone
from service.records.requests import LIVE, Event, HelpRequest, RequestState
from service.text.mask import scrub

from .desk import Desk, lock_phones
from .ledger import (
    called,
    close_question,
    free_number,
    free_task_numbers,
    live_requests,
    note,
    task_numbers,
    values_of,
)
from .summons import summon, summon_again
from .teams import Crew, crew_for

MOST_LIVE = 5
"""Requests one phone may have going on at once."""
OTHER = "khac"
"""The topic "something else": two of them may be two matters."""


class Filed(Enum):
    """How asking for help went."""

    OPENED = "opened"
    DESK = "desk"
    """Opened, and no leader can be named to the villager."""
    ALREADY = "already"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Filing:
    """The outcome of asking for help, and the values to say it with."""

    outcome: Filed
    values: dict[str, str]


def start(desk: Desk, topic: str, area: Area) -> None:
    """Keep an unfinished request, so that a call that drops now is not a request lost.

    For a caller who did not agree to be remembered nothing is kept before they confirm.
    """
    if desk.speaker() is None:
        return
    request = unfinished(desk)
    if request is None:
        request = HelpRequest(
            state=RequestState.UNFINISHED,
            phone_id=desk.phone().id,
            language=desk.language,
            channel=desk.channel,
            idem_key=desk.cause,
            topic=topic,
            area_id=area.id,
        )
        desk.unit.session.add(request)
        desk.unit.session.flush()
        note(desk.unit.session, request, Event.STARTED)
    request.topic, request.area_id, request.words = topic, area.id, None


def keep_words(desk: Desk, words: str) -> None:
    """Add the villager's own words to the unfinished request."""
    request = unfinished(desk)
    if request is not None:
        request.words = clean_words(words)


def unfinished(desk: Desk) -> HelpRequest | None:
    """Return the request a dropped call left behind, if any."""
    phone = desk.known_phone()
    if phone is None:
        return None
    found = select(HelpRequest).where(
        HelpRequest.phone_id == phone.id, HelpRequest.state == RequestState.UNFINISHED
    )
    return desk.unit.session.scalars(found.with_for_update()).one_or_none()


def drop(desk: Desk) -> None:
    """Forget the unfinished request: the villager says so."""
    request = unfinished(desk)
    if request is not None:
        request.state = RequestState.CANCELLED
        note(desk.unit.session, request, Event.CANCELLED, person=desk.speaker())


def file(desk: Desk, topic: str, area: Area, words: str) -> Filing:
    """Open a request: it gets its number, the team hears of it, the villager gets it in writing."""
    session, phone = desk.unit.session, desk.phone()
    crew = crew_for(session, area)
    phones = {responder.phone.id for responder in crew.responders} if crew else set()
    lock_phones(desk.unit, {phone.id} | phones)
    words = clean_words(words)
    live = live_requests(session, phone)
    if again := next((r for r in live if _same_matter(r, topic, words)), None):
        return Filing(Filed.ALREADY, values_of(session, again))
    if len(live) >= MOST_LIVE:
        return Filing(Filed.MANY, {})
    request = _open(desk, topic, area, words, crew)
    values = {**values_of(session, request), "leader": _name_to_say(crew)}
    outcome = Filed.OPENED if values["leader"] else Filed.DESK
    if crew is None:
        raise_alarm(session.connection(), "nobody_to_ask", f"area {area.code}")
    else:
        summon(desk, request, crew.responders)
    desk.reply("sms.filed" if outcome is Filed.OPENED else "sms.filed_desk", values)
    return Filing(outcome, values)


def _open(desk: Desk, topic: str, area: Area, words: str, crew: Crew | None) -> HelpRequest:
    session = desk.unit.session
    request = unfinished(desk)
    if request is None:
        request = HelpRequest(
            phone_id=desk.phone().id, idem_key=desk.cause, state=RequestState.UNFINISHED
        )
        session.add(request)
    request.topic, request.area_id, request.words = topic, area.id, words or None
    request.language, request.channel = desk.language, desk.channel
    request.number = free_number(session)
    request.state = RequestState.OPEN
    request.team_id = crew.team.id if crew else None
    request.opened_at = session.scalar(select(func.clock_timestamp()))
    session.flush()
    note(session, request, Event.OPENED, person=desk.speaker())
    return request


def cancel(desk: Desk, request: HelpRequest) -> bool:
    """Cancel a request that nobody has finished yet; whoever was told of it hears so."""
    session = desk.unit.session
    numbers = task_numbers(session, request)
    lock_phones(desk.unit, {request.phone_id, *numbers})
    session.refresh(request, with_for_update=True)
    if request.state not in LIVE:
        return False
    request.state = RequestState.CANCELLED
    request.closed_at = session.scalar(select(func.clock_timestamp()))
    note(session, request, Event.CANCELLED, person=desk.speaker())
    close_question(session, request, None)
    values = values_of(session, request)
    for phone_id, number in numbers.items():
        phone = session.get(Phone, phone_id)
        assert phone is not None
        desk.tell(
            phone,
            "sms.task_cancelled",
            {**values, "task": str(number)},
            message_class=MessageClass.ALERT,
            request_id=request.id,
        )
    free_task_numbers(session, request)
    return True


def solved(desk: Desk, request: HelpRequest) -> bool:
    """Close a request: the villager says it is solved."""
    session = desk.unit.session
    session.refresh(request, with_for_update=True)
    if request.state != RequestState.DONE:
        return False
    close_question(session, request, "1")
    request.state = RequestState.CLOSED
    request.closed_at = session.scalar(select(func.clock_timestamp()))
    note(session, request, Event.SOLVED, person=desk.speaker())
    free_task_numbers(session, request)
    return True


def not_solved(desk: Desk, request: HelpRequest) -> bool:
    """Reopen a request with the same person: the villager says it is not solved."""
    session = desk.unit.session
    numbers = task_numbers(session, request)
    lock_phones(desk.unit, {request.phone_id, *numbers})
    session.refresh(request, with_for_update=True)
    if request.state != RequestState.DONE:
        return False
    close_question(session, request, "2")
    request.state = RequestState.ACCEPTED
    request.reopened += 1
    note(session, request, Event.REOPENED, person=desk.speaker())
    helper = session.get(Person, request.accepted_by) if request.accepted_by else None
    phone = session.get(Phone, helper.phone_id) if helper and helper.phone_id else None
    if phone is not None:
        summon_again(desk, request, phone, numbers.get(phone.id))
    return True


def clean_words(words: str) -> str:
    """Return what may be kept of a villager's words: no identity numbers, no codes."""
    return scrub(words).text[:MOST_WORDS]


def _same_matter(request: HelpRequest, topic: str, words: str) -> bool:
    if request.topic != topic or request.state == RequestState.DONE:
        return False
    return topic != OTHER or (request.words or "") == words


def _name_to_say(crew: Crew | None) -> str:
    return called(crew.leader.person) if crew and crew.leader else ""
