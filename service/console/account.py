"""One's own account: who one is here, one's password, and the browsers one is signed in with."""

from __future__ import annotations

from flask import Blueprint, Response, request

from .audit import named, note
from .doors import say_wrong
from .frame import SESSION_COOKIE, client_address, console, go_to, keep_cookie, page, who, words
from .passwords import fault_of
from .sessions import count_sessions, end_others
from .signing import Typed, change_password

account = Blueprint("account", __name__, url_prefix="/account")


@account.get("")
def show() -> Response:
    """Show one's account."""
    return _account_page()


@account.post("/password")
def change() -> Response:
    """Change one's password; every other browser is signed out."""
    new = request.form.get("password", "")
    fault = fault_of(new, who().name)
    if fault is None and new != request.form.get("again", ""):
        fault = "password.differs"
    if fault is not None:
        return _account_page(words()(fault))
    typed = Typed(who().name, request.form.get("old", ""), "", client_address())
    outcome = change_password(console().engine, console().keys, who(), typed, new)
    if outcome.token is None:
        return _account_page(say_wrong(outcome, "account.old_wrong"))
    answer = go_to("account.show")
    keep_cookie(answer, SESSION_COOKIE, outcome.token)
    return answer


@account.post("/sessions")
def leave_others() -> Response:
    """Sign every other browser of one's own out."""
    with console().engine.begin() as connection:
        token = request.cookies[SESSION_COOKIE]
        ended = end_others(connection, console().keys, who().id, token)
        name = named(who().name)
        note(connection, name, "console_sessions_ended", name, sessions=str(ended))
    return go_to("account.show")


def _account_page(fault: str = "") -> Response:
    with console().engine.connect() as connection:
        count = count_sessions(connection, who().id)
    return page("account.html", sessions=count, fault=fault)
