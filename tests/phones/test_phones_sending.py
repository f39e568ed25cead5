"""Sending, by the real SDK over real HTTP: shapes, codes, prices, refusals."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from africastalking.Service import AfricasTalkingException
from phones_world import LEADER, VILLAGER, Sdk, until

MESSAGE_ID = re.compile(r"ATXid_[0-9a-f]{32}")
UNAUTHORISED = "The supplied authentication is invalid"


def form(phones, **fields):
    data = {"username": "sandbox", "to": VILLAGER, "message": "Chao", "bulkSMSMode": "1", **fields}
    data = {name: value for name, value in data.items() if value is not None}
    return requests.post(
        f"{phones.url}/version1/messaging",
        data=data,
        headers={"apiKey": "key", "Accept": "application/json"},
        timeout=10,
        allow_redirects=False,
    )


def recipients(answer):
    return answer["SMSMessageData"]["Recipients"]


def test_the_sdk_gets_the_recorded_shape(phones):
    answer = phones.sdk.send("Xin chao", [VILLAGER], sender_id="8499")
    [one] = recipients(answer)
    assert MESSAGE_ID.fullmatch(one["messageId"])
    assert answer == {
        "SMSMessageData": {
            "Message": "Sent to 1/1 Total Cost: KES 0.8000 Message parts: 1",
            "Recipients": [
                {
                    "cost": "KES 0.8000",
                    "messageId": one["messageId"],
                    "number": VILLAGER,
                    "status": "Success",
                    "statusCode": 102,
                }
            ],
        }
    }


def test_the_bytes_of_the_answer(phones):
    response = form(phones)
    assert response.status_code == 201
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Server"] == "akka-http/10.2.10"
    assert int(response.headers["Content-Length"]) == len(response.content)
    message_id = response.json()["SMSMessageData"]["Recipients"][0]["messageId"]
    assert response.text == (
        '{"SMSMessageData":{"Message":"Sent to 1/1 Total Cost: KES 0.8000 Message parts: 1",'
        '"Recipients":[{"cost":"KES 0.8000","messageId":"' + message_id + '",'
        '"number":"+84900000001","status":"Success","statusCode":102}]}}'
    )


@pytest.mark.parametrize(("enqueue", "code"), [(None, 102), ("1", 102), ("0", 101)])
def test_enqueue_decides_the_code(phones, enqueue, code):
    assert recipients(form(phones, enqueue=enqueue).json())[0]["statusCode"] == code


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("đ" * 70, 1), ("đ" * 71, 2)],
)
def test_parts_are_counted_and_charged(phones, text, parts):
    answer = phones.sdk.send(text, [VILLAGER, LEADER])["SMSMessageData"]
    assert answer["Message"] == (
        f"Sent to 2/2 Total Cost: KES {1.6 * parts:.4f} Message parts: {parts}"
    )
    assert {one["cost"] for one in answer["Recipients"]} == {f"KES {0.8 * parts:.4f}"}


def test_a_number_that_is_none_is_refused_alone(phones):
    answer = form(phones, to=f"{VILLAGER},0900000002,+12").json()["SMSMessageData"]
    assert answer["Message"].startswith("Sent to 1/3 Total Cost: KES 0.8000")
    assert [one["statusCode"] for one in answer["Recipients"]] == [102, 403, 403]
    assert answer["Recipients"][1] == {
        "cost": "0",
        "messageId": "None",
        "number": "0900000002",
        "status": "InvalidPhoneNumber",
        "statusCode": 403,
    }


def test_a_thousand_recipients_in_one_call(phones):
    numbers = [f"+8490000{number:04d}" for number in range(1000)]
    answer = phones.sdk.send("Hop thon 19h", numbers)
    assert [one["number"] for one in recipients(answer)] == numbers
    assert len({one["messageId"] for one in recipients(answer)}) == 1000
    sent = phones.events("send")
    assert {line["id"] for line in sent} == {one["messageId"] for one in recipients(answer)}


def test_more_than_the_ceiling_is_refused_as_a_whole(phones):
    phones.settings(recipient_ceiling=2)
    assert len(recipients(phones.sdk.send("a", [VILLAGER, LEADER]))) == 2
    with pytest.raises(AfricasTalkingException, match="At most 2 recipients"):
        phones.sdk.send("a", [VILLAGER, LEADER, "+84900000003"])
    assert len(phones.events("send")) == 2
    assert phones.events("refused")[0]["http"] == 400


@pytest.mark.parametrize(("key", "user"), [("wrong", "sandbox"), ("", "sandbox"), ("key", "else")])
def test_a_wrong_key_or_user_is_401_in_plain_text(phones, key, user):
    with pytest.raises(AfricasTalkingException, match=UNAUTHORISED):
        Sdk(phones.url, key, user).send("a", [VILLAGER])
    response = requests.get(
        f"{phones.url}/version1/user?username={user}", headers={"apiKey": key}, timeout=10
    )
    assert (response.status_code, response.text) == (401, UNAUTHORISED)
    assert response.headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert response.headers["WWW-Authenticate"] == 'Basic realm="api",charset=UTF-8'
    assert phones.events("send") == []


@pytest.mark.parametrize("field", ["username", "to", "message"])
def test_a_missing_field_is_400_in_plain_text(phones, field):
    response = form(phones, **{field: None})
    assert response.status_code == 400
    assert response.text == f"Request is missing required form field '{field}'"
    assert response.headers["Content-Type"] == "text/plain; charset=UTF-8"


def test_a_sender_that_is_not_ours_refuses_the_batch(phones):
    phones.settings(sender_ids=["8499"])
    answer = phones.sdk.send("a", [VILLAGER, LEADER], sender_id="Nobody")
    assert answer == {"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}
    assert [line["accepted"] for line in phones.events("send")] == [False, False]
    assert len(recipients(phones.sdk.send("a", [VILLAGER], sender_id="8499"))) == 1


def test_the_balance_runs_down_and_out(phones):
    phones.post("/api/account", balance="2.0")
    answer = phones.sdk.send("a", [f"+8490000000{number}" for number in range(1, 5)])
    assert [one["statusCode"] for one in recipients(answer)] == [102, 102, 405, 405]
    assert recipients(answer)[2]["status"] == "InsufficientBalance"
    assert answer["SMSMessageData"]["Message"].startswith("Sent to 2/4 Total Cost: KES 1.6000")
    response = requests.get(
        f"{phones.url}/version1/user?username=sandbox", headers={"apiKey": "key"}, timeout=10
    )
    assert (response.status_code, response.text) == (200, '{"UserData":{"balance":"KES 0.4000"}}')
    assert response.headers["Content-Type"] == "application/json"


def test_a_premium_form_is_taken_free_of_cost(phones):
    answer = phones.sdk.send_premium("a", "8499", [VILLAGER], keyword="k", link_id="l")
    assert answer["SMSMessageData"]["Message"] == "Sent to 1/1"
    assert recipients(answer)[0]["cost"] == "0"
    assert phones.inbox()[0]["from"] == "8499"


def test_the_json_way_of_sending(phones):
    body = {
        "username": "sandbox",
        "message": "Chao",
        "senderId": "8499",
        "phoneNumbers": [VILLAGER, LEADER],
        "enqueue": 0,
    }
    response = requests.post(
        f"{phones.url}/version1/messaging/bulk", json=body, headers={"apiKey": "key"}, timeout=10
    )
    assert response.status_code == 201
    assert [one["statusCode"] for one in recipients(response.json())] == [101, 101]
    assert phones.inbox()[0]["from"] == "8499"
    broken = {**body, "phoneNumbers": "+84900000001"}
    assert (
        requests.post(response.url, json=broken, headers={"apiKey": "key"}, timeout=10).status_code
        == 400
    )


def test_the_sdks_hashed_form_is_tolerated_on_the_json_address(phones):
    answer = phones.sdk.send_hashed("a", "masked", "8499")
    assert recipients(answer)[0]["statusCode"] == 403


def test_vietnamese_arrives_letter_by_letter(phones):
    text = "Xin chào, mực nước 5.2m & rising + *# € 😀"
    phones.sdk.send(text, [VILLAGER], sender_id="8499")
    [message] = phones.inbox()
    assert (message["text"], message["from"], message["read"]) == (text, "8499", False)


def test_without_a_sender_the_carriers_own_name_stands(phones):
    phones.sdk.send("a", [VILLAGER])
    assert phones.inbox()[0]["from"] == "AFRICASTKNG"


def test_the_journal_line_is_there_when_the_answer_is(phones, tmp_path, options):
    from phones_world import run

    path = tmp_path / "journal.jsonl"
    for other in run(options, journal=path):
        for _ in range(20):
            [one] = recipients(other.sdk.send("a", [VILLAGER]))
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            [sent] = [
                line
                for line in lines
                if line.get("id") == one["messageId"] and line["kind"] == "send"
            ]
            assert (sent["msisdn"], sent["text"], sent["accepted"]) == (VILLAGER, "a", True)


def test_many_senders_at_once_lose_nothing(phones, gateway):
    phones.settings(ladder=["Success"])

    def send(number):
        return recipients(phones.sdk.send(f"so {number}", [f"+8490000{number:04d}"]))[0][
            "messageId"
        ]

    with ThreadPoolExecutor(24) as pool:
        ids = list(pool.map(send, range(600)))
    assert len(set(ids)) == 600
    assert {line["id"]: line["text"] for line in phones.events("send")} == {
        id_: f"so {number}" for number, id_ in enumerate(ids)
    }
    told = gateway.heard("/receipts", 600, seconds=60)
    assert sorted(one.form["id"] for one in told) == sorted(ids)
    until(lambda: len(phones.events("delivered")) == 600)
