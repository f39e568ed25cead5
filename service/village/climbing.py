"""A request moves up its ladder by itself until somebody takes it; it never waits for nobody.

When a step is due stands in the database; the clock only looks. A step is taken under the locks of
everybody it concerns, together with the message it sends, and is written down under a key that can
exist once: two clocks, a restart or a clock set back take no step twice and lose none.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from service.dialogue.ladder import Ladder, Party
from service.dialogue.texts import DEFAULT_LANGUAGE
from service.outbox.alarms import close_alarm, raise_alarm
from service.records.ladder import Climb, ClimbStep
from service.records.moments import now_by
from service.records.people import Phone
from service.records.requests import HelpRequest, RequestState
from service.records.unit import Unit, Units
from service.text.phones import Msisdn

from .callouts import call_back, to_the_caller
from .desk import Desk, Words, lock_phones
from .ledger import free_task_numbers, task_numbers, values_of
from .parties import Step, next_step
from .summons import summon

MOST_AT_ONCE = 500
"""Steps of one look at what is due; the rest is taken at the next, a few seconds later."""
NOBODY = "nobody_to_ask"
LOOK_AGAIN = timedelta(hours=1)
"""When nobody at all can be told, not even at the desk, it is tried again after this."""
LOOK_AGAIN_AT_ONCE = timedelta(minutes=5)
"""The same where the nights count, too."""

# While nothing leaves, nobody's time to answer runs out: a step that is due waits a little longer.
# An emergency does not: whoever can be reached in another way must hear from the console.
HOLD = text("""
    UPDATE climbs SET due_at = clock_timestamp() + interval '10 minutes'
    WHERE due_at <= (SELECT clock_timestamp()) AND ladder <> 'emergency'
      AND (EXISTS (SELECT FROM switches WHERE name IN ('sending', 'lane:reply') AND NOT is_on)
           OR EXISTS (SELECT FROM switches c WHERE starts_with(c.name, 'carrier:') AND NOT c.is_on
                      AND NOT EXISTS (SELECT FROM switches r
                                      WHERE starts_with(r.name, 'reroute:') AND r.is_on
                                        AND substr(r.name, 9) <> substr(c.name, 9)))
           OR EXISTS (SELECT FROM carrier_pauses
                      WHERE until > clock_timestamp() - interval '2 minutes'))
""")
DUE = text("""
    SELECT request_id FROM climbs WHERE due_at <= (SELECT clock_timestamp())
    ORDER BY ladder <> 'emergency', due_at LIMIT :most
""")
HEARD = text("""
    SELECT DISTINCT t.phone_id FROM task_numbers t JOIN climbs c ON c.request_id = t.request_id
    WHERE t.request_id = :id AND t.given_at >= c.began_at
""")

log = structlog.get_logger("village.climbing")


def desk_of(
    unit: Unit, words: Words, request: HelpRequest, *, channel: str = "clock", cause: str = ""
) -> Desk:
    """Return the desk of the one who asked, for what nobody with a phone has set in motion."""
    asker = unit.session.get_one(Phone, request.phone_id)
    return Desk(
        unit=unit,
        words=words,
        msisdn=Msisdn(asker.msisdn),
        channel=channel,
        cause=cause,
        language=request.language or DEFAULT_LANGUAGE,
    )


def first_step(desk: Desk, topic: str, area_id: int, asker: Phone) -> Step | None:
    """Return whom a new request is told to first; None when nobody at all can be told."""
    return next_step(desk.unit.session, desk.words.ladders.of(topic), area_id, -1, {asker.id})


def begin(desk: Desk, request: HelpRequest, step: Step | None) -> None:
    """Let a request begin its ladder, anew when it has climbed before; it is open from now on.

    The caller holds the locks on the phones of the step and of the one who asks.
    """
    session, ladder = desk.unit.session, desk.words.ladders.of(request.topic)
    climb = session.get(Climb, request.id)
    if climb is None:
        climb = Climb(request_id=request.id, ladder=ladder.name, lap=1, rung=-1, times=0)
        session.add(climb)
    else:
        climb.ladder, climb.lap, climb.rung, climb.times = ladder.name, climb.lap + 1, -1, 0
    climb.began_at = climb.due_at = now_by(session)
    session.flush()
    _take(desk, request, climb, ladder, step)


def put_back(desk: Desk, request: HelpRequest, step: Step | None) -> None:
    """Put a request at the foot of its ladder again: nobody has it any more."""
    call_back(desk.unit.session, request)
    free_task_numbers(desk.unit.session, request)
    request.state, request.accepted_by, request.accepted_at = RequestState.OPEN, None, None
    desk.unit.session.flush()
    begin(desk, request, step)


def stop(session: Session, request: HelpRequest) -> None:
    """Let a request climb no further: somebody has it, or it has ended."""
    climb = session.get(Climb, request.id)
    if climb is not None:
        climb.due_at = None


def move_up(desk: Desk, request: HelpRequest, *, from_rung: int | None = None) -> Step | None:
    """Take a request's next step now, the caller holding the locks of `upwards`; return it.

    With `from_rung` the step is the first at or above that rung: "to the commune".
    """
    session = desk.unit.session
    climb = session.get(Climb, request.id)
    assert climb is not None
    ladder = desk.words.ladders.named(climb.ladder)
    climb.due_at = now_by(session)
    step = _next(session, request, climb, ladder, from_rung)
    _take(desk, request, climb, ladder, step)
    return step


def upwards(desk: Desk, request: HelpRequest, *, from_rung: int | None = None) -> set[int]:
    """Return the ids of all phones that must be locked before a request's next step."""
    step = step_above(desk, request, from_rung=from_rung)
    told = step.phones if step else set()
    return {request.phone_id, *task_numbers(desk.unit.session, request), *told}


def step_above(desk: Desk, request: HelpRequest, *, from_rung: int | None = None) -> Step | None:
    """Return what a request's next step would be; None when nobody is left to be told."""
    session = desk.unit.session
    climb = session.get(Climb, request.id)
    assert climb is not None
    return _next(session, request, climb, desk.words.ladders.named(climb.ladder), from_rung)


def rung_of(ladder: Ladder, party: Party) -> int:
    """Return the first rung that tells a party; the last where none does."""
    rungs = enumerate(ladder.rungs)
    return next((number for number, rung in rungs if party in rung.tell), ladder.last)


def climb_due(units: Units, words: Words) -> int:
    """Take every step that is due, each in a transaction of its own; return how many."""
    with units.open() as unit:
        unit.session.execute(HOLD)
        due = unit.session.scalars(DUE, {"most": MOST_AT_ONCE}).all()
    taken = 0
    for request_id in due:
        try:
            taken += climb_one(units, words, request_id)
        except Exception:  # one request that cannot move must not keep the others waiting
            log.exception("climb_failed", request=request_id)
    return taken


def climb_one(units: Units, words: Words, request_id: int) -> bool:
    """Take the step of one request, if it is still due when all it concerns are locked."""
    with units.open() as unit:
        session = unit.session
        request = session.get_one(HelpRequest, request_id)
        desk = desk_of(unit, words, request)
        lock_phones(unit, upwards(desk, request))
        session.refresh(request, with_for_update=True)
        climb = session.get_one(Climb, request_id, with_for_update=True, populate_existing=True)
        if climb.due_at is None or climb.due_at > now_by(session):
            return False
        if request.state != RequestState.OPEN:
            climb.due_at = None
            return False
        ladder = words.ladders.named(climb.ladder)
        step = _next(session, request, climb, ladder, None)
        desk.cause = f"climb:{request.id}:{climb.lap}:{climb.rung}:{climb.times}"
        _take(desk, request, climb, ladder, step)
        return step is not None


def _next(
    session: Session, request: HelpRequest, climb: Climb, ladder: Ladder, from_rung: int | None
) -> Step | None:
    after = climb.rung if from_rung is None else max(from_rung - 1, -1)
    return next_step(session, ladder, request.area_id, after, _heard(session, request))


def _heard(session: Session, request: HelpRequest) -> Collection[int]:
    """Return the phones that heard of a request in this lap, and the one that asked."""
    return {request.phone_id, *session.scalars(HEARD, {"id": request.id})}


def _take(
    desk: Desk, request: HelpRequest, climb: Climb, ladder: Ladder, step: Step | None
) -> None:
    """Tell whom the step tells, write it down, and set when the next is due."""
    session, now = desk.unit.session, now_by(desk.unit.session)
    connection = session.connection()
    if step is None:
        raise_alarm(connection, NOBODY, f"area {request.area_id}")
        climb.due_at = now + (LOOK_AGAIN if ladder.sleeps else LOOK_AGAIN_AT_ONCE)
        return
    close_alarm(connection, NOBODY, f"area {request.area_id}")
    is_first = climb.rung < 0
    climb.times = climb.times + 1 if step.rung == climb.rung else 1
    climb.rung, climb.party = step.rung, step.party
    session.add(
        ClimbStep(
            request_id=request.id,
            lap=climb.lap,
            rung=step.rung,
            times=climb.times,
            party=step.party,
            people=len(step.responders),
            due_at=climb.due_at,
        )
    )
    request.team_id = step.team_id
    session.flush()
    summon(desk, request, step.responders, is_first=is_first)
    hours = [responder.hours(desk.words.ladders.waking) for responder in step.responders]
    climb.due_at = ladder.due(now, step.rung, hours)
    if step.party is Party.DESK and not is_first and climb.times in {1, 3}:
        _tell_villager(desk, request)


def _tell_villager(desk: Desk, request: HelpRequest) -> None:
    """Tell the one who asked, honestly, that nobody near them has taken it so far."""
    phone = desk.unit.session.get_one(Phone, request.phone_id)
    said, message_class = to_the_caller(request, "sms.at_the_desk")
    desk.tell(
        phone,
        said,
        values_of(desk.unit.session, request),
        message_class=message_class,
        request_id=request.id,
    )
