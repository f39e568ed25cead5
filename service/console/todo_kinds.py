"""How piles of messages are shown: in which group, in which words, with what to press."""

from __future__ import annotations

from dataclasses import replace

from service.ops.room_codes import CODES, Group
from service.outbox.by_hand import BY_OPERATOR, Deed
from service.outbox.piles import ENDED_ILL, Pile
from service.outbox.piles import WAITING as STILL
from service.records.messages import MessageClass
from service.records.messages import MessageState as S

from .words import Words

WAITING = "waiting"
GROUPS = (str(Group.FIX), str(Group.HEALS), str(Group.GIVE_UP), WAITING)
"""In the order of what needs a person first."""
BY_STATE = {
    S.UNKNOWN: Group.HEALS,
    S.FAILED: Group.FIX,
    S.REJECTED: Group.GIVE_UP,
    S.EXPIRED: Group.GIVE_UP,
    S.UNDELIVERED: Group.GIVE_UP,
    S.UNKNOWN_CLOSED: Group.GIVE_UP,
    S.CANCELLED: Group.GIVE_UP,
}
NEVER_AGAIN = frozenset({"bad_number", "opted_out"})
"""Codes of messages that would only be refused once more."""


def group_of(pile: Pile) -> str:
    """Return the group a pile is shown in; a code alone says nothing of what has ended."""
    if pile.state is S.HELD:
        return str(Group.FIX if pile.code == BY_OPERATOR else Group.HEALS)
    if pile.state is not S.QUEUED:
        return str(BY_STATE[pile.state])
    known = CODES.get(pile.code or "")
    return str(known.group) if known else WAITING


def means(words: Words, pile: Pile) -> str:
    """Say what is the matter with a pile."""
    if pile.is_alarm:
        about = means(words, replace(pile, is_alarm=False))
        return words("pile.alarm", about=about[0].lower() + about[1:])
    own = f"pile.{pile.state}.{pile.code}"
    if own in words.sentences:
        return words(own)
    said = words(f"pile.{pile.state}")
    known = CODES.get(pile.code or "")
    if known is None or pile.state not in {S.QUEUED, S.REJECTED, S.FAILED}:
        return said
    why = known.means[words.language]
    return f"{said}: {why}" if pile.state is not S.QUEUED else why[0].upper() + why[1:]


def what_to_do(words: Words, pile: Pile) -> str:
    """Say what somebody can do about a pile."""
    if pile.is_alarm:
        return words("do.alarm")
    own = f"do.{pile.state}.{pile.code}"
    if own in words.sentences:
        return words(own)
    known = CODES.get(pile.code or "")
    if known and pile.state in {S.QUEUED, S.REJECTED}:
        do = known.what_to_do[words.language]
        return f"{do[0].upper()}{do[1:]}."
    return words(f"do.{pile.state}")


def deeds_of(pile: Pile) -> tuple[Deed, ...]:
    """Return what makes sense for a pile, the mildest first; an alarm stands with its alarms."""
    if pile.is_alarm:
        return ()
    if pile.state is S.QUEUED:
        return (Deed.HOLD, Deed.CANCEL)
    if pile.state is S.HELD:
        return (Deed.RELEASE, Deed.CANCEL) if pile.code == BY_OPERATOR else (Deed.CANCEL,)
    if pile.message_class is MessageClass.PROMO or pile.code in NEVER_AGAIN:
        return ()
    return (Deed.REPLAY,) if pile.state is S.UNKNOWN else (Deed.RESEND,)


def is_pile(pile: Pile) -> bool:
    """Say whether there may be such a pile: what else an address names is not there."""
    if pile.state is S.CANCELLED:
        return pile.code == BY_OPERATOR
    return pile.state in STILL | ENDED_ILL


def brakes_of(pile: Pile) -> bool:
    """Say whether pausing or another carrier may help: what waits has met a fault of sending."""
    return pile.state is S.QUEUED and not pile.is_alarm
