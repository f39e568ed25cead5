"""One hop, however often and in whatever order the carrier tells of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from service.records import hops
from tests.gateway.live import Live, all_at_once
from tests.village import HAMLET, NEIGHBOUR, SECRET, VILLAGER, Phone, World

WORDS, CONFIRM = ["1", "1", "2"], ["1", "1", "2", "khong mo duoc"]


def again(live: Live, phone: Phone, times: int = 50) -> str:
    """Let the network send this hop many times at once; all must be told the same."""
    fields = phone.fields()
    answers = all_at_once([lambda: live.post("ussd", fields) for _ in range(times)])
    told = Counter((answer.status, answer.text) for answer in answers)
    assert len(told) == 1, told
    ((status, said),) = told
    assert status == 200
    return said


def test_the_same_hop_fifty_times_at_once_is_one_hop(live: Live, world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.session = "ATUid_fifty"
    assert again(live, caller).startswith("CON To cong nghe so")
    for typed in CONFIRM:
        caller.history.append(typed)
        assert again(live, caller).startswith("CON ")
    caller.history.append("1")
    assert again(live, caller).startswith("END ")
    assert world.one("SELECT hop FROM ussd_sessions").hop == 6
    events = [row.event for row in world.rows("SELECT event FROM request_events ORDER BY id")]
    assert events == ["started", "opened", "told"]
    assert len(caller.inbox()) == 1
    assert len(world.phone("+84900000002").inbox()) == 1


def test_a_first_hop_that_dialled_on_fifty_times_at_once_is_one_hop(
    live: Live, world: World
) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.session, caller.history = "ATUid_deep", ["2"]
    assert again(live, caller).startswith("CON ")
    assert world.one("SELECT hop FROM ussd_sessions").hop == 1


def test_a_late_repetition_of_an_earlier_hop_changes_nothing(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.keys(*WORDS)
    here, history = caller.screen, list(caller.history)
    for earlier in ([], ["1"]):
        caller.history = earlier
        assert world.post("ussd", caller.fields()).text == f"CON {here}"
    caller.history = history
    assert "Gui" in caller.key("khong mo duoc")


def test_a_history_that_differs_begins_again_and_has_no_effect(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    root = caller.dial()
    caller.keys(*CONFIRM)
    before = world.rows("SELECT * FROM request_events")
    for other in (
        ["1", "2", "2", "khong mo duoc"],
        ["3", "1", "2", "khong mo duoc", "1"],
        ["9" * 40],
    ):
        caller.history = other
        answer = world.post("ussd", caller.fields()).text
        assert answer.startswith("CON ")
        assert root.split("\n")[-1] in answer or "bi ngat" in answer
    assert world.rows("SELECT * FROM request_events") == before


def test_ten_is_not_a_continuation_of_one(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.key("1")
    caller.history = ["10"]
    assert "1 VNeID" not in world.post("ussd", caller.fields()).text


def test_a_star_inside_an_answer_never_skips_a_menu(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    root = caller.dial()
    caller.key("2*1*1")
    assert caller.screen.endswith(root.partition("\n")[2]), "still at the first menu, told so"
    caller.key("1*1")
    assert caller.screen.endswith(root.partition("\n")[2])
    assert "1 VNeID" in caller.key("1")
    caller.keys("1", "2", "may * cua toi * hong")
    assert world.one("SELECT words FROM help_requests").words == "may * cua toi * hong"


def test_an_empty_answer_is_answered_with_the_screen_again(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    root = caller.dial()
    assert caller.key("") == root, "on the first menu it cannot be told from a repetition"
    caller.history = []
    caller.keys("1")
    topics = caller.screen
    for _ in range(3):
        assert caller.key("").endswith(topics.partition("\n")[2])
    assert caller.open


def test_what_is_dialled_behind_the_code_is_followed_to_the_first_effect(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    assert "1 VNeID" in caller.dial("1")
    assert "1 VNeID" in caller.dial("1*1*2*khong mo duoc*1"), "asking for help must be typed"
    assert world.rows("SELECT FROM help_requests") == []
    caller.keys("1", "2", "khong mo duoc", "1")
    assert not caller.open
    assert world.one("SELECT count(*) AS n FROM help_requests").n == 1


def test_a_dialled_through_list_is_in_the_callers_language(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.keys("1", "4", "1")
    caller.dial()
    caller.keys("6", "2")
    vi, en = (world.runtime.words.say("topic.banhang", language, {}) for language in ("vi", "en"))
    listed = caller.dial("5")
    assert en in listed
    assert vi not in listed


def test_the_newer_call_of_a_number_counts_and_the_older_is_told(world: World) -> None:
    older, newer = Phone(world, NEIGHBOUR), Phone(world, NEIGHBOUR)
    older.session, newer.session = "ATUid_older", "ATUid_newer"
    older._hop()
    older.keys("1", "1")
    newer._hop()
    assert "bi ngat" in newer.screen, "what the older was about is not lost"
    told = world.runtime.words.say("error.newer_call", "vi", {})
    for _ in range(2):
        older.open = True
        assert older.key("1") == told
        assert not older.open
    assert world.rows("SELECT FROM help_requests WHERE state = 'open'") == []
    newer.keys("1", "1")
    assert not newer.open
    assert world.one("SELECT count(*) AS n FROM help_requests WHERE state = 'open'").n == 1


def test_an_older_call_that_is_answered_as_the_newer_begins_stays_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read before the newer call was there, and is saved after."""
    older, newer = Phone(world, NEIGHBOUR), Phone(world, NEIGHBOUR)
    older.session, newer.session = "ATUid_older", "ATUid_newer"
    older._hop()
    save = hops.save

    def late(*given: Any) -> bool:
        monkeypatch.setattr("service.records.hops.save", save)
        newer._hop()
        return save(*given)

    monkeypatch.setattr("service.records.hops.save", late)
    assert older.key("1") == world.runtime.words.say("error.newer_call", "vi", {})
    assert [row.open for row in world.rows("SELECT open FROM ussd_sessions ORDER BY started_at")] == [
        False, True,
    ]  # fmt: skip


def test_what_is_pending_is_put_before_the_menu_once_a_day(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.text("GIUP VNEID")
    for word in ("NV 1", "XONG 1"):
        world.phone("+84900000002").text(word)
    assert "Xong that chua?" in caller.dial()
    assert caller.dial().startswith("To cong nghe so")
    assert world.one("SELECT subject FROM shown").subject.startswith("question:")
    world.do("UPDATE shown SET day = day - 1")
    assert "Xong that chua?" in caller.dial()
    assert "1 VNeID" in caller.dial("1"), "dialled through it is not in the way"
    caller.dial("5")
    assert world.one("SELECT count(*) AS n FROM shown").n == 2, "and that was not showing it"


def test_a_number_silent_for_long_is_not_dialled_through(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.text("GIUP VNEID")
    world.do("UPDATE phones SET last_heard_at = last_heard_at - interval '91 days'")
    asked = caller.dial()
    for behind in ("1", "5", "5*1", "7"):
        assert caller.dial(behind) == asked
    assert caller.key("1").startswith("To cong nghe so")
    assert "VNeID" in caller.key("5")


def test_one_session_id_of_two_numbers_is_two_calls(live: Live, world: World) -> None:
    callers = [world.phone(m) for m in (NEIGHBOUR, VILLAGER, "+84900000008")]
    for caller in callers:
        caller.session = "ATUid_same"

    def first(phone: Phone):
        return lambda: live.post("ussd", phone.fields())

    answers = all_at_once([first(phone) for phone in callers * 10])
    said = {phone.msisdn: {a.text for a in answers[n::3]} for n, phone in enumerate(callers)}
    assert all(len(texts) == 1 for texts in said.values()), said
    assert said[NEIGHBOUR] != said[VILLAGER]
    assert world.one("SELECT count(*) AS n FROM ussd_sessions").n == 3


def test_a_call_that_has_ended_stays_ended(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    end = caller.keys(*CONFIRM, "1")
    assert not caller.open
    assert world.post("ussd", caller.fields()).text == f"END {end}", "the same hop, the same words"
    caller.history.append("1")
    assert world.post("ussd", caller.fields()).text.startswith("END ")
    assert world.one("SELECT count(*) AS n FROM help_requests").n == 1


def test_a_call_the_carrier_says_is_over_is_over(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.keys(*WORDS)
    event = {
        "sessionId": caller.session, "phoneNumber": NEIGHBOUR, "status": "Incomplete",
        "serviceCode": "*384*1909#", "errorMessage": "", "date": "2026-10-09 12:17:37",
    }  # fmt: skip
    assert world.post("ussd-events", {**event, "phoneNumber": VILLAGER}).status_code == 200
    assert world.one("SELECT open FROM ussd_sessions").open, "another number's event is not ours"
    assert world.post("ussd-events", event).status_code == 200
    caller.history.append("x")
    assert world.post("ussd", caller.fields()).text.startswith("END ")
    assert "bi ngat" in caller.dial(), "and what was begun is offered again"


def test_a_call_has_an_end_even_if_nobody_ends_it(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    hops = 1
    while caller.open and hops < 60:
        caller.key("3" if hops % 2 else "0")
        hops += 1
    assert hops == 41


def test_an_effect_that_fails_leaves_nothing_half_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.keys("6", "2")
    assert "Ask for help" in caller.screen
    caller.keys(*CONFIRM)
    rows = "SELECT state, number FROM help_requests", "SELECT event FROM request_events"
    before = [world.rows(sql) for sql in rows]

    def fail(*_: object) -> None:
        raise RuntimeError("the disk, the network, anything")

    with monkeypatch.context() as patch:
        patch.setattr("service.village.climbing.summon", fail)
        caller.history.append("1")
        answer = world.post("ussd", caller.fields()).text
    assert answer == "END " + world.runtime.words.say("error.busy", "en", {})
    assert [world.rows(sql) for sql in rows] == before
    assert caller.inbox() == []
    assert caller._hop().startswith("Request "), "the network sends it again: now it goes through"


def test_the_call_and_what_it_did_are_one_commit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.keys(*CONFIRM)
    hop = world.one("SELECT hop FROM ussd_sessions").hop

    def killed(*_: object) -> bool:
        raise KeyError("killed between the doing and the saving")

    with monkeypatch.context() as patch:
        patch.setattr("service.records.hops.save", killed)
        caller.history.append("1")
        assert world.post("ussd", caller.fields()).text.startswith("END ")
    assert world.one("SELECT hop FROM ussd_sessions").hop == hop
    assert world.one("SELECT state FROM help_requests").state == "unfinished"
    assert world.rows("SELECT FROM messages_out") == []
    assert "bi ngat" in caller.dial(), "nothing was lost: the next call offers to go on"
    caller.keys("1", "1")
    assert not caller.open
    assert world.one("SELECT state FROM help_requests").state == "open"
    assert SECRET not in caller.screen
    assert HAMLET not in caller.screen
