"""Wake-ups: they may be lost, may never make anybody wait, and nothing else comes that way."""

from __future__ import annotations

import json
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Callback, Job, JobStatus
from rq.serializers import JSONSerializer
from rq.webhook import Webhook

from service.ops.listener import BellRinger
from service.outbox.wake import BELL, WAKE_UP, ForbiddenJob, Waker, WakeUp, bounded_redis
from tests.outbox.redis_kit import everything_in, hang, own_valkey, refused_url

MOST_SECONDS = 0.3


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with own_valkey() as valkey:
        yield valkey.url


@pytest.fixture
def redis(url: str) -> Iterator[Redis]:
    redis = Redis.from_url(url)
    redis.flushall()
    yield redis
    redis.close()


def seconds(do: Callable[[], object]) -> float:
    """The best of three, since this machine may do other things as well."""
    best = 60.0
    for _ in range(3):
        began = time.monotonic()
        do()
        best = min(best, time.monotonic() - began)
    return best


def test_a_wake_up_to_nobody_costs_next_to_nothing() -> None:
    waker = Waker(refused_url())
    assert seconds(lambda: _fresh(waker).wake("reply")) < MOST_SECONDS
    assert waker.failures == 3


def test_a_wake_up_to_a_redis_that_hangs_is_given_up_in_time() -> None:
    with own_valkey() as valkey:
        waker = Waker(valkey.url)
        waker.wake("reply")
        hang(valkey)
        assert seconds(lambda: _fresh(waker).wake("reply")) < MOST_SECONDS
        began = time.monotonic()
        for _ in range(1000):
            waker.wake("reply")
        assert time.monotonic() - began < MOST_SECONDS, "each of them waited anew"


def _fresh(waker: Waker) -> Waker:
    waker._closed_until = 0.0
    return waker


def test_a_redis_full_to_the_brim_fails_nobody(redis: Redis, url: str) -> None:
    redis.config_set("maxmemory", "1")
    try:
        waker = Waker(url)
        waker.wake("reply")
        assert waker.failures == 1
    finally:
        redis.config_set("maxmemory", "64mb")


def test_a_thousand_messages_leave_two_wake_ups_and_a_lane_s_name(redis: Redis, url: str) -> None:
    waker = Waker(url)
    for _ in range(1000):
        waker.wake("bulk")
    assert redis.llen("rq:queue:bulk") == 2
    jobs = [
        WakeUp.fetch(i.decode(), redis, JSONSerializer)
        for i in redis.lrange("rq:queue:bulk", 0, -1)
    ]
    assert [(job.func_name, job.args, job.kwargs) for job in jobs] == [(WAKE_UP, ["bulk"], {})] * 2


# -- what somebody else may have put there


@pytest.fixture
def ringer(url: str) -> BellRinger:
    BELL.clear()
    return BellRinger("reply", url)


def ring(ringer: BellRinger) -> None:
    """Work off the queue, in a thread that is not the main one, as in a lane."""
    thread = threading.Thread(target=ringer.work, kwargs={"burst": True, "logging_level": "ERROR"})
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def test_our_own_wake_up_rings_the_bell_and_leaves_nothing(
    redis: Redis, url: str, ringer: BellRinger
) -> None:
    Waker(url).wake("reply")
    ring(ringer)
    assert BELL.is_set()
    assert b"service.outbox.wake" not in everything_in(url)


def forge(redis: Redis, func: str = "os.system", args: list[Any] | None = None, **more: Any) -> Job:
    queue = Queue("reply", connection=redis, serializer=JSONSerializer)
    return queue.enqueue_call(func, args=args or [], **more)


def test_a_forged_job_is_not_run_and_stops_nothing(
    redis: Redis, url: str, ringer: BellRinger, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    touch = f"touch {mark}"
    forge(redis, args=[touch])
    forge(redis, "subprocess.getoutput", args=[touch])
    call = Callback("os.system")
    for each in ("on_success", "on_failure", "on_stopped"):
        forge(redis, args=[touch], **{each: call})
        forge(redis, WAKE_UP, args=["reply"], **{each: call})
    forge(
        redis,
        WAKE_UP,
        args=["reply"],
        webhooks=[Webhook("http://127.0.0.1:1/", JobStatus.FINISHED)],
    )
    forge(redis, WAKE_UP, args=[1, 2, 3])
    instance = forge(redis)
    redis.hset(instance.key, "data", json.dumps(["system", {"a": 1}, [touch], {}]))
    for rubbish in (
        b"",
        b"\x80\x04N.",
        b"[]",
        b'{"a": 1}',
        b"[1, 2, 3, 4]",
        pickle.dumps(Mark(mark)),
    ):
        redis.hset(forge(redis).key, "data", rubbish)
    redis.hset(forge(redis).key, "status", "no such status")
    redis.hset(forge(redis).key, "meta", pickle.dumps(Mark(mark)))
    redis.rpush("rq:queue:reply", "a job that is not there")
    for _ in range(40):  # RQ's worker ends at what it cannot read; the lane starts it again
        ring(BellRinger("reply", url))
        if not redis.llen("rq:queue:reply"):
            break
    assert not mark.exists()
    BELL.clear()
    Waker(url).wake("reply")
    ring(ringer)
    assert BELL.is_set()


class Mark:
    """Something pickle runs when it reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


def test_a_forged_abandoned_job_is_not_cleaned_up_after(
    redis: Redis, url: str, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    job = forge(redis, on_failure=Callback("os.system"), args=[f"touch {mark}"])
    redis.delete("rq:queue:reply")
    redis.hset(job.key, "status", "started")
    redis.zadd("rq:wip:reply", {f"{job.id}:execution": 1})
    ring(BellRinger("reply", url))
    assert not mark.exists()
    assert redis.zcard("rq:wip:reply") == 1, "nobody looked at it"


def test_an_order_to_the_worker_is_not_heard(url: str, redis: Redis) -> None:
    ringer = BellRinger("reply", url)
    ring(ringer)
    listening = redis.pubsub_numsub(ringer.pubsub_channel_name)
    assert listening[0][1] == 0
    assert ringer.pubsub is None


@pytest.mark.parametrize("name", ["os.system", "service.outbox.wake.wake.__globals__", ""])
def test_the_job_class_knows_one_name_only(redis: Redis, name: str) -> None:
    job = WakeUp.create(func=name or "x", connection=redis, serializer=JSONSerializer)
    with pytest.raises(ForbiddenJob):
        job.perform()


def test_our_client_waits_a_quarter_of_a_second_at_most(url: str) -> None:
    settings = bounded_redis(url).connection_pool.connection_kwargs
    assert settings["socket_timeout"] == 0.25
    assert settings["retry"].get_retries() == 0
