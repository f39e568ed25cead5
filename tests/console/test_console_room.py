"""The first page: one sentence that says how things are, then what waits and what is the matter."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from service.records.console import Role
from tests.console.office import Browser, Office
from tests.village import LEADER, World

ALIVE = """
    INSERT INTO beats (name, kind, lane, pid) VALUES ('clock', 'clock', NULL, 1),
    ('e', 'worker', 'emergency', 2), ('r', 'worker', 'reply', 3), ('b', 'worker', 'bulk', 4)
"""


@pytest.fixture
def browser(office: Office) -> Browser:
    office.world.do(ALIVE)
    return office.somebody(Role.OPERATOR)


def waits(world: World, seconds: int) -> None:
    world.phone(LEADER).text("TRO GIUP")
    world.do(
        """UPDATE messages_out SET due_at = clock_timestamp() - make_interval(secs => :seconds)
           WHERE state = 'queued'""",
        seconds=seconds,
    )


def test_all_is_well(browser: Browser) -> None:
    page = browser.get("/room").text
    assert "<h1>Mọi thứ đang chạy bình thường</h1>" in page
    assert page.count("Rảnh, không có tin chờ") == 3
    assert "Không có cảnh báo nào" in page


def test_what_waits_is_counted_and_moving(browser: Browser, world: World) -> None:
    waits(world, 20)
    page = browser.get("/room").text
    assert "<h1>Mọi thứ đang chạy bình thường</h1>" in page
    assert "20 giây" in page or "21 giây" in page
    assert "đang chờ" in page


def test_what_waits_for_long_is_said_first(browser: Browser, world: World) -> None:
    waits(world, 600)
    page = browser.get("/room").text
    assert "<h1>Có tin chờ quá lâu</h1>" in page
    assert "10 phút" in page


def test_a_lane_without_a_worker(browser: Browser, world: World) -> None:
    world.do("DELETE FROM beats WHERE lane = 'reply'")
    page = browser.get("/room").text
    assert "<h1>Có luồng tin không ai gửi</h1>" in page
    assert "Không có tiến trình gửi" in page


def test_a_clock_that_stands(browser: Browser, world: World) -> None:
    world.do("UPDATE beats SET beat_at = beat_at - interval '1 hour' WHERE kind = 'clock'")
    assert "<h1>Đồng hồ hệ thống không chạy</h1>" in browser.get("/room").text


def test_the_big_red_switch(browser: Browser, world: World) -> None:
    world.do(
        "INSERT INTO switches (name, is_on, reason, changed_by)"
        " VALUES ('sending', false, '<b>thử</b>', 'Nông An')"
    )
    page = browser.get("/room").text
    assert "<h1>Đang dừng gửi tất cả tin nhắn</h1>" in page
    assert "Nông An đã dừng gửi: &lt;b&gt;thử&lt;/b&gt;" in page
    assert "caunoi sending on" in page


def test_a_carrier_that_is_paused_and_what_to_do(browser: Browser, world: World) -> None:
    world.do(
        "INSERT INTO carrier_pauses (carrier, code, until)"
        " VALUES ('africastalking', 'no_balance', clock_timestamp() + interval '1 hour')"
    )
    page = browser.get("/room").text
    assert "<h1>Nhà mạng đang tạm ngừng nhận tin</h1>" in page
    assert "hết tiền" in page
    assert "Top up" in browser.get("/room?lang=en").text


def test_alarms_in_words_and_without_numbers(browser: Browser, world: World) -> None:
    world.do(
        "INSERT INTO alarms (name, about, detail) VALUES ('pin_shut', 'person 4', '+84900000002')"
    )
    world.do("INSERT INTO alarms (name, about) VALUES ('unheard_of', 'x')")
    page = browser.get("/room").text
    assert "<h1>Tin đang chạy, nhưng có việc cần xem</h1>" in page
    assert "PIN của một thành viên sai mười lần" in page
    assert "unheard_of" in page
    assert "+84900000002" not in page


def test_the_first_page_is_light_and_asks_little_of_the_database(
    browser: Browser, world: World
) -> None:
    waits(world, 20)
    asked = []
    note = lambda *told: asked.append(told[2])  # noqa: E731
    event.listen(world.engine, "before_cursor_execute", note)
    try:
        page = browser.get("/room")
    finally:
        event.remove(world.engine, "before_cursor_execute", note)
    assert len(asked) <= 12, asked
    sizes = [len(page.data)]
    for name in ("console.css", "icon.svg"):
        assert f'"/static/{name}"' in page.text
        sizes.append(len(browser.get(f"/static/{name}").data))
    assert sum(sizes) < 30_000, sizes
