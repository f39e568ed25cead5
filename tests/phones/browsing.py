"""Opening the phones page in headless Chromium, and pressing keys on it."""

from __future__ import annotations

from gateway_recorder import says
from playwright.sync_api import expect

MENU = "CON To so\n1 Nho giup\n2 Tin can biet"


def menu(told):
    if told.path != "/ussd":
        return says("")
    texts = {"": MENU, "1": "CON Ma xom?", "1*10017": "END Da ghi viec so 1.", "2": "CON abc"}
    return says(texts.get(told.form["text"], "CON Nhap lai"))


def open_page(browser, phones, width, height, forgiven=None, **more):
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    page = context.new_page()
    troubles, asked = [], []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(phones.url)
    expect(page.locator(".phone")).to_have_count(2)
    yield page
    context.close()
    assert [trouble for trouble in troubles if not (forgiven and forgiven in trouble)] == []
    assert all(url.startswith(phones.url) for url in asked)


def phone(page, number=0):
    return page.locator(".phone").nth(number)


def press(handset, *keys):
    for key in keys:
        handset.locator(f'[data-key="{key}"]').click()


def shows(handset, text):
    expect(handset.locator(".view:visible")).to_contain_text(text)
