"""A member asks the villager by a text of ours, and the answer comes back."""

from __future__ import annotations

import pytest

from tests.village import DEPUTY, LEADER, NEIGHBOUR, VILLAGER, TimedWorld, World
from tests.village_work.words import ask, events, forget_answers, request, say, values

MAU = "Hoàng Văn Mẫu"


def in_hand(world: World, topic: str = "VNEID", task: int = 1) -> int:
    number = ask(world.phone(NEIGHBOUR), topic)
    world.phone(LEADER).text(f"NV {task}")
    return number


def test_a_question_and_its_answer(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    number = in_hand(world)
    asked = values(world, number, leader=MAU, question="Ba con o nha luc nao?")
    assert leader.text("HOI 1 Ba con o nha luc nao?") == [say(world, "sms.ask_sent", task="1")]
    assert villager.inbox()[-1] == say(world, "sms.inquiry", **asked)
    assert villager.text("TL chieu nay, sau 3 gio") == [say(world, "sms.answer_told", **asked)]
    assert leader.inbox()[-1] == say(
        world, "sms.inquiry_answer", task="1", answered="chieu nay, sau 3 gio"
    )
    assert events(world, number)[-2:] == ["asked", "answered"]
    assert villager.text("TL mai") == [say(world, "sms.nothing_asked")]


@pytest.mark.parametrize(
    "words", ["sang mai", "1", "co", "khong", "ok", "xong roi", "chua", "2 may"]
)
def test_plain_words_answer_what_was_asked_last(world: World, words: str) -> None:
    number = in_hand(world)
    world.phone(LEADER).text("HOI 1 May da bat duoc chua?")
    world.phone(NEIGHBOUR).text(words)
    assert world.phone(LEADER).inbox()[-1].endswith(f"tra loi: {words}")
    assert request(world, number).state == "accepted"


@pytest.mark.parametrize("words", ["cam on", "Cảm ơn em nhé"])
def test_thanks_are_no_answer(world: World, words: str) -> None:
    in_hand(world)
    world.phone(LEADER).text("HOI 1 May da bat duoc chua?")
    world.phone(NEIGHBOUR).text(words)
    assert world.one("SELECT answer FROM inquiries").answer is None


def test_a_keyword_means_itself_and_the_question_stays_open(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    number = in_hand(world)
    world.phone(LEADER).text("HOI 1 May da bat duoc chua?")
    assert str(number) in villager.text("YC")[0]
    villager.text("GIUP")
    villager.text("7")
    assert world.one("SELECT answer FROM inquiries").answer is None, "the menu was asked later"
    villager.text("TL roi")
    assert world.one("SELECT answer FROM inquiries").answer == "roi"


def test_two_questions_are_told_apart_by_the_number(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    first, second = in_hand(world), in_hand(world, "VSSID", 2)
    leader.text("HOI 1 May da bat duoc chua?")
    leader.text("HOI 2 Ba con o nha luc nao?")
    (which,) = villager.text("TL sang mai")
    assert str(first) in which
    assert str(second) in which
    villager.text(str(second))
    assert leader.inbox()[-1] == say(world, "sms.inquiry_answer", task="2", answered="sang mai")
    forget_answers(world)
    villager.text(f"TL {first} bat roi")
    assert leader.inbox()[-1] == say(world, "sms.inquiry_answer", task="1", answered="bat roi")


def test_a_digit_with_a_number_is_about_that_request(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    first, second = in_hand(world), in_hand(world, "VSSID", 2)
    leader.text("XONG 1")
    leader.text("HOI 2 May minh co may cai?")
    forget_answers(world)
    villager.text(f"1 {first}")
    assert request(world, first).state == "closed"
    villager.text(f"2 {second}")
    assert leader.inbox()[-1].endswith("tra loi: 2")


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Doc ma OTP vua gui ve may", "sms.ask_secret"),
        ("o t p la bao nhieu", "sms.ask_secret"),
        ("Mật khẩu VNeID là gì", "sms.ask_secret"),
        ("so tai khoan cua ba con?", "sms.ask_secret"),
        ("Chuyển tiền phí trước nhé", "sms.ask_secret"),
        ("so the BHYT la gi", "sms.ask_secret"),
        ("vao trang vneid.com xem", "sms.ask_elsewhere"),
        ("goi 0900 000 555 nhe", "sms.ask_elsewhere"),
        (
            "Ba con co con nho hom cai may o nha van hoa xom khong, luc do con co ai o do nua?",
            "sms.ask_long",
        ),
        ("", "sms.ask_empty"),
    ],
)
def test_what_we_never_ask_for_is_not_sent(world: World, question: str, reason: str) -> None:
    villager, number = world.phone(NEIGHBOUR), in_hand(world)
    before = len(villager.inbox())
    answer, *_warning = world.phone(LEADER).text(f"HOI 1 {question}")
    assert answer == say(world, reason, task="1")
    assert len(villager.inbox()) == before
    assert "asked" not in events(world, number)


def test_only_who_has_it_may_ask(world: World) -> None:
    leader, deputy = world.phone(LEADER), world.phone(DEPUTY)
    number = ask(world.phone(NEIGHBOUR))
    assert leader.text("HOI 1 May gi?") == [say(world, "sms.ask_take_first", task="1")]
    leader.text("NV 1")
    leader.text("CHUYEN 1 0900000003")
    deputy.text("NV 1")
    assert leader.text("HOI 1 May gi?") == [
        say(world, "sms.task_gone", task="1", leader="Lý Thị Ví Dụ")
    ]
    assert world.phone(VILLAGER).text("HOI 1 May gi?") == [say(world, "sms.stranger")]
    assert "asked" not in events(world, number)


def test_the_answer_goes_to_whoever_has_it_by_then(world: World) -> None:
    leader, deputy, villager = (world.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    number = in_hand(world)
    leader.text("HOI 1 May gi?")
    leader.text("CHUYEN 1 0900000003")
    deputy.text("NV 1")
    villager.text("TL may Nokia")
    assert deputy.inbox()[-1] == say(world, "sms.inquiry_answer", task="1", answered="may Nokia")
    assert "may Nokia" not in leader.inbox()[-1]
    deputy.text("HOI 1 Mau gi?")
    deputy.text("CHUYEN 1 0900000002")
    forget_answers(world)
    assert villager.text("TL mau do") == [say(world, "sms.answer_kept", number=str(number))]


def test_a_request_that_ends_asks_nothing_any_more(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    number = in_hand(world)
    leader.text("HOI 1 May gi?")
    leader.text("XONG 1")
    assert villager.text("1") == [say(world, "sms.solved", **values(world, number))]
    other = in_hand(world, "VSSID", 2)
    leader.text("HOI 2 May gi?")
    villager.text(f"HUY {other}")
    assert villager.text("TL may Nokia") == [say(world, "sms.nothing_asked")]
    assert world.rows("SELECT FROM inquiries WHERE ended_at IS NULL") == []


def test_asked_anew_replaces_and_nobody_is_bombarded(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    in_hand(world)
    for n in range(5):
        leader.text(f"HOI 1 May loai {n} phai khong?")
    assert leader.text("HOI 1 Hay may khac?") == [say(world, "sms.ask_enough")]
    assert len(world.rows("SELECT FROM inquiries WHERE ended_at IS NULL")) == 1
    assert sum("TL va loi dap" in text for text in villager.inbox()) == 5


def test_a_question_is_open_for_three_days(timed: TimedWorld) -> None:
    villager = timed.phone(NEIGHBOUR)
    in_hand(timed)
    timed.phone(LEADER).text("HOI 1 May gi?")
    timed.let_pass(days=3, minutes=1)
    assert villager.text("TL may Nokia") == [say(timed, "sms.nothing_asked")]


def test_a_long_answer_comes_whole_in_two(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    in_hand(world)
    leader.text("HOI 1 Hong the nao?")
    words = " ".join(f"chu{n}" for n in range(30))
    villager.text(f"TL {words}")
    first, second = leader.inbox()[-2:]
    said = f"{first.partition('tra loi: ')[2]} {second.partition('tiep: ')[2]}"
    assert said == words


def test_secrets_in_an_answer_are_not_passed_on(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    in_hand(world)
    leader.text("HOI 1 Hong the nao?")
    villager.text("TL ma OTP la 482913")
    assert "482913" not in "".join(leader.inbox())
    assert world.rows("SELECT FROM inquiries WHERE answer LIKE '%482913%'") == []


def test_who_asked_for_it_themselves_is_not_asked(world: World) -> None:
    leader = world.phone(LEADER)
    ask(leader)
    leader.text("CUU")
    world.phone(DEPUTY).text("CHUYEN 1 0900000002")
    assert "nho minh lam" not in "".join(leader.inbox()), "their own request is not passed to them"


def test_asked_and_answered_on_the_screens(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    in_hand(world)
    leader.dial()
    leader.keys("2", "1", "3", "1")
    assert "OTP, mat khau" in leader.key("mat khau la gi")
    leader.key("May da bat duoc chua?")
    assert not leader.open
    villager.dial()
    villager.keys("5", "1")
    assert "May da bat duoc chua?" in villager.screen
    villager.keys("1", "bat duoc roi")
    assert not villager.open
    assert leader.inbox()[-1].endswith("bat duoc roi")
