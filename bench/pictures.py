"""Remakes the README's picture: `make pictures`.

A fresh copy of the service is started, a villager asks for help on one handset and the leader's
phone rings on the next, as the README tells; then the page is taken as it stands.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench.whole import ROOT, Whole

TO = ROOT / "docs" / "pictures" / "phones.png"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
HELP = ("1", "00018", "1", "1", "2", "cai giup cai VNeID", "1")
"""Agree, the hamlet's code, yes that one and ask for help, VNeID, add words, the words, send."""
SHOWN = 3
"""Handsets in the picture: the villager, the leader, another member of the team."""
PATIENCE = 20.0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="caunoi-pictures-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's user must pass
        whole = Whole(Path(folder))
        whole.start()
        try:
            _act(f"http://127.0.0.1:{whole.ports[1]}")
        finally:
            whole.stop()
    print(f"{TO.relative_to(ROOT)} is remade")
    return 0


def _act(phones: str) -> None:
    cast = _ask(phones, "/api/handsets")
    villager, leader = (h["msisdn"].lstrip("+") for h in cast["handsets"][:2])
    _ask(phones, f"/api/handsets/{villager}/dial", {"code": cast["short_code"]})
    for typed in HELP:
        _ask(phones, f"/api/handsets/{villager}/keys", {"input": typed})
    until = time.monotonic() + PATIENCE
    while not _ask(phones, f"/api/handsets/{leader}/inbox")["messages"]:
        if time.monotonic() > until:
            raise SystemExit("the leader's phone never rang")
        time.sleep(0.2)
    _take(phones)


def _take(phones: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1120, "height": 1000})
        page.goto(phones)
        page.locator(".phone").nth(SHOWN - 1).wait_for()
        page.wait_for_timeout(500)
        TO.parent.mkdir(exist_ok=True)
        page.screenshot(path=TO)
        browser.close()


def _ask(phones: str, path: str, body: dict[str, str] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{phones}{path}", data)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main())
