"""What a text does about classes: which there are, registering, giving a seat up."""

from __future__ import annotations

from collections.abc import Mapping

from service.records.trainings import Training

from .desk import Desk, Doing
from .enrolling import Entered, leave, places_of, register
from .numbers import number_first, number_typed
from .proposal_doings import propose_class
from .trainings import training_by_number
from .villager_doings import say
from .walk_ins import deny

ENTERED = {
    Entered.SEATED: "sms.class_seated",
    Entered.QUEUED: "sms.class_queued",
}


def classes(desk: Desk, rest: str) -> None:
    """Register: LOP 12 [name]."""
    training, name = _named(desk, rest)
    if training is None:
        say(desk, "sms.classes_none")
        return
    outcome = register(desk, training, name)
    desk.reply(ENTERED.get(outcome.how, "sms.class_gone"), outcome.values)


def cancel(desk: Desk, rest: str) -> None:
    """Give up a place: HUY LOP 12 [name]."""
    training, _ = _named(desk, rest)
    phone = desk.known_phone()
    places = places_of(desk.unit.session, phone) if phone else []
    mine = next((one for one in places if training and one.training_id == training.id), None)
    left = leave(desk, mine) if mine else None
    if left is None and training is not None and (denied := deny(desk, training)):
        desk.reply("sms.walked_in_denied", denied)
        return
    desk.reply("sms.class_left" if left else "sms.class_gone", left or {})


def _named(desk: Desk, rest: str) -> tuple[Training | None, str]:
    number, name = number_first(rest)
    if number is None:
        return None, name
    return training_by_number(desk.unit.session, number_typed(number)), name


CLASS_DOINGS: Mapping[str, Doing] = {
    "training": classes,
    "training_cancel": cancel,
    "training_propose": propose_class,
}
