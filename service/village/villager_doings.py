"""What a text from a villager sets in motion: asking for help, asking after it, taking it back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.dialogue.keywords import Keywords
from service.dialogue.ladder import EMERGENCY
from service.records.areas import Area
from service.records.requests import HelpRequest, Question, RequestState
from service.text.codes import is_hamlet_code
from service.text.slips import code_slips

from . import asking, emergencies, guide_actions, helping, news, people, requests
from .areas import area_by_id, commune_of, find_area, hamlets_with_codes, shown_name
from .callouts import worded
from .consents import ask_for_consent
from .desk import Desk
from .details import Details, clean_words
from .finding import find
from .ledger import listed, values_of
from .numbers import LONGEST_NUMBER, NUMBER, number_typed
from .requests import Filed
from .sightings import OLD_NAME
from .standing import standing

SAID = {Filed.ALREADY: "sms.already", Filed.MANY: "sms.many"}
MENU_TOPICS = ("vneid", "vssid", "dvc", "banhang", "dienthoai", "luadao", "khac")
"""Topics by the key they have on the screen of topics: GIUP 1."""


def not_understood(desk: Desk) -> None:
    """Say what could be texted; to somebody we do not know, who we are."""
    known = desk.speaker() is not None
    desk.reply("sms.not_understood" if known else "sms.stranger", {}, is_error=True)


def not_yet(desk: Desk, _rest: str = "") -> None:
    """Say that we cannot do that yet."""
    known = desk.speaker() is not None
    desk.reply("sms.not_yet" if known else "sms.stranger", {}, is_error=True)


def help_with(desk: Desk, rest: str, topics: Keywords) -> None:
    """Open a request: GIUP [hamlet code] [topic, or its key] [words]."""
    session, code = desk.unit.session, NUMBER.match(rest)
    area = home_of(desk)
    if code and len(code[1]) == LONGEST_NUMBER:
        area = find_area(session, code[1]) if is_hamlet_code(code[1]) else None
        rest = rest[code.end() :].strip()
        if area is None:
            near = [hamlet for hamlet, _ in hamlets_with_codes(session, code_slips(code[1]))]
            _ask_where(desk, near, rest, otherwise="sms.hamlet_wrong")
            return
    if area is None:
        found = topics.find(rest)
        named = _hamlets_named(session, found.rest if found else rest)
        _ask_where(desk, named, rest, otherwise="sms.stranger")
        return
    if helping.names_nobody(rest):
        desk.reply("sms.help_for_how", {}, is_error=True)
        return
    whom = helping.whom(desk, rest, topics)
    topic, words = _topic(whom.words if whom else rest, topics)
    if whom is None and (whom := helping.whom(desk, words, topics)):  # the topic came first
        words = whom.words
    where = (whom.area if whom else None) or area
    filing = requests.file(desk, topic, where, helping.details_of(whom, words))
    if filing.outcome in SAID:
        desk.reply(SAID[filing.outcome], filing.values)
    elif desk.speaker() is None:
        ask_for_consent(desk, area)


def _hamlets_named(session: Session, words: str) -> Sequence[Area]:
    """Return the one hamlet that words can mean, if there is just one place they can mean."""
    found = find(session, words)
    if found.more or len(found.sightings) != 1:
        return ()
    code, _, _ = found.sightings[0].handle.partition(OLD_NAME)
    return [hamlet for hamlet, _ in hamlets_with_codes(session, [code])]


def _ask_where(desk: Desk, found: Sequence[Area], rest: str, *, otherwise: str) -> None:
    """Ask whether the one hamlet that may be meant is theirs; it is asked, never guessed."""
    if len(found) != 1:
        desk.reply(otherwise, {}, is_error=True)
        return
    (hamlet,) = found
    commune = commune_of(desk.unit.session, hamlet)
    values = {"hamlet": shown_name(hamlet), "commune": shown_name(commune)}
    answers = {"1": ("help", f"{hamlet.code} {rest}"), "2": ("nothing", "")}
    asking.ask(desk, "sms.hamlet_guess", values, answers)


def _topic(rest: str, topics: Keywords) -> tuple[str, str]:
    key = rest.split(maxsplit=1)
    if key and len(key[0]) == 1 and key[0].isdecimal() and 0 < int(key[0]) <= len(MENU_TOPICS):
        return MENU_TOPICS[int(key[0]) - 1], key[1] if len(key) > 1 else ""
    found = topics.find(rest)
    if found is None:
        return requests.OTHER, rest
    # A topic named in the middle stays: without it the sentence says something else.
    begins_so = rest.rstrip().endswith(found.rest)
    return found.intent, found.rest if begins_so else rest


def home_of(desk: Desk) -> Area | None:
    """Return where the speaker lives, None when we do not know."""
    speaker = desk.speaker()
    if speaker is None or speaker.area_id is None:
        return None
    return area_by_id(desk.unit.session, speaker.area_id)


def status(desk: Desk, rest: str) -> None:
    """Say where a request stands: YC [number]."""
    live = own_requests(desk)
    chosen = _chosen(live, rest)
    if chosen is not None:
        values = values_of(desk.unit.session, chosen)
        if chosen.state == RequestState.OPEN:
            values |= standing(desk.unit.session, chosen)
        desk.reply(worded(chosen, f"sms.status_{RequestState(chosen.state)}"), values)
    elif live:
        desk.reply("sms.status_many", _listed(live))
    else:
        none_of_theirs(desk, "sms.status_none")


def cancel(desk: Desk, rest: str) -> None:
    """Take a request back: HUY 1234. HUY alone also means no more messages, so it is asked."""
    live = own_requests(desk)
    chosen = _chosen(live, rest)
    typed = NUMBER.match(rest)
    if chosen is not None and typed is None:
        values = values_of(desk.unit.session, chosen)
        answers = {"1": ("cancel", str(chosen.number)), "2": ("opt_out", "")}
        asking.ask(desk, "sms.cancel_or_stop", values, answers)
    elif chosen is not None and emergencies.needs_a_call(desk, chosen):
        desk.reply("sms.emergency_off_by_call", {})
    elif chosen is not None and requests.cancel(desk, chosen):
        desk.reply("sms.cancelled", values_of(desk.unit.session, chosen))
    elif live and chosen is None:
        desk.reply("sms.status_many", _listed(live))
    else:
        none_of_theirs(desk, "sms.status_none")


def none_of_theirs(desk: Desk, key: str, *, is_error: bool = False) -> None:
    """Say that there is nothing of the kind; to a number never heard of, what it could text."""
    if desk.known_phone() is not None:
        desk.reply(key, {}, is_error=is_error)
    else:
        not_understood(desk)


def answer_solved(desk: Desk, digit: str, number: str | None) -> None:
    """Take the answer to "is it solved?": 1 or 2, and the request's number where there are more."""
    asked = [r for r in own_requests(desk) if r.state == RequestState.DONE]
    chosen = _chosen(asked, number or "")
    if chosen is None or digit not in {"1", "2"}:
        if asked:
            desk.reply("sms.which", _listed(asked))
        else:
            none_of_theirs(desk, "sms.nothing_asked", is_error=True)
        return
    if digit == "1" and requests.solved(desk, chosen):
        desk.reply("sms.solved", values_of(desk.unit.session, chosen))
    elif digit == "2" and requests.not_solved(desk, chosen):
        desk.reply(worded(chosen, "sms.reopened"), values_of(desk.unit.session, chosen))
    else:
        desk.reply("sms.nothing_asked", {}, is_error=True)


def answer_safe(desk: Desk, _rest: str) -> None:
    """Take "an toan roi" for the answer where they were asked whether they are."""
    asked = [r for r in own_requests(desk) if r.state == RequestState.DONE]
    called = [request for request in asked if request.topic == EMERGENCY]
    if len(called) == 1:
        answer_solved(desk, "1", str(called[0].number))
    else:
        answer_solved(desk, "", None)


def ask_again(desk: Desk) -> None:
    """Ask anew whether what was done is solved, by number: the answer was not clear."""
    answer_solved(desk, "", None)


def open_questions(desk: Desk) -> Sequence[Question]:
    """Return the questions about requests that wait for an answer of this phone, oldest first."""
    phone = desk.known_phone()
    if phone is None:
        return ()
    found = select(Question).where(
        Question.phone_id == phone.id,
        Question.closed_at.is_(None),
        Question.expires_at > func.clock_timestamp(),
    )
    return desk.unit.session.scalars(found.order_by(Question.id)).all()


def send_unfinished(desk: Desk, send: bool) -> None:
    """Send or drop what a dropped call left behind: the answer to its message."""
    request = requests.unfinished(desk)
    if request is None:
        desk.reply("sms.nothing_asked", {}, is_error=True)
        return
    if not send:
        requests.drop(desk)
        desk.reply("sms.dropped", {})
        return
    area = area_by_id(desk.unit.session, request.area_id)
    filing = requests.file(desk, request.topic, area, Details.on(request))
    if filing.outcome in SAID:
        desk.reply(SAID[filing.outcome], filing.values)


def scam(desk: Desk, rest: str) -> None:
    """Report a swindle: LD [words]. The team hears of it like of any request."""
    area = home_of(desk)
    if area is not None:
        requests.file(desk, "luadao", area, Details(words=clean_words(rest)))
    desk.reply("sms.scam", {})


def read_news(desk: Desk, _rest: str) -> None:
    """Send the newest notice: TIN."""
    found = news.current(desk, home_of(desk))
    if found:
        desk.reply("sms.notice", news.read(desk, found[0]))
    else:
        desk.reply("sms.news_none", {})


def guide(desk: Desk, rest: str, topics: Keywords) -> bool:
    """Send the guide that is asked for: HD VNEID, HD 2. False when none is."""
    guides = guide_actions.current(desk)
    typed = NUMBER.match(rest)
    found = topics.find(rest)
    if typed and 0 < number_typed(typed[1]) <= len(guides):
        return guide_actions.send(desk, guides[number_typed(typed[1]) - 1])
    about = [guide for guide in guides if found and guide.topic == found.intent]
    return bool(about) and guide_actions.send(desk, about[0])


def still_me(desk: Desk) -> None:
    """Believe that a number silent for long has the owner it had.

    Not so of a member's: who forges their sender would act in their name. They say so in a call.
    """
    if people.is_members(desk):
        desk.reply("sms.still_you_call", {})
        return
    people.confirm_number(desk)
    desk.reply("sms.still_you_noted", {})


def not_me(desk: Desk) -> None:
    """Part a number from those who had it before, or leave it in doubt; the answer is the same."""
    desk.reply("sms.stranger", {})  # before: an answer to our question is not a stranger's
    people.let_go_of_number(desk)


def say(desk: Desk, key: str) -> None:
    """Answer with a sentence that says all there is."""
    desk.reply(key, {}, is_error=True)


def done_numbers(desk: Desk) -> list[str]:
    """Return the numbers of the requests that wait for "is it solved?", newest first."""
    live = own_requests(desk)
    return [str(request.number) for request in live if request.state == RequestState.DONE]


def own_requests(desk: Desk) -> Sequence[HelpRequest]:
    """Return the live requests of the phone that texts; of one silent for long none."""
    return () if desk.is_stale() else requests.live(desk)


def _chosen(among: Sequence[HelpRequest], rest: str) -> HelpRequest | None:
    """Return the request whose number was typed, or the only one there is."""
    number = NUMBER.match(rest)
    if number is not None:
        return next((r for r in among if r.number == number_typed(number[1])), None)
    return among[0] if len(among) == 1 else None


def _listed(among: Sequence[HelpRequest]) -> dict[str, str]:
    numbers = [request.number or 0 for request in among]
    return {"numbers": listed(numbers), "number": str(numbers[0])}
