"""The carrier's own switches for tests and the page: faults, settings, balance, journal."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from service.phones import asked
from service.phones.asked import AskedError
from service.phones.faults import RuleError, catalogue
from service.phones.settings import SettingsError
from service.text import gsm7

if TYPE_CHECKING:
    from service.phones.network import Network

Json = dict[str, Any]


def make(network: Network) -> Blueprint:
    """Make the routes under /api that are about the carrier."""
    routes = Blueprint("switches", __name__, url_prefix="/api")
    desk = _Desk(network)
    routes.get("/faults")(desk.faults)
    routes.post("/faults")(desk.add_faults)
    routes.delete("/faults")(desk.clear_faults)
    routes.delete("/faults/<int:rule>")(desk.remove_fault)
    routes.get("/settings")(desk.settings)
    routes.post("/settings")(desk.change_settings)
    routes.get("/account")(desk.account)
    routes.post("/account")(desk.fill_account)
    routes.get("/journal")(desk.journal)
    routes.post("/count")(desk.count)
    return routes


class _Desk:
    def __init__(self, network: Network) -> None:
        self._net = network

    def faults(self) -> Json:
        """List the rules that are on, the seed, and every kind there is."""
        rules = [rule.shown() for rule in self._net.faults.rules]
        return {"seed": self._net.faults.seed, "rules": rules, "kinds": catalogue()}

    def add_faults(self) -> tuple[Json, int]:
        """Switch on one rule, or {"rules": [...], "seed": n}; a seed first clears all."""
        data = asked.json_object()
        rules = [data]
        if "rules" in data or "seed" in data:
            data = asked.fields({}, {"rules": list, "seed": int})
            rules = data.get("rules", [])
        try:
            self._net.faults.check(rules)
            if "seed" in data:
                self._net.faults.clear(data["seed"])
            added = self._net.faults.add(rules)
        except RuleError as error:
            raise AskedError(400, "bad_rule", str(error)) from None
        return {"seed": self._net.faults.seed, "rules": [rule.shown() for rule in added]}, 201

    def clear_faults(self) -> Json:
        """Switch every fault off; `?seed=` chooses the dice of what comes next."""
        self._net.faults.clear(asked.count("seed", 1))
        return self.faults()

    def remove_fault(self, rule: int) -> Json:
        """Switch one fault off."""
        if not self._net.faults.remove(rule):
            raise AskedError(404, "unknown_rule", f"no rule {rule} is on")
        return self.faults()

    def settings(self) -> Json:
        """Show the settings."""
        return asdict(self._net.settings.now)

    def change_settings(self) -> Json:
        """Change some settings."""
        wanted = asked.json_object()
        try:
            now = self._net.settings.change(wanted)
        except SettingsError as error:
            raise AskedError(400, "bad_setting", str(error)) from None
        self._net.journal.write("settings", changed=wanted)
        return asdict(now)

    def account(self) -> Json:
        """Show the balance."""
        balance = f"{self._net.outgoing.balance:.4f}"
        return {"balance": balance, "currency": self._net.settings.now.currency}

    def fill_account(self) -> Json:
        """Set the balance: a decimal number as text."""
        text = asked.fields({"balance": str})["balance"]
        if not text.replace(".", "", 1).isdecimal():
            raise AskedError(400, "bad_field", '"balance" should look like "12.5"')
        self._net.outgoing.balance = Decimal(text)
        return self.account()

    def journal(self) -> Json:
        """Give events after `since`; `kind=a,b` chooses, `limit` bounds."""
        kinds = frozenset(filter(None, request.args.get("kind", "").split(",")))
        since, limit = asked.count("since", 0), asked.count("limit", 10_000)
        return self._net.journal.since(since, kinds, limit)

    def count(self) -> Json:
        """Count a text as the carrier does."""
        count = gsm7.count(asked.fields({"text": str})["text"])
        return {
            "encoding": str(count.encoding),
            "units": count.units,
            "segments": count.segments,
            "left": count.left,
        }
