"""A member who forgot the words of their work, or what stands behind one, is told how they look."""

from __future__ import annotations

import pytest

from service.text.days import said_day
from service.text.gsm7 import count
from service.text.local_time import VIETNAM
from service.village.rota_work import EXAMPLE_AHEAD
from tests.village import LEADER, NEIGHBOUR, World
from tests.village_work.words import ask, events, say


def in_some_days(world: World) -> str:
    now = world.one("SELECT clock_timestamp() AS now").now.astimezone(VIETNAM).date()
    return said_day(now + EXAMPLE_AHEAD, now)


@pytest.mark.parametrize("word", ["HD", "?", "Hướng dẫn", "help", "HD nv"])
def test_a_member_is_told_the_words_in_one_message(world: World, word: str) -> None:
    (answer,) = world.phone(LEADER).text(word)
    assert answer == say(world, "sms.team_words")
    assert count(answer).segments == 1
    assert all(f" {known}" in answer for known in ("NV", "XONG", "CHUYEN", "HOI", "NGHI", "MENU"))


def test_the_menu_is_one_word_away(world: World) -> None:
    assert world.phone(LEADER).text("MENU")[0].startswith("Viec cua to\n1 ")
    assert world.phone(NEIGHBOUR).text("MENU")[0].startswith("To cong nghe so\n1 ")


def test_everybody_else_gets_the_menu_by_either_word(world: World) -> None:
    assert world.phone(NEIGHBOUR).text("HD") == world.phone(NEIGHBOUR).text("MENU")


def test_a_member_gets_a_guide_by_its_name(world: World) -> None:
    assert world.phone(LEADER).text("HD VNEID") == [say(world, "guide.vneid")]


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("NGHI mai", "NGHI 3"),
        ("nv nhe toi goi ngay", "NV 1"),
        ("CHUYEN cho anh Du", "CHUYEN 1"),
        ("HOI may gi the ba", "HOI 3 may gi"),
        ("GIO 6", "GIO 6-20"),
        ("TRUC thu tu", "TRUC {day}"),
        ("THEM Lan 0900000009", "THEM 0900000001 Lan"),
        ("BOT ba Lan", "BOT 0900000001"),
        ("DOI ca lam", "DOI 0900000001 0900000002"),
    ],
)
def test_a_word_with_something_unclear_behind_it_is_not_taken_for_done(
    world: World, text: str, example: str
) -> None:
    ask(world.phone(NEIGHBOUR))
    (answer,) = world.phone(LEADER).text(text)
    assert answer == say(world, "sms.team_unclear", example=example.format(day=in_some_days(world)))
    assert len(world.rows("SELECT FROM help_requests")) == 1


def test_it_may_still_be_a_call_for_help(world: World) -> None:
    leader = world.phone(LEADER)
    leader.text("doi the can cuoc cho con")
    assert world.rows("SELECT FROM help_requests") == []
    leader.text("1")
    assert world.one("SELECT words FROM help_requests").words == "doi the can cuoc cho con"


def test_a_member_who_has_a_request_keeps_it_as_a_note_and_hears_so(world: World) -> None:
    number, leader = ask(world.phone(NEIGHBOUR)), world.phone(LEADER)
    leader.text("NV 1")
    assert leader.text("nghi mai, ngay kia toi sang") == [
        say(world, "sms.task_noted_unclear", task="1", example="NGHI 3")
    ]
    assert events(world, number)[-1] == "noted"
    assert leader.text("toi mai moi sang duoc") == [say(world, "sms.task_noted", task="1")]


def test_who_is_in_no_team_is_asked_as_before(world: World) -> None:
    text = "nghi mai"
    assert world.phone(NEIGHBOUR).text(text) == [say(world, "sms.draft", words=text)]
