"""What the two sides of a request share: finding it, its values in texts, its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.outbox.alarms import raise_alarm
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.people import Person, Phone
from service.records.requests import LIVE, Event, HelpRequest, Question, RequestEvent, TaskNumber
from service.text.mask import mask_msisdn
from service.text.phones import Msisdn, national_compact

from .areas import area_by_id, shown_name
from .numbers import phone_first

MOST_LISTED = 28
"""Characters of a list of numbers: the width of the gaps {tasks} and {numbers}, or less."""
LEADER = "To truong"
"""How somebody is called whose name is not known."""
CANDIDATES = 40
"""Numbers drawn at once; with half of all taken, one in 10^12 draws finds none free."""

FREE_NUMBER = text("""
    SELECT n FROM (
        SELECT :least + floor(random() * 9 * :least)::int AS n
        FROM generate_series(1, :candidates)) AS drawn
    WHERE NOT EXISTS (SELECT FROM help_requests
                      WHERE number = n AND state IN ('open', 'accepted', 'done'))
      AND pg_try_advisory_xact_lock(78, n)
    LIMIT 1
""")

FREE_TASK = text("""
    SELECT coalesce(
        (SELECT n FROM generate_series(1, 99) AS n
         WHERE NOT EXISTS (SELECT FROM task_numbers t
                           WHERE t.phone_id = :phone_id AND t.number = n
                             AND coalesce(t.freed_at, 'infinity')
                                 > clock_timestamp() - interval '24 hours')
         LIMIT 1),
        (SELECT n FROM generate_series(1, 10000) AS n
         WHERE NOT EXISTS (SELECT FROM task_numbers t
                           WHERE t.phone_id = :phone_id AND t.number = n
                             AND t.freed_at IS NULL)
         LIMIT 1))
""")


def free_number(session: Session) -> int:
    """Draw a four-digit number no live request has, and keep others from drawing it too.

    With nearly all of them taken, by thousands in need or by somebody who forges senders, it has
    five digits, and an operator is told.
    """
    for least in (1000, 10_000):
        draw = {"least": least, "candidates": CANDIDATES}
        number = session.execute(FREE_NUMBER, draw).scalar_one_or_none()
        if number is not None:
            return int(number)
        raise_alarm(session.connection(), "numbers_used_up", f"those from {least} on")
    raise RuntimeError("99,000 requests are open")


def live_requests(session: Session, phone: Phone) -> Sequence[HelpRequest]:
    """Return the requests of a phone that are not ended, newest first."""
    return session.scalars(
        select(HelpRequest)
        .where(HelpRequest.phone_id == phone.id, HelpRequest.state.in_(LIVE))
        .order_by(HelpRequest.id.desc())
    ).all()


def values_of(session: Session, request: HelpRequest) -> dict[str, str]:
    """Return a request's values for texts: number, topic, hamlet, words and who has it."""
    area = area_by_id(session, request.area_id)
    helper = session.get(Person, request.accepted_by) if request.accepted_by else None
    return {
        "number": str(request.number or ""),
        "topic": request.topic,
        "hamlet": shown_name(area),
        "words": (request.words or "").rstrip(". "),
        "call": request.spoken or "",
        "for": "someone" if _given(request)[1] else "",
        "beneficiary": _given(request)[1],
        "leader": called(helper),
    }


def listed(numbers: Sequence[int], room: int = MOST_LISTED) -> str:
    """Return numbers as a list that fits its gap: one cut off in the middle would be another's."""
    kept = [str(number) for number in numbers]
    while len(shown := ", ".join(kept)) > room:
        kept.pop()
    return shown


def called(person: Person | None) -> str:
    """Return how a person is called in a text; a role where the name is not known."""
    return (person.name if person else None) or LEADER


def note(
    session: Session,
    request: HelpRequest,
    event: Event,
    *,
    person: Person | None = None,
    words: str | None = None,
) -> None:
    """Add a line to a request's history."""
    session.add(
        RequestEvent(
            request_id=request.id,
            event=event,
            person_id=person.id if person else None,
            note=words[:500] if words else None,
        )
    )


def give_task_number(session: Session, phone_id: int, request_id: int) -> int:
    """Give a request its small number on one phone; the caller holds the lock on the phone.

    The smallest number not used on this phone in the last 24 hours, so that a late answer to an
    old message does not hit a new request.
    """
    number = int(session.execute(FREE_TASK, {"phone_id": phone_id}).scalar_one())
    session.add(TaskNumber(phone_id=phone_id, request_id=request_id, number=number))
    session.flush()
    return number


def task_numbers(session: Session, request: HelpRequest) -> Mapping[int, int]:
    """Return the small number of a request on each phone that knows it now."""
    rows = session.scalars(
        select(TaskNumber).where(TaskNumber.request_id == request.id, TaskNumber.freed_at.is_(None))
    )
    return {row.phone_id: row.number for row in rows}


def list_again(session: Session, phone_id: int, request_id: int) -> None:
    """List a request again on a phone that had passed it on: it has it, or is asked anew."""
    session.execute(
        text("""
            UPDATE task_numbers SET passed_at = NULL
            WHERE phone_id = :phone_id AND request_id = :request_id AND freed_at IS NULL
              AND passed_at IS NOT NULL
        """),
        {"phone_id": phone_id, "request_id": request_id},
    )


def free_task_numbers(
    session: Session, request: HelpRequest, *, except_phone: int | None = None
) -> None:
    """Give a request's small numbers back, but for one phone's."""
    session.execute(
        text("""
            UPDATE task_numbers SET freed_at = clock_timestamp()
            WHERE request_id = :request_id AND freed_at IS NULL
              AND phone_id IS DISTINCT FROM :kept
        """),
        {"request_id": request.id, "kept": except_phone},
    )


def number_of(session: Session, request: HelpRequest) -> str:
    """Return the number to call: the one given for somebody else, or the phone that asked.

    Only for the one who has the request, and never without note_reading.
    """
    phone = session.get(Phone, request.phone_id)
    assert phone is not None
    return national_compact(_given(request)[0] or Msisdn(phone.msisdn))


def _given(request: HelpRequest) -> tuple[Msisdn | None, str]:
    """Return the number and the name that were given for somebody else, as far as they were."""
    given = request.beneficiary or ""
    return phone_first(given) if any(map(str.isdigit, given)) else (None, given)


def note_reading(session: Session, request: HelpRequest, reader: Person) -> None:
    """Put on record that somebody was shown the number of the phone that asked."""
    session.add(
        Audit(
            actor=f"person {reader.id}",
            action="read_number",
            about=f"request {request.id}",
            detail={"number": mask_msisdn(number_of(session, request))},
        )
    )


def close_inquiries(session: Session, request: HelpRequest) -> None:
    """Ask the villager no more what a member wanted to know of a request: it has ended."""
    session.execute(
        text("""
            UPDATE inquiries SET ended_at = clock_timestamp()
            WHERE request_id = :request_id AND ended_at IS NULL
        """),
        {"request_id": request.id},
    )


def close_question(session: Session, request: HelpRequest, answer: str | None) -> bool:
    """Close the question whether a request is solved; say whether one was open."""
    question = session.scalars(
        select(Question)
        .where(Question.request_id == request.id, Question.closed_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if question is None:
        return False
    question.answer = answer
    question.closed_at = now_by(session)
    return True
