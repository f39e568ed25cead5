"""What the screens of a menu may ask for, by name; each is a line or two over a capability."""

from __future__ import annotations

from collections.abc import Mapping

from service.dialogue.ladder import EMERGENCY
from service.dialogue.model import LINE, Done, Facts, Option
from service.dialogue.texts import DEFAULT_LANGUAGE
from service.records.requests import HelpRequest, RequestState
from service.text.gsm7 import cut

from . import areas, helping, inquiries, people, requests
from .acting import Action, chosen_area, lists, reads, writes
from .class_actions import CLASS_ACTIONS
from .data_actions import DATA_ACTIONS
from .desk import Desk
from .details import ME, NO_DETAILS, Details
from .emergencies import EMERGENCY_ACTIONS
from .guide_actions import GUIDE_ACTIONS
from .ledger import values_of
from .news import NEWS_ACTIONS
from .people_doings import PEOPLE_ACTIONS
from .place_actions import PLACE_ACTIONS
from .requests import Filed
from .roll_actions import ROLL_ACTIONS
from .rota_actions import ROTA_ACTIONS
from .standing import standing
from .task_actions import TASK_ACTIONS
from .work_doings import WORK_ACTIONS

HIDDEN = "**"
"""What scrub() leaves of a secret; no caller can type it, since a star parts what is typed."""


def _keep_area(desk: Desk, known: Facts) -> Done:
    people.keep_area(desk, chosen_area(desk, known))
    return Done()


def _agree(desk: Desk, _known: Facts) -> Done:
    people.agree(desk)
    return Done()


def _start(desk: Desk, known: Facts) -> Done:
    requests.start(desk, known["topic"], chosen_area(desk, known))
    return Done(values=NO_DETAILS)


def _keep_details(desk: Desk, known: Facts) -> Done:
    details = Details.of(known)
    requests.keep_details(desk, details)
    values = _said(details.words, details.beneficiary, details.spoken)
    return Done("secret" if HIDDEN in details.words else "ok", values)


def _resume(desk: Desk, _known: Facts) -> Done:
    request = requests.unfinished(desk)
    if request is None:
        return Done("gone")
    area = areas.area_by_id(desk.unit.session, request.area_id)
    details = _said(request.words, request.beneficiary, request.spoken)
    values = {**values_of(desk.unit.session, request), **details, "area": areas.handle(area)}
    return Done("confirm", values)


def _said(words: str | None, beneficiary: str | None, spoken: str | None) -> dict[str, str]:
    """Return what was added to a request as the screens show it."""
    return {
        "words": words or "",
        "own_words": words or NO_DETAILS["own_words"],
        "beneficiary": beneficiary or ME,
        "spoken": spoken or DEFAULT_LANGUAGE,
    }


def _drop(desk: Desk, _known: Facts) -> Done:
    requests.drop(desk)
    return Done()


def _open(desk: Desk, known: Facts) -> Done:
    details = helping.with_neighbour(desk, Details.of(known))
    filing = requests.file(desk, known["topic"], chosen_area(desk, known), details)
    return Done(filing.outcome.value, filing.values)


def _my_requests(desk: Desk, _known: Facts) -> Done:
    def line(request: HelpRequest) -> str:
        topic = desk.words.texts.say(f"topic.{request.topic}", desk.language)
        return cut(f"{request.number} {topic}", LINE)

    return Done(options=[Option(str(r.number), line(r)) for r in requests.live(desk)])


def _mine(desk: Desk, known: Facts) -> HelpRequest | None:
    return next((r for r in requests.live(desk) if str(r.number) == known.get("request")), None)


def _look(desk: Desk, known: Facts) -> Done:
    request = _mine(desk, known)
    if request is None:
        return Done("gone")
    values = values_of(desk.unit.session, request)
    if request.state == RequestState.OPEN:
        values |= standing(desk.unit.session, request)
        return Done("urgent" if request.topic == EMERGENCY else request.state, values)
    asked = next((a for a in inquiries.open_for(desk) if a.request.id == request.id), None)
    if asked is not None and request.state == RequestState.ACCEPTED:
        return Done("asked", {**values, "question": asked.inquiry.question})
    return Done(request.state, values)


def _cancel(desk: Desk, known: Facts) -> Done:
    request = _mine(desk, known)
    if request is None or not requests.cancel(desk, request):
        return Done("late")
    desk.reply("sms.cancelled", values_of(desk.unit.session, request))
    return Done("cancelled")


def _answer(desk: Desk, known: Facts) -> Done:
    request = _mine(desk, known)
    do = requests.solved if known.get("answer") == "1" else requests.not_solved
    if request is None or not do(desk, request):
        return Done("late")
    return Done("ok", values_of(desk.unit.session, request))


def _still_me(desk: Desk, _known: Facts) -> Done:
    people.confirm_number(desk)
    return Done()


def _not_me(desk: Desk, _known: Facts) -> Done:
    people.let_go_of_number(desk)
    return Done()


def _languages(desk: Desk, _known: Facts) -> Done:
    texts = desk.words.texts
    return Done(
        options=[Option(code, texts.say("language.name", code)) for code in texts.languages]
    )


def _set_language(desk: Desk, known: Facts) -> Done:
    people.set_language(desk, known["language"])
    return Done(language=known["language"])


ACTIONS: Mapping[str, Action] = {
    **DATA_ACTIONS,
    **EMERGENCY_ACTIONS,
    **GUIDE_ACTIONS,
    **NEWS_ACTIONS,
    **PLACE_ACTIONS,
    **TASK_ACTIONS,
    **WORK_ACTIONS,
    **ROTA_ACTIONS,
    **ROLL_ACTIONS,
    **PEOPLE_ACTIONS,
    **CLASS_ACTIONS,
    "languages": lists(_languages),
    "my_requests": lists(_my_requests),
    "look_at_request": reads(
        _look,
        *(RequestState.OPEN, RequestState.ACCEPTED, RequestState.DONE),
        *("urgent", "asked", "gone"),
    ),
    "resume_request": reads(_resume, "confirm", "gone"),
    "agree": writes(_agree),
    "keep_area": writes(_keep_area),
    "set_language": writes(_set_language),
    "start_request": writes(_start),
    "keep_details": writes(_keep_details, "ok", "secret"),
    "still_me": writes(_still_me),
    "not_me": writes(_not_me),
    "drop_request": writes(_drop),
    "open_request": writes(_open, *(outcome.value for outcome in Filed)),
    "cancel_request": writes(_cancel, "cancelled", "late"),
    "answer_solved": writes(_answer, "ok", "late"),
}
SHAPES = {name: action.shape for name, action in ACTIONS.items()}
