"""A day of duty is offered to the rest of the team, or for a day of somebody's; the first takes it.

Only whoever gives a day and whoever takes it are bound, each by a text of their own. An offer
lapses when its day begins or after two days; whoever made it hears that the day is still theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.rota import Duty, DutySwap
from service.records.teams import Membership, Team
from service.text.days import said_day
from service.text.local_time import midnight_of

from .absences import is_away_on
from .desk import Desk, lock_phones
from .duties import knows_already, on_day, team_of, today_of
from .ledger import called
from .rota_telling import tell_awake
from .teams import Responder, responders_of

LASTS = timedelta(days=2)
MOST_OFFERED = 6
"""Offers of one person in 24 hours: each writes to a whole team, and a sender can be forged."""
OFFER, OFFER_FOR = "sms.rota_offer", "sms.rota_offer_for"

CLOSE = text("""
    UPDATE duty_swaps SET ended_at = clock_timestamp(), taker_id = :taker_id
    WHERE id = :id AND ended_at IS NULL AND expires_at > clock_timestamp()
    RETURNING id
""")
MOVE = text("""
    UPDATE duties SET person_id = :to_id, reminded_at = :reminded_at
    WHERE team_id = :team_id AND day = :day AND person_id = :from_id
    RETURNING day
""")
WAS_ASKED = text("SELECT EXISTS (SELECT FROM messages_out WHERE idem_key = :key)")


class Offered(Enum):
    """How offering a day went."""

    ASKED = "asked"
    OPEN = "open"
    """It is being offered already."""
    NOT_YOURS = "not_yours"
    LATE = "late"
    """The day has begun."""
    NOBODY = "nobody"
    """Nobody else is there, or has the day that was wished for in return."""
    MANY = "many"


class Swapped(Enum):
    """How taking a day went."""

    YOURS = "yours"
    NONE = "none"
    """It is not offered to them."""
    GONE = "gone"
    """Somebody was faster; `values` say who."""
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Offering:
    """How offering a day went, and the values to say it with."""

    how: Offered
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Swapping:
    """How taking a day went, and the values to say it with."""

    how: Swapped
    values: Mapping[str, str] = field(default_factory=dict)


def offer(desk: Desk, giver: Person, day: date, for_day: date | None) -> Offering:
    """Offer a day of duty to the rest of the team, or to whoever has the day wished for."""
    session, team = desk.unit.session, team_of(desk.unit.session, giver)
    if team is None:
        return Offering(Offered.NOBODY)
    today = today_of(session)
    asked = [r for r in responders_of(session, team.id) if r.phone.id != desk.phone().id]
    lock_phones(desk.unit, {desk.phone().id, *(r.phone.id for r in asked)})
    mine, wanted = on_day(session, team, day), on_day(session, team, for_day or day)
    said = {"day": said_day(day, today), "leader": called(mine.person)}
    if mine.person is None or mine.person.id != giver.id:
        return Offering(Offered.NOT_YOURS, said)
    if day <= today or (for_day and for_day <= today):
        return Offering(Offered.LATE, said)
    open_one = _open_offer(session, team, day)
    if open_one is not None and open_one.expires_at > now_by(session):
        return Offering(Offered.OPEN, said)
    if _offered_lately(session, giver) >= MOST_OFFERED:
        return Offering(Offered.MANY, said)
    if for_day:
        asked = [r for r in asked if wanted.person and r.person.id == wanted.person.id]
    asked = [r for r in asked if not is_away_on(session, r.person, day)]
    if not asked:
        return Offering(Offered.NOBODY, said)
    if open_one is not None:
        open_one.ended_at = now_by(session)
        session.flush()
    _ask(desk, _opened(session, giver, team, day, for_day), giver, asked)
    return Offering(Offered.ASKED, {**said, "number": str(len(asked))})


def take(desk: Desk, taker: Person, day: date) -> Swapping:
    """Take a day that is offered; the first wins, and everybody who was asked hears once."""
    session, team = desk.unit.session, team_of(desk.unit.session, taker)
    found = _last_offer(session, team, day) if team else None
    said = {"day": said_day(day, today_of(session))}
    if team is None or found is None or found.giver_id == taker.id:
        return Swapping(Swapped.NONE, said)
    others = _phones_of(session, team)
    lock_phones(desk.unit, {desk.phone().id, *(phone.id for phone in others)})
    session.refresh(found)
    if found.for_day:
        said["other_day"] = said_day(found.for_day, today_of(session))
    said["leader"] = called(session.get(Person, found.taker_id or found.giver_id))
    if found.taker_id is not None:
        return Swapping(Swapped.YOURS if found.taker_id == taker.id else Swapped.GONE, said)
    if found.ended_at is not None or not _is_for(session, found, team, taker):
        return Swapping(Swapped.NONE, said)
    if is_away_on(session, taker, day):
        return Swapping(Swapped.AWAY, said)
    if session.execute(CLOSE, {"id": found.id, "taker_id": taker.id}).one_or_none() is None:
        return Swapping(Swapped.NONE, said)
    _move(session, found, taker)
    _tell_of_taking(desk, found, taker, others)
    return Swapping(Swapped.YOURS, said)


def open_for(session: Session, taker: Person) -> list[DutySwap]:
    """Return the offers a member may take now, by day."""
    team = team_of(session, taker)
    if team is None:
        return []
    found = session.scalars(
        select(DutySwap)
        .where(
            DutySwap.team_id == team.id,
            DutySwap.ended_at.is_(None),
            DutySwap.expires_at > now_by(session),
            DutySwap.giver_id != taker.id,
        )
        .order_by(DutySwap.day)
    ).all()
    return [swap for swap in found if _is_for(session, swap, team, taker)]


def _open_offer(session: Session, team: Team, day: date) -> DutySwap | None:
    return session.scalars(
        select(DutySwap).where(
            DutySwap.team_id == team.id, DutySwap.day == day, DutySwap.ended_at.is_(None)
        )
    ).one_or_none()


def _offered_lately(session: Session, giver: Person) -> int:
    since = now_by(session) - timedelta(days=1)
    found = select(func.count()).where(DutySwap.giver_id == giver.id, DutySwap.offered_at > since)
    return int(session.execute(found).scalar_one())


def _opened(
    session: Session, giver: Person, team: Team, day: date, for_day: date | None
) -> DutySwap:
    if session.get(Duty, (team.id, day)) is None:  # a leader's day on which nobody was put
        session.add(Duty(team_id=team.id, day=day, person_id=giver.id))
    swap = DutySwap(
        team_id=team.id,
        day=day,
        giver_id=giver.id,
        for_day=for_day,
        expires_at=min(midnight_of(day), now_by(session) + LASTS),
    )
    session.add(swap)
    session.flush()
    return swap


def _ask(desk: Desk, swap: DutySwap, giver: Person, asked: Sequence[Responder]) -> None:
    asking = _desk_for(desk, swap.id)
    for responder in asked:
        key = OFFER_FOR if swap.for_day else OFFER
        said = _values(desk.unit.session, swap, giver)
        tell_awake(asking, responder.phone, responder.person, key, said)


def _last_offer(session: Session, team: Team, day: date) -> DutySwap | None:
    return session.scalars(
        select(DutySwap)
        .where(DutySwap.team_id == team.id, DutySwap.day == day)
        .order_by(DutySwap.id.desc())
        .limit(1)
    ).one_or_none()


def _is_for(session: Session, swap: DutySwap, team: Team, taker: Person) -> bool:
    """Say whether a member may take an offer: with a day in return only who has that day."""
    giver = on_day(session, team, swap.day).person
    if giver is None or giver.id != swap.giver_id:
        return False  # the giver has left the team, or the day changed hands
    if swap.for_day is None:
        return True
    wanted = on_day(session, team, swap.for_day).person
    return wanted is not None and wanted.id == taker.id


def _move(session: Session, swap: DutySwap, taker: Person) -> None:
    days = [(swap.day, swap.giver_id, taker.id)]
    if swap.for_day:
        days.append((swap.for_day, taker.id, swap.giver_id))
        if session.get(Duty, (swap.team_id, swap.for_day)) is None:
            session.add(Duty(team_id=swap.team_id, day=swap.for_day, person_id=taker.id))
            session.flush()
    for day, from_id, to_id in days:
        about = {"team_id": swap.team_id, "day": day, "from_id": from_id, "to_id": to_id}
        reminded = {"reminded_at": knows_already(session, day)}
        session.execute(MOVE, {**about, **reminded}).one()


def _tell_of_taking(desk: Desk, swap: DutySwap, taker: Person, others: Sequence[Phone]) -> None:
    session, telling = desk.unit.session, _desk_for(desk, swap.id)
    giver = session.get_one(Person, swap.giver_id)
    said = _values(session, swap, taker)
    for phone in others:
        if phone.id == desk.phone().id:
            continue
        holder = session.get(Person, phone.holder_id) if phone.holder_id else None
        if phone.id == giver.phone_id:
            key = "sms.rota_swapped_for" if swap.for_day else "sms.rota_swapped"
            tell_awake(telling, phone, giver, key, said)
        elif _was_asked(session, telling, phone):
            tell_awake(telling, phone, holder or taker, "sms.rota_swap_gone", said)


def _was_asked(session: Session, telling: Desk, phone: Phone) -> bool:
    key = f"{telling.cause}:{OFFER}:{phone.msisdn}"
    return bool(session.execute(WAS_ASKED, {"key": key}).scalar_one())


def _phones_of(session: Session, team: Team) -> Sequence[Phone]:
    """Return the phones of everybody in a team, be they there or not."""
    return session.scalars(
        select(Phone)
        .join(Person, Person.phone_id == Phone.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == team.id, Membership.until.is_(None))
        .distinct()
        .order_by(Phone.id)
    ).all()


def _values(session: Session, swap: DutySwap, who: Person) -> dict[str, str]:
    today = today_of(session)
    return {
        "leader": called(who),
        "day": said_day(swap.day, today),
        "other_day": said_day(swap.for_day, today) if swap.for_day else "",
    }


def _desk_for(desk: Desk, swap_id: int) -> Desk:
    """Return a desk that writes about one offer, each sentence once to each phone."""
    return Desk(desk.unit, desk.words, desk.msisdn, desk.channel, f"swap:{swap_id}")
