"""One call to a carrier: bounded in time and size, and exact about what may have been taken."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.carriers.base import OutcomeUnknown, SendError, Unreachable
from service.carriers.http import HttpAnswer, post_form
from tests.carriers.contract import KEY, make, meaning
from tests.carriers.wire import Wire, answer, wire

OK = b'{"SMSMessageData":{"Message":"","Recipients":[{"cost":"0","messageId":"ATXid_1","number":"+84900000001","status":"Success","statusCode":102}]}}'
FREE_WITHIN = 12.0
"""Seconds after which a worker must be free again, whatever the carrier does."""


def sent(url: str) -> str:
    """What a send to one number means."""
    (found,) = make("africastalking", url).send("Da nhan", ["+84900000001"]).values()
    return meaning(found)


def trickle(head: bytes, rest: bytes) -> Callable[[socket.socket], None]:
    def play(connection: socket.socket) -> None:
        connection.sendall(head)
        for byte in rest:
            time.sleep(1)
            connection.sendall(bytes([byte]))

    return play


def silence(connection: socket.socket) -> None:
    time.sleep(30)


SLOW = {
    "hangs": (silence, "http", "outcome_unknown"),
    "trickles its head": (trickle(b"HTTP/1.1 201 OK\r\nX: ", b"y" * 60), "http", "outcome_unknown"),
    "trickles its body": (
        trickle(b"HTTP/1.1 201 OK\r\nContent-Length: 144\r\n\r\n", OK),
        "http",
        "outcome_unknown",
    ),
    "trickles a body without a length": (
        trickle(b"HTTP/1.1 201 OK\r\n\r\n", OK),
        "http",
        "outcome_unknown",
    ),
    "is silent where TLS should begin": (silence, "https", "unreachable"),
}


def test_no_carrier_keeps_a_worker_longer_than_twelve_seconds() -> None:
    def take(case: str) -> tuple[str, float]:
        play, scheme, _ = SLOW[case]
        with wire(play) as carrier:
            began = time.monotonic()
            found = sent(carrier.url.replace("http", scheme, 1))
            return found, time.monotonic() - began

    with ThreadPoolExecutor(len(SLOW)) as pool:
        taken = dict(zip(SLOW, pool.map(take, SLOW), strict=True))
    assert {case: found for case, (found, _) in taken.items()} == {
        case: means for case, (_, _, means) in SLOW.items()
    }
    assert max(seconds for _, seconds in taken.values()) < FREE_WITHIN


def test_a_full_house_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.carriers.http.CONNECT_SECONDS", 0.5)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        crowd = [socket.socket() for _ in range(3)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        assert sent(f"http://127.0.0.1:{port}") == "unreachable"
        for one in crowd:
            one.close()


def test_what_never_came_to_a_connection_was_certainly_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sent("http://127.0.0.1:1") == "unreachable"
    assert sent("nonsense://127.0.0.1") == "unreachable"
    with wire(answer(201, OK)) as carrier:
        assert sent(carrier.url.replace("http", "https", 1)) == "unreachable"

    def no_address(*_: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_address)
    assert sent("http://carrier.invalid") == "unreachable"


BROKEN = {
    "closed at once": b"",
    "closed in the head": b"HTTP/1.1 201 OK\r\nContent-",
    "closed in the body": b"HTTP/1.1 201 OK\r\nContent-Length: 144\r\n\r\n" + OK[:70],
    "no HTTP": b"+OK welcome\r\n" * 20,
    "a length that is none": b"HTTP/1.1 201 OK\r\nContent-Length: many\r\n\r\n" + OK[:40],
    "chunks that are none": b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + OK,
    "packed, but not": answer(201, OK, "Content-Encoding: gzip"),
    "ten megabytes": answer(201, b" " * 10_000_000 + OK),
    "ten megabytes packed": answer(201, gzip.compress(b" " * 10_000_000), "Content-Encoding: gzip"),
    "a head without end": b"HTTP/1.1 201 OK\r\n" + b"X: y\r\n" * 5000,
    "a status that is none": b"HTTP/1.1 2zz OK\r\n\r\n",
    "not text": answer(201, bytes(range(128, 256))),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_broke_after_the_words_left_is_in_doubt(case: str) -> None:
    with wire(BROKEN[case]) as carrier:
        assert sent(carrier.url) == "outcome_unknown"
        assert len(carrier.requests) == 1, "nothing is sent again by itself"


def chunked(connection: socket.socket) -> None:
    head = b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    connection.sendall(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(OK), OK))


@pytest.mark.parametrize(
    "play",
    [
        answer(201, OK),
        answer(201, gzip.compress(OK), "Content-Encoding: gzip"),
        b"HTTP/1.0 201 OK\r\n\r\n" + OK,
        chunked,
    ],
    ids=["plain", "packed", "without a length", "in chunks"],
)
def test_every_way_to_send_a_good_answer_is_understood(play: bytes) -> None:
    with wire(play) as carrier:
        assert sent(carrier.url) == "accepted ATXid_1"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_does_not_follow_a_redirect(status: int) -> None:
    with wire(answer(201, OK)) as thief:
        away = answer(status, b"", f"Location: {thief.url}/version1/messaging")
        with wire(away) as carrier:
            assert sent(carrier.url) == "outcome_unknown"
        assert thief.requests == []


def test_a_send_is_what_the_sdk_makes_of_it() -> None:
    with wire(answer(201, OK)) as carrier:
        make("africastalking", carrier.url).send(
            "Nước: 5.2m & *#", ["+84900000001", "+84900000002"]
        )
        head = carrier.requests[0].partition(b"\r\n\r\n")[0].decode()
        assert head.startswith("POST /version1/messaging HTTP/1.1\r\n")
        assert f"\r\napiKey: {KEY}" in head
        assert "\r\nAccept: application/json" in head
        assert carrier.form() == {
            "username": "sandbox",
            "to": "+84900000001,+84900000002",
            "message": "Nước: 5.2m & *#",
            "bulkSMSMode": "1",
            "from": "8499",
        }


def test_a_proxy_of_the_environment_is_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with wire(answer(201, OK)) as carrier:
        assert sent(carrier.url) == "accepted ATXid_1"


def test_a_call_that_ran_out_of_time_before_it_could_speak_was_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name server may take longer than the whole call may; then nothing must leave."""
    monkeypatch.setattr("service.carriers.http.SEND_SECONDS", 0.2)
    look_up = socket.getaddrinfo

    def slowly(*args: object, **more: object) -> object:
        time.sleep(0.6)
        return look_up(*args, **more)  # type: ignore[arg-type]

    with wire(answer(201, OK)) as carrier:
        monkeypatch.setattr(socket, "getaddrinfo", slowly)
        assert sent(carrier.url) == "unreachable"
        assert carrier.requests == []


def test_the_plain_call_gives_status_and_text() -> None:
    with wire(answer(418, "chè".encode())) as carrier:
        assert post_form(carrier.url, {"a": 1}, {}) == HttpAnswer(418, "chè")
    errors: list[type[SendError]] = []
    for url in ("http://127.0.0.1:1", _cut()):
        with pytest.raises(SendError) as raised:
            post_form(url, {}, {})
        errors.append(raised.type)
    assert errors == [Unreachable, OutcomeUnknown]


def _cut() -> str:
    """The address of a carrier that takes one request and goes away."""
    return Wire(lambda _: None).url
