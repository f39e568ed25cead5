"""The machines: what lives, what the timetable does, the database, Redis and RQ's registries."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, abort
from redis import Redis
from redis.exceptions import RedisError
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from service.outbox.wake import WakeUp
from service.records.console import Role

from .audit import named, note
from .failed_jobs import FailedJob, find_failed, results_key
from .frame import console, go_to, page, who, words
from .life import when
from .machine_facts import read_facts
from .redis_look import REGISTRIES, look_into

machines = Blueprint("machines", __name__, url_prefix="/machines")
MINUTE, HOUR, DAY = 60, 3600, 86_400
KILO = 1024


@machines.get("")
def show() -> Response:
    """Show all of it; what Redis does not tell in time is left out."""
    with console().engine.connect() as connection:
        facts = read_facts(connection)
    look = look_into(console().redis)
    return page(
        "machines.html",
        facts=facts,
        look=look,
        is_used=console().redis is not None,
        registries=tuple(REGISTRIES),
        when=when,
        size=_size,
        span=_span,
    )


@machines.get("/failed/<queue>/<its_id>")
def one_failed(queue: str, its_id: str) -> Response:
    """Show a failed job, and what may be done about it."""
    try:
        job = _found(queue, its_id)
    except RedisError:
        return go_to("machines.show", did="redis_away")
    if job is None:
        abort(404)
    return page("failed_job.html", job=job, acts=who().role is Role.OPERATOR, when=when)


@machines.post("/failed/<queue>/<its_id>/requeue")
def requeue(queue: str, its_id: str) -> Response:
    """Put a wake-up that failed back into its queue; nothing else is ever put back."""
    return _act(queue, its_id, "job_requeued")


@machines.post("/failed/<queue>/<its_id>/delete")
def delete(queue: str, its_id: str) -> Response:
    """Forget a failed job."""
    return _act(queue, its_id, "job_deleted")


def _act(queue: str, its_id: str, action: str) -> Response:
    """Do one or the other; what cannot be done is not in the audit either."""
    try:
        job = _found(queue, its_id)
        if job is None:
            return go_to("machines.show", did="job_gone")
        if action == "job_requeued" and not job.is_ours:
            return go_to("machines.show", did="job_not_ours")
        with console().engine.begin() as connection:
            note(connection, named(who().name), action, f"job {its_id}", queue=queue)
            _requeue(queue, its_id) if action == "job_requeued" else _delete(queue, its_id)
    except RedisError:
        return go_to("machines.show", did="redis_away")
    except (NoSuchJobError, InvalidJobOperation, ValueError, TypeError, AttributeError):
        return go_to("machines.show", did="job_gone")  # what stands there is no whole job
    return go_to("machines.show", did=action)


def _found(queue: str, its_id: str) -> FailedJob | None:
    redis = console().redis
    return find_failed(redis, queue, its_id) if redis is not None else None


def _registry(queue: str) -> FailedJobRegistry:
    return FailedJobRegistry(
        queue,
        connection=cast("Redis", console().redis),
        job_class=WakeUp,
        serializer=JSONSerializer,
    )


def _requeue(queue: str, its_id: str) -> None:
    registry = _registry(queue)
    job = WakeUp.fetch(its_id, connection=registry.connection, serializer=JSONSerializer)
    if job.origin != queue or job.has_rate_limit:
        raise InvalidJobOperation
    registry.requeue(job)


def _delete(queue: str, its_id: str) -> None:
    registry = _registry(queue)
    registry.remove(its_id)
    # Not Job.delete(): it goes through groups and other jobs that a forged one may name.
    registry.connection.delete(Job.key_for(its_id), results_key(its_id))


def _size(number: int) -> str:
    """Return a number of bytes as people say it."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < KILO or unit == "GB":
            break
        value /= KILO
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"  # noqa: PLR2004


def _span(seconds: float) -> str:
    """Return a stretch of time in one unit."""
    for unit, key in ((DAY, "machines.days"), (HOUR, "machines.hours"), (MINUTE, "minutes")):
        if seconds >= 2 * unit or (seconds >= unit and seconds % unit == 0):
            return words()(key, n=int(seconds // unit))
    return words()("seconds", n=int(seconds))
