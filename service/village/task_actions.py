"""What a member of a team does with requests on the screens of leader.yaml."""

from __future__ import annotations

from collections.abc import Mapping

from service.dialogue.ladder import EMERGENCY
from service.dialogue.model import LINE, Done, Facts, Option
from service.records.people import Person
from service.records.requests import RequestState
from service.text.gsm7 import cut

from . import tasks
from .acting import Action, lists, reads, writes
from .desk import Desk
from .details import clean_words
from .ledger import note_reading, number_of, values_of
from .task_list import about
from .team_doings import may_mean, member_texting


def _listed(desk: Desk, *states: RequestState) -> Done:
    phone, member = desk.known_phone(), member_texting(desk)
    if phone is None or member is None:
        return Done()
    found = tasks.current(desk.unit.session, phone, *states)
    mine = [t for t in found if may_mean(t, member)]
    mine.sort(key=lambda task: task.request.topic != EMERGENCY)  # before all others
    return Done(options=[Option(str(task.number), _label(desk, task)) for task in mine])


def _label(desk: Desk, task: tasks.Task) -> str:
    topic, hamlet = about(desk, task)
    return cut(f"viec {task.number}: {topic}, {hamlet}", LINE)


def _task(desk: Desk, known: Facts) -> tasks.Task | None:
    phone = desk.known_phone()
    if phone is None or member_texting(desk) is None:
        return None
    return tasks.find(desk.unit.session, phone, int(known["task"]))


def _look(desk: Desk, known: Facts) -> Done:
    task, member = _task(desk, known), member_texting(desk)
    if task is None or member is None or not task.is_current:
        return Done("gone")
    request = task.request
    if request.state == RequestState.OPEN:
        return Done("open", values_of(desk.unit.session, request))
    if request.state == RequestState.ACCEPTED and request.accepted_by == member.id:
        return Done("mine", _with_number(desk, task, member))
    return Done("gone")


def _take(desk: Desk, known: Facts) -> Done:
    task, member = _task(desk, known), member_texting(desk)
    if task is None or member is None or not task.is_current:
        return Done("gone")
    if not tasks.may_take(desk, task.request):
        return Done("enough")
    taken = tasks.take(desk, task, member)
    if taken is None:
        return Done("gone")
    tasks.tell_villager(desk, task.request, "sms.accepted")
    tasks.hand_over(desk, taken, member)
    values = _with_number(desk, taken, member)
    return Done("yours", {**values, "task": str(taken.number)})


def _finish(desk: Desk, known: Facts) -> Done:
    task, member = _task(desk, known), member_texting(desk)
    if task is None or member is None or task.request.accepted_by != member.id:
        return Done("gone")
    words = clean_words(known.get("words", ""))
    done = tasks.finish(desk, task.request, words, by=member)
    return Done("asked" if done else "gone")


def _enter_village(_desk: Desk, known: Facts) -> Done:
    """Say whether a member has a hamlet of their own: officers are entered without one."""
    return Done("home" if known.get("area") else "homeless")


def _with_number(desk: Desk, task: tasks.Task, reader: Person) -> dict[str, str]:
    """Return a task's values with the number to call, its reading put on record."""
    session = desk.unit.session
    note_reading(session, task.request, reader)
    return {**values_of(session, task.request), "phone": number_of(session, task.request)}


TASK_ACTIONS: Mapping[str, Action] = {
    "new_tasks": lists(lambda desk, _: _listed(desk, RequestState.OPEN)),
    "my_tasks": lists(lambda desk, _: _listed(desk, RequestState.ACCEPTED)),
    "look_at_task": writes(_look, "open", "mine", "gone"),
    "take_task": writes(_take, "yours", "gone", "enough"),
    "finish_task": writes(_finish, "asked", "gone"),
    "enter_village": reads(_enter_village, "home", "homeless"),
}
