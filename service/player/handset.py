"""A phone whose calls and texts go straight to the service, without a carrier between."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from service.carriers.base import Inbound, UssdHop
from service.gateway.hop import Switchboard
from service.gateway.texting import Texting
from service.runtime import Runtime
from service.text.phones import Msisdn

CARRIER = "play"
_ids = count(1)


@dataclass(frozen=True, slots=True)
class Line:
    """What a phone is connected to."""

    switchboard: Switchboard
    texting: Texting
    ussd_code: str
    sms_code: str

    @classmethod
    def to(cls, runtime: Runtime) -> Line:
        """Connect to the service on this runtime's database."""
        settings = runtime.settings
        return cls(runtime.switchboard, runtime.texting, settings.ussd_code, settings.sms_code)


@dataclass(slots=True)
class DirectHandset:
    """A Handset of the stage."""

    line: Line
    msisdn: str
    session: str = ""
    screen: str = ""
    open: bool = False
    history: list[str] = field(default_factory=list)

    def dial(self, behind: str = "") -> None:
        """Call the short code, with more digits behind it."""
        self.session = f"play-{next(_ids)}"
        self.history = [behind] if behind else []
        self._hop()

    def key(self, typed: str) -> None:
        """Answer the screen."""
        self.history.append(typed)
        self._hop()

    def hang_up(self) -> None:
        """End the call; the service is not told, as often happens."""
        self.open = False

    def send(self, words: str) -> None:
        """Send an SMS to the service."""
        sent = Inbound(f"play-{next(_ids)}", self.msisdn, self.line.sms_code, words, None)
        self.line.texting.take(CARRIER, sent)

    def _hop(self) -> None:
        text = "*".join(self.history)
        hop = UssdHop(self.session, Msisdn(self.msisdn), self.line.ussd_code, text)
        page = self.line.switchboard.serve(CARRIER, hop)
        self.screen, self.open = page.text, page.open
