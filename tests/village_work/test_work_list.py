"""What a member sees of their work by text: the list, the last one told, notes, a burst of requests."""

from __future__ import annotations

import re

from tests.village import HAMLET, LEADER, NEIGHBOUR, TimedWorld, World
from tests.village_work.words import ask, events, forget_answers, request, say

VILLAGERS = [f"+8490000{n}" for n in range(1000, 1030)]
SINGLE = re.compile(r"Viec (\d+): ")


def many(world: World, how_many: int, hamlet: str = HAMLET) -> list[int]:
    """Let as many villagers ask for help; return the numbers of their requests."""
    return [ask(world.phone(msisdn), hamlet=hamlet) for msisdn in VILLAGERS[:how_many]]


def singles(world: World) -> list[str]:
    return [text for text in world.phone(LEADER).inbox() if SINGLE.match(text)]


def piles(world: World) -> list[str]:
    rows = world.rows(
        "SELECT body FROM messages_out WHERE msisdn = :m AND idem_key LIKE 'pile:%' ORDER BY due_at",
        m=LEADER,
    )
    return [row.body for row in rows]


# -- NV alone


def test_alone_it_means_the_last_one_told(world: World) -> None:
    first, second = many(world, 2)
    world.phone(LEADER).text("NV")
    assert (request(world, first).state, request(world, second).state) == ("open", "accepted")


def test_alone_it_never_means_an_older_one_by_mistake(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    first, second = many(timed, 2)
    timed.let_pass(hours=3)
    timed.phone("+84900000003").text("NV 2")
    (answer,) = leader.text("NV")
    assert answer == say(timed, "sms.task_which", tasks="1")
    assert request(timed, first).state == "open"
    assert request(timed, second).state == "accepted"


def test_words_behind_the_number_are_kept(world: World) -> None:
    (number,) = many(world, 1)
    world.phone(LEADER).text("NV viec 1 chieu toi qua")
    assert events(world, number) == ["opened", "told", "accepted", "noted"]
    noted = world.one("SELECT note FROM request_events WHERE event = 'noted'").note
    assert noted == "chieu toi qua"


def test_a_long_note_is_kept_as_far_as_it_may_be_and_said_so(world: World) -> None:
    leader = world.phone(LEADER)
    for n, (length, key) in enumerate([(600, "cut"), (400, "")], start=1):
        ask(world.phone(NEIGHBOUR), ("VNEID", "VSSID")[n - 1])
        words = ("da cai xong may " * 50)[:length].strip()
        answer = leader.text(f"XONG {n} {words}")
        expected = "sms.task_asking_cut" if key else "sms.task_asking"
        assert answer == [say(world, expected, task=str(n))]
        note = world.one(
            "SELECT note FROM request_events WHERE event = 'done' ORDER BY id DESC LIMIT 1"
        ).note
        assert note == words[:500]


def test_a_code_in_a_note_is_not_kept(world: World) -> None:
    many(world, 1)
    world.phone(LEADER).text("NV 1")
    world.phone(LEADER).text("ba ay doc ma OTP la 482913")
    assert world.rows("SELECT FROM request_events WHERE note LIKE '%482913%'") == []


def test_a_number_used_again_means_what_it_names_now(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)
    first = ask(villager)
    villager.text(f"HUY {first}")
    assert leader.text("XONG 1") == [say(world, "sms.task_ended", task="1")]
    world.do("UPDATE task_numbers SET freed_at = freed_at - interval '25 hours'")
    second = ask(villager, "VSSID")
    assert "VssID" in leader.text("NV 1")[0], "the answer says which one it is"
    assert request(world, second).state == "accepted"


# -- VIEC


def test_the_list_has_new_ones_and_those_in_hand(world: World) -> None:
    leader = world.phone(LEADER)
    ask(world.phone(NEIGHBOUR))
    ask(world.phone(NEIGHBOUR), "DVC", "00026")
    leader.text("NV 1")
    told = {"list": "2 Dich vu cong Pan Keng"}, {"list": "1 VNeID Coc Phia"}
    assert leader.text("VIEC") == [
        say(world, "sms.task_list_new", **told[0]),
        say(world, "sms.task_list_mine", **told[1]),
    ]
    assert "0900000007" not in "".join(leader.inbox()[-2:])


def test_a_long_list_is_two_messages_and_says_how_many_more(world: World) -> None:
    leader = world.phone(LEADER)
    many(world, 20)
    first, second = leader.text("VIEC")
    shown = [int(n) for text in (first, second) for n in re.findall(r"(\d+) VNeID Coc Phia", text)]
    assert shown == list(range(1, len(shown) + 1))
    assert f"con {20 - len(shown)} viec nua" in second
    assert len(leader.text("VIEC")) == 2


def test_a_member_who_asked_for_help_sees_both(world: World) -> None:
    leader = world.phone(LEADER)
    own = ask(leader, "DVC")
    many(world, 1)
    answers = leader.text("VIEC")
    assert str(own) in answers[0]
    assert "VNeID Coc Phia" in answers[1]


# -- many at once


def test_a_burst_is_four_messages_and_the_rest_together_soon(timed: TimedWorld) -> None:
    many(timed, 9)
    assert len(singles(timed)) == 4
    assert piles(timed) == [
        say(timed, "sms.task_pile", waiting="9", tasks="9, 8, 7, 6, 5, 4, 3, 2")
    ]
    due = timed.one(
        "SELECT due_at - clock_timestamp() <= interval '15 minutes' AS is_soon FROM messages_out"
        " WHERE idem_key LIKE 'pile:%'"
    )
    assert due.is_soon


def test_the_next_burst_is_told_of_as_soon(timed: TimedWorld) -> None:
    many(timed, 6)
    timed.let_pass(minutes=16)
    for msisdn in VILLAGERS[10:16]:
        ask(timed.phone(msisdn))
    assert len(singles(timed)) == 8
    assert len(piles(timed)) == 2
    late = timed.rows(
        "SELECT FROM messages_out WHERE idem_key LIKE 'pile:%'"
        " AND due_at > clock_timestamp() + interval '15 minutes'"
    )
    assert late == []


def test_what_came_in_a_pile_is_taken_by_its_number(timed: TimedWorld) -> None:
    numbers = many(timed, 6)
    timed.let_pass(minutes=16)
    leader = timed.phone(LEADER)
    (which,) = leader.text("NV")
    assert "1, 2, 3" in which, "a pile was told last: which of them?"
    leader.text("NV 6")
    assert request(timed, numbers[5]).state == "accepted"


def test_a_few_an_hour_are_told_one_by_one(timed: TimedWorld) -> None:
    for msisdn in VILLAGERS[:6]:
        ask(timed.phone(msisdn))
        timed.let_pass(minutes=5)
    assert len(singles(timed)) == 6
    assert piles(timed) == []


# -- where it stands


def test_the_villager_sees_who_is_asked_and_since_when(timed: TimedWorld) -> None:
    villager = timed.phone(NEIGHBOUR)
    number = ask(villager)
    assert "dang hoi nguoi truc cua to tu 09:00 01/12" in villager.text("YC")[0]
    timed.let_pass(hours=3)
    assert "dang hoi pho to tu 12:00 01/12" in villager.text("YC")[0]
    villager.dial()
    villager.keys("5", "1")
    assert f"Viec {number} (VNeID): dang hoi pho to tu 12:00 01/12" in villager.screen
    forget_answers(timed)
    timed.phone(LEADER).text("CHUYEN 1 xa")
    assert "dang hoi can bo xa" in villager.text("YC")[0]


def test_where_nobody_can_be_asked_nobody_is_named(timed: TimedWorld) -> None:
    timed.do("UPDATE memberships SET until = clock_timestamp()")
    villager = timed.phone(NEIGHBOUR)
    ask(villager)
    assert "dang hoi nguoi giup tu 09:00" in villager.text("YC")[0]
