"""A team member works on requests by SMS: takes one, says it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.dialogue.ladder import EMERGENCY
from service.outbox.alarms import raise_alarm
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.requests import Event, HelpRequest, Question, RequestState, TaskNumber

from .callouts import CALLED_OUT, to_the_caller
from .callouts import tell as tell_of_emergency
from .climbing import stop
from .desk import Desk, lock_phones
from .endings import concerned, tell_gone
from .ledger import (
    close_inquiries,
    free_task_numbers,
    give_task_number,
    list_again,
    note,
    note_reading,
    number_of,
    task_numbers,
    values_of,
)
from .summons import ASKED_FOR, SINGLE, TAKEN

ANSWER_WITHIN = timedelta(days=3)
"""How long a villager may take to say whether it is solved; then it counts as solved."""
REMEMBERED = timedelta(days=7)
"""How long a number that was given back still tells what became of its request."""
MOST_TAKEN_IN_A_DAY = 60
"""Requests one phone may take in 24 hours: each sends it a message, and it may be forged."""

TAKE = text("""
    UPDATE help_requests
    SET state = 'accepted', accepted_by = :person_id, accepted_at = clock_timestamp(),
        reminded_at = NULL
    WHERE id = :id AND state = 'open'
    RETURNING id
""")

LAST_TOLD = text("""
    SELECT request_id FROM messages_out
    WHERE msisdn = :msisdn AND class IN ('alert', 'emergency') AND due_at <= clock_timestamp()
      AND (idem_key LIKE ANY(:keys) OR starts_with(idem_key, 'pile:'))
      AND created_at > clock_timestamp() - interval '7 days'
    ORDER BY due_at DESC, id DESC LIMIT 1
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
    is_passed: bool = False
    """Whether this phone has passed it on and nobody has asked it again since."""

    def is_of(self, member: Person) -> bool:
        """Say whether a member has taken it and has not finished it."""
        taken = self.request.state == RequestState.ACCEPTED
        return taken and self.request.accepted_by == member.id


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
    task = _task(row.TaskNumber, row.HelpRequest)
    return task if task.is_current else by_request(session, phone, task.request.id) or task


def by_request(session: Session, phone: Phone, request_id: int) -> Task | None:
    """Return a request as a phone knows it now; None when it has no number there."""
    row = session.execute(
        select(TaskNumber, HelpRequest)
        .join(HelpRequest, HelpRequest.id == TaskNumber.request_id)
        .where(
            TaskNumber.phone_id == phone.id,
            TaskNumber.request_id == request_id,
            TaskNumber.freed_at.is_(None),
        )
    ).one_or_none()
    return _task(row.TaskNumber, row.HelpRequest) if row else None


def last_told(session: Session, phone: Phone) -> Task | None:
    """Return the request this phone was told of last; None when it was of many."""
    told = session.execute(
        LAST_TOLD, {"msisdn": phone.msisdn, "keys": [*SINGLE, *CALLED_OUT]}
    ).one_or_none()
    row = session.execute(
        select(TaskNumber, HelpRequest)
        .join(HelpRequest, HelpRequest.id == TaskNumber.request_id)
        .where(
            TaskNumber.phone_id == phone.id,
            TaskNumber.request_id == (told.request_id if told else None),
        )
        .order_by(TaskNumber.id.desc())
        .limit(1)
    ).one_or_none()
    return _task(row.TaskNumber, row.HelpRequest) if row else None


def current(session: Session, phone: Phone, *states: RequestState) -> Sequence[Task]:
    """Return a phone's tasks whose request is in one of these states.

    First those that were not solved at the first try, then the oldest; not those it passed on.
    """
    rows = session.execute(
        select(TaskNumber, HelpRequest)
        .join(HelpRequest, HelpRequest.id == TaskNumber.request_id)
        .where(
            TaskNumber.phone_id == phone.id,
            TaskNumber.freed_at.is_(None),
            TaskNumber.passed_at.is_(None),
            HelpRequest.state.in_(states),
        )
        .order_by((HelpRequest.reopened == 0), TaskNumber.id)
    ).all()
    return [_task(row.TaskNumber, row.HelpRequest) for row in rows]


def _task(number: TaskNumber, request: HelpRequest) -> Task:
    is_passed = number.passed_at is not None
    return Task(number.number, request, number.freed_at is None, is_passed)


def take(desk: Desk, task: Task, taker: Person) -> Task | None:
    """Take an open request: the first wins, and the others who were told hear that it is taken.

    Returns the task as it is now: who answers late, when it had been taken back, has given the
    number back and gets another. None when somebody was faster or it is no longer open.
    """
    session, request, here = desk.unit.session, task.request, desk.phone()
    lock_phones(desk.unit, {request.phone_id, here.id, *concerned(session, request)})
    won = session.execute(TAKE, {"id": request.id, "person_id": taker.id}).one_or_none()
    session.refresh(request)
    if won is None:
        return None
    note(session, request, Event.ACCEPTED, person=taker)
    stop(session, request)
    numbers = task_numbers(session, request)
    tell_gone(desk, request, TAKEN, spare=here.id)
    free_task_numbers(session, request, except_phone=here.id)
    number = numbers.get(here.id) or give_task_number(session, here.id, request.id)
    list_again(session, here.id, request.id)
    return Task(number, request, is_current=True)


def hand_over(desk: Desk, task: Task, taker: Person) -> None:
    """Tell the one who took a request whom to call.

    Not a mere reply, which a phone gets a few of in ten minutes: without this number the work that
    was just promised to the villager cannot be done.
    """
    session, request = desk.unit.session, task.request
    if request.topic == EMERGENCY:
        tell_of_emergency(desk, desk.phone(), ASKED_FOR, request, task.number)
        return
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


def may_take(desk: Desk, request: HelpRequest) -> bool:
    """Say whether this phone may take a request today; so many are not one person's work.

    An emergency may always be taken: how many there are is limited where they are raised.
    """
    if request.topic == EMERGENCY:
        return True
    taken = desk.unit.session.execute(TAKEN_TODAY, {"msisdn": desk.msisdn, "key": ASKED_FOR})
    if taken.scalar_one() < MOST_TAKEN_IN_A_DAY:
        return True
    about = f"phone {desk.phone().id}"
    raise_alarm(desk.unit.session.connection(), "takes_too_many", about)
    return False


def tell_villager(
    desk: Desk, request: HelpRequest, key: str, more: Mapping[str, str] | None = None
) -> bool:
    """Write to the villager who asked; say whether it was written."""
    phone = desk.unit.session.get(Phone, request.phone_id)
    assert phone is not None
    said, message_class = to_the_caller(request, key)
    return desk.tell(
        phone,
        said,
        {**values_of(desk.unit.session, request), **(more or {})},
        message_class=message_class,
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
    close_inquiries(session, request)
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
