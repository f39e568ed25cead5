"""Faults befall the service; each is an alarm once, and over when it is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.carriers.base import Unreachable
from service.outbox.alarms import close_alarm, raise_alarm
from service.outbox.brakes import switch
from service.outbox.claim import begin, claim
from service.records.messages import MessageClass
from tests.ops.alarm_kit import DUTY, Guarded, listening, post_office
from tests.ops.room_kit import Watched
from tests.outbox.kit import CARRIER
from tests.village import TimedWorld


@pytest.fixture
def guarded(timed: TimedWorld, tmp_path: Path) -> Iterator[Guarded]:
    room = Watched(timed)
    room.everybody_works()
    with listening() as sink, post_office() as post:
        yield Guarded(room, tmp_path, sink, post)


def test_a_village_in_good_order_has_no_alarm(guarded: Guarded) -> None:
    guarded.passes(steps=20, seconds=30)
    assert guarded.open() == set()
    assert guarded.texts() == guarded.heard() == guarded.post.letters == []
    assert guarded.room.world.rows("SELECT FROM watches") == []


def test_a_worker_that_dies_is_told_of_at_once_by_every_way_and_once(guarded: Guarded) -> None:
    guarded.passes(seconds=5)
    guarded.passes(gone=("reply",), steps=3, seconds=5)
    assert guarded.open() == {("worker_gone", "reply")}
    guarded.passes(gone=("reply",), steps=10, seconds=60)
    assert guarded.count("worker_gone") == 1
    (text,) = guarded.texts()
    assert text.startswith("CAUNOI 09:00 01/12: Khong co tien trinh gui luong reply")
    assert "Khoi dong lai worker-reply" in text
    assert guarded.heard() == [("worker_gone", "opened")]
    (letter,) = guarded.post.letters
    assert "Message-ID: <alarm-1-opened@" in letter
    (said,) = guarded.sink.heard
    assert said["severity"] == "page"
    assert said["runbook"] == "https://truc.example/alarms/worker_gone/runbook"


def test_that_the_first_account_takes_nothing_is_told_by_the_second(guarded: Guarded) -> None:
    guarded.passes(seconds=5)
    guarded.room.world.do(
        """INSERT INTO carrier_pauses (carrier, code, until)
           VALUES (:carrier, 'no_balance', clock_timestamp() + interval '1 hour')""",
        carrier=CARRIER,
    )
    with guarded.room.world.engine.begin() as connection:
        raise_alarm(connection, "carrier_paused", CARRIER, "no_balance")
    guarded.room.put(1, MessageClass.EMERGENCY)
    guarded.passes(seconds=5)
    second = f"{CARRIER}-2"
    with guarded.room.world.engine.begin() as connection:
        leased = claim(connection, "emergency", second, 10, second=second)
        begun = begin(connection, leased, second, second=second)
    assert [one.message.msisdn for one in begun] == [DUTY]


def test_what_is_over_is_told_once_when_it_has_stayed_over(guarded: Guarded) -> None:
    guarded.passes(gone=("reply",), steps=4, seconds=5)
    guarded.passes(steps=4, seconds=5)
    assert guarded.open() == set()
    guarded.passes(steps=5, seconds=60)
    assert guarded.heard() == [("worker_gone", "opened")], "it may come back"
    guarded.passes(steps=10, seconds=60)
    assert guarded.heard() == [("worker_gone", "opened"), ("worker_gone", "resolved")]
    assert guarded.texts()[1].startswith("CAUNOI DA HET: Khong co tien trinh gui tin (reply)")
    assert len(guarded.post.letters) == 2


def test_what_comes_and_goes_is_one_incident(guarded: Guarded) -> None:
    for _ in range(5):
        guarded.passes(gone=("bulk",), steps=4, seconds=5)
        assert guarded.open() == {("worker_gone", "bulk")}
        guarded.passes(steps=5, seconds=20)
        assert guarded.open() == set()
    assert guarded.count("worker_gone") == 1
    assert guarded.heard() == [("worker_gone", "opened")]
    guarded.passes(steps=15, seconds=60)
    guarded.passes(gone=("bulk",), steps=4, seconds=5)
    assert guarded.count("worker_gone") == 2, "much later it is another one"
    assert guarded.heard()[-1] == ("worker_gone", "opened")


def test_a_stop_in_good_order_is_no_alarm_while_a_new_version_starts(guarded: Guarded) -> None:
    guarded.room.world.do("DELETE FROM beats WHERE lane = 'reply'")
    guarded.passes(gone=("reply",), steps=6, seconds=5)
    assert guarded.open() == set()
    guarded.passes(seconds=5)
    guarded.passes(steps=10, seconds=5)
    assert guarded.count("worker_gone") == 0
    guarded.room.world.do("DELETE FROM beats WHERE lane = 'reply'")
    guarded.passes(gone=("reply",), steps=11, seconds=5)
    assert guarded.open() == {("worker_gone", "reply")}


def test_the_clock_gone_is_seen_by_the_others_and_its_late_work_is_not_told_too(
    guarded: Guarded,
) -> None:
    guarded.passes(gone=("clock",), seconds=13)
    guarded.passes(gone=("clock",), seconds=2)
    assert guarded.open() == {("clock_gone", "clock")}
    guarded.passes(gone=("clock",), steps=20, seconds=60)
    assert guarded.heard() == [("clock_gone", "opened")]


def test_a_root_cause_keeps_quiet_what_follows_from_it(guarded: Guarded) -> None:
    guarded.room.put(3)
    guarded.passes(gone=("reply",), steps=10, seconds=60)
    assert guarded.open() == {("worker_gone", "reply")}
    guarded.room.send()
    guarded.passes(steps=3, seconds=20)
    assert guarded.count("replies_wait") == guarded.count("nothing_leaves") == 0


def test_what_was_excused_is_not_told_when_it_is_well_already(guarded: Guarded) -> None:
    guarded.room.put(30)
    guarded.room.send(most=15)
    for _ in range(9):
        guarded.room.send(answer=lambda: Unreachable("no"))
        guarded.passes(seconds=20)
    assert ("carrier_away", CARRIER) in guarded.open()
    for _ in range(45):
        guarded.room.send()
        guarded.passes(seconds=20)
    assert guarded.count("carrier_away") == 1
    assert guarded.count("carrier_errors") == 0


def test_replies_that_wait_become_a_ticket_and_then_worse(guarded: Guarded) -> None:
    guarded.room.put(1)
    guarded.room.send()
    guarded.room.put(30)
    for _ in range(11):  # one leaves now and then: it is slow, not stuck
        guarded.room.send(most=1)
        guarded.passes(seconds=20)
    assert ("replies_wait", "reply") in guarded.open()
    assert guarded.texts() == []
    (alarm,) = guarded.room.world.rows("SELECT * FROM alarms WHERE name = 'replies_wait'")
    assert alarm.severity == "ticket"
    for _ in range(8):
        guarded.room.send(most=1)
        guarded.passes(seconds=20)
    (alarm,) = guarded.room.world.rows("SELECT * FROM alarms WHERE name = 'replies_wait'")
    assert alarm.severity == "page"
    assert [name for name, _ in guarded.heard()].count("replies_wait") == 1
    assert len(guarded.texts()) == 1, "it is told by SMS now, though not again by webhook"


def test_an_alarm_that_is_acknowledged_is_quiet_but_its_end_is_told(guarded: Guarded) -> None:
    guarded.sink.status = 500
    guarded.passes(gone=("reply",), steps=4, seconds=5)
    assert guarded.heard() == []
    guarded.room.world.do("UPDATE alarms SET acknowledged_at = clock_timestamp()")
    guarded.sink.status = 200
    guarded.passes(gone=("reply",), steps=10, seconds=60)
    assert guarded.heard() == [], "whoever knows is not told"
    guarded.passes(steps=20, seconds=60)
    assert len(guarded.texts()) == 2
    assert guarded.texts()[1].startswith("CAUNOI DA HET")


def test_a_webhook_that_fails_is_tried_again_and_told_once(guarded: Guarded) -> None:
    guarded.sink.status = 503
    guarded.passes(gone=("reply",), steps=8, seconds=15)
    assert guarded.heard() == []
    row = guarded.room.world.one("SELECT tries, code FROM tellings WHERE way = 'webhook'")
    assert row.tries > 1
    assert row.code == "http_503"
    assert len(guarded.texts()) == len(guarded.post.letters) == 1, "the others do not wait for it"
    guarded.sink.status = 200
    guarded.passes(gone=("reply",), steps=10, seconds=60)
    assert guarded.heard() == [("worker_gone", "opened")]


def test_a_way_that_fails_is_asked_once_in_a_round_however_much_there_is_to_tell(
    guarded: Guarded,
) -> None:
    guarded.sink.status = 503
    with guarded.room.world.engine.begin() as connection:
        for n in range(5):
            raise_alarm(connection, "emergency_untold", f"area {n}")
    guarded.passes()
    tried = "SELECT sum(tries) AS n FROM tellings WHERE way = 'webhook'"
    assert guarded.room.world.one(tried).n == 1, "else five times its patience, in every process"
    assert len(guarded.texts()) == len(guarded.post.letters) == 5
    guarded.sink.status = 200
    guarded.passes(steps=2, seconds=30)
    assert len(guarded.heard()) == 5


def test_what_domain_code_raises_is_told_by_its_severity(guarded: Guarded) -> None:
    with guarded.room.world.engine.begin() as connection:
        raise_alarm(connection, "emergency_untold", "area 7")
        raise_alarm(connection, "pin_shut", "person 4")
        raise_alarm(connection, "class_wanted", "class 11")
    guarded.passes(steps=3)
    (text,) = guarded.texts()
    assert "Co ca khan cap khong bao duoc cho ai (area 7)" in text
    assert set(guarded.heard()) == {("emergency_untold", "opened"), ("pin_shut", "opened")}


def test_what_only_happens_is_closed_when_it_is_known_or_long_ago(guarded: Guarded) -> None:
    with guarded.room.world.engine.begin() as connection:
        raise_alarm(connection, "pin_shut", "person 4")
        raise_alarm(connection, "flood", "many texts a minute are not answered")
        raise_alarm(connection, "nobody_to_ask", "area 7")
    guarded.passes()
    guarded.room.world.do("UPDATE alarms SET acknowledged_at = clock_timestamp()")
    guarded.room.world.do("UPDATE alarms SET acknowledged_at = NULL WHERE name = 'flood'")
    guarded.passes()
    assert {name for name, _ in guarded.open()} == {"flood", "nobody_to_ask"}
    guarded.passes(steps=11, seconds=60)
    assert {name for name, _ in guarded.open()} == {"nobody_to_ask"}
    with guarded.room.world.engine.begin() as connection:
        close_alarm(connection, "nobody_to_ask", "area 7")
    guarded.passes(steps=12, seconds=60)
    assert ("pin_shut", "resolved") not in guarded.heard()
    assert ("flood", "resolved") in guarded.heard()
    assert ("nobody_to_ask", "resolved") in guarded.heard()


def test_an_emergency_after_one_that_is_known_is_told_again(guarded: Guarded) -> None:
    def nobody_was_told() -> None:
        with guarded.room.world.engine.begin() as connection:
            raise_alarm(connection, "emergency_untold", "calls from nowhere we know")
            raise_alarm(connection, "wrong_secret", "callbacks")
        guarded.passes(steps=2)

    nobody_was_told()
    assert len(guarded.texts()) == 2
    guarded.room.world.do("UPDATE alarms SET acknowledged_at = clock_timestamp()")
    guarded.passes()
    assert guarded.open() == set()
    nobody_was_told()
    assert guarded.open() == {("emergency_untold", "calls from nowhere we know")}, (
        "somebody else's emergency; of the secrets whoever knows has heard"
    )
    assert len(guarded.texts()) == 3
    assert "Co ca khan cap" in guarded.texts()[2]


def test_two_watchmen_at_once_do_no_harm(guarded: Guarded) -> None:
    others = [guarded.another() for _ in range(4)]
    for _ in range(6):
        guarded.room.let_pass(gone=["reply", "bulk"], seconds=5)
        threads = [threading.Thread(target=watchman.look) for watchman in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert guarded.open() == {("worker_gone", "reply"), ("worker_gone", "bulk")}
    assert sorted(guarded.heard()) == [("worker_gone", "opened")] * 2
    assert len(guarded.texts()) == len(guarded.post.letters) == 2


def test_sending_switched_off_is_not_taken_for_a_fault_of_the_lanes(guarded: Guarded) -> None:
    with guarded.room.world.engine.begin() as connection:
        switch(connection, on=False, by="Lan")
    guarded.room.put(3)
    guarded.passes(steps=9, seconds=60)
    assert guarded.open() == set()
    guarded.passes(steps=2, seconds=60)
    assert guarded.open() == {("sending_off", "sending")}
    assert [said["severity"] for said in guarded.sink.heard] == ["ticket"]


def test_a_switch_that_was_forgotten_wakes_somebody_after_an_hour(guarded: Guarded) -> None:
    with guarded.room.world.engine.begin() as connection:
        switch(connection, on=False, by="Lan")
    severity = "SELECT severity FROM alarms WHERE name = 'sending_off'"
    guarded.passes(steps=59, seconds=60)
    assert guarded.room.world.one(severity).severity == "ticket"
    guarded.passes(steps=3, seconds=60)
    assert guarded.room.world.one(severity).severity == "page"
    assert guarded.texts()[0].startswith("CAUNOI 09:1"), "it leaves when sending is on again"
    with guarded.room.world.engine.begin() as connection:
        switch(connection, on=True, by="Lan")
    guarded.passes(steps=4, seconds=5)
    assert guarded.open() == set()


def test_many_alarms_do_not_become_as_many_sms(guarded: Guarded) -> None:
    with guarded.room.world.engine.begin() as connection:
        for n in range(40):
            raise_alarm(connection, "emergency_untold", f"area {n}")
    guarded.passes(steps=2)
    assert len(guarded.texts()) == 20
    assert len(guarded.heard()) == 40


def test_what_comes_and_goes_does_not_keep_what_is_new_from_being_told(guarded: Guarded) -> None:
    for _ in range(3):
        for deed in (raise_alarm, close_alarm):
            with guarded.room.world.engine.begin() as connection:
                for n in range(4):
                    deed(connection, "carrier_paused", f"carrier {n}")
            guarded.passes(steps=11 if deed is close_alarm else 1, seconds=60)
    assert len([said for said in guarded.heard() if said[0] == "carrier_paused"]) == 24
    assert len(guarded.texts()) == 12, "the last eight are for what nobody has heard of"
    with guarded.room.world.engine.begin() as connection:
        raise_alarm(connection, "emergency_untold", "area 7")
    guarded.passes()
    assert "Co ca khan cap khong bao duoc" in guarded.texts()[-1]


def knock(guarded: Guarded) -> None:
    """Try the carrier's doors with wrong secrets, more often than is chance."""
    world = guarded.room.world
    before = world.one("SELECT coalesce(sum(n), 0) AS n FROM counters").n
    for _ in range(30):
        world.post("sms", {}, secret="guess")
    until = time.monotonic() + 20
    while world.one("SELECT coalesce(sum(n), 0) AS n FROM counters").n < before + 30:
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("known", [False, True])
def test_who_keeps_knocking_causes_one_sms_an_hour(guarded: Guarded, *, known: bool) -> None:
    for _ in range(3):
        knock(guarded)
        guarded.passes()
        if known:
            guarded.room.world.do("UPDATE alarms SET acknowledged_at = clock_timestamp()")
        guarded.passes(steps=9, seconds=150)
        assert guarded.open() == set()
    assert len(guarded.texts()) == 1, "neither the next time nor the end"
    assert guarded.count("wrong_secret") == 1
    knock(guarded)
    guarded.passes()
    assert len(guarded.texts()) == 2, "an hour later it is told again"


def test_what_happens_between_knowing_of_it_and_its_end_is_told(guarded: Guarded) -> None:
    def nobody_was_told() -> None:
        with guarded.room.world.engine.begin() as connection:
            raise_alarm(connection, "emergency_untold", "area 7")

    nobody_was_told()
    guarded.passes()
    guarded.room.world.do("UPDATE alarms SET acknowledged_at = clock_timestamp()")
    nobody_was_told()
    guarded.passes(steps=2)
    assert guarded.open() == {("emergency_untold", "area 7")}
    assert guarded.count("emergency_untold") == 2
    assert len(guarded.texts()) == 2, "somebody else's emergency"
    guarded.room.world.do("UPDATE alarms SET acknowledged_at = clock_timestamp()")
    guarded.passes(steps=2)
    assert guarded.open() == set()


def test_the_outside_monitor_hears_once_a_minute_and_only_while_watching_works(
    guarded: Guarded,
) -> None:
    guarded.passes(steps=12, seconds=10)
    assert guarded.sink.pings in {2, 3}
    before = guarded.sink.pings
    with guarded.room.read_only():
        for _ in range(3):
            assert not guarded.watchman.look()
    assert guarded.sink.pings == before
