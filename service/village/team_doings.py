"""What a text from a member of a team sets in motion: taking a request, finishing it."""

from __future__ import annotations

from collections.abc import Mapping

from service.dialogue.arguments import is_courtesy
from service.records.people import Person, Phone
from service.records.requests import Event, RequestState
from service.text.mask import scrub

from . import asking, task_list, tasks
from .desk import Desk
from .endings import has_just_heard
from .ledger import listed, note, note_reading, number_of, values_of
from .numbers import number_first, number_typed
from .teams import member_at

MOST_NOTED = 500
"""Characters of a member's note that are kept."""


def accept(desk: Desk, rest: str) -> None:
    """Take a request: NV [number] [words]. Without a number it is the one told of last."""
    taker = member_or_refuse(desk)
    if taker is None:
        return
    number, words = number_first(rest)
    task = task_meant(desk, taker, rest, RequestState.OPEN) if number else _told_last(desk, taker)
    if task is None:
        return
    if task.is_of(taker):
        if words or task.request.reminded_at:
            note(desk.unit.session, task.request, Event.NOTED, person=taker, words=kept(words))
        _say_already_yours(desk, task, taker)
    elif task.request.state != RequestState.OPEN:
        _say_lost(desk, task)
    elif not tasks.may_take(desk, task.request):
        _say_own_tasks(desk, taker, "sms.task_which", {})
    elif taken := tasks.take(desk, task, taker):
        if words := kept(words):
            note(desk.unit.session, task.request, Event.NOTED, person=taker, words=words)
        tasks.tell_villager(desk, task.request, "sms.accepted")
        tasks.hand_over(desk, taken, taker)
    else:
        _say_lost(desk, task)


def _told_last(desk: Desk, taker: Person) -> tasks.Task | None:
    """Return the request this phone was told of last, if nobody has it; else ask which is meant.

    One that somebody has is never passed over for an older one: whoever writes NV alone has read
    the last message, and means that.
    """
    session, phone = desk.unit.session, desk.phone()
    last = tasks.last_told(session, phone)
    if last is not None and last.request.state == RequestState.OPEN:
        return last
    waiting = tasks.current(session, phone, RequestState.OPEN)
    if len(waiting) == 1 and (last is None or last.is_of(taker)):
        return waiting[0]
    if last is not None and not waiting:
        return last
    example = {"task": str(waiting[0].number) if waiting else ""}
    _say_own_tasks(desk, taker, "sms.task_which", example)
    return None


def done(desk: Desk, rest: str) -> None:
    """Finish a request: XONG [number] [words]."""
    taker = member_or_refuse(desk)
    either = RequestState.ACCEPTED, RequestState.OPEN
    task = task_meant(desk, taker, rest, *either) if taker else None
    if task is None or taker is None:
        return
    if task.request.state == RequestState.OPEN:
        # Helping a neighbour before answering the message is the ordinary case, not a mistake.
        task = tasks.take(desk, task, taker) or task
    mine = task.request.accepted_by == taker.id
    _, words = number_first(rest)
    finished = mine and tasks.finish(desk, task.request, kept(words), by=taker)
    if finished or (mine and task.request.state == RequestState.DONE):
        is_cut = finished and len(words) > MOST_NOTED
        desk.reply(
            "sms.task_asking_cut" if is_cut else "sms.task_asking", {"task": str(task.number)}
        )
    else:
        say_gone(desk, task)


def kept(words: str) -> str:
    """Return what is kept of a member's words: no codes, nothing that is only politeness."""
    return "" if is_courtesy(words) else scrub(words).text[:MOST_NOTED]


def note_words(desk: Desk, words: str, *, unclear: Mapping[str, str] | None = None) -> str | None:
    """Add a member's own words to the request they have taken; ask which if they have several.

    `unclear` says that they may have meant something else, and how that is typed. Returns what
    was done, None when there is no such request, or nobody of a team is texting.
    """
    member, phone = member_texting(desk), desk.known_phone()
    if member is None or phone is None or not words.strip():
        return None
    mine = _accepted(desk, phone, member)
    if len(mine) == 1:
        _note(desk, mine[0], member, words, unclear)
        return "noted"
    if mine:
        answers = {str(task.number): ("note", f"{task.number} {words}") for task in mine}
        asking.ask(
            desk, "sms.task_note_which", {"tasks": listed([task.number for task in mine])}, answers
        )
        return "note_which"
    return None


def note_on(desk: Desk, rest: str) -> None:
    """Add words to the request whose number stands before them: the answer to which one."""
    member, phone = member_texting(desk), desk.known_phone()
    number, _, words = rest.partition(" ")
    mine = _accepted(desk, phone, member) if member and phone else []
    meant = next((task for task in mine if str(task.number) == number), None)
    if member is None or meant is None:
        desk.reply("sms.task_none", {}, is_error=True)
        return
    _note(desk, meant, member, words)


def _accepted(desk: Desk, phone: Phone, member: Person) -> list[tasks.Task]:
    found = tasks.current(desk.unit.session, phone, RequestState.ACCEPTED)
    return [task for task in found if task.is_of(member)]


def _note(
    desk: Desk,
    task: tasks.Task,
    member: Person,
    words: str,
    unclear: Mapping[str, str] | None = None,
) -> None:
    note(desk.unit.session, task.request, Event.NOTED, person=member, words=scrub(words).text)
    key = "sms.task_noted" if unclear is None else "sms.task_noted_unclear"
    desk.reply(key, {**(unclear or {}), "task": str(task.number)})


def own_tasks(desk: Desk, member: Person, *, says_none: bool = True) -> None:
    """Tell a member what is theirs to do, and what waits for somebody: VIEC."""
    if not task_list.send_list(desk, member) and says_none:
        desk.reply("sms.task_none", {}, is_error=True)


def member_texting(desk: Desk) -> Person | None:
    """Return the member of a team who is texting, None when nobody in a team is."""
    phone = desk.known_phone()
    return member_at(desk.unit.session, phone, desk.speaker()) if phone else None


def member_or_refuse(desk: Desk) -> Person | None:
    """Return the member of a team who is texting; others are told how to ask for help."""
    member = member_texting(desk)
    if member is None:
        known = desk.speaker() is not None
        desk.reply("sms.not_member" if known else "sms.stranger", {}, is_error=True)
    return member


def task_meant(
    desk: Desk, member: Person, rest: str, *states: RequestState, which: str = "sms.task_which"
) -> tasks.Task | None:
    """Return the task a member means; when it is not clear, answer with what would make it so."""
    phone, session = desk.phone(), desk.unit.session
    typed, _ = number_first(rest)
    if typed is not None:
        task = tasks.find(session, phone, number_typed(typed))
        if task is None:
            _say_own_tasks(desk, member, "sms.task_unknown", {"task": typed})
        return task
    mine = [t for t in tasks.current(session, phone, *states) if may_mean(t, member)]
    if len(mine) == 1:
        return mine[0]
    _say_own_tasks(desk, member, which, {"task": str(mine[0].number) if mine else ""})
    return None


def may_mean(task: tasks.Task, member: Person) -> bool:
    """Say whether a member may mean this task: nobody has it, or they have."""
    return task.request.accepted_by in {None, member.id}


def _say_own_tasks(desk: Desk, member: Person, key: str, values: Mapping[str, str]) -> None:
    waiting = (RequestState.OPEN, RequestState.ACCEPTED)
    found = tasks.current(desk.unit.session, desk.phone(), *waiting)
    mine = [task.number for task in found if may_mean(task, member)]
    if not mine:
        desk.reply("sms.task_none", {}, is_error=True)
        return
    desk.reply(key, {**values, "tasks": listed(mine)}, is_error=True)


def _say_already_yours(desk: Desk, task: tasks.Task, reader: Person) -> None:
    session, request = desk.unit.session, task.request
    said = {"task": str(task.number), "phone": number_of(session, request)}
    if desk.reply("sms.task_already_yours", {**values_of(session, request), **said}):
        note_reading(session, request, reader)


def _say_lost(desk: Desk, task: tasks.Task) -> None:
    """Say that somebody was faster, but not twice: what we wrote and what they wrote may cross."""
    if not has_just_heard(desk, task.request):
        say_gone(desk, task)


def say_gone(desk: Desk, task: tasks.Task) -> None:
    """Say that a request is not theirs to work on: somebody has it, or it has ended."""
    values = {**values_of(desk.unit.session, task.request), "task": str(task.number)}
    if task.request.state in {RequestState.ACCEPTED, RequestState.DONE}:
        desk.reply("sms.task_gone", values)
    elif task.request.state == RequestState.OPEN:
        desk.reply("sms.task_open_again", values)
    else:
        desk.reply("sms.task_ended", values)
