"""Remakes the README's pictures: `make pictures`.

A fresh copy of the service is started, a villager asks for help on one handset and the leader's
phone rings on the next, as the README tells; then the page is taken as it stands, and after it the
room in which an operator watches it all.
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

from playwright.sync_api import Browser, sync_playwright

from bench.picture_room import take_room
from bench.whole import ROOT, Whole

FOLDER = ROOT / "docs" / "pictures"
PHONES, ROOM = FOLDER / "phones.png", FOLDER / "room.png"
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
            phones = f"http://127.0.0.1:{whole.ports[1]}"
            _act(phones)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                _take(browser, phones)
                take_room(whole, browser, ROOM)
                browser.close()
        finally:
            whole.stop()
    for made in (PHONES, ROOM):
        print(f"{made.relative_to(ROOT)} is remade")
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


def _take(browser: Browser, phones: str) -> None:
    page = browser.new_page(viewport={"width": 1120, "height": 1000})
    page.goto(phones)
    page.locator(".phone").nth(SHOWN - 1).wait_for()
    page.wait_for_timeout(500)
    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=PHONES)


def _ask(phones: str, path: str, body: dict[str, str] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{phones}{path}", data)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main())
