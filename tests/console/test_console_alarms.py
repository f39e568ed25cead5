"""The alarms in the console: what is the matter, what to do first, and that somebody knows."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from service.ops.alarm_kinds import KINDS
from service.ops.runbook import pages
from service.outbox.alarms import raise_alarm
from service.records.console import Role
from tests.console.office import Browser, Forms, Office
from tests.village import World


@pytest.fixture
def browser(office: Office) -> Browser:
    return office.somebody(Role.OPERATOR)


def raised(world: World, name: str, about: str = "reply", detail: str | None = None) -> int:
    with world.engine.begin() as connection:
        raise_alarm(connection, name, about, detail)
    return int(world.one("SELECT max(id) AS id FROM alarms").id)


def test_no_alarm_is_said_calmly(browser: Browser, world: World) -> None:
    world.do(
        "INSERT INTO periodic_work (name, every_seconds, last_done_at)"
        " VALUES ('watch', 2, clock_timestamp())"
    )
    page = browser.get("/alarms").text
    assert "Không có cảnh báo nào" in page
    assert "Máy vẫn đang canh" in page
    assert "Tôi đã biết" not in page


def test_a_page_that_nobody_keeps_up_to_date_says_so(browser: Browser, world: World) -> None:
    assert "Chưa có tiến trình nào canh" in browser.get("/alarms").text
    world.do(
        "INSERT INTO periodic_work (name, every_seconds, last_done_at)"
        " VALUES ('watch', 2, clock_timestamp() - interval '5 minutes')"
    )
    page = browser.get("/alarms").text
    assert "không có tiến trình nào canh" in page
    assert "Máy vẫn đang canh" not in page


def test_open_alarms_stand_the_worst_first_with_the_first_step(
    browser: Browser, world: World
) -> None:
    raised(world, "class_wanted", "class 11")
    raised(world, "redis_away", "redis")
    raised(world, "worker_gone", "reply")
    page = browser.get("/alarms").text
    places = [page.index(pages()[name].title["vi"]) for name in
              ("worker_gone", "redis_away", "class_wanted")]  # fmt: skip
    assert places == sorted(places)
    assert "3 cảnh báo đang mở" in page
    assert pages()["worker_gone"].parts["vi"]["first"].replace("<luồng>", "reply") in page
    assert 'href="/alarms/worker_gone/runbook"' in page
    assert "Start worker-" in browser.get("/alarms?lang=en").text


def test_an_operator_says_that_they_know(browser: Browser, office: Office, world: World) -> None:
    alarm = raised(world, "worker_gone")
    browser.get("/alarms")
    answer = browser.submit(f"/alarms/{alarm}/acknowledge")
    assert answer.headers["Location"] == "/alarms?did=acknowledged"
    page = browser.get("/alarms?did=acknowledged").text
    assert "Đã ghi là bạn đã biết" in page
    assert "nong.an đã biết lúc" in page
    assert "Tôi đã biết" not in [form for form, _ in Forms(page).found]
    row = world.one("SELECT acknowledged_by, acknowledged_at FROM alarms")
    assert row.acknowledged_by == "nong.an"
    audit = world.one("SELECT actor, about, detail FROM audit WHERE action = 'alarm_acknowledged'")
    assert (audit.actor, audit.about) == ("console nong.an", f"alarm {alarm}")
    assert audit.detail == {"name": "worker_gone"}


def test_saying_so_twice_or_too_late_changes_nothing(browser: Browser, world: World) -> None:
    alarm = raised(world, "worker_gone")
    world.do("UPDATE alarms SET acknowledged_at = now(), acknowledged_by = 'ma.binh'")
    browser.get("/account")
    word = Forms(browser.page).found[0][1]
    answer = browser.send(f"/alarms/{alarm}/acknowledge", word)
    assert answer.headers["Location"] == "/alarms?did=known_already"
    assert world.one("SELECT acknowledged_by FROM alarms").acknowledged_by == "ma.binh"
    assert world.rows("SELECT FROM audit WHERE action = 'alarm_acknowledged'") == []


@pytest.mark.parametrize("number", ["99", str(2**63), "9" * 200])
def test_an_alarm_there_is_not_is_not_found(browser: Browser, number: str) -> None:
    browser.get("/account")
    word = Forms(browser.page).found[0][1]
    assert browser.send(f"/alarms/{number}/acknowledge", word).status_code == 404


@pytest.mark.parametrize("before", ["-1", "x", "١٢", "9" * 60, "1%00", "%F0%9F%92%A9"])
def test_a_place_in_the_list_there_is_not_is_not_found(browser: Browser, before: str) -> None:
    assert browser.get(f"/alarms?before={before}").status_code == 404


def test_whoever_only_watches_sees_no_button(office: Office, world: World) -> None:
    raised(world, "worker_gone")
    page = office.somebody(Role.VIEWER, "xem.thu").get("/alarms").text
    assert pages()["worker_gone"].title["vi"] in page
    assert "Tôi đã biết" not in page


def test_numbers_are_masked_and_words_of_others_harmless(browser: Browser, world: World) -> None:
    raised(world, "unheard_of", "<b>x</b>", detail="+84900000002")
    page = browser.get("/alarms").text
    assert "+84900000002" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "unheard_of" in page


def test_by_which_ways_it_was_told_and_by_which_not(browser: Browser, world: World) -> None:
    alarm = raised(world, "worker_gone")
    world.do(
        "INSERT INTO tellings (alarm_id, word, way, code, done_at) VALUES"
        " (:id, 'opened', 'sms', NULL, now()), (:id, 'opened', 'webhook', 'http_503', NULL)",
        id=alarm,
    )
    page = browser.get("/alarms").text
    assert "Đã báo qua SMS." in page
    assert "Chưa báo được qua webhook: http_503." in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("queued", "SMS báo cho người trực còn nằm chờ"),
        ("expired", "Có SMS báo không tới được người trực"),
        ("delivered", "Đã báo qua SMS."),
    ],
)
def test_nobody_is_said_to_know_by_an_sms_that_has_not_left(
    browser: Browser, world: World, state: str, said: str
) -> None:
    alarm = raised(world, "carrier_paused", "africastalking", "no_balance")
    world.do(
        "INSERT INTO tellings (alarm_id, word, way, done_at) VALUES (:id, 'opened', 'sms', now())",
        id=alarm,
    )
    world.do(
        "INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, recipient_digest, body,"
        " segments, state, valid_until) VALUES (:key, 'emergency', 'emergency', 0,"
        " '+84900000009', 'digest', 'x', 1, :state, clock_timestamp() + interval '1 hour')",
        key=f"alarm:alarm-{alarm}-opened:0123",
        state=state,
    )
    page = browser.get("/alarms").text
    assert said in page
    assert ("Đã báo qua SMS." in page) is (state == "delivered")


@pytest.mark.parametrize(
    ("alarm", "said"),
    [
        (
            ("worker_gone", "reply", None),
            ["luồng trả lời", "Khởi động lại tiến trình worker-reply;"],
        ),
        (("carrier_paused", "africastalking", "no_balance"), ["không nhận, tài khoản hết tiền"]),
        (("replies_withheld", "numbers that text more than we answer", None), ["nhắn quá nhiều"]),
        (("pin_shut", "person 7", None), ["người có mã 7"]),
    ],
)
def test_what_an_alarm_is_about_is_said_in_the_language_of_the_page(
    browser: Browser, world: World, alarm: tuple[str, str, str | None], said: list[str]
) -> None:
    raised(world, *alarm)
    page = browser.get("/alarms").text
    for words in said:
        assert words in page
    assert f"· {alarm[1]}" not in page or alarm[1] == "africastalking"
    assert "&lt;luồng&gt;" not in page
    assert "no_balance" not in page


def test_what_is_over_is_listed_thirty_at_a_time_and_the_page_stays_cheap(
    browser: Browser, world: World
) -> None:
    world.do("""
        INSERT INTO alarms (name, about, opened_at, closed_at)
        SELECT 'pin_shut', 'person ' || n, now() - interval '2 hours', now() - interval '1 hour'
        FROM generate_series(1, 70) AS n
    """)
    world.do(
        "INSERT INTO alarms (name, about, opened_at, closed_at) VALUES"
        " ('pin_shut', 'person long ago', now() - interval '50 days', now() - interval '40 days')"
    )
    world.do(
        "INSERT INTO alarms (name, about) SELECT 'nobody_ahead', n FROM generate_series(1, 50) n"
    )
    asked = []
    note = lambda *told: asked.append(told[2])  # noqa: E731
    event.listen(world.engine, "before_cursor_execute", note)
    try:
        page = browser.get("/alarms").text
    finally:
        event.remove(world.engine, "before_cursor_execute", note)
    assert len(asked) <= 6, asked
    seen, link = 0, "/alarms"
    while link:
        page = browser.get(link).text
        seen += page.count("· người có mã")
        assert "long ago" not in page
        found = re.search(r'href="(/alarms\?before=\d+)"', page)
        link = found[1] if found else ""
    assert seen == 70


ABOUT = {
    "nobody_to_ask": "area {area}", "nobody_ahead": "area {area}", "emergency_untold": "area {area}",
    "emergency_flood": "team {team}", "member_erased": "team {team}",
    "emergency_often": "phone {phone}", "member_number_doubted": "phone {phone}",
    "takes_too_many": "phone {phone}", "buried_in_requests": "phone {phone}",
    "pin_shut": "person {person}", "invites_too_many": "person {person}",
    "class_proposed": "class 77", "class_strangers": "class 77", "class_wanted": "class 77",
    "console_guessing": "user {user}", "console_reveals": "user {user}",
}  # fmt: skip
"""What alarms are about that are about a row; all others are about "reply" here."""
NOWHERE = {
    "not_understood", "wrong_secret", "replies_withheld", "flood", "heard_too_much",
    "member_erased",
}  # fmt: skip
"""Alarms that no page helps with."""


def all_raised(world: World) -> None:
    rows = {
        "area": "SELECT id FROM areas WHERE kind = 'hamlet' LIMIT 1",
        "team": "SELECT id FROM teams LIMIT 1",
        "phone": "SELECT phone_id AS id FROM people WHERE phone_id IS NOT NULL LIMIT 1",
        "person": "SELECT id FROM people WHERE phone_id IS NOT NULL LIMIT 1",
        "user": "SELECT id FROM console_users LIMIT 1",
    }
    ids = {kind: world.one(statement).id for kind, statement in rows.items()}
    for name in KINDS:
        raised(world, name, ABOUT.get(name, "reply").format(**ids))


def leads(page: str) -> dict[str, str]:
    """Where each alarm of the page leads, by its title."""
    found = re.findall(
        r'<a class="lead" href="([^"]+)">[^<]+<span class="spoken">: ([^<]+), ', page
    )
    return {title: path.replace("&amp;", "&") for path, title in found}


def a_class(world: World) -> None:
    world.do("INSERT INTO courses (code, title, topic) VALUES ('thu-1', 'Lớp thử', 'vneid')")
    world.do("""
        INSERT INTO trainings (number, course_id, area_id, place, starts_at, ends_at, seats, state)
        SELECT 77, c.id, a.id, 'nhà văn hóa', clock_timestamp() + interval '3 days',
               clock_timestamp() + interval '74 hours', 20, 'open'
        FROM courses c, areas a WHERE a.code = '00018' AND a.kind = 'hamlet'
    """)


def test_every_alarm_leads_to_the_page_that_helps(browser: Browser, world: World) -> None:
    a_class(world)
    all_raised(world)
    found = leads(browser.get("/alarms").text)
    titles = {name: pages()[name].title["vi"] for name in KINDS}
    assert {name for name in KINDS if titles[name] not in found} == NOWHERE
    assert found[titles["sending_off"]] == "/brakes"
    assert found[titles["unknown_old"]] == "/todo"
    assert found[titles["worker_gone"]] == "/machines"
    assert found[titles["emergency_flood"]] == "/work/requests?emergency=1"
    assert found[titles["pin_shut"]].startswith("/find/phone/")
    for path in set(found.values()):
        assert browser.get(path).status_code == 200, path


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PROVINCE])
def test_nobody_is_led_where_they_may_not_go(office: Office, world: World, role: Role) -> None:
    browser = office.somebody(role, "xem.thu")
    a_class(world)
    all_raised(world)
    found = set(leads(browser.get("/alarms").text).values())
    assert len(found) > 6
    assert not [path for path in found if path.startswith(("/find", "/audit"))]
    for path in found:
        assert browser.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "about", ["phone 999999", "person 9" + "9" * 40, "class 1", "user 5 5", "area 0", "phone ١٢"]
)
def test_what_an_alarm_is_about_may_be_gone_or_be_anything(
    browser: Browser, world: World, about: str
) -> None:
    raised(world, "pin_shut", about)
    answer = browser.get("/alarms")
    assert answer.status_code == 200
    assert leads(answer.text) == {}


def test_every_page_of_the_runbook_opens_in_both_languages(browser: Browser) -> None:
    for name, page in pages().items():
        assert page.title["vi"] in browser.get(f"/alarms/{name}/runbook?lang=vi").text
        assert "First safe step" in browser.get(f"/alarms/{name}/runbook?lang=en").text
    assert browser.get("/alarms/no_such_thing/runbook").status_code == 404
    assert browser.get("/alarms/%00/runbook").status_code == 404
