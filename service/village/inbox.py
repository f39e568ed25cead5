"""What a text from a phone sets in motion: the keyword's meaning, carried out and answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.dialogue.keywords import Keywords
from service.records.people import Person
from service.records.requests import HelpRequest, RequestState
from service.text.codes import is_hamlet_code

from . import requests, tasks
from .areas import area_by_id, find_area
from .desk import Desk
from .ledger import listed, live_requests, note_reading, number_of, values_of
from .requests import Filed
from .teams import member_at

NUMBER = re.compile(r"\s*([\d*]+)", re.ASCII)
"""A number at the beginning; one that was masked before it came here is a number too."""
LONGEST_NUMBER = 5
"""Digits of the longest number of ours, a hamlet code; longer ones are phone numbers."""
NONE_OF_OURS = 0
SAID = {
    Filed.ALREADY: "sms.already",
    Filed.MANY: "sms.many",
}


@dataclass(frozen=True, slots=True)
class Inbox:
    """Understands texts by the tables of keywords and topics."""

    keywords: Keywords
    topics: Keywords

    def handle(self, desk: Desk, text: str) -> str:
        """Do what a text asks for and answer; return the intent, for the record."""
        speaker = desk.speaker()
        if speaker is not None and speaker.language:
            desk.language = speaker.language
        match = self.keywords.match(text)
        if match is None:
            _not_understood(desk)
            return "unknown"
        if match.intent == "help":
            self._help(desk, match.rest)
        else:
            DOINGS[match.intent](desk, match.rest)
        return match.intent

    def _help(self, desk: Desk, rest: str) -> None:
        """Open a request: GIUP [hamlet code] [topic] [words]."""
        code = NUMBER.match(rest)
        speaker = desk.speaker()
        area_id = speaker.area_id if speaker else None
        session = desk.unit.session
        area = None
        if code and len(code[1]) == LONGEST_NUMBER:
            area = find_area(session, code[1]) if is_hamlet_code(code[1]) else None
            rest = rest[code.end() :].strip()
            if area is None:
                desk.reply("sms.hamlet_wrong", {}, is_error=True)
                return
        if area is None and area_id is not None:
            area = area_by_id(session, area_id)
        if area is None:
            desk.reply("sms.stranger", {}, is_error=True)
            return
        topic = self.topics.find(rest)
        filing = requests.file(
            desk,
            topic.intent if topic else requests.OTHER,
            area,
            topic.rest if topic else rest,
        )
        if filing.outcome in SAID:
            desk.reply(SAID[filing.outcome], filing.values)


def _not_understood(desk: Desk) -> None:
    known = desk.speaker() is not None
    desk.reply("sms.not_understood" if known else "sms.stranger", {}, is_error=True)


def _howto(desk: Desk, _rest: str) -> None:
    desk.reply("sms.howto" if desk.speaker() else "sms.stranger", {})


def _status(desk: Desk, rest: str) -> None:
    live = _own_requests(desk)
    chosen = _chosen(live, rest)
    if chosen is not None:
        state = RequestState(chosen.state)
        desk.reply(f"sms.status_{state}", values_of(desk.unit.session, chosen))
    elif live:
        desk.reply("sms.status_many", _listed(live))
    elif desk.known_phone() is not None:
        desk.reply("sms.status_none", {})
    else:
        _not_understood(desk)


def _cancel(desk: Desk, rest: str) -> None:
    live = _own_requests(desk)
    chosen = _chosen(live, rest)
    if chosen is not None and requests.cancel(desk, chosen):
        desk.reply("sms.cancelled", values_of(desk.unit.session, chosen))
    elif live and chosen is None:
        desk.reply("sms.status_many", _listed(live))
    elif desk.known_phone() is not None:
        desk.reply("sms.status_none", {})
    else:
        _not_understood(desk)


def _accept(desk: Desk, rest: str) -> None:
    taker = _member(desk)
    task = _task(desk, taker, rest, RequestState.OPEN) if taker else None
    if task is None or taker is None:
        return
    request = task.request
    if request.accepted_by == taker.id and request.state == RequestState.ACCEPTED:
        _say_already_yours(desk, task, taker)
    elif not task.is_current:
        _say_gone(desk, task)
    elif not tasks.may_take_more(desk):
        _say_own_tasks(desk, taker, "sms.task_which", {})
    elif tasks.take(desk, task, taker):
        tasks.tell_villager(desk, request, "sms.accepted")
        tasks.hand_over(desk, task, taker)
    else:
        _say_gone(desk, task)


def _done(desk: Desk, rest: str) -> None:
    taker = _member(desk)
    task = _task(desk, taker, rest, RequestState.ACCEPTED, RequestState.OPEN) if taker else None
    if task is None or taker is None:
        return
    if task.is_current and task.request.state == RequestState.OPEN:
        # Helping a neighbour before answering the message is the ordinary case, not a mistake.
        tasks.take(desk, task, taker)
    mine = task.request.accepted_by == taker.id
    number = NUMBER.match(rest)
    words = (rest[number.end() :] if number else rest).lstrip(" .,:;-")
    finished = mine and tasks.finish(desk, task.request, requests.clean_words(words), by=taker)
    if finished or (mine and task.request.state == RequestState.DONE):
        desk.reply("sms.task_asking", {"task": str(task.number)})
    else:
        _say_gone(desk, task)


def _answer(desk: Desk, rest: str, answer: str) -> None:
    asked = [r for r in _own_requests(desk) if r.state == RequestState.DONE]
    chosen = _chosen(asked, rest)
    if chosen is None:
        if asked:
            desk.reply("sms.which", _listed(asked))
        elif desk.known_phone() is not None:
            desk.reply("sms.nothing_asked", {}, is_error=True)
        else:
            _not_understood(desk)
        return
    if answer == "1" and requests.solved(desk, chosen):
        desk.reply("sms.solved", values_of(desk.unit.session, chosen))
    elif answer == "2" and requests.not_solved(desk, chosen):
        desk.reply("sms.reopened", values_of(desk.unit.session, chosen))
    else:
        desk.reply("sms.nothing_asked", {}, is_error=True)


def _member(desk: Desk) -> Person | None:
    """Return the member of a team who is texting; others are told how to ask for help."""
    phone, speaker = desk.known_phone(), desk.speaker()
    member = member_at(desk.unit.session, phone, speaker) if phone else None
    if member is None and speaker is not None:
        desk.reply("sms.not_member", {}, is_error=True)
    elif member is None:
        _not_understood(desk)
    return member


def _task(desk: Desk, member: Person, rest: str, *states: RequestState) -> tasks.Task | None:
    """Return the task a member means; when it is not clear, answer with what would make it so."""
    phone, session = desk.phone(), desk.unit.session
    typed = NUMBER.match(rest)
    if typed is not None:
        task = tasks.find(session, phone, _number(typed[1]))
        if task is None:
            _say_own_tasks(desk, member, "sms.task_unknown", {"task": typed[1]})
        return task
    mine = [t for t in tasks.current(session, phone, *states) if _may_mean(t, member)]
    if len(mine) == 1:
        return mine[0]
    example = {"task": str(mine[0].number) if mine else ""}
    _say_own_tasks(desk, member, "sms.task_which", example)
    return None


def _number(typed: str) -> int:
    return int(typed) if typed.isdigit() and len(typed) <= LONGEST_NUMBER else NONE_OF_OURS


def _may_mean(task: tasks.Task, member: Person) -> bool:
    return task.request.accepted_by in {None, member.id}


def _say_own_tasks(desk: Desk, member: Person, key: str, values: Mapping[str, str]) -> None:
    waiting = (RequestState.OPEN, RequestState.ACCEPTED)
    found = tasks.current(desk.unit.session, desk.phone(), *waiting)
    mine = [task.number for task in found if _may_mean(task, member)]
    if not mine:
        desk.reply("sms.task_none", {}, is_error=True)
        return
    desk.reply(key, {**values, "tasks": listed(mine)}, is_error=True)


def _say_already_yours(desk: Desk, task: tasks.Task, reader: Person) -> None:
    session, request = desk.unit.session, task.request
    said = {"task": str(task.number), "phone": number_of(session, request)}
    if desk.reply("sms.task_already_yours", {**values_of(session, request), **said}):
        note_reading(session, request, reader)


def _say_gone(desk: Desk, task: tasks.Task) -> None:
    taken = task.request.state in {RequestState.ACCEPTED, RequestState.DONE}
    values = {**values_of(desk.unit.session, task.request), "task": str(task.number)}
    desk.reply("sms.task_gone" if taken else "sms.task_ended", values)


def _own_requests(desk: Desk) -> list[HelpRequest]:
    phone = desk.known_phone()
    return list(live_requests(desk.unit.session, phone)) if phone else []


def _chosen(among: list[HelpRequest], rest: str) -> HelpRequest | None:
    """Return the request whose number was typed, or the only one there is."""
    number = NUMBER.match(rest)
    if number is not None:
        return next((r for r in among if r.number == _number(number[1])), None)
    return among[0] if len(among) == 1 else None


def _listed(among: list[HelpRequest]) -> dict[str, str]:
    numbers = [request.number or 0 for request in among]
    return {"numbers": listed(numbers), "number": str(numbers[0])}


DOINGS: Mapping[str, Callable[[Desk, str], None]] = {
    "howto": _howto,
    "status": _status,
    "cancel": _cancel,
    "accept": _accept,
    "done": _done,
    "solved": lambda desk, rest: _answer(desk, rest, "1"),
    "not_solved": lambda desk, rest: _answer(desk, rest, "2"),
}
INTENTS = frozenset({"help", *DOINGS})
