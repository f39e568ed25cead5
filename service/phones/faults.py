"""The rules of what goes wrong, and the dice. Nothing here touches a socket.

A rule says: at this `place`, this `kind` of fault, for this `share` of the occasions, at most
`count` times, only for these `numbers`. KINDS below lists every kind with the places it fits and
the fields it takes. The dice are thrown from (seed, rule, number, how often this number met the
rule), so a run can be repeated however its threads fall: the third send to a number is judged
the same in every run with the same rules and seed.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ASKED = ("send", "fetch", "user")  # the service asks us
TOLD = ("ussd", "sms", "receipts", "events")  # we tell the service
PLACES = ASKED + TOLD


class RuleError(Exception):
    """A fault rule makes no sense; the message says what would."""


@dataclass(frozen=True)
class Kind:
    """What a kind of fault does, where it may be put, and its fields with their usual values."""

    says: str
    stage: str  # when the dice are thrown, see Faults.draw
    always: str | None  # before or after the request is taken, where the rule has no choice
    fields: dict[str, Any] = field(default_factory=dict)


KINDS: dict[tuple[str, str], Kind] = {}


def _kind(
    name: str,
    places: Iterable[str],
    stage: str,
    says: str,
    *,
    always: str | None = None,
    **fields: Any,
) -> None:
    for place in places:
        KINDS[place, name] = Kind(says, stage, always, fields)


# What the service asks. "asked": the whole request, before it is taken or after; "batch": what
# becomes of a send; "each": what becomes of one recipient.
_kind("hang", ASKED, "asked", "no answer for `seconds`; before: then cut", when="after", seconds=60)
_kind("close", ASKED, "asked", "the connection is cut without an answer", when="after")
_kind("error", ASKED, "asked", "HTTP error `code`", when="after", code=500)
_kind("html", ASKED, "asked", "an HTML page with HTTP `code`", when="after", code=200)
_kind("throttle", ASKED, "asked", "HTTP 429 with Retry-After", always="before", seconds=1)
_kind("redirect", ASKED, "asked", "HTTP `code` to `text`", always="before", code=302, text="")
_kind("trickle", ASKED, "asked", "one byte each `seconds`", always="after", seconds=1)
_kind("charset", ASKED, "asked", "; charset=utf-8 in the content type", always="after")
_kind("broken_json", ASKED, "asked", "the JSON stops half-way", always="after")
_kind("huge", ASKED, "asked", "an answer of `size` bytes", always="after", size=5_000_000)
_kind("invalid_sender", ("send",), "batch", "InvalidSenderId for the whole batch")
_kind(
    "no_balance",
    ("send",),
    "batch",
    "no credit; `text` is recipients (405 for each) or empty (no list)",
    text="recipients",
)
_kind("status", ("send",), "each", "statusCode `code` for this number", code=500)
_kind("partial", ("send",), "each", "not in the list; after: but taken", when="after")
_kind(
    "wrong_number",
    ("send",),
    "each",
    "taken, but the answer names the number `text`",
    text="+84900009999",
)

# What we tell the service. "plan": the occasion as a whole; "wire": each try at telling it.
LISTED, PLAIN = ("receipts", "events"), ("ussd", "sms")
_kind("hang", TOLD, "wire", "the body comes `seconds` after the head", seconds=5)
_kind("trickle", TOLD, "wire", "the body comes one byte each `seconds`", seconds=1)
_kind("close", TOLD, "wire", "cut; before: half-way the body, after: answer unread", when="after")
_kind("no_plus", TOLD, "wire", "the number has lost its +")
_kind("no_charset", TOLD, "wire", "the content type has no charset")
_kind("late", PLAIN, "plan", "`seconds` late", seconds=5)
_kind("late", LISTED, "plan", "`seconds` late, if of these `statuses`", seconds=5, statuses=[])
_kind("duplicate", PLAIN, "plan", "told twice, `seconds` apart (0: at once)", seconds=0)
_kind("duplicate", LISTED, "plan", "told twice, `seconds` apart", seconds=0, statuses=[])
_kind("lost", ("sms",), "plan", "never told, but can be fetched")
_kind("lost", LISTED, "plan", "never told, if of these `statuses`", statuses=[])
_kind("early", ("receipts",), "plan", "all reports arrive before the send is answered")
_kind("out_of_order", ("receipts",), "plan", "the last report comes first")
_kind("unknown_status", ("receipts",), "plan", "a report says `text` on the way", text="Wandering")
_kind(
    "undelivered",
    ("receipts",),
    "plan",
    "ends as `text` with `reason`; the handset gets nothing",
    text="Failed",
    reason="DeliveryFailure",
)

COMMON: dict[str, Any] = {"share": 1.0, "count": None, "numbers": []}
WHENS = ("before", "after")


@dataclass
class Rule:
    """One fault that is switched on. `hits` counts how often it struck."""

    id: int
    place: str
    kind: str
    share: float = 1.0
    count: int | None = None
    numbers: list[str] = field(default_factory=list)
    when: str | None = None  # before or after the request is taken
    seconds: float = 0.0
    code: int = 0
    size: int = 0
    text: str = ""
    reason: str = ""
    statuses: list[str] = field(default_factory=list)
    hits: int = 0

    @property
    def stage(self) -> str:
        """Say when the dice are thrown for this rule."""
        return KINDS[self.place, self.kind].stage

    def covers(self, status: str) -> bool:
        """Tell whether a report or event of this status is meant."""
        return not self.statuses or status in self.statuses

    def shown(self) -> dict[str, Any]:
        """Give the fields that mean something for this kind."""
        wanted = {"id", "place", "kind", "hits", *COMMON, *KINDS[self.place, self.kind].fields}
        return {name: value for name, value in asdict(self).items() if name in wanted}


class Faults:
    """The rules that are switched on; may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self, seed: int = 1) -> None:
        """Drop every rule, forget every throw, and number rules from 1 again."""
        with self._lock:
            self.seed = seed
            self.rules: tuple[Rule, ...] = ()
            self._throws: dict[tuple[int, str], int] = {}
            self._last_id = 0

    def check(self, wanted: Sequence[dict[str, Any]]) -> None:
        """Raise RuleError if any of these rules makes no sense."""
        for entry in wanted:
            _check(entry)

    def add(self, wanted: Sequence[dict[str, Any]]) -> list[Rule]:
        """Switch on rules, all or none; raise RuleError."""
        checked = [_check(entry) for entry in wanted]
        with self._lock:
            added = []
            for fields in checked:
                self._last_id += 1
                added.append(Rule(id=self._last_id, **fields))
            self.rules += tuple(added)
        return added

    def remove(self, rule_id: int) -> bool:
        """Switch one rule off; False if there is none of that id."""
        with self._lock:
            before = len(self.rules)
            self.rules = tuple(rule for rule in self.rules if rule.id != rule_id)
            return len(self.rules) < before

    def draw(self, place: str, stage: str, numbers: Sequence[str] = ()) -> list[Rule]:
        """Throw the dice for every rule of this place and stage; return those that strike.

        `numbers` are those the occasion is about; the first that a rule is for keys its dice.
        """
        if not self.rules:
            return []
        with self._lock:
            return [
                rule
                for rule in self.rules
                if rule.place == place and rule.stage == stage and self._strikes(rule, numbers)
            ]

    def _strikes(self, rule: Rule, numbers: Sequence[str]) -> bool:
        if rule.count is not None and rule.hits >= rule.count:
            return False
        meant = [number for number in numbers if not rule.numbers or number in rule.numbers]
        if rule.numbers and not meant:
            return False
        number = meant[0] if meant else ""
        throw = self._throws.get((rule.id, number), 0)
        self._throws[rule.id, number] = throw + 1
        key = f"{self.seed}/{rule.id}/{number}/{throw}".encode()
        dice = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") / 2**64
        if dice >= rule.share:
            return False
        rule.hits += 1
        return True


def catalogue() -> list[dict[str, Any]]:
    """List every kind of fault at every place, for the API."""
    return [
        {"place": place, "kind": name, "says": kind.says, "fields": {**kind.fields, **COMMON}}
        for (place, name), kind in KINDS.items()
    ]


def _check(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise RuleError("a rule is an object with a place and a kind")
    place, name = entry.get("place"), entry.get("kind")
    if place not in PLACES:
        raise RuleError(f"no place {place!r}; there are: {', '.join(PLACES)}")
    kind = KINDS.get((str(place), str(name)))
    if kind is None:
        there = ", ".join(known for where, known in KINDS if where == place)
        raise RuleError(f"no kind {name!r} at {place}; there are: {there}")
    allowed = {**kind.fields, **COMMON}
    for extra in entry.keys() - allowed.keys() - {"place", "kind"}:
        raise RuleError(f"{name} at {place} has no field {extra!r}; it has: {', '.join(allowed)}")
    fields = {"when": kind.always, **allowed, **entry}
    for key, value in fields.items():
        _check_field(key, value)
    return fields


def _check_field(key: str, value: Any) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    good = {
        "share": number and 0 <= value <= 1,
        "count": value is None or (number and value >= 0),
        "numbers": isinstance(value, list) and all(str(each).startswith("+") for each in value),
        "statuses": isinstance(value, list) and all(isinstance(each, str) for each in value),
        "when": value is None or value in WHENS,
        "seconds": number and value >= 0,
        "code": isinstance(value, int) and 100 <= value <= 599,  # noqa: PLR2004  HTTP's range
        "size": isinstance(value, int) and 0 <= value <= 1 << 30,
    }.get(key, isinstance(value, str))
    if not good and key == "numbers":
        raise RuleError(f'numbers cannot be {value!r}; write them like ["+84900000001"]')
    if not good:
        raise RuleError(f"{key} cannot be {value!r}")
