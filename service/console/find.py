"""Looking up a message, a text, a request or a number: its whole life, masked until asked for.

What is typed goes by POST and leads to an address that names a row: no number ever stands in an
address, a log or a Referer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, Response, abort, request

from service.records.base import LARGEST_ID
from service.text.phones import national

from .finding import Findings, find
from .frame import console, go_to, page, who, words
from .handles import seal, unseal
from .life import hidden, say, when, why
from .message_life import live_of
from .number_life import NumberLife, cursor_of, live_of_number, phone_of
from .request_life import live_of_request, text_of
from .reveals import MASKED, MOST_IN_AN_HOUR, fault_of_reason, reveal

finder = Blueprint("find", __name__, url_prefix="/find")

Shown = Mapping[str, Sequence[str]]
"""What was asked for in this very request, by what it is."""


@finder.get("")
def ask() -> Response:
    """Show the field."""
    return page("find.html", findings=Findings(), why_not="")


@finder.post("")
def look_up() -> Response:
    """Find what was typed: go there when it is one thing, let choose when it may be several."""
    with console().engine.connect() as connection:
        findings = find(connection, console().keys, request.form.get("typed", ""))
    if len(findings.found) == 1:
        only = findings.found[0]
        return go_to(f"find.{only.kind}", its_id=only.its_id)
    why_not = "" if findings.found else words()(findings.why_not)
    return page("find.html", findings=findings, why_not=why_not, when=when)


@finder.get("/message/<its_id>")
def message(its_id: str) -> Response:
    """Show the life of a message."""
    return _message(_id(its_id))


@finder.get("/text/<its_id>")
def text(its_id: str) -> Response:
    """Show a text that came in and what answered it."""
    return _text(_id(its_id))


@finder.get("/request/<its_id>", endpoint="request")
def one_request(its_id: str) -> Response:
    """Show the life of a request."""
    return _request(_id(its_id))


@finder.get("/phone/<its_id>")
def phone(its_id: str) -> Response:
    """Show the life of a number that has a row of its own, a page of it."""
    return _phone(_id(its_id))


@finder.get("/number/<its_id>")
def number(its_id: str) -> Response:
    """Show the life of a number that has none: its handle holds it sealed."""
    msisdn = unseal(console().keys, its_id)
    cursor = cursor_of(request.args.get("after", ""))
    if msisdn is None or cursor is None:
        abort(404)
    with console().engine.connect() as connection:
        life = live_of_number(connection, console().keys, msisdn, None, cursor)
    return _page("find_number.html", life=life, its_id=its_id)


@finder.post("/<kind>/<its_id>/reveal")
def ask_for(kind: str, its_id: str) -> Response:
    """Show what is masked, once, after noting who asked for what and why."""
    show = SHOWS.get(kind)
    if show is None:
        abort(404)
    row = _id(its_id)
    wanted = [what for what in MASKED[kind] if what in request.form.getlist("what")]
    reason = request.form.get("reason", "").strip()
    fault = fault_of_reason(reason) if wanted else "reveal.nothing"
    if fault is not None:
        return show(row, fault=words()(fault))
    show(row)  # nothing is noted, and nothing counted, about what there is not
    shown = reveal(console().engine, who(), (kind, row), wanted, reason)
    if isinstance(shown, datetime):
        too_often = words()("reveal.too_often", most=MOST_IN_AN_HOUR, at=when(shown))
        return show(row, fault=too_often)
    return show(row, shown=shown)


def _message(row: int, shown: Shown | None = None, fault: str = "") -> Response:
    with console().engine.connect() as connection:
        life = live_of(connection, row, words())
    if life is None:
        abort(404)
    handle = "" if life.message.phone_id else seal(console().keys, life.message.msisdn)
    return _page("find_message.html", life=life, handle=handle, shown=shown, fault=fault)


def _text(row: int, shown: Shown | None = None, fault: str = "") -> Response:
    with console().engine.connect() as connection:
        found = text_of(connection, row)
    if found is None:
        abort(404)
    given, answers = found
    is_number = given.phone_id is None and given.sender.startswith("+")
    handle = seal(console().keys, given.sender) if is_number else ""
    return _page(
        "find_text.html", text=given, answers=answers, handle=handle, shown=shown, fault=fault
    )


def _request(row: int, shown: Shown | None = None, fault: str = "") -> Response:
    with console().engine.connect() as connection:
        life = live_of_request(connection, row, words())
    if life is None:
        abort(404)
    return _page("find_request.html", life=life, shown=shown, fault=fault)


def _phone(row: int, shown: Shown | None = None, fault: str = "") -> Response:
    cursor = cursor_of(request.args.get("after", ""))
    life: NumberLife | None = None
    with console().engine.connect() as connection:
        kept = phone_of(connection, row)
        if kept is not None and cursor is not None:
            life = live_of_number(connection, console().keys, kept.msisdn, kept, cursor)
    if life is None:
        abort(404)
    return _page("find_number.html", life=life, its_id=str(row), shown=shown, fault=fault)


SHOWS: Mapping[str, Callable[..., Response]] = {
    "message": _message, "text": _text, "request": _request, "phone": _phone,
}  # fmt: skip
"""How each kind of MASKED is shown."""


def _page(template: str, **values: object) -> Response:
    said = {"shown": None, "fault": "", **values}
    return page(
        template,
        when=when,
        hidden=hidden,
        national=national,
        why=lambda code: why(words(), code),
        say=lambda key, values: say(words(), key, values),
        **cast("Any", said),
    )


def _id(written: str) -> int:
    """Read the id of a row from an address; what cannot be one is no page of ours."""
    is_number = written.isascii() and written.isdigit() and len(written) <= len(str(LARGEST_ID))
    if not is_number or int(written) > LARGEST_ID:
        abort(404)
    return int(written)
