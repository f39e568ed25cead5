"""Sessions end: by themselves, by their owner, and by whoever runs the service. ASVS 5.0, 7."""

from __future__ import annotations

import time
from threading import Thread

from service.console.users import disable_user, end_sessions, reset_user
from service.records.console import Role
from tests.console.office import PASSWORD, Browser, Office

NEW = "mot cau khac cua rieng toi"
COOKIE = "__Host-caunoi-session"


def is_in(browser: Browser) -> bool:
    return bool(browser.get("/account").status_code == 200)


def token_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie(COOKIE, domain="127.0.0.1")
    assert cookie is not None
    return str(cookie.value)


def holding(office: Office, token: str) -> Browser:
    """A browser that has got hold of somebody's cookie."""
    browser = office.browser()
    browser.client.set_cookie(COOKIE, token, domain="127.0.0.1", secure=True)
    return browser


def test_an_id_of_256_bits_kept_as_a_digest_and_new_at_each_sign_in(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    first = token_of(browser)
    assert len(first) >= 43
    second = office.browser()
    second.sign_in("nong.an")
    assert token_of(second) != first
    rows = office.world.rows("SELECT digest FROM console_sessions")
    assert len(rows) == 2
    assert first not in {row.digest for row in rows}


def test_a_cookie_that_was_planted_is_not_taken_over(office: Office) -> None:
    office.somebody(Role.VIEWER)
    planted = holding(office, "planted-by-somebody")
    planted.sign_in("nong.an")
    assert token_of(planted) != "planted-by-somebody"
    assert not is_in(holding(office, "planted-by-somebody"))


def test_half_an_hour_of_silence_ends_it(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    office.age_sessions(seen=29, began=29)
    assert is_in(browser)
    office.age_sessions(seen=2, began=40)
    assert is_in(browser), "it was seen since"
    office.age_sessions(seen=31, began=40)
    assert not is_in(browser)


def test_being_seen_keeps_it_alive(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    office.age_sessions(seen=20, began=20)
    browser.get("/account")
    seen = office.world.one(
        "SELECT clock_timestamp() - seen_at < interval '1 minute' AS now FROM console_sessions"
    )
    assert seen.now


def test_twelve_hours_end_it_however_busy(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    office.age_sessions(seen=0, began=12 * 60 - 1)
    assert is_in(browser)
    office.age_sessions(seen=0, began=12 * 60 + 1)
    assert not is_in(browser)


def test_signing_out_ends_it_also_for_who_copied_the_cookie(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    token = token_of(browser)
    browser.get("/account")
    assert browser.submit("/sign-out").headers["Location"] == "/sign-in"
    assert not is_in(browser)
    assert not is_in(holding(office, token))
    assert office.did()[-1] == "signed_out"


def test_a_disabled_user_is_out_at_once_and_stays_out(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    with office.world.engine.begin() as connection:
        disable_user(connection, "nong.an", by="operator test")
    assert not is_in(browser)
    assert office.browser().sign_in("nong.an").status_code == 200


def test_a_reset_user_needs_the_new_link(office: Office) -> None:
    browser = office.somebody(Role.OPERATOR)
    key = browser.key
    with office.world.engine.begin() as connection:
        token = reset_user(connection, office.keys, "nong.an", by="operator test")
    assert not is_in(browser)
    assert office.browser().sign_in("nong.an", digits=browser.digits(1)).status_code == 200
    again = office.browser()
    again.join(token, NEW)
    assert again.key != key
    office.world.do("TRUNCATE sign_in_tries")
    assert again.sign_in("nong.an", NEW, again.digits(1)).status_code == 303


def test_an_administrator_ends_sessions(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    with office.world.engine.begin() as connection:
        assert end_sessions(connection, "nong.an", by="operator test") == 1
    assert not is_in(browser)
    assert office.browser().sign_in("nong.an").status_code == 303


def test_a_new_password_ends_every_other_session_and_renews_ones_own(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    before = token_of(browser)
    other = office.browser()
    other.sign_in("nong.an")
    browser.get("/account")
    browser.submit("/account/password", old=PASSWORD, password=NEW, again=NEW)
    assert is_in(browser)
    assert token_of(browser) != before
    assert not is_in(other)
    assert not is_in(holding(office, before))
    assert office.browser().sign_in("nong.an", NEW).status_code == 303
    assert office.browser().sign_in("nong.an", PASSWORD).status_code == 200


def test_the_old_password_is_asked_for_and_guessing_it_is_slow(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    for _ in range(5):
        browser.get("/account")
        answer = browser.submit("/account/password", old="wrong", password=NEW, again=NEW)
        assert "Mật khẩu hiện tại không đúng" in answer.text
    browser.get("/account")
    answer = browser.submit("/account/password", old=PASSWORD, password=NEW, again=NEW)
    assert "Hãy đợi" in answer.text
    assert is_in(browser)


def test_one_signs_ones_other_browsers_out(office: Office) -> None:
    browser = office.somebody(Role.VIEWER)
    other = office.browser()
    other.sign_in("nong.an")
    browser.get("/account")
    browser.submit("/account/sessions")
    assert is_in(browser)
    assert not is_in(other)


def test_whoever_signs_in_at_the_moment_they_are_disabled_stays_out(office: Office) -> None:
    """Ten times, each a little later: whichever comes first, no session is left afterwards."""
    office.somebody(Role.VIEWER)
    for n in range(10):
        office.world.do("UPDATE console_users SET disabled_at = NULL")
        office.world.do("TRUNCATE sign_in_tries, console_sessions")
        browser = office.browser()
        signing = Thread(target=browser.sign_in, args=("nong.an",))
        signing.start()
        time.sleep(0.012 * n)
        with office.world.engine.begin() as connection:
            disable_user(connection, "nong.an", by="operator test")
        signing.join()
        assert office.world.rows("SELECT digest FROM console_sessions") == []
