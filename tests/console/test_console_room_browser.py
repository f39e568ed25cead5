"""The room in a real browser: it looks again by itself, says when it cannot, and fits every width."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from service.console.app import make_console
from service.ops.pulse import take_pulse
from service.ops.pulse_series import ALL
from service.records.console import Role
from tests.chromium import launched
from tests.console.office import KEY, Office
from tests.ops.room_kit import Watched
from tests.village import TimedWorld

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser
STICKS_OUT = """
    () => [...document.querySelectorAll('main *')]
        .filter((part) => part.checkVisibility() && !part.closest('.spoken, .lanes thead'))
        .filter((part) => part.getBoundingClientRect().right > innerWidth + 0.5)
        .map((part) => part.outerHTML.slice(0, 80))
"""
"""What is seen and reaches beyond the window; asked at once, since a table has a thousand cells."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def room(timed: TimedWorld) -> Watched:
    watched = Watched(timed)
    watched.everybody_works()
    return watched


@pytest.fixture
def address(room: Watched) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    server.app = make_console(room.world.engine, key=KEY, address="", port=server.port)
    server.app.extensions["lookout"].seconds = 0.0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def signed_in(chromium: Browser, address: str, room: Watched, *, scripts: bool) -> BrowserContext:
    """A browser that has the cookie of somebody signed in."""
    browser = Office(room.world).somebody(Role.VIEWER)
    name = "__Host-caunoi-session"
    cookie = browser.client.get_cookie(name, domain="127.0.0.1")
    assert cookie is not None
    context = chromium.new_context(base_url=address, java_script_enabled=scripts)
    context.add_cookies(
        [{"name": name, "value": cookie.value, "url": address.replace("http:", "https:"),
          "secure": True}]
    )  # fmt: skip
    return context


@pytest.fixture
def page(chromium: Browser, address: str, room: Watched) -> Iterator[Page]:
    """The room, in a browser whose clock the test turns."""
    context = signed_in(chromium, address, room, scripts=True)
    page = context.new_page()
    page.clock.install()
    outside: list[str] = []
    page.on("request", lambda told: outside.append(told.url))
    page.goto("/room")
    yield page
    context.close()
    assert all(url.startswith(address) for url in outside)


def look_again(page: Page) -> None:
    """Let ten seconds pass for the page, and its answer come."""
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        page.clock.run_for(10_500)
    page.wait_for_timeout(150)


def test_it_looks_again_and_keeps_where_one_was(page: Page, room: Watched) -> None:
    assert page.get_by_role("heading", level=1).inner_text() == "Mọi thứ đang chạy bình thường"
    page.locator("#again").focus()
    room.world.do(
        "INSERT INTO switches (name, is_on, reason, changed_by)"
        " VALUES ('sending', false, 'thử', 'An')"
    )
    room.put()
    look_again(page)
    assert page.get_by_role("heading", level=1).inner_text().startswith("Kẹt từ")
    assert page.locator("#heard").inner_text().startswith("Kẹt từ"), "said aloud, once"
    assert page.title().startswith("Kẹt từ")
    assert page.evaluate("document.activeElement.id") == "again"
    assert page.locator("#poll").is_hidden()


def test_it_says_since_when_it_has_no_connection_and_takes_it_up_again(
    page: Page, room: Watched
) -> None:
    page.route("**/room", lambda route: route.abort())
    page.clock.run_for(10_500)
    page.wait_for_selector("#poll:not([hidden])")
    assert re.fullmatch(
        r"Không có kết nối từ 09:0\d\. Dưới đây là lúc đó\.", page.locator("#poll").inner_text()
    )
    assert page.locator(".lanes").is_visible()
    page.unroute("**/room")
    look_again(page)
    assert page.locator("#poll").is_hidden()


def test_whoever_is_signed_out_is_led_to_the_sign_in(page: Page, room: Watched) -> None:
    room.world.do("DELETE FROM console_sessions")
    with page.expect_navigation(url="**/sign-in"):
        page.clock.run_for(10_500)
    assert page.get_by_role("heading", name="Đăng nhập").is_visible()


def test_a_tab_that_is_hidden_does_not_ask(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda told: told.resource_type == "fetch" and asked.append(told.url))
    hide = "Object.defineProperty(document, 'hidden', {get: () => %s, configurable: true});"
    hide += "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hide % "true")
    page.clock.run_for(60_000)
    assert asked == []
    with page.expect_response("**/room"):
        page.evaluate(hide % "false")


@pytest.mark.parametrize("width", [1280, 390])
def test_room_curves_and_wall_fit_and_their_tables_open_without_scripts(
    chromium: Browser, address: str, room: Watched, width: int
) -> None:
    room.world.do(
        """INSERT INTO pulses (span, series, at, value)
           SELECT 'minute', series, at, 1234567.8 FROM unnest(CAST(:series AS text[])) AS series,
           generate_series(date_trunc('minute', clock_timestamp()) - interval '1 day',
                           clock_timestamp(), '1 minute') AS at""",
        series=list(ALL),
    )
    room.world.do("INSERT INTO alarms (name, about) VALUES ('pin_shut', 'person 4')")
    room.put(1234)
    take_pulse(room.world.engine)
    context = signed_in(chromium, address, room, scripts=False)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/room", "/curves", "/curves?span=day", "/wall"):
        page.goto(path)
        assert page.locator("h1").is_visible()
        assert page.evaluate(STICKS_OUT) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto("/curves?span=day")
    page.get_by_text("Bảng số").first.click()
    assert page.get_by_role("table").first.get_by_role("row").count() == 49
    assert page.evaluate(STICKS_OUT) == []
    context.close()
