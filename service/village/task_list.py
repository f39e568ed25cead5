"""What is a member's to do, in two messages at most: VIEC."""

from __future__ import annotations

from collections.abc import Sequence

from service.records.people import Person
from service.records.requests import RequestState
from service.text.fold import fold
from service.text.gsm7 import cut, septets

from . import tasks
from .areas import area_by_id
from .desk import Desk
from .tasks import Task

LONGEST_HAMLET = 14
"""Letters of a hamlet's name in the list: enough to tell one from another."""
NEW, MINE = "sms.task_list_new", "sms.task_list_mine"
MORE = {NEW: "sms.task_list_new_more", MINE: "sms.task_list_mine_more"}


def send_list(desk: Desk, member: Person) -> bool:
    """Send a member what waits for somebody and what they have taken; False for nothing at all.

    What waits comes first. Each message stands alone; with only one kind there are two of it. A
    line is shown whole or not at all, and how many are not shown is said.
    """
    found = tasks.current(desk.unit.session, desk.phone(), RequestState.OPEN, RequestState.ACCEPTED)
    new = [task for task in found if task.request.state == RequestState.OPEN]
    mine = [task for task in found if task.is_of(member)]
    for key, listed in ((NEW, new), (MINE, mine)):
        shown = _send(desk, key, listed) if listed else 0
        if listed and shown < len(listed) and not (new and mine):
            _send(desk, key, listed[shown:], part=2)
    return bool(new or mine)


def _send(desk: Desk, key: str, listed: Sequence[Task], *, part: int = 1) -> int:
    """Send as many lines as fit one message; return how many."""
    lines = [_line(desk, task) for task in listed]
    shown = _fitting(desk, lines)
    values = {"list": "; ".join(lines[:shown]), "more": str(len(lines) - shown)}
    body = desk.words.say(key if shown == len(lines) else MORE[key], desk.language, values)
    desk.reply_with(key if part == 1 else f"{key}.{part}", body)
    return shown


def _line(desk: Desk, task: Task) -> str:
    topic, hamlet = about(desk, task)
    return f"{task.number} {topic} {cut(hamlet, LONGEST_HAMLET)}"


def about(desk: Desk, task: Task) -> tuple[str, str]:
    """Return what a task is about and where, as lists name them."""
    texts, topic = desk.words.texts, task.request.topic
    key = f"topic.{topic}"
    said = texts.say(key, desk.language) if key in texts.keys(desk.language) else topic
    return said, fold(area_by_id(desk.unit.session, task.request.area_id).name).text


def _fitting(desk: Desk, lines: Sequence[str]) -> int:
    """Return how many lines fit the list's gap, from the first."""
    room = desk.words.texts.gaps["list"].width
    shown = len(lines)
    while shown > 1 and septets("; ".join(lines[:shown])) > room:
        shown -= 1
    return shown
