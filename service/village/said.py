"""How something that touches others went, as it is said by text and on the screen alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.records.areas import Area
from service.records.people import Person
from service.text.phones import Msisdn, national_compact

from .areas import shown_name


@dataclass(frozen=True, slots=True)
class Said:
    """The end of a key "sms.act_", and what stands in the gaps of that sentence."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)


def about(
    *,
    person: Person | None = None,
    name: str = "",
    number: Msisdn | str = "",
    hamlet: Area | None = None,
    household: str = "",
) -> dict[str, str]:
    """Return the values of a sentence about somebody; a person without a name is their number."""
    called = (person.name if person else "") or name
    shown = national_compact(Msisdn(number)) if number else ""
    return {
        "name": called or shown,
        "phone": shown,
        "hamlet": shown_name(hamlet) if hamlet else "",
        "household": household,
    }
