"""The answer of whoever a leader has named: 1 or 2, to the question their number was sent.

It is no question of theirs, so it stands beside what they were asked last: whichever is newer is
what a digit answers.
"""

from __future__ import annotations

from service.dialogue.answers import bare_answer
from service.dialogue.spoken import yes_or_no

from . import asking, invitations, moving
from .asking import Asked
from .desk import Desk
from .villager_doings import open_questions


def answer(desk: Desk, text: str, asked: Asked | None) -> str | None:
    """Take a yes or no to what a leader says of this number; None when it answers nothing here."""
    digit = _digit(text)
    if digit is None:
        return None
    invitation = invitations.open_at(desk.unit.session, desk.msisdn)
    if invitation is None:
        return None
    newest = [question.asked_at for question in open_questions(desk)[-1:]]
    newest += [asked.asked_at] if asked and not asked.is_over else []
    if any(moment > invitation.asked_at for moment in newest):
        return None
    if desk.is_stale():
        asking.ask(desk, "sms.still_you", {}, {"1": ("still_me", ""), "2": ("not_me", "")})
        return "whose"
    if invitation.person_id is not None:
        (moving.agree_to_move if digit == "1" else moving.refuse_move)(desk, invitation)
        return "move_agreed" if digit == "1" else "move_refused"
    (invitations.join if digit == "1" else invitations.refuse)(desk, invitation)
    return "joined" if digit == "1" else "not_joined"


def _digit(text: str) -> str | None:
    typed = bare_answer(text)
    if typed is not None:
        is_plain = not typed.words and typed.number is None and typed.digits in {"1", "2"}
        return typed.digits if is_plain else None
    return yes_or_no(text, to_consent=True)
