"""Readings of what lies outside: the account at the carrier, the certificates of our addresses."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Connection, Engine, text

from service.carriers.base import SendError, TellsBalance

from .carrier_names import balance_gauges

CERTIFICATE_SECONDS = 5.0
HTTPS = 443
DAY = 86_400

NOTE = text("""
    INSERT INTO gauges (name, value, detail) VALUES (:name, :value, :detail)
    ON CONFLICT (name) DO UPDATE
    SET value = excluded.value, detail = excluded.detail, read_at = clock_timestamp()
""")
FORGET_BALANCES = text("""
    DELETE FROM gauges WHERE name LIKE 'balance:%' AND NOT name = ANY(:names)
""")

log = structlog.get_logger("ops.gauges")


def note(connection: Connection, name: str, value: float, detail: str | None = None) -> None:
    """Write down the newest reading of something."""
    connection.execute(NOTE, {"name": name, "value": value, "detail": detail})


def read_balances(engine: Engine, carriers: Sequence[Any]) -> None:
    """Ask for what each account holds, the usual one's first; forget those that are no more."""
    names = balance_gauges([carrier.name for carrier in carriers])
    for carrier in carriers:
        _read_balance(engine, carrier, names[carrier.name])
    with engine.begin() as connection:
        connection.execute(FORGET_BALANCES, {"names": list(names.values())})


def _read_balance(engine: Engine, carrier: Any, name: str) -> None:
    """Ask a carrier what the account holds, where it can say so; the currency is the detail.

    Where no answer comes the last one stands; that the carrier cannot be reached is an alarm of
    its own.
    """
    if not isinstance(carrier, TellsBalance):
        return
    try:
        balance = carrier.balance()
    except SendError as error:
        log.warning("balance_not_told", code=error.code, gauge=name)
        return
    with engine.begin() as connection:
        note(connection, name, balance.amount, balance.currency)


def read_certificates(engine: Engine, addresses: Iterable[str]) -> None:
    """Write down for how many days the certificates of our https addresses are good."""
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.hostname:
            continue
        days = days_left(parts.hostname, parts.port or HTTPS)
        if days is not None:
            with engine.begin() as connection:
                note(connection, f"certificate:{parts.hostname}", days)


def days_left(host: str, port: int, context: ssl.SSLContext | None = None) -> float | None:
    """Return for how many days a certificate is good; 0 when it is not; None without an answer."""
    context = context or ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), CERTIFICATE_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as safe,
        ):
            ends = ssl.cert_time_to_seconds(str((safe.getpeercert() or {})["notAfter"]))
    except ssl.SSLCertVerificationError as error:
        log.warning("certificate_bad", host=host, code=error.verify_code)
        return 0.0
    except (OSError, KeyError, ValueError) as error:
        log.warning("certificate_not_seen", host=host, error=type(error).__name__)
        return None
    return (ends - datetime.now(UTC).timestamp()) / DAY


def forget_certificates(engine: Engine, addresses: Iterable[str]) -> None:
    """Forget the readings of addresses that are ours no more."""
    hosts = {urlsplit(address).hostname for address in addresses if address}
    names = [f"certificate:{host}" for host in hosts]
    statement = text("""
        DELETE FROM gauges WHERE name LIKE 'certificate:%' AND NOT name = ANY(:names)
    """)
    with engine.begin() as connection:
        connection.execute(statement, {"names": names})
