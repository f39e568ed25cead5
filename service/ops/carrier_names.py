"""Which carriers there are; whether the one that is set is among them."""

from __future__ import annotations

import pkgutil

from service import carriers
from service.settings import Settings, SettingsError

NOT_CARRIERS = frozenset({"base", "http"})


def carrier_names() -> list[str]:
    """Return the names of the carrier modules there are."""
    found = (module.name for module in pkgutil.iter_modules(carriers.__path__))
    return sorted(name for name in found if name not in NOT_CARRIERS)


def check_carrier(settings: Settings) -> None:
    """Raise SettingsError when CARRIER names none; the settings cannot know which there are.

    Without this a process dies only when it first needs its carrier, of a module not found.
    """
    names = carrier_names()
    if settings.carrier and settings.carrier not in names:
        there = f"there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"
        raise SettingsError(f"CARRIER: there is no {settings.carrier!r}; {there}.")
