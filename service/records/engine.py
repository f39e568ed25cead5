"""Connections to PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import URL, Engine, create_engine, make_url


def driver_url(url: str) -> URL:
    """Turn a plain postgresql:// address into one for psycopg 3."""
    return make_url(url).set(drivername="postgresql+psycopg")


def make_engine(
    url: str,
    *,
    name: str,
    pool_size: int,
    statement_seconds: float,
    durable: bool = True,
    autocommit: bool = False,
) -> Engine:
    """Make an engine whose every wait is bounded.

    `name` shows in pg_stat_activity. With `durable=False` a commit does not wait for the disk:
    a crash of the database may lose its last half second, a crash of ours nothing
    (synchronous_commit=off, PostgreSQL manual 28.4).
    """
    options = _options(statement_seconds, durable=durable, autocommit=autocommit)
    return create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # an error's text must not carry what people wrote into a log
        pool_timeout=1.0,
        pool_pre_ping=not autocommit,
        pool_reset_on_return=None if autocommit else "rollback",  # no transaction, nothing to undo
        isolation_level="AUTOCOMMIT" if autocommit else "READ COMMITTED",
        connect_args={
            "application_name": name,
            "connect_timeout": 2,
            "keepalives_idle": 4,
            "tcp_user_timeout": 5000,
            "options": " ".join(f"-c {key}={value}" for key, value in options.items()),
        },
    )


def _options(
    statement_seconds: float, *, durable: bool, autocommit: bool
) -> Mapping[str, str | int]:
    """Return what the server is told of every connection."""
    options: dict[str, str | int] = {
        "statement_timeout": int(statement_seconds * 1000),
        "lock_timeout": int(statement_seconds * 1000),
        "idle_in_transaction_session_timeout": 30_000,
        "timezone": "UTC",
        "synchronous_commit": "on" if durable else "off",
    }
    if autocommit:
        # It looks up single rows by key. A plan made while a table was still empty reads all of
        # it, and stays in use while the table fills: measured, a third of the speed by then.
        options["enable_seqscan"] = "off"
    return options
