"""Plays a transcript: a file a clerk can read, in which people dial, type and text.

A line that begins at the margin is something that happens, an indented line is what comes of it.
Playing a file gives the same file with the indented lines as they are now.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from string import ascii_uppercase

from sqlalchemy import Connection, text

from service.text.gsm7 import USSD_FIRST_PAGE, septets
from tests import village
from tests.transcripts.circumstances import CIRCUMSTANCES
from tests.village import Phone, World

PEOPLE = {
    "villager": village.VILLAGER,
    "leader": village.LEADER,
    "deputy": village.DEPUTY,
    "member": village.MEMBER,
    "commune": village.COMMUNE_DUTY,
    "province": village.PROVINCE_DUTY,
    "neighbour": village.NEIGHBOUR,
    "far-away": village.FAR_AWAY,
    "stranger": "+84900000030",
}
NAMES = {msisdn: name for name, msisdn in PEOPLE.items()}
DOING = re.compile(
    rf"(?P<who>{'|'.join(PEOPLE)}) (?P<does>dials|types|still types|hangs up|texts)(?: (?P<what>.*))?"
)
TIMES = re.compile(r"(\d+) times (.+)")
OURS = (8499, 1909)
"""Numbers that stand in texts and must never be drawn as a request's, so that letters are exact."""


class NotADoing(Exception):
    """A line of a transcript says nothing that can be played."""


def play(script: str, world: World) -> str:
    """Return the script with what comes of each line as it is now."""
    with world.engine.connect() as held:
        stage = Stage(world, held)
        lines = [line for line in script.splitlines() if not line.startswith(" ")]
        try:
            played = list(itertools.chain.from_iterable(stage.line(line) for line in lines))
        finally:
            held.execute(text("SELECT pg_advisory_unlock_all()"))
        return "\n".join(played) + "\n"


@dataclass
class Stage:
    """The village while a transcript is played in it."""

    world: World
    held: Connection
    """Keeps the numbers seen so far from being drawn again."""
    letters: dict[str, str] = field(default_factory=dict)
    """Number of a request -> the letter that stands for it."""
    last_message: int = 0

    def __post_init__(self) -> None:
        self._letters = iter(ascii_uppercase)
        for number in OURS:
            self._keep_from_being_drawn(number)

    def line(self, line: str) -> Iterator[str]:
        """Play one line; yield it and what came of it."""
        yield line
        if not line or line.startswith("#"):
            return
        if line in CIRCUMSTANCES:
            CIRCUMSTANCES[line](self.world)
            return
        found = DOING.fullmatch(line)
        if found is None:
            raise NotADoing(line)
        phone = self.world.phone(PEOPLE[found["who"]])
        shown = DOINGS[found["does"]](self, phone, self._typed(found["what"] or ""))
        self._note_new_numbers()
        yield from (f"    {self._lettered(line)}".rstrip() for line in [*shown, *self._messages()])

    def _typed(self, what: str) -> str:
        for number, letter in self.letters.items():
            what = what.replace(f"<{letter}>", number)
        times = TIMES.fullmatch(what)
        return times[2] * int(times[1]) if times else what

    def dials(self, phone: Phone, code: str) -> list[str]:
        behind = code.removeprefix("*384*1909").removesuffix("#").removeprefix("*")
        assert code in {"*384*1909#", f"*384*1909*{behind}#"}, (
            f"our short code is *384*1909#: {code}"
        )
        phone.dial(behind)
        assert behind or septets(phone.screen) <= USSD_FIRST_PAGE, phone.screen
        return self._screen(phone)

    def types(self, phone: Phone, typed: str) -> list[str]:
        phone.key(typed)
        return self._screen(phone)

    def still_types(self, phone: Phone, typed: str) -> list[str]:
        """Answer a call that is over, as a phone with a slow network may."""
        assert not phone.open, "the call is not over"
        phone.open = True
        return self.types(phone, typed)

    def hangs_up(self, phone: Phone, _nothing: str) -> list[str]:
        fields = phone.fields()
        ended = {
            "sessionId": fields["sessionId"],
            "serviceCode": fields["serviceCode"],
            "phoneNumber": fields["phoneNumber"],
            "networkCode": fields["networkCode"],
            "date": "2026-11-24 06:04:45",
            "status": "Incomplete",
            "input": fields["text"],
            "cost": "0.00",
            "durationInMillis": "9000",
            "hopsCount": "3",
        }
        assert self.world.post("ussd-events", ended).status_code == 200
        phone.open = False
        return []

    def texts(self, phone: Phone, words: str) -> list[str]:
        """Send an SMS, twice as carriers do; the second time nothing happens."""
        name = f"in-{phone.msisdn}-{self._count('messages_in')}"
        phone.text(words, id=name)
        sent = self._count("messages_out")
        phone.text(words, id=name)
        assert self._count("messages_out") == sent, "the same SMS again was answered again"
        return []

    def _count(self, table: str) -> int:
        return self.world.one(f"SELECT count(*) AS n FROM {table}").n

    def _screen(self, phone: Phone) -> list[str]:
        stored = self.world.one(
            "SELECT state->>'s' AS screen, state->>'l' AS language, reply FROM ussd_sessions "
            "WHERE session_id = :session AND msisdn = :msisdn",
            session=phone.session,
            msisdn=phone.msisdn,
        )
        shown = [f"| {line}" for line in phone.screen.split("\n")]
        name = [f"[{stored.screen}, {stored.language}]"] if stored.reply == phone.screen else []
        return [*name, *shown, *([] if phone.open else ["(the call is over)"])]

    def _messages(self) -> list[str]:
        rows = self.world.rows(
            "SELECT id, msisdn, body FROM messages_out WHERE id > :last ORDER BY id",
            last=self.last_message,
        )
        for row in rows:
            assert septets(row.body) <= 160, row.body
            self.last_message = row.id
        return [f"SMS to {NAMES[row.msisdn]}: {row.body}" for row in rows]

    def _note_new_numbers(self) -> None:
        rows = self.world.rows(
            "SELECT number FROM help_requests WHERE number IS NOT NULL ORDER BY opened_at, id"
        )
        for row in rows:
            if str(row.number) not in self.letters:
                self.letters[str(row.number)] = next(self._letters)
                self._keep_from_being_drawn(row.number)

    def _keep_from_being_drawn(self, number: int) -> None:
        """Hold the lock that drawing a request's number takes."""
        self.held.execute(text("SELECT pg_advisory_lock(78, :number)"), {"number": number})

    def _lettered(self, line: str) -> str:
        return re.sub(
            r"\b\d{4}\b",
            lambda n: f"<{self.letters[n[0]]}>" if n[0] in self.letters else n[0],
            line,
        )


DOINGS: dict[str, Callable[[Stage, Phone, str], list[str]]] = {
    "dials": Stage.dials,
    "types": Stage.types,
    "still types": Stage.still_types,
    "hangs up": Stage.hangs_up,
    "texts": Stage.texts,
}
