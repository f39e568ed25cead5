"""The people of a hamlet as its team may see them: by name, the number masked; in full audited."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.records.operations import Audit
from service.records.people import Household, Person, Phone
from service.text.fold import fold, search_key
from service.text.mask import mask_msisdn
from service.text.phones import Msisdn, national_compact

from .areas import area_by_id
from .desk import Desk
from .managing import Manager, concerns
from .said import Said, about

MOST_READ_IN_AN_HOUR = 10
READ_LATELY = text("""
    SELECT count(*) FROM audit
    WHERE actor = :actor AND action = 'read_number' AND starts_with(about, 'person ')
      AND at > clock_timestamp() - interval '1 hour'
""")


def people_of(session: Session, hamlet_id: int) -> Sequence[Person]:
    """Return who lives in a hamlet, by the name they are called by."""
    found = session.scalars(select(Person).where(Person.area_id == hamlet_id)).all()
    return sorted(found, key=_by_given_name)


def households_of(session: Session, hamlet_id: int) -> Sequence[Household]:
    """Return the households of a hamlet that are reached through a neighbour, by name."""
    found = session.scalars(
        select(Household).where(
            Household.hamlet_id == hamlet_id,
            Household.contact_id.is_not(None),
            Household.label != "",
        )
    ).all()
    return sorted(found, key=lambda household: search_key(household.label))


def masked_number(session: Session, person: Person | None) -> str:
    """Return somebody's number with its middle hidden, "090*****07"; empty where there is none."""
    phone = session.get(Phone, person.phone_id) if person and person.phone_id else None
    return mask_msisdn(national_compact(Msisdn(phone.msisdn))) if phone else ""


def shown_as(session: Session, person: Person) -> str:
    """Return how somebody stands in a list: their name, else the end of their number."""
    return fold(person.name or "").text or masked_number(session, person) or f"({person.id})"


def show_number(desk: Desk, manager: Manager, person: Person | None) -> Said:
    """Show a number in full, ten an hour at most; each reading is on record."""
    session = desk.unit.session
    phone = session.get(Phone, person.phone_id) if person and person.phone_id else None
    if person is None or phone is None or not concerns(session, manager, person):
        return Said("not_there")
    actor = f"person {manager.person.id}"
    read = session.execute(READ_LATELY, {"actor": actor}).scalar_one()
    if read >= MOST_READ_IN_AN_HOUR:
        return Said("read_enough")
    detail = {"number": mask_msisdn(phone.msisdn)}
    about_it = f"person {person.id}"
    session.add(Audit(actor=actor, action="read_number", about=about_it, detail=detail))
    hamlet = area_by_id(session, person.area_id) if person.area_id else None
    return Said("number", about(person=person, number=Msisdn(phone.msisdn), hamlet=hamlet))


def _by_given_name(person: Person) -> tuple[bool, str, str, int]:
    name = search_key(person.name or "")
    return not name, name.split()[-1] if name else "", name, person.id
