"""What an alarm is about, in words: the service writes lanes, carriers and ids of rows."""

from __future__ import annotations

import re

from service.ops.room_brief import CARRIER_DOES, carrier_does
from service.text.mask import mask_numbers

from .words import Words

ROW = re.compile(r"([a-z]+) (\d+)")
LANES_NAME = re.compile("<luồng>|<lane>")


def said_about(words: Words, about: str) -> str:
    """Say what an alarm is about; what has no name here stands as it is, its numbers masked."""
    if found := words.sentences.get(f"about.{about}"):
        return found
    row = ROW.fullmatch(about)
    if row and (found := words.sentences.get(f"about_of.{row[1]}")):
        return found.format(n=row[2])
    return mask_numbers(about)


def said_detail(words: Words, detail: str) -> str:
    """Say an alarm's detail: what a carrier does where it is a code for that."""
    if detail in CARRIER_DOES[words.language]:
        return carrier_does(detail, words.language)
    return mask_numbers(detail)


def with_lane(sentence: str, about: str) -> str:
    """Put the lane into a sentence that has a place for it, such as "start worker-<lane>"."""
    return LANES_NAME.sub(lambda _: about, sentence)
