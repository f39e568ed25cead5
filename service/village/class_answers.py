"""A digit from somebody whom a class asked something: an offer, a reminder, how it was.

It is no question of theirs, so it stands beside what they were asked last: whichever is newer is
what a digit answers. With several classes asking at once the number behind the digit says which.
Where a class asks of several people of one phone, yes is for all of them; of no it is asked who.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from service.dialogue.answers import BareAnswer, bare_answer
from service.dialogue.spoken import yes_or_no
from service.records.moments import now_by
from service.records.trainings import LIVE_SEATS, Enrolment, SeatState, Training

from . import asking, invitations
from .asking import Asked
from .class_doings import LEAVE, ask_which, leave_named
from .class_people import named, own_first, who_is
from .desk import Desk
from .enrolling import Answered, answer_offer, confirm, leave
from .ledger import listed
from .trainings import values_of
from .villager_doings import open_questions

RATED_WITHIN = timedelta(days=3)
ASKED_AFTER = timedelta(days=3)
"""So long after its end a class may still ask how it was (service.village.class_after)."""
LATE_FOR = timedelta(days=1)
"""Somebody who takes an offer so long after it lapsed is still told what became of it."""
NOT_THEIRS = (SeatState.LAPSED, SeatState.ENDED)
"""What became of an offer that was not answered: its time was over, or the class was cancelled."""


class Asks(StrEnum):
    """What a class asks."""

    OFFER = "offer"
    REMINDER = "reminder"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Open:
    """Something a class has asked a phone."""

    asks: Asks
    asked_at: datetime
    enrolment: Enrolment
    training: Training


def open_for(desk: Desk) -> list[Open]:
    """Return what the speaker was asked about classes and has not answered, the newest first."""
    phone = desk.known_phone()
    if phone is None:
        return []
    session = desk.unit.session
    now = now_by(session)
    found = session.execute(
        select(Enrolment, Training)
        .join(Training, Training.id == Enrolment.training_id)
        .where(Enrolment.phone_id == phone.id, Training.ends_at > now - ASKED_AFTER - RATED_WITHIN)
    ).all()
    asked = [one for row in found if (one := _asked(row[0], row[1], now))]
    return sorted(asked, key=lambda one: one.asked_at, reverse=True)


def answer(desk: Desk, text: str, asked: Asked | None) -> str | None:
    """Take a digit that answers what a class asked; None when it answers nothing here."""
    if asked and not asked.is_over and leave_named(desk, text, asked.answers or {}):
        return LEAVE
    typed = bare_answer(text)
    said = yes_or_no(text)
    if typed is None and said is not None:
        typed = BareAnswer(said, None, "")
    if typed is None or typed.words:
        return None
    found = open_for(desk)
    is_plain = typed.number is None and not _can_only_rate(typed, asked)
    if is_plain and found and _is_newer_elsewhere(desk, asked, found[0].asked_at):
        return None
    meant = _meant(found, typed)
    if not meant:
        return _asked_again(desk, found, typed)
    if asking.asked_whose(desk):
        return "whose"
    numbers = {one.training.number for one in meant}
    if len(numbers) > 1:
        values = {"numbers": listed(sorted(numbers)), "class": str(meant[0].training.number)}
        desk.reply("sms.class_which", {**values, "digit": typed.digits}, is_error=True)
        return "class_which"
    ANSWERS[meant[0].asks](desk, meant, typed.digits)
    return f"class_{meant[0].asks}"


def _asked(enrolment: Enrolment, training: Training, now: datetime) -> Open | None:
    if enrolment.rating_asked_at and enrolment.rating is None:
        if now < enrolment.rating_asked_at + RATED_WITHIN:
            return Open(Asks.RATING, enrolment.rating_asked_at, enrolment, training)
        return None
    if training.starts_at <= now:
        return None
    if enrolment.state == SeatState.OFFERED and enrolment.offered_at:
        return Open(Asks.OFFER, enrolment.offered_at, enrolment, training)
    if enrolment.state in NOT_THEIRS and enrolment.offered_at:
        is_late = now < enrolment.offered_at + LATE_FOR
        return Open(Asks.OFFER, enrolment.offered_at, enrolment, training) if is_late else None
    told = max(filter(None, (enrolment.eve_told_at, enrolment.soon_told_at)), default=None)
    confirmed = enrolment.confirmed_at
    if told is None or (confirmed is not None and confirmed >= told):
        return None
    is_asked = enrolment.state == SeatState.SEATED
    if is_asked or (enrolment.state == SeatState.ENDED and now < told + LATE_FOR):
        return Open(Asks.REMINDER, told, enrolment, training)
    return None


def _meant(found: Sequence[Open], typed: BareAnswer) -> list[Open]:
    """Return what a digit can answer, the newest first: by its number, else all of one kind."""
    fits = [one for one in found if typed.digits in DIGITS[one.asks]]
    if typed.number is not None:
        fits = [one for one in fits if str(one.training.number) == typed.number]
    return [one for one in fits if one.asks is fits[0].asks]


def _can_only_rate(typed: BareAnswer, asked: Asked | None) -> bool:
    """Say whether a digit answers nothing but how a class was: others have two answers, or say."""
    if typed.digits in DIGITS[Asks.OFFER] or typed.digits not in DIGITS[Asks.RATING]:
        return False
    return (
        asked is None
        or asked.is_over
        or (asked.menu is None and typed.digits not in (asked.answers or {}))
    )


def _asked_again(desk: Desk, found: Sequence[Open], typed: BareAnswer) -> str | None:
    """Ask once more how a class was, of who answered by a digit that says nothing of it: 0, 6."""
    if not found or found[0].asks is not Asks.RATING or len(typed.digits) > 1 or typed.number:
        return None
    if asking.asked_whose(desk):
        return "whose"
    training, newest = found[0].training, found[0].enrolment
    values = values_of(desk.unit.session, training, desk.language)
    values |= named(who_is(desk.unit.session, newest), [newest])
    key = "sms.class_rate" if training.called_at else "sms.class_rate_unknown"
    desk.reply(key, values, is_error=True)
    return "class_which"


def _is_newer_elsewhere(desk: Desk, asked: Asked | None, mine: datetime) -> bool:
    newer = [question.asked_at for question in open_questions(desk)[-1:]]
    newer += [asked.asked_at] if asked and not asked.is_over else []
    invitation = invitations.open_at(desk.unit.session, desk.msisdn)
    newer += [invitation.asked_at] if invitation else []
    return any(moment > mine for moment in newer)


def _answer_offer(desk: Desk, meant: Sequence[Open], digit: str) -> None:
    if digit == "2" and _asked_who(desk, meant):
        return
    for place in _each(desk, meant):
        outcome = answer_offer(desk, place, takes=digit == "1")
        desk.reply(SAID_OF_OFFER[outcome.how], outcome.values)


def _answer_reminder(desk: Desk, meant: Sequence[Open], digit: str) -> None:
    """Take it of everybody of the phone who was reminded: one message named them all."""
    session, training_id = desk.unit.session, meant[0].training.id
    reminded = [one.enrolment for one in open_for(desk) if one.asks is Asks.REMINDER]
    doing, key = (confirm, "sms.class_coming") if digit == "1" else (leave, "sms.class_left")
    people: list[Enrolment] = []
    said: dict[str, str] = {}
    for one in sorted(reminded, key=own_first):
        if one.training_id == training_id and (done := doing(desk, one)):
            people.append(one)
            said = dict(done)
    if people:
        said |= named(who_is(session, people[0]), people)
    desk.reply(key if people else "sms.class_gone", said)


def _asked_who(desk: Desk, meant: Sequence[Open]) -> bool:
    """Ask who of several people does not come; say whether there are several."""
    live = sorted((o.enrolment for o in meant if o.enrolment.state in LIVE_SEATS), key=_by_id)
    if len(live) > 1:
        ask_which(desk, live)
    return len(live) > 1


def _each(desk: Desk, meant: Sequence[Open]) -> Iterator[Enrolment]:
    """Yield the places of several people one by one, each to be answered in a text of its own."""
    cause = desk.cause
    for place in sorted((one.enrolment for one in meant), key=_by_id):
        desk.cause = f"{cause}:{place.id}" if len(meant) > 1 else cause
        yield place
    desk.cause = cause


def _by_id(place: Enrolment) -> int:
    return place.id


def _rate(desk: Desk, meant: Sequence[Open], digit: str) -> None:
    for one in meant:  # one message asked for all of them
        one.enrolment.rating = int(digit)
    desk.reply("sms.class_rated", {})


ANSWERS: Mapping[Asks, Callable[[Desk, Sequence[Open], str], None]] = {
    Asks.OFFER: _answer_offer,
    Asks.REMINDER: _answer_reminder,
    Asks.RATING: _rate,
}
DIGITS: Mapping[Asks, frozenset[str]] = {
    Asks.OFFER: frozenset("12"),
    Asks.REMINDER: frozenset("12"),
    Asks.RATING: frozenset("12345"),
}
SAID_OF_OFFER: Mapping[Answered, str] = {
    Answered.SEATED: "sms.class_seated",
    Answered.LATE: "sms.class_too_late",
    Answered.DECLINED: "sms.class_declined",
    Answered.GONE: "sms.class_gone",
}
