"""Somebody who uses the console over HTTP: keeps cookies, follows a link, signs in, sends forms."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from pyotp import TOTP

PASSWORD = "ba con troi trong xanh"
PATIENCE = 30.0
SECRET = re.compile(r"secret=([A-Z2-7]+)")
LINKED = {"a": "href", "link": "href", "script": "src", "img": "src", "source": "src"}


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes and what it carries by itself."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Of each list, and each row of buttons, the values there are."""
    typed: dict[str, str] = field(default_factory=dict)
    """Fields that people type into, each with its kind: text, date, number."""


class Page(HTMLParser):
    """What is on a page for somebody who acts on it: links, files and forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.files: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Gather one element."""
        given = {name: value or "" for name, value in attrs}
        where = given.get(LINKED.get(tag, ""), "")
        if where:
            (self.links if tag == "a" else self.files).append(where)
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._gather(self._form, tag, given)

    def handle_endtag(self, tag: str) -> None:
        """Leave a form."""
        if tag == "form":
            self._form = None

    def _gather(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option":
            form.choices.setdefault(self._select, []).append(value)
            if "selected" in given or self._select not in form.fields:
                form.fields[self._select] = value
        elif name and (tag == "button" or given.get("type") in {"radio", "checkbox"}):
            form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.fields[name] = value
        elif name and tag in {"input", "textarea"}:
            form.fields[name] = value
            if given.get("type", "text") != "hidden":
                form.typed[name] = given.get("type", "text")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many seconds it took."""

    status: int
    body: bytes
    location: str
    seconds: float

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def page(self) -> Page:
        """What is on it."""
        return Page(self.text)


class VisitorError(Exception):
    """The console did not let somebody in who should get in."""


class Visitor:
    """One browser on one connection; `shift` is how far the database's clock is off ours."""

    def __init__(self, port: int, shift: timedelta = timedelta()) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._shift = shift
        self._cookies: dict[str, str] = {}
        self._phone: TOTP | None = None

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send fields as a form of our own pages does."""
        told = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        return self._ask("POST", path, urlencode(fields), told)

    def submit(self, page: Answer, action: str, **typed: str) -> Answer:
        """Fill in the form of a page whose address begins with `action`, and send it."""
        for form in page.page.forms:
            if form.action.startswith(action) and form.method == "post":
                return self.post(form.action, {**form.fields, **typed})
        raise VisitorError(f"there is no form to {action}")

    def join(self, path: str) -> None:
        """Follow a one-time link: choose a password, keep the phone's key where one is shown."""
        page = self.get(path)
        found = SECRET.search(page.text)
        self._phone = TOTP(found[1]) if found else None
        done = self.submit(
            page, path, password=PASSWORD, again=PASSWORD, digits=self.digits(steps=0)
        )
        if done.status != 200 or 'name="again"' in done.text:
            raise VisitorError(f"the link was of no use: {done.status}")

    def sign_in(self, name: str) -> None:
        """Sign in; the digits are those of the next half minute, for each are good once."""
        page = self.get("/sign-in")
        digits = self.digits(steps=1)
        done = self.submit(page, "/sign-in", name=name, password=PASSWORD, digits=digits)
        if done.status != 303:
            raise VisitorError(f"{name} was not let in: {done.status}")

    def digits(self, steps: int = 0) -> str:
        """Return what the phone shows, so many half minutes from now; nothing without a key."""
        if self._phone is None:
            return ""
        return self._phone.at(int(time.time() + self._shift.total_seconds()) + 30 * steps)

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies this browser holds."""
        return dict(self._cookies)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _ask(self, method: str, path: str, body: str | None, told: Mapping[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {**told, "Cookie": cookies} if cookies else dict(told)
        began = time.perf_counter()
        try:
            self._line.request(method, path, body, headers)
            answer = self._line.getresponse()
        except (HTTPException, OSError):
            self._line.close()  # it was let go while idle, or its process ended: once more
            self._line.request(method, path, body, headers)
            answer = self._line.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - began
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self._keep(cookie)
        return Answer(answer.status, content, answer.headers.get("Location", ""), seconds)

    def _keep(self, cookie: str) -> None:
        name, _, value = cookie.partition(";")[0].partition("=")
        if "Max-Age=0" in cookie or not value.strip('"'):
            self._cookies.pop(name, None)
        else:
            self._cookies[name] = value
