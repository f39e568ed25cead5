"""The machines: who lives, what the timetable does, the database, Redis, and RQ's registries."""

from __future__ import annotations

import base64
import pickle
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from rq import Queue, Worker
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.results import Result
from rq.serializers import JSONSerializer
from sqlalchemy import event

from service.console.app import make_console
from service.console.redis_look import REGISTRIES
from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.schema import needed_revision
from service.outbox.wake import WAKE_UP, WakeUp, bounded_redis
from service.records.console import Role
from tests.console.office import KEY, PORT, Browser, Office
from tests.outbox.redis_kit import hang, own_valkey, refused_url
from tests.village import World

FAILED = 'Traceback …\n  File "x.py"\nValueError: <b>no</b> bell for 0900 000 002\n'


@pytest.fixture(scope="module")
def valkey() -> Iterator[EmbeddedValkey]:
    """One of these tests' own: what they forge must not ring other tests' bells."""
    with own_valkey() as running:
        yield running


@pytest.fixture
def redis(valkey: EmbeddedValkey) -> Iterator[Redis]:
    client = bounded_redis(valkey.url)
    client.flushdb()
    yield client
    client.close()


def console_of(world: World, redis: Redis | None) -> Office:
    office = Office(world)
    office.app = make_console(world.engine, key=KEY, address="", port=PORT, redis=redis)
    office.app.config["PROPAGATE_EXCEPTIONS"] = False
    return office


@pytest.fixture
def operator(world: World, redis: Redis) -> Browser:
    return console_of(world, redis).somebody(Role.OPERATOR)


def fail(redis: Redis, name: str = WAKE_UP, lane: str = "reply") -> Job:
    """A job that failed as RQ writes it down."""
    queue = Queue(lane, connection=redis, serializer=JSONSerializer)
    job = queue.enqueue_call(name, args=(lane,))
    queue.remove(job)
    with redis.pipeline() as pipeline:
        job.set_status("failed", pipeline=pipeline)
        job._handle_failure(FAILED, pipeline)  # as RQ's own worker does
        pipeline.execute()
    assert job.id in FailedJobRegistry(lane, connection=redis)
    return job


def waiting(redis: Redis, lane: str = "reply") -> list[str]:
    return Queue(lane, connection=redis, serializer=JSONSerializer).get_job_ids()


def test_processes_that_live_and_one_that_is_silent(operator: Browser, world: World) -> None:
    world.do(
        """INSERT INTO beats (name, kind, lane, pid, beat_at) VALUES
           ('worker-reply@may-chu-1:41', 'worker', 'reply', 41, clock_timestamp()),
           ('clock@may-chu-2:42', 'clock', NULL, 42, clock_timestamp() - interval '1 minute')"""
    )
    page = operator.get("/machines").text
    assert page.count("Đang chạy") == 1
    assert page.count("Im lặng, có lẽ đã chết") == 1
    assert "may-chu-1 · 41" in page
    assert "worker-reply@" not in page


def test_the_timetable_with_what_failed_first(operator: Browser, world: World) -> None:
    world.do(
        """INSERT INTO periodic_work (name, every_seconds, next_at, last_done_at, last_error,
                                      lease_until) VALUES
           ('climb', 10, clock_timestamp() + interval '5 s', clock_timestamp(), NULL, NULL),
           ('forget', 3600, clock_timestamp() - interval '1 hour', NULL, NULL, NULL),
           ('sweep_outbox', 10, clock_timestamp(), NULL, NULL,
            clock_timestamp() + interval '1 minute'),
           ('a_new_one', 86400, clock_timestamp(), NULL, 'KeyError', NULL)"""
    )
    page = operator.get("/machines").text
    assert "Bị lỗi KeyError, sẽ thử lại" in page
    assert "Trễ giờ" in page
    assert "Đúng giờ" in page
    assert "Đang làm, muộn nhất" in page
    assert page.index("a_new_one") < page.index("Chuyển yêu cầu lên bước tiếp theo")


def test_the_database_and_redis_in_figures(operator: Browser, world: World) -> None:
    page = operator.get("/machines").text
    assert f"PostgreSQL {world.one('SHOW server_version').server_version}" in page
    assert needed_revision() in page
    assert "Ghi được" in page
    assert "Valkey" in page
    world.do("UPDATE alembic_version SET version_num = '0001'")
    try:
        assert "Đang là 0001, cần" in operator.get("/machines").text
    finally:
        world.do("UPDATE alembic_version SET version_num = :new", new=needed_revision())


@pytest.mark.parametrize("its_id", ["45795dffb51f450c92cf20b316636367", "a0912345678b"])
def test_a_listener_is_shown_whatever_its_id_looks_like(
    operator: Browser, redis: Redis, its_id: str
) -> None:
    key = f"{Worker.redis_worker_namespace_prefix}{its_id}"
    redis.sadd(Worker.redis_workers_keys, key)
    redis.hset(
        key, mapping={"queues": "reply", "hostname": "may-chu", "pid": "41", "state": "idle"}
    )
    page = operator.get("/machines").text
    assert "may-chu · 41" in page
    assert "Đang nghe" in page
    assert "chỉ hiện một phần" not in page


def test_an_empty_registry_is_the_normal_case_and_said_to_be(operator: Browser) -> None:
    page = operator.get("/machines").text
    assert "Redis chỉ mang tiếng chuông báo" in page
    assert "Không có việc nào bị lỗi. Đó là bình thường." in page


def test_redis_that_is_away_or_hangs_is_said_and_keeps_nobody(world: World) -> None:
    away = console_of(world, bounded_redis(refused_url())).somebody(Role.OPERATOR)
    assert "Redis không trả lời. Không mất tin nào" in away.get("/machines").text
    with own_valkey() as own:
        hanging = console_of(world, bounded_redis(own.url)).somebody(Role.VIEWER, "nong.xem")
        assert "Bộ nhớ" in hanging.get("/machines").text
        hang(own)
        answer = hanging.get("/machines")
        assert answer.status_code == 200
        assert "Redis không trả lời" in answer.text
    without = console_of(world, None).somebody(Role.OPERATOR, "nong.khong")
    assert "chạy không cần Redis" in without.get("/machines").text


def test_a_failed_job_is_shown_with_the_last_line_of_why(operator: Browser, redis: Redis) -> None:
    job = fail(redis)
    page = operator.get("/machines").text
    assert f'href="/machines/failed/reply/{job.id}"' in page
    assert WAKE_UP in page
    assert "ValueError: &lt;b&gt;no&lt;/b&gt; bell for" in page
    assert "0900 000 002" not in page


def test_a_failed_job_is_requeued_after_a_look_at_it(
    operator: Browser, redis: Redis, world: World
) -> None:
    job = fail(redis)
    path = f"/machines/failed/reply/{job.id}"
    assert "Xếp hàng lại 1 việc" in operator.get(path).text
    answer = operator.submit(f"{path}/requeue")
    assert answer.headers["Location"] == "/machines?did=job_requeued"
    assert "Đã xếp hàng lại" in operator.get("/machines?did=job_requeued").text
    assert waiting(redis) == [job.id]
    assert WakeUp.fetch(job.id, connection=redis, serializer=JSONSerializer).func_name == WAKE_UP
    assert job.id not in FailedJobRegistry("reply", connection=redis)
    line = world.one("SELECT * FROM audit WHERE action = 'job_requeued'")
    assert (line.actor, line.about) == ("console nong.an", f"job {job.id}")
    assert operator.get(path).status_code == 404


def test_a_failed_job_is_deleted_and_nothing_of_it_stays(
    operator: Browser, redis: Redis, world: World
) -> None:
    job = fail(redis)
    path = f"/machines/failed/reply/{job.id}"
    operator.get(path)
    assert operator.submit(f"{path}/delete").headers["Location"] == "/machines?did=job_deleted"
    assert not [key for key in redis.scan_iter() if job.id.encode() in key]
    assert (
        world.one("SELECT about FROM audit WHERE action = 'job_deleted'").about == f"job {job.id}"
    )


def test_what_is_done_twice_is_done_once(operator: Browser, redis: Redis, world: World) -> None:
    job = fail(redis)
    path = f"/machines/failed/reply/{job.id}"
    operator.get(path)
    page = operator.page
    for did in ("job_requeued", "job_gone"):
        operator.page = page
        assert operator.submit(f"{path}/requeue").headers["Location"] == f"/machines?did={did}"
    assert waiting(redis) == [job.id]
    assert len(world.rows("SELECT FROM audit WHERE action = 'job_requeued'")) == 1


def test_what_is_no_bell_of_ours_is_never_put_back(
    operator: Browser, redis: Redis, world: World
) -> None:
    for name, lane in (("os.system", "reply"), (WAKE_UP, "somebody_elses")):
        job = fail(redis, name, lane)
        path = f"/machines/failed/{lane}/{job.id}"
        page = operator.get(path).text
        assert "Đây không phải chuông báo" in page
        assert f'action="{path}/requeue"' not in page
        word = page.partition('name="form_word" value="')[2].partition('"')[0]
        answer = operator.send(f"{path}/requeue", {"form_word": word})
        assert answer.headers["Location"] == "/machines?did=job_not_ours"
        assert waiting(redis, lane) == []
        operator.get(path)
        operator.submit(f"{path}/delete")
    assert world.rows("SELECT FROM audit WHERE action = 'job_requeued'") == []


class Bomb:
    """What unpickling would do."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("it was unpickled",))


def forge(redis: Redis, its_id: str, **fields: Any) -> None:
    redis.zadd(FailedJobRegistry("reply", connection=redis).key, {its_id: 2e9})
    if fields:
        redis.hset(Job.key_for(its_id), mapping=fields)


def test_what_somebody_forged_in_redis_is_shown_as_plain_text_or_not_at_all(
    operator: Browser, redis: Redis
) -> None:
    bomb = zlib.compress(pickle.dumps(Bomb()))
    forge(redis, "pickled", data=bomb, enqueued_at="not a time", origin="reply")
    forge(redis, "huge", data=zlib.compress(b"[" * 50_000_000), origin="reply")
    forge(redis, "deep", data=b"[" * 10_000, origin="reply")
    forge(redis, "big", data=b"x" * 1_000_000, origin="reply")
    forge(redis, "empty")
    forge(redis, "two\nlines<script>x</script>")
    forge(redis, "\x1b[31m\u202e")
    named = b'["<script>alert(1)</script>\\u202e", null, [], {}]'
    forge(redis, "named", data=zlib.compress(named), origin="reply")
    redis.xadd(Result.get_key("named"), {"exc_string": base64.b64encode(b"not packed")})
    redis.set(Job.key_for("kind"), "a string")
    forge(redis, "kind")
    redis.set("rq:queue:bulk", "a string")
    redis.sadd("rq:queues", "rq:queue:<b>", "rq:queue:0900000002 x", "elsewhere")
    redis.sadd("rq:workers", "rq:worker:forged", "elsewhere")
    redis.hset("rq:worker:forged", mapping={"hostname": "<i>may</i>", "pid": "x", "birth": "y"})
    answer = operator.get("/machines")
    assert answer.status_code == 200
    page = answer.text
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;i&gt;may&lt;/i&gt;" in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert page.count("Một mục không đúng tên việc của RQ") == 2
    for its_id in ("pickled", "huge", "deep", "big", "empty", "named", "kind"):
        path = f"/machines/failed/reply/{its_id}"
        assert operator.get(path).status_code == 200
        operator.submit(f"{path}/delete")
        assert operator.get(path).status_code == 404


def test_addresses_that_name_no_job_are_404(operator: Browser) -> None:
    for path in ("reply/x", "reply/1%00", "a b/x", "reply/é", f"reply/{'x' * 500}", "%ff/%ff"):
        assert operator.get(f"/machines/failed/{path}").status_code == 404, path


def test_a_viewer_looks_and_changes_nothing(world: World, redis: Redis) -> None:
    job = fail(redis)
    viewer = console_of(world, redis).somebody(Role.VIEWER)
    page = viewer.get(f"/machines/failed/reply/{job.id}").text
    assert "ValueError" in page
    assert "Xếp hàng lại 1 việc" not in page
    for act in ("requeue", "delete"):
        word = page.partition('name="form_word" value="')[2].partition('"')[0]
        answer = viewer.send(f"/machines/failed/reply/{job.id}/{act}", {"form_word": word})
        assert answer.status_code == 403
    assert job.id in FailedJobRegistry("reply", connection=redis)


def test_looking_tidies_nothing_up(operator: Browser, redis: Redis) -> None:
    for kind in REGISTRIES.values():
        redis.zadd(kind("reply", connection=redis).key, {"long-gone": 1})
    before = {key: redis.zcard(key) for key in redis.scan_iter()}
    operator.get("/machines")
    assert {key: redis.zcard(key) for key in redis.scan_iter()} == before


def test_few_questions_are_asked_of_the_database(
    operator: Browser, world: World, redis: Redis
) -> None:
    for _ in range(3):
        fail(redis)
    asked: list[str] = []
    note = lambda *told: asked.append(told[2])  # noqa: E731
    event.listen(world.engine, "before_cursor_execute", note)
    try:
        assert operator.get("/machines").text.count("/machines/failed/reply/") == 3
    finally:
        event.remove(world.engine, "before_cursor_execute", note)
    assert len(asked) <= 12, asked
