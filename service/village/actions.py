"""What the screens of a menu may ask for, by name; each is a line or two over a capability."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.dialogue.model import ActionShape, Done, Facts, Option
from service.records.requests import HelpRequest, RequestState
from service.text.gsm7 import cut

from . import areas, people, requests
from .desk import Desk
from .ledger import live_requests, values_of
from .requests import Filed

Run = Callable[[Desk, Facts], Done]
LABEL = 28
"""Septets of a line in a list."""


@dataclass(frozen=True, slots=True)
class Action:
    """A doing a menu may name: what it may answer, and what it does."""

    shape: ActionShape
    run: Run


def _find_area(desk: Desk, known: Facts) -> Done:
    area = areas.find_area(desk.unit.session, known.get("area", ""))
    if area is None:
        return Done("unknown")
    commune = areas.commune_of(desk.unit.session, area)
    return Done("found", {"hamlet": areas.shown_name(area), "commune": areas.shown_name(commune)})


def _keep_area(desk: Desk, known: Facts) -> Done:
    area = areas.find_area(desk.unit.session, known["area"])
    assert area is not None
    people.keep_area(desk, area)
    return Done()


def _agree(desk: Desk, _known: Facts) -> Done:
    people.agree(desk)
    return Done()


def _start(desk: Desk, known: Facts) -> Done:
    area = areas.find_area(desk.unit.session, known["area"])
    assert area is not None
    requests.start(desk, known["topic"], area)
    return Done(values={"words": ""})


def _keep_words(desk: Desk, known: Facts) -> Done:
    words = requests.clean_words(known.get("words", ""))
    requests.keep_words(desk, words)
    return Done(values={"words": words})


def _resume(desk: Desk, _known: Facts) -> Done:
    request = requests.unfinished(desk)
    if request is None:
        return Done("gone")
    area = areas.area_by_id(desk.unit.session, request.area_id)
    values = {**values_of(desk.unit.session, request), "area": areas.handle(area)}
    return Done("confirm" if request.words else "words", values)


def _drop(desk: Desk, _known: Facts) -> Done:
    requests.drop(desk)
    return Done()


def _open(desk: Desk, known: Facts) -> Done:
    area = areas.find_area(desk.unit.session, known["area"])
    assert area is not None
    filing = requests.file(desk, known["topic"], area, known.get("words", ""))
    return Done(filing.outcome.value, filing.values)


def _my_requests(desk: Desk, _known: Facts) -> Done:
    phone = desk.known_phone()
    live = live_requests(desk.unit.session, phone) if phone else []

    def topic(request: HelpRequest) -> str:
        return desk.words.texts.say(f"topic.{request.topic}", desk.language)

    return Done(options=[Option(str(r.number), cut(f"{r.number} {topic(r)}", LABEL)) for r in live])


def _mine(desk: Desk, known: Facts) -> HelpRequest | None:
    phone = desk.known_phone()
    live = live_requests(desk.unit.session, phone) if phone else []
    return next((r for r in live if str(r.number) == known.get("request")), None)


def _look(desk: Desk, known: Facts) -> Done:
    request = _mine(desk, known)
    if request is None:
        return Done("gone")
    return Done(request.state, values_of(desk.unit.session, request))


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


def _languages(desk: Desk, _known: Facts) -> Done:
    texts = desk.words.texts
    return Done(
        options=[Option(code, texts.say("language.name", code)) for code in texts.languages]
    )


def _set_language(desk: Desk, known: Facts) -> Done:
    people.set_language(desk, known["language"])
    return Done(language=known["language"])


def _districts(desk: Desk, _known: Facts) -> Done:
    return Done(options=areas.districts(desk.unit.session))


def _communes(desk: Desk, known: Facts) -> Done:
    return Done(options=areas.communes(desk.unit.session, known["district"]))


def _hamlets(desk: Desk, known: Facts) -> Done:
    return Done(options=areas.hamlets(desk.unit.session, known["commune_code"]))


def _reads(run: Run, *outcomes: str) -> Action:
    return Action(ActionShape(frozenset(outcomes or ("ok",))), run)


def _lists(run: Run) -> Action:
    return Action(ActionShape(lists=True), run)


def _writes(run: Run, *outcomes: str) -> Action:
    return Action(ActionShape(frozenset(outcomes or ("ok",)), writes=True), run)


ACTIONS: Mapping[str, Action] = {
    "find_area": _reads(_find_area, "found", "unknown"),
    "districts": _lists(_districts),
    "communes": _lists(_communes),
    "hamlets": _lists(_hamlets),
    "languages": _lists(_languages),
    "my_requests": _lists(_my_requests),
    "look_at_request": _reads(
        _look, RequestState.OPEN, RequestState.ACCEPTED, RequestState.DONE, "gone"
    ),
    "resume_request": _reads(_resume, "words", "confirm", "gone"),
    "agree": _writes(_agree),
    "keep_area": _writes(_keep_area),
    "set_language": _writes(_set_language),
    "start_request": _writes(_start),
    "keep_words": _writes(_keep_words),
    "drop_request": _writes(_drop),
    "open_request": _writes(_open, *(outcome.value for outcome in Filed)),
    "cancel_request": _writes(_cancel, "cancelled", "late"),
    "answer_solved": _writes(_answer, "ok", "late"),
}
SHAPES = {name: action.shape for name, action in ACTIONS.items()}
