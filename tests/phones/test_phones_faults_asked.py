"""Faults on what the service asks, one by one, with the real SDK on the other side."""

from __future__ import annotations

import time

import pytest
import requests
from africastalking.Service import AfricasTalkingException
from phones_world import LEADER, VILLAGER


def send(phones, *to, **kwargs):
    return phones.sdk.send("Chao", list(to) or [VILLAGER], **kwargs)


def recipients(answer):
    return answer["SMSMessageData"]["Recipients"]


def accepted(phones):
    return [line["msisdn"] for line in phones.events("send") if line["accepted"]]


def heals(phones):
    """With the faults off, all is well again."""
    requests.delete(f"{phones.url}/api/faults", timeout=10)
    assert recipients(send(phones))[0]["statusCode"] == 102


@pytest.mark.parametrize(("when", "taken"), [("before", []), ("after", [VILLAGER])])
def test_hang(phones, when, taken):
    phones.fault("send", "hang", when=when, seconds=1.5)
    with pytest.raises(requests.exceptions.ReadTimeout):
        send(phones, timeout=(3, 0.3))
    assert accepted(phones) == taken
    heals(phones)


def test_hang_answers_in_the_end_if_the_send_was_taken(phones):
    phones.fault("send", "hang", when="after", seconds=0.3)
    began = time.monotonic()
    assert recipients(send(phones))[0]["statusCode"] == 102
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(("when", "taken"), [("before", []), ("after", [VILLAGER])])
def test_close(phones, when, taken):
    phones.fault("send", "close", when=when)
    with pytest.raises(requests.exceptions.ConnectionError, match="without response"):
        send(phones)
    assert accepted(phones) == taken
    refused, answered = phones.events("refused"), phones.events("answer")
    line = (refused if when == "before" else answered)[0]
    assert line["http"] is None
    assert len(refused) + len(answered) == 1
    heals(phones)


@pytest.mark.parametrize(("when", "taken"), [("before", []), ("after", [VILLAGER])])
def test_error(phones, when, taken):
    phones.fault("send", "error", when=when, code=503)
    with pytest.raises(AfricasTalkingException, match="Something went wrong"):
        send(phones)
    assert accepted(phones) == taken
    line = phones.events("refused", "answer")[0]
    assert line["http"] == 503
    heals(phones)


@pytest.mark.parametrize(("when", "taken"), [("before", []), ("after", [VILLAGER])])
def test_html(phones, when, taken):
    phones.fault("send", "html", when=when)
    answer = send(phones)
    assert isinstance(answer, str)
    assert answer.startswith("<!DOCTYPE html>")
    assert accepted(phones) == taken
    heals(phones)


def test_throttle(phones):
    phones.fault("send", "throttle", count=1, seconds=7)
    response = requests.post(
        f"{phones.url}/version1/messaging",
        data={"username": "sandbox", "to": VILLAGER, "message": "a"},
        headers={"apiKey": "key"},
        timeout=10,
    )
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert accepted(phones) == []
    assert recipients(send(phones))[0]["statusCode"] == 102


@pytest.mark.parametrize("code", [302, 307])
def test_redirect(phones, code):
    phones.fault("send", "redirect", code=code, text="/somewhere?else")
    response = requests.post(
        f"{phones.url}/version1/messaging",
        data={"username": "sandbox", "to": VILLAGER, "message": "a"},
        headers={"apiKey": "key"},
        timeout=10,
        allow_redirects=False,
    )
    assert (response.status_code, response.headers["Location"]) == (code, "/somewhere?else")
    assert accepted(phones) == []


def test_redirect_to_itself_never_ends(phones):
    phones.fault("send", "redirect", code=307)
    with pytest.raises(requests.exceptions.TooManyRedirects):
        send(phones)


def test_trickle_outlives_the_read_timeout(phones):
    phones.fault("send", "trickle", seconds=0.01)
    began = time.monotonic()
    answer = send(phones, timeout=(3, 0.5))
    assert recipients(answer)[0]["statusCode"] == 102
    assert time.monotonic() - began > 1.5  # some 230 bytes: three times the time-out


def test_charset_makes_the_sdk_return_text(phones):
    phones.fault("send", "charset")
    answer = send(phones)
    assert isinstance(answer, str)
    assert answer.startswith('{"SMSMessageData":')
    assert accepted(phones) == [VILLAGER]


def test_broken_json(phones):
    phones.fault("send", "broken_json")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        send(phones)
    assert accepted(phones) == [VILLAGER]


def test_huge(phones):
    phones.fault("send", "huge", size=2_000_000)
    answer = send(phones)
    assert len(answer["padding"]) == 2_000_000
    assert recipients(answer)[0]["statusCode"] == 102


def test_invalid_sender(phones):
    phones.fault("send", "invalid_sender")
    assert send(phones) == {"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}
    assert accepted(phones) == []


def test_no_balance_in_both_shapes(phones):
    phones.fault("send", "no_balance", numbers=[VILLAGER])
    phones.fault("send", "no_balance", text="empty", numbers=[LEADER])
    assert recipients(send(phones))[0] == {
        "cost": "0",
        "messageId": "None",
        "number": VILLAGER,
        "status": "InsufficientBalance",
        "statusCode": 405,
    }
    assert recipients(send(phones, LEADER)) == []
    assert accepted(phones) == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (401, "RiskHold"),
        (402, "InvalidSenderId"),
        (403, "InvalidPhoneNumber"),
        (404, "UnsupportedNumberType"),
        (405, "InsufficientBalance"),
        (406, "UserInBlacklist"),
        (407, "CouldNotRoute"),
        (409, "DoNotDisturbRejection"),
        (500, "InternalServerError"),
        (501, "GatewayError"),
        (502, "RejectedByGateway"),
    ],
)
def test_status_refuses_one_number(phones, code, name):
    phones.fault("send", "status", code=code, numbers=[LEADER])
    first, second = recipients(send(phones, VILLAGER, LEADER))
    assert (first["status"], first["statusCode"]) == ("Success", 102)
    assert (second["status"], second["statusCode"]) == (name, code)
    assert (second["messageId"], second["cost"]) == ("None", "0")
    assert accepted(phones) == [VILLAGER]
    assert phones.inbox(LEADER, wait=0) == []


@pytest.mark.parametrize("code", [100, 101, 102])
def test_status_may_also_accept(phones, code):
    phones.fault("send", "status", code=code)
    assert recipients(send(phones))[0]["statusCode"] == code
    assert accepted(phones) == [VILLAGER]


@pytest.mark.parametrize(("when", "taken"), [("before", [LEADER]), ("after", [VILLAGER, LEADER])])
def test_partial(phones, when, taken):
    phones.fault("send", "partial", when=when, numbers=[VILLAGER])
    answer = send(phones, VILLAGER, LEADER)
    assert [one["number"] for one in recipients(answer)] == [LEADER]
    assert accepted(phones) == taken


def test_wrong_number(phones):
    phones.fault("send", "wrong_number", text="+84900008888")
    [one] = recipients(send(phones))
    assert one["number"] == "+84900008888"
    assert accepted(phones) == [VILLAGER]
    assert phones.inbox()[0]["message_id"] == one["messageId"]


def test_faults_of_the_balance_and_of_fetching(phones):
    phones.fault("user", "error", when="before", code=502)
    phones.fault("fetch", "close", when="before")
    response = requests.get(
        f"{phones.url}/version1/user?username=sandbox", headers={"apiKey": "key"}, timeout=10
    )
    assert response.status_code == 502
    with pytest.raises(requests.exceptions.ConnectionError):
        phones.sdk.fetch_messages(0)
    assert recipients(send(phones))[0]["statusCode"] == 102


def test_every_fault_leaves_its_line(phones):
    rule = phones.fault("send", "error", when="after", code=500, count=1)
    with pytest.raises(AfricasTalkingException):
        send(phones)
    [line] = phones.events("fault")
    assert (line["rule"], line["place"], line["fault"]) == (rule["id"], "send", "error")
    assert (line["when"], line["number"]) == ("after", VILLAGER)
    [answer] = phones.events("answer")
    assert (answer["http"], answer["faults"]) == (500, ["error after"])
    assert answer["request"] == phones.events("send")[0]["request"]
    assert phones.get("/api/faults")["rules"][0]["hits"] == 1
