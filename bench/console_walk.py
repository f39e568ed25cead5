"""Finds the console's pages as people do: from the first page by its links, filters and forms.

Nothing is listed here by name, so that a page which is new is walked too. What no link leads to is
found by the application's own table of addresses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from bench.console_visitor import Form, Page

NONSENSE = "khong co gi nhu the"
"""Typed where people look something up: nothing is found."""
PICKED = {"date": ["2026-11-02"], "week": ["2026-W47"], "number": ["3"]}
"""What is put into fields in which a browser lets nothing else be typed."""
MOST_OF_A_PAGE = 6
"""Addresses of one page that are looked at: plain, filtered, further back, empty."""
MOST_CHOICES = 3
APART = frozenset({"static", "doors.healthz", "doors.join", "machines.one_failed"})
"""No pages, or such as nothing leads to: a link is good once, and no job of RQ's has failed."""
Get = Callable[[str], tuple[int, str]]
"""Asks for a page and returns its status and what is on it."""


@dataclass
class Found:
    """The addresses of every page that somebody may look at, by endpoint."""

    pages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unreached: list[str] = field(default_factory=list)
    """Pages with a part in their address that no link names."""
    refused: dict[str, int] = field(default_factory=dict)
    """Addresses that a page led to and that did not show anything."""


def walk(app: Flask, get: Get, samples: Mapping[str, list[str]]) -> Found:
    """Walk from the first page on.

    `samples` are values for fields that people type into, by the field's name, and for parts of
    addresses that no link names; what has none gets nonsense alone.
    """
    found = Found()
    seen: set[str] = set()
    shapes: set[tuple[str, frozenset[str]]] = set()
    todo = ["/", *_plain(app)]
    while todo:
        path = todo.pop(0)
        endpoint = endpoint_of(app, path)
        if path in seen or endpoint is None or endpoint in APART:
            continue
        seen.add(path)
        keys = frozenset(name for name, _ in parse_qsl(urlsplit(path).query))
        is_new = (endpoint, keys) not in shapes
        if len(found.pages.get(endpoint, ())) >= MOST_OF_A_PAGE and not is_new:
            continue
        status, html = get(path)
        if status == 200:
            shapes.add((endpoint, keys))
            found.pages[endpoint].append(path)
            todo += leads(html, path, samples)
        elif status not in {302, 303, 403} and quote_plus(NONSENSE) not in path:
            found.refused[path] = status
    return _named(app, found, get, samples)


def leads(html: str, here: str, samples: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the addresses on this console that a page leads to, by links and by GET forms."""
    page = Page(html)
    for link in page.links:
        if link.startswith("?"):
            yield urlsplit(here).path + link
        elif link.startswith("/") and not link.startswith("//") and "lang=" not in link:
            yield link.partition("#")[0]
    for form in page.forms:
        if form.method == "get":
            action = form.action or urlsplit(here).path
            yield from (f"{action}?{urlencode(fields)}" for fields in _fillings(form, samples))


def endpoint_of(app: Flask, path: str) -> str | None:
    """Return whose address this is; None of nothing that can be looked at."""
    try:
        endpoint, _ = app.url_map.bind("127.0.0.1").match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return str(endpoint)


def _plain(app: Flask) -> list[str]:
    """Return the addresses that stand in the table without a part to fill in."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not rule.arguments
    )


def _fillings(form: Form, samples: Mapping[str, list[str]]) -> Iterator[dict[str, str]]:
    for name, kind in form.typed.items():
        for value in PICKED.get(kind, [*samples.get(name, ()), NONSENSE]):
            yield {**form.fields, name: value}
    for name, values in form.choices.items():
        for value in values[:MOST_CHOICES]:
            yield {**form.fields, name: value}
    if not form.typed and not form.choices:
        yield dict(form.fields)


def _named(app: Flask, found: Found, get: Get, samples: Mapping[str, list[str]]) -> Found:
    """Look at pages that nothing led to, where a sample fills in their address."""
    for rule in app.url_map.iter_rules():
        lonely = rule.endpoint not in found.pages and rule.endpoint not in APART
        if not lonely or "GET" not in (rule.methods or set()) or not rule.arguments:
            continue
        own = rule.endpoint.rpartition(".")[2]  # find.message names the message it shows
        values = {name: samples.get(name) or samples.get(own) for name in rule.arguments}
        known = {name: given[0] for name, given in values.items() if given}
        if len(known) < len(rule.arguments):
            found.unreached.append(rule.rule)
            continue
        path = app.url_map.bind("127.0.0.1").build(rule.endpoint, known)
        status, _ = get(path)
        if status == 200:
            found.pages[rule.endpoint].append(path)
        elif status not in {302, 303, 403}:
            found.refused[path] = status
    return found
