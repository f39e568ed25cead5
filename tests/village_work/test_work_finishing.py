"""The work is done, or not: the villager has the last word."""

from __future__ import annotations

from service.village.tasks import close_unanswered
from tests.village import DEPUTY, LEADER, MEMBER, NEIGHBOUR, VILLAGER, World
from tests.village_work.words import ask, events, forget_answers, request, say, values


def noted(world: World) -> str | None:
    row = world.one("SELECT note FROM request_events WHERE event = 'done' ORDER BY id DESC LIMIT 1")
    return row.note


def test_done_with_a_note_and_without(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    for text, note in {
        "XONG 1 da cai xong, 2 may": "da cai xong, 2 may",
        "XONG": None,
        "xong. da mua 3 sim": "da mua 3 sim",
        "XONG 1": None,
        "Xong1-goi lai 0900000007": "goi lai 0900000007",
    }.items():
        number = ask(villager)
        leader.text("NV")
        leader.text(text)
        assert request(world, number).state == "done", text
        assert noted(world) == note
        assert villager.inbox()[-1] == say(
            world, "sms.done", **values(world, number, leader="Hoàng Văn Mẫu")
        )
        villager.text("1")
        assert events(world, number) == ["opened", "told", "accepted", "done", "solved"]
        world.do("DELETE FROM task_numbers")
        forget_answers(world)


def test_done_before_it_was_taken_is_taken_and_done(world: World) -> None:
    leader, deputy, villager = (world.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    number = ask(villager)
    world.move_up()
    assert leader.text("XONG 1 gap o cho") == [say(world, "sms.task_asking", task="1")]
    assert events(world, number) == ["opened", "told", "told", "accepted", "done"]
    assert len(deputy.inbox()) == 2, "the others hear that it is taken"
    assert deputy.text("XONG 1") == [say(world, "sms.task_gone", task="1", leader="Hoàng Văn Mẫu")]


def test_anothers_task_cannot_be_finished(world: World) -> None:
    number = ask(world.phone(NEIGHBOUR))
    world.move_up()
    world.phone(LEADER).text("NV 1")
    (answer,) = world.phone(DEPUTY).text("XONG 1")
    assert answer == say(world, "sms.task_gone", task="1", leader="Hoàng Văn Mẫu")
    assert request(world, number).state == "accepted"


def test_done_twice_asks_once(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    number = ask(villager)
    leader.text("NV 1")
    leader.text("XONG 1")
    leader.text("XONG 1")
    assert events(world, number).count("done") == 1
    assert len(world.rows("SELECT FROM questions")) == 1


def test_not_solved_goes_back_to_the_same_person(world: World) -> None:
    leader, deputy, villager = (world.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    number = ask(villager)
    leader.text("NV 1")
    leader.text("XONG 1")
    told = values(world, number, leader="Hoàng Văn Mẫu")
    before = len(deputy.inbox())
    assert villager.text("2") == [say(world, "sms.reopened", **told)]
    again = leader.inbox()[-1]
    assert again == say(world, "sms.task_again", **told, task="1", phone="0900000007")
    assert len(deputy.inbox()) == before
    assert request(world, number).state == "accepted"
    forget_answers(world)
    leader.text("XONG 1 lan nay xong that")
    assert villager.text("1") == [say(world, "sms.solved", **told)]
    assert request(world, number).state == "closed"
    assert villager.text("2") == [say(world, "sms.nothing_asked")], "it stays solved"


def test_not_solved_goes_to_the_team_when_the_helper_has_left(world: World) -> None:
    leader, deputy, villager = (world.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    number = ask(villager)
    leader.text("NV 1")
    leader.text("XONG 1")
    world.do("UPDATE memberships SET until = clock_timestamp() WHERE role = 'leader'")
    heard = len(leader.inbox())
    villager.text("2")
    assert request(world, number).state == "open"
    assert request(world, number).accepted_by is None
    assert len(leader.inbox()) == heard
    assert "NV 1" in deputy.inbox()[-1]
    deputy.text("NV")
    assert request(world, number).state == "accepted"
    assert events(world, number)[-3:] == ["reopened", "told", "accepted"]


def test_the_same_over_the_phones_menu(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    number = ask(villager)
    leader.text("NV 1")
    leader.text("XONG 1")
    villager.dial()
    villager.keys("3", "5", "1")
    assert str(number) in villager.screen
    villager.key("2")
    assert not villager.open
    assert request(world, number).state == "accepted"
    leader.text("XONG 1")
    villager.dial()
    villager.keys("5", "1", "1")
    assert request(world, number).state == "closed"


def test_two_questions_at_once_are_told_apart(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    first, second = ask(villager), ask(villager, "VSSID")
    for task in ("1", "2"):
        leader.text(f"NV {task}")
        leader.text(f"XONG {task}")
    forget_answers(world)
    (which,) = villager.text("1")
    assert str(first) in which
    assert str(second) in which
    assert {request(world, n).state for n in (first, second)} == {"done"}
    villager.text(f"1 {second}")
    villager.text(f"2 {first}")
    assert (request(world, second).state, request(world, first).state) == ("closed", "accepted")


def test_an_answer_to_nothing_is_answered(world: World) -> None:
    assert world.phone(NEIGHBOUR).text("1") == [say(world, "sms.nothing_asked")]
    assert world.phone(VILLAGER).text("2") == [say(world, "sms.stranger")]


def test_three_days_of_silence_mean_solved(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    number = ask(villager)
    world.move_up(2)
    leader.text("NV 1")
    leader.text("XONG 1")

    def close() -> int:
        with world.runtime.units.open() as unit:
            return close_unanswered(unit.session)

    assert close() == 0
    world.do("UPDATE questions SET expires_at = expires_at - interval '2 days 23 hours'")
    assert close() == 0
    world.do("UPDATE questions SET expires_at = expires_at - interval '2 hours'")
    assert (close(), close()) == (1, 0)
    assert request(world, number).state == "closed"
    assert events(world, number)[-1] == "solved"
    assert world.rows("SELECT FROM questions WHERE closed_at IS NULL") == []
    assert world.rows("SELECT FROM task_numbers WHERE freed_at IS NULL") == []
    assert len(world.phone(MEMBER).inbox()) == 2
    assert ask(villager) != 0, "and the same may be asked anew"
