"""Nobody is bombed through us, and two machines that answer each other fall silent."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.conftest import TEMPLATE, make_database
from tests.village import (
    DEPUTY,
    HAMLET,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    SECRET,
    World,
    demo_village,
)

STRANGER = "+84900000600"
TEAM = (LEADER, DEPUTY, MEMBER)
MANY = 300
"""Villagers who ask one leader within minutes."""


def alarms(world: World) -> set[str]:
    return {row.name for row in world.rows("SELECT name FROM alarms WHERE closed_at IS NULL")}


def sent_to(world: World, msisdn: str) -> int:
    """Count what a phone has been sent or will be; what was called back never reaches it."""
    sent = "SELECT count(*) AS n FROM messages_out WHERE msisdn = :m AND state <> 'cancelled'"
    return int(world.one(sent, m=msisdn).n)


def later(world: World, interval: str) -> None:
    world.do(f"UPDATE messages_out SET created_at = created_at - interval '{interval}'")


def test_five_answers_in_ten_minutes_and_twenty_a_day(world: World) -> None:
    """The pages of a menu that is walked by text are counted apart, ten of them in ten minutes."""
    phone = world.phone(NEIGHBOUR)
    words = itertools.cycle(["HD", "YC", "YC 1234", "HUY", "1", "2", "xin chao", "GIUP 99999"])
    for _ in range(30):
        phone.text(next(words))
    by_kind = world.one("""
        SELECT count(*) FILTER (WHERE idem_key LIKE '%:menu:%') AS pages, count(*) AS everything
        FROM messages_out
    """)
    assert by_kind.pages <= 10
    assert by_kind.everything - by_kind.pages <= 5
    assert "replies_withheld" in alarms(world)
    for _ in range(8):
        later(world, "61 minutes")
        for _ in range(8):
            phone.text(next(words))
    today = world.one("""
        SELECT count(*) AS n FROM messages_out WHERE created_at > clock_timestamp() - interval '1 day'
    """)
    assert today.n <= 20
    later(world, "25 hours")
    assert len(phone.text("HD")) == 1, "and tomorrow is another day"


def test_a_stranger_gets_one_answer_a_day(world: World) -> None:
    stranger = world.phone(STRANGER)
    for words in ("HD", "xin chao", "YC", "1", "GIUP", "NV 1"):
        stranger.text(words)
    assert len(stranger.inbox()) == 1
    later(world, "23 hours")
    assert stranger.text("HD") == []
    later(world, "2 hours")
    assert len(stranger.text("HD")) == 1


def test_who_has_asked_for_help_is_no_stranger(world: World) -> None:
    asker = world.phone(STRANGER)
    assert len(asker.text(f"GIUP {HAMLET} VNEID")) == 2, "noted, and asked for consent"
    assert len(asker.text("YC")) == 1
    assert len(asker.text("HUY")) == 1


@pytest.mark.timeout(300)
def test_a_thousand_forged_texts_of_one_victim(world: World) -> None:
    for n in range(1000):
        text = ("HD", "GIUP VNEID", "HUY", "1", "YC", "2", "ha", "NV 1", "XONG 1")[n % 9]
        fields = {"from": NEIGHBOUR, "to": "8499", "text": text, "id": f"forged{n}"}
        assert world.post("sms", fields).status_code == 200
    assert sent_to(world, NEIGHBOUR) <= 20
    for member in TEAM:
        assert sent_to(world, member) <= 20
    assert "replies_withheld" in alarms(world)


def test_a_thousand_forged_texts_of_strangers_raise_an_alarm(world: World) -> None:
    for n in range(60):
        world.phone(STRANGER).text(f"ha {n}")
    assert sent_to(world, STRANGER) == 1
    assert "flood" in alarms(world)


def test_a_call_that_asks_and_cancels_for_ever(world: World) -> None:
    """Forged calls: the victim and the team are told so often that it helps, and no more."""
    caller = world.phone(NEIGHBOUR)
    for _ in range(25):
        caller.dial()
        caller.keys("1", "1", "1")
        world.arrive()
        caller.dial()
        caller.keys("5", "1", "1", "1")
        world.arrive()
    assert sent_to(world, NEIGHBOUR) <= 20
    for member in TEAM:
        assert sent_to(world, member) <= 20
    assert "replies_withheld" in alarms(world)


@pytest.mark.timeout(300)
def test_hundreds_of_villagers_bombing_one_leader(world: World) -> None:
    world.do("UPDATE memberships SET until = clock_timestamp() WHERE role IN ('deputy', 'member')")
    for n in range(1000, 1000 + MANY):
        fields = {"from": f"+8490000{n:04d}", "to": "8499", "text": f"GIUP {HAMLET} VNEID"}
        assert world.post("sms", {**fields, "id": f"bomb{n}"}).status_code == 200
    assert world.one("SELECT count(*) AS n FROM help_requests WHERE state = 'open'").n == MANY
    assert 5 <= sent_to(world, LEADER) <= 20
    assert "buried_in_requests" in alarms(world)
    piles = [
        row.body
        for row in world.rows(
            "SELECT body FROM messages_out WHERE msisdn = :m AND idem_key LIKE 'pile:%'"
            " ORDER BY due_at",
            m=LEADER,
        )
    ]
    numbers = [
        row.number
        for row in world.rows(
            "SELECT number FROM task_numbers t JOIN phones p ON p.id = t.phone_id WHERE msisdn = :m",
            m=LEADER,
        )
    ]
    assert len(numbers) == len(set(numbers)) == MANY
    for pile in piles:
        named = [int(word) for word in pile.split(": ")[1].split(".")[0].split(", ")]
        assert set(named) <= set(numbers), "no number is cut in the middle"
    assert str(max(numbers)) in piles[-1], (
        "the latest is not forgotten: it is named at the burst's end"
    )


def test_the_leader_and_the_villager_kept_busy_by_forged_answers(world: World) -> None:
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    villager.text("GIUP VNEID")
    leader.text("NV 1")
    for _ in range(40):
        leader.text("XONG 1")
        villager.text("2")
    assert sent_to(world, NEIGHBOUR) <= 20
    assert sent_to(world, LEADER) <= 20 + 20, "unasked news and answers are counted apart"


def test_an_honest_morning_of_ten_requests_works(world: World) -> None:
    """What stops a flood must not stop work: each task taken gets the number to call."""
    leader = world.phone(LEADER)
    for n in range(10):
        world.phone(f"+8490000{n + 2000}").text(f"GIUP {HAMLET} VNEID")
    assert len(leader.inbox()) == 5
    assert "10, 9, 8, 7, 6, 5" in leader.inbox()[-1], "what is too much for one by one is listed"
    for n in range(1, 11):
        answer = " ".join(leader.text(f"NV {n}"))
        assert f"090000{n + 1999}" in answer
    for n in range(1, 11):
        leader.text(f"XONG {n}")
        assert "noi viec" in world.phone(f"+8490000{n + 1999}").inbox()[-1]
    states = {row.state for row in world.rows("SELECT state FROM help_requests")}
    assert states == {"done"}


@pytest.fixture
def other_world(servers: dict[str, str], worker_id: str) -> Iterator[World]:
    url = make_database(servers["postgres"], f"caunoi_other_{worker_id}", TEMPLATE)
    world = World(url, sms_code="8500")
    demo_village(world)
    yield world
    world.close()


@pytest.mark.parametrize("code", ["8499", "8500"])
@pytest.mark.parametrize("known", [True, False])
def test_two_of_us_facing_each_other_fall_silent(
    world: World, other_world: World, code: str, known: bool
) -> None:
    """Each has the other's number among its people, and answers what the other says."""
    object.__setattr__(other_world.runtime.settings, "sms_code", code)
    other_world.__dict__.pop("client", None)
    other_world.runtime.__dict__.pop("words", None)
    here, there = (NEIGHBOUR, "+84900000008") if known else (STRANGER, "+84900000601")
    sides = [(world, here), (other_world, there)]
    for opening in ("HD", "xin chao", f"GIUP {HAMLET} VNEID", "YC", "1"):
        for side in (world, other_world):
            side.do("DELETE FROM messages_out")
        world.phone(here).text(opening)
        passed = 0
        for turn in range(40):
            (_, sender), (side, known_as) = sides[turn % 2], sides[(turn + 1) % 2]
            speaker, _ = sides[turn % 2]
            said = speaker.rows(
                "DELETE FROM messages_out WHERE msisdn = :m AND state = 'queued' RETURNING body",
                m=sender,
            )
            if not said:
                break
            passed += len(said)
            for n, row in enumerate(said):
                code_there = "8499" if side is world else code
                fields = {"from": known_as, "to": code_there, "text": row.body}
                answer = side.post("sms", {**fields, "id": f"{opening}{turn}-{n}"}, secret=SECRET)
                assert answer.status_code == 200
        assert passed <= 6, opening
