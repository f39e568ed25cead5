"""What somebody leaves behind who is in a team, or in a household, no more."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from service.records.people import Household, Person, Phone
from service.records.requests import Event, HelpRequest, RequestState
from service.records.teams import Membership
from service.text.fold import fold

from .climbing import first_step, put_back
from .desk import Desk, lock_phones
from .endings import concerned
from .ledger import note
from .parties import Step

END_DUTIES = (
    text("""
        DELETE FROM duties
        WHERE person_id = :person_id AND team_id = ANY(:teams)
          AND day >= (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    """),
    text("""
        UPDATE duty_swaps SET ended_at = clock_timestamp()
        WHERE giver_id = :person_id AND team_id = ANY(:teams) AND ended_at IS NULL
    """),
)


def work_of(session: Session, person: Person | None) -> Sequence[HelpRequest]:
    """Return the requests somebody has taken and not finished."""
    if person is None:
        return []
    taken = select(HelpRequest).where(
        HelpRequest.accepted_by == person.id, HelpRequest.state == RequestState.ACCEPTED
    )
    return session.scalars(taken.order_by(HelpRequest.id)).all()


def end_memberships(
    session: Session, person: Person | None, only: Collection[int] | None = None
) -> Sequence[int]:
    """Take somebody out of their teams, or out of some; return the teams."""
    if person is None:
        return []
    leaves = update(Membership).where(Membership.person_id == person.id, Membership.until.is_(None))
    if only is not None:
        leaves = leaves.where(Membership.team_id.in_(only))
    return session.scalars(
        leaves.values(until=text("clock_timestamp()")).returning(Membership.team_id)
    ).all()


def end_duties(session: Session, person: Person | None, teams: Sequence[int]) -> None:
    """End somebody's days of duty in teams they have left; the caller has locked the phones.

    Whoever takes a day that is offered locks the team first, and the day then.
    """
    if person is None:
        return
    for statement in END_DUTIES:
        session.execute(statement, {"person_id": person.id, "teams": list(teams)})


def steps_for(desk: Desk, held: Sequence[HelpRequest], phone: Phone) -> list[Step | None]:
    """Return who answers now for each request somebody had, who is in no team any more."""
    return [first_step(desk, r.topic, r.area_id, phone) for r in held]


def lock_all(
    desk: Desk,
    phone: Phone,
    touched: Sequence[HelpRequest],
    steps: Sequence[Step | None],
    who_hears: Collection[int],
    *,
    renumbered: bool = False,
) -> None:
    """Lock, in one order, every phone that is going to hear of this.

    `renumbered`: the phone of whoever leaves is going to have another number.
    """
    ids = {phone.id, *who_hears}
    for request in touched:
        ids |= {request.phone_id, *concerned(desk.unit.session, request)}
    for step in steps:
        ids |= step.phones if step else set()
    lock_phones(desk.unit, ids, renumbered=phone.id if renumbered else None)


def hand_back(
    desk: Desk, held: Sequence[HelpRequest], steps: Sequence[Step | None], person: Person | None
) -> Sequence[HelpRequest]:
    """Put the requests somebody had before their team again; return those they still had."""
    session, returned = desk.unit.session, []
    for request, step in zip(held, steps, strict=True):
        session.refresh(request, with_for_update=True)
        if person is None or request.accepted_by != person.id:
            continue  # put back while we waited for the locks, and perhaps taken by another
        if request.state == RequestState.ACCEPTED:
            note(session, request, Event.RETURNED, person=person)
            put_back(desk, request, step)
            returned.append(request)
    return returned


def leave_household(session: Session, person: Person | None) -> None:
    """Take a person's name off the household's label; it goes when nobody else is in it."""
    if person is None or person.household_id is None:
        return
    household = session.get(Household, person.household_id)
    assert household is not None
    others = select(Person.id).where(Person.household_id == household.id, Person.id != person.id)
    if session.scalars(others.limit(1)).one_or_none() is None:
        household.label = ""
    elif person.name and _called(person.name) in fold(household.label).text.lower().split():
        household.label = f"Hộ {household.id}"


def _called(name: str) -> str:
    """Return the name people are called by, the last of it, as it is compared."""
    return fold(name).text.lower().split()[-1]
