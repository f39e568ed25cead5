"""Anybody types anything anywhere: nothing breaks, nothing typed comes back as markup or leads away.

All addresses and forms are found by walking, as every role and as nobody. Seeded; what fails is
printed as it was sent.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from bench.console_visitor import Form, Page
from bench.console_walk import APART, endpoint_of, walk
from service.console.roles import MAY
from service.records.console import Role
from tests.console.full import keep_awake, samples
from tests.console.office import HERE, Browser, Forms, Office

SEED = 6
MARK = """zq<i x='">zq"""
"""Comes back as text or not at all."""
SUM, SUMMED = "zq{{7*1910171}}${7*1910171}zq", "13371197"
"""So long that no page bears it by chance: its form word is 64 hexadecimal digits."""
TYPED: tuple[bytes, ...] = (
    MARK.encode(), SUM.encode(), b"", b" ", b"\0", b"a\0b", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80",
    "\u202e\u2066\u200babc\u2069".encode(), "\uffff\U0010ffff\ufeff".encode(), b"9" * 31, b"-1",
    b"0", b"-9223372036854775809", b"9223372036854775808", b"2147483648", b"1e400", b"NaN",
    "\u0661\u0662\u0663".encode(), "²".encode(), b"+84900000001", b"+84" + b"9" * 40, b"' OR 1=1 --",
    b"\\' ; DROP TABLE audit; --", b"%", b"%s%n%(x)s{0}{x.y}", b"a\r\nSet-Cookie: evil=1",
    b"../../../../etc/passwd", b"//evil.example", b"https://evil.example/", b"javascript:alert(1)",
    b"x" * 5_000, "ế".encode() * 3_000, b"2026-13-45", b"0001-01-01", b"9999-12-31T23:59:59Z",
    b"[]", b'{"a":1}', b"true", b"operator", b"reply",
)  # fmt: skip
NAMES = ("lang", "did", "n", "q", "page", "before", "after", "id", "next", "state", "\0", "a[b]")
ASKED = re.compile(rb"Traceback|psycopg|sqlalchemy|jinja2|werkzeug\.|File \"/", re.IGNORECASE)
METHODS = ("HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "BREW")
HEADERS: tuple[dict[str, str], ...] = (
    {"Host": "evil.example"}, {"Host": "127.0.0.1:99999"}, {"Host": "a b"}, {"Host": "["},
    {"Origin": "null"}, {"Origin": "https://evil.example"}, {"Origin": MARK},
    {"X-Forwarded-For": "x" * 4_000}, {"X-Forwarded-For": "\xff\xfe, ::1, 1.2.3.4"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
    {"Accept-Language": "zz-" + "q" * 2_000}, {"Accept": "application/json;q=\xff"},
    {"Cookie": "__Host-caunoi-session=" + "x" * 5_000}, {"Cookie": "=;;==\xff;a"},
    {"Cookie": "__Host-caunoi-language=" + MARK}, {"Cookie": "__Host-caunoi-form=\xed\xa0\x80"},
    {"Content-Type": "application/json"}, {"Range": "bytes=0-1,5-2"}, {"If-None-Match": MARK},
    {"If-Modified-Since": "yesterday"}, {"Referer": "https://evil.example/" + MARK},
    {"Transfer-Encoding": "chunked"}, {"User-Agent": MARK}, {"Sec-Fetch-Site": "\xff"},
)  # fmt: skip
BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b'{"form_word": "x"}'), ("application/json", b"{" * 2_000),
    ("text/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"),
    ("multipart/form-data", b"--x--"), ("multipart/form-data; boundary=", b"\0" * 100),
    ("application/x-www-form-urlencoded", b"a" * 100_000),
    ("application/x-www-form-urlencoded", b"a=1&" * 5_000),
    ("application/x-www-form-urlencoded; charset=utf-7", b"form_word=+ADw-"), ("", b"\xff" * 500),
    ("application/x-www-form-urlencoded", b"form_word=%&form_word=%ff%00&=&&==%zz"),
)  # fmt: skip
OWN_COOKIES = re.compile(r"__Host-caunoi-(session|form|language)=")
MOST_OF_A_FORM = 3
"""Hostile fillings of one form by one role; each form gets others."""


@dataclass
class Crawl:
    """One person's crawl; everything wrong is gathered, so that one run tells all."""

    office: Office
    browser: Browser
    role: Role | None
    dice: random.Random = field(init=False)
    wrong: list[str] = field(default_factory=list)
    said: Counter[int] = field(default_factory=Counter)
    """Statuses that came back."""

    def __post_init__(self) -> None:
        self.dice = random.Random(f"{SEED} {self.role}")

    @property
    def verdict(self) -> str:
        return f"{len(self.wrong)} wrong of {self.said.total()} asked with seed {SEED}"

    def ask(self, method: str, path: bytes, query: bytes = b"", **more: Any) -> TestResponse:
        """Send one request, path and query being bytes as they are, and judge the answer."""
        environ = {
            "PATH_INFO": path.decode("latin-1"),
            "REQUEST_METHOD": method,
            "REMOTE_ADDR": self.browser.address,
        }
        answer = self.browser.client.open(
            "/", base_url=HERE, query_string=query.decode("latin-1"), buffered=True,
            environ_overrides=environ, **more,
        )  # fmt: skip
        self.said[answer.status_code] += 1
        for fault in faults(answer):
            told = {name: str(value)[:200] for name, value in more.items()}
            self.wrong.append(f"{fault}: {method} {path[:200]!r} ?{query[:200]!r} {told}")
        return answer

    def typed(self, count: int) -> list[bytes]:
        return self.dice.sample(TYPED, count)


def faults(answer: TestResponse) -> Iterator[str]:
    """Yield what no answer may be."""
    if answer.status_code >= 500 and answer.status_code != 501:
        yield str(answer.status_code)
    if ASKED.search(answer.data):
        yield "tells of our insides"
    if answer.mimetype == "text/html" and (b"zq<" in answer.data or SUMMED in answer.text):
        yield "what was typed came back as it was"
    where = answer.headers.get("Location", "/")
    if not where.startswith("/") or where.startswith(("//", "/\\")):
        yield f"leads away to {where[:80]}"
    if not all(OWN_COOKIES.match(cookie) for cookie in answer.headers.getlist("Set-Cookie")):
        yield "sets a cookie that is not ours"


@pytest.fixture(scope="module")
def office(full_office: Office) -> Office:
    """A console with a year behind it."""
    return full_office


@pytest.fixture(params=[None, *Role])
def crawl(office: Office, request: pytest.FixtureRequest) -> Crawl:
    """Somebody of each role, and nobody."""
    role: Role | None = request.param
    office.world.do("DELETE FROM sign_in_tries")
    name = f"crawl.{role}"
    if role is None:
        return Crawl(office, office.browser(), None)
    known = office.world.rows("SELECT 1 FROM console_users WHERE name = :name", name=name)
    browser = office.somebody(role, name) if not known else _again(office, name)
    keep_awake(office)
    return Crawl(office, browser, role)


def _again(office: Office, name: str) -> Browser:
    """Let somebody in a second time, by a link as after a reset."""
    from service.console.users import reset_user

    with office.world.engine.begin() as connection:
        token = reset_user(connection, office.keys, name, by="operator test")
    browser = office.browser()
    browser.join(token)
    office.world.do("UPDATE console_users SET totp_step = 0 WHERE name = :name", name=name)
    browser.sign_in(name, digits=browser.digits() if browser.key else "")
    return browser


def pages(crawl: Crawl) -> dict[str, list[str]]:
    """Every address that this person may look at."""

    def get(path: str) -> tuple[int, str]:
        answer = crawl.browser.get(path)
        return answer.status_code, answer.text if answer.mimetype == "text/html" else ""

    found = walk(crawl.office.app, get, samples(crawl.office))
    found.pages["doors.sign_in"].append("/sign-in")
    assert crawl.role is not Role.OPERATOR or found.refused == {}
    return dict(found.pages)


def addresses(office: Office) -> Iterator[tuple[str, frozenset[str]]]:
    """Every rule of the table, with its methods."""
    for rule in office.app.url_map.iter_rules():
        yield rule.rule, frozenset(rule.methods or ())


def filled(rule: str, value: bytes) -> bytes:
    """An address with a value in each of its parts."""
    return re.sub(rb"<[^>]+>", lambda _: value, rule.encode())


def test_hostile_addresses_and_parameters(crawl: Crawl) -> None:
    before = rows(crawl.office)
    for rule, _ in addresses(crawl.office):
        values = crawl.typed(len(TYPED) if crawl.role is Role.OPERATOR else 12)
        for value in values if "<" in rule else [b""]:
            crawl.ask("GET", filled(rule, value))
    for paths in pages(crawl).values():
        names = {
            part.partition("=")[0] for path in paths for part in urlsplit(path).query.split("&")
        }
        for name in sorted({*names, *NAMES} - {""}):
            for value in crawl.typed(2 if name in names else 1):
                pair = f"{name}=".encode() + quote_from_bytes(value).encode()
                crawl.ask("GET", urlsplit(paths[0]).path.encode(), pair + b"&" + pair + b"x")
    for value in TYPED:
        crawl.ask("GET", b"/" + value)
        crawl.ask("GET", b"/room", value)
    assert crawl.wrong == [], crawl.verdict
    assert crawl.said.total() > 100
    assert rows(crawl.office) == before, "looking has changed something"


def test_hostile_methods_headers_and_bodies(crawl: Crawl) -> None:
    for rule, methods in addresses(crawl.office):
        path = filled(rule, b"1")
        for method in METHODS:
            answer = crawl.ask(method, path)
            assert method in {*methods, "HEAD", "OPTIONS"} or answer.status_code >= 300, (
                method,
                rule,
            )
    for rule, methods in addresses(crawl.office):
        method = "POST" if "POST" in methods else "GET"
        for headers in crawl.dice.sample(HEADERS, 4):
            crawl.ask(method, filled(rule, b"1"), headers=headers)
        if method == "POST":
            for content_type, body in crawl.dice.sample(BODIES, 3):
                told = {"Origin": HERE, "Content-Type": content_type}
                crawl.ask("POST", filled(rule, b"1"), data=body, headers=told)
    for headers in HEADERS:
        crawl.ask("GET", b"/sign-in", headers=headers)
    for content_type, body in BODIES:
        told = {"Origin": HERE, "Content-Type": content_type}
        crawl.ask("POST", b"/sign-in", data=body, headers=told)
    assert crawl.wrong == [], crawl.verdict


def test_hostile_words_in_every_form(crawl: Crawl) -> None:
    forms = dict(forms_of(crawl))
    for rule, methods in addresses(crawl.office):
        if "POST" not in methods or rule == "/sign-out":
            continue
        known = [form for path, form in forms.items() if posts_to(crawl.office, path) == rule]
        for form in known[:3] or [Form(filled(rule, b"1").decode(), "post")]:
            for body in fillings(crawl, form, word_of(crawl)):
                told = {"Origin": HERE, "Content-Type": "application/x-www-form-urlencoded"}
                crawl.ask("POST", form.action.encode(), data=body, headers=told)
    assert crawl.wrong == [], crawl.verdict
    assert crawl.said[200] + crawl.said[303] > MOST_OF_A_FORM, crawl.said
    assert crawl.browser.get("/account").status_code == (200 if crawl.role else 303)


def forms_of(crawl: Crawl) -> Iterator[tuple[str, Form]]:
    """Every form that changes something, by where it goes."""
    for paths in pages(crawl).values():
        for path in paths:
            for form in Page(crawl.browser.get(path).text).forms:
                if form.method == "post":
                    form.action = form.action or path
                    yield urlsplit(form.action).path, form


def posts_to(office: Office, path: str) -> str | None:
    """Return the rule that an address belongs to."""
    adapter = office.app.url_map.bind("127.0.0.1")
    try:
        rule, _ = adapter.match(path, method="POST", return_rule=True)
    except HTTPException:
        return None
    return str(rule.rule)


def word_of(crawl: Crawl) -> str:
    """What a form of ours carries for this browser."""
    crawl.browser.get("/account")
    found = Forms(crawl.browser.page).found or Forms(crawl.browser.get("/sign-in").text).found
    return found[0][1]["form_word"]


def fillings(crawl: Crawl, form: Form, word: str) -> Iterator[bytes]:
    """Yield bodies: each field in turn with something hostile, missing, or given twice."""
    fields = {**{name: values[0] for name, values in form.choices.items()}, **form.fields}
    fields = fields or dict.fromkeys(("id", "reason", "number", "name", "n"), "1")
    names = sorted(fields.keys() - {"form_word"})
    for _ in range(MOST_OF_A_FORM):
        name = crawl.dice.choice(names) if names else "x"
        value = crawl.dice.choice(TYPED)
        others = {key: given for key, given in fields.items() if key not in {name, "form_word"}}
        for gone in crawl.dice.sample(sorted(others), min(len(others), crawl.dice.randrange(2))):
            del others[gone]
        body = pair("form_word", word.encode())
        body += b"".join(b"&" + pair(key, given.encode()) for key, given in others.items())
        body += b"&" + pair(name, value)
        yield body + (b"&" + pair(name, b"2") if crawl.dice.random() < 0.2 else b"")


def pair(name: str, value: bytes) -> bytes:
    return quote_from_bytes(name.encode()).encode() + b"=" + quote_from_bytes(value).encode()


def rows(office: Office) -> dict[str, tuple[int, int]]:
    """How many rows each table has, and the newest of their changes; sessions apart."""
    names = office.world.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    kept = sorted({row.tablename for row in names} - {"console_sessions", "beats"})
    every = " UNION ALL ".join(
        f"SELECT '{name}' AS name, count(*) AS n, coalesce(max(xmin::text::bigint), 0) AS x"
        f" FROM {name}"
        for name in kept
    )
    return {row.name: (row.n, row.x) for row in office.world.rows(every.replace("::", r"\:\:"))}


def test_the_table_of_roles_is_what_was_walked(office: Office) -> None:
    """A guard on the walk itself: it reaches every page that an operator may look at."""
    browser = office.somebody(Role.OPERATOR, "crawl.all")
    reached = pages(Crawl(office, browser, Role.OPERATOR))
    may_look = {
        rule.endpoint
        for rule in office.app.url_map.iter_rules()
        if "GET" in (rule.methods or set())
        and (MAY[rule.endpoint] is None or Role.OPERATOR in MAY[rule.endpoint])
    }
    assert may_look - set(reached) <= {*APART, "room.home"}
    assert endpoint_of(office.app, "/room") == "room.glance"
