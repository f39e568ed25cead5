"""Delivery reports and coverage: the ladder, its bytes, and retry until 200."""

from __future__ import annotations

import itertools

from gateway_recorder import says
from phones_world import LEADER, VILLAGER


def send(phones, to=VILLAGER, text="Chao"):
    return phones.sdk.send(text, [to])["SMSMessageData"]["Recipients"][0]["messageId"]


def test_a_report_has_the_documented_fields_in_order(phones, gateway):
    id_ = send(phones)
    told = gateway.heard("/receipts", 3)
    assert [one.fields for one in told] == [
        [
            ("id", id_),
            ("status", status),
            ("phoneNumber", VILLAGER),
            ("networkCode", "99999"),
            ("retryCount", "0"),
        ]
        for status in ("Sent", "Submitted", "Success")
    ]
    assert told[0].body.startswith(b"id=ATXid_")
    assert b"phoneNumber=%2B84900000001&" in told[0].body
    assert told[0].header("Content-Type") == "application/x-www-form-urlencoded; charset=UTF-8"


def test_success_is_told_when_the_handset_has_it(phones, gateway):
    gateway.answer = lambda told: says(str(len(phones.inbox(wait=0))))
    send(phones)
    assert gateway.statuses(3)[-1] == "Success"
    assert len(phones.inbox()) == 1
    phones.eventually("report", 3)
    kinds = [event["kind"] for event in phones.events("send", "delivered", "report")]
    assert kinds == ["send", "report", "report", "delivered", "report"]


def test_only_the_rungs_asked_for_are_told(phones, gateway):
    phones.settings(ladder=["Success"])
    send(phones)
    send(phones, LEADER)
    assert gateway.statuses(2) == ["Success", "Success"]
    assert len(phones.eventually("report", 2)) == 2


def test_without_coverage_it_is_buffered_until_coverage_returns(phones, gateway):
    phones.hand("coverage", on=False)
    send(phones, text="mot")
    send(phones, text="hai")
    assert sorted(gateway.statuses(4)) == ["Buffered", "Buffered", "Sent", "Sent"]
    phones.eventually("held", 2)
    assert phones.inbox(wait=0.2) == []
    assert phones.get(f"/api/handsets/{VILLAGER}")["waiting"] == 2
    phones.hand("coverage", on=True)
    assert sorted(gateway.statuses(6)[4:]) == ["Success", "Success"]
    assert sorted(message["text"] for message in phones.inbox()) == ["hai", "mot"]
    assert phones.get(f"/api/handsets/{VILLAGER}")["waiting"] == 0


def test_a_report_is_told_again_until_200(phones, gateway):
    phones.settings(ladder=["Success"])
    statuses = itertools.chain([500, 404, 302, 204], itertools.repeat(200))
    gateway.answer = lambda told: says("", next(statuses))
    send(phones)
    told = gateway.heard("/receipts", 5)
    assert len({one.body for one in told}) == 1
    tries = phones.eventually("report", 5)
    assert [(line["try"], line["http"]) for line in tries] == [
        (1, 500), (2, 404), (3, 302), (4, 204), (5, 200),
    ]  # fmt: skip


def test_a_report_nobody_takes_is_given_up(phones, gateway):
    phones.settings(ladder=["Success"], retry_seconds=[1, 2], retry_for=5)
    gateway.answer = lambda told: None
    send(phones)
    dropped = phones.eventually("report-dropped")[0]
    assert dropped["tries"] == 4  # at 0, 1, 3 and 5 seconds; the next would be at 7
    assert [line["error"] for line in phones.events("report")] == ["cut"] * 4
