"""USSD at its limits: silence, late answers, a gateway that is away, no coverage, many at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from gateway_recorder import says
from phones_world import LEADER, VILLAGER


def test_silence_ends_it_incomplete_and_the_phone_says_so(phones, gateway):
    phones.settings(silence_seconds=0.2)
    session = phones.dial()["session"]
    event = gateway.heard("/ussd-events")[0].form
    assert (event["sessionId"], event["status"]) == (session, "Incomplete")
    ussd = phones.get(f"/api/handsets/{VILLAGER}")["ussd"]
    assert (ussd["error"], ussd["open"]) == ("silence", False)
    assert phones.events("session-end")[0]["why"] == "silence"


def test_an_answer_in_time_starts_the_silence_anew(phones, gateway):
    phones.settings(silence_seconds=1.0)
    phones.dial()
    for _ in range(4):
        time.sleep(0.4)
        assert phones.keys("1")["open"]


def test_the_whole_session_has_a_limit_too(phones, gateway):
    phones.settings(session_seconds=0.3)
    phones.dial()
    gateway.heard("/ussd-events")
    assert phones.events("session-end")[0]["why"] == "session_limit"


def test_a_late_answer_is_no_answer(phones, gateway):
    phones.settings(answer_seconds=0.3)
    release = threading.Event()
    gateway.answer = lambda told: release.wait(20) and says("CON spat")
    shown = phones.dial()
    release.set()
    assert (shown["error"], shown["open"]) == ("gateway_late", False)
    assert gateway.heard("/ussd-events")[0].form["status"] == "Failed"


def test_a_trickled_answer_is_late_as_a_whole(phones, gateway):
    phones.settings(answer_seconds=0.5)

    def dribble():
        for _ in range(100):
            yield b"C"
            time.sleep(0.05)

    gateway.answer = lambda told: (200, {}, dribble()) if told.path == "/ussd" else says("")
    assert phones.dial()["error"] == "gateway_late"


def test_a_gateway_that_is_away_or_hangs_up(phones, gateway):
    gateway.answer = lambda told: None
    assert phones.dial()["error"] == "gateway_down"
    assert phones.events("hop")[0]["http"] is None


def test_without_coverage_a_dial_fails_and_a_call_drops(phones, gateway):
    phones.hand("coverage", on=False)
    assert phones.dial()["error"] == "no_coverage"
    assert gateway.told == []
    phones.hand("coverage", LEADER, on=True)
    phones.dial(msisdn=LEADER)
    phones.hand("coverage", LEADER, on=False)
    assert gateway.heard("/ussd-events")[0].form["status"] == "Incomplete"
    assert phones.keys("1", LEADER)["error"] == "no_session"


def test_many_handsets_call_at_once_and_none_hears_another(phones, gateway):
    everyone_in = threading.Barrier(24)

    def answer(told):
        if told.path == "/ussd" and told.form["text"] == "":
            everyone_in.wait(20)  # so they are really in flight together
        return says(f"CON {told.form['phoneNumber']} {told.form['text']}")

    gateway.answer = answer

    def call(number: int) -> bool:
        msisdn = f"+849000001{number:02d}"
        phones.dial(msisdn=msisdn)
        shown = [phones.keys(str(step), msisdn)["screen"] for step in range(3)]
        return shown == [f"{msisdn} 0", f"{msisdn} 0*1", f"{msisdn} 0*1*2"]

    with ThreadPoolExecutor(24) as pool:
        assert all(pool.map(call, range(24)))
