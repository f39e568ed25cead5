"""USSD as the gateway sees it: the bytes of a hop, the prefix rule, the limits, the end."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from gateway_recorder import says
from phones_world import VILLAGER

from service.phones.ussd import BAD_PREFIX

SESSION = re.compile(r"ATUid_[0-9a-f]{32}")
EVENT_FIELDS = [
    "durationInMillis",
    "phoneNumber",
    "errorMessage",
    "serviceCode",
    "lastAppResponse",
    "hopsMetadata",
    "hopsCount",
    "status",
    "sessionId",
    "cost",
    "date",
    "networkCode",
    "input",
]


def test_a_hop_has_the_carriers_bytes(phones, gateway):
    session = phones.dial()["session"]
    told = gateway.heard("/ussd")[0]
    assert SESSION.fullmatch(session)
    assert told.body == (
        b"phoneNumber=%2B84900000001&serviceCode=%2A384%2A1909%23&text="
        b"&sessionId=" + session.encode() + b"&networkCode=99999"
    )
    assert told.headers == [
        ("Host", f"127.0.0.1:{gateway.port}"),
        ("User-Agent", "at-ussd-api/1.0"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),
        ("Content-Length", str(len(told.body))),
    ]


def test_the_charset_of_the_content_type_can_be_switched_off(phones, gateway):
    phones.settings(callback_charset=False)
    phones.dial()
    assert gateway.heard("/ussd")[0].header("Content-Type") == "application/x-www-form-urlencoded"


def test_the_history_is_joined_by_stars_and_nothing_is_escaped(phones, gateway):
    session = phones.dial()["session"]
    for typed in ("1", "", "a b&c+d", "*", "#", "Nà Lũng"):
        assert phones.keys(typed)["session"] == session
    texts = [told.form["text"] for told in gateway.heard("/ussd", 7)]
    assert texts == [
        "",
        "1",
        "1*",
        "1**a b&c+d",
        "1**a b&c+d**",
        "1**a b&c+d***#",
        "1**a b&c+d***#*Nà Lũng",
    ]
    assert gateway.told[3].body.split(b"&")[2] == b"text=1%2A%2Aa+b%26c%2Bd"


def test_an_empty_answer_to_the_first_screen_looks_like_a_new_dial(phones, gateway):
    session = phones.dial()["session"]
    phones.keys("")
    first, second = gateway.heard("/ussd", 2)
    assert first.body == second.body
    assert second.form["sessionId"] == session


def test_a_deep_dial_has_text_on_its_first_hop(phones, gateway):
    phones.dial("*384*1909*1*2#")
    phones.keys("3")
    assert [told.form["text"] for told in gateway.heard("/ussd", 2)] == ["1*2", "1*2*3"]
    assert gateway.told[0].form["serviceCode"] == "*384*1909#"


def test_a_code_of_somebody_else_never_reaches_the_gateway(phones, gateway):
    answer = phones.dial("*100#")
    assert answer["error"] == "unknown_code"
    assert answer["session"] is None
    assert not answer["open"]
    assert "invalid MMI code" in answer["screen"]
    assert gateway.told == []


def test_con_goes_on_and_end_ends(phones, gateway):
    gateway.answer = lambda told: says("CON 1 A\n2 B" if told.form["text"] == "" else "END Xong")
    shown = phones.dial()
    assert (shown["screen"], shown["open"]) == ("1 A\n2 B", True)
    assert 0 < shown["expires_in"] <= 30
    shown = phones.keys("1")
    assert (shown["screen"], shown["open"]) == ("Xong", False)
    assert phones.keys("1")["error"] == "no_session"


@pytest.mark.parametrize(
    "answer",
    [
        says(""),
        says(" CON menu"),
        says("\nEND menu"),
        says("\ufeffCON menu"),
        says("con menu"),
        says("Welcome"),
        says("<html>CON</html>"),
        says("CON menu", 404),
        says("CON menu", 500),
        says("CON menu", 302, Location="/elsewhere"),
        says("CON menu", 201),
    ],
)
def test_anything_else_ends_the_session_as_failed(phones, gateway, answer):
    gateway.answer = lambda told: answer if told.path == "/ussd" else says("")
    shown = phones.dial()
    assert shown["error"] == "bad_answer"
    assert not shown["open"]
    event = gateway.heard("/ussd-events")[0].form
    assert event["status"] == "Failed"
    assert event["lastAppResponse"] == answer[2].decode()
    assert event["errorMessage"] == (BAD_PREFIX if answer[0] == 200 else f"HTTP status {answer[0]}")


def test_the_ended_event_has_thirteen_fields_in_order(phones, gateway):
    gateway.answer = lambda told: says(
        "CON Chao" if told.path == "/ussd" and told.form["text"] == "" else "END Het"
    )
    session = phones.dial()["session"]
    phones.keys("1 a")
    told = gateway.heard("/ussd-events")[0]
    assert [name for name, _ in told.fields] == EVENT_FIELDS
    assert told.header("User-Agent") == "at-ussd-api/1.0"
    form = told.form
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", form["date"])
    assert form["durationInMillis"].isdigit()
    assert (form["status"], form["errorMessage"], form["hopsCount"]) == ("Success", "", "2")
    assert (form["lastAppResponse"], form["input"]) == ("END Het", "1 a")
    assert (form["sessionId"], form["phoneNumber"]) == (session, VILLAGER)
    assert (form["cost"], form["networkCode"]) == ("0.00", "99999")


def test_hanging_up_ends_it_incomplete(phones, gateway):
    phones.dial()
    assert phones.hand("hang-up") == {
        "session": gateway.told[0].form["sessionId"],
        "screen": "",
        "open": False,
    }
    event = gateway.heard("/ussd-events")[0].form
    assert (event["status"], event["input"]) == ("Incomplete", "")
    assert event["lastAppResponse"].startswith("CON ")


def test_dialling_again_ends_the_first_session(phones, gateway):
    first = phones.dial()["session"]
    second = phones.dial()["session"]
    assert first != second
    event = gateway.heard("/ussd-events")[0].form
    assert (event["sessionId"], event["status"]) == (first, "Incomplete")
    assert phones.keys("1")["session"] == second


def test_the_label_of_a_hop_comes_back_with_the_next(phones, gateway):
    labels = iter(["so nha", "", "x" * 100, "a|b"])
    gateway.answer = lambda told: (
        says("CON di tiep", at_ussd_hop_metadata=next(labels)) if told.path == "/ussd" else says("")
    )
    phones.dial()
    for _ in range(3):
        phones.keys("1")
    phones.hand("hang-up")
    seen = [told.header("at-ussd-hop-metadata") for told in gateway.heard("/ussd", 4)]
    assert seen == [None, "so nha", None, None]
    assert gateway.heard("/ussd-events")[0].form["hopsMetadata"] == "so nha"


@pytest.mark.parametrize(
    ("text", "length", "warning"),
    [
        ("a" * 160, 160, None),
        ("a" * 161, 161, "long"),
        ("a" * 182, 182, "long"),
        ("a" * 183, 183, "too_long"),
        ("[" * 80, 160, None),
        ("à" * 160, 160, None),
        ("ạ" * 80, 80, "special"),
        ("ạ" * 81, 81, "too_long"),
    ],
)
def test_screens_are_measured_as_the_network_does(phones, gateway, text, length, warning):
    gateway.answer = lambda told: says(f"CON {text}")
    shown = phones.dial()
    assert shown["screen"] == text
    assert (shown["length"], shown.get("warning")) == (length, warning)
    assert phones.events("hop")[0]["warning"] == (warning or "")


def test_keys_while_an_answer_is_awaited_are_refused(phones, gateway):
    release = threading.Event()
    phones.dial()
    gateway.answer = lambda told: release.wait(20) and says("CON tiep")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(phones.keys, "1")
        gateway.heard("/ussd", 2)
        assert phones.keys("2")["error"] == "busy"
        release.set()
        assert slow.result()["screen"] == "tiep"
    assert [hop["input"] for hop in phones.events("hop")] == ["", "1"]


def test_hanging_up_while_waiting_leaves_nothing_open(phones, gateway):
    release = threading.Event()
    gateway.answer = lambda told: release.wait(20) and says("CON muon")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(phones.dial)
        gateway.heard("/ussd")
        assert phones.hand("hang-up")["open"] is False
        release.set()
        assert slow.result()["error"] == "hung_up"
    assert phones.keys("1")["error"] == "no_session"
