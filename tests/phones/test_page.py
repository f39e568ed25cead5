"""The phones page in a real browser, as a clerk and a villager would use it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import menu, open_page, phone, press, shows
from phones_world import LEADER, VILLAGER, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser, phones, gateway):
    gateway.answer = menu
    yield from open_page(browser, phones, width=1400, height=900)


def test_a_villager_dials_and_answers_on_the_keys(page, gateway):
    villager = phone(page)
    press(villager, *"*384*1909#")
    shows(villager, "*384*1909#")
    press(villager, "call")
    shows(villager, "1 Nho giup")
    press(villager, "1", "left")
    shows(villager, "Ma xom?")
    press(villager, *"10018", "clear", "7", "left")
    shows(villager, "Da ghi viec so 1.")
    assert [told.form["text"] for told in gateway.heard("/ussd", 3)] == ["", "1", "1*10017"]
    press(villager, "left")
    expect(villager.locator(".idle")).to_be_visible()


def test_the_same_by_keyboard_alone(page, gateway):
    while not page.evaluate("document.activeElement.classList.contains('screen')"):
        page.keyboard.press("Tab")
    page.keyboard.type("*384*1909#")
    page.keyboard.press("Enter")
    villager = phone(page)
    shows(villager, "1 Nho giup")
    expect(villager.locator("[data-e=answer]")).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    shows(villager, "Ma xom?")
    page.keyboard.press("Escape")
    expect(villager.locator(".idle")).to_be_visible()
    assert gateway.heard("/ussd-events")[0].form["status"] == "Incomplete"


def test_every_control_can_be_reached_by_tab_and_is_seen(page):
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, style = page.evaluate(
            """() => { const e = document.activeElement; const s = getComputedStyle(e);
            return [e.dataset?.key ?? e.dataset?.e ?? e.id ?? e.tagName,
                    parseFloat(s.outlineWidth) && s.outlineStyle !== 'none']; }"""
        )
        if name:
            assert style, f"{name} has no visible focus"
            seen.add(name)
    keys = {"left", "right", "up", "down", "call", "clear", "end", "5"}
    assert keys | {"screen", "coverage", "open-add", "open-faults", "language"} <= seen
    phone(page).locator('[data-key="5"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    shows(phone(page), "9")


def test_the_screen_is_spoken_politely(page):
    villager = phone(page)
    live = villager.locator("[aria-live=polite]")
    press(villager, "right")
    expect(live).to_contain_text("1 Nho giup")
    press(villager, "end")


def test_the_silence_runs_down_and_then_the_network_says_so(page, phones):
    phones.settings(silence_seconds=2.5)
    villager = phone(page)
    press(villager, "right")
    timer = villager.locator("[data-e=timer]")
    expect(timer).to_contain_text(re.compile("[123] giây"))
    first = villager.locator("[data-e=left]").bounding_box()["width"]
    until(lambda: villager.locator("[data-e=left]").bounding_box()["width"] < first)
    shows(villager, "Hết giờ")
    expect(villager.locator(".why")).to_contain_text("im lặng")


def test_an_sms_is_marked_read_and_answered(page, phones, gateway):
    leader = phone(page, 1)
    phones.sdk.send("NV1: ba Mai. Tra loi NV 1", [LEADER], sender_id="8499")
    expect(leader.locator("[data-e=unread]")).to_have_text("1")
    shows(leader, "1 tin mới")
    press(leader, "left", "left")
    shows(leader, "Tra loi NV 1")
    expect(leader.locator("[data-e=envelope]")).to_be_hidden()
    press(leader, "left")
    expect(leader.locator("[data-e=to]")).to_have_value("8499")
    page.keyboard.type("NV 1")
    expect(leader.locator("[data-e=count]")).to_have_text("4/160 · 1 tin")
    page.keyboard.type(" đã")
    expect(leader.locator("[data-e=count]")).to_have_text("7/70 · 1 tin · có dấu")
    press(leader, "left")
    expect(leader.locator(".list .mine em")).to_have_text("đã tới tổng đài")
    assert gateway.heard("/sms")[0].form["text"] == "NV 1 đã"


def test_letters_can_be_tapped_on_the_keys(page):
    villager = phone(page)
    press(villager, "left", "left")
    draft = villager.locator("[data-e=draft]")
    press(villager, "6", "6", "8", "clear", "2")
    expect(draft).to_have_value("na")
    villager.locator("[data-e=writeMode]").click()
    press(villager, "2", "2", "#")
    expect(draft).to_have_value("na22#")


def test_without_coverage_messages_wait(page, phones):
    villager = phone(page)
    villager.get_by_role("switch").click()
    shows(villager, "Không có sóng")
    phones.sdk.send("Chao", [VILLAGER])
    expect(villager.locator(".why")).to_have_text("1 tin đang chờ máy có sóng")
    villager.get_by_role("switch").click()
    shows(villager, "1 tin mới")


def test_a_failed_call_says_what_the_phone_and_what_a_teacher_says(page):
    villager = phone(page)
    press(villager, *"*100#", "call")
    shows(villager, "mã MMI không hợp lệ")
    expect(villager.locator(".why")).to_have_text("Chỉ *384*1909# là mã của dịch vụ.")


def test_a_call_driven_by_a_script_shows_on_the_page(page, phones):
    phones.dial(msisdn=LEADER)
    shows(phone(page, 1), "2 Tin can biet")
    phones.hand("hang-up", LEADER)
    expect(phone(page, 1).locator(".idle")).to_be_visible()


def test_what_comes_in_is_text_and_never_markup(page, phones):
    phones.sdk.send("<img src=x onerror=alert(1)> & <b>", [LEADER], sender_id="8499")
    leader = phone(page, 1)
    shows(leader, "1 tin mới")
    press(leader, "left", "left")
    shows(leader, "<img src=x onerror=alert(1)> & <b>")


def test_english_is_remembered(page):
    page.get_by_role("button", name="English").click()
    shows(phone(page), "Press digits")
    page.reload()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    shows(phone(page), "Press digits")


def test_a_number_that_is_none_is_refused_kindly(browser, phones):
    for page in open_page(browser, phones, 800, 900, forgiven="400 (BAD REQUEST)"):
        page.locator("#open-add").click()
        page.get_by_label("Số điện thoại").fill("12")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Số này không đúng")
        expect(page.locator(".phone")).to_have_count(2)


def test_a_good_number_is_added_and_shown(page, phones):
    page.locator("#open-add").click()
    page.get_by_label("Số điện thoại").fill("0900 000 010")
    page.keyboard.press("Enter")
    expect(page.locator(".phone")).to_have_count(3)
    expect(phone(page, 2).locator("h2")).to_have_text("0900 000 010")
    assert len(phones.get("/api/handsets")["handsets"]) == 3


def test_faults_are_switched_on_and_off(page, phones):
    phones.fault("send", "status", code=406, numbers=[LEADER])
    page.locator("#open-faults").click()
    page.locator("#share").select_option("0.06")
    switch = page.get_by_role("switch", name="Ngắt mạng sau khi nhận tin")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    rules = phones.get("/api/faults")["rules"]
    assert [(r["kind"], r["share"]) for r in rules] == [("status", 1.0), ("close", 0.06)]
    expect(page.locator("#other-list")).to_contain_text("send status")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    page.get_by_role("button", name="Tắt hết").click()
    expect(page.locator("#others")).to_be_hidden()
    assert phones.get("/api/faults")["rules"] == []
    page.keyboard.press("Escape")
    expect(page.locator("#faults")).to_be_hidden()


def test_the_journal_tells_the_story(page):
    press(phone(page), "right")
    shows(phone(page), "Nho giup")
    page.get_by_role("link", name="Nhật ký").click()
    expect(page.locator("#events")).to_contain_text("CON To so")
    page.get_by_label("Loại").select_option("in")
    expect(page.locator("#nothing")).to_be_visible()


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_nothing_is_wider_than_the_screen(browser, phones, gateway, width):
    gateway.answer = menu
    for page in open_page(browser, phones, width, 740):
        press(phone(page), "right")
        shows(phone(page), "Nho giup")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto(f"{phones.url}/journal")
        expect(page.locator("#events tr").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_small_screen_one_handset_at_a_time(browser, phones, gateway):
    gateway.answer = menu
    for page in open_page(browser, phones, 360, 740, has_touch=True):
        expect(phone(page, 0)).to_be_in_viewport(ratio=0.9)
        expect(phone(page, 1)).not_to_be_in_viewport()
        page.locator("#tabs button").nth(1).click()
        expect(phone(page, 1)).to_be_in_viewport(ratio=0.9)
        expect(phone(page, 0)).not_to_be_in_viewport()
        expect(page.locator("#tabs [aria-current]")).to_have_count(1)
        phone(page, 1).locator('[data-key="right"]').tap()
        shows(phone(page, 1), "Nho giup")
        for key in "0123456789*#":
            box = phone(page, 1).locator(f'[data-key="{key}"]').bounding_box()
            assert min(box["width"], box["height"]) >= 40


def test_nothing_moves_for_those_who_asked_for_calm(browser, phones, gateway):
    gateway.answer = menu
    for page in open_page(browser, phones, 800, 900, reduced_motion="reduce"):
        press(phone(page), "right")
        shows(phone(page), "Nho giup")
        moving = page.evaluate(
            """[...document.querySelectorAll('*')].filter((e) => {
            const s = getComputedStyle(e);
            return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0; }).length"""
        )
        assert moving == 0


def test_the_page_weighs_less_than_100_kilobytes():
    folder = Path(__file__).parents[2] / "service" / "phones"
    files = [*(folder / "static").iterdir(), *(folder / "templates").iterdir()]
    assert len(files) > 8
    assert sum(file.stat().st_size for file in files) < 100_000
