"""The handsets: who they are, whether they have coverage, what they hold and show."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from service.text.phones import InvalidNumber, Msisdn, from_carrier, national, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KEPT_TEXTS = 200  # on one handset, as a keypad phone would
SHOWN_TEXTS = 30  # sent to the page


@dataclass
class Text:
    """An SMS on a handset, either way. `state` of an outgoing one: sending, taken or failed."""

    id: int
    direction: str  # in | out
    other: str  # whom it is from or to
    text: str
    at: str
    read: bool = False
    state: str = ""
    message_id: str = ""

    def shown(self) -> dict[str, Any]:
        """Give the JSON of this SMS; `who` is the other number as people read it."""
        end = "from" if self.direction == "in" else "to"
        same = {"id": self.id, "direction": self.direction, end: self.other, "text": self.text}
        return {
            **same,
            "who": national(Msisdn(self.other)),
            "at": self.at,
            "read": self.read,
            "state": self.state,
            "message_id": self.message_id,
        }


@dataclass
class Screen:
    """What the handset shows of a USSD call."""

    session: str | None = None
    screen: str = ""
    open: bool = False
    busy: bool = False  # an answer is awaited
    error: str = ""
    warning: str = ""
    length: int = 0  # septets, or UTF-16 units if the text does not fit the GSM alphabet
    ends_at: float | None = None  # monotonic; when silence or the session's limit ends it

    def shown(self) -> dict[str, Any]:
        """Give the JSON of this screen; `expires_in` is in seconds."""
        data: dict[str, Any] = {"session": self.session, "screen": self.screen, "open": self.open}
        if self.error:
            data["error"] = self.error
        if self.warning:
            data["warning"] = self.warning
        if self.length:
            data["length"] = self.length
        if self.open and self.ends_at is not None:
            data["expires_in"] = round(max(0.0, self.ends_at - time.monotonic()), 2)
        return data


@dataclass
class Handset:
    """One phone. Change it only inside `Book.change`."""

    msisdn: Msisdn
    news: threading.Condition
    name: str = ""
    role: str = ""
    note: str = ""
    on_page: bool = False
    coverage: bool = True
    texts: list[Text] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)  # for coverage
    screen: Screen = field(default_factory=Screen)
    version: int = 0

    def shown(self) -> dict[str, Any]:
        """Give the JSON of this handset, as the page draws it."""
        return {
            "msisdn": self.msisdn,
            "national": national(self.msisdn),
            "name": self.name,
            "role": self.role,
            "note": self.note,
            "coverage": self.coverage,
            "waiting": len(self.waiting),
            "ussd": {**self.screen.shown(), "busy": self.screen.busy},
            "texts": [text.shown() for text in self.texts[-SHOWN_TEXTS:]],
            "version": self.version,
        }


class Book:
    """Every handset there is; may be used from any thread."""

    def __init__(self) -> None:
        self._handsets: dict[Msisdn, Handset] = {}
        self._lock = threading.RLock()
        self._ids = itertools.count(1)
        self._version = 0
        self.news = threading.Condition(self._lock)

    def need(self, msisdn: Msisdn) -> Handset:
        """Find a handset, or make one that is not on the page."""
        with self._lock:
            handset = self._handsets.get(msisdn)
            if handset is None:
                news = threading.Condition(self._lock)
                handset = self._handsets[msisdn] = Handset(msisdn, news)
            return handset

    def find(self, msisdn: Msisdn) -> Handset | None:
        """Find a handset; None if nobody has used that number."""
        return self._handsets.get(msisdn)

    def put(self, msisdn: Msisdn, *, name: str, role: str, note: str) -> Handset:
        """Put a handset on the page, new or known."""
        with self.change(self.need(msisdn)) as handset:
            handset.name, handset.role, handset.note = name, role, note
            handset.on_page = True
            return handset

    def change(self, handset: Handset) -> _Change:
        """Open a block that changes a handset; whoever waits for news hears of it at its end."""
        return _Change(self, handset)

    def changed(self, handset: Handset) -> None:
        """Tell those who wait; call it with the lock held."""
        self._version += 1
        handset.version = self._version
        handset.news.notify_all()
        if handset.on_page:
            self.news.notify_all()

    def add_text(
        self, handset: Handset, direction: str, other: str, text: str, **more: Any
    ) -> Text:
        """Put an SMS on a handset, dropping the oldest when it is full."""
        with self.change(handset):
            entry = Text(next(self._ids), direction, other, text, _now(), **more)
            handset.texts.append(entry)
            del handset.texts[:-KEPT_TEXTS]
            return entry

    def on_page(self) -> list[Handset]:
        """List the handsets the page shows, in the order they were put there."""
        with self._lock:
            return [handset for handset in self._handsets.values() if handset.on_page]

    def hear(self, since: int, seconds: float) -> dict[str, Any]:
        """Wait up to `seconds` for a handset on the page to change after version `since`."""
        until = time.monotonic() + seconds
        with self.news:
            while True:
                if since > self._version:  # the page remembers an earlier run
                    since = 0
                fresh = [h.shown() for h in self.on_page() if h.version > since]
                left = until - time.monotonic()
                if fresh or left <= 0:
                    return {"handsets": fresh, "version": self._version}
                self.news.wait(left)

    def inbox(self, handset: Handset, since: int, seconds: float) -> list[dict[str, Any]]:
        """List the SMS received after id `since`, waiting up to `seconds` for the first."""
        until = time.monotonic() + seconds
        with handset.news:
            while True:
                fresh = [t for t in handset.texts if t.direction == "in" and t.id > since]
                left = until - time.monotonic()
                if fresh or left <= 0:
                    return [text.shown() for text in fresh]
                handset.news.wait(left)

    def mark_read(self, handset: Handset, ids: Iterable[int]) -> None:
        """Take the unread mark off these SMS."""
        wanted = set(ids)
        with self.change(handset):
            for text in handset.texts:
                if text.id in wanted:
                    text.read = True


class _Change:
    def __init__(self, book: Book, handset: Handset) -> None:
        self._book = book
        self._handset = handset

    def __enter__(self) -> Handset:
        self._book.news.acquire()
        return self._handset

    def __exit__(self, *_: object) -> None:
        self._book.changed(self._handset)
        self._book.news.release()


def read_number(text: str) -> Msisdn:
    """Read a number as a carrier or a person writes it; raise InvalidNumber."""
    try:
        return from_carrier(text)
    except InvalidNumber:
        return parse(text)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
