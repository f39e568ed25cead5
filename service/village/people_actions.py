"""What a member does with the people of their hamlet on the screens of leader.yaml."""

from __future__ import annotations

from collections.abc import Mapping

from service.dialogue.model import LINE, Done, Facts, Option
from service.records.areas import Area
from service.records.people import Household, Person
from service.text.fold import fold, search_key
from service.text.gsm7 import cut
from service.text.local_time import in_vietnam
from service.text.pins import is_pin

from . import acts, directory, households, pins
from .acting import Action, lists, reads, writes
from .areas import area_by_id, shown_name
from .desk import Desk
from .managing import Manager, concerns, manager_at, memberships_of, people_at
from .numbers import phone_first
from .pins import Tried
from .proofs import Act
from .said import Said
from .team_doings import member_texting

MOST_LISTED = 90
"""Lines of a list; of more people letters have to be typed."""
MYSELF = "me"
"""Typed, by choosing a line, where the manager is the contact."""
PERSON, HOUSEHOLD = "p", "h"
"""What stands before the id of a line."""
IN_THE_WAY = (Tried.UNSET, Tried.LOCKED, Tried.SHUT)
DETAILS = {
    acts.ADD: ("number", "name", "area"),
    acts.REMOVE: ("person",),
    acts.MOVE: ("person", "number"),
    acts.HOUSEHOLD: ("person",),
    acts.REMOVE_HOUSEHOLD: (),
    acts.NUMBER: ("person",),
}
"""What of what a call has collected belongs to each act."""


def _enter(desk: Desk, _known: Facts) -> Done:
    """Say what somebody may do here: the people only where they manage them; a PIN always."""
    manager = manager_at(desk)
    if manager is None:
        return Done("none")
    if len(manager.hamlets) == 1:
        return Done("one", _hamlet(manager.hamlets[0]))
    return Done("several")


def _hamlets(desk: Desk, _known: Facts) -> Done:
    manager = manager_at(desk)
    own = manager.hamlets[:MOST_LISTED] if manager else ()
    return Done(options=[Option(str(a.id), cut(shown_name(a), LINE)) for a in own])


def _choose_hamlet(desk: Desk, known: Facts) -> Done:
    return Done("ok", _hamlet(area_by_id(desk.unit.session, int(known["hamlet_id"]))))


def _hamlet(area: Area) -> dict[str, str]:
    return {"hamlet_id": str(area.id), "where": shown_name(area)}


def _people(desk: Desk, known: Facts) -> Done:
    return Done(options=_lines(desk, known, "")[:MOST_LISTED])


def _found(desk: Desk, known: Facts) -> Done:
    return Done(options=_lines(desk, known, known.get("sought", ""))[:MOST_LISTED])


def _lines(desk: Desk, known: Facts, sought: str) -> list[Option]:
    session, manager = desk.unit.session, manager_at(desk)
    where = known.get("hamlet_id", "")
    if manager is None or not where.isdecimal() or not manager.has(int(where)):
        return []
    found = [
        Option(f"{PERSON}{person.id}", cut(directory.shown_as(session, person), LINE))
        for person in directory.people_of(session, int(where))
    ]
    found += [
        Option(f"{HOUSEHOLD}{home.id}", cut(fold(home.label).text, LINE))
        for home in directory.households_of(session, int(where))
    ]
    letters = search_key(sought)
    return [line for line in found if letters in search_key(line.label)]


def _look(desk: Desk, known: Facts) -> Done:
    """Show who was chosen, or search for what was typed instead."""
    session, manager, chosen = desk.unit.session, manager_at(desk), known.get("chosen", "")
    kind, id_ = chosen[:1], chosen[1:]
    if manager is not None and kind == PERSON and id_.isdecimal():
        return _show_person(desk, manager, session.get(Person, int(id_)))
    if manager is not None and kind == HOUSEHOLD and id_.isdecimal():
        return _show_household(desk, manager, session.get(Household, int(id_)))
    return Done("several" if _lines(desk, known, chosen) else "nobody", {"sought": chosen})


def _show_person(desk: Desk, manager: Manager, person: Person | None) -> Done:
    session = desk.unit.session
    if person is None or not concerns(session, manager, person):
        return Done("nobody")
    area = area_by_id(session, person.area_id) if person.area_id else None
    values = {
        "person": str(person.id),
        "name": directory.shown_as(session, person),
        "where": shown_name(area) if area else "",
        "masked": directory.masked_number(session, person),
    }
    return Done("member" if memberships_of(session, person) else "person", values)


def _show_household(desk: Desk, manager: Manager, home: Household | None) -> Done:
    session = desk.unit.session
    if home is None or not manager.has(home.hamlet_id):
        return Done("nobody")
    contact, _ = households.contact_of(session, home)
    values = {
        "home_id": str(home.id),
        "home": home.label,
        "person": str(contact.id) if contact else "",
        "name": directory.shown_as(session, contact) if contact else "",
        "masked": directory.masked_number(session, contact),
    }
    return Done("household", values)


def _take_number(_desk: Desk, known: Facts) -> Done:
    """Read a number that was typed; it is kept as it is dialled, since a star parts answers."""
    number, behind = phone_first(known.get("typed", ""))
    return Done("wrong") if number is None or behind else Done("ok", {"number": number})


def _about_to_move(desk: Desk, known: Facts) -> Done:
    """Read somebody's new number."""
    taken = _take_number(desk, known)
    if taken.outcome != "ok":
        return taken
    return _with(taken.values, _about_to_prove(desk, {**known, **taken.values}))


def _about_to_add_home(desk: Desk, known: Facts) -> Done:
    """Read the number of a neighbour, who must be of the manager's people."""
    manager, typed = manager_at(desk), known.get("typed", "")
    number, _ = phone_first(typed)
    if manager is not None and typed == MYSELF:
        found = [manager.person]
    else:
        found = people_at(desk.unit.session, manager, number) if manager and number else []
    if not found:
        return Done("nobody")
    contact = {"person": str(found[0].id)}
    return _with(contact, _about_to_prove(desk, {**known, **contact}))


def _with(values: Mapping[str, str], done: Done) -> Done:
    return Done(done.outcome, {**values, **done.values})


def _about_to_prove(desk: Desk, known: Facts) -> Done:
    """Say what stands in the way of an act: it is refused, or the PIN cannot be typed now."""
    manager, act = manager_at(desk), _act(known)
    if manager is None:
        return _said(Said("not_allowed"))
    if desk.channel != "ussd":
        return Done("by_call")
    if (refused := acts.check(desk, manager, act)) is not None:
        return _said(refused)
    stands = pins.standing(desk, manager.person)
    if stands in IN_THE_WAY:
        return _in_the_way(desk, manager.person, stands)
    return Done("ask", acts.values_of(desk, manager, act))


def _prove(desk: Desk, known: Facts) -> Done:
    """Do the act when the PIN is right."""
    manager = manager_at(desk)
    if manager is None or desk.channel != "ussd":
        return _said(Said("not_allowed"))
    if not is_pin(known.get("pin", "")):
        return Done("shape")
    tried = pins.try_pin(desk, manager.person, known["pin"])
    if tried is Tried.RIGHT:
        return _said(acts.carry_out(desk, manager, _act(known)))
    return Done("wrong") if tried is Tried.WRONG else _in_the_way(desk, manager.person, tried)


def _act(known: Facts) -> Act:
    name = known.get("act_name", "")
    detail = {part: known.get(part, "") for part in DETAILS.get(name, ())}
    if name == acts.ADD:
        detail["area"] = known.get("hamlet_id", "")
    if name == acts.HOUSEHOLD:
        detail["name"] = known.get("home", "")
    if name == acts.REMOVE_HOUSEHOLD:
        detail["household"] = known.get("home_id", "")
    return Act(name, detail)


def _said(said: Said) -> Done:
    return Done("said", {**said.values, "acted": said.key})


def _in_the_way(desk: Desk, person: Person, tried: Tried) -> Done:
    until = pins.locked_until(desk, person)
    moment = in_vietnam(until).strftime("%H:%M %d/%m") if until else ""
    return Done(tried, {"time": moment})


# -- the PIN itself


def _look_at_pin(desk: Desk, _known: Facts) -> Done:
    member = None if desk.is_stale() else member_texting(desk)
    if member is None:
        return Done("none")
    if desk.channel != "ussd":
        return Done("by_call")
    stands = pins.standing(desk, member)
    return Done("change") if stands is Tried.RIGHT else _in_the_way(desk, member, stands)


def _check_old_pin(desk: Desk, known: Facts) -> Done:
    member = member_texting(desk)
    if member is None or desk.channel != "ussd" or not is_pin(known.get("pin", "")):
        return Done("shape")
    tried = pins.try_pin(desk, member, known["pin"])
    if tried is Tried.RIGHT:
        return Done("right", {"proved": "1"})
    return Done("wrong") if tried is Tried.WRONG else _in_the_way(desk, member, tried)


def _propose_pin(desk: Desk, known: Facts) -> Done:
    member = None if desk.is_stale() else member_texting(desk)
    if member is None or desk.channel != "ussd" or not is_pin(known.get("pin", "")):
        return Done("shape")
    if pins.standing(desk, member) is not Tried.UNSET and not known.get("proved"):
        return Done("old")
    return Done("again" if pins.propose(desk, member, known["pin"]) else "easy")


def _confirm_pin(desk: Desk, known: Facts) -> Done:
    member = None if desk.is_stale() else member_texting(desk)
    if member is None or desk.channel != "ussd":
        return Done("differs")
    done = pins.confirm(desk, member, known.get("pin", ""))
    return Done("set", {"proved": ""}) if done else Done("differs")


PEOPLE_ACTIONS: Mapping[str, Action] = {
    "enter_people": reads(_enter, "one", "several", "none"),
    "own_hamlets": lists(_hamlets),
    "choose_hamlet": reads(_choose_hamlet),
    "hamlet_people": lists(_people),
    "found_people": lists(_found),
    "look_at_person": reads(_look, "person", "member", "household", "several", "nobody"),
    "take_number": reads(_take_number, "ok", "wrong"),
    "about_to_prove": reads(_about_to_prove, "ask", "said", "by_call", *IN_THE_WAY),
    "about_to_move": reads(_about_to_move, "wrong", "ask", "said", "by_call", *IN_THE_WAY),
    "about_to_add_home": reads(_about_to_add_home, "nobody", "ask", "said", "by_call", *IN_THE_WAY),
    "prove": writes(_prove, "said", "shape", "wrong", *IN_THE_WAY),
    "look_at_pin": reads(_look_at_pin, "change", "by_call", "none", *IN_THE_WAY),
    "check_old_pin": writes(_check_old_pin, "right", "shape", "wrong", *IN_THE_WAY),
    "propose_pin": writes(_propose_pin, "again", "shape", "easy", "old"),
    "confirm_pin": writes(_confirm_pin, "set", "differs"),
}
