"""The acts that touch others: what is checked before a proof is asked for, and what is then done.

The same for a text with its code and a call with its PIN; all is looked up again when the proof is
there, since the village goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.records.areas import Area
from service.records.people import Household, Person, Phone
from service.text.phones import Msisdn

from . import directory, households, invitations, moving, removing
from .areas import area_by_id
from .desk import Desk
from .managing import Manager, memberships_of
from .mentions import HIDDEN
from .proofs import Act
from .said import Said, about

ADD, REMOVE, MOVE, HOUSEHOLD, REMOVE_HOUSEHOLD, NUMBER = (
    *("add", "remove", "move", "household", "remove_household", "number"),
)
MEMBER = "remove_member"
"""How removing is called when somebody leaves a team and stays on the list."""


@dataclass(frozen=True, slots=True)
class About:
    """Whom an act is about, looked up."""

    desk: Desk
    manager: Manager
    detail: Mapping[str, str]

    @property
    def person(self) -> Person | None:
        """The one it is done to, or through whom a household is reached."""
        found = self.detail.get("person", "")
        return self.desk.unit.session.get(Person, int(found)) if found.isdecimal() else None

    @property
    def household(self) -> Household | None:
        """The household it is done to."""
        found = self.detail.get("household", "")
        return self.desk.unit.session.get(Household, int(found)) if found.isdecimal() else None

    @property
    def hamlet(self) -> Area | None:
        """Where somebody is added."""
        found = self.detail.get("area", "")
        return area_by_id(self.desk.unit.session, int(found)) if found.isdecimal() else None

    @property
    def number(self) -> Msisdn:
        """The number somebody is added with, or moved to."""
        return Msisdn(self.detail["number"])

    @property
    def name(self) -> str:
        """What somebody, or a household, is called."""
        return self.detail.get("name", "")


Check = Callable[[About], Said | None]
Do = Callable[[About], Said]

CHECKS: Mapping[str, Check] = {
    ADD: lambda a: invitations.refusal(a.desk, a.manager, a.number, a.name, a.hamlet),
    REMOVE: lambda a: removing.refusal(a.desk, a.manager, a.person),
    MOVE: lambda a: moving.refusal(a.desk, a.manager, a.person, a.number),
    HOUSEHOLD: lambda a: households.refusal(a.desk, a.manager, a.name, a.person),
    REMOVE_HOUSEHOLD: lambda _: None,
    NUMBER: lambda _: None,
}
DOES: Mapping[str, Do] = {
    ADD: lambda a: invitations.add(a.desk, a.manager, a.number, a.name, a.hamlet),
    REMOVE: lambda a: removing.remove(a.desk, a.manager, a.person),
    MOVE: lambda a: moving.move(a.desk, a.manager, a.person, a.number),
    HOUSEHOLD: lambda a: households.add(a.desk, a.manager, a.name, a.person),
    REMOVE_HOUSEHOLD: lambda a: removing.remove_household(a.desk, a.manager, a.household),
    NUMBER: lambda a: directory.show_number(a.desk, a.manager, a.person),
}


def check(desk: Desk, manager: Manager, act: Act) -> Said | None:
    """Return why an act cannot be done; None when it only wants a proof."""
    if _names_the_erased(act):
        return Said("not_there")
    return CHECKS[act.name](About(desk, manager, act.detail))


def carry_out(desk: Desk, manager: Manager, act: Act) -> Said:
    """Do what has been proven, and say how it went."""
    if _names_the_erased(act):
        return Said("not_there")
    return DOES[act.name](About(desk, manager, act.detail))


def values_of(desk: Desk, manager: Manager, act: Act) -> dict[str, str]:
    """Return what is said of an act before it is done: its name, and whom it is about."""
    found, session = About(desk, manager, act.detail), desk.unit.session
    person, name = found.person, act.name
    if person is not None and name == REMOVE and memberships_of(session, person):
        name = MEMBER
    phone = session.get(Phone, person.phone_id) if person and person.phone_id else None
    number = act.detail.get("number") or (phone.msisdn if phone else "")
    lives = person.area_id if person else None
    hamlet = found.hamlet or (area_by_id(session, lives) if lives else None)
    is_household = name == HOUSEHOLD
    values = about(
        person=person,
        name="" if is_household else found.name,
        number=number,
        hamlet=hamlet,
        household=found.name if is_household else _label(found.household),
    )
    return {**values, "act": name}


def _names_the_erased(act: Act) -> bool:
    """Say whether an erasure has taken a name or number out of an act since it was asked for."""
    return HIDDEN in act.detail.values()


def _label(household: Household | None) -> str:
    return household.label if household else ""
