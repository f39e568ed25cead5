"""What the people of the demo village are called in a play."""

from __future__ import annotations

from collections.abc import Mapping

from service.text.phones import InvalidNumber, parse

PEOPLE: Mapping[str, str] = {
    "villager": "+84900000001",
    "leader": "+84900000002",
    "deputy": "+84900000003",
    "member": "+84900000004",
    "commune": "+84900000005",
    "province": "+84900000006",
    "neighbour": "+84900000007",
    "far-away": "+84900000008",
    "stranger": "+84900000030",
}
"""Names and numbers. The villager and the stranger have never called before."""
NAMES: Mapping[str, str] = {msisdn: name for name, msisdn in PEOPLE.items()}


def number_of(who: str) -> str:
    """Return the number of somebody in the village, or the number that was given.

    Raises ValueError with a sentence when it is neither.
    """
    if who in PEOPLE:
        return PEOPLE[who]
    try:
        return parse(who)
    except InvalidNumber as fault:
        raise ValueError(f"{who}: {fault} Or give a name: {', '.join(PEOPLE)}.") from None
