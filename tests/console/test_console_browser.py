"""The console in a real browser: from the link to the room, by keyboard, wide and narrow."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pyotp import TOTP
from werkzeug.serving import make_server

from service.console.app import make_console
from service.records.console import Role
from tests.chromium import launched
from tests.console.office import KEY, PASSWORD, Office
from tests.village import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """The console over http on this machine."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    server.app = make_console(world.engine, key=KEY, address="", port=server.port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[1280, 390])
def page(chromium: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page whose troubles and outside requests fail the test; scripts are off."""
    size = {"width": request.param, "height": 800}
    context = chromium.new_context(viewport=size, java_script_enabled=False, base_url=address)
    page = context.new_page()
    troubles, asked = [], []
    page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
    page.on("request", lambda told: asked.append(told.url))
    yield page
    context.close()
    assert troubles == []
    assert all(url.startswith(address) for url in asked)


def fits(page: Page) -> bool:
    """Say whether nothing sticks out of the window to the right."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    boxes = [box for part in page.locator("main *").all() if (box := part.bounding_box())]
    assert boxes
    return all(box["x"] + box["width"] <= width for box in boxes)


def test_from_the_link_to_the_room(page: Page, office: Office) -> None:
    page.goto(f"/join/{office.invite('nong.an', Role.OPERATOR)}")
    assert fits(page)
    found = re.search(r"secret=([A-Z2-7]+)", page.content())
    assert found
    phone = TOTP(found[1])
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    page.get_by_label("Gõ lại mật khẩu").fill(PASSWORD)
    page.get_by_label("Mã 6 số đang hiện").fill(phone.now())
    page.get_by_role("button", name="Lưu").click()
    assert page.get_by_role("heading", name="Mã dự phòng").is_visible()
    assert fits(page)
    page.get_by_role("link", name="Đăng nhập").click()
    assert fits(page)
    page.get_by_label("Tên đăng nhập").fill("nong.an")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_label("Mã 6 số").fill(phone.at(int(time.time()) + 30))
    page.keyboard.press("Enter")
    page.wait_for_url("**/room")
    assert page.get_by_role("row").count() == 4
    assert fits(page)
    page.keyboard.press("Tab")
    assert page.get_by_role("link", name="Đến nội dung chính").bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.get_by_role("link", name="Tài khoản").click()
    assert fits(page)
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", name="Change the password").is_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.goto("/room")
    assert page.url.endswith("/sign-in")
