"""A phone in a terminal: what is typed is done, what the phone shows is drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import wrap

from service.text.gsm7 import USSD_FIRST_PAGE, USSD_PAGE, septets

from .people import NAMES, number_of
from .stage import SEGMENT, SHORT_CODE, NotADoing, Stage

COLUMNS = 30
"""Characters in a line of the phone that is drawn."""
HELP = """\
What you type answers the screen. Also:  #  hang up   redial   *384*1909*1#  dial with answers
sms TEXT  send an SMS   inbox  read those that came   as WHO  take another phone   quit"""
UNSENT = "No call is open: redial, or sms TEXT."


@dataclass
class Terminal:
    """A play that is going on."""

    stage: Stage
    say: Callable[[str], None]
    """Shows a line to whoever plays."""
    msisdn: str
    """Whose phone is in hand."""
    by_sms: bool = False
    """Whether what is typed is sent as SMS."""
    script: list[str] = field(default_factory=list)
    """The transcript so far."""
    inboxes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    over: bool = False

    @property
    def who(self) -> str:
        """The name of whoever holds the phone, their number where they have none."""
        return NAMES.get(self.msisdn, self.msisdn)

    @property
    def in_call(self) -> bool:
        """Whether a call is open on this phone."""
        return self.stage.handset(self.msisdn).open

    def take(self, typed: str) -> None:
        """Do what was typed; what cannot be done is said."""
        typed = typed.strip()
        word, _, rest = typed.partition(" ")
        if typed in COMMANDS:
            COMMANDS[typed](self)
        elif word == "sms" and rest:
            self.do(f"texts {rest}")
        elif word == "as" and rest:
            self._pick_up(rest)
        elif typed.startswith("*") and typed.endswith("#"):
            self.do(f"dials {typed}")
        elif typed and self.by_sms:
            self.do(f"texts {typed}")
        elif typed and self.in_call:
            self.do(f"types {typed}")
        elif typed:
            self.say(UNSENT)

    def do(self, what: str) -> None:
        """Play a doing of whoever holds the phone, as a transcript words it."""
        try:
            played = list(self.stage.line(f"{self.who} {what}"))
        except NotADoing as fault:
            self.say(f"{fault}")
            return
        first, *others = played
        self.script += [self.stage.lettered(first), *others]
        if others and not others[0].startswith("    SMS to "):
            room = USSD_FIRST_PAGE if what == f"dials {SHORT_CODE}" else USSD_PAGE
            self._draw(others[0].strip(), room)
        for to, body in self.stage.sent:
            self._deliver(to, body)

    def dial(self) -> None:
        """Call the short code; a call that is open ends first."""
        if self.in_call:
            self.hang_up()
        self.do(f"dials {SHORT_CODE}")

    def hang_up(self) -> None:
        """Drop the call."""
        if self.in_call:
            self.do("hangs up")
            self.say("(you hang up)")
        else:
            self.say(UNSENT)

    def read(self) -> None:
        """Show what has come to this phone."""
        found = self.inboxes[self.who]
        for body in found:
            self.say(f"  {body}  ({septets(body)}/{SEGMENT})")
        if not found:
            self.say("No SMS has come.")

    def help(self) -> None:
        """Say what can be typed."""
        self.say(HELP)
        self.say(f"WHO is a number, or: {', '.join(NAMES.values())}.")

    def stop(self) -> None:
        """End the play."""
        self.over = True

    def _pick_up(self, who: str) -> None:
        try:
            self.msisdn = number_of(who)
        except ValueError as fault:
            self.say(str(fault))
            return
        self.say(f"You hold the phone of {self.who}; {len(self.inboxes[self.who])} SMS.")

    def _deliver(self, to: str, body: str) -> None:
        self.inboxes[to].append(body)
        self.say(f"  SMS to {to}: {body}  ({septets(body)}/{SEGMENT})")

    def _draw(self, name: str, room: int) -> None:
        """Draw the phone: whose it is, its page, the screen's name and the room it takes."""
        page = self.stage.handset(self.msisdn).screen
        name = name.strip("[]") if name.startswith("[") else "outside the menu"
        lines = [part for line in page.split("\n") for part in wrap(line, COLUMNS) or [""]]
        self.say(f"+-- {self.who} {'-' * (COLUMNS - len(self.who) - 2)}+")
        for line in lines:
            self.say(f"| {line:<{COLUMNS}} |")
        self.say(f"+{'-' * (COLUMNS + 2)}+  {name}, {septets(page)}/{room}")
        if not self.in_call:
            self.say("(the call is over)")


COMMANDS: Mapping[str, Callable[[Terminal], None]] = {
    "#": Terminal.hang_up,
    "redial": Terminal.dial,
    "inbox": Terminal.read,
    "help": Terminal.help,
    "quit": Terminal.stop,
}
