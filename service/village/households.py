"""Households without a phone or without network, reached through a neighbour."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.records.areas import Area
from service.records.messages import MessageClass
from service.records.operations import Audit
from service.records.people import Household, Person, Phone
from service.text.fold import search_key

from .areas import area_by_id
from .desk import Desk
from .ledger import called
from .managing import Manager
from .said import Said, about

MOST_IN_A_HAMLET = 60
"""Households without a phone in one hamlet; more are a mistake, or somebody's phone lost."""


def add(desk: Desk, manager: Manager, label: str, contact: Person | None) -> Said:
    """Put a household on the list of the hamlet its neighbour lives in; the neighbour is told."""
    said = refusal(desk, manager, label, contact)
    if said is not None or contact is None:
        return said or Said("no_contact")
    session, hamlet = desk.unit.session, _hamlet_of(desk.unit.session, manager, contact)
    assert hamlet is not None
    household = named(session, [hamlet], label)
    if household is None:
        household = Household(hamlet_id=hamlet.id, label=label)
        session.add(household)
    household.contact_id = contact.id
    session.flush()
    who, what = f"person {manager.person.id}", f"household {household.id}"
    detail = {"contact": str(contact.id), "by": desk.channel}
    session.add(Audit(actor=who, action="added_household", about=what, detail=detail))
    values = about(person=contact, hamlet=hamlet, household=label)
    phone = session.get(Phone, contact.phone_id) if contact.phone_id else None
    if phone is not None and contact.id != manager.person.id:
        told = {**values, "leader": called(manager.person)}
        desk.tell(phone, "sms.you_are_contact", told, message_class=MessageClass.ALERT)
    return Said("household", values)


def refusal(desk: Desk, manager: Manager, label: str, contact: Person | None) -> Said | None:
    """Return why a household cannot be put on the list; None when it can."""
    session = desk.unit.session
    hamlet = _hamlet_of(session, manager, contact) if contact else None
    if contact is None or hamlet is None or contact.phone_id is None:
        return Said("no_contact", about(household=label))
    there = select(func.count()).where(
        Household.hamlet_id == hamlet.id, Household.contact_id.is_not(None)
    )
    if session.execute(there).scalar_one() >= MOST_IN_A_HAMLET:
        return Said("enough", about(household=label))
    return None


def named(session: Session, hamlets: list[Area], label: str) -> Household | None:
    """Return the household reached through a neighbour that is called so in one of some hamlets."""
    found = session.scalars(
        select(Household)
        .where(
            Household.hamlet_id.in_([hamlet.id for hamlet in hamlets]),
            Household.contact_id.is_not(None),
        )
        .order_by(Household.id)
    )
    sought = search_key(label).removeprefix("ho ")
    return next((h for h in found if search_key(h.label).removeprefix("ho ") == sought), None)


def contact_of(session: Session, household: Household) -> tuple[Person | None, Phone | None]:
    """Return through whom a household is reached, and their phone."""
    person = session.get(Person, household.contact_id) if household.contact_id else None
    phone = session.get(Phone, person.phone_id) if person and person.phone_id else None
    return person, phone


def _hamlet_of(session: Session, manager: Manager, contact: Person) -> Area | None:
    """Return where the neighbour lives; of a manager who lives elsewhere, their only hamlet."""
    if manager.has(contact.area_id) and contact.area_id is not None:
        return area_by_id(session, contact.area_id)
    if contact.id == manager.person.id and len(manager.hamlets) == 1:
        return manager.hamlets[0]
    return None
