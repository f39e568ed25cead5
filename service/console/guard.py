"""What stands before and after every page: who asks, may they, is the form ours, safe headers."""

from __future__ import annotations

import threading

from flask import Flask, Response, abort, current_app, g, request

from service.records.console import Role

from .frame import (
    FORM_COOKIE,
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    YEAR,
    console,
    go_to,
    keep_cookie,
)
from .roles import ANYBODY, MAY, may
from .secret_words import new_token
from .sessions import find_session
from .words import LANGUAGES

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WITHOUT_A_PAGE = frozenset({"static", "doors.healthz"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';"
        " img-src 'self'; form-action 'self';"
        " base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers then call a form's own origin null.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
POLLS = "X-Poll"
"""Sent by a page that looks again by itself: that somebody is there is not said by it."""
HSTS = "max-age=31536000"
STRANGERS = "strangers"
STRANGERS_AT_ONCE = 2
"""Forms of people who are not signed in that are read at once. One that trickles in holds a thread
for as long as its sender likes, and there are four: some must be left for whoever works here."""
TOO_MANY = 429


def stand_guard(app: Flask) -> None:
    """Put the guard before and behind every page of an application."""
    app.extensions[STRANGERS] = threading.BoundedSemaphore(STRANGERS_AT_ONCE)
    app.before_request(_learn_who_asks)
    app.before_request(_let_in)
    app.after_request(_answer_safely)


def _learn_who_asks() -> None:
    chosen = request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    g.words = console().words[chosen if chosen in LANGUAGES else LANGUAGES[0]]
    g.who, g.cookie, g.is_new_cookie = None, "", False
    if request.endpoint in WITHOUT_A_PAGE:
        return
    token = request.cookies.get(SESSION_COOKIE, "")
    if token:
        with console().engine.begin() as connection:
            is_used = POLLS not in request.headers
            g.who = find_session(connection, console().keys, token, is_used=is_used)
    g.cookie = token if g.who else request.cookies.get(FORM_COOKIE, "")
    if not g.cookie:
        g.cookie, g.is_new_cookie = new_token(), True
    g.form_word = console().keys.form_word(g.cookie)


def _let_in() -> Response | None:
    if request.endpoint is None:
        return None  # no such page, or not by this method: Flask says so
    role: Role | None = g.who.role if g.who else None
    if not may(request.endpoint, role):
        if role is None and MAY.get(request.endpoint, frozenset()) is not ANYBODY:
            return go_to("doors.sign_in")
        abort(403)
    if request.method not in SAFE and not _is_our_form():
        abort(400)
    return None


def _is_our_form() -> bool:
    """Say whether a form was made by us, for this browser, and sent from a page of ours."""
    if request.headers.get("Origin") not in console().origins:
        return False
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    return not g.is_new_cookie and console().keys.is_form_word(g.cookie, _word_sent())


def _word_sent() -> str:
    """Read the form that comes in, and return the word in it."""
    if g.who is not None:
        return request.form.get("form_word", "")
    strangers: threading.BoundedSemaphore = current_app.extensions[STRANGERS]
    if not strangers.acquire(blocking=False):
        abort(TOO_MANY)
    try:
        return request.form.get("form_word", "")
    finally:
        strangers.release()


def _answer_safely(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    if console().is_https:
        answer.headers["Strict-Transport-Security"] = HSTS
    if request.endpoint == "static":
        return answer
    answer.headers["Cache-Control"] = "no-store"
    if g.get("is_new_cookie"):
        keep_cookie(answer, FORM_COOKIE, g.cookie)
    if request.method == "GET" and request.args.get("lang") in LANGUAGES:
        keep_cookie(answer, LANGUAGE_COOKIE, request.args["lang"], age=YEAR)
    return answer
