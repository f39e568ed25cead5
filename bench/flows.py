"""The calls that are made: what is typed at each hop, and the screen that must come back for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from bench.hello import ADDRESS, SAYS
from bench.seed import FIRST_NUMBER, Place
from service.dialogue.texts import Texts
from service.text.fold import fold

HEAD = (
    "POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: at-ussd-api/1.0\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
)
BODY = (
    "phoneNumber=%2B84{number}&serviceCode={code}&text={text}&sessionId={session}&networkCode=99999"
)


@dataclass(frozen=True, slots=True)
class Hop:
    """A request as it goes over the wire, and what its answer's body must begin with and hold."""

    request: bytes
    begins: bytes
    holds: bytes

    def fits(self, body: bytes) -> bool:
        """Say whether this is the right screen of the right caller."""
        return body.startswith(self.begins) and self.holds in body


Answers = Callable[[Place], Sequence[tuple[str, bytes, bytes]]]
"""What somebody living there types at each hop, and what must come back."""


@dataclass(frozen=True)
class Flow:
    """One kind of call, made by anybody of the province."""

    name: str
    address: str
    ussd_code: str
    places: Sequence[Place]
    answers: Answers

    def call(self, caller: int, session: str) -> Iterator[Hop]:
        """Yield the hops of one call; `text` grows as a carrier's does."""
        history = ""
        for typed, begins, holds in self.answers(self.places[caller % len(self.places)]):
            history = f"{history}*{typed}" if history else typed
            body = BODY.format(
                number=FIRST_NUMBER + caller,
                code=quote_plus(self.ussd_code),
                text=quote_plus(history),
                session=session,
            )
            head = HEAD.format(address=self.address, length=len(body))
            yield Hop((head + body).encode(), begins, holds)


class Flows:
    """The calls of the measurement, in the words of the real menu."""

    def __init__(self, texts: Texts, address: str, ussd_code: str, places: Sequence[Place]) -> None:
        self._texts = texts
        self.screens = Flow("screens only", address, ussd_code, places, self._screens)
        self.classes = Flow("a list of classes", address, ussd_code, places, self._classes)
        self.help = Flow("whole call for help", address, ussd_code, places, self._help)
        self.hello = Flow("bare Flask hello", ADDRESS, ussd_code, places, _hello)

    def _screens(self, _place: Place) -> Sequence[tuple[str, bytes, bytes]]:
        """Hops at which nothing is done: the menu, and keys that stand for nothing on it.

        A call cut off further on, on a form, is asked about by the next one.
        """
        again = self._con("error.choice")
        root = self._texts.say("root.title", "vi").encode()
        return [("", self._con("root.title"), b""), *[("9", again, root)] * 4]

    def _classes(self, _place: Place) -> Sequence[tuple[str, bytes, bytes]]:
        """A list that the village makes, and back."""
        root, none = self._con("root.title"), self._con("classes.none")
        return [("", root, b""), ("4", none, b""), ("0", root, b""), ("4", none, b"")]

    def _help(self, place: Place) -> Sequence[tuple[str, bytes, bytes]]:
        asked = {"topic": "vneid", "hamlet": _said(place.hamlet)}
        return [
            ("", self._con("root.title"), b""),
            ("1", self._con("topics.question"), b""),
            ("1", self._con("confirm.question", asked), b""),
            ("2", self._con("words.question"), b""),
            ("khong mo duoc", self._con("confirm.question", asked), b""),
            ("1", b"END ", fold(place.leader).text.encode()),
        ]

    def _con(self, key: str, values: dict[str, str] | None = None) -> bytes:
        return f"CON {self._texts.say(key, 'vi', values or {})}\n".encode()


def _hello(_place: Place) -> Sequence[tuple[str, bytes, bytes]]:
    return [("", SAYS, b"")] + [("1", SAYS, b"")] * 4


def _said(name: str) -> str:
    plain = fold(name).text
    return plain[:1].lower() + plain[1:]
