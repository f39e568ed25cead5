"""The pages before the console: signing in and out, and the one-time link."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, jsonify, request

from .audit import named, note
from .frame import (
    FORM_COOKIE,
    SESSION_COOKIE,
    client_address,
    console,
    drop_cookie,
    go_to,
    keep_cookie,
    page,
    who,
    words,
)
from .links import Invited, find_link, use_link
from .passwords import fault_of
from .sessions import end_session
from .signing import Outcome, Typed, sign_in
from .six_digits import address_of, picture_of

MANY = 429
doors = Blueprint("doors", __name__)


@doors.get("/healthz")
def healthz() -> Response:
    """Say that the process lives."""
    return jsonify(status="alive")


@doors.get("/sign-in", endpoint="sign_in")
def ask_to_sign_in() -> Response:
    """Ask for name, password and digits."""
    return go_to("room.home") if g.who else page("sign_in.html", name="")


@doors.post("/sign-in")
def try_sign_in() -> Response:
    """Sign somebody in, or give the one answer for all that may be wrong."""
    typed = Typed(
        name=request.form.get("name", "").strip().lower(),
        password=request.form.get("password", ""),
        digits=request.form.get("digits", ""),
        address=client_address(),
    )
    outcome = sign_in(console().engine, console().keys, typed)
    if outcome.token is None:
        said = say_wrong(outcome, "sign_in.wrong")
        status = MANY if outcome.wait else 200
        return page("sign_in.html", status, fault=said, name=typed.name[:40])
    _leave_session()
    answer = go_to("room.home")
    keep_cookie(answer, SESSION_COOKIE, outcome.token)
    drop_cookie(answer, FORM_COOKIE)
    return answer


@doors.post("/sign-out")
def sign_out() -> Response:
    """End the session, here and in the database."""
    with console().engine.begin() as connection:
        note(connection, named(who().name), "signed_out", named(who().name))
    _leave_session()
    answer = go_to("doors.sign_in")
    drop_cookie(answer, SESSION_COOKIE)
    return answer


@doors.get("/join/<token>")
def join(token: str) -> Response:
    """Show whom a link is for, and ask for a password; looking does not use it up."""
    return _join_page(token, _invited(token))


@doors.post("/join/<token>")
def try_join(token: str) -> Response:
    """Set the password and the phone's key, and show the spare codes, once."""
    invited = _invited(token)
    password = request.form.get("password", "")
    fault = fault_of(password, invited.name)
    if fault is None and password != request.form.get("again", ""):
        fault = "password.differs"
    if fault is not None:
        return _join_page(token, invited, fault)
    with console().engine.begin() as connection:
        digits = request.form.get("digits", "")
        codes = use_link(connection, console().keys, token, password=password, digits=digits)
    if codes is None:
        return _join_page(token, invited, "join.digits_wrong")
    return page("joined.html", name=invited.name, codes=codes)


def say_wrong(outcome: Outcome, key: str) -> str:
    """Say that something typed was wrong, or how long to wait."""
    return words()("sign_in.wait", seconds=outcome.wait) if outcome.wait else words()(key)


def _invited(token: str) -> Invited:
    with console().engine.connect() as connection:
        found = find_link(connection, console().keys, token)
    if found is None:
        abort(410)
    return found


def _join_page(token: str, invited: Invited, fault: str | None = None) -> Response:
    address = address_of(invited.key, invited.name) if invited.key else ""
    return page(
        "join.html",
        name=invited.name,
        token=token,
        key=invited.key,
        address=address,
        picture=picture_of(address) if address else "",
        fault=words()(fault) if fault else "",
    )


def _leave_session() -> None:
    """End the session this browser came with, if any."""
    token = request.cookies.get(SESSION_COOKIE, "")
    if token:
        with console().engine.begin() as connection:
            end_session(connection, console().keys, token)
