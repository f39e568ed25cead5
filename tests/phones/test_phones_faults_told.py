"""Faults on what the carrier tells the service, one by one."""

from __future__ import annotations

import threading
import time

import pytest
from gateway_recorder import says
from phones_world import VILLAGER


def send(phones):
    return phones.sdk.send("Chao", [VILLAGER])["SMSMessageData"]["Recipients"][0]["messageId"]


def text(phones):
    return phones.hand("sms", to="8499", text="a")


# -- on the wire, at every place


@pytest.mark.parametrize(
    ("place", "path", "act"),
    [
        ("ussd", "/ussd", lambda phones: phones.dial()),
        ("sms", "/sms", text),
        ("receipts", "/receipts", send),
        ("events", "/ussd-events", lambda phones: (phones.dial(), phones.hand("hang-up"))),
    ],
)
class TestOnTheWire:
    def test_no_plus(self, phones, gateway, place, path, act):
        phones.fault(place, "no_plus")
        act(phones)
        form = gateway.heard(path)[0].form
        assert form.get("phoneNumber", form.get("from")) == "84900000001"

    def test_no_charset(self, phones, gateway, place, path, act):
        phones.fault(place, "no_charset")
        act(phones)
        told = gateway.heard(path)[0]
        assert told.header("Content-Type") == "application/x-www-form-urlencoded"

    def test_hang(self, phones, gateway, place, path, act):
        phones.fault(place, "hang", seconds=0.3, count=1)
        act(phones)
        assert not gateway.heard(path)[0].cut

    def test_trickle(self, phones, gateway, place, path, act):
        phones.fault(place, "trickle", seconds=0.001, count=1)
        act(phones)
        told = gateway.heard(path)[0]
        assert not told.cut
        assert told.form["networkCode"] == "99999"

    def test_close_half_way(self, phones, gateway, place, path, act):
        phones.fault(place, "close", when="before", count=1)
        act(phones)
        told = gateway.cut(path)
        assert 0 < len(told.body) < int(told.header("Content-Length"))

    def test_close_with_the_answer_unread(self, phones, gateway, place, path, act):
        phones.fault(place, "close", when="after", count=1)
        act(phones)
        assert not gateway.heard(path)[0].cut


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_was_cut_is_told_again(phones, gateway, when):
    phones.fault("sms", "close", when=when, count=2)
    phones.fault("receipts", "close", when=when, count=1)
    phones.settings(ladder=["Success"])
    text(phones)
    send(phones)
    assert len(gateway.heard("/sms", 3)) == 3
    assert len(gateway.heard("/receipts", 2)) == 2
    assert phones.eventually("text-taken")[0]["tries"] == 3


def test_a_cut_hop_fails_on_the_phone(phones, gateway):
    phones.fault("ussd", "close", when="after", count=1)
    assert phones.dial()["error"] == "gateway_down"
    assert gateway.heard("/ussd-events")[0].form["status"] == "Failed"
    assert phones.dial()["open"]


# -- USSD


@pytest.mark.parametrize("seconds", [0, 0.2])
def test_a_hop_told_twice(phones, gateway, seconds):
    phones.fault("ussd", "duplicate", seconds=seconds, count=1)
    phones.dial()
    first, second = gateway.heard("/ussd", 2)
    assert first.body == second.body
    hops = phones.eventually("hop", 2)
    assert sorted(hop["duplicate"] for hop in hops) == [False, True]
    assert {hop["answer"] for hop in hops} == {"CON +84900000001 said ''"}
    assert phones.keys("1")["screen"].endswith("said '1'")


def test_both_copies_of_a_hop_are_in_flight_together(phones, gateway):
    both = threading.Barrier(2)

    def answer(told):
        if told.path == "/ussd":
            both.wait(20)
        return says("CON a")

    gateway.answer = answer
    phones.fault("ussd", "duplicate", count=1)
    assert phones.dial()["open"]


def test_a_late_hop(phones, gateway):
    phones.fault("ussd", "late", seconds=0.3)
    began = time.monotonic()
    assert phones.dial()["open"]
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(("kind", "count"), [("lost", 0), ("duplicate", 2)])
def test_lost_and_doubled_events(phones, gateway, kind, count):
    phones.fault("events", kind, statuses=["Incomplete"])
    phones.dial()
    phones.hand("hang-up")
    gateway.answer = lambda told: says("END het")
    phones.dial()
    told = gateway.heard("/ussd-events", count + 1)
    statuses = sorted(one.form["status"] for one in told)
    assert statuses == ["Incomplete"] * count + ["Success"]
    assert len(phones.events("event-lost")) == (kind == "lost")


# -- SMS


def test_an_sms_told_twice(phones, gateway):
    phones.fault("sms", "duplicate", seconds=0.1)
    sent = text(phones)
    first, second = gateway.heard("/sms", 2)
    assert first.body == second.body
    assert first.form["id"] == sent["id"]


def test_a_lost_sms_can_still_be_fetched(phones, gateway):
    phones.fault("sms", "lost", count=1)
    text(phones)
    text(phones)
    assert len(gateway.heard("/sms")) == 1
    assert len(phones.events("text-lost")) == 1
    assert len(phones.sdk.fetch_messages(0)["SMSMessageData"]["Messages"]) == 2


def test_a_late_sms(phones, gateway):
    phones.fault("sms", "late", seconds=0.4)
    began = time.monotonic()
    text(phones)
    gateway.heard("/sms")
    assert time.monotonic() - began >= 0.4


# -- delivery reports


def test_early_reports_come_before_the_answer_to_the_send(phones, gateway):
    phones.fault("receipts", "early")
    id_ = send(phones)
    told = [one.form for one in gateway.told if one.path == "/receipts"]
    assert [(form["id"], form["status"]) for form in told] == [
        (id_, "Sent"), (id_, "Submitted"), (id_, "Success"),
    ]  # fmt: skip
    kinds = [event["kind"] for event in phones.events("send", "report", "answer")]
    assert kinds == ["send", "report", "report", "report", "answer"]


def test_lost_reports(phones, gateway):
    phones.fault("receipts", "lost", count=1)
    phones.fault("receipts", "lost", statuses=["Success"])
    send(phones)
    assert phones.inbox()
    phones.eventually("report-lost", 3)
    assert [one for one in gateway.told if one.path == "/receipts"] == []
    send(phones)
    phones.eventually("report-lost", 2, status="Success")
    assert gateway.statuses(2) == ["Sent", "Submitted"]


def test_late_reports_do_not_make_the_message_late(phones, gateway):
    phones.fault("receipts", "late", seconds=0.6)
    phones.settings(ladder=["Success"])
    send(phones)
    assert phones.inbox()
    assert gateway.told == []
    assert gateway.statuses(1) == ["Success"]


def test_doubled_reports(phones, gateway):
    phones.fault("receipts", "duplicate", statuses=["Success"], seconds=0.05)
    send(phones)
    assert sorted(gateway.statuses(4)) == ["Sent", "Submitted", "Success", "Success"]


def test_reports_out_of_order(phones, gateway):
    phones.fault("receipts", "out_of_order")
    send(phones)
    assert gateway.statuses(3) == ["Success", "Submitted", "Sent"]


def test_an_unknown_status(phones, gateway):
    phones.fault("receipts", "unknown_status", text="AbsentSubscriber")
    send(phones)
    assert gateway.statuses(4) == ["Sent", "AbsentSubscriber", "Submitted", "Success"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [("Failed", "DeliveryFailure"), ("Rejected", "UserInBlackList"), ("Expired", None)],
)
def test_undelivered(phones, gateway, status, reason):
    phones.fault("receipts", "undelivered", text=status, reason=reason or "DeliveryFailure")
    send(phones)
    last = gateway.heard("/receipts", 3)[-1]
    names = ["id", "status", "phoneNumber", "networkCode", "failureReason", "retryCount"]
    assert [name for name, _ in last.fields] == [n for n in names if reason or n != "failureReason"]
    assert (last.form["status"], last.form.get("failureReason")) == (status, reason)
    assert phones.inbox(wait=0) == []
