"""What to do: all that waits, is in doubt or has failed, and what an operator can do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection

from service.outbox.by_hand import BATCH, SAY_AGAIN, Deed, do, most_of
from service.outbox.classes import RULES
from service.outbox.piles import Counted, Pile, all_piles, count, ids_of
from service.outbox.say_again import Judged, judge
from service.outbox.switches import turned
from service.records.base import LARGEST_ID
from service.records.messages import MessageClass
from service.records.messages import MessageState as S

from .audit import named, note
from .brakes import in_turn, refusing, standing_words
from .frame import console, go_to, page, who, words
from .todo_kinds import GROUPS, brakes_of, deeds_of, group_of, is_pile, means, what_to_do
from .typed import reason_typed

todo = Blueprint("todo", __name__, url_prefix="/todo")
NO_CODE = "-"
"""Stands for the code of a pile that has none, in addresses."""
ADDRESS = "/<deed>/<state>/<message_class>/<code>"
MANY_MORE, FEW = 0.1, 20
"""By how much a pile may have changed since somebody was asked, before they are asked again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A pile as the page shows it."""

    counted: Counted
    means: str
    kind: str
    """Its class in words, or that it tells those who keep watch."""
    what_to_do: str
    lane: str
    deeds: tuple[Deed, ...]
    has_brakes: bool

    @property
    def address(self) -> dict[str, str]:
        """What names the pile in an address."""
        pile = self.counted.pile
        return {
            "state": str(pile.state),
            "message_class": str(pile.message_class),
            "code": pile.code or NO_CODE,
        }


@todo.get("")
def show() -> Response:
    """Show every pile, what needs a person first."""
    with console().engine.connect() as connection:
        piles = all_piles(connection)
        switches = turned(connection)
        refused = refusing(connection)
    shown = [_shown(one) for one in sorted(piles, key=lambda one: -one.messages)]
    groups = [(name, [s for s in shown if group_of(s.counted.pile) == name]) for name in GROUPS]
    return page(
        "todo.html",
        groups=groups,
        stands=standing_words(words(), switches, refused),
        carrier=in_turn(switches),
        left_out=_number("left"),
        remain=_number("more"),
    )


@todo.get(ADDRESS)
def ask(deed: str, state: str, message_class: str, code: str) -> Response:
    """Ask whether to do it, naming how many and whom it concerns; nothing is done yet."""
    its_deed, pile = _named(deed, state, message_class, code)
    return _ask(its_deed, pile)


@todo.post(ADDRESS)
def act(deed: str, state: str, message_class: str, code: str) -> Response:
    """Do it to what was asked about, in steps; ask again where that has changed much."""
    its_deed, pile = _named(deed, state, message_class, code)
    asked, upto = _whole(request.form.get("count")), _whole(request.form.get("upto"))
    if asked is None or upto is None:
        return _ask(its_deed, pile)
    with console().engine.connect() as connection:
        now = count(connection, pile, upto)
        if now is None or abs(now.messages - asked) > max(FEW, MANY_MORE * asked):
            return _ask(its_deed, pile, was=asked)
        ids = ids_of(connection, pile, upto, most_of(its_deed))
    done = left_out = 0
    for start in range(0, len(ids), BATCH):
        step = ids[start : start + BATCH]
        with console().engine.begin() as connection:
            result = do(connection, its_deed, step)
            _note(connection, its_deed, pile, step, result.messages)
        done += result.messages
        left_out += sum(result.left_out.values())
    more = now.messages - len(ids)
    return go_to("todo.show", did=f"todo_{its_deed}", n=done, left=left_out, more=more)


def _note(
    connection: Connection, deed: Deed, pile: Pile, step: Sequence[int], messages: int
) -> None:
    about = f"{pile.message_class} {pile.state} {pile.code or NO_CODE}"
    detail = {"messages": str(messages), "from": str(step[0]), "upto": str(step[-1])}
    if reason := reason_typed():
        detail["reason"] = reason
    note(connection, named(who().name), f"messages_{deed}", about, **detail)


def _ask(deed: Deed, pile: Pile, was: int | None = None) -> Response:
    with console().engine.connect() as connection:
        counted = count(connection, pile)
        found = Judged({}, {})
        if counted is not None and deed in SAY_AGAIN:
            found = judge(connection, ids_of(connection, pile, LARGEST_ID, most_of(deed)))
    return page(
        "todo_ask.html",
        deed=deed,
        shown=_shown(counted) if counted else None,
        will=_will(deed, counted, len(found.fit)),
        left_out=found.left_out,
        was=was,
        most=most_of(deed),
        is_emergency=pile.message_class is MessageClass.EMERGENCY,
        says_again=deed in SAY_AGAIN,
    )


def _will(deed: Deed, counted: Counted | None, fit: int) -> int:
    """Return how many messages one press will touch."""
    if counted is None:
        return 0
    return fit if deed in SAY_AGAIN else min(counted.messages, most_of(deed))


def _shown(counted: Counted) -> Shown:
    pile = counted.pile
    return Shown(
        counted=counted,
        means=means(words(), pile),
        kind=words().name_of("class", "alarm" if pile.is_alarm else pile.message_class),
        what_to_do=what_to_do(words(), pile),
        lane=RULES[pile.message_class].lane,
        deeds=deeds_of(pile),
        has_brakes=brakes_of(pile),
    )


def _named(deed: str, state: str, message_class: str, code: str) -> tuple[Deed, Pile]:
    """Read an address; what cannot be is not there."""
    if not re.fullmatch(r"[a-z_]{1,40}|-", code, re.ASCII):
        abort(404)
    try:
        pile = Pile(S(state), None if code == NO_CODE else code, MessageClass(message_class))
        its_deed = Deed(deed)
    except ValueError:
        abort(404)
    if not is_pile(pile) or its_deed not in deeds_of(pile):
        abort(404)
    return its_deed, pile


def _whole(typed: str | None) -> int | None:
    """Read a number that a form of ours carries; None for what was tampered with."""
    return int(typed) if typed and re.fullmatch(r"[0-9]{1,18}", typed, re.ASCII) else None


def _number(name: str) -> int:
    return _whole(request.args.get(name, "")[:9]) or 0
