"""Signing in: with what, how guessing gets slow, and that no answer tells who has an account."""

from __future__ import annotations

import pytest

from service.records.console import Role
from tests.console.office import PASSWORD, Office
from tests.village import World

WRONG = "Tên, mật khẩu hoặc mã 6 số không đúng"


def test_a_link_a_password_six_digits_and_in(office: Office) -> None:
    browser = office.browser()
    token = office.invite("nong.an", Role.OPERATOR)
    page = browser.get(f"/join/{token}").text
    assert "nong.an" in page
    assert "otpauth://totp/" in page
    assert "<svg" in page
    joined = browser.join(token)
    assert "Mã dự phòng" in joined.text
    assert joined.text.count('<li class="code">') == 10
    answer = browser.sign_in("nong.an", digits=browser.digits(1))
    assert answer.headers["Location"] == "/"
    assert browser.get("/").headers["Location"] == "/room"
    assert browser.get("/room").status_code == 200
    assert office.did() == ["console_user_added", "console_password_set", "signed_in"]


def test_a_link_is_good_once_and_for_a_day(office: Office) -> None:
    token = office.invite("nong.an", Role.VIEWER)
    browser = office.browser()
    assert browser.get(f"/join/{token}").status_code == 200
    assert browser.get(f"/join/{token}").status_code == 200, "looking does not use it up"
    browser.join(token)
    assert browser.get(f"/join/{token}").status_code == 410
    late = office.invite("ma.binh", Role.VIEWER)
    office.world.do("UPDATE console_links SET expires_at = clock_timestamp()")
    assert browser.get(f"/join/{late}").status_code == 410
    assert browser.get("/join/guessed").status_code == 410


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("ngan qua", "ngan qua", "ít nhất 12 ký tự"),
        ("matkhau123456", "matkhau123456", "dễ đoán"),
        ("nong.an.2026!", "nong.an.2026!", "dễ đoán"),
        ("aaaabbbbaaaa", "aaaabbbbaaaa", "dễ đoán"),
        ("x1y2" * 51, "x1y2" * 51, "quá 200"),
        (PASSWORD, f"{PASSWORD}.", "không giống nhau"),
    ],
)
def test_a_poor_password_is_refused_and_the_link_stays(
    office: Office, password: str, again: str, said: str
) -> None:
    token, browser = office.invite("nong.an", Role.VIEWER), office.browser()
    browser.get(f"/join/{token}")
    assert said in browser.submit(f"/join/{token}", password=password, again=again).text
    assert browser.join(token).status_code == 200


def test_the_phone_is_asked_for_before_the_link_is_used_up(office: Office) -> None:
    token, browser = office.invite("nong.an", Role.PROVINCE), office.browser()
    browser.get(f"/join/{token}")
    for digits in ("", "000000", "abcdef", "٣٣٣٣٣٣"):
        fields = {"password": PASSWORD, "again": PASSWORD, "digits": digits}
        assert "Mã 6 số không đúng" in browser.submit(f"/join/{token}", **fields).text
    assert "Mã dự phòng" in browser.join(token).text


def test_whatever_is_wrong_the_answer_is_the_same(office: Office) -> None:
    browser = office.somebody()
    office.world.do("UPDATE console_users SET totp_step = 0")
    tries = {
        ("nobody.here", PASSWORD, browser.digits()),
        ("nong.an", "wrong password", browser.digits()),
        ("nong.an", PASSWORD, "000000"),
        ("nong.an", PASSWORD, ""),
        ("", "", ""),
    }
    answers = set()
    for name, password, digits in tries:
        answer = office.browser().sign_in(name, password, digits)
        assert answer.status_code == 200
        assert WRONG in answer.text
        page = answer.text.replace(f'value="{name}"', "")
        answers.add(page.split('name="form_word"')[0] + page.split("</form>")[-1])
    assert len(answers) == 1
    kept = office.world.rows(
        "SELECT about, detail::text FROM audit WHERE action = 'sign_in_refused'"
    )
    assert len(kept) == 5
    assert not any("nobody.here" in row.about for row in kept), "it may be a password"


def test_six_digits_are_good_once(office: Office) -> None:
    browser = office.somebody()
    again = office.browser().sign_in("nong.an", digits=browser.used)
    assert again.status_code == 200, "they were used before"
    assert office.browser().sign_in("nong.an", digits=browser.digits(-1)).status_code == 200
    assert office.browser().sign_in("nong.an", digits=browser.digits(1)).status_code == 303


def test_a_spare_code_is_good_once(office: Office) -> None:
    browser = office.browser()
    page = browser.join(office.invite("nong.an", Role.OPERATOR)).text
    code = page.split('<li class="code">')[1].split("<")[0]
    typed = code.lower().replace("-", " ")
    assert office.browser().sign_in("nong.an", digits=typed).status_code == 303
    assert WRONG in office.browser().sign_in("nong.an", digits=typed).text
    kept = office.world.rows("SELECT digest FROM recovery_codes")
    assert not any(code.replace("-", "") in row.digest for row in kept)
    assert "spare_code_used" in office.did()


def test_a_coordinator_of_a_commune_needs_no_phone(office: Office) -> None:
    browser = office.somebody(Role.COMMUNE)
    assert not browser.key
    assert browser.get("/account").status_code == 200


def test_guessing_a_name_gets_slow_whether_it_exists_or_not(office: Office) -> None:
    office.somebody(Role.VIEWER)
    for name in ("nong.an", "nobody.here"):
        for n in range(5):
            browser = office.browser(f"198.51.100.{n}")
            assert browser.sign_in(name, "wrong password").status_code == 200
        answer = office.browser("203.0.113.9").sign_in(name)
        assert answer.status_code == 429, "from anywhere, even with the right password"
        assert "Hãy đợi 10 giây" in answer.text
    alarm = office.world.one("SELECT name FROM alarms WHERE closed_at IS NULL")
    assert alarm.name == "console_guessing"
    office.world.do("UPDATE sign_in_tries SET at = at - interval '11 seconds'")
    assert office.browser().sign_in("nobody.here").status_code == 200
    assert "Hãy đợi 20 giây" in office.browser().sign_in("nobody.here").text
    assert office.browser().sign_in("nong.an").status_code == 303, "nobody is shut out for good"
    assert office.world.rows("SELECT name FROM alarms WHERE closed_at IS NULL") == []


def test_whoever_guesses_elsewhere_keeps_nobody_out_where_they_always_sign_in(
    office: Office,
) -> None:
    office.somebody(Role.VIEWER)
    office.world.do("UPDATE sign_in_tries SET at = at - interval '3 days'")
    for n in range(12):
        office.browser(f"198.51.100.{n}").sign_in("nong.an", "wrong password")
    assert office.browser("203.0.113.9").sign_in("nong.an").status_code == 429
    assert office.browser().sign_in("nong.an").status_code == 303
    for _ in range(5):
        assert office.browser().sign_in("nong.an", "wrong password").status_code == 200
    assert office.browser().sign_in("nong.an").status_code == 429, "guessing there is slow as well"


def test_guessing_from_one_address_gets_slow(office: Office) -> None:
    for n in range(20):
        assert office.browser().sign_in(f"name{n}", "wrong password").status_code == 200
    assert office.browser().sign_in("another").status_code == 429
    assert office.browser("198.51.100.1").sign_in("another").status_code == 200


def test_a_proxy_here_is_believed_where_somebody_comes_from_and_nobody_else(
    office: Office,
) -> None:
    for peer, told, kept in (
        ("127.0.0.1", "6.6.6.6, 192.0.2.9", "192.0.2.9"),
        ("192.0.2.1", "6.6.6.6", "192.0.2.1"),
        ("127.0.0.1", "", "127.0.0.1"),
    ):
        browser = office.browser(peer)
        browser.get("/sign-in")
        fields = {"name": "x", "password": "y"}
        word = browser.page.split('name="form_word" value="')[1].split('"')[0]
        browser.send("/sign-in", {**fields, "form_word": word}, X_Forwarded_For=told)
        row = office.world.one("SELECT address FROM sign_in_tries ORDER BY id DESC LIMIT 1")
        assert row.address == kept


def test_passwords_and_keys_are_nowhere_to_be_read(office: Office, world: World) -> None:
    browser = office.somebody()
    token = browser.client.get_cookie("__Host-caunoi-session", domain="127.0.0.1")
    assert token is not None
    user = world.one("SELECT * FROM console_users")
    assert user.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    everything = str(
        [
            world.rows("SELECT * FROM console_users"),
            world.rows("SELECT * FROM console_sessions"),
            world.rows("SELECT * FROM console_links"),
            world.rows("SELECT * FROM audit"),
        ]
    )
    for secret in (PASSWORD, token.value, browser.key, browser.key.lower()):
        assert secret not in everything


def test_logs_hold_no_link(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    from service.logs import mask

    told = mask(None, "error", {"event": "Exception on /join/Zz3-secret_token [POST]"})
    assert "secret" not in str(told)
