"""What browsers are told, and whose forms are taken: ASVS 5.0, 3.3 to 3.5 and 14.3."""

from __future__ import annotations

import io
import re
import threading

import pytest

from service.records.console import Role
from tests.console.office import HERE, Forms, Office
from tests.village import World


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/join/wrong", "/account", "/room"])
def test_every_answer_carries_the_safe_headers(office: Office, path: str) -> None:
    for browser in (office.browser(), office.somebody()):
        told = browser.get(path).headers
        policy = told["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        for part in ("frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"):
            assert part in policy
        assert told["X-Content-Type-Options"] == "nosniff"
        assert told["Referrer-Policy"] == "same-origin"
        assert told["Cache-Control"] == "no-store"
        office.world.do("TRUNCATE console_users CASCADE")


def test_pages_need_nothing_that_the_policy_forbids(office: Office) -> None:
    browser = office.somebody()
    for path in ("/room", "/find", "/machines", "/account", "/nowhere"):
        page = browser.get(path).text
        assert not re.search(
            r"<script(?! src=\"/static/)|<style|\sstyle=|\son[a-z]+=|https?://", page
        ), path


def test_https_is_held_on_to_where_there_is_https(world: World) -> None:
    plain = Office(world).browser().get("/sign-in")
    assert "Strict-Transport-Security" not in plain.headers
    behind = Office(world, "https://truc.example").browser().get("/sign-in")
    assert behind.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_cookies_are_for_this_host_over_https_and_out_of_reach_of_scripts(office: Office) -> None:
    browser = office.browser()
    answers = [browser.get("/sign-in?lang=en")]
    browser.join(office.invite("nong.an", Role.VIEWER))
    answers.append(browser.sign_in("nong.an"))
    cookies = [c for answer in answers for c in answer.headers.getlist("Set-Cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        "__Host-caunoi-session", "__Host-caunoi-form", "__Host-caunoi-language",
    }  # fmt: skip
    for cookie in cookies:
        for flag in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert flag in cookie.split("; "), cookie
        assert "Domain" not in cookie


class Trickle(io.RawIOBase):
    """What comes in of a form whose sender takes their time."""

    def __init__(self) -> None:
        self.asked, self.ends = threading.Event(), threading.Event()

    def readable(self) -> bool:
        return True

    def readinto(self, _room: object) -> int:
        self.asked.set()
        self.ends.wait(30)
        return 0


def test_forms_that_never_end_keep_nobody_from_work_who_is_signed_in(office: Office) -> None:
    operator = office.somebody()
    word = Forms(operator.get("/account").text).found[0][1]
    trickles = [Trickle() for _ in range(2)]

    def send_slowly(form: Trickle) -> None:
        stranger = office.browser()
        stranger.get("/sign-in")
        slowly = {"wsgi.input": form, "CONTENT_LENGTH": "1000", "REMOTE_ADDR": stranger.address}
        headers = {"Origin": HERE, "Content-Type": "application/x-www-form-urlencoded"}
        stranger.client.post("/sign-in", base_url=HERE, headers=headers, environ_overrides=slowly)

    threads = [threading.Thread(target=send_slowly, args=(form,)) for form in trickles]
    try:
        for thread, form in zip(threads, trickles, strict=True):
            thread.start()
            assert form.asked.wait(10)
        refused = office.browser().sign_in("nong.an")
        assert refused.status_code == 429
        assert "quá nhiều người" in refused.text
        assert operator.send("/account/sessions", word).status_code == 303
    finally:
        for form in trickles:
            form.ends.set()
        for thread in threads:
            thread.join()
    assert office.browser().sign_in("nong.an").status_code == 200, "they are through"


POSTS = (
    *("/sign-in", "/join/x", "/sign-out", "/account/password", "/account/sessions"),
    *("/find", "/find/phone/1/reveal", "/machines/failed/reply/x/delete"),
)


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_its_word_is_refused(office: Office, path: str) -> None:
    for browser, status in ((office.browser(), 303), (office.somebody(), 400)):
        browser.get("/account")
        for word in ({}, {"form_word": ""}, {"form_word": "é" * 64}, {"form_word": "0" * 64}):
            answer = browser.send(path, word)
            assert answer.status_code == (400 if path in POSTS[:2] else status)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "told",
    [
        {"Origin": "https://evil.example"}, {"Origin": ""}, {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
    ],
)  # fmt: skip
def test_a_form_from_another_site_is_refused(
    office: Office, path: str, told: dict[str, str]
) -> None:
    browser = office.somebody()
    browser.get("/account")
    fields = Forms(browser.page).found[0][1]
    if "Sec_Fetch_Site" in told:
        told = {"Sec-Fetch-Site": told["Sec_Fetch_Site"]}
    assert browser.send(path, fields, **told).status_code == 400
    assert browser.get("/account").status_code == 200, "nothing was done"


def test_a_word_made_for_one_browser_is_no_good_in_another(office: Office) -> None:
    mine, other = office.somebody(), office.browser()
    other.get("/sign-in")
    word = Forms(other.page).found[0][1]["form_word"]
    assert mine.send("/sign-out", {"form_word": word}).status_code == 400


def test_looking_changes_nothing(office: Office) -> None:
    browser = office.somebody()
    for path in ("/sign-out", "/account/password", "/account/sessions"):
        assert browser.get(path).status_code == 405
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize(
    "typed", ["\0", "'; DROP TABLE people; --", "<script>x</script>", "\ud800", "ế" * 500, "%ff"]
)
def test_hostile_words_break_nothing(office: Office, typed: str) -> None:
    browser = office.browser()
    typed = typed.encode("utf-8", "replace").decode()
    answer = browser.sign_in(typed, password=typed, digits=typed)
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    for path in (f"/join/{typed}", f"/{typed}", f"/sign-in?lang={typed}", f"/static/{typed}"):
        assert browser.get(path).status_code < 500


def test_too_much_is_refused(office: Office) -> None:
    browser = office.browser()
    assert browser.sign_in("x", password="y" * 100_000).status_code == 413


def test_a_database_that_is_away_is_said(office: Office) -> None:
    office.world.do("ALTER TABLE console_sessions RENAME TO away")
    try:
        browser = office.browser()
        browser.client.set_cookie("__Host-caunoi-session", "x", domain="127.0.0.1", secure=True)
        answer = browser.get("/account")
        assert answer.status_code == 503
        assert "Không vào được cơ sở dữ liệu" in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    finally:
        office.world.do("ALTER TABLE away RENAME TO console_sessions")
