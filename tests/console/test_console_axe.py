"""axe-core finds no serious fault of accessibility on any page: full and empty, wide and narrow.

Pages are found by walking. Scripts of the page run; the rule about scripts from elsewhere is off in
this browser alone, for axe itself is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.console_walk import walk
from service.console.frame import SESSION_COOKIE
from service.records.console import Role
from tests.chromium import launched
from tests.console.full import keep_awake, samples
from tests.console.office import PASSWORD, Browser, Office
from tests.console.serving import lend_session, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[1] / "axe" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = ({"width": 1280, "height": 800}, {"width": 390, "height": 800})
BAD = {"serious", "critical"}
RUN = "() => axe.run(document, {resultTypes: ['violations'], elementRef: false})"
OF_A_PAGE = 2
"""Addresses of one page: plain, and one of its filtered, further or empty ones."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    if not AXE.exists():
        pytest.skip("NO TESTS OF ACCESSIBILITY: axe-core is not installed; sh tests/install-axe.sh")
    with launched() as browser:
        yield browser


def visit(chromium: Chromium, address: str, somebody: Browser | None) -> Page:
    """A window of somebody's, in which axe may run."""
    context = chromium.new_context(base_url=address, bypass_csp=True, viewport=SIZES[0])
    if somebody is not None:
        lend_session(somebody, context, address)
    return context.new_page()


def judged(page: Page, sizes: tuple[Any, ...] = SIZES) -> list[str]:
    """Every serious fault of what the window shows, at each size."""
    found = []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for size in sizes:
        page.set_viewport_size(size)
        for fault in page.evaluate(RUN)["violations"]:
            if fault["impact"] in BAD:
                where = "; ".join(node["html"][:160] for node in fault["nodes"][:3])
                found.append(
                    f"{page.url} at {size['width']}: {fault['id']}, {fault['help']}: {where}"
                )
    return found


def skeleton(html: str) -> str:
    """A page without its words: what two roles see is looked at once where only those differ."""
    return " ".join(dict.fromkeys(re.findall(r"<[a-z0-9]+(?: class=\"[^\"]*\")?", html)))


def addresses(office: Office, somebody: Browser, seen: set[tuple[str, str]]) -> Iterator[str]:
    """The addresses of every page that somebody may look at and nobody has looked at yet."""
    shown: dict[str, str] = {}

    def get(path: str) -> tuple[int, str]:
        answer = somebody.get(path)
        shown[path] = answer.text if answer.mimetype == "text/html" else ""
        return answer.status_code, shown[path]

    for endpoint, paths in walk(office.app, get, samples(office)).pages.items():
        for path in [paths[0], *paths[1:][-OF_A_PAGE + 1 :]]:
            shape = (endpoint, skeleton(shown[path]))
            if shown[path] and shape not in seen:
                seen.add(shape)
                yield path


def test_pages_with_a_year_behind_them(chromium: Chromium, full_office: Office) -> None:
    wrong: list[str] = []
    seen: set[tuple[str, str]] = set()
    with served(full_office) as address:
        for role in Role:
            somebody = full_office.somebody(role, f"axe.{role}")
            keep_awake(full_office)
            page = visit(chromium, address, somebody)
            for path in addresses(full_office, somebody, seen):
                page.goto(path)
                assert page.url == address + path, "not let in"
                wrong += judged(page)
            page.goto("/nowhere")
            wrong += judged(page, SIZES[:1])
            page.context.close()
    assert seen
    assert wrong == []


def test_pages_with_nothing_on_them(chromium: Chromium, office: Office) -> None:
    somebody, wrong = office.somebody(Role.OPERATOR), []
    with served(office) as address:
        page = visit(chromium, address, somebody)
        for path in addresses(office, somebody, set()):
            page.goto(f"{path}{'&' if '?' in path else '?'}lang=en")
            wrong += judged(page, SIZES[:1])
        page.context.close()
    assert wrong == []


def test_pages_before_the_console(chromium: Chromium, office: Office) -> None:
    link, wrong = f"/join/{office.invite('nong.an', Role.VIEWER)}", []
    operators = f"/join/{office.invite('ma.binh', Role.OPERATOR)}"
    with served(office) as address:
        page = visit(chromium, address, None)
        for path in ("/sign-in", "/join/gone", operators, link):
            page.goto(path)
            wrong += judged(page)
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=again]", PASSWORD + "!")
        page.click("main button")  # they differ: the fault is said
        wrong += judged(page, SIZES[:1])
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=again]", PASSWORD)
        page.click("main button")
        wrong += judged(page, SIZES[:1])
        page.goto("/sign-in")
        page.fill("[name=name]", "nong.an")
        page.fill("[name=password]", "wrong password")
        page.click("main button")
        wrong += judged(page, SIZES[:1])
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        assert [c["name"] for c in page.context.cookies() if c["name"] == SESSION_COOKIE]
        assert wrong == []
        page.set_content("<main><img src='/static/icon.svg'><input></main>")
        assert len(judged(page, SIZES[:1])) >= 2, "axe says nothing of what is wrong"
        page.context.close()
