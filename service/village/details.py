"""What may be added to a request and need not be, fit to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.dialogue.checks import MOST_NAME, MOST_WORDS
from service.dialogue.texts import DEFAULT_LANGUAGE
from service.records.requests import HelpRequest
from service.text.mask import scrub

ME = "me"
"""How a dialogue says that the help is for the one who asks."""
NO_DETAILS = {
    "words": "",
    "own_words": "none",
    "beneficiary": ME,
    "spoken": DEFAULT_LANGUAGE,
}
"""What a dialogue has collected before anything was added."""


@dataclass(frozen=True, slots=True)
class Details:
    """What may be added to a request and need not be."""

    words: str = ""
    beneficiary: str = ""
    """Name or number of the one who needs the help; empty for the one who asks."""
    spoken: str = ""
    """Language to call back in; empty for Vietnamese."""

    @classmethod
    def of(cls, known: Mapping[str, str]) -> Details:
        """Read them from what a dialogue has collected, fit to be kept."""
        beneficiary, spoken = known.get("beneficiary", ""), known.get("spoken", "")
        return cls(
            words=clean_words(known.get("words", "")),
            beneficiary="" if beneficiary == ME else clean_words(beneficiary)[:MOST_NAME],
            spoken="" if spoken == DEFAULT_LANGUAGE else spoken[:20],
        )

    @classmethod
    def on(cls, request: HelpRequest) -> Details:
        """Read them from a request."""
        return cls(request.words or "", request.beneficiary or "", request.spoken or "")

    def note_on(self, request: HelpRequest) -> None:
        """Write them down on a request."""
        request.words = self.words or None
        request.beneficiary = self.beneficiary or None
        request.spoken = self.spoken or None


def clean_words(words: str) -> str:
    """Return what may be kept of a villager's words: no identity numbers, no codes."""
    return scrub(words).text[:MOST_WORDS]
