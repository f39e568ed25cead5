"""Villagers who dial and text until they have been told a number.

Run as a process: `python -m chaos.people PLAN NOTES PHONES`, the last being the address of the
phones. They read what is on the screen and press what a person would press; a call that breaks
off is dialled again.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import requests

from .notes import Notes
from .plan import Plan
from .wishes import Wish, wishes
from .words import read_words

THREADS = 24
PATIENCE = 150.0  # seconds after which a villager gives up
ANSWER = 40.0  # seconds the phones may take


class Villager:
    """Somebody with a handset and one wish."""

    def __init__(self, phones: str, codes: tuple[str, str], wish: Wish) -> None:
        self._address = f"{phones}/api/handsets/{wish.msisdn}"
        self._short_code, self._sms_code = codes
        self._wish = wish
        self._words = read_words()
        self._wrote = False  # whether the words were typed in this call

    def text(self, http: requests.Session) -> str | None:
        """Ask by SMS; return the carrier's id of it."""
        topic = self._words.topics[self._wish.topic]
        text = f"{self._words.help} {topic} {self._wish.words}".strip()
        answer = self._post(http, "sms", to=self._sms_code, text=text)
        return answer.get("id")

    def call(self, http: requests.Session) -> int | None:
        """Ask by one call; return the number told, None when the call broke off."""
        self._wrote = False
        shown = self._post(http, "dial", code=self._short_code)
        for _ in range(12):
            screen = shown.get("screen", "")
            if not shown.get("open"):
                return None if shown.get("error") else self._words.told(screen)
            key = self._answer(screen)
            if key is None:
                break
            shown = self._post(http, "keys", input=key)
        self._post(http, "hang-up")
        return None

    def _answer(self, screen: str) -> str | None:
        """Say what to press on a screen; None where nobody would know."""
        if self._words.key_before("words.skip", screen):
            self._wrote = True
            return self._wish.words
        writes = bool(self._wish.words) and not self._wrote
        labels = (
            "resume.go_on",
            "unfinished.go_on",
            "pending.later",
            f"topic.{self._wish.topic}",
            *(["own.none"] if writes else []),  # not there where an earlier call has said them
            "confirm.send",
            "root.help",
            "nav.more",
        )
        keys = (self._words.key_before(label, screen) for label in labels)
        return next(filter(None, keys), None)

    def _post(self, http: requests.Session, what: str, **body: str) -> dict[str, Any]:
        answer = http.post(f"{self._address}/{what}", json=body, timeout=ANSWER)
        found: dict[str, Any] = answer.json()
        return found


def live(plan: Plan, notes: Notes, phones: str) -> None:
    """Live through all wishes, each person's one after the other."""
    offered = requests.get(f"{phones}/api/handsets", timeout=ANSWER).json()
    codes = (offered["short_code"], offered["sms_code"])
    shares: list[list[Wish]] = [[] for _ in range(THREADS)]
    for wish in wishes(plan):
        shares[int(wish.msisdn[1:]) % THREADS].append(wish)
    began = time.monotonic()

    def some(mine: list[Wish]) -> None:
        with requests.Session() as http:
            http.trust_env = False
            for wish in mine:
                time.sleep(max(0.0, began + wish.at - time.monotonic()))
                _fulfil(Villager(phones, codes, wish), wish, http, notes)

    threads = [threading.Thread(target=some, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _fulfil(villager: Villager, wish: Wish, http: requests.Session, notes: Notes) -> None:
    if not wish.by_call:
        notes.write(wish=wish.index, sms=villager.text(http))
        return
    deadline = time.monotonic() + PATIENCE
    tries, told = 0, None
    while told is None and time.monotonic() < deadline:
        if tries:
            time.sleep(min(0.2 * tries, 2.0))
        tries += 1
        told = villager.call(http)
    notes.write(wish=wish.index, told=told, tries=tries)


def main(plan_file: str, notes_file: str, phones: str) -> None:
    notes = Notes(Path(notes_file))
    live(Plan.from_file(Path(plan_file)), notes, phones)
    notes.write(done=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
