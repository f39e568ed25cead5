"""One HTTP call with every wait bounded, and its failures told apart.

A new connection for each call on purpose: on a kept one, a server that closes it idle looks
exactly like one that took the words and then broke off, and the first must be retried while the
second must not.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, ProxyError, RequestException, SSLError
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError, NewConnectionError

from .base import SEND_SECONDS, OutcomeUnknown, Unreachable

CONNECT_SECONDS = 3.0
READ_SECONDS = 6.5
"""Longest silence while an answer is awaited; with the connect time still within SEND_SECONDS."""
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: the status and the body, cut at 64 KiB."""

    status: int
    text: str


class _Leash(HTTPAdapter):
    """Knows the socket of the call, so that it can be cut when time is up.

    Socket time-outs start again with every byte: an answer that trickles is never late for them.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pool of the address, its connections reporting their sockets to us."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        sockets = self._sockets

        class Connection(pool.ConnectionCls):  # type: ignore[misc]
            def connect(self) -> None:
                super().connect()
                sockets.append(self.sock)

        pool.ConnectionCls = Connection
        return pool

    def cut(self) -> None:
        """Break the call off; whoever waits on it gets an error at once."""
        for connected in self._sockets:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


def post_form(url: str, data: Mapping[str, object], headers: Mapping[str, str]) -> HttpAnswer:
    """Post a form and read the answer, all within SEND_SECONDS.

    Raises Unreachable when certainly nothing was taken (no address, refused, no TLS, no
    connection in time) and OutcomeUnknown for every failure after that. Follows no redirect: it
    would carry our key to another host.
    """
    leash = _Leash()
    timer = threading.Timer(SEND_SECONDS, leash.cut)
    timer.daemon = True
    timer.start()
    try:
        with requests.Session() as session:
            session.mount("http://", leash)
            session.mount("https://", leash)
            if urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}:
                session.trust_env = False  # a proxy of the environment is not for this machine
            return _post(session, url, data, headers)
    except RequestException as error:
        if _never_connected(error):
            raise Unreachable(type(error).__name__) from None
        raise OutcomeUnknown(type(error).__name__) from None
    except (OSError, HTTPError) as error:
        raise OutcomeUnknown(type(error).__name__) from None
    finally:
        timer.cancel()


def _post(
    session: requests.Session, url: str, data: Mapping[str, object], headers: Mapping[str, str]
) -> HttpAnswer:
    with session.post(
        url,
        data=data,
        headers=dict(headers),
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        allow_redirects=False,
        stream=True,
    ) as response:
        body = response.raw.read(MOST_BYTES + 1, decode_content=True)
        if len(body) > MOST_BYTES:
            raise OutcomeUnknown("the answer is too long")
        return HttpAnswer(response.status_code, body.decode("utf-8", "replace"))


def _never_connected(error: RequestException) -> bool:
    """Say whether the failure came before a connection stood."""
    if isinstance(error, ConnectTimeout | SSLError | ProxyError):
        return True
    reason = error.args[0] if error.args else None
    return (
        isinstance(error, NoConnection)
        and isinstance(reason, MaxRetryError)
        and isinstance(reason.reason, NewConnectionError | NameResolutionError)
    )
