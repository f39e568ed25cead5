"""The interface for scripts: helpful refusals, settings, counting, news."""

from __future__ import annotations

import threading

import pytest
import requests
from phones_world import LEADER, VILLAGER


@pytest.mark.parametrize(
    ("path", "body", "refusal", "says"),
    [
        (f"/api/handsets/{VILLAGER}/dial", {}, (400, "missing_field"), "'code' is missing"),
        (
            f"/api/handsets/{VILLAGER}/dial",
            {"code": 7},
            (400, "bad_field"),
            "'code' should be text",
        ),
        (
            f"/api/handsets/{VILLAGER}/dial",
            {"code": "*1#", "cod": 1},
            (400, "unknown_field"),
            "no field 'cod' here; there are: code",
        ),
        (f"/api/handsets/{VILLAGER}/dial", ["*1#"], (400, "no_json"), "send a JSON object"),
        ("/api/handsets/12/dial", {"code": "*1#"}, (400, "bad_number"), "write it like +849"),
        (
            "/api/handsets/+84900000555/keys",
            {"input": "1"},
            (404, "unknown_handset"),
            "dial or text",
        ),
        ("/api/handsets/+84900000555/hang-up", {}, (404, "unknown_handset"), "dial or text"),
        (f"/api/handsets/{VILLAGER}/keys", {"input": "1"}, (409, "no_session"), "dial first"),
        (f"/api/handsets/{VILLAGER}/coverage", {"on": 1}, (400, "bad_field"), "true or false"),
        ("/api/handsets", {"name": "x"}, (400, "missing_field"), "'msisdn' is missing"),
        ("/api/handsets", {"msisdn": "abc"}, (400, "bad_number"), "is not a phone number"),
        ("/api/faults", {"place": "moon"}, (400, "bad_rule"), "there are: send"),
        ("/api/faults", {"rules": {}}, (400, "bad_field"), "'rules' should be a list"),
        ("/api/settings", {"speed": 1}, (400, "bad_setting"), "no setting 'speed'"),
        ("/api/settings", {"date_style": "roman"}, (400, "bad_setting"), "date_style cannot be"),
        ("/api/settings", {"ladder": ["Lost"]}, (400, "bad_setting"), "ladder cannot be"),
        ("/api/settings", {"retry_seconds": []}, (400, "bad_setting"), "retry_seconds cannot be"),
        ("/api/account", {"balance": "lots"}, (400, "bad_field"), "should look like"),
        ("/api/nothing", {}, (404, "not_found"), "URL"),
    ],
)
def test_a_request_that_makes_no_sense_is_explained(phones, path, body, refusal, says):
    response = requests.post(phones.url + path, json=body, timeout=10)
    answer = response.json()
    assert (response.status_code, answer["error"]) == refusal
    assert says in answer["says"]


def test_queries_that_make_no_sense_are_explained(phones):
    for path in ("inbox?since=x", "inbox?wait=soon"):
        response = requests.get(f"{phones.url}/api/handsets/{VILLAGER}/{path}", timeout=10)
        assert (response.status_code, response.json()["error"]) == (400, "bad_field")
    response = requests.get(f"{phones.url}/api/handsets/+84900000555/inbox", timeout=10)
    assert (response.status_code, response.json()["error"]) == (404, "unknown_handset")
    response = requests.delete(f"{phones.url}/api/faults/9", timeout=10)
    assert (response.status_code, response.json()["error"]) == (404, "unknown_rule")


def test_a_form_from_another_site_is_not_taken(phones, gateway):
    response = requests.post(
        f"{phones.url}/api/handsets/{VILLAGER}/dial", data={"code": "*384*1909#"}, timeout=10
    )
    assert response.status_code == 400
    assert gateway.told == []


def test_handsets_can_be_added_and_numbers_written_as_people_do(phones):
    before = [one["msisdn"] for one in phones.get("/api/handsets")["handsets"]]
    assert before == [VILLAGER, LEADER]
    added = phones.post("/api/handsets", msisdn="0900 000 003", name="Chị Lý", role="leader")
    assert (added["msisdn"], added["national"]) == ("+84900000003", "0900 000 003")
    phones.dial(msisdn="0900000003")
    shown = phones.get("/api/handsets")["handsets"][-1]
    assert (shown["name"], shown["ussd"]["open"]) == ("Chị Lý", True)


def test_a_handset_that_only_a_script_uses_is_not_on_the_page(phones):
    phones.dial(msisdn="+84900000444")
    assert "+84900000444" not in str(phones.get("/api/handsets"))
    assert phones.get("/api/handsets/+84900000444")["ussd"]["open"]


def test_news_wait_for_a_change_and_tell_only_what_changed(phones):
    start = phones.get("/api/news?since=0")
    assert len(start["handsets"]) == 2
    version = start["version"]
    assert phones.get(f"/api/news?since={version}&wait=0.1")["handsets"] == []
    got = []
    waiter = threading.Thread(
        target=lambda: got.append(phones.get(f"/api/news?since={version}&wait=20"))
    )
    waiter.start()
    phones.dial(msisdn="+84900000444")  # not on the page
    phones.hand("coverage", LEADER, on=False)
    waiter.join()
    assert [one["msisdn"] for one in got[0]["handsets"]] == [LEADER]
    assert got[0]["version"] > version


def test_news_of_an_earlier_run_begin_anew(phones):
    assert len(phones.get("/api/news?since=99999&wait=5")["handsets"]) == 2


def test_counting_is_the_carriers(phones):
    text = "Bà con mang theo căn cước"
    counted = phones.post("/api/count", text=text)
    assert counted == {"encoding": "ucs2", "units": 25, "segments": 1, "left": 45}
    answer = phones.sdk.send(text, [VILLAGER])["SMSMessageData"]["Message"]
    assert answer.endswith(f"Message parts: {counted['segments']}")


def test_settings_change_together_or_not_at_all(phones):
    answer = phones.post("/api/settings", silence_seconds=5, speed=1)
    assert answer["error"] == "bad_setting"
    assert phones.get("/api/settings")["silence_seconds"] == 30
    assert phones.post("/api/settings", silence_seconds=5)["silence_seconds"] == 5
    assert phones.events("settings")[0]["changed"] == {"silence_seconds": 5}


def test_a_seed_and_rules_go_in_together(phones):
    phones.fault("send", "close")
    answer = phones.post(
        "/api/faults", seed=7, rules=[{"place": "send", "kind": "error", "share": 0.5}]
    )
    assert (answer["seed"], [rule["id"] for rule in answer["rules"]]) == (7, [1])
    state = phones.get("/api/faults")
    assert [rule["kind"] for rule in state["rules"]] == ["error"]
    broken = phones.post("/api/faults", seed=8, rules=[{"place": "send", "kind": "none"}])
    assert broken["error"] == "bad_rule"
    assert phones.get("/api/faults")["seed"] == 7
    left = requests.delete(f"{phones.url}/api/faults/1", timeout=10).json()
    assert left["rules"] == []


def test_health(phones):
    assert phones.get("/healthz")["ok"] is True
