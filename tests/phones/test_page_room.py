"""What a handset shows fits its screen, on every size of page; where it does not, a sign says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from browsing import open_page, phone, press, shows
from gateway_recorder import says
from phones_world import LEADER, VILLAGER, run
from playwright.sync_api import expect

from service.dialogue.model import State
from service.menus import read_menus
from service.phones.options import parse_cast

pytestmark = pytest.mark.browser
SIZES = [(1280, 900), (390, 800), (360, 640)]
NOTE = "Mã xóm 00018 Cốc Phia"
DIALOGUE = read_menus().dialogue
LONGEST = DIALOGUE.renderer.page(
    DIALOGUE.menu.screens["root"], State("root", "vi"), {"member": "yes"}
)


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def page(request, browser, options, gateway):
    gateway.answer = lambda told: says(f"CON {LONGEST}" if told.path == "/ussd" else "")
    people = [
        {"name": "Nông Thị Thử", "msisdn": VILLAGER, "role": "villager", "note": NOTE},
        {"name": "Hoàng Văn Mẫu", "msisdn": LEADER, "role": "leader", "note": ""},
    ]
    cast = {"short_code": "*384*1909#", "sms_code": "8499", "handsets": people}
    width, height = request.param
    for phones in run(replace(options, cast=parse_cast(cast))):
        for page in open_page(browser, phones, width, height):
            page.phones = phones
            yield page


def is_seen_whole(said) -> bool:
    return said.evaluate("(e) => e.scrollHeight <= e.clientHeight + 1")


def test_the_longest_page_there_is_fits(page):
    assert len(LONGEST.splitlines()) >= 10, "the menus have changed: is another page longest?"
    villager = phone(page)
    press(villager, "right")
    shows(villager, "9 Viec cua to")
    assert is_seen_whole(villager.locator("[data-e=said]"))
    expect(villager.locator("[data-e=more]")).to_be_hidden()
    expect(villager.locator("[data-e=timer]")).to_be_visible()
    body = villager.locator(".body").bounding_box()
    assert body["height"] <= page.viewport_size["height"], "all keys and the screen at once"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_what_goes_on_below_has_a_sign_until_its_end(page):
    page.phones.sdk.send("Ba con chu y. " * 40, [VILLAGER], sender_id="8499")
    villager = phone(page)
    shows(villager, "1 tin mới")
    press(villager, "left", "left")
    sign = villager.locator("[data-e=more]")
    assert not is_seen_whole(villager.locator("[data-e=message]"))
    expect(sign).to_be_visible()
    for _ in range(30):
        press(villager, "down")
    expect(sign).to_be_hidden()
    press(villager, "up", "up")
    expect(sign).to_be_visible()


def test_the_arrow_of_the_keyboard_moves_a_long_page_from_within_the_answer(page, gateway):
    gateway.answer = lambda _: says("CON " + "\n".join(f"{n} Xom" for n in range(1, 20)))
    villager = phone(page)
    press(villager, "right")
    shows(villager, "19 Xom")
    villager.locator("[data-e=answer]").focus()
    sign = villager.locator("[data-e=more]")
    expect(sign).to_be_visible()
    for _ in range(20):
        page.keyboard.press("ArrowDown")
    expect(sign).to_be_hidden()


def test_the_code_of_the_hamlet_is_shown_in_one_piece(page):
    note = phone(page).locator("[data-e=note]")
    expect(note).to_be_visible()
    expect(note).to_contain_text(NOTE)
    lines = note.evaluate(
        """(e) => { const range = document.createRange();
        range.selectNodeContents(e.lastChild.firstChild ?? e.lastChild);
        return range.getClientRects().length; }"""
    )
    assert lines == 1, "the note is broken"


def test_the_rocker_can_be_hit(page):
    for key in ("up", "down"):
        box = phone(page).locator(f'[data-key="{key}"]').bounding_box()
        assert min(box["width"], box["height"]) >= 24


def test_senders_are_shown_as_numbers_are_read_and_can_be_answered(page):
    page.phones.hand("sms", LEADER, to=VILLAGER, text="Chao ba")
    villager = phone(page)
    shows(villager, "1 tin mới")
    press(villager, "left")
    expect(villager.locator(".list li b")).to_have_text(["0900 000 002"])
    press(villager, "left")
    expect(villager.locator("[data-e=from]")).to_have_text("Từ 0900 000 002")
    press(villager, "left")
    expect(villager.locator("[data-e=to]")).to_have_value("0900 000 002")
    villager.locator("[data-e=draft]").fill("Chao anh")
    press(villager, "left")
    expect(villager.locator(".list .mine b")).to_have_text("Gửi 0900 000 002")
    assert page.phones.inbox(LEADER)[0]["text"] == "Chao anh"
