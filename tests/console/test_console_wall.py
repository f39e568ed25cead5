"""The screen on the wall: the glance in few large words, which stays until its day is over."""

from __future__ import annotations

import re

import pytest

from service.carriers.base import NoBalance
from service.records.console import Role
from tests.console.office import Browser, Office
from tests.console.test_console_room import headline, words
from tests.ops.room_kit import Watched
from tests.village import TimedWorld


@pytest.fixture
def room(timed: TimedWorld) -> Watched:
    watched = Watched(timed)
    watched.everybody_works()
    return watched


@pytest.fixture
def office(timed: TimedWorld) -> Office:
    return Office(timed)


@pytest.fixture
def wall(office: Office, room: Watched) -> Browser:
    return office.somebody(Role.VIEWER)


def test_it_says_the_same_as_the_room(wall: Browser, room: Watched) -> None:
    assert headline(wall, "/wall") == headline(wall, "/room") == "Mọi thứ đang chạy bình thường"
    room.put(15)
    room.send(answer=NoBalance)
    room.let_pass(minutes=5)
    assert headline(wall, "/wall") == headline(wall, "/room")
    page = words(wall, "/wall")
    assert "tài khoản hết tiền" in page
    assert "15 chờ, lâu nhất 5 phút" in page
    assert re.search(r"Trả lời Kẹt từ 09:0\d 15 chờ", page)


def test_it_looks_again_without_scripts(wall: Browser) -> None:
    page = wall.get("/wall").text
    assert re.search(r'<noscript><meta http-equiv="refresh" content="\d+"></noscript>', page)
    assert "<form" not in page


def test_a_wall_is_not_signed_out_for_having_been_left_alone(wall: Browser, office: Office) -> None:
    for _ in range(3):
        office.age_sessions(seen=25, began=120)
        assert wall.get("/wall").status_code == 200
    assert wall.get("/room", **{"X-Poll": "1"}).status_code == 200


def test_it_says_when_its_session_ends_and_then_leads_to_the_sign_in(
    wall: Browser, office: Office
) -> None:
    office.age_sessions(seen=1, began=11 * 60)
    assert "tự đăng xuất" not in words(wall, "/wall")
    office.age_sessions(seen=1, began=12 * 60 - 20)
    assert re.search(r"tự đăng xuất lúc 09:[12]\d. Hãy đăng nhập lại", words(wall, "/wall"))
    office.age_sessions(seen=1, began=12 * 60 + 1)
    answer = wall.get("/wall")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_a_commune_has_no_wall(office: Office, room: Watched) -> None:
    assert office.somebody(Role.COMMUNE, "commune").get("/wall").status_code == 403


def test_it_names_nobody_and_repeats_no_reason(wall: Browser, room: Watched) -> None:
    room.world.do("""
        INSERT INTO switches (name, is_on, reason, changed_by)
        VALUES ('sending', false, 'vi ba Hai o nha 12', 'console nong.an')
    """)
    page = words(wall, "/wall")
    assert "Người trực đã tắt gửi tin" in page
    assert "nong.an" not in page
    assert "ba Hai" not in page
    assert "console nong.an" in words(wall, "/room"), "whoever can act reads who it was"
    assert 'href="/todo"' in wall.get("/room").text
