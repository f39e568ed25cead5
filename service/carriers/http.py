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

from .base import SEND_SECONDS, OutcomeUnknown, SendError, Unreachable

CONNECT_SECONDS = 3.0
READ_SECONDS = 6.5
"""Longest silence while an answer is awaited; with the connect time still within SEND_SECONDS."""
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: the status and the body, at most 64 KiB."""

    status: int
    text: str


class _Leash(HTTPAdapter):
    """Ends the call when time is up, and knows whether a connection ever stood.

    Socket time-outs start again with every byte, so an answer that trickles is never late for
    them. Before a connection stands nothing of ours can have been taken, whatever the error is
    called; the kind of an error does not tell (a TLS error may come after the words, too).
    """

    def __init__(self) -> None:
        self.stood = False
        self._over = False
        self._handles: list[socket.socket] = []
        self._lock = threading.Lock()
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pool of the address; its connections are on this leash."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        leash = self

        class Connection(pool.ConnectionCls):  # type: ignore[misc]
            def _new_conn(self) -> socket.socket:
                connected: socket.socket = super()._new_conn()
                leash.hold(connected)
                return connected

            def connect(self) -> None:
                super().connect()
                leash.let_speak()

        pool.ConnectionCls = Connection
        return pool

    def hold(self, connected: socket.socket) -> None:
        """Keep a second handle on a socket, which stays good when TLS takes the first one over."""
        with self._lock:
            self._handles.append(connected.dup())
            if self._over:
                connected.close()
                raise TimeoutError

    def let_speak(self) -> None:
        """Note that words may leave from now on; raise TimeoutError if it is too late for them."""
        with self._lock:
            if self._over:
                raise TimeoutError
            self.stood = True

    def cut(self) -> None:
        """Break the call off; whoever waits on it gets an error at once."""
        with self._lock:
            self._over = True
            for handle in self._handles:
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Close our handles."""
        with self._lock:
            self._over = True
            for handle in self._handles:
                handle.close()


def post_form(url: str, data: Mapping[str, object], headers: Mapping[str, str]) -> HttpAnswer:
    """Post a form and read the answer, all within SEND_SECONDS.

    Raises Unreachable when certainly nothing was taken (no address, refused, no TLS, no
    connection in time) and OutcomeUnknown for every failure after that. Follows no redirect: it
    would carry our key to another host.
    """
    return _call("POST", url, headers, data=data)


def post_json(url: str, data: Mapping[str, object], headers: Mapping[str, str]) -> HttpAnswer:
    """Post JSON; bounded and failing as post_form does.

    Of the answer only the status is read: whatever else comes, it was taken.
    """
    return _call("POST", url, headers, is_read=False, json=data)


def get(url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> HttpAnswer:
    """Fetch something; bounded and failing as post_form does."""
    return _call("GET", url, headers, params=params)


def _call(
    method: str, url: str, headers: Mapping[str, str], *, is_read: bool = True, **content: Any
) -> HttpAnswer:
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
            about = {"headers": dict(headers), **content}
            return _ask(session, method, url, about, is_read=is_read)
    except SendError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, only one thing matters here
        why = OutcomeUnknown if leash.stood else Unreachable
        raise why(type(error).__name__) from None
    finally:
        timer.cancel()
        leash.let_go()


def _ask(
    session: requests.Session, method: str, url: str, content: Mapping[str, Any], *, is_read: bool
) -> HttpAnswer:
    with session.request(
        method,
        url,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        allow_redirects=False,
        stream=True,
        **content,
    ) as response:
        if not is_read:
            return HttpAnswer(response.status_code, "")
        body = response.raw.read(MOST_BYTES + 1, decode_content=True)
        if len(body) > MOST_BYTES:
            raise OutcomeUnknown("the answer is too long")
        return HttpAnswer(response.status_code, body.decode("utf-8", "replace"))
