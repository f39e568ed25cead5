"""The room's page: one sentence that says how things are, why and what to do; then the figures."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from service.carriers.base import BadNumber, NoBalance, Unreachable
from service.console.glance import Lookout
from service.outbox.wake import bounded_redis
from service.records.console import Role
from service.records.messages import MessageClass
from tests.console.office import Browser, Office
from tests.ops.room_kit import Watched
from tests.village import LEADER, NEIGHBOUR, VILLAGER, TimedWorld

MOST_STATEMENTS = 12
MOST_BYTES = 150_000


@pytest.fixture
def room(timed: TimedWorld) -> Watched:
    watched = Watched(timed)
    watched.everybody_works()
    return watched


@pytest.fixture
def office(timed: TimedWorld) -> Office:
    return Office(timed)


@pytest.fixture
def browser(office: Office, room: Watched) -> Browser:
    """A viewer's, who signs in without the digits that a turned clock would not know."""
    return office.somebody(Role.VIEWER)


def used(room: Watched) -> None:
    """Let time that a test passes not sign anybody out."""
    room.world.do(
        "UPDATE console_sessions SET seen_at = clock_timestamp(), began_at = clock_timestamp()"
    )


def words(browser: Browser, path: str = "/room") -> str:
    """What a page says, without its marks."""
    answer = browser.get(path)
    assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
    main = answer.text.partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def headline(browser: Browser, path: str = "/room") -> str:
    return unescape(re.findall(r"<h1>(.*)</h1>", browser.get(path).text)[0])


def level(browser: Browser) -> str:
    return re.findall(r'class="headline (\w+)"', browser.get("/room").text)[0]


def after(page: str, heading: str) -> str:
    """What stands behind a heading."""
    assert heading in page
    return page.partition(heading)[2]


# -- the sentence on top


def test_all_is_well(browser: Browser) -> None:
    assert headline(browser) == "Mọi thứ đang chạy bình thường"
    assert level(browser) == "well"
    assert words(browser).count("tốt: Không có tin chờ") == 3


def test_what_waits_and_moves_is_well(browser: Browser, room: Watched) -> None:
    room.put(12)
    assert headline(browser) == "Mọi thứ đang chạy bình thường"
    page = words(browser)
    assert re.search(r"Trả lời tốt: Đang chạy 12 \d giây 0 0 1", page)


def test_stuck_with_since_when_why_and_what_to_do(browser: Browser, room: Watched) -> None:
    room.turn_to(2026, 12, 1, 14, 3)
    room.put(15)
    room.send(answer=NoBalance)
    room.turn_to(2026, 12, 1, 14, 10)
    used(room)
    assert headline(browser) == "Kẹt từ 14:03: trả lời"
    assert level(browser) == "ill"
    page = words(browser)
    assert (
        "Nhà mạng trung gian africastalking không nhận từ 14:03: tài khoản hết tiền;"
        " tin chờ, chưa mất tin nào; nạp tiền, rồi bấm Thử lại ngay ở trang Công tắc,"
        " hoặc chạy: caunoi resume-carrier [no_balance]." in page
    )
    assert (
        "phải làm: Kẹt từ 14:03: tiến trình gửi vẫn chạy; nhà mạng trung gian không nhận,"
        " tài khoản hết tiền 15 7 phút" in page
    )
    assert headline(browser, "/room?lang=en") == "Stuck since 14:03: replies"


def test_the_page_says_what_the_terminal_says(browser: Browser, room: Watched) -> None:
    room.put(3, MessageClass.EMERGENCY)
    room.let_pass(gone=["emergency"], minutes=5)
    assert room.verdict("emergency") == ("stuck", ["no_worker"])
    assert headline(browser).startswith("Kẹt từ 09:0")
    assert headline(browser).endswith(": khẩn cấp")
    assert "Khẩn cấp: không có tiến trình gửi từ 09:0" in words(browser)
    assert "khởi động lại worker-emergency." in words(browser)


def test_every_lane_stuck_is_said_as_such(browser: Browser, room: Watched) -> None:
    for kind in (MessageClass.EMERGENCY, MessageClass.REPLY, MessageClass.NOTICE):
        room.put(1, kind)
    room.world.do(
        "INSERT INTO switches (name, is_on, reason, changed_by)"
        " VALUES ('sending', false, '<b>thử</b>', 'Nông An')"
    )
    assert headline(browser).startswith("Không tin nào đi được từ 09:0")
    page = browser.get("/room").text
    assert "Nông An đã tắt gửi tin" in page
    assert "&lt;b&gt;thử&lt;/b&gt;" in page
    assert "<b>" not in page


def test_slow_is_worth_a_look(browser: Browser, room: Watched) -> None:
    room.put(500)
    room.let_pass(minutes=5)
    room.send(most=5)
    assert room.verdict()[0] == "slow"
    assert headline(browser) == "Tin đi chậm: trả lời"
    assert level(browser) == "look"


def test_what_stops_the_next_message_is_named_though_nothing_waits(
    browser: Browser, room: Watched
) -> None:
    room.let_pass(gone=["reply"], minutes=5)
    assert headline(browser) == "Trả lời: không có tiến trình gửi"
    assert level(browser) == "ill"


def test_a_clock_that_stands_is_first_though_messages_move(browser: Browser, room: Watched) -> None:
    room.let_pass(gone=["clock"], minutes=5)
    assert headline(browser) == "Đồng hồ công việc không chạy"
    assert level(browser) == "ill"
    assert "không nhắc, không chuyển cấp" in words(browser)
    assert "phải làm: không chạy" in words(browser)


def test_open_alarms_are_worth_a_look_until_somebody_has_seen_them(
    browser: Browser, room: Watched
) -> None:
    room.world.do(
        "INSERT INTO alarms (name, about, detail) VALUES ('pin_shut', 'person 4', '+84900000002')"
    )
    room.world.do("INSERT INTO alarms (name, about) VALUES ('unheard_of', 'x')")
    page = words(browser)
    assert headline(browser) == "Tin đang chạy, nhưng có việc cần xem"
    assert level(browser) == "look"
    assert "PIN của một thành viên sai mười lần" in page
    assert "unheard_of" in page
    assert "+84900000002" not in page
    room.world.do("UPDATE alarms SET acknowledged_at = clock_timestamp(), acknowledged_by = 'an'")
    assert level(browser) == "well"
    assert "đã có người xem" in words(browser)


def test_news_that_waits_for_the_morning_is_no_fault(browser: Browser, room: Watched) -> None:
    room.turn_to(2026, 12, 1, 23, 0)
    used(room)
    room.put(4, MessageClass.NOTICE)
    assert level(browser) == "well"
    assert "4 tin chờ đến 07:00" in words(browser)


# -- faults around


def test_a_database_that_refuses_to_write_is_said_on_the_page_itself(
    browser: Browser, room: Watched
) -> None:
    room.put()
    with room.read_only():
        assert headline(browser) == "Kẹt từ 09:00: trả lời"
        page = words(browser)
        assert "Cơ sở dữ liệu chỉ cho đọc, không ghi được gì: kiểm tra PostgreSQL." in page
        assert "phải làm: chỉ đọc, không ghi được gì" in page
        assert browser.get("/wall").status_code == browser.get("/curves").status_code == 200
    assert level(browser) == "well"


def test_redis_gone_is_named_and_nothing_is_lost_by_it(
    office: Office, browser: Browser, servers: dict[str, str]
) -> None:
    lookout: Lookout = office.app.extensions["lookout"]
    assert "chưa biết: không dùng" in words(browser)
    lookout.redis = bounded_redis(servers["redis"])
    assert "tốt: trả lời" in words(browser)
    lookout.redis = bounded_redis("redis://127.0.0.1:9/0")
    assert headline(browser) == "Redis không trả lời"
    assert level(browser) == "look"
    assert "(POLL_SECONDS), không mất tin nào; khởi động lại Redis." in words(browser)
    assert "nothing is lost" in words(browser, "/room?lang=en")


def test_a_database_that_is_away_is_said_with_what_it_means_for_villagers() -> None:
    from service.console.app import make_console
    from service.records.engine import make_engine
    from tests.console.office import HERE, KEY, PORT

    engine = make_engine(
        "postgresql://caunoi@127.0.0.1:9/caunoi", name="t", pool_size=1, statement_seconds=1
    )
    app = make_console(engine, key=KEY, address="", port=PORT)
    client = app.test_client()
    client.set_cookie("__Host-caunoi-session", "x" * 43, domain="127.0.0.1", secure=True)
    for path in ("/room", "/wall", "/curves"):
        answer = client.get(path, base_url=HERE.replace("http:", "https:"))
        assert answer.status_code == 503
        assert "Không vào được cơ sở dữ liệu" in answer.text
        assert "người gọi chỉ nghe lời xin lỗi" in answer.text
        assert "PostgreSQL" in answer.text
        assert '<meta http-equiv="refresh" content="15">' in answer.text, "a wall comes back"
    engine.dispose()


# -- figures


def test_what_arrived_by_network_and_errors_by_what_becomes_of_them(
    browser: Browser, room: Watched
) -> None:
    room.put(10)
    room.send()
    room.report(8)
    room.report(1, rank=3, network="45201")
    room.report(1, network="99999")
    room.put(3)
    room.send(answer=BadNumber)
    room.put(1, MessageClass.EMERGENCY)
    room.send("emergency", Unreachable)
    page = words(browser)
    assert "africastalking, một trăm tin gần nhất 90 % của 10 tin" in page
    assert "Viettel, có báo trong giờ qua 100 % của 8 tin" in page
    assert "MobiFone, có báo trong giờ qua 0 % của 1 tin" in page
    assert "mạng thử, có báo trong giờ qua" in page
    errors = after(page, "Lỗi trong giờ qua")
    assert errors.index("Tự khỏi") < errors.index("unreachable") < errors.index("Đành bỏ")
    assert "bad_number : không có số này, hoặc số không nhận được tin; hỏi lại số" in errors
    assert "3 tin, gần nhất 09:0" in errors
    assert "Phải sửa" not in errors


def test_what_comes_in_from_the_carrier(browser: Browser, room: Watched) -> None:
    assert "chưa có lần nào" in words(browser)
    assert "Không có lượt nào trong mấy phút qua." in words(browser)
    room.world.phone(VILLAGER).dial()
    room.world.phone(NEIGHBOUR).text("TRO GIUP")
    room.put(2)
    room.send()
    room.world.post(
        "receipts",
        {"id": room.taken[0][0], "status": "Success", "phoneNumber": NEIGHBOUR, "networkCode": "1"},
    )
    room.world.runtime.pace.hand_on()
    room.let_pass(minutes=1)
    page = after(words(browser), "Từ nhà mạng đến")
    assert re.search(r"Lượt bấm USSD 0,4 mỗi phút , gần nhất \d+ giây trước", page)
    assert re.search(r"Tin nhắn đến 0,2 mỗi phút , gần nhất \d+ giây trước", page)
    assert re.search(r"Báo phát 0,2 mỗi phút , gần nhất \d+ giây trước", page)
    assert re.search(r"95 trên 100 lượt được trả lời trong [\d.]+ ms", page)


def test_where_calls_end_without_an_answer(browser: Browser, room: Watched) -> None:
    assert "Chưa có cuộc gọi nào." in words(browser)
    told = room.world.phone(VILLAGER)
    told.dial()
    told.hang_up()
    silent = room.world.phone(NEIGHBOUR)
    silent.dial()
    silent.key("1")
    page = after(words(browser), "Cuộc gọi bỏ dở")
    assert "1 trên 1 cuộc gần đây (100 %)" in page, "who is silent for seconds still talks"
    assert "Lời chào lần đầu 1" in page
    room.let_pass(minutes=5)
    page = after(words(browser), "Cuộc gọi bỏ dở")
    assert "2 trên 2 cuộc gần đây (100 %)" in page
    assert "Chọn việc cần giúp 1" in page
    room.world.do("UPDATE ussd_sessions SET open = false, ended = 'Success'")
    assert "Không có trong 2 cuộc gần đây." in words(browser)


def test_the_balance_is_told_as_days(browser: Browser, room: Watched) -> None:
    assert "Tiền ở nhà mạng chưa biết: chưa biết" in words(browser)
    room.world.do("INSERT INTO gauges (name, value) VALUES ('balance', 900000)")
    assert "900.000 đồng; chưa biết đủ mấy ngày" in words(browser)
    room.world.do("""
        INSERT INTO spend (period, starts_at, messages, segments, vnd)
        SELECT 'day', date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh')
                      - make_interval(days => n), 1, 1, 100000
        FROM generate_series(0, 9) AS n
    """)
    assert "tốt: đủ khoảng 9 ngày (900.000 đồng)" in words(browser)
    assert "Tiền tin hôm nay 100.000 đồng" in words(browser)
    room.world.do("UPDATE gauges SET value = 250000")
    assert "cần xem: đủ khoảng 2,5 ngày" in words(browser)
    room.world.do("UPDATE gauges SET value = 50000")
    assert "phải làm: đủ khoảng 0,5 ngày" in words(browser)


def test_a_balance_in_another_currency_is_not_called_dong(browser: Browser, room: Watched) -> None:
    room.world.do("INSERT INTO gauges (name, value, detail) VALUES ('balance', 900000, 'KES')")
    room.world.do("""
        INSERT INTO spend (period, starts_at, messages, segments, vnd)
        SELECT 'day', date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh')
                      - make_interval(days => n), 1, 1, 100000
        FROM generate_series(0, 9) AS n
    """)
    assert "tốt: 900.000 KES; không tính ra ngày" in words(browser)
    assert "900.000 đồng" not in words(browser)


def test_the_balance_is_not_well_while_the_carrier_says_that_it_is_empty(
    browser: Browser, room: Watched
) -> None:
    room.world.do("INSERT INTO gauges (name, value, detail) VALUES ('balance', 900000, 'VND')")
    room.put(1)
    room.send(answer=NoBalance)
    used(room)
    page = words(browser)
    assert "phải làm: nhà mạng báo hết tiền (số đọc lúc" in page
    assert "tốt: 900.000 đồng" not in page


def test_the_balance_of_each_account_stands_there(browser: Browser, room: Watched) -> None:
    room.world.do("""
        INSERT INTO gauges (name, value, detail)
        VALUES ('balance', 900000, 'VND'), ('balance:africastalking-2', 250000, 'VND')
    """)
    room.world.do("""
        INSERT INTO spend (period, starts_at, messages, segments, vnd)
        SELECT 'day', date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh')
                      - make_interval(days => n), 1, 1, 100000
        FROM generate_series(1, 7) AS n
    """)
    page = words(browser)
    assert "Tiền ở nhà mạng tốt: đủ khoảng 9 ngày (900.000 đồng)" in page
    assert "Tiền ở tài khoản africastalking-2 cần xem: đủ khoảng 2,5 ngày" in page
    room.put(1)
    room.send(answer=NoBalance)
    used(room)
    page = words(browser)
    assert "Tiền ở nhà mạng phải làm: nhà mạng báo hết tiền" in page
    assert "africastalking-2 cần xem: đủ khoảng 2,5 ngày" in page, "it is not that one"


def test_spending_of_a_young_service_is_taken_over_the_days_it_had(
    browser: Browser, room: Watched
) -> None:
    room.world.do("INSERT INTO gauges (name, value) VALUES ('balance', 900000)")
    room.world.do("""
        INSERT INTO spend (period, starts_at, messages, segments, vnd)
        SELECT 'day', date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh')
                      - make_interval(days => n), 1, 1, 100000
        FROM generate_series(0, 2) AS n
    """)
    assert "đủ khoảng 9 ngày" in words(browser)


def test_disk_backup_and_certificate_and_what_is_too_old_to_be_believed(
    browser: Browser, room: Watched
) -> None:
    room.world.do("""
        INSERT INTO gauges (name, value, detail, read_at) VALUES
        ('disk', 0.41, '82000000000', clock_timestamp()),
        ('backup', 5, NULL, clock_timestamp() - interval '9 hours'),
        ('certificate:caunoi.example', 62, NULL, clock_timestamp())
    """)
    page = words(browser)
    assert "Ổ đĩa tốt: còn trống 41 %, 82 GB" in page
    assert "Bản sao lưu tốt: xong 9 giờ trước" in page
    assert "Chứng thư caunoi.example tốt: còn 62 ngày" in page
    room.world.do("UPDATE gauges SET value = 0.04, detail = NULL WHERE name = 'disk'")
    room.world.do("UPDATE gauges SET value = 2 WHERE name LIKE 'certificate:%'")
    room.let_pass(hours=60)
    used(room)
    page = words(browser)
    assert "phải làm: còn trống 4 % (số cũ, đọc 60 giờ trước)" in page
    assert "phải làm: xong 2 ngày trước" in page
    assert "phải làm: còn 2 ngày (số cũ, đọc 60 giờ trước)" in page


def test_pictures_of_the_last_hour_say_their_highest_point(browser: Browser, room: Watched) -> None:
    from service.ops.pulse import take_pulse

    assert words(browser).count("Chưa có số nào.") == 3
    room.put(7)
    room.send()
    room.let_pass(minutes=1)
    take_pulse(room.world.engine)
    page = words(browser)
    assert "Đã gửi: 7 tất cả, nhiều nhất 7 lúc 09:00; lỗi: không có." in page
    assert browser.get("/room").text.count("<svg ") == 3


def test_links_lead_only_where_one_may_go(browser: Browser, office: Office, room: Watched) -> None:
    page = browser.get("/room").text
    addresses = re.findall(r"<main.*", page, re.DOTALL)[0]
    for path in set(re.findall(r'href="(/[^"]*)"', addresses)):
        assert browser.get(path).status_code == 200, path


# -- what it costs, and to whom it says nothing


def asked(room: Watched, ask: Any) -> list[str]:
    found: list[str] = []
    note = lambda *told: found.append(told[2])  # noqa: E731
    event.listen(room.world.engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(room.world.engine, "before_cursor_execute", note)
    return found


@pytest.mark.parametrize("path", ["/room", "/wall", "/curves", "/curves?span=month"])
def test_a_page_asks_as_often_however_much_there_is(
    browser: Browser, room: Watched, path: str
) -> None:
    stale = "UPDATE console_sessions SET seen_at = clock_timestamp() - interval '2 minutes'"
    room.world.do(stale)
    few = asked(room, lambda: browser.get(path))
    room.put(60)
    room.send(most=40)
    room.report(30)
    room.world.phone(LEADER).dial()
    room.world.do("INSERT INTO alarms (name, about) SELECT 'a', n FROM generate_series(1, 50) n")
    room.world.do("INSERT INTO gauges (name, value) VALUES ('balance', 1), ('disk', 1)")
    room.world.do(stale)
    many = asked(room, lambda: browser.get(path))
    assert len(few) == len(many) <= MOST_STATEMENTS


def test_history_is_never_read_through(browser: Browser, room: Watched) -> None:
    room.world.do("""
        INSERT INTO counters (name, minute, n)
        SELECT 'hop_ms_10', date_trunc('minute', clock_timestamp()) - n * interval '1 minute', 5
        FROM generate_series(1, 30000) AS n
    """)
    room.world.do("""
        INSERT INTO ussd_sessions (carrier, session_id, msisdn, hop, seen_length, seen_digest,
                                   state, reply, updated_at)
        SELECT 'africastalking', n, '+84900000001', 1, 0, '', '{"s": "topic"}', '',
               clock_timestamp() - n * interval '1 second'
        FROM generate_series(1, 30000) AS n
    """)
    room.world.do("ANALYZE counters, ussd_sessions")
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if "counters" in statement and not statement.startswith("EXPLAIN"):
            plans.extend(connection.exec_driver_sql("EXPLAIN " + statement, values).scalars())

    event.listen(room.world.engine, "before_cursor_execute", explain)
    try:
        browser.get("/room")
    finally:
        event.remove(room.world.engine, "before_cursor_execute", explain)
    plan = "\n".join(plans)
    assert "Seq Scan" not in plan
    assert re.search(r"Index Cond: .*name = ANY.*minute >= .*minute <", plan)
    assert "ix_ussd_sessions_updated_at" in plan


def test_ten_walls_cost_as_much_as_one(office: Office, browser: Browser, room: Watched) -> None:
    office.app.extensions["lookout"].seconds = 60.0
    first = asked(room, lambda: browser.get("/wall"))
    assert len(first) > 5
    for path in ("/wall", "/room", "/wall?lang=en"):
        assert len(asked(room, lambda path=path: browser.get(path))) == 1, "whose session it is"
    room.put()
    office.app.extensions["lookout"].seconds = 0.0
    assert office.app.extensions["lookout"].glance().room.lanes[1].waiting == 0
    office.app.extensions["lookout"]._until = 0.0
    assert office.app.extensions["lookout"].glance().room.lanes[1].waiting == 1


def test_the_first_page_is_light_and_wants_nothing_from_outside(
    browser: Browser, room: Watched
) -> None:
    room.put(40)
    room.send()
    page = browser.get("/room")
    parts = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assert {name.rpartition(".")[2] for name in parts} == {"css", "js", "svg"}
    sizes = {name: len(browser.get(name).data) for name in parts}
    assert len(page.data) + sum(sizes.values()) <= MOST_BYTES, sizes
    for text in (page.text, *(browser.get(name).text for name in parts)):
        assert not re.findall(r"""(?:https?:)?//[a-z0-9][^\s"']*\.[a-z]{2,}""", _plain(text))


def _plain(text: str) -> str:
    """Without the name of SVG, which nobody fetches, and without comments."""
    return re.sub(
        r"^\s*//.*$", "", text.replace("http://www.w3.org/2000/svg", ""), flags=re.MULTILINE
    )


def test_nothing_on_page_or_wall_is_anybodys(browser: Browser, room: Watched) -> None:
    room.world.phone(VILLAGER).dial()
    room.world.phone(LEADER).text("VIEC")
    room.put(5)
    room.send(answer=Unreachable)
    kept = {
        value
        for row in room.world.rows("SELECT msisdn FROM phones UNION ALL SELECT name FROM people")
        for value in row
        if value and len(value) > 4
    }
    assert kept
    for path in ("/room", "/wall", "/curves"):
        page = words(browser, path)
        assert [value for value in kept if value in page or value.lstrip("+") in page] == []
    assert "nong.an" not in browser.get("/wall").text


# -- looking again


def test_a_page_that_looks_again_by_itself_keeps_nobody_signed_in(
    office: Office, browser: Browser, room: Watched
) -> None:
    for _ in range(3):
        office.age_sessions(seen=14, began=14)
        assert browser.get("/room", **{"X-Poll": "1"}).status_code == 200
    age = room.world.one("SELECT clock_timestamp() - seen_at AS age FROM console_sessions").age
    assert age >= timedelta(minutes=14)
    office.age_sessions(seen=31, began=31)
    answer = browser.get("/room", **{"X-Poll": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_without_scripts_there_is_a_link_to_look_again(browser: Browser) -> None:
    assert '<a id="again" href="/room">Xem lại</a>' in browser.get("/room").text
