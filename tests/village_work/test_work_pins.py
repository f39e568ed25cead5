"""A PIN is chosen and asked for in a call, cannot be guessed, and stands nowhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.text.pins import is_easy
from service.village import pins
from service.village.pins import Tried
from tests.village import LEADER, MEMBER, NEIGHBOUR, Phone, TimedWorld, World
from tests.village_work.people_words import OTHER_PIN, PIN, audits, choose_pin, people_menu
from tests.village_work.traces import found
from tests.village_work.words import alarms, forget_answers, say

EASY = (
    *("111111", "123456", "654321", "121212", "123123", "112233", "010190", "900101", "199019"),
    *("789456", "147258", "135791", "111112", "123321", "246802", "121990", "975319"),
)


def ask_number(leader: Phone) -> str:
    """Walk to where the PIN is asked for: to see the number of the first in the list."""
    people_menu(leader)
    return leader.keys("1", "1", "1")


@pytest.mark.parametrize("pin", EASY)
def test_what_others_would_try_first_is_refused(pin: str) -> None:
    assert is_easy(pin, NEIGHBOUR)


def test_what_is_seen_on_the_own_number_is_refused_and_most_are_not() -> None:
    assert is_easy("900000", LEADER)
    assert is_easy("200000", LEADER)
    assert is_easy("710002", LEADER), "the last four"
    refused = sum(is_easy(f"{n:06d}", "+84987654321") for n in range(0, 10**6, 7))
    assert 0.05 < refused * 7 / 10**6 < 0.12
    assert not is_easy(PIN, LEADER)


def test_a_leader_chooses_a_pin_by_typing_it_twice_and_is_told(world: World) -> None:
    leader = world.phone(LEADER)
    people_menu(leader)
    leader.key("4")
    assert (
        leader.key("12") == f"{say(world, 'error.pin_shape')}\n{say(world, 'pin.new')}\n0 Quay lai"
    )
    assert leader.key("123456").startswith(say(world, "error.pin_easy"))
    leader.key(PIN)
    assert "lan nua" in leader.screen
    assert leader.key(PIN) == say(world, "pin.set")
    assert leader.inbox() == [say(world, "sms.pin_set")]
    assert audits(world) == ["pin_set"]


def test_two_that_differ_set_nothing(world: World) -> None:
    leader = world.phone(LEADER)
    people_menu(leader)
    assert say(world, "pin.differs") in leader.keys("4", PIN, OTHER_PIN)
    leader.keys("1", PIN)
    assert leader.key(PIN) == say(world, "pin.set")


def test_changing_a_pin_needs_the_old_one(world: World) -> None:
    leader = world.phone(LEADER)
    choose_pin(leader)
    people_menu(leader)
    assert leader.keys("4", OTHER_PIN).startswith(say(world, "error.pin_wrong"))
    leader.keys(PIN, OTHER_PIN)
    assert leader.key(OTHER_PIN) == say(world, "pin.set")
    assert leader.inbox()[-1] == say(world, "sms.pin_changed")
    ask_number(leader)
    assert leader.key(PIN).startswith(say(world, "error.pin_wrong"))
    assert "0900000" in leader.key(OTHER_PIN)


def test_three_wrong_lock_for_a_quarter_of_an_hour_six_for_a_day_ten_for_good(
    timed: TimedWorld,
) -> None:
    leader = timed.phone(LEADER)
    choose_pin(leader)
    ask_number(leader)
    for _ in range(2):
        assert leader.key(OTHER_PIN).startswith(say(timed, "error.pin_wrong"))
    locked = leader.key(OTHER_PIN)
    assert locked == say(timed, "pin.locked", time="09:15 01/12")
    assert leader.inbox()[-1] == say(timed, "sms.pin_locked")
    assert ask_number(leader) == locked, "not even the right one is asked for"
    timed.let_pass(minutes=16)
    ask_number(leader)
    leader.keys(OTHER_PIN, OTHER_PIN)
    assert leader.key(OTHER_PIN) == say(timed, "pin.locked", time="09:16 02/12")
    timed.let_pass(hours=25)
    ask_number(leader)
    leader.keys(*[OTHER_PIN] * 3)
    assert leader.key(OTHER_PIN) == say(timed, "pin.shut")
    timed.let_pass(days=30)
    assert ask_number(leader) == say(timed, "pin.shut")
    assert "pin_shut" in alarms(timed)


def test_the_right_one_begins_the_count_anew(world: World) -> None:
    leader = world.phone(LEADER)
    choose_pin(leader)
    for _ in range(3):
        ask_number(leader)
        leader.keys(OTHER_PIN, OTHER_PIN)
        assert "0900000" in leader.key(PIN)


def test_a_text_can_lock_nobody_out(world: World) -> None:
    leader = world.phone(LEADER)
    choose_pin(leader)
    for _ in range(12):
        leader.text(OTHER_PIN)
        leader.text(f"PIN {OTHER_PIN}")
        forget_answers(world)
    assert world.one("SELECT wrong FROM pins").wrong == 0
    ask_number(leader)
    assert "0900000" in leader.key(PIN)


def test_many_at_once_get_no_more_than_three_tries(world: World) -> None:
    """Guesses from many sessions in the same moment are counted one by one."""
    choose_pin(world.phone(LEADER))
    runtime = world.runtime
    person = world.one("SELECT person_id FROM pins").person_id

    def guess(n: int) -> Tried:
        with runtime.units.open() as unit:
            board = runtime.switchboard
            desk = board.desk(unit, _key(n), 1, "vi")
            from service.records.people import Person

            return pins.try_pin(desk, unit.session.get_one(Person, person), f"{700000 + n}")

    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(guess, range(16)))
    assert tried.count(Tried.WRONG) == 2
    assert tried.count(Tried.LOCKED) == 14
    assert world.one("SELECT wrong FROM pins").wrong == 3


def _key(n: int):
    from service.records.hops import CallKey

    return CallKey("africastalking", f"ATUid_{n}", LEADER)


def test_a_pin_stands_in_no_table_and_no_log(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    leader = world.phone(LEADER)
    choose_pin(leader)
    ask_number(leader)
    leader.keys(OTHER_PIN, PIN)
    people_menu(leader)
    leader.keys("4", PIN)
    leader.hang_up()
    leader.dial(f"4*1*1*1*1*{PIN}")
    leader.text(PIN)
    leader.text(f"MA {OTHER_PIN}")
    leader.text(f"ma pin cua toi la {PIN}")
    assert found(world, [PIN, OTHER_PIN]) == []
    logged = capfd.readouterr()
    assert PIN not in logged.out + logged.err
    assert OTHER_PIN not in logged.out + logged.err


def test_a_hash_cannot_be_tried_out_without_the_services_key(world: World) -> None:
    from argon2.exceptions import VerifyMismatchError
    from argon2.low_level import Type, verify_secret

    choose_pin(world.phone(LEADER))
    kept = world.one("SELECT hash FROM pins").hash
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with pytest.raises(VerifyMismatchError):
        verify_secret(kept.encode(), PIN.encode(), Type.ID)


def test_dialled_behind_the_short_code_no_pin_is_taken(world: World) -> None:
    leader = world.phone(LEADER)
    choose_pin(leader)
    leader.dial(f"4*1*1*1*1*{PIN}")
    assert "Nhap ma PIN" in leader.screen


def test_a_pin_is_not_chosen_by_text(world: World) -> None:
    leader = world.phone(LEADER)
    assert leader.text("PIN") == [say(world, "sms.pin_by_call")]
    leader.text("MENU")
    leader.text("4")
    leader.text("1")
    assert leader.text("4")[0].startswith(say(world, "error.by_call"))


def test_an_operator_takes_a_pin_away_and_its_owner_hears_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from service.cli import caunoi

    monkeypatch.setenv("DATABASE_URL", world.runtime.settings.database_url)
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    leader = world.phone(LEADER)
    choose_pin(leader)
    world.do("UPDATE pins SET wrong = 10")
    assert ask_number(leader) == say(world, "pin.shut")
    done = CliRunner().invoke(caunoi, ["pin", "reset", LEADER, "--by", "Trực tỉnh"])
    assert done.exit_code == 0, done.output
    assert leader.inbox()[-1] == say(world, "sms.pin_reset")
    row = world.one("SELECT actor, about FROM audit WHERE action = 'pin_reset'")
    assert row.actor == "operator Trực tỉnh"
    choose_pin(leader, OTHER_PIN)
    nobody = CliRunner().invoke(caunoi, ["pin", "reset", MEMBER, "--by", "x"])
    assert nobody.exit_code != 0
