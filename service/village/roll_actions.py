"""What whoever leads classes does with them on the screens of leader.yaml."""

from __future__ import annotations

from collections.abc import Mapping

from service.dialogue.model import LINE, Done, Facts, Option
from service.records.moments import now_by
from service.records.trainings import Training, TrainingState
from service.text.class_times import said_short
from service.text.fold import fold
from service.text.gsm7 import cut
from service.text.local_time import day_in_vietnam
from service.text.roll import NotARoll, Told, from_keys, read_roll

from .acting import Action, lists, reads, writes
from .desk import Desk
from .proposal_doings import example_of
from .roll_call import Called, Calling, call_roll, read_back
from .roll_lists import how_many, roll_values, send_list
from .roll_rights import classes_to_call, may_call
from .trainings import course_of, seats_left, training_by_number

MOST_LISTED = 8
"""Classes of a list; a screen has eight lines at most."""
CALLED = {
    Called.CALLED: "called",
    Called.EARLY: "early",
    Called.LATE: "late",
    Called.UNKNOWN: "unknown",
    Called.EMPTY: "empty",
}
"""Outcomes on the screens; of all else the class is gone."""
OUTCOMES = (*CALLED.values(), "gone")


def _classes(desk: Desk, _known: Facts) -> Done:
    """List the classes the caller may call the roll of, the nearest to this moment first."""
    return Done(options=[_option(desk, one) for one in classes_to_call(desk, MOST_LISTED)])


def _option(desk: Desk, training: Training) -> Option:
    when = said_short(training.starts_at, desk.language)
    title = fold(course_of(desk.unit.session, training).title).text
    return Option(str(training.number), cut(f"{training.number} {when} {title}", LINE))


def _chosen(desk: Desk, known: Facts) -> Training | None:
    """Return the class that was chosen, if the caller may still call its roll."""
    training = training_by_number(desk.unit.session, int(known["led_class"]))
    if training is None or training.state != TrainingState.OPEN or not may_call(desk, training):
        return None
    return training


def _look(desk: Desk, known: Facts) -> Done:
    training = _chosen(desk, known)
    if training is None:
        return Done("gone")
    session = desk.unit.session
    _, waiting = seats_left(session, training)
    registered = str(how_many(session, training))
    counts = {"registered": registered, "seats": str(training.seats), "waiting": str(waiting)}
    return Done("class", {**roll_values(desk, training), **counts})


def _send_list(desk: Desk, known: Facts) -> Done:
    training = _chosen(desk, known)
    if training is None:
        return Done("gone")
    if not how_many(desk.unit.session, training):
        return Done("empty")
    send_list(desk, training.id)
    return Done("sent", desk.words.fixed)


def _read_back(desk: Desk, known: Facts) -> Done:
    """Say what a roll would write down: a star parts what is typed, so one look is worth it."""
    training = _chosen(desk, known)
    if training is None:
        return Done("gone")
    try:
        roll = read_roll(from_keys(known["roll_typed"]))
    except NotARoll:
        return Done("wrong")
    if roll.told is Told.NOTHING or roll.added:
        return Done("wrong")
    return _done(read_back(desk, training.id, roll))


def _call(desk: Desk, known: Facts) -> Done:
    training = _chosen(desk, known)
    if training is None:
        return Done("gone")
    return _done(call_roll(desk, training.id, read_roll(from_keys(known["roll_typed"]))))


def _done(calling: Calling) -> Done:
    return Done(CALLED.get(calling.how, "gone"), calling.values)


def _example(desk: Desk, _known: Facts) -> Done:
    session = desk.unit.session
    example = example_of(session, day_in_vietnam(now_by(session)))
    return Done(values={**desk.words.fixed, "class_example": example})


ROLL_ACTIONS: Mapping[str, Action] = {
    "classes_to_call": lists(_classes),
    "look_at_led_class": reads(_look, "class", "gone"),
    "send_class_list": writes(_send_list, "sent", "empty", "gone"),
    "read_roll_back": writes(_read_back, *OUTCOMES, "wrong"),
    "call_roll": writes(_call, *OUTCOMES),
    "propose_example": reads(_example),
}
