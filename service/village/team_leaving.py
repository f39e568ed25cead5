"""Members leave their team: their days of duty end, what they had goes back on its ladder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.dialogue.texts import DEFAULT_LANGUAGE
from service.outbox.put import Message, put_all
from service.records.messages import MessageClass
from service.records.people import Person
from service.records.requests import Event, HelpRequest, RequestState
from service.records.unit import Unit
from service.text.phones import Msisdn

from .climbing import desk_of, first_step, put_back
from .desk import Desk, Words
from .ledger import called, note, task_numbers
from .parties import Step
from .suppressions import digest
from .tasks import tell_villager
from .team_plan import TeamDoing
from .team_standing import Current

LEFT = "sms.member_left"
LOOKING_AGAIN = "sms.looking_again"

END = (
    text("UPDATE memberships SET until = clock_timestamp() WHERE id = ANY(:ids)"),
    text("""
        DELETE FROM duties d USING memberships m
        WHERE m.id = ANY(:ids) AND d.team_id = m.team_id AND d.person_id = m.person_id
          AND d.day >= (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    """),
    text("""
        UPDATE duty_swaps s SET ended_at = clock_timestamp() FROM memberships m
        WHERE m.id = ANY(:ids) AND s.team_id = m.team_id AND s.giver_id = m.person_id
          AND s.ended_at IS NULL
    """),
    # Of whoever is in no team any more: neither a PIN, nor what waits for a code, nor a number by
    # which they would go on hearing what becomes of a request.
    text("""
        DELETE FROM pins p USING memberships m
        WHERE m.id = ANY(:ids) AND p.person_id = m.person_id
          AND NOT EXISTS (SELECT FROM memberships o
                          WHERE o.person_id = m.person_id AND o.until IS NULL)
    """),
    text("""
        DELETE FROM pending_acts a USING memberships m JOIN people h ON h.id = m.person_id
        WHERE m.id = ANY(:ids) AND a.phone_id = h.phone_id
          AND NOT EXISTS (SELECT FROM memberships o JOIN people q ON q.id = o.person_id
                          WHERE q.phone_id = h.phone_id AND o.until IS NULL)
    """),
    text("""
        UPDATE task_numbers t SET freed_at = clock_timestamp()
        FROM memberships m JOIN people h ON h.id = m.person_id
        WHERE m.id = ANY(:ids) AND t.phone_id = h.phone_id AND t.freed_at IS NULL
          AND NOT EXISTS (SELECT FROM memberships o JOIN people q ON q.id = o.person_id
                          WHERE q.phone_id = h.phone_id AND o.until IS NULL)
    """),
)
# Whoever is in another team keeps what that team was asked.
HELD = text("""
    SELECT r.id FROM help_requests r
    JOIN unnest(CAST(:people AS bigint[]), CAST(:teams AS bigint[])) AS l (person_id, team_id)
      ON l.person_id = r.accepted_by
    WHERE r.state = 'accepted'
      AND (r.team_id = l.team_id OR NOT EXISTS (
           SELECT FROM memberships m WHERE m.person_id = l.person_id AND m.until IS NULL
             AND NOT m.id = ANY(:ids)))
    GROUP BY r.id ORDER BY r.id
""")


class LocksMissing(Exception):
    """What is to be done concerns phones that are not locked; all must be, in one order."""

    def __init__(self, phones: set[int]) -> None:
        super().__init__(f"{len(phones)} phones must be locked first")
        self.phones = phones


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who leaves a team, and the team's name."""

    member: Current
    team: str


def leavers_of(teams: Sequence[TeamDoing]) -> list[Leaver]:
    """Return everybody who leaves a team of a list."""
    return [Leaver(member, doing.name) for doing in teams for member in doing.leaving]


def held_by(session: Session, leavers: Sequence[Leaver]) -> list[int]:
    """Return the requests that go back on their ladder when these leave."""
    if not leavers:
        return []
    ids = {
        "people": [leaver.member.person_id for leaver in leavers],
        "teams": [leaver.member.team_id for leaver in leavers],
        "ids": [leaver.member.membership_id for leaver in leavers],
    }
    return list(session.scalars(HELD, ids))


def let_go(unit: Unit, words: Words, leavers: Sequence[Leaver], locked: set[int]) -> None:
    """End memberships, put back what these had, and tell them and those who asked.

    Raises LocksMissing, before anything is told, when a phone it concerns is not locked.
    """
    if not leavers:
        return
    session = unit.session
    held = held_by(session, leavers)
    for statement in END:
        session.execute(statement, {"ids": [leaver.member.membership_id for leaver in leavers]})
    steps = [(request, *_step(unit, words, request)) for request in _requests(session, held)]
    concerned: set[int] = set()
    for request, _, step in steps:
        concerned |= {request.phone_id, *task_numbers(session, request)}
        concerned |= step.phones if step else set()
    if not concerned <= locked:
        raise LocksMissing(concerned)
    had = {request.accepted_by for request, _, _ in steps}
    for request, desk, step in steps:
        _put_back(desk, request, step)
    told = [_farewell(words, leaver, at_work=had) for leaver in leavers if leaver.member.msisdn]
    put_all(unit, told)


def _requests(session: Session, ids: Sequence[int]) -> list[HelpRequest]:
    return [session.get_one(HelpRequest, request_id) for request_id in ids]


def _step(unit: Unit, words: Words, request: HelpRequest) -> tuple[Desk, Step | None]:
    cause = f"left:{request.id}:{request.accepted_at}"
    desk = desk_of(unit, words, request, channel="list", cause=cause)
    return desk, first_step(desk, request.topic, request.area_id, desk.phone())


def _put_back(desk: Desk, request: HelpRequest, step: Step | None) -> None:
    session = desk.unit.session
    helper_id = request.accepted_by
    session.refresh(request, with_for_update=True)
    if request.state != RequestState.ACCEPTED or request.accepted_by != helper_id:
        return  # said to be done, or cancelled, while we waited for the locks
    helper = session.get_one(Person, helper_id)
    note(session, request, Event.RETURNED, person=helper)
    put_back(desk, request, step)
    tell_villager(desk, request, LOOKING_AGAIN, {"leader": called(helper)})


def _farewell(words: Words, leaver: Leaver, *, at_work: Collection[int | None]) -> Message:
    """Tell somebody that they are in a team no more; at once if they are about to help somebody."""
    member, to = leaver.member, Msisdn(leaver.member.msisdn)
    is_urgent = member.person_id in at_work
    return Message(
        idem_key=f"left:{member.membership_id}",
        message_class=MessageClass.ALERT if is_urgent else MessageClass.NOTICE,
        to=to,
        body=words.say(LEFT, member.language or DEFAULT_LANGUAGE, {"our_team": leaver.team}),
        phone_id=member.phone_id,
        recipient_digest=digest(words.key, to),
    )
