"""Lanes as processes: with Redis or without, told to stop, and lied to."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from service.ops.embedded_valkey import EmbeddedValkey
from service.outbox.put import Message, put
from service.outbox.wake import Waker
from service.records.messages import MessageClass
from service.records.unit import Units
from tests.outbox.kit import Box, number
from tests.outbox.lane_kit import LaneProcess, lane_process
from tests.outbox.redis_kit import everything_in, hang, own_valkey, refused_url

NEVER_BY_ITSELF = 30.0
"""A poll interval so long that what leaves within seconds was woken."""


@pytest.fixture
def valkey() -> Iterator[EmbeddedValkey]:
    with own_valkey() as valkey:
        yield valkey


def told(box: Box, url: str, count: int, *, prefix: str = "told") -> None:
    """Put messages in and wake their lane, as the web process does."""
    with Units(box.world.engine, Waker(url).wake).open() as unit:
        for n in range(count):
            put(unit, Message(f"{prefix}:{n}", MessageClass.REPLY, number(n), "Ba Nung da co hen"))


def all_left(box: Box, lane: LaneProcess, count: int, seconds: float = 25.0) -> None:
    lane.until(lambda: box.states() == {"accepted": count}, seconds)


@pytest.mark.parametrize("trouble", ["refused", "stopped", "hung"])
def test_messages_leave_without_redis(box: Box, valkey: EmbeddedValkey, trouble: str) -> None:
    url = refused_url() if trouble == "refused" else valkey.url
    with lane_process(box, "reply", url, poll_seconds=0.3) as lane:
        if trouble == "stopped":
            valkey.stop()
        if trouble == "hung":
            hang(valkey)
        for n in range(3):
            told(box, url, 4, prefix=f"{n}")
            all_left(box, lane, 4 * (n + 1))
        assert lane.terminate() == 0, "it could not be stopped in time"
    assert len(box.taken()) == 12


def test_a_wake_up_cuts_the_wait_and_lies_do_not_keep_it_from_coming(
    box: Box, valkey: EmbeddedValkey
) -> None:
    redis = Redis.from_url(valkey.url)
    with lane_process(box, "reply", valkey.url, poll_seconds=NEVER_BY_ITSELF) as lane:
        lane.until(lambda: redis.smembers("rq:workers"))
        time.sleep(0.5)  # its senders have looked once by now and wait
        told(box, valkey.url, 5)
        all_left(box, lane, 5)
        queue = Queue("reply", connection=redis, serializer=JSONSerializer)
        for name in ("os.abort", "os._exit", "service.outbox.wake.BELL"):
            queue.enqueue_call(name, args=(1,))
        redis.publish(
            f"rq:pubsub:{redis.smembers('rq:workers').pop().decode()[10:]}",
            '{"command": "shutdown"}',
        )
        lane.until(lambda: redis.llen(queue.key) == 0)
        told(box, valkey.url, 5, prefix="again")
        all_left(box, lane, 10)
        assert lane.process.poll() is None
        heap = everything_in(valkey.url)
        assert heap
        for secret in (
            b"+849",
            b"849000",
            b"hen",
            b"Nung",
            box.world.runtime.settings.secret_key.get_secret_value().encode(),
        ):
            assert secret not in heap
    redis.close()


def test_a_flush_loses_no_message(box: Box, valkey: EmbeddedValkey) -> None:
    redis = Redis.from_url(valkey.url)
    with lane_process(box, "reply", valkey.url, poll_seconds=0.3) as lane:
        for n in range(5):
            told(box, valkey.url, 20, prefix=f"{n}")
            redis.flushall()
        all_left(box, lane, 100)
        assert lane.terminate() == 0
    redis.close()
    assert len(box.taken()) == 100


@pytest.mark.parametrize("number_of_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_is_being_sent_and_leaves_the_rest(
    box: Box, valkey: EmbeddedValkey, number_of_signal: signal.Signals
) -> None:
    box.fault("hang", seconds=1.5)
    box.put_many(30)
    with lane_process(box, "reply", valkey.url, sender_threads=4, poll_seconds=0.3) as lane:
        lane.until(lambda: len(box.taken()) == 4)
        for _ in range(3):  # a process manager may be impatient
            lane.process.send_signal(number_of_signal)
        assert lane.process.wait(25) == 0
        assert [event["clean"] for event in lane.events("stopped")] == [True]
    assert box.states() == {"accepted": 4, "queued": 26}
    assert len(box.taken()) == 4
    assert box.world.rows("SELECT * FROM beats") == [], "it would be called dead"


def test_a_stop_in_the_middle_of_a_batch_gives_the_batch_back(
    box: Box, valkey: EmbeddedValkey
) -> None:
    box.at("12:00")
    box.fault("hang", seconds=1.5)
    for n in range(10):
        box.put(MessageClass.NOTICE, body=f"Hop thon {n}")
    with lane_process(box, "bulk", valkey.url, sender_threads=1, poll_seconds=0.3) as lane:
        lane.until(lambda: len(box.taken()) == 1)
        assert lane.terminate() == 0
    assert box.states() == {"accepted": 1, "queued": 9}


def test_a_lane_lives_in_the_database_and_sweeps_after_the_dead(
    box: Box, valkey: EmbeddedValkey
) -> None:
    its_id = box.put(MessageClass.EMERGENCY)
    box.begun("emergency")
    box.later(seconds=31)
    with lane_process(box, "emergency", valkey.url, poll_seconds=0.3) as lane:
        lane.until(lambda: box.state(its_id) == "accepted")
        (beat,) = box.world.rows("SELECT kind, lane, pid FROM beats")
        assert (beat.kind, beat.lane, beat.pid) == ("worker", "emergency", lane.process.pid)


def test_a_lane_outlives_its_database(box: Box, valkey: EmbeddedValkey) -> None:
    with lane_process(box, "reply", valkey.url, poll_seconds=0.3) as lane:
        for n in range(3):
            box.world.do("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'caunoi worker reply' AND pid <> pg_backend_pid()
            """)
            told(box, valkey.url, 5, prefix=f"{n}")
            all_left(box, lane, 5 * (n + 1))


def test_no_number_and_no_text_is_in_a_lane_s_log(box: Box, valkey: EmbeddedValkey) -> None:
    box.fault("html", share=0.3)
    box.fault("status", code=406, share=0.3)
    with lane_process(box, "reply", valkey.url, poll_seconds=0.3) as lane:
        told(box, valkey.url, 20)
        lane.until(lambda: not {"queued", "leased", "sending"} & set(box.states()))
        lane.terminate()
        said = lane.log.read_text(encoding="utf-8")
    assert said.count('"handed_over"') >= 20
    for secret in ("8490000", "co hen", "Nung", "test-key"):
        assert secret not in said
