"""A member passes a request on: a step up its ladder, to the commune, or to one colleague.

It goes on with the lap it is in: nobody is told twice, and the one who passes it keeps their number
for it, since they may think better of it while nobody has taken it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.dialogue.ladder import Party
from service.records.ladder import Climb
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.requests import Event, HelpRequest, RequestState
from service.text.phones import Msisdn

from .areas import area_by_id
from .climbing import move_up, rung_of, step_above, upwards
from .desk import Desk, lock_phones
from .ledger import called, note, task_numbers
from .parties import Around, Step
from .summons import summon_by_name
from .tasks import Task, tell_villager
from .teams import Responder, member_at

MOST_IN_A_DAY = 6
"""Times one request is passed on by hand in 24 hours: each sends messages, and it may be forged."""

MOST_WITH_TIME = 2
"""Times it is passed to a colleague who has a step's time for it alone; after that the ladder goes
on at once. It could else be passed to and fro for ever, and nobody else would hear of it."""

PASSED_IN_THIS_LAP = text("""
    SELECT count(*) FROM request_events
    WHERE request_id = :request_id AND event = 'passed' AND at >= :began_at
""")
PASSED_TODAY = text("""
    SELECT count(*) FROM request_events
    WHERE request_id = :request_id AND event = 'passed'
      AND at > clock_timestamp() - interval '24 hours'
""")
LIST_NO_MORE = text("""
    UPDATE task_numbers SET passed_at = clock_timestamp()
    WHERE phone_id = :phone_id AND request_id = :request_id AND freed_at IS NULL
""")


class Passed(StrEnum):
    """How passing on went."""

    PASSED = "passed"
    GONE = "gone"
    """Somebody else has it, or it has ended."""
    ALREADY = "already"
    """They have passed it on before, and say nothing new."""
    THERE = "there"
    """It is with the commune already, and nobody has taken it so far."""
    CHANGED = "changed"
    """It changed this very moment, the clock's step for one; it may be tried again."""
    TOP = "top"
    """It is with the province's desk already, or nobody is left to be asked."""
    NO_MEMBER = "no_member"
    """The number is of nobody in a team that serves the place, or one above or beside it."""
    AWAY = "away"
    """They are in such a team, and away or not reached for long."""
    SELF = "self"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Passing:
    """The outcome, and to whom it went: the end of a text key, or a name."""

    outcome: Passed
    to: str = ""


def pass_up(
    desk: Desk, task: Task, passer: Person, reason: str, *, to_commune: bool = False
) -> Passing:
    """Pass a request to the next step of its ladder, or straight to the commune."""
    request = task.request
    if refused := _refused(desk, task, passer):
        return Passing(refused)
    if task.is_passed and not to_commune:
        return Passing(Passed.ALREADY)
    climb = _climb_of(desk, request)
    ladder = desk.words.ladders.named(climb.ladder)
    above = rung_of(ladder, Party.COMMUNE) if to_commune else 0
    if to_commune and request.state == RequestState.OPEN and above <= climb.rung < ladder.last:
        return Passing(Passed.THERE)
    from_rung = max(above, climb.rung + 1)
    locked = upwards(desk, request, from_rung=from_rung) | {desk.phone().id}
    if fault := _lock(desk, task, passer, locked, climb):
        return Passing(fault)
    step = step_above(desk, request, from_rung=from_rung)
    if climb.rung >= ladder.last or step is None or step.phones == {desk.phone().id}:
        return Passing(Passed.TOP)
    if not step.phones <= locked:
        return Passing(Passed.CHANGED)
    _let_go(desk, request)
    move_up(desk, request, from_rung=from_rung)
    to, kept = _named(step)
    # Of the province's desk the villager has just heard, from the step itself.
    told = {} if step.party is Party.DESK else {"leader": called(passer), "to": to}
    _note(desk, request, passer, _words(kept, reason), told)
    return Passing(Passed.PASSED, to)


def pass_to(desk: Desk, task: Task, passer: Person, msisdn: Msisdn, reason: str) -> Passing:
    """Pass a request to one colleague: they alone are told, and have the time of this step."""
    session, request = desk.unit.session, task.request
    if refused := _refused(desk, task, passer):
        return Passing(refused)
    phone = session.scalars(select(Phone).where(Phone.msisdn == msisdn)).one_or_none()
    if phone is not None and phone.id == desk.phone().id:
        return Passing(Passed.SELF)
    responder = _responder(session, request, phone)
    if isinstance(responder, Passed):
        return Passing(responder)
    climb = _climb_of(desk, request)
    locked = {request.phone_id, desk.phone().id, responder.phone.id}
    if fault := _lock(desk, task, passer, locked | {*task_numbers(session, request)}, climb):
        return Passing(fault)
    _let_go(desk, request)
    climb.due_at = _due(desk, request, climb, responder)
    session.flush()
    summon_by_name(desk, request, responder, passer)
    kept = f"person {responder.person.id}"
    to = called(responder.person)
    told = {"leader": called(passer), "to": to}
    _note(desk, request, passer, _words(kept, reason), told)
    return Passing(Passed.PASSED, to)


def _due(desk: Desk, request: HelpRequest, climb: Climb, responder: Responder) -> datetime:
    """Return when the next step of the ladder is due, if the colleague does not take it before."""
    session, ladders = desk.unit.session, desk.words.ladders
    ladder = ladders.named(climb.ladder)
    due = ladder.due(now_by(session), max(climb.rung, 0), [responder.hours(ladders.waking)])
    about = {"request_id": request.id, "began_at": climb.began_at}
    if session.execute(PASSED_IN_THIS_LAP, about).scalar_one() < MOST_WITH_TIME:
        return due
    if climb.rung < ladder.last:
        return now_by(session)
    return min(due, climb.due_at or due)  # the desk is told as often as before


def _refused(desk: Desk, task: Task, passer: Person) -> Passed | None:
    """Return why a request cannot be passed on as it looks before it is locked."""
    request = task.request
    if not task.is_current or not (request.state == RequestState.OPEN or task.is_of(passer)):
        return Passed.GONE
    passed = desk.unit.session.execute(PASSED_TODAY, {"request_id": request.id})
    return Passed.MANY if passed.scalar_one() >= MOST_IN_A_DAY else None


def _climb_of(desk: Desk, request: HelpRequest) -> Climb:
    """Return where a request stands; one taken before there were ladders stands below them."""
    session = desk.unit.session
    climb = session.get(Climb, request.id)
    if climb is None:
        ladder = desk.words.ladders.of(request.topic)
        climb = Climb(request_id=request.id, ladder=ladder.name, lap=1, rung=-1, times=0)
        climb.began_at = request.opened_at or request.created_at
        session.add(climb)
        session.flush()
    return climb


def _lock(desk: Desk, task: Task, passer: Person, phones: set[int], climb: Climb) -> Passed | None:
    """Lock all it concerns and look again; return what has changed meanwhile."""
    session, request = desk.unit.session, task.request
    stood = climb.lap, climb.rung, climb.times
    lock_phones(desk.unit, phones)
    session.refresh(request, with_for_update=True)
    session.refresh(climb, with_for_update=True)
    if not (request.state == RequestState.OPEN or task.is_of(passer)):
        return Passed.GONE
    return Passed.CHANGED if stood != (climb.lap, climb.rung, climb.times) else None


def _let_go(desk: Desk, request: HelpRequest) -> None:
    """Let whoever passes a request on have it no more; their number stays understood."""
    request.state, request.accepted_by, request.accepted_at = RequestState.OPEN, None, None
    request.reminded_at = None
    session = desk.unit.session
    session.execute(LIST_NO_MORE, {"phone_id": desk.phone().id, "request_id": request.id})
    session.flush()


def _responder(session: Session, request: HelpRequest, phone: Phone | None) -> Responder | Passed:
    """Return the colleague with this phone, or why it is none to pass this request to."""
    if phone is None or phone.id == request.phone_id:
        return Passed.NO_MEMBER
    around = Around.of(session, area_by_id(session, request.area_id))
    found = next((r for r in around.everybody() if r.phone.id == phone.id), None)
    if found is not None:
        return found
    holder = session.get(Person, phone.holder_id) if phone.holder_id else None
    member = member_at(session, phone, holder)
    serves = member is not None and around.has(member.id)
    return Passed.AWAY if serves else Passed.NO_MEMBER


def _named(step: Step) -> tuple[str, str]:
    """Return whom a step tells as texts name them, and as it is kept: one by name, more by role."""
    if len(step.responders) == 1 and (name := step.responders[0].person.name):
        return name, f"{step.party}, person {step.responders[0].person.id}"
    return step.party, step.party


def _words(kept: str, reason: str) -> str:
    return f"to {kept}: {reason}" if reason else f"to {kept}"


def _note(
    desk: Desk, request: HelpRequest, passer: Person, words: str, told: Mapping[str, str]
) -> None:
    """Write down that it was passed on, and tell the villager, who waits for somebody's call."""
    note(desk.unit.session, request, Event.PASSED, person=passer, words=words)
    if told:
        tell_villager(desk, request, "sms.passed", told)
