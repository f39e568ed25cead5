"""A villager asks for help: starts, confirms, cancels, says whether it is solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.dialogue.ladder import EMERGENCY
from service.records.areas import Area
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.requests import LIVE, Event, HelpRequest, RequestState
from service.records.teams import Role

from .climbing import begin, first_step, put_back, stop
from .desk import Desk, lock_phones
from .details import Details
from .endings import concerned, tell_gone
from .ledger import (
    called,
    close_inquiries,
    close_question,
    free_number,
    free_task_numbers,
    live_requests,
    note,
    task_numbers,
    values_of,
)
from .parties import Step
from .summons import summon_again
from .teams import Responder, is_there

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


def live(desk: Desk) -> Sequence[HelpRequest]:
    """Return the requests of the speaker's phone that are not ended, newest first."""
    phone = desk.known_phone()
    return live_requests(desk.unit.session, phone) if phone else ()


def start(desk: Desk, topic: str, area: Area) -> None:
    """Keep an unfinished request, so that a call that drops now is not a request lost.

    For a caller who did not agree to be remembered nothing is kept before they confirm.
    """
    if desk.speaker() is None:
        return
    session, request = desk.unit.session, unfinished(desk)
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
        session.add(request)
        session.flush()
        note(session, request, Event.STARTED)
    request.topic, request.area_id = topic, area.id
    Details().note_on(request)
    # One of last week that is begun anew is offered as long as any other.
    request.created_at = now_by(session)


def keep_details(desk: Desk, details: Details) -> None:
    """Add what was said so far to the unfinished request."""
    request = unfinished(desk)
    if request is not None:
        details.note_on(request)


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
    _drop(desk, None)


def _drop(desk: Desk, topic: str | None) -> None:
    """Forget the unfinished request if it has this topic, or whatever it has."""
    request = unfinished(desk)
    if request is not None and topic in {None, request.topic}:
        request.state = RequestState.CANCELLED
        request.closed_at = now_by(desk.unit.session)
        note(desk.unit.session, request, Event.CANCELLED, person=desk.speaker())


def file(desk: Desk, topic: str, area: Area, details: Details) -> Filing:
    """Open a request: it gets its number, the team hears of it, the villager gets it in writing."""
    session, phone = desk.unit.session, desk.phone()
    step = first_step(desk, topic, area.id, phone)
    lock_phones(desk.unit, {phone.id} | (step.phones if step else set()))
    live = live_requests(session, phone)
    if again := next((r for r in live if _same_matter(r, topic, details)), None):
        _drop(desk, topic)
        return Filing(Filed.ALREADY, values_of(session, again))
    if sum(r.topic != EMERGENCY for r in live) >= MOST_LIVE:
        _drop(desk, topic)
        return Filing(Filed.MANY, {})
    request = open_request(desk, topic, area, details)
    leader = _who_calls(step)
    values = {**values_of(session, request), "leader": called(leader.person) if leader else ""}
    begin(desk, request, step)
    written = desk.reply(_confirmation(step), values)
    # What is said on the screen is what is so: who calls, and whether a message comes.
    truth = {"desk": "duty" if step else "nobody", "note": "coming" if written else ""}
    return Filing(Filed.OPENED if leader else Filed.DESK, {**values, **truth})


def open_request(desk: Desk, topic: str, area: Area, details: Details) -> HelpRequest:
    """Give a request its number; the caller lets it begin its ladder and says so."""
    session = desk.unit.session
    number, request = free_number(session), unfinished(desk)
    opened_at = now_by(session)
    if request is None or request.topic != topic:  # another matter stays to be gone on with
        request = HelpRequest(phone_id=desk.phone().id, idem_key=desk.cause)
        session.add(request)
    request.topic, request.area_id = topic, area.id
    details.note_on(request)
    request.language, request.channel = desk.language, desk.channel
    request.number, request.state = number, RequestState.OPEN
    request.opened_at = opened_at
    session.flush()
    note(session, request, Event.OPENED, person=desk.speaker())
    return request


def cancel(
    desk: Desk,
    request: HelpRequest,
    *,
    saying: str = "sms.task_cancelled",
    is_locked: bool = False,
) -> bool:
    """Cancel a request that nobody has finished yet; whoever was told of it hears so.

    `is_locked`: the caller holds the lock on the phone that asked. Who heard of it while that was
    waited for is told without a lock, since to ask for more would be out of order.
    """
    session = desk.unit.session
    if not is_locked:
        lock_phones(desk.unit, {request.phone_id, *concerned(session, request)})
    session.refresh(request, with_for_update=True)
    if request.state not in LIVE:
        return False
    request.state = RequestState.CANCELLED
    request.closed_at = now_by(session)
    note(session, request, Event.CANCELLED, person=desk.speaker())
    stop(session, request)
    close_question(session, request, None)
    close_inquiries(session, request)
    tell_gone(desk, request, saying)
    free_task_numbers(session, request)
    return True


def solved(desk: Desk, request: HelpRequest) -> bool:
    """Close a request: it is solved, says the villager; in an emergency all who know hear so."""
    session = desk.unit.session
    lock_phones(desk.unit, {request.phone_id, *concerned(session, request)})
    session.refresh(request, with_for_update=True)
    if request.state != RequestState.DONE:
        return False
    close_question(session, request, "1")
    request.state = RequestState.CLOSED
    request.closed_at = now_by(session)
    note(session, request, Event.SOLVED, person=desk.speaker())
    if request.topic == EMERGENCY:
        tell_gone(desk, request, "sms.task_emergency_safe")
    free_task_numbers(session, request)
    return True


def not_solved(desk: Desk, request: HelpRequest) -> bool:
    """Reopen a request: the villager says it is not solved.

    It goes back to the person who had it; to the team, when that one is in none any more or cannot
    be reached, and in an emergency.
    """
    session, asker = desk.unit.session, desk.phone()
    helper, phone = _helper_of(session, request)
    step = None if phone else first_step(desk, request.topic, request.area_id, asker)
    to_lock = {phone.id} if phone else step.phones if step else set()
    lock_phones(desk.unit, {asker.id, *task_numbers(session, request), *to_lock})
    session.refresh(request, with_for_update=True)
    if request.state != RequestState.DONE:
        return False
    close_question(session, request, "2")
    request.reopened += 1
    note(session, request, Event.REOPENED, person=desk.speaker())
    if helper and phone:
        request.state = RequestState.ACCEPTED
        number = task_numbers(session, request).get(phone.id)
        summon_again(desk, request, helper, phone, number)
        return True
    put_back(desk, request, step)
    return True


def _helper_of(session: Session, request: HelpRequest) -> tuple[Person | None, Phone | None]:
    """Return who has a request and their phone; no phone when they are not sent to it again."""
    helper = session.get(Person, request.accepted_by) if request.accepted_by else None
    if helper is None or request.topic == EMERGENCY or not is_there(session, helper):
        return helper, None
    return helper, session.get(Phone, helper.phone_id)


def _same_matter(request: HelpRequest, topic: str, details: Details) -> bool:
    if request.topic != topic or request.state == RequestState.DONE:
        return False
    if (request.beneficiary or "") != details.beneficiary:
        return False
    return topic != OTHER or (request.words or "") == details.words


def _who_calls(step: Step | None) -> Responder | None:
    """Return who may be named to the villager: the one person who is told first, if it is one."""
    if step is None or step.responders[0].role is Role.DUTY:
        return None
    return step.responders[0]


def _confirmation(step: Step | None) -> str:
    if step is None:
        return "sms.filed_nobody"
    return "sms.filed" if _who_calls(step) else "sms.filed_desk"
