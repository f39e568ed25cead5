"""Where alarms arrive: a webhook's end on this machine, and handsets of those who are texted."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

SECONDS = 5.0


class Sink:
    """Keeps what was posted, in order, with the moment by time.monotonic()."""

    def __init__(self) -> None:
        self._told: list[tuple[float, dict[str, Any]]] = []
        self._lock = threading.Lock()
        self.address = ""

    def take(self, told: dict[str, Any]) -> None:
        """Keep one word about an alarm."""
        with self._lock:
            self._told.append((time.monotonic(), told))

    def since(self, moment: float) -> list[tuple[float, dict[str, Any]]]:
        """Return what arrived after a moment; a word that came twice is there once."""
        with self._lock:
            found = [(at, told) for at, told in self._told if at >= moment]
        seen: set[str] = set()
        return [
            (at, told)
            for at, told in found
            if not (told.get("id") in seen or seen.add(str(told.get("id"))))  # type: ignore[func-returns-value]
        ]


@contextmanager
def listening() -> Iterator[Sink]:
    """Run the webhook's end."""
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sink.take(json.loads(self.rfile.read(length)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink.address = f"http://127.0.0.1:{server.server_port}/alarms"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handset:
    """A phone at the carrier's stand-in, of somebody whom alarms are texted to."""

    def __init__(self, phones: str, msisdn: str) -> None:
        self._address = f"{phones}/api/handsets"
        self._number = msisdn.lstrip("+")
        self._last = 0
        self._ask("POST", self._address, {"msisdn": msisdn, "name": "Trực"})

    def news(self) -> list[str]:
        """Return the texts that came since it was last looked at."""
        found = self._ask("GET", f"{self._address}/{self._number}/inbox?since={self._last}", None)
        self._last = found["last"]
        return [message["text"] for message in found["messages"]]

    @staticmethod
    def _ask(method: str, address: str, body: dict[str, str] | None) -> Any:
        with requests.Session() as http:
            http.trust_env = False
            answer = http.request(method, address, json=body, timeout=SECONDS)
            answer.raise_for_status()
            return answer.json()
