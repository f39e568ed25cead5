"""The how-to guides on the screens: listed, sent to the phone, and asked for help with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from service.dialogue.guides import Guide
from service.dialogue.model import Done, Facts, Option
from service.text.local_time import day_in_vietnam

from . import requests
from .acting import Action, chosen_area, lists, writes
from .desk import Desk
from .details import NO_DETAILS


def current(desk: Desk) -> list[Guide]:
    """Return the guides that may still be believed, in the order people are shown them."""
    today = day_in_vietnam(datetime.now(UTC))
    return [guide for guide in desk.words.guides if not guide.is_expired(today)]


def send(desk: Desk, guide: Guide) -> bool:
    """Send a guide to the speaker; False when this phone has had enough messages."""
    return desk.reply(f"guide.{guide.id}", {})


def _guide(desk: Desk, known: Facts) -> Guide:
    return next(guide for guide in desk.words.guides if guide.id == known["guide"])


def _listed(desk: Desk, _known: Facts) -> Done:
    say, language = desk.words.texts.say, desk.language
    found = [Option(guide.id, say(guide.title, language)) for guide in current(desk)]
    return Done(options=found)


def _send(desk: Desk, known: Facts) -> Done:
    return Done("sent" if send(desk, _guide(desk, known)) else "enough")


def _ask_for_help(desk: Desk, known: Facts) -> Done:
    topic = _guide(desk, known).topic
    requests.start(desk, topic, chosen_area(desk, known))
    return Done(values={"topic": topic, **NO_DETAILS})


GUIDE_ACTIONS: Mapping[str, Action] = {
    "guides": lists(_listed),
    "send_guide": writes(_send, "sent", "enough"),
    "start_guide_request": writes(_ask_for_help),
}
