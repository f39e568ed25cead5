"""One POST to the gateway, byte for byte as the carrier sends it."""

from __future__ import annotations

import http.client
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MOST = 65536  # of an answer, in bytes
CONNECT_SECONDS = 10.0


class NoReplyError(Exception):
    """The gateway gave no answer; `reason` is refused, late, cut or broken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Spoil:
    """How the carrier itself misbehaves on the wire; the default is not at all."""

    pause: float = 0.0  # between head and body
    drip: float = 0.0  # between the bytes of the body
    cut_body: bool = False  # half-way
    cut_answer: bool = False  # as soon as the request is out


@dataclass(frozen=True)
class Reply:
    """What the gateway answered; `body` is decoded as UTF-8 with U+FFFD for what is not."""

    status: int
    headers: dict[str, str]
    body: str


class _PatientSocket(socket.socket):
    """Gives up at one moment for the whole answer, not anew with every byte of it."""

    deadline = float("inf")

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)
        return super().recv_into(*args, **kwargs)


def post(
    url: str, headers: list[tuple[str, str]], body: bytes, seconds: float, spoil: Spoil
) -> Reply:
    """POST `body` and return the answer if it is whole within `seconds`, else raise NoReplyError.

    `headers` go out in the order given, after Host and before Content-Length. `seconds` do not
    run while the carrier itself dawdles.
    """
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc, timeout=min(seconds, CONNECT_SECONDS))
    try:
        connection.connect()
        patient = _PatientSocket(fileno=connection.sock.detach())
        connection.sock = patient
        patient.settimeout(seconds)
        patient.deadline = time.monotonic() + seconds
        _send(connection, where.path, headers, body, spoil)
        if spoil.cut_body or spoil.cut_answer:
            raise NoReplyError("cut")
        patient.deadline = max(patient.deadline, time.monotonic() + _grace(seconds, spoil))
        response = connection.getresponse()
        text = response.read(MOST).decode("utf-8", "replace")
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, text)
    except TimeoutError:
        raise NoReplyError("late") from None
    except ConnectionRefusedError:
        raise NoReplyError("refused") from None
    except OSError:
        raise NoReplyError("cut") from None
    except http.client.HTTPException as error:
        cut = isinstance(error, http.client.IncompleteRead)
        raise NoReplyError("cut" if cut else "broken") from None
    finally:
        connection.close()


def _grace(seconds: float, spoil: Spoil) -> float:
    return seconds if spoil.pause or spoil.drip else 0.0


def _send(
    connection: http.client.HTTPConnection,
    path: str,
    headers: list[tuple[str, str]],
    body: bytes,
    spoil: Spoil,
) -> None:
    connection.putrequest("POST", path, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    if spoil == Spoil():
        connection.endheaders(body)
        return
    connection.endheaders()
    time.sleep(spoil.pause)
    if spoil.cut_body:
        connection.send(body[: len(body) // 2])
    elif spoil.drip:
        for byte in body:
            connection.send(bytes([byte]))
            time.sleep(spoil.drip)
    else:
        connection.send(body)
