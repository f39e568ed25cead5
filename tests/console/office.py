"""The console as people use it: browsers that keep cookies, send forms as they were given, sign in."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from typing import Any

from pyotp import TOTP

from service.console.app import make_console
from service.console.secret_words import Keys
from service.console.users import add_user
from service.records.console import Role
from tests.village import World

PORT = 8002
HERE = f"http://127.0.0.1:{PORT}"
PASSWORD = "ba con troi trong xanh"
KEY = "k" * 32
COMMUNE = "01273"


class Forms(HTMLParser):
    """The forms of a page: where each goes, and the fields it carries by itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given["method"] == "get":
            return  # one that only looks: nothing of it is sent
        if tag == "form":
            assert given["method"] == "post"
            self.found.append((given["action"] or "", {}))
            self._open = True
        if tag == "input" and self._open and given.get("name"):
            self.found[-1][1][given["name"] or ""] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"


class Browser:
    """Somebody's browser."""

    def __init__(self, office: Office, address: str = "192.0.2.7") -> None:
        self.office = office
        self.client = office.app.test_client()
        self.address = address
        self.page = ""
        self.key = ""
        self.used = ""
        """The digits it signed in with last."""

    def get(self, path: str, **headers: str) -> Any:
        return self._keep(
            self.client.get(path, base_url=HERE, headers=headers, buffered=True, **self._where())
        )

    def send(self, path: str, fields: dict[str, str], **headers: str) -> Any:
        """Send a form as a browser does from one of our pages."""
        told = {"Origin": HERE, "Sec-Fetch-Site": "same-origin", **headers}
        told = {name.replace("_", "-"): value for name, value in told.items() if value}
        return self._keep(
            self.client.post(
                path, data=fields, base_url=HERE, headers=told, buffered=True, **self._where()
            )
        )

    def submit(self, action: str, **typed: str) -> Any:
        """Fill in the form of the page that goes to `action`, and send it."""
        fields = next(fields for path, fields in Forms(self.page).found if path == action)
        return self.send(action, {**fields, **typed})

    def sign_in(self, name: str, password: str = PASSWORD, digits: str = "") -> Any:
        self.used = digits
        self.get("/sign-in")
        return self.submit("/sign-in", name=name, password=password, digits=digits)

    def join(self, token: str, password: str = PASSWORD) -> Any:
        """Follow a one-time link; remember the key that it shows, as a phone does."""
        self.get(f"/join/{token}")
        found = re.search(r"secret=([A-Z2-7]+)", self.page)
        self.key = found[1] if found else ""
        typed = {"digits": self.digits()} if self.key else {}
        return self.submit(f"/join/{token}", password=password, again=password, **typed)

    def digits(self, steps: int = 0) -> str:
        return TOTP(self.key).at(int(time.time()) + 30 * steps)

    def _where(self) -> dict[str, Any]:
        return {"environ_overrides": {"REMOTE_ADDR": self.address}}

    def _keep(self, answer: Any) -> Any:
        self.page = answer.text if answer.mimetype == "text/html" else ""
        return answer


class Office:
    """The console on a test's database."""

    def __init__(self, world: World, address: str = "") -> None:
        self.world = world
        self.keys = Keys(KEY)
        self.app = make_console(world.engine, key=KEY, address=address, port=PORT)
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        self.app.extensions["lookout"].seconds = 0.0  # what a test has just done is seen at once

    def browser(self, address: str = "192.0.2.7") -> Browser:
        return Browser(self, address)

    def invite(self, name: str, role: Role) -> str:
        code = COMMUNE if role is Role.COMMUNE else None
        with self.world.engine.begin() as connection:
            return add_user(connection, self.keys, name, role, code, by="operator test")

    def somebody(self, role: Role = Role.OPERATOR, name: str = "nong.an") -> Browser:
        """A browser whose owner has followed their link and is signed in."""
        browser = self.browser()
        assert browser.join(self.invite(name, role)).status_code == 200
        self.world.do("UPDATE console_users SET totp_step = 0 WHERE name = :name", name=name)
        answer = browser.sign_in(name, digits=browser.digits() if browser.key else "")
        assert answer.status_code == 303, answer.text
        return browser

    def age_sessions(self, seen: int, began: int) -> None:
        """Let every session have been seen and begun that many minutes ago."""
        self.world.do(
            """UPDATE console_sessions SET
               seen_at = clock_timestamp() - make_interval(mins => :seen),
               began_at = clock_timestamp() - make_interval(mins => :began)""",
            seen=seen,
            began=began,
        )

    def did(self) -> list[str]:
        return [row.action for row in self.world.rows("SELECT action FROM audit ORDER BY id")]
