"""Stand-ins for the programs that `up` runs, told what to be by their first argument.

Each notes its life in CAUNOI_HOME/life.txt: "<name> started <pid>", "<name> stopped <pid>".
"""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HOME = Path(os.environ["CAUNOI_HOME"])
NAME = os.environ["CAUNOI_PROCESS"]


def note(name: str, what: str, pid: int | None = None) -> None:
    with (HOME / "life.txt").open("a") as life:
        life.write(f"{name} {what} {pid or os.getpid()}\n")


class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        good = self.path in {"/readyz", "/healthz"}
        self.send_response(200 if good else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def serve(host: str, port: int) -> None:
    server = http.server.HTTPServer((host, port), Ok)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    live()


def live(last_seconds: float = 0) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    note(NAME, "started")
    try:
        while True:
            time.sleep(60)
    finally:
        time.sleep(last_seconds)
        note(NAME, "stopped")


def stubborn(*, in_a_session_of_its_own: bool) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    child = subprocess.Popen(
        [sys.executable, "-c", code], start_new_session=in_a_session_of_its_own
    )
    note(f"{NAME}-child", "started", child.pid)


def main(role: str, *more: str) -> None:
    if role == "web":
        if "alone" not in more:
            stubborn(in_a_session_of_its_own=False)
        serve(os.environ["HOST"], int(os.environ["PORT"]))
    elif role == "phones":
        told = {name: value for name, value in os.environ.items() if name.startswith("PHONES_")}
        (HOME / "phones.json").write_text(json.dumps(told))
        serve(os.environ["PHONES_HOST"], int(os.environ["PHONES_PORT"]))
    elif role == "console":
        serve(os.environ["HOST"], int(os.environ["CONSOLE_PORT"]))
    elif role == "worker":
        if "alone" not in more:
            stubborn(in_a_session_of_its_own=True)
        live(last_seconds=0.3)
    elif role == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note(NAME, "started")
        time.sleep(600)
    elif role == "once":
        note(more[0], "ran")
        (HOME / "cast.json").write_text("{}")
        (HOME / f"{more[0]}.json").write_text(json.dumps(dict(os.environ)))
    elif role == "fail":
        sys.stderr.write("first line\nthe reason\n")
        sys.exit(3)
    else:
        live()


if __name__ == "__main__":
    main(*sys.argv[1:])
