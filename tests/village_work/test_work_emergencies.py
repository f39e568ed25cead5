"""Emergencies: none that is real is lost, and nobody is buried under those that are invented."""

from __future__ import annotations

import re

import pytest

from service.text.local_time import in_vietnam
from service.village.callouts import MOST_TO_A_PHONE
from service.village.emergencies import MOST_IN_A_DAY
from tests.village import DEPUTY, HAMLET, LEADER, NEIGHBOUR, VILLAGER, Phone, World
from tests.village_work.words import alarms, forget_answers, say

TOLD = (LEADER, DEPUTY)
MOMENT = re.compile(r"\d\d:\d\d \d\d/\d\d")


def heard(world: World, msisdn: str) -> list[str]:
    rows = world.rows(
        "SELECT body FROM messages_out WHERE msisdn = :m AND class = 'emergency' ORDER BY id",
        m=msisdn,
    )
    return [row.body for row in rows]


def later(world: World, minutes: int) -> None:
    for statement in (
        "UPDATE audit SET at = at - make_interval(mins => :m)",
        "UPDATE messages_out SET created_at = created_at - make_interval(mins => :m)",
        "UPDATE help_requests SET opened_at = opened_at - make_interval(mins => :m)",
    ):
        world.do(statement, m=minutes)


def stranger(world: World, n: int) -> Phone:
    """Somebody who has texted for help and agreed to be remembered, as anybody can forge it."""
    phone = world.phone(f"+8490001{n:04d}")
    phone.text(f"GIUP {HAMLET} VNEID")
    phone.text("1")
    return phone


def calls(phone: Phone, *keys: str) -> str:
    phone.dial()
    return phone.keys("8", *keys)


# -- many at once


def test_forty_forged_senders_bury_nobody(world: World) -> None:
    heard_back = [stranger(world, n).text("CUU") for n in range(40)]
    most, many = MOST_TO_A_PHONE["sms"], say(world, "sms.task_emergency_many")
    for member in TOLD:
        assert len(heard(world, member)) == most + 1
        assert heard(world, member)[-1] == many
    assert alarms(world) >= {"emergency_flood"}
    assert heard_back[most] == [say(world, "sms.emergency", told="nobody")]
    later(world, 61)
    calls(world.phone(NEIGHBOUR))
    assert len(heard(world, LEADER)) == most + 2, "an hour later each is told again"


def test_while_texts_flood_a_call_gets_through(world: World) -> None:
    for n in range(MOST_TO_A_PHONE["sms"] + 2):
        stranger(world, n).text("CUU")
    before = len(heard(world, LEADER))
    assert "Da noi voi" in calls(world.phone(NEIGHBOUR))
    assert "0900000007" in heard(world, LEADER)[-1]
    assert len(heard(world, LEADER)) == before + 1


def test_calls_have_a_limit_too_and_the_caller_hears_the_numbers(world: World) -> None:
    world.do(
        """
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                                  valid_until)
        SELECT format(:key, n, m), 'emergency', 'emergency', 0, m, 'x',
               1, 'delivered', clock_timestamp()
        FROM generate_series(1, :most) AS n, unnest(CAST(:told AS text[])) AS m
        """,
        key="ussd:x:%s:sms.task_emergency:%s",
        most=MOST_TO_A_PHONE["ussd"],
        told=list(TOLD),
    )
    assert calls(world.phone(NEIGHBOUR)) == say(world, "emergency.numbers")
    assert heard(world, LEADER)[-1] == say(world, "sms.task_emergency_many")
    assert calls(world.phone(NEIGHBOUR)) == say(world, "emergency.numbers")
    assert len(heard(world, LEADER)) == MOST_TO_A_PHONE["ussd"] + 1, "once an hour"
    assert "emergency_flood" in alarms(world)


def test_who_was_told_of_many_only_hears_of_nothing_taken_back(world: World) -> None:
    for n in range(MOST_TO_A_PHONE["sms"]):
        stranger(world, n).text("CUU")
    last = stranger(world, MOST_TO_A_PHONE["sms"])
    last.text("CUU")
    forget_answers(world)
    before = heard(world, LEADER)
    assert last.text("NHAM") == [say(world, "sms.emergency_off")]
    assert heard(world, LEADER) == before
    assert world.one("SELECT count(*) AS n FROM climbs WHERE due_at IS NULL").n == 1


# -- texts take nothing from calls


def test_forged_texts_do_not_use_up_the_calls_of_the_owner(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    for _ in range(MOST_IN_A_DAY):
        neighbour.text("CUU")
        later(world, 11)
    neighbour.text("CUU")
    assert "emergency_often" in alarms(world)
    assert len(heard(world, LEADER)) == MOST_IN_A_DAY
    assert "Da noi voi" in calls(neighbour)
    assert len(heard(world, LEADER)) == MOST_IN_A_DAY + 1


def test_a_call_just_behind_a_text_is_passed_on(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.text("CUU")
    assert "Da noi voi" in calls(neighbour)
    assert len(heard(world, LEADER)) == 2


# -- taking back


@pytest.mark.parametrize(
    "words", ["BAM NHAM", "goi nham", "Nhầm rồi", "NHAM", "Không phải khẩn cấp", "bam nham nhe"]
)
def test_an_emergency_is_taken_back_by_text(world: World, words: str) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.text("CUU")
    assert neighbour.text(words) == [say(world, "sms.emergency_off")]
    for member in TOLD:
        raised, off = heard(world, member)
        (moment,) = MOMENT.findall(raised)
        assert off == say(
            world,
            "sms.task_emergency_off",
            hamlet="xom Coc Phia",
            time=moment,
            phone="0900000007",
        )
    assert neighbour.text(words) == [say(world, "sms.nothing_asked")], "once"
    assert len(heard(world, LEADER)) == 2
    neighbour.text("CUU")
    assert len(heard(world, LEADER)) == 3, "the next one is another"


def test_what_a_call_raised_no_text_calls_off(world: World) -> None:
    """Its sender may be forged; whoever called calls again and presses 1."""
    neighbour = world.phone(NEIGHBOUR)
    calls(neighbour)
    neighbour.hang_up()
    before = len(heard(world, LEADER))
    assert neighbour.text("NHAM") == [say(world, "sms.emergency_off_by_call")]
    assert len(heard(world, LEADER)) == before


def test_what_was_taken_back_names_the_moment_it_was_raised_at(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    calls(neighbour)
    later(world, 5)
    neighbour.key("1")
    at = world.one("SELECT at FROM audit WHERE action = 'emergency'").at
    assert MOMENT.findall(heard(world, LEADER)[-1]) == [f"{in_vietnam(at):%H:%M %d/%m}"]


def test_as_long_as_it_climbs_it_can_be_taken_back(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    assert neighbour.text("BAM NHAM") == [say(world, "sms.nothing_asked")]
    neighbour.text("CUU")
    later(world, 50)
    assert neighbour.text("BAM NHAM") == [say(world, "sms.emergency_off")]
    assert len(heard(world, LEADER)) == 2
    later(world, 50)
    assert neighbour.text("BAM NHAM") == [say(world, "sms.nothing_asked")]
    assert len(heard(world, LEADER)) == 2


def test_a_number_that_raised_nothing_takes_nothing_back(world: World) -> None:
    assert world.phone(VILLAGER).text("NHAM") == [say(world, "sms.stranger")]
    assert world.rows("SELECT FROM phones WHERE msisdn = :n", n=VILLAGER) == []


def test_a_sentence_that_only_begins_so_takes_nothing_back(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.text("CUU")
    neighbour.text("bam nham vao duong link la")
    neighbour.text("nham lan gia tien dien")
    assert len(heard(world, LEADER)) == 1


def test_with_nobody_to_tell_it_is_said(world: World) -> None:
    world.do("UPDATE memberships SET until = clock_timestamp()")
    answer = world.phone(NEIGHBOUR).text("CUU")
    assert answer == [say(world, "sms.emergency", told="nobody")]
    assert answer[0].endswith("To chua biet.")
