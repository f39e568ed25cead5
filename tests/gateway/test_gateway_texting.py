"""A text that came in: stored once, acted on once, answered at most once."""

from __future__ import annotations

import time

import pytest
import yaml

from tests.gateway.live import Live, all_at_once
from tests.house.source import ROOT
from tests.village import HAMLET, LEADER, NEIGHBOUR, VILLAGER, World

SMS = {"from": NEIGHBOUR, "to": "8499", "text": "GIUP VNEID khong mo duoc"}
DATE = "2026-11-24 06:04:45"


def say(world: World, key: str, language: str = "vi", **values: str) -> str:
    return world.runtime.words.say(key, language, values)


def count(world: World, table: str) -> int:
    return int(world.one(f"SELECT count(*) AS n FROM {table}").n)


def test_the_same_id_fifty_times_at_once_is_one_text(live: Live, world: World) -> None:
    answers = all_at_once([lambda: live.post("sms", {**SMS, "id": "same"}) for _ in range(50)])
    assert {(answer.status, answer.text) for answer in answers} == {(200, "")}
    assert count(world, "messages_in") == 1
    assert count(world, "help_requests") == 1
    assert len(world.phone(NEIGHBOUR).inbox()) == 1
    assert len(world.phone(LEADER).inbox()) == 1
    assert live.post("sms", {**SMS, "id": "same", "text": "HUY"}).status == 200
    assert world.one("SELECT state FROM help_requests").state == "open", "hours later as well"


def test_without_an_id_equal_texts_are_one_within_five_seconds(live: Live, world: World) -> None:
    all_at_once([lambda: live.post("sms", SMS) for _ in range(20)])
    assert count(world, "messages_in") == 1
    world.do("UPDATE messages_in SET received_at = received_at - interval '61 seconds'")
    assert live.post("sms", SMS).status == 200
    assert count(world, "messages_in") == 2, "a minute apart they are two honest ones"


def test_without_an_id_the_carriers_time_tells_texts_apart(world: World) -> None:
    for date in (DATE, DATE, "2026-11-24T06:04:45Z", "2026-11-24 06:05:45"):
        assert world.post("sms", {**SMS, "date": date}).status_code == 200
    assert count(world, "messages_in") == 2


def test_ids_that_cannot_be_kept_as_they_are_stay_apart(world: World) -> None:
    ids = ["\x01", "\x02", "\x03\x04", "i" * 300, "i" * 299 + "j"]
    for n, given in enumerate([*ids, *ids]):
        fields = {**SMS, "text": f"HD {n % len(ids)}", "id": given}
        assert world.post("sms", fields).status_code == 200
    assert count(world, "messages_in") == len(ids)


@pytest.mark.parametrize("sender", ["8499", "1414", "VIETTEL", "To so", "", "+", "0900000007"])
def test_a_machine_is_not_answered(world: World, sender: str) -> None:
    status = world.post("sms", {**SMS, "from": sender, "id": "1"}).status_code
    assert status == (200 if sender else 400)
    assert count(world, "messages_in") == (1 if sender else 0)
    assert count(world, "messages_out") == 0
    assert count(world, "help_requests") == 0


def test_every_sentence_of_ours_that_comes_back_is_let_drop(world: World) -> None:
    texts = world.runtime.words.texts
    gaps = yaml.safe_load((ROOT / "menus/gaps.yaml").read_text(encoding="utf-8"))
    values = {
        name: gap.get("example")
        or min(k.removeprefix(gap["text"]) for k in texts.keys("vi") if k.startswith(gap["text"]))
        for name, gap in gaps.items()
        if "example" in gap or "text" in gap
    }
    keys = sorted(key for key in texts.keys("vi") if key.startswith(("sms.", "guide.")))
    keys.remove("sms.notice")  # has no words of ours: only the very text is known again
    keys = [key for key in keys if not key.endswith(".title")]
    assert len(keys) > 25
    for n, key in enumerate(keys):
        for language in texts.languages:
            ours = say(world, key, language, **values)
            for echo in (ours, f"FW: {ours}", f"{ours}\n-- Sent from my phone"):
                fields = {**SMS, "text": echo, "id": f"{n}{language}{len(echo)}"}
                assert world.post("sms", fields).status_code == 200
    assert count(world, "messages_out") == 0
    assert count(world, "help_requests") == 0


def test_a_menu_of_ours_that_comes_back_is_let_drop(world: World) -> None:
    villager, machine = world.phone(NEIGHBOUR), world.phone("+84900000008")
    for answer in ("MENU", "2", "1", "0", "0", "3", "0", "5", "0", "8", "GIUP", "1", "2", "NN"):
        villager.text(answer)
        world.do("UPDATE messages_out SET created_at = created_at - interval '2 days'")
    menus = set(villager.inbox())
    assert len(menus) > 8
    for menu in menus:
        assert machine.text(menu) == machine.text(f"FW: {menu}") == [], menu


def test_a_text_we_sent_to_this_very_number_is_let_drop(world: World) -> None:
    world.do("""
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                                  valid_until)
        VALUES ('x', 'notice', 'bulk', 0, '+84900000007', 'Hop xom 19h toi nay', 1, 'accepted',
                clock_timestamp() + interval '1 hour')
    """)
    assert world.phone(NEIGHBOUR).text("Hop xom 19h toi nay") == []
    assert len(world.phone("+84900000008").text("Hop xom 19h toi nay")) == 1


@pytest.mark.parametrize(
    "words", ["GIUP VNEID gui 8499", "Giúp VNeID gửi 8499.", "GIUP khong mo duoc GUI 8499"]
)
def test_who_copies_the_whole_instruction_is_helped(world: World, words: str) -> None:
    (answer,) = world.phone(NEIGHBOUR).text(words)
    assert str(world.one("SELECT number FROM help_requests").number) in answer
    assert "8499" not in (world.one("SELECT words FROM help_requests").words or "")


def test_a_very_long_text_is_cut_and_still_heard(world: World) -> None:
    long = "GIUP VNEID " + "không mở được, " * 200
    (answer,) = world.phone(NEIGHBOUR).text(long)
    assert str(world.one("SELECT number FROM help_requests").number) in answer
    assert len(world.one("SELECT body FROM messages_in").body) == 1600
    (alert,) = world.phone(LEADER).inbox()
    assert "khong mo duoc" in alert


def test_what_nobody_should_send_us_is_masked_before_it_is_stored(world: World) -> None:
    words = "GIUP VNEID can cuoc 004087001234, ma OTP la 482913, goi 0900000007"
    world.phone(NEIGHBOUR).text(words)
    dump = str(world.rows("SELECT body FROM messages_in UNION ALL SELECT body FROM messages_out"))
    dump += str(world.rows("SELECT words FROM help_requests"))
    assert "004087001234" not in dump
    assert "482913" not in dump
    assert "VNEID" in dump
    caller = world.phone("+84900000008")
    caller.dial()
    caller.keys("1", "1", "2", "cccd 004087001234 otp 482913", "1")
    everything = "SELECT state::text, reply FROM ussd_sessions"
    dump = str(world.rows("SELECT words FROM help_requests")) + str(world.rows(everything))
    dump += str(world.rows("SELECT body FROM messages_out"))
    assert "004087001234" not in dump
    assert "482913" not in dump


def test_a_word_nobody_knows_gets_the_answer_that_helps_whoever_sent_it(world: World) -> None:
    stranger, known, leader = (world.phone(m) for m in ("+84900000500", NEIGHBOUR, LEADER))
    assert stranger.text("xin chao") == [say(world, "sms.stranger")]
    asked = say(world, "sms.draft", words="xin chao")
    assert known.text("xin chao") == [asked]
    assert leader.text("xin chao") == [asked]
    assert known.text("") == [say(world, "sms.not_understood")]
    assert world.rows("SELECT FROM phones WHERE msisdn = '+84900000500'") == [], "and is not kept"


def test_a_stranger_can_ask_for_help_and_is_then_no_stranger(world: World) -> None:
    villager = world.phone(VILLAGER)
    filed, consent = villager.text(f"GIUP {HAMLET} VNEID")
    assert consent == say(world, "sms.consent")
    number = str(world.one("SELECT number FROM help_requests").number)
    assert number in filed
    assert villager.text("YC")[0].startswith(f"Viec {number} (VNeID): dang hoi ")
    assert len(world.phone(LEADER).inbox()) == 1


@pytest.mark.parametrize("code", ["00019", "99999", "01654"])
def test_a_hamlet_that_is_none_is_said_to_be_none(world: World, code: str) -> None:
    (answer,) = world.phone(VILLAGER).text(f"GIUP {code} VNEID")
    assert answer == say(world, "sms.hamlet_wrong")
    assert count(world, "help_requests") == 0


def test_a_carrier_that_gives_up_waiting_loses_nothing(live: Live, world: World) -> None:
    """The row of the sender is held by somebody for a while: the carrier is asked to come again."""
    with world.engine.connect() as held:
        held.exec_driver_sql("BEGIN")
        held.exec_driver_sql("LOCK TABLE messages_in IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        assert live.post("sms", {**SMS, "id": "1"}).status == 503
        assert time.monotonic() - began < 10
        held.rollback()
    assert live.post("sms", {**SMS, "id": "1"}).status == 200
    assert count(world, "help_requests") == 1
