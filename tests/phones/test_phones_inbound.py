"""SMS from handsets: the bytes of the callback, retry until 200, fetching, handset to handset."""

from __future__ import annotations

import itertools
import re

import pytest
from gateway_recorder import says
from phones_world import LEADER, VILLAGER, until

FIELDS = ["date", "from", "id", "linkId", "text", "to", "cost", "networkCode"]


def test_the_callback_has_the_documented_fields(phones, gateway):
    sent = phones.hand("sms", to="8499", text="NV 1 a&b+c đã tới")
    told = gateway.heard("/sms")[0]
    assert [name for name, _ in told.fields] == FIELDS
    form = told.form
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", form["date"])
    assert (form["from"], form["to"]) == (VILLAGER, "8499")
    assert (form["id"], form["text"]) == (sent["id"], "NV 1 a&b+c đã tới")
    assert (form["cost"], form["networkCode"]) == ("KES 1.00", "99999")
    assert b"from=%2B84900000001&" in told.body
    assert sent["parts"] == 1


def test_the_other_date_style_and_the_older_set_of_fields(phones, gateway):
    phones.settings(date_style="space", link_id=False, cost=False)
    phones.hand("sms", to="8499", text="a")
    told = gateway.heard("/sms")[0]
    assert [name for name, _ in told.fields] == ["date", "from", "id", "text", "to", "networkCode"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told.form["date"])


@pytest.mark.parametrize("refusal", [says("", 500), says("", 201), says("", 302), None])
def test_it_is_told_again_until_200(phones, gateway, refusal):
    answers = itertools.chain([refusal] * 3, itertools.repeat(says("")))
    gateway.answer = lambda told: next(answers)
    sent = phones.hand("sms", to="8499", text="a")
    bodies = {told.body for told in gateway.heard("/sms", 4)}
    assert len(bodies) == 1
    assert phones.eventually("text-taken")[0] == {
        **phones.events("text-taken")[0], "id": sent["id"], "tries": 4,
    }  # fmt: skip
    text = phones.get(f"/api/handsets/{VILLAGER}")["texts"][0]
    assert (text["to"], text["state"]) == ("8499", "taken")


def test_it_is_given_up_in_the_end(phones, gateway):
    phones.settings(retry_seconds=[1, 2, 5, 10], retry_for=30)
    gateway.answer = lambda told: says("", 503)
    phones.hand("sms", to="8499", text="a")
    assert phones.eventually("text-dropped")[0]["tries"] == 6  # after 1 + 2 + 5 + 10 + 10
    assert phones.get(f"/api/handsets/{VILLAGER}")["texts"][0]["state"] == "failed"


def test_what_came_in_can_be_fetched_under_integer_ids(phones, gateway):
    for text in ("mot", "hai", "ba"):
        phones.hand("sms", to="8499", text=text)
    gateway.heard("/sms", 3)
    answer = phones.sdk.fetch_messages(0)["SMSMessageData"]["Messages"]
    assert [message["text"] for message in answer] == ["mot", "hai", "ba"]
    assert list(answer[0]) == ["linkId", "text", "to", "id", "date", "from"]
    assert all(isinstance(message["id"], int) for message in answer)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer[0]["date"])
    told = {one.form["linkId"]: one.form["text"] for one in gateway.heard("/sms", 3)}
    assert {message["linkId"]: message["text"] for message in answer} == told
    later = phones.sdk.fetch_messages(answer[1]["id"])["SMSMessageData"]["Messages"]
    assert [message["text"] for message in later] == ["ba"]
    assert phones.sdk.fetch_messages(answer[2]["id"])["SMSMessageData"]["Messages"] == []


def test_or_under_the_ids_of_the_callbacks(phones, gateway):
    phones.settings(fetch_ids="callback")
    ids = [phones.hand("sms", to="8499", text=text)["id"] for text in ("mot", "hai")]
    answer = phones.sdk.fetch_messages(0)["SMSMessageData"]["Messages"]
    assert [message["id"] for message in answer] == ids
    later = phones.sdk.fetch_messages(ids[0])["SMSMessageData"]["Messages"]
    assert [message["id"] for message in later] == ids[1:]
    gateway.heard("/sms", 2)


def test_a_handset_can_text_another(phones, gateway):
    answer = phones.hand("sms", to="0900 000 002", text="Chao anh")
    [message] = phones.inbox(LEADER)
    assert (message["from"], message["text"]) == (VILLAGER, "Chao anh")
    assert phones.eventually("delivered")[0]["id"] == answer["id"]
    assert gateway.told == []


def test_texts_nobody_can_carry(phones, gateway):
    assert phones.hand("sms", to="0900 000 999", text="a")["error"] == "unknown_number"
    assert phones.hand("sms", to="abc", text="a")["error"] == "unknown_number"
    phones.hand("coverage", on=False)
    assert phones.hand("sms", to="8499", text="a")["error"] == "no_coverage"
    assert gateway.told == []
    assert phones.events("texted") == []


def test_the_inbox_can_be_waited_on(phones):
    assert phones.inbox(wait=0) == []
    phones.sdk.send("mot", [VILLAGER])
    [first] = phones.inbox()
    phones.sdk.send("hai", [VILLAGER])
    [second] = phones.inbox(since=first["id"])
    assert (first["text"], second["text"]) == ("mot", "hai")
    phones.hand("read", ids=[first["id"]])
    assert [message["read"] for message in phones.inbox()] == [True, False]


def test_an_unknown_handset_that_texts_is_made(phones, gateway):
    phones.hand("sms", "+84900000777", to="8499", text="a")
    assert gateway.heard("/sms")[0].form["from"] == "+84900000777"
    until(lambda: phones.get("/api/handsets/+84900000777")["texts"][0]["state"] == "taken")
    assert "+84900000777" not in str(phones.get("/api/handsets"))
