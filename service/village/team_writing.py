"""Writes down what a list of teams sets in motion: teams, people, memberships, their welcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import insert, text, update
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.orm import Session

from service.dialogue.texts import DEFAULT_LANGUAGE
from service.outbox.put import Message, put_all
from service.records.messages import MessageClass
from service.records.people import Consent, ConsentKind, Person, Phone
from service.records.teams import Membership, Team, TeamArea
from service.records.unit import Unit
from service.text.waking import Hours

from .desk import Words
from .suppressions import digest
from .team_plan import Place, Someone, TeamDoing, Work
from .team_saying import is_changed
from .team_standing import Standing

WELCOME = "sms.member_welcome"

SERVE_NO_MORE = text("""
    DELETE FROM team_areas WHERE team_id = :team_id AND NOT area_id = ANY(:kept)
""")
IDS = text("SELECT msisdn, id FROM phones WHERE msisdn = ANY(:numbers)")
# A number that somebody has agreed with meanwhile keeps its holder.
HOLD = text("""
    UPDATE phones f SET holder_id = n.person_id
    FROM unnest(CAST(:phones AS bigint[]), CAST(:people AS bigint[])) AS n (phone_id, person_id)
    WHERE f.id = n.phone_id AND f.holder_id IS NULL
""")


def touched(work: Work, found: Standing) -> set[int]:
    """Return the ids of the phones there are already whose people something changes for."""
    ids = {
        found.phones.get(someone.msisdn) for someone in work.people if _is_new_or_changed(someone)
    }
    for doing in work.teams:
        ids |= {member.phone_id for member in doing.leaving}
        for place in doing.members:
            if place.current is None or place.current.role is not place.role:
                ids.add(found.phones.get(place.someone.msisdn))
    return {phone_id for phone_id in ids if phone_id is not None}


def write_teams(session: Session, teams: Sequence[TeamDoing], found: Standing) -> None:
    """Make and change the teams, with the places they serve and their neighbours."""
    new = [doing for doing in teams if doing.known is None]
    if new:
        rows = [{"name": doing.name, "level": doing.level} for doing in new]
        made = session.scalars(insert(Team).returning(Team.id, sort_by_parameter_order=True), rows)
        for doing, team_id in zip(new, made, strict=True):
            doing.id = team_id
    for doing in teams:
        if doing.known is not None:
            doing.id, doing.known.name, doing.known.active = doing.known.id, doing.name, True
    session.flush()
    ids = {key: called[0].id for key, called in found.by_key.items()}
    ids |= {doing.key: doing.id for doing in teams}
    beside = [
        {"id": doing.id, "neighbour_id": ids[doing.neighbour]} for doing in teams if doing.neighbour
    ]
    if beside:
        session.execute(update(Team), beside)
    serves = [{"team_id": doing.id, "area_id": a.id} for doing in teams for a in doing.areas]
    session.execute(insert_once(TeamArea).on_conflict_do_nothing(), serves)
    for doing in teams:
        if doing.known is not None and doing.is_whole:
            kept = [area.id for area in doing.areas]
            session.execute(SERVE_NO_MORE, {"team_id": doing.id, "kept": kept})


def write_people(session: Session, people: Sequence[Someone], held_by: str) -> dict[str, int]:
    """Make the people who are new, add to the others; return the id of each number's phone."""
    new = [someone for someone in people if someone.owner is None]
    phones = _phones(session, people)
    if new:
        made = session.scalars(
            insert(Person).returning(Person.id, sort_by_parameter_order=True),
            [_person(someone, phones) for someone in new],
        )
        for someone, person_id in zip(new, made, strict=True):
            someone.id = person_id
        holders = {phones[someone.msisdn]: someone.id for someone in reversed(new)}
        session.execute(HOLD, {"phones": list(holders), "people": list(holders.values())})
        consent = {
            "kind": ConsentKind.STORAGE,
            "given": True,
            "wording": f"member list: {held_by}",
            "channel": "list",
        }
        session.execute(insert(Consent), [{**consent, "phone_id": phone} for phone in holders])
    for someone in people:
        if someone.owner is not None:
            someone.id = someone.owner.person_id
    added = [_addition(someone) for someone in people if is_changed(someone)]
    if added:
        session.execute(update(Person), added)
    return phones


def write_memberships(session: Session, teams: Sequence[TeamDoing]) -> list[tuple[int, Place]]:
    """Let people join their teams, or have another role there; return who joined."""
    joining = [(doing, place) for doing in teams for place in doing.members if not place.current]
    others = [
        {"id": place.current.membership_id, "role": place.role}
        for doing in teams
        for place in doing.members
        if place.current and place.current.role is not place.role
    ]
    if others:
        session.execute(update(Membership), others)
    if not joining:
        return []
    rows = [
        {"team_id": doing.id, "person_id": place.someone.id, "role": place.role}
        for doing, place in joining
    ]
    one = insert(Membership).returning(Membership.id, sort_by_parameter_order=True)
    made = session.scalars(one, rows)
    return [(made_id, place) for made_id, (_, place) in zip(made, joining, strict=True)]


def welcomes(joined: Sequence[tuple[int, Place]]) -> Iterator[tuple[int, Place]]:
    """Yield for each phone one of the memberships that begin, to be told of."""
    told: set[str] = set()
    for membership_id, place in joined:
        if place.someone.msisdn not in told:
            told.add(place.someone.msisdn)
            yield membership_id, place


def welcome(
    unit: Unit, words: Words, joined: Sequence[tuple[int, Place]], phones: dict[str, int]
) -> None:
    """Tell those who joined a team that they have, once for a phone.

    A notice: it leaves by day only, and by hundreds without keeping an answer waiting.
    """
    messages = []
    for membership_id, place in welcomes(joined):
        msisdn, owner = place.someone.msisdn, place.someone.owner
        language = (owner.language if owner else None) or DEFAULT_LANGUAGE
        messages.append(
            Message(
                idem_key=f"member:{membership_id}",
                message_class=MessageClass.NOTICE,
                to=msisdn,
                body=words.say(WELCOME, language, {"our_team": place.row.team}),
                phone_id=phones[msisdn],
                recipient_digest=digest(words.key, msisdn),
            )
        )
    put_all(unit, messages)


def _is_new_or_changed(someone: Someone) -> bool:
    return someone.owner is None or is_changed(someone)


def _phones(session: Session, people: Sequence[Someone]) -> dict[str, int]:
    numbers = [someone.msisdn for someone in people]
    new = {someone.msisdn for someone in people if someone.owner is None}
    if new:
        rows = [{"msisdn": number} for number in sorted(new)]
        session.execute(insert_once(Phone).on_conflict_do_nothing(), rows)
    found = session.execute(IDS, {"numbers": numbers})
    return {row.msisdn: row.id for row in found}


def _person(someone: Someone, phones: dict[str, int]) -> dict[str, Any]:
    return {
        "name": someone.name,
        "phone_id": phones[someone.msisdn],
        "area_id": someone.hamlet.id if someone.hamlet else None,
        **_awake(someone.hours),
    }


def _addition(someone: Someone) -> dict[str, Any]:
    """Return what the list adds to a person: their own name and hamlet stay as they said."""
    owner = someone.owner
    assert owner is not None
    added: dict[str, Any] = {"id": owner.person_id, "name": owner.name or someone.name}
    added["area_id"] = owner.area_id or (someone.hamlet.id if someone.hamlet else None)
    awake = _awake(someone.hours)
    if someone.hours is None:
        awake = {"awake_from": owner.awake[0], "awake_until": owner.awake[1]}
    return {**added, **awake}


def _awake(hours: Hours | None) -> dict[str, int | None]:
    begins, ends = (hours.begins, hours.ends) if hours else (None, None)
    return {"awake_from": begins, "awake_until": ends}
