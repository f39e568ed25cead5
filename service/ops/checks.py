"""What must hold before anything is started, each told in one sentence."""

from __future__ import annotations

import errno
import http.client
import socket
from pathlib import Path
from urllib.parse import urlsplit

from service.ops.embedded import room
from service.ops.environment import without_password
from service.ops.errors import StartError

LEAST_ROOM = 200 * 10**6  # bytes
OLDEST_POSTGRES = 15_00_00  # as PostgreSQL writes it in server_version_num


def check_room(folder: Path, least: int = LEAST_ROOM) -> None:
    """Raise StartError when the disk of that folder is nearly full."""
    free = room(folder)
    if free < least:
        raise StartError(
            f"Only {free // 10**6} MB are free on the disk that holds {folder}; Cau Noi needs"
            f" {least // 10**6} MB to start, so free some space or set CAUNOI_HOME."
        )


def check_port(host: str, port: int, variable: str) -> None:
    """Raise StartError, naming the variable to change, when we could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections of an earlier run that are still closing do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(_port_sentence(error, host, port, variable)) from error


def check_database(url: str, named: str = "DATABASE_URL") -> None:
    """Raise StartError when no PostgreSQL that is new enough answers at what `named` holds."""
    import sqlalchemy  # noqa: PLC0415 - takes a third of a second, for this check alone

    from service.ops.database_faults import no_answer  # noqa: PLC0415 - imports sqlalchemy
    from service.records.engine import make_engine  # noqa: PLC0415 - as above

    engine = make_engine(url, name="caunoi-up", pool_size=1, statement_seconds=5)
    try:
        with engine.connect() as connection:
            version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise StartError(no_answer(url, error, named)) from error
    finally:
        engine.dispose()
    if version < OLDEST_POSTGRES:
        raise StartError(
            f"{named}: PostgreSQL {version // 10000} is too old;"
            f" {OLDEST_POSTGRES // 10000} or newer is needed."
        )


def redis_fault(url: str) -> str | None:
    """Say in one sentence that no Redis answers at REDIS_URL; None when one does."""
    import redis  # noqa: PLC0415 - takes a quarter of a second, for this check alone

    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=2, socket_timeout=2, retry=None
        ) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return (
            f"REDIS_URL: no Redis answers at {without_password(url)} ({error}); going on without,"
            " messages then leave a little later."
        )
    return None


def answers_ok(address: str) -> bool:
    """Say whether a GET of that http address is answered with 200 within 2 s."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _port_sentence(error: OSError, host: str, port: int, variable: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program; set {variable} to a free one."
    if error.errno == errno.EACCES:
        return f"Port {port} is only for root; set {variable} to 1024 or more."
    return f"Cannot listen on {host} port {port} ({error.strerror}); change HOST or {variable}."
