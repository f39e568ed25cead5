"""What holds for every page there is, walked by the application's own list of routes. ASVS 5.0."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import argon2.low_level
import pytest
from sqlalchemy import event

from service.console.passwords import LONGEST, SHORTEST, fault_of
from service.logs import start_logging
from service.records.console import Role
from tests.console.office import PASSWORD, Browser, Office
from tests.console.test_console_roles import DECLARED, FILLED
from tests.house.source import ROOT
from tests.village import LEADER, NEIGHBOUR, World
from tests.village_work.classes import training
from tests.village_work.words import ask

SEEN = "UPDATE console_sessions SET seen_at"
"""That a session was used: no effect of the page."""


def pages(office: Office) -> list[str]:
    """Every address that is only looked at, its parts filled with something that is there."""
    found = []
    for rule, method in DECLARED:
        if method == "GET":
            path = rule
            for part, value in FILLED.items():
                path = path.replace(part, value)
            found.append(re.sub(r"<int:\w+>", "1", re.sub(r"<\w+>", "x", path)))
    return sorted(set(found))


@pytest.fixture
def busy(office: Office) -> Office:
    """The console of a village in which something goes on."""
    ask(office.world.phone(NEIGHBOUR))
    training(office.world, 12)
    office.world.phone(LEADER).text("NV 1")
    return office


def test_every_answer_to_anybody_carries_the_safe_headers(busy: Office) -> None:
    for browser in (busy.browser(), busy.somebody(Role.OPERATOR)):
        for path in pages(busy):
            told = browser.get(path).headers
            policy = told["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'"), path
            assert "unsafe" not in policy, path
            assert "*" not in policy, path
            assert told["X-Content-Type-Options"] == "nosniff", path
            assert told["X-Frame-Options"] == "DENY", path
            assert told["Referrer-Policy"] == "same-origin", path
            kept = "max-age=3600" if path.startswith("/static/") else "no-store"
            assert kept in told["Cache-Control"], path


def test_no_page_needs_what_the_policy_forbids(busy: Office) -> None:
    browser = busy.somebody(Role.OPERATOR)
    for path in pages(busy):
        answer = browser.get(path)
        if answer.mimetype == "text/html":
            assert not re.search(
                r"<script(?![^>]* src=\"/static/)|<style|\sstyle=|\son[a-z]+=|(src|href|action)=\"(https?:)?//",
                answer.text,
            ), path


@pytest.mark.parametrize("role", list(Role))
def test_no_page_that_is_only_looked_at_changes_anything(busy: Office, role: Role) -> None:
    browser = busy.somebody(role)
    busy.age_sessions(seen=2, began=2)
    wrote: list[str] = []

    def note(*told: Any) -> None:
        statement = told[2].strip()
        if re.search(r"\b(INSERT|UPDATE|DELETE|TRUNCATE|MERGE)\b", statement) and not (
            statement.startswith(SEEN)
        ):
            wrote.append(statement)

    event.listen(busy.world.engine, "before_cursor_execute", note)
    try:
        for path in pages(busy):
            browser.get(path)
    finally:
        event.remove(busy.world.engine, "before_cursor_execute", note)
    assert wrote == []


def test_no_page_shows_a_number_or_a_secret(busy: Office) -> None:
    browser = busy.somebody(Role.OPERATOR)
    token = browser.client.get_cookie("__Host-caunoi-session", domain="127.0.0.1")
    assert token is not None
    numbers = [row.msisdn for row in busy.world.rows("SELECT msisdn FROM phones")]
    assert len(numbers) > 5
    hidden = {PASSWORD, token.value, browser.key, busy.keys.key, *numbers}
    hidden |= {f"0{number[3:]}" for number in numbers}
    for path in pages(busy):
        shown = browser.get(path).text
        assert not [secret for secret in hidden if secret in shown], path


def test_nobody_has_an_account_at_first(world: World) -> None:
    assert world.rows("SELECT name FROM console_users") == []


def test_no_page_is_for_finding_faults(office: Office) -> None:
    assert office.app.debug is False
    assert office.app.testing is False
    for path in ("/console", "/debug", "/__debugger__", "/?__debugger__=yes&cmd=resource"):
        assert office.browser().get(path).status_code in {303, 404}, path


def test_an_error_of_ours_says_nothing_of_what_went_wrong(office: Office) -> None:
    def fails() -> None:
        raise ValueError("the secret of the house")

    office.app.view_functions["account.show"] = fails
    answer = office.somebody(Role.VIEWER).get("/account")
    assert answer.status_code == 500
    assert "Có lỗi phía chúng tôi" in answer.text
    assert "secret of the house" not in answer.text
    assert "Traceback" not in answer.text


def test_an_unknown_name_costs_as_much_as_a_known_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One argon2id hash with the same cost each, counted rather than timed."""
    office.somebody(Role.VIEWER)
    made: list[str] = []
    for name in ("hash_secret", "verify_secret"):
        real = getattr(argon2.low_level, name)

        def counted(*given: Any, real: Any = real, name: str = name, **more: Any) -> Any:
            made.append(name)
            return real(*given, **more)

        monkeypatch.setattr(argon2.low_level, name, counted)
    costs = []
    for who, password in (
        ("nong.an", "a wrong password"), ("nobody.here", "a wrong password"),
        ("nong.an", "x" * (LONGEST + 1)), ("", ""),
    ):  # fmt: skip
        made.clear()
        office.browser().sign_in(who, password)
        costs.append(len(made))
    assert costs == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "password",
    [
        "chi toan chu thuong thoi", "ê a ế ạ ọ ự ỷ", "con trâu 🐃 trên đồi",
        "x1y2 z3w4 " * 7, "x1y2 z3w4 " * 20,
    ],
)  # fmt: skip
def test_long_and_plain_passwords_are_taken(password: str) -> None:
    """No rule about kinds of signs; spaces, marks and 64 signs and more are welcome (6.2)."""
    assert SHORTEST <= len(password) <= LONGEST
    assert fault_of(password, "nong.an") is None


def test_who_needs_six_digits_does_not_get_in_without(office: Office) -> None:
    for role, name in ((Role.OPERATOR, "nong.an"), (Role.PROVINCE, "ma.binh")):
        browser = office.browser()
        browser.join(office.invite(name, role))
        office.world.do("UPDATE console_users SET totp_step = 0")
        for digits in ("", "000000", browser.digits(-4), browser.digits(4)):
            answer = office.browser().sign_in(name, digits=digits)
            assert answer.status_code in {200, 429}
        office.world.do("TRUNCATE sign_in_tries")
        assert office.browser().sign_in(name, digits=browser.digits()).status_code == 303


def test_logs_of_a_day_hold_no_secret(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    heard = io.StringIO()
    listening = logging.StreamHandler(heard)
    try:
        start_logging("DEBUG")
        listening.setFormatter(root.handlers[-1].formatter)
        root.addHandler(listening)
        browser = _a_day(office)
        office.world.do("ALTER TABLE console_sessions RENAME TO away")
        browser.get("/account")
    finally:
        office.world.do("ALTER TABLE IF EXISTS away RENAME TO console_sessions")
        root.handlers[:] = handlers
        root.setLevel(level)
    said = heard.getvalue() + "".join(capsys.readouterr())
    assert "console_database" in said, "something was logged"
    token = browser.client.get_cookie("__Host-caunoi-session", domain="127.0.0.1")
    assert token is not None
    for secret in (PASSWORD, "a wrong password", token.value, browser.key, office.keys.key):
        assert secret not in said


def _a_day(office: Office) -> Browser:
    browser = office.somebody(Role.OPERATOR)
    office.browser().sign_in("nong.an", "a wrong password", browser.digits())
    browser.get("/account")
    browser.submit("/account/password", old="a wrong password", password=PASSWORD, again=PASSWORD)
    for path in pages(office):
        browser.get(path)
    return browser


def test_the_document_names_tests_that_there_are() -> None:
    written = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [row.split("|")[3] for row in written.splitlines() if row.startswith("| ")][1:]
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    named = {name.rstrip("…") for row in rows for name in re.findall(r"`([\w…]+)`", row)}
    named = {name for name in named if not name.startswith("test_") and name != "_audit"}
    assert len(named) > 25
    assert {name for name in named if f"def test_{name}" not in tests} == set()
