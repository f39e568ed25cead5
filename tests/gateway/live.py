"""The web process as it runs in production: granian on a free port, spoken to over sockets."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.village import SECRET

FORM = "application/x-www-form-urlencoded; charset=UTF-8"
GRANIAN = Path(sys.executable).with_name("granian")


@dataclass(frozen=True)
class Said:
    """What the service answered."""

    status: int
    text: str


class Live:
    """A granian with `workers` processes of `threads` threads each."""

    def __init__(self, database_url: str, home: Path, *, threads: int = 8, **more: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._log = home / "web.log"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._environment = {
            **kept,
            "CAUNOI_HOME": str(home / "home"),
            "DATABASE_URL": database_url,
            "REDIS_URL": "redis://127.0.0.1:9/0",
            "GATEWAY_SECRETS": SECRET,
            "SECRET_KEY": "k" * 32,
            "CARRIER_API_KEY": "test-key",
            "CARRIER_URL": "http://127.0.0.1:9",
            "WEB_THREADS": str(threads),
            "LOG_LEVEL": "DEBUG",
            **more,
        }
        self._threads = threads
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Live:
        command = [
            str(GRANIAN), "--interface", "wsgi", "--factory", "service.app:create_app",
            "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1",
            "--blocking-threads", str(self._threads), "--backpressure", "512",
            "--http", "1", "--no-ws", "--no-access-log",
        ]  # fmt: skip
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, self.logs()
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def logs(self) -> str:
        return self._log.read_text(errors="replace")

    def get(self, path: str) -> Said:
        return self.send("GET", path)

    def post(self, door: str, fields: Mapping[str, str] | bytes, secret: str = SECRET) -> Said:
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        path = f"/gateway/africastalking/{secret}/{door}"
        return self.send("POST", path, body, {"Content-Type": FORM})

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Said:
        """Send a request; a body that comes piece by piece goes chunked, without a length."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            chunked = not isinstance(body, bytes | None)
            connection.request(
                method, path, body=body, headers=dict(headers or {}), encode_chunked=chunked
            )
            answer = connection.getresponse()
            return Said(answer.status, answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    def _answers(self) -> bool:
        try:
            return self.get("/healthz").status == 200
        except OSError:
            return False


@contextmanager
def running(database_url: str, home: Path, **more: str) -> Iterator[Live]:
    """Run a web process for a while."""
    live = Live(database_url, home, **more).start()
    try:
        yield live
    finally:
        live.stop()


def all_at_once(doings: list[Callable[[], Said]]) -> list[Said]:
    """Do all of this at the same moment, each in a thread of its own; return what each got."""
    answers: list[Said | BaseException | None] = [None] * len(doings)
    gate = threading.Barrier(len(doings))

    def run(place: int) -> None:
        gate.wait()
        try:
            answers[place] = doings[place]()
        except (OSError, http.client.HTTPException) as error:  # shown by the assertion below
            answers[place] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(doings))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    failed = [answer for answer in answers if not isinstance(answer, Said)]
    assert not failed, failed
    return [answer for answer in answers if isinstance(answer, Said)]
