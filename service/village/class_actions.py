"""What somebody does with classes on the screens of villager.yaml."""

from __future__ import annotations

from collections.abc import Mapping

from service.dialogue.model import Done, Facts, Option
from service.records.areas import Area
from service.records.trainings import Enrolment, SeatState, Training
from service.text.class_times import said_until

from .acting import Action, lists, reads, writes
from .areas import find_area
from .class_lists import line, listed, own_places, seats_said
from .class_names import for_whom, said_of
from .desk import Desk
from .enrolling import (
    Answered,
    Entered,
    answer_offer,
    leave,
    register,
    standing,
)
from .trainings import course_of, is_open, may_see, values_of

CLASS, PLACE = "class ", "place "
"""How what was picked from the list begins: a class to register for, or a place one has."""
CONFIRMED = {Entered.SEATED: "sms.class_seated", Entered.QUEUED: "sms.class_queued"}
"""What is written, too, so that it can be read again; a screen is gone with the call."""
CONFIRMED_OFFER = {
    Answered.SEATED: "sms.class_seated",
    Answered.LATE: "sms.class_too_late",
}


def _classes_near(desk: Desk, known: Facts) -> Done:
    """List one's own places, marked, then the other classes near."""
    found = listed(desk, _area(desk, known))
    return Done(
        options=[
            Option(f"{PLACE}{o.place.id}" if o.place else f"{CLASS}{o.training.id}", line(desk, o))
            for o in found
        ]
    )


def _area(desk: Desk, known: Facts) -> Area | None:
    chosen = known.get("area")
    return find_area(desk.unit.session, chosen, retired=True) if chosen else None


def _look(desk: Desk, known: Facts) -> Done:
    session = desk.unit.session
    if (place := _place(desk, known)) is not None:
        training = session.get_one(Training, place.training_id)
        values = {
            **values_of(session, training, desk.language),
            **standing(session, place),
            "class_how": place.state,
        }
        if place.state == SeatState.OFFERED and place.offered_until:
            until = said_until(place.offered_until, desk.language)
            return Done("offered", {**values, "class_until": until})
        return Done("mine", values)
    found = _training(desk, known)
    if found is None or not is_open(session, found):
        return Done("gone")
    return Done(
        "open",
        {
            **values_of(session, found, desk.language),
            **seats_said(session, found),
            "class_for": course_of(session, found).audience,
        },
    )


def _register_me(desk: Desk, known: Facts) -> Done:
    return _enter(desk, known, "")


def _register_other(desk: Desk, known: Facts) -> Done:
    name = for_whom(desk, known["class_name"])
    return Done("no_name") if name is None else _enter(desk, known, name)


def _register_despite(desk: Desk, known: Facts) -> Done:
    return _enter(desk, known, known.get("class_name", ""), despite=True)


def _enter(desk: Desk, known: Facts, name: str, *, despite: bool = False) -> Done:
    place = _place(desk, known)
    session = desk.unit.session
    found = session.get_one(Training, place.training_id) if place else _training(desk, known)
    if found is None:
        return Done(Entered.GONE.value)
    outcome = register(desk, found, name, despite_clash=despite)
    values = {"who": said_of(desk, name), **{k: v for k, v in outcome.values.items() if v}}
    if outcome.how in CONFIRMED:
        desk.reply(CONFIRMED[outcome.how], values)
    kept = {"class_name": name, "class_how": values.get("state", "")}
    return Done(outcome.how.value, {**values, **kept})


def _leave(desk: Desk, known: Facts) -> Done:
    place = _place(desk, known)
    left = leave(desk, place) if place else None
    if left is None:
        return Done("gone")
    desk.reply("sms.class_left", left)
    return Done("left", left)


def _take_seat(desk: Desk, known: Facts) -> Done:
    return _answer(desk, known, takes=True)


def _decline_seat(desk: Desk, known: Facts) -> Done:
    return _answer(desk, known, takes=False)


def _answer(desk: Desk, known: Facts, *, takes: bool) -> Done:
    """Answer an offer, be it one that has lapsed since the screen was shown."""
    place = _own(desk, known)
    if place is None:
        return Done("gone")
    outcome = answer_offer(desk, place, takes=takes)
    if outcome.how in CONFIRMED_OFFER:
        desk.reply(CONFIRMED_OFFER[outcome.how], outcome.values)
    return Done(outcome.how.value, outcome.values)


def _place(desk: Desk, known: Facts) -> Enrolment | None:
    """Return the place that was picked, if it still is one of theirs."""
    picked = known.get("picked", "")
    return next((one for one in own_places(desk) if f"{PLACE}{one.id}" == picked), None)


def _own(desk: Desk, known: Facts) -> Enrolment | None:
    """Return the place that was picked, however it stands now; never somebody else's."""
    picked, phone = known.get("picked", ""), desk.known_phone()
    if phone is None or desk.is_stale() or not picked.startswith(PLACE):
        return None
    place = desk.unit.session.get(Enrolment, int(picked.removeprefix(PLACE)))
    return place if place and place.phone_id == phone.id else None


def _training(desk: Desk, known: Facts) -> Training | None:
    """Return the class that was picked, if the caller may know of it."""
    picked, session = known.get("picked", ""), desk.unit.session
    if not picked.startswith(CLASS):
        return None
    found = session.get(Training, int(picked.removeprefix(CLASS)))
    return found if found and may_see(session, found, desk.speaker()) else None


_ENTERED = tuple(outcome.value for outcome in Entered)
CLASS_ACTIONS: Mapping[str, Action] = {
    "classes_near": lists(_classes_near),
    "look_at_class": reads(_look, "open", "mine", "offered", "gone"),
    "register_me": writes(_register_me, *_ENTERED),
    "register_other": writes(_register_other, *_ENTERED, "no_name"),
    "register_despite": writes(_register_despite, *_ENTERED),
    "leave_class": writes(_leave, "left", "gone"),
    "take_seat": writes(_take_seat, *(outcome.value for outcome in Answered)),
    "decline_seat": writes(_decline_seat, *(outcome.value for outcome in Answered)),
}
