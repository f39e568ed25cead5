"""A stage on which transcripts are played: files a clerk can read, where people dial and text.

A line that begins at the margin is something that happens, an indented line is what comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, product
from string import ascii_uppercase
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Row, TextClause, text

from service.text.gsm7 import USSD_FIRST_PAGE, USSD_PAGE, is_gsm7, septets

from .people import NAMES, PEOPLE

DOING = re.compile(
    rf"(?P<who>{'|'.join(PEOPLE)}|\+\d{{8,15}}) "
    r"(?P<does>dials|types in the older call|types|still types|hangs up|texts|reads)"
    r"(?: (?P<what>.*))?"
)
MOMENT = re.compile(r"\b\d\d:\d\d \d\d/\d\d(/\d{4})?\b")
"""When something happened, as texts say it."""
TIMES = re.compile(r"(\d+) times (.+)")
CODE = re.compile(r"\bMA (\d{6})\b")
"""A one-time code as our text says it, in every language."""
SHORT_CODE = "*384*1909#"
SEGMENT = 160
OURS = (8499, 1909)
"""Numbers that stand in texts and must never be drawn as a request's, so that letters are exact."""
SHOWN = text("""
    SELECT state->>'s' AS screen, state->>'l' AS language, reply FROM ussd_sessions
    WHERE session_id = :session AND msisdn = :msisdn
""")
SENT = text("SELECT id, msisdn, body FROM messages_out WHERE id > :last ORDER BY id")
# No worker sends here: what was shown as an SMS is on its phone when the next thing happens.
ARRIVE = text("""
    UPDATE messages_out SET state = 'delivered', changed_at = clock_timestamp()
    WHERE state = 'queued' AND class IN ('alert', 'emergency') AND id <= :last
      AND due_at <= clock_timestamp()
""")
NUMBERS = text("""
    SELECT number FROM help_requests WHERE number IS NOT NULL ORDER BY opened_at, id
""")
UNLOCK = text("SELECT pg_advisory_unlock_all()")
CHOOSE = text("""
    UPDATE people SET language = :language FROM phones
    WHERE phones.msisdn = :msisdn AND phones.holder_id = people.id
""")


class NotADoing(Exception):
    """A line of a transcript says nothing that can be played."""


class TooLong(Exception):
    """A page or an SMS does not fit the phone."""


class Handset(Protocol):
    """A phone in somebody's hand; `screen` is the page it shows."""

    msisdn: str
    session: str
    history: list[str]
    screen: str
    open: bool

    def dial(self, behind: str = "") -> object:
        """Call the short code, with more digits behind it."""
        ...

    def key(self, typed: str) -> object:
        """Answer the screen."""
        ...

    def hang_up(self) -> None:
        """End the call."""
        ...

    def send(self, words: str) -> object:
        """Send an SMS to our number."""
        ...


@dataclass
class Stage:
    """The village while something is played in it."""

    engine: Engine
    held: Connection
    """Keeps the numbers seen so far from being drawn again."""
    handset: Callable[[str], Handset]
    """Gives the phone with a number, always the same."""
    languages: Collection[str]
    """Those that are offered."""
    circumstances: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    """Whole lines that stand for what else may happen, and how."""
    letters: dict[str, str] = field(default_factory=dict)
    """Number of a request -> the letter that stands for it."""
    last_message: int = 0
    sent: list[tuple[str, str]] = field(default_factory=list)
    """SMS that came of the last line: to whom, and the words as they are."""
    code: str = ""
    """The last one-time code that was sent; drawn by lot like the numbers, shown as <code>."""
    older: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Number -> session and history of the call before the present one."""

    def __post_init__(self) -> None:
        pairs = map("".join, product(ascii_uppercase, repeat=2))
        self._letters = chain(ascii_uppercase, pairs)
        for number in OURS:
            self._keep_from_being_drawn(number)

    def line(self, line: str) -> Iterator[str]:
        """Play one line; yield it and what came of it.

        Raises NotADoing, and TooLong when something does not fit a phone.
        """
        yield line
        self.sent = []
        if not line or line.startswith("#"):
            return
        if line in self.circumstances:
            self.circumstances[line]()
            list(self._messages())  # those there were before count, and are not shown
            return
        found = DOING.fullmatch(line)
        if found is None:
            raise NotADoing(line)
        phone = self.handset(PEOPLE.get(found["who"], found["who"]))
        with self.engine.begin() as connection:
            connection.execute(ARRIVE, {"last": self.last_message})
        shown = DOINGS[found["does"]](self, phone, self._typed(found["what"] or ""))
        self._note_new_numbers()
        yield from (f"    {self.lettered(line)}".rstrip() for line in [*shown, *self._messages()])

    def let_go(self) -> None:
        """Let the numbers be drawn again; to be called when the play is over."""
        self.held.execute(UNLOCK)

    def lettered(self, line: str) -> str:
        """Return a line with letters for the numbers of requests, which are drawn by lot.

        And without the moments, which are never the same.
        """
        if found := CODE.search(line):
            self.code = found[1]
        shown = MOMENT.sub("<moment>", line)
        if self.code:  # a whole word: a code may happen to stand inside of a phone number
            shown = re.sub(rf"\b{self.code}\b", "<code>", shown)
        return re.sub(
            r"\b\d{4}\b",
            lambda n: f"<{self.letters[n[0]]}>" if n[0] in self.letters else n[0],
            shown,
        )

    def numbered(self, line: str) -> str:
        """Return a line with the numbers that its letters stand for."""
        line = line.replace("<code>", self.code)
        for number, letter in self.letters.items():
            line = line.replace(f"<{letter}>", number)
        return line

    def dials(self, phone: Handset, code: str) -> list[str]:
        """Dial the short code, `*384*1909*1*2#` with answers behind it."""
        behind = code.removeprefix(SHORT_CODE[:-1]).removesuffix("#").removeprefix("*")
        if code not in {SHORT_CODE, f"{SHORT_CODE[:-1]}*{behind}#"}:
            raise NotADoing(f"our short code is {SHORT_CODE}: {code}")
        self.older[phone.msisdn] = (phone.session, phone.history)
        phone.dial(behind)
        return self._screen(phone, USSD_PAGE if behind else USSD_FIRST_PAGE)

    def types(self, phone: Handset, typed: str) -> list[str]:
        """Answer the screen."""
        if not phone.open:
            raise NotADoing("the call is over")
        phone.key(typed)
        return self._screen(phone, USSD_PAGE)

    def still_types(self, phone: Handset, typed: str) -> list[str]:
        """Answer a call that is over, as a phone with a slow network may."""
        if phone.open:
            raise NotADoing("the call is not over")
        phone.open = True
        return self.types(phone, typed)

    def types_in_the_older_call(self, phone: Handset, typed: str) -> list[str]:
        """Answer the call before the present one, which then goes on as it stands."""
        if phone.msisdn not in self.older:
            raise NotADoing("there is no older call")
        present = (phone.session, phone.history, phone.screen, phone.open)
        (phone.session, phone.history), phone.open = self.older[phone.msisdn], True
        shown = self.types(phone, typed)
        phone.session, phone.history, phone.screen, phone.open = present
        return shown

    def hangs_up(self, phone: Handset, _nothing: str) -> list[str]:
        """Drop the call."""
        phone.hang_up()
        return []

    def texts(self, phone: Handset, words: str) -> list[str]:
        """Send an SMS."""
        phone.send(words)
        return []

    def reads(self, phone: Handset, language: str) -> list[str]:
        """Be somebody who chose a language in an earlier call."""
        if language not in self.languages:
            raise NotADoing(f"there are {', '.join(self.languages)}: {language}")
        with self.engine.begin() as connection:
            found = connection.execute(CHOOSE, {"language": language, "msisdn": phone.msisdn})
        if found.rowcount == 0:
            raise NotADoing("nothing is kept of a stranger, not even the language")
        return []

    def _typed(self, what: str) -> str:
        what = self.numbered(what)
        times = TIMES.fullmatch(what)
        return times[2] * int(times[1]) if times else what

    def _screen(self, phone: Handset, room: int) -> list[str]:
        _check(phone.screen, room)
        (stored,) = self._rows(SHOWN, session=phone.session, msisdn=phone.msisdn)
        shown = [f"| {line}" for line in phone.screen.split("\n")]
        name = [f"[{stored.screen}, {stored.language}]"] if stored.reply == phone.screen else []
        return [*name, *shown, *([] if phone.open else ["(the call is over)"])]

    def _messages(self) -> Iterator[str]:
        for row in self._rows(SENT, last=self.last_message):
            if is_gsm7(row.body):  # who asked for marks takes the parts they cost
                _check(row.body, SEGMENT)
            self.last_message = row.id
            name = NAMES.get(row.msisdn, row.msisdn)
            self.sent.append((name, row.body))
            yield from _message(name, row.body)

    def _note_new_numbers(self) -> None:
        for row in self._rows(NUMBERS):
            if str(row.number) not in self.letters:
                self.letters[str(row.number)] = next(self._letters)
                self._keep_from_being_drawn(row.number)

    def _keep_from_being_drawn(self, number: int) -> None:
        """Hold the lock that drawing a request's number takes."""
        self.held.execute(text("SELECT pg_advisory_lock(78, :number)"), {"number": number})

    def _rows(self, statement: TextClause, **values: Any) -> list[Row[Any]]:
        with self.engine.connect() as connection:
            return list(connection.execute(statement, values))


def _message(name: str, body: str) -> list[str]:
    """Return the lines that show an SMS; one of several lines as a screen is shown."""
    if "\n" not in body:
        return [f"SMS to {name}: {body}"]
    return [f"SMS to {name}:", *(f"| {line}" for line in body.split("\n"))]


def _check(said: str, room: int) -> None:
    if septets(said) > room:
        raise TooLong(f"{septets(said)} septets where {room} fit: {said}")


DOINGS: Mapping[str, Callable[[Stage, Handset, str], list[str]]] = {
    "dials": Stage.dials,
    "types": Stage.types,
    "types in the older call": Stage.types_in_the_older_call,
    "still types": Stage.still_types,
    "hangs up": Stage.hangs_up,
    "texts": Stage.texts,
    "reads": Stage.reads,
}
