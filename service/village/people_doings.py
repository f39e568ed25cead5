"""What a text does with the people of a hamlet: adds, removes, moves to a new number.

A text proves nothing: each of these is only prepared, and done when the code comes back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from service.records.areas import Area
from service.records.people import Person
from service.text.codes import LENGTH
from service.text.fold import fold
from service.text.mask import scrub
from service.text.pins import LENGTH as CODE_LENGTH

from . import acts, asking, proofs
from .desk import Desk, Doing
from .managing import Manager, manager_at, people_at
from .numbers import phone_first, phone_last
from .people_actions import PEOPLE_ACTIONS
from .proofs import Act, Code
from .said import Said, about
from .team_doings import member_texting

MOST_NAME = 40
MOST_ASKED = 9
"""Things that can be chosen from by one digit."""
LONGEST_LIST = 84
"""Septets of the gap {choices}: a list cut in the middle would hide one of them."""
CHOSEN = re.compile(r"#(\d+)")
"""How one of several people at a number stands in an answer we keep; nobody is asked to type it."""
HAMLET_CODE = re.compile(rf"(\d{{{LENGTH}}})(?!\d)\W*", re.ASCII)

__all__ = ["PEOPLE_ACTIONS", "PEOPLE_DOINGS"]


def add_person(desk: Desk, rest: str) -> None:
    """Have somebody asked whether they want to be on the list: THEM number [hamlet] name."""
    manager = _manager(desk)
    if manager is None:
        return
    number, words = phone_first(rest)
    code = HAMLET_CODE.match(words)
    name = clean_name(words[code.end() :] if code else words)
    if number is None or not name:
        desk.reply("sms.add_how", {}, is_error=True)
        return
    hamlet = manager.hamlet(code[1]) if code else _only(manager)
    if hamlet is None and not code:
        _ask_hamlet(desk, manager, f"{number} {{}} {name}")
        return
    detail = {"number": number, "name": name, "area": str(hamlet.id) if hamlet else ""}
    _prepare(desk, manager, Act(acts.ADD, detail))


def remove_person(desk: Desk, rest: str) -> None:
    """Take somebody off the list or out of the team: BOT number [name]."""
    manager = _manager(desk)
    if manager is None:
        return
    person = _meant(desk, manager, rest, intent="remove_person", how="sms.remove_how")
    if person is not None:
        _prepare(desk, manager, Act(acts.REMOVE, {"person": str(person.id)}))


def move_person(desk: Desk, rest: str) -> None:
    """Vouch for somebody's new number: DOI old new [name]."""
    manager = _manager(desk)
    if manager is None:
        return
    old, words = _chosen_or_number(rest)
    new, name = phone_first(words)
    if old is None or new is None:
        desk.reply("sms.move_how", {}, is_error=True)
        return
    person = _meant(
        desk, manager, f"{old} {name}", intent="move_person", how="sms.move_how", behind=new
    )
    if person is not None:
        _prepare(desk, manager, Act(acts.MOVE, {"person": str(person.id), "number": new}))


def add_household(desk: Desk, rest: str) -> None:
    """Put a household without a phone on the list: THEM HO name [number of a neighbour]."""
    manager = _manager(desk)
    if manager is None:
        return
    words, number = phone_last(rest)
    label = clean_name(words)
    if not label:
        desk.reply("sms.household_how", {}, is_error=True)
        return
    found = people_at(desk.unit.session, manager, number) if number else [manager.person]
    contact = str(found[0].id) if found else ""
    _prepare(desk, manager, Act(acts.HOUSEHOLD, {"name": label, "person": contact}))


def code(desk: Desk, rest: str) -> None:
    """Do what waited for its code: MA 481205."""
    typed = "".join(filter(str.isdigit, rest))
    member = member_texting(desk)
    if member is None and not proofs.is_waiting(desk):
        _not_a_manager(desk)
        return
    outcome, act = proofs.redeem(desk, typed[:CODE_LENGTH])
    manager = manager_at(desk) if act else None
    if act is not None and manager is not None:
        _say(desk, acts.carry_out(desk, manager, act))
    elif outcome is Code.RIGHT:
        desk.reply("sms.not_allowed", {}, is_error=True)
    else:
        desk.reply(f"sms.code_{outcome}", {}, is_error=outcome is Code.NONE)


def pin_by_call(desk: Desk, _rest: str) -> None:
    """Say where a PIN is chosen: in a call, never by text."""
    if member_texting(desk) is None:
        _not_a_manager(desk)
    else:
        desk.reply("sms.pin_by_call", {}, is_error=True)


def clean_name(words: str) -> str:
    """Return what may be kept as a name: on one line, without secrets, not too long."""
    return scrub(" ".join(words.split())).text[:MOST_NAME].strip(" .,:;-")


def listed(names: Sequence[str]) -> str:
    """Return what may be chosen as "1 Mai Thu, 2 Ong Thu", empty when it does not fit."""
    shown = ", ".join(f"{key} {fold(name).text}" for key, name in enumerate(names, start=1))
    return shown if len(names) <= MOST_ASKED and len(shown) <= LONGEST_LIST else ""


def _prepare(desk: Desk, manager: Manager, act: Act) -> None:
    said = acts.check(desk, manager, act)
    if said is not None:
        _say(desk, said)
    else:
        proofs.prepare(desk, act, acts.values_of(desk, manager, act))


def _say(desk: Desk, said: Said) -> None:
    desk.reply(f"sms.act_{said.key}", said.values)


def _manager(desk: Desk) -> Manager | None:
    """Return what the speaker may change; who may change nothing is told so."""
    manager = manager_at(desk)
    if manager is None:
        _not_a_manager(desk)
    return manager


def _not_a_manager(desk: Desk) -> None:
    if member_texting(desk) is not None:
        desk.reply("sms.not_allowed", {}, is_error=True)
    else:
        known = desk.speaker() is not None
        desk.reply("sms.not_member" if known else "sms.stranger", {}, is_error=True)


def _only(manager: Manager) -> Area | None:
    return manager.hamlets[0] if len(manager.hamlets) == 1 else None


def _ask_hamlet(desk: Desk, manager: Manager, again: str) -> None:
    """Ask which of their hamlets somebody is to be added to."""
    choices = listed([hamlet.name for hamlet in manager.hamlets])
    if not choices:
        desk.reply("sms.which_hamlet_code", {}, is_error=True)
        return
    keys = enumerate(manager.hamlets, start=1)
    answers = {str(key): ("add_person", again.format(area.code)) for key, area in keys}
    asking.ask(desk, "sms.which_hamlet", {"choices": choices}, answers)


def _chosen_or_number(rest: str) -> tuple[str | None, str]:
    chosen = CHOSEN.match(rest)
    if chosen:
        return chosen[0], rest[chosen.end() :].strip()
    return phone_first(rest)


def _meant(
    desk: Desk, manager: Manager, rest: str, *, intent: str, how: str, behind: str = ""
) -> Person | None:
    """Return whom a number means; ask which, when several of their people share it."""
    session = desk.unit.session
    if chosen := CHOSEN.match(rest):
        return session.get(Person, int(chosen[1]))
    number, name = phone_first(rest)
    if number is None:
        desk.reply(how, {}, is_error=True)
        return None
    found = people_at(session, manager, number, name)
    if not found:
        _say(desk, Said("not_yours", about(number=number)))
    if len(found) < 2:  # noqa: PLR2004 - one or none
        return found[0] if found else None
    choices = listed([person.name or "?" for person in found])
    if not choices:
        desk.reply(how, {}, is_error=True)
        return None
    keys = enumerate(found, start=1)
    answers = {str(key): (intent, f"#{person.id} {behind}".strip()) for key, person in keys}
    asking.ask(desk, "sms.which_person", {"choices": choices}, answers)
    return None


PEOPLE_DOINGS: Mapping[str, Doing] = {
    "add_person": add_person,
    "add_household": add_household,
    "remove_person": remove_person,
    "move_person": move_person,
    "code": code,
    "pin": pin_by_call,
}
