"""`caunoi users`, as whoever runs the service types it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command import Command
from tests.console.office import COMMUNE, KEY, PASSWORD, Office
from tests.village import World


class Users(Command):
    group = "users"


@pytest.fixture
def users(world: World, database_url: str, tmp_path: Path) -> Users:
    command = Users(database_url, tmp_path)
    command._environment |= {"SECRET_KEY": KEY, "CONSOLE_URL": "https://truc.example/"}
    return command


def test_the_first_run(users: Users, office: Office) -> None:
    assert "There is nobody yet" in users("list")[1]
    code, said, fault = users("add", "Nong.An", "--role", "operator", "--by", "Test")
    assert (code, fault) == (0, "")
    found = re.search(r"^https://truc\.example/join/(\S{43})$", said, re.MULTILINE)
    assert found
    assert "nong.an" in users("list")[1]
    assert "link not used yet" in users("list")[1]
    browser = office.browser()
    browser.join(found[1])
    assert browser.sign_in("nong.an", PASSWORD, browser.digits(1)).status_code == 303
    assert re.search(r"nong\.an +operator +everywhere: may sign in, last seen 20", users("list")[1])


def test_what_cannot_be_is_one_sentence(users: Users) -> None:
    by = ("--by", "Test")
    for words, said in (
        (("add", "An Nông", "--role", "viewer", *by), "letters a-z"),
        (("add", "nong.an", "--role", "commune", *by), "needs --commune"),
        (("add", "nong.an", "--role", "commune", "--commune", "99999", *by), "no commune 99999"),
        (
            ("add", "nong.an", "--role", "operator", "--commune", COMMUNE, *by),
            "leave --commune out",
        ),
        (("add", "nong.an", "--role", "province", "--commune", COMMUNE, *by), "no --commune"),
        (("add", "nong.an", "--role", "viewer", "--province", "04", *by), "--role province"),
        (("disable", "nong.an", *by), "no user nong.an"),
        (("reset", "nong.an", *by), "no user nong.an"),
        (("end-sessions", "nong.an", *by), "no user nong.an"),
        (("add", "nong.an", "--role", "viewer", "--by", " "), "say who decides"),
    ):
        code, _, fault = users(*words)
        assert code != 0
        assert said in fault
        assert "Traceback" not in fault
    assert users("add", "ma.binh", "--role", "commune", "--commune", COMMUNE, *by)[0] == 0
    assert "There is a user ma.binh already" in users("add", "ma.binh", "--role", "viewer", *by)[2]
    assert users("add", "be.chi", "--role", "province", *by)[0] == 0
    assert "Cao Bằng" in users("list")[1]


def test_ending_and_renewing(users: Users, office: Office) -> None:
    browser = office.somebody()
    assert users("end-sessions", "nong.an", "--by", "Test")[1] == "1 session ended.\n"
    assert browser.get("/account").status_code == 303
    assert "cannot sign in" in users("disable", "nong.an", "--by", "Test")[1]
    assert "disabled" in users("list")[1]
    code, said, _ = users("reset", "nong.an", "--by", "Test")
    assert code == 0
    assert "/join/" in said
    assert "link not used yet" in users("list")[1]
    assert [did for did in office.did() if did.startswith("console")] == [
        "console_user_added", "console_password_set", "console_sessions_ended",
        "console_user_disabled", "console_user_reset",
    ]  # fmt: skip
