"""What an operator does from the console: asked first, done to what was asked about, on record."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event

from service.console.app import make_console
from service.console.audit import named
from service.records.console import Role
from tests.console.office import KEY, PORT, Browser, Forms, Office
from tests.village import World

FIRST = "africastalking"
SECOND = f"{FIRST}-2"
PUT = """
    INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, recipient_digest, body,
                              segments, state, code, valid_until)
    SELECT :tag || n, :class, :lane, 0, '+8490000' || lpad(n::text, 4, '0'), 'digest ' || n,
           'Moi ba con', 1, :state, :code, clock_timestamp() + interval '1 day'
    FROM generate_series(1, :n) AS n
"""
LANE = {"notice": "bulk", "promo": "bulk", "emergency": "emergency"}


@pytest.fixture
def browser(office: Office) -> Browser:
    return office.somebody(Role.OPERATOR)


@pytest.fixture
def two_carriers(office: Office) -> Browser:
    office.app = make_console(
        office.world.engine, key=KEY, address="", port=PORT, carriers=(FIRST, SECOND)
    )
    return office.somebody(Role.OPERATOR)


def put(
    world: World, n: int, state: str, code: str | None = None, message_class: str = "reply"
) -> None:
    lane = LANE.get(message_class, "reply")
    tag = f"{state}:{code}:{message_class}:"
    about = {"class": message_class, "lane": lane, "state": state, "code": code, "n": n}
    world.do(PUT, tag=tag, **about)


def states(world: World) -> dict[str, int]:
    rows = world.rows("SELECT state, count(*) AS n FROM messages_out GROUP BY state")
    return {row.state: row.n for row in rows}


def audited(world: World, action: str) -> list[Any]:
    return world.rows("SELECT * FROM audit WHERE action = :action ORDER BY id", action=action)


def press(browser: Browser, path: str, **typed: str) -> Any:
    """Open what asks, and press its button."""
    assert browser.get(path).status_code == 200, path
    return browser.submit(path, **typed)


def after(browser: Browser, answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(browser.get(answer.headers["Location"]).text)


# -- the list


def test_nothing_to_do(browser: Browser) -> None:
    assert "Không có tin nào chờ" in browser.get("/todo").text
    assert "No message waits" in browser.get("/todo?lang=en").text


def test_what_needs_a_person_comes_first_with_how_many_and_whom(
    browser: Browser, world: World
) -> None:
    put(world, 3, "undelivered")
    put(world, 1234, "queued", "no_balance", "notice")
    put(world, 2, "queued", "unreachable")
    put(world, 4, "queued")
    page = browser.get("/todo?lang=en").text
    headings = re.findall(r"<h2[^>]*>([^<]+)</h2>", page)
    assert headings == ["Fix", "Heals by itself", "Give up", "Waiting its turn"]
    assert "The account is empty; messages wait, none is lost" in page
    assert "1.234" in page
    assert "They did not reach" not in page
    assert "Taken by the carrier, but they did not reach the phone" in page


@pytest.mark.parametrize(
    ("state", "code", "group", "deeds"),
    [
        ("queued", None, "Waiting its turn", ["hold", "cancel"]),
        ("queued", "no_balance", "Fix", ["hold", "cancel"]),
        ("queued", "cap_day", "Heals by itself", ["hold", "cancel"]),
        ("held", "operator", "Fix", ["release", "cancel"]),
        ("held", "promo_cap", "Heals by itself", ["cancel"]),
        ("unknown", "worker_lost", "Heals by itself", ["replay"]),
        ("rejected", "refused", "Give up", ["resend"]),
        ("rejected", "bad_number", "Give up", []),
        ("failed", "carrier_busy", "Fix", ["resend"]),
        ("expired", "too_late", "Give up", ["resend"]),
        ("undelivered", None, "Give up", ["resend"]),
        ("unknown_closed", "outcome_unknown", "Give up", ["resend"]),
        ("cancelled", "operator", "Give up", ["resend"]),
    ],
)
def test_each_pile_stands_in_its_group_with_what_makes_sense(
    browser: Browser, state: str, code: str | None, group: str, deeds: list[str]
) -> None:
    put(browser.office.world, 2, state, code)
    page = browser.get("/todo?lang=en").text
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", page) == [group]
    assert re.findall(r'href="/todo/([a-z]+)/', page) == deeds
    for deed in deeds:
        asked = browser.get(f"/todo/{deed}/{state}/reply/{code or '-'}?lang=vi").text
        assert "<h1>" in asked
        assert "{" not in asked


def test_what_was_cancelled_or_failed_long_ago_is_not_shown(browser: Browser, world: World) -> None:
    put(world, 1, "cancelled", "opted_out")
    put(world, 1, "undelivered")
    world.do("UPDATE messages_out SET changed_at = changed_at - interval '25 hours'")
    assert "Không có tin nào chờ" in browser.get("/todo").text


def test_whoever_only_looks_has_nothing_to_press(office: Office) -> None:
    put(office.world, 2, "queued", "no_balance")
    looks = office.somebody(Role.VIEWER, "xem")
    page = looks.get("/todo").text
    assert "hết tiền" in page
    assert "/todo/hold" not in page
    assert "/brakes/" not in looks.get("/brakes").text
    assert looks.get("/todo/hold/queued/reply/no_balance").status_code == 403


def test_the_list_asks_the_database_little_however_much_there_is(
    browser: Browser, world: World
) -> None:
    counts = []
    for n in (1, 500):
        put(world, n, "queued", "no_balance")
        put(world, n, "rejected", "refused", "notice")
        asked: list[str] = []
        note = lambda *told, asked=asked: asked.append(told[2])  # noqa: E731
        event.listen(world.engine, "before_cursor_execute", note)
        try:
            browser.get("/todo")
            browser.get("/todo/resend/rejected/notice/refused")
            browser.get("/brakes")
            browser.get("/brakes/lane/bulk")
        finally:
            event.remove(world.engine, "before_cursor_execute", note)
        counts.append(len(asked))
        world.do("TRUNCATE messages_out CASCADE")
    assert counts[0] == counts[1] <= 4 * 5, counts


# -- what is done to messages


@pytest.mark.parametrize(
    ("deed", "at", "becomes", "said"),
    [
        ("hold", ("queued", None), {"held": 3}, "Đã giữ lại 3 tin."),
        ("release", ("held", "operator"), {"queued": 3}, "Đã cho gửi tiếp 3 tin."),
        ("cancel", ("queued", "no_balance"), {"cancelled": 3}, "Đã hủy 3 tin."),
        ("replay", ("unknown", "outcome_unknown"), {"queued": 3}, "Đã cho gửi lại 3 tin chưa rõ."),
        ("resend", ("failed", "carrier_busy"), {"failed": 3, "queued": 3}, "Đã cho gửi lại 3 tin."),
    ],
)
def test_a_deed_is_asked_about_done_and_on_record(
    browser: Browser, deed: str, at: tuple[str, str | None], becomes: dict[str, int], said: str
) -> None:
    world, (state, code) = browser.office.world, at
    put(world, 3, state, code)
    path = f"/todo/{deed}/{state}/reply/{code or '-'}"
    asked = browser.get(path).text
    assert re.search(r"<h1>[^<]*3 tin", asked)
    assert states(world) == {state: 3}, "asking does nothing"
    page = after(browser, browser.submit(path, reason="gọi +84900001234"))
    assert said in page
    assert states(world) == becomes
    (line,) = audited(world, f"messages_{deed}")
    assert line.actor == named("nong.an")
    assert line.about == f"reply {state} {code or '-'}"
    assert line.detail["messages"] == "3"
    assert "+84900001234" not in str(line.detail)
    assert "1234" not in line.detail["reason"]


def test_a_form_sent_twice_does_it_once(browser: Browser, world: World) -> None:
    put(world, 2, "expired", "too_late")
    path = "/todo/resend/expired/reply/too_late"
    browser.get(path)
    form = dict(Forms(browser.page).found)[path]
    assert browser.send(path, form).status_code == 303
    browser.send(path, form)
    assert states(world) == {"expired": 2, "queued": 2}


def test_what_came_after_the_question_is_left_alone(browser: Browser, world: World) -> None:
    put(world, 3, "queued")
    browser.get("/todo/cancel/queued/reply/-")
    page = browser.page
    put(world, 2, "queued", None, "alert")
    world.do("UPDATE messages_out SET class = 'reply' WHERE class = 'alert'")
    browser.page = page
    after(browser, browser.submit("/todo/cancel/queued/reply/-"))
    assert states(world) == {"cancelled": 3, "queued": 2}


def test_where_the_number_has_changed_much_it_is_asked_again(
    browser: Browser, world: World
) -> None:
    put(world, 100, "queued")
    path = "/todo/hold/queued/reply/-"
    browser.get(path)
    page = browser.page
    world.do("UPDATE messages_out SET state = 'cancelled' WHERE id % 2 = 0")
    browser.page = page
    answer = browser.submit(path)
    assert answer.status_code == 200
    assert "Lúc bạn xem có 100 tin, bây giờ là 50" in answer.text
    assert "held" not in states(world)
    after(browser, browser.submit(path))
    assert states(world)["held"] == 50


def test_whom_it_cannot_reach_again_is_said_before_and_after(
    browser: Browser, world: World
) -> None:
    put(world, 5, "undelivered", None, "notice")
    world.do("UPDATE messages_out SET body = '' WHERE id IN (SELECT min(id) FROM messages_out)")
    world.do("INSERT INTO suppressions (digest, kind) VALUES ('digest 5', 'news')")
    path = "/todo/resend/undelivered/notice/-"
    asked = browser.get(path).text
    assert "Gửi lại 3 tin?" in asked
    assert "1 tin đã xóa nội dung" in asked
    assert "1 người đã từ chối nhận tin (TC)" in asked
    page = after(browser, browser.submit(path))
    assert "Đã cho gửi lại 3 tin." in page
    assert "Đã bỏ qua 2 tin" in page
    assert states(world)["queued"] == 3


def test_who_is_no_longer_who_it_was_written_for_is_counted_apart(
    browser: Browser, world: World
) -> None:
    put(world, 12, "undelivered", None, "alert")
    world.do("UPDATE messages_out SET person_id = 0 WHERE id IN (SELECT min(id) FROM messages_out)")
    world.do("""
        UPDATE messages_out SET idem_key = 'pile:' || id
        WHERE msisdn > '+84900000010'
    """)
    path = "/todo/resend/undelivered/alert/-"
    asked = browser.get(path).text
    assert "Gửi lại 9 tin?" in asked
    assert "Gửi lại: 9</button>" in asked
    assert "1 tin của người nay không còn dùng số máy ấy" in asked
    assert "2 tin về việc của tổ" in asked
    page = after(browser, browser.submit(path))
    assert "Đã cho gửi lại 9 tin." in page
    assert "Đã bỏ qua 3 tin" in page
    assert states(world)["queued"] == 9


def test_a_large_pile_is_done_in_steps_and_what_remains_is_said(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.outbox.by_hand.MOST", 30)
    monkeypatch.setattr("service.console.todo.BATCH", 10)
    put(world, 45, "queued", "no_balance")
    path = "/todo/cancel/queued/reply/no_balance"
    assert "Hủy 30 tin?" in browser.get(path).text
    page = after(browser, browser.submit(path))
    assert "Đã hủy 30 tin." in page
    assert "Còn 15 tin trong nhóm này" in page
    assert states(world) == {"cancelled": 30, "queued": 15}
    assert [line.detail["messages"] for line in audited(world, "messages_cancel")] == ["10"] * 3


def test_of_very_many_the_people_are_counted_in_the_question(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.outbox.piles.MOST_PEOPLE", 3)
    put(world, 3, "queued")
    assert "đếm khi bấm" not in browser.get("/todo").text
    put(world, 1, "queued", "no_balance")
    assert "đếm khi bấm" in browser.get("/todo").text
    assert "<dd>3</dd>" in browser.get("/todo/hold/queued/reply/-").text


def test_an_emergency_is_warned_of(browser: Browser, world: World) -> None:
    put(world, 2, "expired", "too_late", "emergency")
    put(world, 2, "queued", None, "emergency")
    again = browser.get("/todo/resend/expired/emergency/too_late").text
    assert "Người nhận sẽ tưởng là có việc mới" in again
    assert "hãy gọi điện cho họ" in browser.get("/todo/cancel/queued/emergency/-").text


def test_an_alarm_is_no_villagers_emergency(browser: Browser, world: World) -> None:
    put(world, 2, "expired", "too_late", "emergency")
    put(world, 3, "queued", None, "emergency")
    world.do("""
        UPDATE messages_out SET idem_key = concat('alarm', chr(58), 'alarm-', id)
        WHERE msisdn < '+84900000003' AND state = 'queued' OR msisdn = '+84900000002'
    """)
    page = browser.get("/todo").text
    kinds = re.findall(r"<dt>Loại tin</dt><dd>([^<]+)</dd>", page)
    assert sorted(kinds) == ["Cảnh báo gửi người trực"] * 2 + ["Khẩn cấp"] * 2
    assert "không phải tin của bà con: chờ quá lâu, không còn đáng gửi" in page
    assert 'href="/alarms"' in page
    assert page.count("/todo/resend/expired/emergency/") == 1, "nothing is done to an alarm"
    assert "Gửi lại 1 tin?" in browser.get("/todo/resend/expired/emergency/too_late").text
    after(browser, press(browser, "/todo/cancel/queued/emergency/-"))
    assert states(world) == {"expired": 2, "cancelled": 1, "queued": 2}


def test_when_nothing_is_left_the_question_says_so(browser: Browser) -> None:
    assert "Không còn tin nào" in browser.get("/todo/hold/queued/reply/-").text
    answer = browser.get("/todo/hold/queued/reply/no_balance")
    assert (answer.status_code, Forms(answer.text).found[0][0]) == (200, "/sign-out")


@pytest.mark.parametrize(
    "path",
    [
        "/todo/hold/delivered/reply/-",
        "/todo/cancel/leased/reply/-",
        "/todo/resend/leased/reply/-",
        "/todo/resend/cancelled/reply/opted_out",
        "/todo/resend/rejected/reply/bad_number",
        "/todo/resend/expired/promo/too_late",
        "/todo/burn/queued/reply/-",
        "/todo/hold/queued/nobody/-",
        "/todo/hold/queued/reply/%00",
        "/todo/hold/queued/reply/%ED%A0%80",
        "/todo/hold/queued/reply/" + "x" * 90,
        "/brakes/lane/nowhere",
        "/brakes/carrier/somebody",
        "/brakes/sending/bulk",
        f"/brakes/reroute/{FIRST}",
        "/brakes/%00/%00",
    ],
)
def test_what_is_not_there_is_not_found(browser: Browser, path: str) -> None:
    browser.get("/account")
    word = Forms(browser.page).found[0][1]["form_word"]
    assert browser.get(path).status_code == 404
    assert browser.send(path, {"form_word": word}).status_code == 404


@pytest.mark.parametrize("typed", ["", "0x10", "-1", "9" * 30, "\0", "١٢", "1e9"])
def test_a_form_that_was_tampered_with_asks_again(
    browser: Browser, world: World, typed: str
) -> None:
    put(world, 3, "queued")
    path = "/todo/hold/queued/reply/-"
    for field in ("count", "upto"):
        browser.get(path)
        assert browser.submit(path, **{field: typed}).status_code == 200
    assert states(world) == {"queued": 3}


def test_the_life_of_a_message_tells_what_an_operator_did(browser: Browser, world: World) -> None:
    put(world, 1, "held", "operator")
    put(world, 1, "queued", None, "notice")
    put(world, 1, "cancelled", "operator", "alert")
    world.do("INSERT INTO switches (name, is_on, changed_by) VALUES ('lane:bulk', false, 'Lan')")
    held, waits, cancelled = (
        browser.get(f"/find/message/{row.id}").text
        for row in world.rows("SELECT id FROM messages_out ORDER BY id")
    )
    assert "Người trực đang giữ lại" in held
    assert "Luồng Thông báo đang bị người trực tạm dừng" in waits
    assert "theo lệnh của người trực" in cancelled


def test_what_was_sent_again_names_the_message_it_comes_from(
    browser: Browser, world: World
) -> None:
    put(world, 1, "expired", "too_late")
    after(browser, press(browser, "/todo/resend/expired/reply/too_late"))
    old, new = world.rows("SELECT id FROM messages_out ORDER BY id")
    assert f'href="/find/message/{old.id}"' in browser.get(f"/find/message/{new.id}").text


# -- the switches


def switch_row(world: World, name: str) -> Any:
    rows = world.rows("SELECT * FROM switches WHERE name = :name", name=name)
    return rows[0] if rows else None


@pytest.mark.parametrize(
    ("path", "name", "off", "on"),
    [
        ("/brakes/sending/all", "sending", "sending_off", "sending_on"),
        ("/brakes/lane/bulk", "lane:bulk", "lane_paused", "lane_opened"),
        (f"/brakes/carrier/{FIRST}", f"carrier:{FIRST}", "carrier_paused", "carrier_opened"),
    ],
)
def test_a_switch_is_turned_off_with_a_reason_and_on_again(
    browser: Browser, path: str, name: str, off: str, on: str
) -> None:
    world = browser.office.world
    page = after(browser, press(browser, path, reason="Bản tin sai ngày"))
    assert 'class="done"' in page
    assert "nong.an, từ" in page
    assert "Lý do: Bản tin sai ngày" in page
    row = switch_row(world, name)
    assert (row.is_on, row.changed_by, row.reason) == (False, "nong.an", "Bản tin sai ngày")
    (line,) = audited(world, off)
    assert (line.actor, line.detail["reason"]) == (named("nong.an"), "Bản tin sai ngày")
    assert "Tin đang bị chặn hoặc chuyển hướng" in browser.get("/todo").text
    page = after(browser, press(browser, path))
    assert switch_row(world, name).is_on
    assert len(audited(world, on)) == 1
    assert "nong.an, từ" not in page
    assert "Tin đang bị chặn hoặc chuyển hướng" not in browser.get("/todo").text


def test_a_brake_without_a_reason_is_not_pulled(browser: Browser, world: World) -> None:
    answer = press(browser, "/brakes/sending/all", reason=" \u202e\u200b ")
    assert answer.status_code == 200
    assert "Hãy ghi lý do" in answer.text
    assert switch_row(world, "sending") is None
    assert browser.office.did()[-1] != "sending_off"


def test_a_reason_keeps_no_number_and_no_sign_that_harms(browser: Browser, world: World) -> None:
    press(browser, "/brakes/lane/reply", reason="<b>xã\0 báo\u202e +84900001234</b>\n" + "x" * 999)
    kept = switch_row(world, "lane:reply").reason
    assert kept.startswith("<b>xã báo ")
    assert "+84900001234" not in kept
    assert len(kept) <= 200
    assert "&lt;b&gt;xã báo" in browser.get("/brakes").text


def test_the_big_red_switch_pressed_twice_keeps_who_was_first(
    browser: Browser, world: World
) -> None:
    path = "/brakes/sending/all"
    browser.get(path)
    form = {**dict(Forms(browser.page).found)[path], "reason": "sai"}
    after(browser, browser.send(path, form))
    page = after(browser, browser.send(path, form))
    assert "không có gì thay đổi" in page
    assert len(audited(world, "sending_off")) == 1
    assert not switch_row(world, "sending").is_on


def test_pausing_emergencies_is_warned_of_plainly(browser: Browser) -> None:
    assert "không ai được báo khi có người kêu cứu" in browser.get("/brakes/lane/emergency").text
    assert "không ai được báo" not in browser.get("/brakes/lane/bulk").text
    assert "Tin khẩn cấp cũng dừng" in browser.get("/brakes/sending/all").text


def test_the_question_says_how_many_wait(browser: Browser, world: World) -> None:
    put(world, 3, "queued")
    put(world, 1200, "queued", None, "notice")
    assert "1.200 tin đang chờ" in browser.get("/brakes/lane/bulk").text
    assert "1.203 tin đang chờ" in browser.get("/brakes/sending/all").text


def test_a_carrier_left_alone_by_the_service_is_tried_again_at_once(
    browser: Browser, world: World
) -> None:
    world.do(
        "INSERT INTO carrier_pauses (carrier, code, until)"
        " VALUES (:carrier, 'no_balance', clock_timestamp() + interval '1 hour')",
        carrier=FIRST,
    )
    said = "Nhà mạng không nhận, tài khoản hết tiền, từ"
    assert said in browser.get("/brakes").text
    assert said in browser.get(f"/brakes/refused/{FIRST}").text
    page = after(browser, press(browser, f"/brakes/refused/{FIRST}"))
    assert "Tin kế tiếp sẽ thử gửi" in page
    assert world.rows("SELECT * FROM carrier_pauses") == []
    (line,) = audited(world, "carrier_resumed")
    assert line.about == f"carrier {FIRST}"


def test_without_a_second_account_it_says_how_to_set_one(browser: Browser) -> None:
    assert "SECOND_CARRIER_API_KEY" in browser.get("/brakes").text


def test_messages_are_rerouted_and_come_back(two_carriers: Browser, world: World) -> None:
    path = f"/brakes/reroute/{SECOND}"
    assert "SECOND_CARRIER" not in two_carriers.get("/brakes").text
    page = after(two_carriers, press(two_carriers, path, reason="hết tiền"))
    assert f"Tin đang đi qua {SECOND}" in page
    assert switch_row(world, f"reroute:{SECOND}").is_on
    assert f"nong.an đã chuyển tin sang {SECOND}" in two_carriers.get("/todo").text
    page = after(two_carriers, press(two_carriers, path))
    assert f"Tin đang đi qua {FIRST}" in page
    assert [line.action for line in world.rows("SELECT action FROM audit ORDER BY id")][-2:] == [
        "rerouted",
        "reroute_ended",
    ]
