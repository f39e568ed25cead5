"""Which carriers there are; whether the one that is set is among them."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence

from service import carriers
from service.settings import Settings, SettingsError

NOT_CARRIERS = frozenset({"base", "http"})


def carrier_names() -> list[str]:
    """Return the names of the carrier modules there are."""
    found = (module.name for module in pkgutil.iter_modules(carriers.__path__))
    return sorted(name for name in found if name not in NOT_CARRIERS)


def account_names() -> list[str]:
    """Return every name that attempts, reports and texts may bear, of whatever account."""
    return [name for first in carrier_names() for name in (first, _second(first))]


def second_name(settings: Settings) -> str | None:
    """Return what the second account is called in attempts, pauses and addresses, if one is set."""
    return _second(settings.second_carrier) if settings.second_carrier else None


def carriers_set(settings: Settings) -> tuple[str, ...]:
    """Return the carriers that messages may go by, the usual one first."""
    first, second = settings.carrier or carrier_names()[0], second_name(settings)
    return (first, second) if second else (first,)


def balance_gauges(carriers: Sequence[str]) -> Mapping[str, str]:
    """Return under which name the balance of each account is noted, the usual one first.

    That of the usual one bears no name: it is the one of the curves, whatever it is called.
    """
    return {
        carrier: f"balance:{carrier}" if place else "balance"
        for place, carrier in enumerate(carriers)
    }


def check_carrier(settings: Settings) -> None:
    """Raise SettingsError when CARRIER or SECOND_CARRIER names none; settings cannot know them.

    Without this a process dies only when it first needs its carrier, of a module not found.
    """
    names = carrier_names()
    there = f"there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"
    for variable in ("carrier", "second_carrier"):
        named = getattr(settings, variable)
        if named and named not in names:
            raise SettingsError(f"{variable.upper()}: there is no {named!r}; {there}.")
    if settings.second_carrier and not settings.second_carrier_api_key.get_secret_value():
        raise SettingsError("SECOND_CARRIER_API_KEY: is needed when SECOND_CARRIER is set.")


def _second(carrier: str) -> str:
    return f"{carrier}-2"
