"""What an operator does most, in a real browser, on the whole service from a clean folder.

With scripts and without, wide and narrow. No page may complain to the browser's console, ask
anybody else for anything, or stick out to the right.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, text

from bench.console_visitor import PASSWORD, Visitor
from chaos.carrier import Carrier
from chaos.plan import Plan
from chaos.room_faults import CARRIER, take_again
from chaos.room_people import join
from chaos.stage import Stage
from service.console.words import read_words
from service.ops.room_facts import State
from service.ops.room_words import STATES
from service.outbox.alarms import raise_alarm
from service.outbox.put import Message, put
from service.records.engine import make_engine
from service.records.messages import MessageClass
from service.records.unit import Units
from service.text.phones import Msisdn
from tests.chromium import launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SAYS = read_words()["vi"]
NAME = "nong.an"
REFUSED = "không nhận tên và khóa"
PATIENCE = 60.0
WINDOWS = {
    "wide": (1280, True), "narrow without scripts": (390, False),
}  # fmt: skip
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass
class Service:
    """The running service, and what a test brings about beside the pages."""

    stage: Stage
    engine: Engine
    operator: Visitor
    """Whose phone shows the six digits."""

    @property
    def carrier(self) -> Carrier:
        return Carrier(self.stage.phones)

    def one(self, sql: str, **values: Any) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(text(sql), values).scalar_one()

    def do(self, sql: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(sql), values)

    def write(self, count: int) -> None:
        """Let the service have so many messages to send, each to a number of its own."""
        with Units(self.engine, lambda _lane: None).open() as unit:
            for n in range(count):
                number = Msisdn(f"+8490000{2000 + n}")
                key = f"task:{time.time_ns()}"
                put(unit, Message(key, MessageClass.REPLY, number, f"Tin cua thon {n}"))

    def wait(self, sql: str, what: str) -> None:
        self.stage.wait(lambda: bool(self.one(sql)), PATIENCE, what)

    def all_sent(self) -> None:
        self.wait(
            "SELECT NOT EXISTS (SELECT FROM messages_out"
            " WHERE state NOT IN ('delivered', 'failed'))",
            "everything to be delivered",
        )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def service(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`caunoi up` in an empty folder, and an operator made by `caunoi users add`."""
    folder = tmp_path_factory.mktemp("tasks")
    for part in (folder, *folder.parents[:2]):
        part.chmod(0o711)  # PostgreSQL's user must pass
    with Stage(folder, Plan(extra_workers=(), threads=8)) as stage:
        engine = make_engine(
            stage.postgres.plain_url, name="test", pool_size=2, statement_seconds=30
        )
        operator = join(stage, NAME)
        yield Service(stage, engine, operator)
        operator.close()
        engine.dispose()


@dataclass
class Window:
    """A browser's window, and what it must not have met."""

    page: Page
    has_scripts: bool
    troubles: list[str]
    asked: list[str]

    def look(self) -> Page:
        """Return the page as it stands, which must not be wider than the window."""
        self.page.wait_for_load_state()
        assert not self.page.evaluate(WIDER), f"{self.page.url} sticks out to the right"
        return self.page

    def go(self, link: str) -> Page:
        """Follow a link of the page to an address."""
        self.page.locator(f'a[href="{link}"]').first.click()
        self.page.wait_for_url(f"**{link}")
        return self.look()

    def press(self, form: str = "main form") -> Page:
        """Press the button of a form."""
        self.page.locator(f"{form} button").last.click()
        return self.look()


@pytest.fixture(scope="module", params=WINDOWS.values(), ids=list(WINDOWS))
def signed_in(
    chromium: Browser, service: Service, request: pytest.FixtureRequest
) -> Iterator[Window]:
    """A window in which the operator has signed in."""
    width, has_scripts = request.param
    address = f"http://127.0.0.1:{service.stage.console_port}"
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=has_scripts,
        base_url=address,
    )
    window = Window(context.new_page(), has_scripts, [], [])
    window.page.on(
        "console", lambda said: said.type == "error" and window.troubles.append(said.text)
    )
    window.page.on("pageerror", lambda error: window.troubles.append(str(error)))
    window.page.on("request", lambda asked: window.asked.append(asked.url))
    service.do("UPDATE console_users SET totp_step = 0; DELETE FROM sign_in_tries")
    window.page.goto("/")
    window.page.get_by_label(SAYS("sign_in.name")).fill(NAME)
    window.page.get_by_label(SAYS("sign_in.password")).fill(PASSWORD)
    window.page.get_by_label(SAYS("sign_in.digits")).fill(service.operator.digits())
    window.page.keyboard.press("Enter")
    window.page.wait_for_url("**/room")
    yield window
    context.close()


@pytest.fixture
def window(signed_in: Window, service: Service) -> Iterator[Window]:
    """The window, at the room; whatever it meets during a test is the test's."""
    signed_in.page.goto("/room")
    signed_in.look()
    yield signed_in
    address = f"http://127.0.0.1:{service.stage.console_port}/"
    troubles, asked = list(signed_in.troubles), list(signed_in.asked)
    signed_in.troubles.clear()
    signed_in.asked.clear()
    assert troubles == []
    assert all(url.startswith(address) for url in asked)


@pytest.fixture
def refusing(service: Service) -> Iterator[Callable[[], None]]:
    """A carrier that refuses our key, with messages waiting; in the end it takes them again."""

    def refuse() -> None:
        service.carrier.meet(
            {"place": "send", "share": 1.0, "kind": "error", "when": "before", "code": 401}
        )
        service.write(6)
        service.wait("SELECT EXISTS (SELECT FROM carrier_pauses)", "the carrier to be paused")

    yield refuse
    service.carrier.calm()
    take_again(service.stage)
    service.do("UPDATE messages_out SET due_at = clock_timestamp() WHERE state = 'queued'")
    service.all_sent()


def test_signing_in(window: Window) -> None:
    page = window.page
    assert page.get_by_role("heading", level=1).count() == 1
    page.keyboard.press("Tab")
    assert page.get_by_role("link", name=SAYS("skip")).bounding_box()["y"] >= 0  # type: ignore[index]
    assert page.locator("nav [aria-current=page]").count() == 1


def test_seeing_a_stuck_lane(
    window: Window, service: Service, refusing: Callable[[], None]
) -> None:
    refusing()
    lane = window.page.get_by_role("row").filter(has_text=SAYS("lane.reply")).first

    def is_stuck() -> bool:
        window.page.goto("/room")
        return STATES["vi"][State.STUCK] in lane.inner_text().lower()

    service.stage.wait(is_stuck, 20, "the room to tell")
    main = window.look().locator("main")
    assert REFUSED in main.locator(".headline").inner_text()
    if window.has_scripts:  # the page looks again by itself
        service.carrier.calm()
        take_again(service.stage)
        service.all_sent()
        service.stage.wait(
            lambda: REFUSED not in main.locator(".headline").inner_text(), 40, "the page to look"
        )


def test_finding_a_message_by_its_number(window: Window, service: Service) -> None:
    service.write(1)
    service.all_sent()
    window.go("/find")
    window.page.locator("main input:not([type=hidden])").first.fill("0900 002 000")
    page = window.press()
    assert "900002000" not in page.url
    said = page.locator("main").inner_text()
    assert SAYS("message.delivered").lower() in said.lower()
    assert "0900002000" not in said.replace(" ", ""), "shown before it was asked for"


def test_sending_a_failed_group_again(window: Window, service: Service) -> None:
    service.write(3)
    service.all_sent()
    before = service.one("SELECT count(*) FROM messages_out WHERE state = 'delivered'")
    service.do(
        """UPDATE messages_out SET state = 'failed', code = 'carrier_busy', report_rank = 0,
                  changed_at = clock_timestamp()
           WHERE id IN (SELECT id FROM messages_out WHERE state = 'delivered'
                        ORDER BY id DESC LIMIT 3)"""
    )
    window.go("/todo")
    window.page.locator('a[href^="/todo/resend/failed/"]').first.click()
    asked = window.look().get_by_role("heading", level=1).inner_text()
    assert asked == SAYS("ask.resend", n=3)
    said = window.press().get_by_role("status").first.inner_text()
    assert said == SAYS("did.todo_resend", n=3)
    service.wait(
        f"SELECT count(*) >= {before} FROM messages_out WHERE state = 'delivered'",
        "the three to arrive after all",
    )


def test_pausing_a_carrier_and_going_on(window: Window, service: Service) -> None:
    window.go("/brakes")
    window.go(f"/brakes/carrier/{CARRIER}")
    window.page.get_by_label(SAYS("ask_reason")).fill("thử tạm dừng")
    said = window.press().get_by_role("status").first.inner_text()
    assert said == SAYS("did.carrier_paused")
    service.write(1)
    time.sleep(3)
    assert service.one("SELECT count(*) FROM messages_out WHERE state = 'queued'") == 1
    window.page.goto("/room")
    assert NAME in window.look().locator("main").inner_text(), "the room names who paused it"
    window.page.goto("/brakes")
    window.go(f"/brakes/carrier/{CARRIER}")
    assert window.press().get_by_role("status").first.inner_text() == SAYS("did.carrier_opened")
    service.all_sent()


def test_acknowledging_an_alarm(window: Window, service: Service) -> None:
    about = f"person {time.time_ns()}"
    with service.engine.begin() as connection:
        raise_alarm(connection, "pin_shut", about)
    window.go("/alarms")
    alarm = service.one("SELECT id FROM alarms WHERE about = :about", about=about)
    page = window.press(f'form[action="/alarms/{alarm}/acknowledge"]')
    assert page.get_by_role("status").first.inner_text() == SAYS("did.acknowledged")
    by = "SELECT acknowledged_by FROM alarms WHERE id = :id"
    assert service.one(by, id=alarm) == NAME
    assert page.locator(f'form[action="/alarms/{alarm}/acknowledge"]').count() == 0
