"""What every page of the console needs: who asks, in which language, made with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from flask import (
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from redis import Redis
from sqlalchemy import Engine

from .secret_words import Keys
from .sessions import Who
from .words import Words

SESSION_COOKIE, FORM_COOKIE, LANGUAGE_COOKIE = (
    f"__Host-caunoi-{name}" for name in ("session", "form", "language")
)
YEAR = 365 * 24 * 3600
SEE_OTHER = 303
HERE = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Console:
    """What the pages are made with."""

    engine: Engine
    redis: Redis | None
    """None where none is used, or in a test without one."""
    keys: Keys
    words: Mapping[str, Words]
    origins: frozenset[str]
    """Addresses of our own pages; a form that comes from another is refused."""
    is_https: bool
    carriers: tuple[str, ...]
    """Those that messages may go by, the usual one first."""


def console() -> Console:
    """Return what this application's pages are made with."""
    return cast("Console", current_app.extensions["console"])


def who() -> Who:
    """Return who is signed in; only for pages that nobody else reaches."""
    found: Who = g.who
    return found


def words() -> Words:
    """Return the sentences in the language of whoever asks."""
    found: Words = g.words
    return found


def page(template: str, status: int = 200, **values: object) -> Response:
    """Make a page."""
    return make_response(render_template(template, **values), status)


def go_to(endpoint: str, **values: Any) -> Response:
    """Send the browser to another page, by GET.

    With `did` (and `n`) in the values the page says at its top what was done: the sentence
    "did.<did>" of the texts.
    """
    return cast("Response", redirect(url_for(endpoint, **values), SEE_OTHER))


def keep_cookie(answer: Response, name: str, value: str, *, age: int | None = None) -> None:
    """Give the browser a cookie for this host only, over https only, out of reach of scripts."""
    answer.set_cookie(name, value, max_age=age, secure=True, httponly=True, samesite="Lax")


def drop_cookie(answer: Response, name: str) -> None:
    """Take a cookie back."""
    answer.delete_cookie(name, secure=True, httponly=True, samesite="Lax")


def client_address() -> str:
    """Return where a request comes from; a proxy on this machine is believed who it came from."""
    peer = request.remote_addr or ""
    told = request.headers.get("X-Forwarded-For", "")
    return told.rpartition(",")[2].strip() if told and peer in HERE else peer


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
