"""An invented village for practice: hamlets, teams, households, and who has a handset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.records.areas import AreaKind
from service.records.people import Consent, ConsentKind, Household, Person, Phone
from service.records.teams import Membership, Team, TeamArea
from service.text.codes import hamlet_code
from service.text.phones import Msisdn

from .area_keeping import commune_by_code, put_area
from .suppressions import is_erased


def load_demo(session: Session, source: Mapping[str, Any], key: str) -> None:
    """Load the demo of data/demo.yaml; loading it again changes nothing, nor brings back anybody.

    `key` is that of the digests by which people who were erased are known.
    """
    commune = commune_by_code(session, source["commune"])
    hamlets = {
        number: put_area(
            session,
            AreaKind.HAMLET,
            hamlet_code(number),
            "Xóm",
            hamlet["name"],
            parent_id=commune.id,
            has_coverage=hamlet.get("coverage", True),
        )
        for number, hamlet in source["hamlets"].items()
    }
    for entry in source["teams"]:
        served: dict[str, list[Any]] = {
            "hamlet": [hamlets[number] for number in entry.get("hamlets", ())],
            "commune": [commune.id],
            "province": [commune.parent_id],
        }
        team_id = _put_team(session, entry, served[entry["level"]])
        for member in entry["members"]:
            area_id = hamlets.get(member.get("hamlet"))
            if is_erased(session, key, member["msisdn"], member["name"]):
                continue
            person = _put_person(session, member, area_id, member.get("household"))
            _put_membership(session, team_id, person, member["role"])
    for household in source["households"]:
        for someone in household["people"]:
            if is_erased(session, key, someone["msisdn"], someone["name"]):
                continue
            area_id = hamlets[household["hamlet"]]
            _put_person(session, someone, area_id, household["label"], zalo=household["zalo"])


def _put_team(session: Session, entry: Mapping[str, Any], area_ids: list[int]) -> int:
    values = {"name": entry["name"], "level": entry["level"]}
    team_id: int = session.execute(
        insert(Team)
        .values(**values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
        .returning(Team.id)
    ).scalar_one()
    for area_id in area_ids:
        row = insert(TeamArea).values(team_id=team_id, area_id=area_id)
        session.execute(row.on_conflict_do_nothing())
    return team_id


def _put_person(
    session: Session,
    entry: Mapping[str, Any],
    area_id: int | None,
    household: str | None,
    *,
    zalo: bool = False,
) -> Person:
    """Make a person with a phone and the consent that an invented person has given."""
    number = Msisdn(entry["msisdn"])
    session.execute(insert(Phone).values(msisdn=number).on_conflict_do_nothing())
    phone = session.scalars(select(Phone).where(Phone.msisdn == number)).one()
    if phone.holder_id is not None:
        found = session.get(Person, phone.holder_id)
        assert found is not None
        return found
    person = Person(name=entry["name"], area_id=area_id, phone_id=phone.id)
    if household and area_id:
        home = Household(hamlet_id=area_id, label=household, has_zalo=zalo)
        session.add(home)
        session.flush()
        person.household_id = home.id
    session.add(person)
    session.flush()
    phone.holder_id = person.id
    session.add(
        Consent(
            phone_id=phone.id,
            kind=ConsentKind.STORAGE,
            given=True,
            wording="demo",
            channel="seed",
        )
    )
    return person


def _put_membership(session: Session, team_id: int, person: Person, role: str) -> None:
    current = select(Membership).where(
        Membership.team_id == team_id,
        Membership.person_id == person.id,
        Membership.until.is_(None),
    )
    if session.scalars(current).one_or_none() is None:
        session.add(Membership(team_id=team_id, person_id=person.id, role=role))
