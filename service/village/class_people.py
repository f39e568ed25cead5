"""The people of one phone in a class: a household is written to once, and named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from service.records.people import Person
from service.records.trainings import Enrolment
from service.text.fold import fold


def own_first(one: Enrolment) -> tuple[bool, int]:
    """Order the people of a phone: its own person, then the others as they registered."""
    return bool(one.name), one.id


def by_phone(members: Iterable[Enrolment]) -> Mapping[int, list[Enrolment]]:
    """Return people by the phone they are written to, its own person first, then as they came."""
    found: dict[int, list[Enrolment]] = {}
    for one in sorted(members, key=own_first):
        found.setdefault(one.phone_id, []).append(one)
    return found


def named(first: str, people: Sequence[Enrolment]) -> dict[str, str]:
    """Return the values that name the people of one phone: "Mai Thu va 1 nguoi nua"."""
    more = len(people) - 1
    return {"who": first, "and_more": "some" if more else "none", "more": str(more)}


def who_is(session: Session, enrolment: Enrolment) -> str:
    """Return for whom a place is: the name that was given, else the holder's, else "ba con"."""
    if enrolment.name:
        return fold(enrolment.name).text
    person = session.get(Person, enrolment.person_id) if enrolment.person_id else None
    return fold((person.name if person else None) or "").text or "ba con"
