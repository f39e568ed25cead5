"""A team member works on requests by SMS: takes one, says it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.outbox.alarms import raise_alarm
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.requests import Event, HelpRequest, Question, RequestState, TaskNumber

from .climbing import stop
from .desk import Desk, lock_phones
from .ledger import free_task_numbers, note, note_reading, number_of, task_numbers, values_of
from .summons import ASKED_FOR, TAKEN, tell_those_told

ANSWER_WITHIN = timedelta(days=3)
"""How long a villager may take to say whether it is solved; then it counts as solved."""
REMEMBERED = timedelta(days=7)
"""How long a number that was given back still tells what became of its request."""
MOST_TAKEN_IN_A_DAY = 60
"""Requests one phone may take in 24 hours: each sends it a message, and it may be forged."""

TAKE = text("""
    UPDATE help_requests
    SET state = 'accepted', accepted_by = :person_id, accepted_at = clock_timestamp()
    WHERE id = :id AND state = 'open'
    RETURNING id
""")

TAKEN_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'alert' AND position(:key IN idem_key) > 0
      AND created_at > clock_timestamp() - interval '24 hours'
""")


@dataclass(frozen=True, slots=True)
class Task:
    """A request as one phone knows it."""

    number: int
    request: HelpRequest
    is_current: bool
    """False when the number was given back: taken by another, finished, cancelled."""


def find(session: Session, phone: Phone, number: int) -> Task | None:
    """Return the task with this small number, also one given back lately; None if never given."""
    row = session.execute(
        select(TaskNumber, HelpRequest)
        .join(HelpRequest, HelpRequest.id == TaskNumber.request_id)
        .where(
            TaskNumber.phone_id == phone.id,
            TaskNumber.number == number,
            func.coalesce(TaskNumber.freed_at, func.clock_timestamp())
            > func.clock_timestamp() - REMEMBERED,
        )
        .order_by(TaskNumber.freed_at.desc().nulls_first())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Task(number, row.HelpRequest, row.TaskNumber.freed_at is None)


def current(session: Session, phone: Phone, *states: RequestState) -> Sequence[Task]:
    """Return a phone's tasks whose request is in one of these states, oldest first."""
    rows = session.execute(
        select(TaskNumber, HelpRequest)
        .join(HelpRequest, HelpRequest.id == TaskNumber.request_id)
        .where(
            TaskNumber.phone_id == phone.id,
            TaskNumber.freed_at.is_(None),
            HelpRequest.state.in_(states),
        )
        .order_by(TaskNumber.id)
    ).all()
    return [Task(row.TaskNumber.number, row.HelpRequest, is_current=True) for row in rows]


def take(desk: Desk, task: Task, taker: Person) -> bool:
    """Take an open request: the first wins, and the others who were told hear that it is taken.

    Returns False when somebody was faster or it is no longer open.
    """
    session, request, here = desk.unit.session, task.request, desk.phone()
    lock_phones(desk.unit, {request.phone_id, *task_numbers(session, request)})
    won = session.execute(TAKE, {"id": request.id, "person_id": taker.id}).one_or_none()
    session.refresh(request)
    if won is None:
        return False
    note(session, request, Event.ACCEPTED, person=taker)
    stop(session, request)
    tell_those_told(desk, request, TAKEN, but=here.id)
    free_task_numbers(session, request, except_phone=here.id)
    return True


def hand_over(desk: Desk, task: Task, taker: Person) -> None:
    """Tell the one who took a request whom to call.

    Not a mere reply, which a phone gets a few of in ten minutes: without this number the work that
    was just promised to the villager cannot be done.
    """
    session, request = desk.unit.session, task.request
    desk.tell(
        desk.phone(),
        ASKED_FOR,
        {
            **values_of(session, request),
            "task": str(task.number),
            "phone": number_of(session, request),
        },
        message_class=MessageClass.ALERT,
        request_id=request.id,
    )
    note_reading(session, request, taker)


def may_take_more(desk: Desk) -> bool:
    """Say whether this phone may take another request today; more is not one person's work."""
    taken = desk.unit.session.execute(TAKEN_TODAY, {"msisdn": desk.msisdn, "key": ASKED_FOR})
    if taken.scalar_one() < MOST_TAKEN_IN_A_DAY:
        return True
    about = f"phone {desk.phone().id}"
    raise_alarm(desk.unit.session.connection(), "takes_too_many", about)
    return False


def tell_villager(desk: Desk, request: HelpRequest, key: str) -> None:
    """Write to the villager who asked."""
    phone = desk.unit.session.get(Phone, request.phone_id)
    assert phone is not None
    desk.tell(
        phone,
        key,
        values_of(desk.unit.session, request),
        message_class=MessageClass.REPLY,
        request_id=request.id,
    )


def finish(desk: Desk, request: HelpRequest, words: str, *, by: Person) -> bool:
    """Note that a request is done and ask the villager; False when it is not in the works."""
    session = desk.unit.session
    session.refresh(request, with_for_update=True)
    if request.state != RequestState.ACCEPTED:
        return False
    now = now_by(session)
    request.state, request.done_at = RequestState.DONE, now
    note(session, request, Event.DONE, person=by, words=words)
    session.add(
        Question(phone_id=request.phone_id, request_id=request.id, expires_at=now + ANSWER_WITHIN)
    )
    tell_villager(desk, request, "sms.done")
    return True


def close_unanswered(session: Session) -> int:
    """Close requests whose villager has not said for three days that they are unsolved."""
    overdue = session.scalars(
        select(HelpRequest)
        .join(Question, Question.request_id == HelpRequest.id)
        .where(
            HelpRequest.state == RequestState.DONE,
            Question.closed_at.is_(None),
            Question.expires_at < func.clock_timestamp(),
        )
        .limit(200)
        .with_for_update(skip_locked=True, of=HelpRequest)
    ).all()
    for request in overdue:
        request.state = RequestState.CLOSED
        request.closed_at = now_by(session)
        note(session, request, Event.SOLVED, words="no answer")
        session.execute(
            text("""
                UPDATE questions SET closed_at = clock_timestamp()
                WHERE request_id = :id AND closed_at IS NULL
            """),
            {"id": request.id},
        )
        free_task_numbers(session, request)
    return len(overdue)
