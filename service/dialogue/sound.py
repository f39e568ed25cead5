"""Which texts a phone can show at all, whatever their length; only those can be measured."""

from __future__ import annotations

from service.text.gsm7 import unknown_characters

from .texts import DEFAULT_LANGUAGE, INSTEAD_IN_SMS, SMS_PREFIXES, Texts


def text_fault(key: str, language: str, texts: Texts) -> str:
    """Return what is wrong with one text, whatever its length; empty when nothing is."""
    if unknown := sorted(texts.gaps_of(key, language) - set(texts.gaps)):
        return f"gap {{{unknown[0]}}} is not declared in gaps.yaml"
    words = texts.say(key, language)
    if {"{", "}"} & set(words):
        return "a gap is {small_letters}"
    if odd := unknown_characters(words):
        return f"{' '.join(odd)} cannot be shown by a keypad phone"
    if key.startswith(SMS_PREFIXES) and (refused := sorted(set(words) & set(INSTEAD_IN_SMS))):
        return f"{' '.join(refused)} may be refused in an SMS"
    return ""


def sound_texts(texts: Texts, language: str) -> frozenset[str]:
    """Return the texts that can be measured: without fault, as is all that may stand in them.

    What the language lacks counts as Vietnamese says it.
    """
    there = texts.keys(language)
    every = there | texts.keys(DEFAULT_LANGUAGE)
    broken = {key for key in there if text_fault(key, language, texts)}
    ends = tuple(gap.text for gap in texts.gaps.values() if gap.text)
    if any(key.startswith(ends) for key in broken):
        gaps = {name for name, gap in texts.gaps.items() if gap.text}
        sound = (key for key in every if key not in broken)
        return frozenset(key for key in sound if not gaps & texts.gaps_of(key, language))
    return every - broken
