"""What a text does that calls the roll of a class: DD 12, DD 12 1 4 7, DD 12 tat ca tru 3."""

from __future__ import annotations

import re
from collections.abc import Mapping

from service.records.trainings import Training, TrainingState
from service.text.roll import NotARoll, Roll, Told, read_roll

from .desk import Desk, Doing
from .ledger import listed
from .numbers import NONE_OF_OURS, number_first, number_typed
from .roll_call import Called, call_roll
from .roll_lists import send_list
from .roll_rights import classes_to_call, may_call, teaches
from .team_doings import member_texting
from .trainings import training_by_number
from .villager_doings import not_yet

LEAST_NUMBER, LAST_NUMBER = 10, 9999
"""Numbers of classes."""
MOST_NAMED = 8
_NAMED = re.compile(r"^[\s.,:;-]*lop\b[\s.,:;-]*(?=\d)", re.IGNORECASE)

SAID = {
    Called.CALLED: "sms.roll_called",
    Called.ADDED: "sms.roll_added",
    Called.EARLY: "sms.roll_early",
    Called.LATE: "sms.roll_late",
    Called.UNKNOWN: "sms.roll_unknown",
    Called.FULL: "sms.roll_full",
    Called.REFUSED: "sms.roll_refused",
    Called.DENIED: "sms.roll_denied",
    Called.EMPTY: "sms.roll_list_none",
    Called.NOT_HELD: "sms.roll_not_held",
}
GOOD = frozenset({Called.CALLED, Called.ADDED})


def roll_call(desk: Desk, rest: str) -> None:
    """Send the list of a class, or call its roll: DD 12, DD 12 1 4 7.

    Without the number of a class it is the roll call of the hamlet, which we do not have yet.
    """
    typed, words = number_first(_NAMED.sub("", rest))
    number = number_typed(typed) if typed else NONE_OF_OURS
    if not LEAST_NUMBER <= number <= LAST_NUMBER:
        not_yet(desk)
        return
    training = training_by_number(desk.unit.session, number)
    if training is None or not may_call(desk, training):
        _say_not_theirs(desk, number, training)
        return
    desk.is_at_work = True  # a teacher works by text, too, and is answered as often
    try:
        roll = read_roll(words)
    except NotARoll as wrong:
        said = {"class": str(number), "typed": wrong.typed}
        desk.reply("sms.roll_not_understood", said, is_error=True)
        return
    _do(desk, training, roll)


def _do(desk: Desk, training: Training, roll: Roll) -> None:
    if roll.told is Told.NOTHING and not roll.added:
        if training.state == TrainingState.OPEN:
            send_list(desk, training.id, roll.shown_from)
        else:
            desk.reply("sms.roll_not_held", {"class": str(training.number)}, is_error=True)
        return
    outcome = call_roll(desk, training.id, roll)
    desk.reply(SAID[outcome.how], outcome.values, is_error=outcome.how not in GOOD)


def _say_not_theirs(desk: Desk, number: int, training: Training | None) -> None:
    """Say to whoever may call other rolls which; to all others what they are told as ever."""
    if member_texting(desk) is None and not teaches(desk):
        known = desk.speaker() is not None
        desk.reply("sms.not_member" if known else "sms.stranger", {}, is_error=True)
        return
    theirs = [one.number for one in classes_to_call(desk, MOST_NAMED)]
    said = {"class": str(number), "numbers": listed(sorted(theirs))}
    if training is None or training.state != TrainingState.OPEN:
        key = "sms.roll_no_class" if theirs else "sms.roll_no_class_none"
    else:
        key = "sms.roll_not_yours" if theirs else "sms.roll_not_yours_none"
    desk.reply(key, said, is_error=True)


ROLL_DOINGS: Mapping[str, Doing] = {"roll_call": roll_call}
