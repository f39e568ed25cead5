"""The switches: all sending, each lane, each carrier, and by which carrier messages go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row, text

from service.ops.room_brief import carrier_does
from service.outbox.brakes import resume
from service.outbox.classes import LANES
from service.outbox.switches import CARRIER, LANE, REROUTE, SENDING, Turned, turn, turned

from .audit import named, note
from .frame import console, go_to, page, who, words
from .typed import reason_typed
from .words import Words

brakes = Blueprint("brakes", __name__, url_prefix="/brakes")
REFUSED = text("""
    SELECT carrier, code, since, until FROM carrier_pauses WHERE until > clock_timestamp()
""")
WAITING = text("""
    SELECT count(*) FROM messages_out
    WHERE state = 'queued' AND due_at <= (SELECT clock_timestamp())
      AND (lane = :lane OR CAST(:lane AS text) IS NULL)
""")
BEFORE = {"sending": "", "lane": LANE, "carrier": CARRIER, "reroute": REROUTE}
ALL = "all"
"""Stands for everything where a switch has no name of its own, in addresses."""
DID = {
    ("sending", True): "sending_on", ("sending", False): "sending_off",
    ("lane", True): "lane_opened", ("lane", False): "lane_paused",
    ("carrier", True): "carrier_opened", ("carrier", False): "carrier_paused",
    ("reroute", True): "rerouted", ("reroute", False): "reroute_ended",
}  # fmt: skip
"""What the audit and the next page call each turn."""


@dataclass(frozen=True, slots=True)
class Brake:
    """A switch as the pages show it."""

    kind: str
    """`sending`, `lane`, `carrier` or `reroute`; `refused`: to be tried again now."""
    name: str
    turned: Turned | None
    """None: nobody ever turned it."""

    @property
    def is_on(self) -> bool:
        """Whether it is turned on; so is all but rerouting that nobody ever turned."""
        return self.turned.is_on if self.turned else self.kind != "reroute"

    @property
    def is_usual(self) -> bool:
        """Whether it stands as on any other day."""
        return self.is_on is not (self.kind == "reroute")


@brakes.get("")
def show() -> Response:
    """Show how every switch stands, who turned it, when and why."""
    with console().engine.connect() as connection:
        switches = turned(connection)
        refused = refusing(connection)
    carriers = console().carriers
    return page(
        "brakes.html",
        sending=_brake(switches, "sending", ALL),
        lanes=[_brake(switches, "lane", lane) for lane in LANES],
        carriers=[_brake(switches, "carrier", carrier) for carrier in carriers],
        reroute=_brake(switches, "reroute", carriers[1]) if len(carriers) > 1 else None,
        refused=refused,
        in_turn=in_turn(switches),
    )


@brakes.get("/<what>/<name>")
def ask(what: str, name: str) -> Response:
    """Ask whether to turn it, saying what will happen; nothing is turned yet."""
    return _ask(what, name)


@brakes.post("/<what>/<name>")
def press(what: str, name: str) -> Response:
    """Turn a switch to where the form said; it may stand there already, and then stays so."""
    _check(what, name)
    wanted = request.form.get("turn", "")
    if wanted not in {"on", "off"}:
        return _ask(what, name)
    on, reason = wanted == "on", reason_typed()
    if what == "refused":
        with console().engine.begin() as connection:
            if resume(connection, name):
                note(connection, named(who().name), "carrier_resumed", f"carrier {name}")
        return go_to("brakes.show", did="carrier_resumed")
    if on is (what == "reroute") and not reason:
        return _ask(what, name, fault=words()("brakes.reason_missing"))
    did = DID[what, on]
    with console().engine.begin() as connection:
        by = named(who().name)
        changed = turn(connection, _row(what, name), on=on, by=who().name, reason=reason)
        if changed:
            note(connection, by, did, _about(what, name), reason=reason)
    return go_to("brakes.show", did=did if changed else "as_it_was")


def in_turn(switches: Mapping[str, Turned]) -> str:
    """Return the carrier that messages go by now."""
    carriers = console().carriers
    other = switches.get(REROUTE + carriers[-1])
    return carriers[-1] if len(carriers) > 1 and other and other.is_on else carriers[0]


def refusing(connection: Connection) -> Mapping[str, Row[Any]]:
    """Return the carriers that the service leaves alone for now, by name."""
    return {row.carrier: row for row in connection.execute(REFUSED)}


def standing_words(
    said: Words, switches: Mapping[str, Turned], refused: Mapping[str, Row[Any]]
) -> list[str]:
    """Say every switch that does not stand as on any other day, and every carrier that refuses."""
    found = [
        said("stands.refused", name=name, does=carrier_does(row.code, said.language))
        for name, row in refused.items()
    ]
    for brake in (_brake(switches, kind, name) for kind, name in _all()):
        if not brake.is_usual and brake.turned is not None:
            key = f"stands.{brake.kind}"
            found.append(said(key, name=_called(said, brake), by=brake.turned.by))
    return found


def _all() -> list[tuple[str, str]]:
    carriers = console().carriers
    found = [("sending", ALL), *(("lane", lane) for lane in LANES)]
    found += [("carrier", carrier) for carrier in carriers]
    return found + [("reroute", carrier) for carrier in carriers[1:]]


def _check(kind: str, name: str) -> None:
    known = [*_all(), *(("refused", carrier) for carrier in console().carriers)]
    if (kind, name) not in known:
        abort(404)


def _ask(kind: str, name: str, fault: str = "") -> Response:
    _check(kind, name)
    with console().engine.connect() as connection:
        brake = _brake(turned(connection), kind, name)
        waiting = _waiting(connection, kind, name)
        refused = refusing(connection)
    return page(
        "brakes_ask.html",
        brake=brake,
        called=_called(words(), brake),
        waiting=waiting,
        refused=refused.get(name) if kind == "refused" else None,
        reason=reason_typed(),
        fault=fault,
    )


def _waiting(connection: Connection, kind: str, name: str) -> int:
    lane = name if kind == "lane" else None
    found: int = connection.execute(WAITING, {"lane": lane}).scalar_one()
    return found


def _brake(switches: Mapping[str, Turned], kind: str, name: str) -> Brake:
    return Brake(kind, name, switches.get(_row(kind, name)))


def _row(kind: str, name: str) -> str:
    """Return what a switch is called in the database."""
    return SENDING if kind == "sending" else f"{BEFORE.get(kind, 'refused:')}{name}"


def _about(kind: str, name: str) -> str:
    return "sending" if kind == "sending" else f"{'lane' if kind == 'lane' else 'carrier'} {name}"


def _called(said: Words, brake: Brake) -> str:
    return said.name_of("lane", brake.name) if brake.kind == "lane" else brake.name
