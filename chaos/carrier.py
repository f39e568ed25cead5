"""What goes wrong at the carrier, switched on and off at the stand-in."""

from __future__ import annotations

from typing import Any

import requests

from .plan import Plan

SECONDS = 10.0  # the phones may take to answer
# Kind of fault of a send, before or after it is taken: its part of the plan's share.
SENDS: list[tuple[float, dict[str, Any]]] = [
    (0.05, {"kind": "hang", "when": "before", "seconds": 12}),
    (0.07, {"kind": "hang", "when": "after", "seconds": 12}),
    (0.15, {"kind": "close", "when": "before"}),
    (0.16, {"kind": "close", "when": "after"}),
    (0.10, {"kind": "error", "when": "before", "code": 500}),
    (0.10, {"kind": "error", "when": "after", "code": 502}),
    (0.10, {"kind": "throttle"}),
    (0.10, {"kind": "broken_json"}),
    (0.05, {"kind": "html", "when": "after", "code": 200}),
    (0.05, {"kind": "partial", "when": "before"}),
    (0.07, {"kind": "partial", "when": "after"}),
]
# No fault: a fifth of a second for one recipient, two for twenty.
SLOWLY = {"kind": "trickle", "seconds": 0.0005}
# What the carrier tells the service, of all its callbacks of that kind.
TOLD: list[tuple[float, dict[str, Any]]] = [
    (0.030, {"place": "receipts", "kind": "late", "seconds": 6}),
    (0.030, {"place": "receipts", "kind": "duplicate"}),
    (0.030, {"place": "receipts", "kind": "out_of_order"}),
    (0.010, {"place": "receipts", "kind": "early"}),
    (0.600, {"place": "receipts", "kind": "lost", "statuses": ["Sent"]}),
    (0.010, {"place": "receipts", "kind": "no_plus"}),
    (0.010, {"place": "receipts", "kind": "close", "when": "after"}),
    (0.030, {"place": "sms", "kind": "duplicate"}),
    (0.020, {"place": "sms", "kind": "close", "when": "after"}),
    (0.010, {"place": "ussd", "kind": "duplicate"}),
    (0.010, {"place": "ussd", "kind": "close", "when": "after"}),
]
RETRIES = [1.0, 3.0, 6.0]
"""Seconds between a carrier's tries at a callback that was not answered with 200."""


class Carrier:
    """The stand-in's switches. `address` is where the phones answer."""

    def __init__(self, address: str) -> None:
        self._address = address

    def behave(self) -> None:
        """Have it try again soon, and tell of two rungs of each message's ladder."""
        self._ask("POST", "settings", {"retry_seconds": RETRIES, "ladder": ["Sent", "Success"]})

    def misbehave(self, plan: Plan) -> None:
        """Switch its faults on."""
        rules = [
            {"place": "send", "share": part * plan.carrier_share, **rule}
            for part, rule in SENDS
            if plan.hangs or rule["kind"] != "hang"
        ]
        rules.append({"place": "send", "share": plan.slow_share, **SLOWLY})
        rules += [{"share": share, **rule} for share, rule in TOLD]
        self._ask("POST", "faults", {"seed": plan.seed, "rules": rules})

    def meet(self, rule: dict[str, Any]) -> None:
        """Switch one fault on."""
        self._ask("POST", "faults", {"seed": 1, "rules": [rule]})

    def calm(self) -> None:
        """Switch its faults off."""
        self._ask("DELETE", "faults", None)

    def _ask(self, method: str, what: str, body: dict[str, Any] | None) -> None:
        with requests.Session() as http:
            http.trust_env = False  # a proxy of the environment is not for this machine
            address = f"{self._address}/api/{what}"
            http.request(method, address, json=body, timeout=SECONDS).raise_for_status()
