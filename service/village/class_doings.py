"""What a text does about classes: which there are, registering, giving a place up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.dialogue.keywords import Guess, Keywords, Match, Reading
from service.records.areas import Area
from service.records.trainings import Enrolment, SeatState, Training
from service.text.codes import is_hamlet_code
from service.text.fold import search_key

from . import asking
from .areas import find_area
from .class_lists import in_one_text, listed, own_places, seats_said
from .class_names import for_whom, said_of
from .class_people import who_is
from .consents import ask_to_remember
from .desk import Desk, Doing
from .enrolling import Answered, Entered, Entering, answer_offer, leave, register
from .numbers import LONGEST_NUMBER, number_first, number_typed
from .people_doings import listed as choices_of
from .proposal_doings import propose_class
from .trainings import is_open, may_see, training_by_number, values_of
from .villager_doings import cancel as cancel_request
from .villager_doings import home_of, own_requests, say
from .walk_ins import deny

DESPITE, LEAVE = "training_despite", "training_leave"
"""Answers to questions of ours: register although another class is then; give up this place."""
LIKE_DIGITS = str.maketrans("OoIl", "0011")
ENTERED = {
    Entered.SEATED: "sms.class_seated",
    Entered.QUEUED: "sms.class_queued",
    Entered.FULL: "sms.class_row_full",
    Entered.MANY: "sms.class_many",
}
STANDS = {SeatState.SEATED: "sms.class_seated", SeatState.WAITING: "sms.class_queued"}
"""What is said to somebody who registers again, by how they stand."""


def classes(desk: Desk, rest: str, topics: Keywords) -> None:
    """List classes, or register for one: LOP, LOP VNEID, LOP 00018, LOP 12, LOP 12 Nong Thi A."""
    number, words = class_number(rest)
    if number is None:
        found = topics.find(rest)
        _list(desk, home_of(desk), found.intent if found else "")
    elif len(number) == LONGEST_NUMBER and is_hamlet_code(number):
        _list(desk, find_area(desk.unit.session, number))
    else:
        _register(desk, number, words)


def by_topic(reading: Reading, topics: Keywords) -> Reading:
    """Take LOP and the name of a topic for certain: it only lists classes."""
    if not isinstance(reading, Guess) or reading.intent != "training":
        return reading
    return Match("training", reading.rest) if topics.match(reading.rest) else reading


def class_number(rest: str) -> tuple[str | None, str]:
    """Return the number of a class that words begin with, "1O" for 10, and the words behind it."""
    first, _, behind = rest.strip(" .,:;-").partition(" ")
    meant = first.strip(".,:;-").translate(LIKE_DIGITS)
    if meant.isdecimal() and any(map(str.isdecimal, first)):
        return meant, behind.strip(" .,:;-")
    return number_first(rest)


def _list(desk: Desk, area: Area | None, topic: str = "") -> None:
    found = listed(desk, area, topic)
    if not found and area is None:
        say(desk, "sms.classes_where")
    elif not found:
        say(desk, "sms.classes_none")
    else:
        lines, more = in_one_text(desk, found)
        values = {"class_list": lines, "more": str(more), "more_classes": "some" if more else ""}
        desk.reply("sms.classes_near", values)


def _register(desk: Desk, number: str, words: str) -> None:
    training = training_by_number(desk.unit.session, number_typed(number))
    if training is None or not may_see(desk.unit.session, training, desk.speaker()):
        desk.reply("sms.class_unknown", {"class": number}, is_error=True)
        return
    name = for_whom(desk, words)
    if name is None:
        values = values_of(desk.unit.session, training, desk.language)
        values |= seats_said(desk.unit.session, training)
        desk.reply("sms.class_for_whom", values, is_error=True)
    else:
        _enter(desk, training, name)


def _enter(desk: Desk, training: Training, name: str, *, despite: bool = False) -> None:
    outcome = register(desk, training, name, despite_clash=despite)
    values = {"who": said_of(desk, name), **{k: v for k, v in outcome.values.items() if v}}
    if outcome.how is Entered.CLASH:
        answers = {"1": (DESPITE, f"{training.number} {name}".strip()), "2": ("never_mind", "")}
        asking.ask(desk, "sms.class_clash", values, answers)
    elif outcome.how is Entered.ALREADY:
        _again(desk, training, name, outcome)
    else:
        has_place = outcome.how in {Entered.SEATED, Entered.QUEUED}
        # A household that registers six in a row hears of each; of numbers nobody knows, the
        # ordinary allowance holds, for their owners may not be those who text.
        urgent = has_place and desk.speaker() is not None
        gone = "sms.class_begun" if outcome.values else "sms.class_gone"
        desk.reply(ENTERED.get(outcome.how, gone), values, is_urgent=urgent)
        if has_place and desk.speaker() is None:
            ask_to_remember(desk)


def _again(desk: Desk, training: Training, name: str, outcome: Entering) -> None:
    """Say how somebody stands who registers again; whoever is offered a seat takes it so."""
    state = SeatState(outcome.values["state"])
    if state in STANDS:
        desk.reply(STANDS[state], outcome.values)
        return
    places = [one for one in own_places(desk) if one.training_id == training.id]
    mine = next(one for one in places if one.who == search_key(name))
    answered = answer_offer(desk, mine, takes=True)
    is_seated = answered.how is Answered.SEATED
    desk.reply("sms.class_seated" if is_seated else "sms.class_too_late", answered.values)


def _despite(desk: Desk, rest: str) -> None:
    """Register although another class is at that hour: the answer to our question."""
    number, name = number_first(rest)
    training = training_by_number(desk.unit.session, number_typed(number or ""))
    if training is None:
        say(desk, "sms.class_gone")
    else:
        _enter(desk, training, name, despite=True)


def cancel(desk: Desk, rest: str) -> None:
    """Give up a place: HUY LOP 12, HUY LOP 12 Nong Thi A; HUY LOP where there is but one."""
    number, words = class_number(rest)
    places = own_places(desk)
    if number is not None:
        typed = number_typed(number)
        places = [one for one in places if _training(desk, one).number == typed]
    named = [one for one in places if _is_called(desk, one, words)]
    places = named or places
    if not places:
        _say_none(desk, number)
    elif len(places) == 1 and (named or not for_whom(desk, words)):
        _leave(desk, places[0])
    else:
        ask_which(desk, places)


def _say_none(desk: Desk, number: str | None) -> None:
    session = desk.unit.session
    if number is None:
        say(desk, "sms.class_none_yours")
        return
    training = training_by_number(session, number_typed(number))
    if training is not None and (denied := deny(desk, training)):
        desk.reply("sms.walked_in_denied", denied)
        return
    if training is None or not may_see(session, training, desk.speaker()):
        desk.reply("sms.class_unknown", {"class": number}, is_error=True)
        return
    key = "sms.class_not_yours" if is_open(session, training) else "sms.class_begun"
    desk.reply(key, values_of(session, training, desk.language), is_error=True)


def ask_which(desk: Desk, places: Sequence[Enrolment]) -> None:
    """Ask which of several places is given up, by digit; who knows the name texts that."""
    several = len({one.training_id for one in places}) > 1
    names = [
        f"lop {_training(desk, one).number} {_called(desk, one)}" if several else _called(desk, one)
        for one in places
    ]
    choices = choices_of(names)
    training = _training(desk, places[0])
    values = {"choices": choices, "class": str(training.number), "who": _called(desk, places[0])}
    if not choices:
        desk.reply("sms.class_leave_how", values, is_error=True)
        return
    answers = {str(key): (LEAVE, str(one.id)) for key, one in enumerate(places, start=1)}
    asking.ask(desk, "sms.class_leave_which", values, answers)


def _leave_chosen(desk: Desk, rest: str) -> None:
    """Give up the place that was chosen from several: the answer to our question."""
    mine = next((one for one in own_places(desk) if str(one.id) == rest), None)
    if mine is None:
        say(desk, "sms.class_gone")
    else:
        _leave(desk, mine)


def leave_named(desk: Desk, text: str, answers: asking.Answers) -> bool:
    """Take a name for the answer to whose place is given up; say whether it was one."""
    offered = {rest for intent, rest in answers.values() if intent == LEAVE}
    meant = [o for o in own_places(desk) if str(o.id) in offered and _is_called(desk, o, text)]
    if len(meant) != 1:
        return False
    asking.forget(desk)
    _leave(desk, meant[0])
    return True


def _leave(desk: Desk, place: Enrolment) -> None:
    left = leave(desk, place)
    # Whose number was forged must hear of it, however many answers that number has had today.
    key = "sms.class_left" if left else "sms.class_gone"
    desk.reply(key, left or {}, is_urgent=left is not None)


def _training(desk: Desk, place: Enrolment) -> Training:
    return desk.unit.session.get_one(Training, place.training_id)


def _called(desk: Desk, place: Enrolment) -> str:
    return who_is(desk.unit.session, place)


def _is_called(desk: Desk, place: Enrolment, words: str) -> bool:
    """Say whether these words name the one whose place it is."""
    said = search_key(words)
    return bool(said) and said in {place.who, search_key(_called(desk, place))}


def cancel_either(desk: Desk, rest: str) -> None:
    """Take HUY 12 for the class with that number where they have a place in it and no request."""
    number, _ = class_number(rest)
    if number is None and own_places(desk) and not own_requests(desk):
        _ask_what_ends(desk)
        return
    typed = number_typed(number or "")
    requests = {request.number for request in own_requests(desk)}
    if typed not in requests and any(_training(desk, o).number == typed for o in own_places(desk)):
        cancel(desk, rest)
    else:
        cancel_request(desk, rest)


def _ask_what_ends(desk: Desk) -> None:
    """Ask what HUY alone ends, of whoever has a place and no request: it means no news, too."""
    places = own_places(desk)
    if len(places) > 1:
        ask_which(desk, places)
        return
    values = values_of(desk.unit.session, _training(desk, places[0]), desk.language)
    answers = {"1": (LEAVE, str(places[0].id)), "2": ("opt_out", "")}
    asking.ask(desk, "sms.class_cancel_or_stop", values, answers)


CLASS_DOINGS: Mapping[str, Doing] = {
    "training_cancel": cancel,
    "cancel": cancel_either,
    DESPITE: _despite,
    LEAVE: _leave_chosen,
    "training_propose": propose_class,
}
