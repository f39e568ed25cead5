"""What a text does with a request in hand: passes it on, asks the villager, brings the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from service.dialogue.answers import bare_answer
from service.dialogue.model import Done, Facts
from service.dialogue.spoken import is_thanks, yes_or_no
from service.records.people import Person
from service.records.requests import RequestState
from service.text.fold import search_key
from service.text.phones import InvalidNumber, parse

from . import asking, inquiries, passing, tasks
from .acting import Action, writes
from .desk import Desk, Doing
from .inquiries import Asked, Open
from .ledger import listed, values_of
from .numbers import number_first, number_typed
from .passing import Passed, Passing
from .tasks import Task
from .team_doings import kept, member_or_refuse, member_texting, say_gone, task_meant

IN_HAND = (RequestState.ACCEPTED, RequestState.OPEN)
PHONE = re.compile(
    r"\W*(?:(?:cho|so|số|toi|tới|den|đến|may|máy)\W+)*"
    r"([+0](?:[ .-]?\d){2,14}|\d(?:[ .-]?\d){4,14})(?![\d/])\W*",
    re.IGNORECASE,
)
"""A phone's number at the beginning; one with too few digits is meant as one, too."""
TO_COMMUNE = re.compile(
    r"\W*(?:(?:len|lên|cho|ve|về|den|đến)\W+)?(?:xa|xã|phuong|phường)(?=\s*(?:[.,:;-]|$))\W*",
    re.IGNORECASE,
)
"""To the commune, said alone: "xa qua" is too far, and a reason."""
THANKED = frozenset({"cam", "thank", "thanks"})

CANNOT_PASS = {
    Passed.ALREADY: "sms.pass_already",
    Passed.THERE: "sms.pass_there",
    Passed.CHANGED: "sms.pass_changed",
    Passed.TOP: "sms.pass_top",
    Passed.NO_MEMBER: "sms.pass_no_member",
    Passed.AWAY: "sms.pass_away",
    Passed.SELF: "sms.pass_self",
    Passed.MANY: "sms.pass_many",
}
CANNOT_ASK = {
    Asked.EMPTY: "sms.ask_empty",
    Asked.ASKS: "sms.ask_secret",
    Asked.ELSEWHERE: "sms.ask_elsewhere",
    Asked.LONG: "sms.ask_long",
    Asked.ENOUGH: "sms.ask_enough",
    Asked.SELF: "sms.ask_self",
}


# -- a member's


def forward(desk: Desk, rest: str, *, to_commune: bool = False) -> None:
    """Pass a request on: CHUYEN [number] [xa, a phone's number, or why]."""
    member = member_or_refuse(desk)
    if member is None:
        return
    task = task_meant(desk, member, rest, *IN_HAND, which="sms.task_which_pass")
    if task is None:
        return
    _, words = number_first(rest)
    passed = _pass_on(desk, task, member, words, to_commune=to_commune)
    values = {"task": str(task.number), "to": passed.to}
    if passed.outcome is Passed.PASSED:
        desk.reply("sms.task_passed_on", values)
    elif passed.outcome is Passed.GONE:
        say_gone(desk, task)
    else:
        desk.reply(CANNOT_PASS[passed.outcome], values, is_error=True)


def _pass_on(
    desk: Desk, task: Task, member: Person, words: str, *, to_commune: bool = False
) -> Passing:
    """Do what the words behind the number say: a colleague's number, the commune, or a reason."""
    if not to_commune and (number := PHONE.match(words)):
        try:
            msisdn = parse(number[1], countries=desk.words.countries)
        except InvalidNumber:
            return Passing(Passed.NO_MEMBER)
        return passing.pass_to(desk, task, member, msisdn, kept(words[number.end() :]))
    if commune := TO_COMMUNE.match(words):
        to_commune, words = True, words[commune.end() :]
    return passing.pass_up(desk, task, member, kept(words), to_commune=to_commune)


def ask(desk: Desk, rest: str) -> None:
    """Ask the villager something: HOI [number] words."""
    member = member_or_refuse(desk)
    if member is None:
        return
    task = task_meant(desk, member, rest, RequestState.ACCEPTED, which="sms.task_which_ask")
    if task is None:
        return
    _, words = number_first(rest)
    values = {"task": str(task.number)}
    if task.is_current and task.request.state == RequestState.OPEN:
        desk.reply("sms.ask_take_first", values, is_error=True)
        return
    asked = inquiries.ask(desk, task, member, words) if task.is_of(member) else Asked.GONE
    if asked is Asked.ASKED:
        desk.reply("sms.ask_sent", {**values_of(desk.unit.session, task.request), **values})
    elif asked is Asked.GONE:
        say_gone(desk, task)
    else:
        desk.reply(CANNOT_ASK[asked], values, is_error=True)


# -- the villager's


def answer(desk: Desk, rest: str) -> None:
    """Answer a member's question: TL [number of the request] words."""
    found = inquiries.open_for(desk)
    number, words = number_first(rest)
    typed = number_typed(number) if number else None
    named = next((asked for asked in found if asked.request.number == typed), None)
    if named is not None:
        _answer(desk, named, words)
    elif len(found) == 1:
        _answer(desk, found[0], rest)
    elif found:
        _ask_which(desk, found, rest)
    else:
        desk.reply("sms.nothing_asked", {}, is_error=True)


def answer_plainly(desk: Desk, text: str) -> str | None:
    """Take words without a keyword as the answer to a member's question, if they can be one.

    Returns what was done; None where nothing is asked, or the words answer something else.
    """
    found = inquiries.open_for(desk)
    if not found or not any(map(str.isalnum, text)) or _only_thanks(text):
        return None
    bare = bare_answer(text)
    if bare is not None and bare.number is not None:  # "1 4711" is about that request
        named = [asked for asked in found if str(asked.request.number) == bare.number]
        if not named:
            return None
        _answer(desk, named[0], f"{bare.digits} {bare.words}".strip())
    elif len(found) == 1:
        _answer(desk, found[0], text)
    else:
        _ask_which(desk, found, text)
    return "answer"


def newest_inquiry(desk: Desk) -> Open | None:
    """Return the question of a member's that the speaker was asked last and has not answered."""
    found = inquiries.open_for(desk)
    return found[-1] if found else None


def _only_thanks(text: str) -> bool:
    thanked = THANKED.intersection(search_key(text).split())
    return bool(thanked) and is_thanks(text) and yes_or_no(text) is None


def _answer(desk: Desk, asked: Open, words: str) -> None:
    values = values_of(desk.unit.session, asked.request)
    if not any(map(str.isalnum, words)):
        desk.reply("sms.answer_empty", values, is_error=True)
    elif not inquiries.answer(desk, asked, words):
        desk.reply("sms.nothing_asked", {}, is_error=True)
    elif asked.request.state == RequestState.ACCEPTED:
        desk.reply("sms.answer_told", values_of(desk.unit.session, asked.request))
    else:
        desk.reply("sms.answer_kept", values)


def _ask_which(desk: Desk, found: Sequence[Open], words: str) -> None:
    numbers = [asked.request.number or 0 for asked in found]
    answers = {str(number): ("answer", f"{number} {words}") for number in numbers}
    asking.ask(desk, "sms.answer_which", {"numbers": listed(numbers)}, answers)


# -- on the screens


def _task(desk: Desk, known: Facts) -> tuple[Task, Person] | None:
    phone, member = desk.known_phone(), member_texting(desk)
    task = tasks.find(desk.unit.session, phone, int(known["task"])) if phone and member else None
    return (task, member) if task and member else None


def _pass_task(desk: Desk, known: Facts, *, to_commune: bool = False) -> Done:
    found = _task(desk, known)
    if found is None:
        return Done(Passed.GONE)
    passed = _pass_on(desk, *found, known.get("words", ""), to_commune=to_commune)
    return Done(passed.outcome, {"to": passed.to})


def _ask_villager(desk: Desk, known: Facts) -> Done:
    found = _task(desk, known)
    if found is None or not found[0].is_of(found[1]):
        return Done(Asked.GONE)
    return Done(inquiries.ask(desk, *found, known.get("words", "")))


def _answer_inquiry(desk: Desk, known: Facts) -> Done:
    found = inquiries.open_for(desk)
    asked = next((a for a in found if str(a.request.number) == known.get("request")), None)
    if asked is None or not inquiries.answer(desk, asked, known.get("said", "")):
        return Done("late")
    return Done("told")


WORK_DOINGS: Mapping[str, Doing] = {
    "forward": forward,
    "forward_commune": lambda desk, rest: forward(desk, rest, to_commune=True),
    "ask": ask,
    "answer": answer,
}
WORK_ACTIONS: Mapping[str, Action] = {
    "pass_task": writes(_pass_task, *Passed),
    "pass_task_to_commune": writes(
        lambda desk, known: _pass_task(desk, {**known, "words": ""}, to_commune=True), *Passed
    ),
    "ask_villager": writes(_ask_villager, *Asked),
    "answer_inquiry": writes(_answer_inquiry, "told", "late"),
}
