"""What the screen "my data" does: say what is kept, send it, stop and start news, marks, erase."""

from __future__ import annotations

from collections.abc import Mapping

from service.dialogue.model import Done, Facts
from service.records.people import SuppressionKind

from . import consents, data_doings, requests
from .acting import Action, reads, writes
from .desk import Desk
from .erasure import erase_all
from .suppressions import is_suppressed


def _look(desk: Desk, _known: Facts) -> Done:
    refused = is_suppressed(desk.unit.session, desk.digest, SuppressionKind.NEWS)
    return Done("quiet" if refused else "news")


def _send(desk: Desk, _known: Facts) -> Done:
    data_doings.my_data(desk)
    return Done("sent" if desk.replied else "enough")


def _stop_news(desk: Desk, _known: Facts) -> Done:
    consents.opt_out(desk)
    return Done()


def _start_news(desk: Desk, _known: Facts) -> Done:
    consents.opt_in(desk)
    return Done()


def _look_at_marks(desk: Desk, _known: Facts) -> Done:
    speaker = desk.speaker()
    return Done("on" if speaker and speaker.wants_marks else "off")


def _set_marks(desk: Desk, known: Facts) -> Done:
    speaker = desk.speaker()
    if speaker is not None:
        speaker.wants_marks = known.get("marks") == "1"
    return Done()


def _about_to_erase(desk: Desk, _known: Facts) -> Done:
    return Done("ask", {"number": str(len(requests.live(desk)))})


def _erase(desk: Desk, _known: Facts) -> Done:
    """Erase at once in a call; a text proves nothing, its sender's number is easily forged."""
    if desk.channel == "sms":
        data_doings.erase(desk, "")  # sends the code that must come back
        desk.replied = True  # with that all is said; nothing is erased yet
    else:
        erase_all(desk)
    return Done()


DATA_ACTIONS: Mapping[str, Action] = {
    "look_at_me": reads(_look, "news", "quiet"),
    "send_my_data": writes(_send, "sent", "enough"),
    "stop_news": writes(_stop_news),
    "start_news": writes(_start_news),
    "look_at_marks": reads(_look_at_marks, "on", "off"),
    "set_marks": writes(_set_marks),
    "about_to_erase": reads(_about_to_erase, "ask"),
    "erase_me": writes(_erase),
}
