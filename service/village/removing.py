"""Taking somebody off: a villager off the list of their hamlet, a member out of a team.

It erases nobody: who is off the list is remembered as before, and may choose a hamlet again. What
a member had taken goes back on its ladder, so that nobody waits for somebody who is gone.
"""

from __future__ import annotations

from sqlalchemy import text

from service.records.messages import MessageClass
from service.records.operations import Audit
from service.records.people import Household, Person, Phone
from service.records.proofs import PendingAct
from service.records.teams import Team

from . import pins
from .areas import area_by_id
from .desk import Desk, lock_phones
from .gap_warnings import to_lock, warn_of
from .gaps import areas_of
from .leaving import (
    end_duties,
    end_memberships,
    hand_back,
    leave_household,
    lock_all,
    steps_for,
    work_of,
)
from .ledger import called
from .managing import Manager, may_change, memberships_of
from .said import Said, about
from .tasks import tell_villager
from .teams import member_at

FREE_NUMBERS = text("""
    UPDATE task_numbers SET freed_at = clock_timestamp()
    WHERE phone_id = :phone_id AND freed_at IS NULL
""")
CHANGE_CONTACT = text("""
    UPDATE households SET contact_id = :instead
    WHERE contact_id = :person_id AND hamlet_id = :hamlet_id
""")


def refusal(desk: Desk, manager: Manager, person: Person | None) -> Said | None:
    """Return why somebody cannot be taken off; None when they can."""
    if person is None:
        return Said("not_there")
    if may_change(desk.unit.session, manager, person):
        return None
    return Said("by_commune" if manager.has(person.area_id) else "not_there", about(person=person))


def remove(desk: Desk, manager: Manager, person: Person | None) -> Said:
    """Take somebody out of the manager's team, or else off the list of the hamlet."""
    said = refusal(desk, manager, person)
    if said is not None or person is None:
        return said or Said("not_there")
    if memberships_of(desk.unit.session, person):
        return _out_of_the_team(desk, manager, person)
    return _off_the_list(desk, manager, person)


def _off_the_list(desk: Desk, manager: Manager, person: Person) -> Said:
    session = desk.unit.session
    assert person.area_id is not None
    if person.phone_id is not None:
        lock_phones(desk.unit, {person.phone_id})
    hamlet = area_by_id(session, person.area_id)
    contact = {"person_id": person.id, "hamlet_id": hamlet.id, "instead": manager.person.id}
    session.execute(CHANGE_CONTACT, contact)
    leave_household(session, person)
    person.area_id = person.household_id = None
    session.flush()
    _audit(desk, manager, "removed_person", person, f"area {hamlet.id}")
    values = {**about(person=person, hamlet=hamlet), "leader": called(manager.person)}
    _tell(desk, person, "sms.removed_from_list", values)
    return Said("removed", _named(desk, person, values))


def _out_of_the_team(desk: Desk, manager: Manager, person: Person) -> Said:
    session = desk.unit.session
    phone = session.get(Phone, person.phone_id) if person.phone_id else None
    served = areas_of(session, [person.id])
    ended = end_memberships(session, person, manager.teams)
    if not ended:
        return Said("not_there", about(person=person))  # another was faster
    held = [] if memberships_of(session, person) else work_of(session, person)
    where = phone or desk.phone()
    steps = steps_for(desk, held, where)
    lock_all(desk, where, held, steps, to_lock(session, served))
    end_duties(session, person, ended)
    for request in hand_back(desk, held, steps, person):
        tell_villager(desk, request, "sms.looking_again", {"leader": called(person)})
    warn_of(desk.unit, desk.words, served)
    if not memberships_of(session, person):
        pins.forget(desk, person)
        if phone is not None and member_at(session, phone, None) is None:
            session.execute(FREE_NUMBERS, {"phone_id": phone.id})
            if waiting := session.get(PendingAct, phone.id):
                session.delete(waiting)
    session.flush()
    team = session.get_one(Team, ended[0])
    _audit(desk, manager, "removed_member", person, f"team {team.id}")
    values = {**about(person=person), "leader": called(manager.person), "team": team.name}
    _tell(desk, person, "sms.removed_from_team", values)
    return Said("removed_member", _named(desk, person, values))


def remove_household(desk: Desk, manager: Manager, household: Household | None) -> Said:
    """Take a household without a phone off the list; nothing else is known of it."""
    session = desk.unit.session
    if household is None or not manager.has(household.hamlet_id) or not household.label:
        return Said("not_there")
    hamlet = area_by_id(session, household.hamlet_id)
    values = about(household=household.label, hamlet=hamlet)
    household.label, household.contact_id = "", None
    session.flush()
    who, what = f"person {manager.person.id}", f"household {household.id}"
    session.add(Audit(actor=who, action="removed_household", about=what, detail={}))
    return Said("removed_household", values)


def _named(desk: Desk, person: Person, values: dict[str, str]) -> dict[str, str]:
    phone = desk.unit.session.get(Phone, person.phone_id) if person.phone_id else None
    called_so = about(name=values["name"], number=phone.msisdn) if phone else values
    return {**values, "name": called_so["name"]}


def _tell(desk: Desk, person: Person, key: str, values: dict[str, str]) -> None:
    phone = desk.unit.session.get(Phone, person.phone_id) if person.phone_id else None
    if phone is not None:
        desk.tell(phone, key, values, message_class=MessageClass.ALERT)


def _audit(desk: Desk, manager: Manager, action: str, person: Person, of: str) -> None:
    row = Audit(
        actor=f"person {manager.person.id}",
        action=action,
        about=f"person {person.id}",
        detail={"of": of, "by": desk.channel},
    )
    desk.unit.session.add(row)
