"""What people really text back: yes and no in words, thanks, nods, and looking at something first."""

from __future__ import annotations

import pytest

from tests.village import HAMLET, LEADER, NEIGHBOUR, VILLAGER, World
from tests.village_work.words import ask, request, say, values


def asked(world: World) -> list[str]:
    return [row.msisdn for row in world.rows("SELECT msisdn FROM text_dialogues")]


def test_whom_to_call_in_an_emergency_is_said_whatever_was_texted_before(world: World) -> None:
    stranger, villager = world.phone(VILLAGER), world.phone(NEIGHBOUR)
    stranger.text("xin chao")
    assert "112" in " ".join(stranger.text("SOS"))
    for text in ("DL", "YC", "TIN", "HD", "LOP", "DK TIN", "TC"):
        villager.text(text)
    assert "112" in " ".join(villager.text("CUU"))


@pytest.mark.parametrize(
    ("asked_by", "answer", "filed"),
    [
        ("lam the bao hiem cho con", "gui", True),
        ("lam the bao hiem cho con", "Có", True),
        ("lam the bao hiem cho con", "thôi", False),
        ("lam the bao hiem cho con", "không", False),
        ("GIUPP VNEID", "phải", True),
    ],
)
def test_yes_and_no_answer_a_question_in_words(
    world: World, asked_by: str, answer: str, filed: bool
) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.text(asked_by)
    assert len(villager.text(answer)) == 1
    assert bool(world.rows("SELECT FROM help_requests")) is filed
    assert asked(world) == []


@pytest.mark.parametrize("text", ["cam on", "Cảm ơn ạ", "ok", "vâng", "Ok cảm ơn em", "dạ"])
def test_thanks_ask_for_nothing_and_hide_no_question(world: World, text: str) -> None:
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    number = ask(villager)
    leader.text("NV 1")
    leader.text("XONG 1")
    assert villager.text(text) == []
    assert villager.text("1") == [say(world, "sms.solved", **values(world, number))]


def test_a_villager_says_done_with_the_leaders_word(world: World) -> None:
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    number = ask(villager)
    leader.text("NV 1")
    leader.text("XONG 1")
    assert villager.text("xong roi") == [say(world, "sms.solved", **values(world, number))]


def test_somebody_who_has_it_hears_that_it_is_not_solved_however_much_they_heard(
    world: World,
) -> None:
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    for n in range(20):
        world.phone(f"+8490000{n + 2000}").text(f"GIUP {HAMLET} VNEID")
    ask(villager)
    world.do(
        "UPDATE task_numbers SET number = 77 WHERE id = (SELECT max(id) FROM task_numbers"
        " WHERE phone_id = (SELECT id FROM phones WHERE msisdn = :n))",
        n=LEADER,
    )
    leader.text("NV 77")
    leader.text("XONG 77")
    before = len(leader.inbox())
    villager.text("2")
    assert "CHUA xong" in leader.inbox()[-1]
    assert len(leader.inbox()) == before + 1


@pytest.mark.parametrize("text", ["duoc roi cam on", "roi", "được rồi", "co", "khong"])
def test_a_nod_that_may_be_the_answer_is_asked_about_and_no_call_for_help(
    world: World, text: str
) -> None:
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    number = ask(villager)
    leader.text("NV 1")
    leader.text("XONG 1")
    assert villager.text(text) == [say(world, "sms.which", numbers=str(number), number=str(number))]
    assert asked(world) == []
    assert request(world, number).state == "done"


def test_a_yes_that_answers_nothing_is_no_call_for_help(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    assert villager.text("gui") == [say(world, "sms.nothing_asked")]
    assert asked(world) == []


def test_who_agrees_in_words_agrees_to_that_alone(world: World) -> None:
    villager, leader = world.phone(VILLAGER), world.phone(LEADER)
    number = ask(villager)
    leader.text("NV 1")
    leader.text("XONG 1")
    assert villager.text("đồng ý") == [say(world, "sms.agreed")]
    assert request(world, number).state == "done"


def test_no_in_words_is_asked_about_when_two_things_are_open(world: World) -> None:
    villager, leader = world.phone(VILLAGER), world.phone(LEADER)
    number = ask(villager)
    leader.text("NV 1")
    leader.text("XONG 1")
    assert villager.text("không") == [
        say(world, "sms.which", numbers=str(number), number=str(number))
    ]
    assert request(world, number).state == "done"


def test_looking_at_something_leaves_consent_and_the_code_of_an_erasure_asked(
    world: World,
) -> None:
    stranger, villager = world.phone(VILLAGER), world.phone(NEIGHBOUR)
    number = ask(stranger)
    stranger.text(f"YC {number}")
    assert stranger.text("1") == [say(world, "sms.agreed")]
    (code,) = villager.text("XOA")
    villager.text("DL")
    villager.text(" ".join(code.split("soan ")[1].split()[:2]))
    assert world.rows("SELECT FROM phones WHERE msisdn = :n", n=NEIGHBOUR) == []


@pytest.mark.parametrize(
    "text", ["GIUP VNEID coc phia", "GIUP Cốc Phia VNEID", "GIUP 00118 VNEID", "GIUP vneid coc pia"]
)
def test_a_stranger_may_name_the_hamlet_and_is_asked_whether_it_is_that(
    world: World, text: str
) -> None:
    stranger = world.phone(VILLAGER)
    asked_where = say(world, "sms.hamlet_guess", hamlet="xom Coc Phia", commune="xa Hoa An")
    assert stranger.text(text) == [asked_where]
    assert "Da ghi viec" in stranger.text("1")[0]
    filed = world.one(
        "SELECT r.topic, a.code FROM help_requests r JOIN areas a ON a.id = r.area_id"
    )
    assert (filed.topic, filed.code) == ("vneid", HAMLET)


def test_a_stranger_whose_hamlet_it_is_not_has_asked_for_nothing(world: World) -> None:
    stranger = world.phone(VILLAGER)
    stranger.text("GIUP VNEID coc phia")
    stranger.text("2")
    assert world.rows("SELECT FROM help_requests") == []
