"""The callers of the measurements: an answer meant for somebody else does not go unnoticed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.flows import Flow
from bench.load import Callers, Silence, steady
from bench.seed import Place

VILLAGE = [Place(f"Xóm {n}", "Xã Thử", "Người Thử") for n in range(7)]
STOPS_AT, CROSSES_AT = 30, 20


def answers(place: Place) -> list[tuple[str, bytes, bytes]]:
    return [(typed, b"CON ", place.hamlet.encode() + b"\n") for typed in ("", "4", "0")]


FLOW = Flow("test", "/ussd", "*384*1909#", VILLAGE, answers)


class Door(BaseHTTPRequestHandler):
    """Says where the caller lives; once, where the neighbour does."""

    protocol_version = "HTTP/1.1"
    numbers = itertools.count()
    crossed_at = stops_at = 1_000_000

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        caller = int(body.partition("phoneNumber=%2B849")[2][:8])
        served = next(type(self).numbers)
        if served == self.stops_at:
            self.close_connection = True
            return
        place = VILLAGE[(caller + (served == self.crossed_at)) % len(VILLAGE)]
        answer = f"CON {place.hamlet}\n0 Quay lai".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, _request, _address) -> None:
        """A caller that hangs up when it has measured enough is no error."""


@pytest.fixture
def door(request: pytest.FixtureRequest) -> Iterator[int]:
    class OwnDoor(Door):
        numbers = itertools.count()

    for name, value in getattr(request, "param", {}).items():
        setattr(OwnDoor, name, value)
    with Server(("127.0.0.1", 0), OwnDoor) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield server.server_address[1]
        server.shutdown()
        serving.join()


def hops(port: int):
    return steady(FLOW, port, range(50), connections=5, rate=400, seconds=0.25)


def test_every_hop_is_answered_and_right(door: int) -> None:
    tally = hops(door)
    assert tally.hops == 100
    assert tally.wrong == []


@pytest.mark.parametrize("door", [{"crossed_at": CROSSES_AT}], indirect=True)
def test_one_crossed_answer_among_many_is_found(door: int) -> None:
    tally = hops(door)
    assert tally.hops == 100
    (wrong,) = tally.wrong
    assert "Xóm".encode() in eval(wrong.partition(" -> ")[2])


@pytest.mark.parametrize("door", [{"stops_at": STOPS_AT}], indirect=True)
def test_a_server_that_hangs_up_is_no_answer(door: int) -> None:
    with pytest.raises(Silence):
        hops(door)


def test_no_two_calls_share_a_session() -> None:
    callers = Callers(FLOW, range(4))
    lines = [callers.calls() for _ in range(3)]
    seen: dict[bytes, set[int]] = {}
    for number, line in enumerate(lines):
        for hop in itertools.islice(line, 30):
            session = hop.request.partition(b"sessionId=")[2].partition(b"&")[0]
            seen.setdefault(session, set()).add(number)
    assert len(seen) == 30
    assert all(len(used) == 1 for used in seen.values())
