"""What every capability is given: the open transaction, the words, and who is speaking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from service.dialogue.guides import Guides
from service.dialogue.keywords import Keywords
from service.dialogue.ladder import NO_LADDERS, Ladders
from service.dialogue.texts import DEFAULT_LANGUAGE, Texts
from service.outbox.alarms import raise_alarm
from service.outbox.budget import MENU, Allowance, Budget
from service.outbox.put import Message, put
from service.records.counters import add
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.unit import Unit
from service.text.mask import mask_msisdn
from service.text.phones import Msisdn, country_of

from .suppressions import digest

NO_GUIDES = Guides()
NO_TOPICS = Keywords({})
STALE_AFTER = timedelta(days=90)
"""Silence after which a number may have been given to somebody else (requirement 23)."""
WITHHELD_BEFORE_ALARM = 20
"""Answers withheld in a minute, of whichever numbers, that tell an operator."""

HAS_TO_DO_WITH_US = text("""
    SELECT EXISTS (SELECT FROM people WHERE phone_id = :phone_id)
        OR EXISTS (SELECT FROM help_requests WHERE phone_id = :phone_id)
        OR EXISTS (SELECT FROM trainings WHERE teacher_phone_id = :phone_id AND retired_at IS NULL)
        OR EXISTS (SELECT FROM enrolments WHERE phone_id = :phone_id)
""")
HEARD_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'reply'
      AND created_at > clock_timestamp() - interval '24 hours'
""")

LOCK = text("SELECT id FROM phones WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
LOCK_TO_RENUMBER = text("SELECT id FROM phones WHERE id = :id FOR UPDATE")

log = structlog.get_logger("village.desk")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts, and the values that are the same in all of them."""

    texts: Texts
    sms_code: str
    ussd_code: str
    countries: frozenset[str]
    guides: Guides = NO_GUIDES
    ladders: Ladders = NO_LADDERS
    topics: Keywords = NO_TOPICS
    """What help, or a class, can be about, by the words people use for it."""
    key: str = ""
    """Key of the digests that stand for numbers of which nothing else is kept."""

    def say(
        self, key: str, language: str, values: Mapping[str, str], *, marks: bool = False
    ) -> str:
        """Return a text with its gaps filled, our own codes among them."""
        return self.texts.say(key, language, {**self.fixed, **values}, marks=marks)

    @property
    def fixed(self) -> dict[str, str]:
        """The values of our codes; the short code spelt out, since many senders refuse # in SMS."""
        spelt = self.ussd_code.replace("*", " sao ").replace("#", " thang")
        return {"sms_code": self.sms_code, "ussd": " ".join(spelt.split())}


@dataclass(slots=True)
class Desk:
    """One person's doing, in one transaction."""

    unit: Unit
    words: Words
    msisdn: Msisdn
    channel: str
    cause: str
    """Names this doing ("ussd:africastalking:ATUid_1:3"), so that repeating it adds nothing."""
    language: str = DEFAULT_LANGUAGE
    operator: str = ""
    """Who acts from the command line, as the audit names them; empty for whoever has the phone."""
    is_at_work: bool = field(default=False, init=False)
    """Whether a member of a team is texting, who gets more answers than others."""
    replied: bool = field(default=False, init=False)
    """Whether the speaker has been answered in writing."""
    reply_id: int | None = field(default=None, init=False)
    """The message the speaker was answered by last."""
    _phone: Phone | None = field(default=None, init=False)

    def phone(self) -> Phone:
        """Return the speaker's phone, making a bare row for a number never heard of."""
        if self._phone is None:
            self._phone = phone_of(self.unit, self.msisdn)
        return self._phone

    @property
    def digest(self) -> str:
        """What stands for the speaker's number where the number itself is not kept."""
        return digest(self.words.key, self.msisdn)

    def forget_phone(self) -> None:
        """Speak from here on with a number never heard of: it has just been erased."""
        self._phone = None

    def known_phone(self) -> Phone | None:
        """Return the speaker's phone if there is one, without making any."""
        if self._phone is None:
            found = select(Phone).where(Phone.msisdn == self.msisdn)
            self._phone = self.unit.session.scalars(found).one_or_none()
        return self._phone

    def speaker(self) -> Person | None:
        """Return the person we take to be speaking, None for a stranger.

        A number silent for long may be somebody else's by now; until its owner says otherwise
        nobody we know speaks from it.
        """
        phone = self.known_phone()
        if phone is None or phone.holder_id is None or self.is_stale():
            return None
        return self.unit.session.get(Person, phone.holder_id)

    def is_stale(self) -> bool:
        """Say whether the number may be somebody else's: silent for long, or doubted."""
        phone = self.known_phone()
        if phone is not None and phone.doubted_at is not None:
            return True
        if phone is None or phone.last_heard_at is None:
            return False
        now = now_by(self.unit.session)
        return phone.last_heard_at < now - STALE_AFTER

    def reply(
        self,
        key: str,
        values: Mapping[str, str],
        *,
        is_error: bool = False,
        is_urgent: bool = False,
    ) -> bool:
        """Answer the speaker by SMS, within what one number may get; say whether it was sent."""
        speaker = self.speaker()
        marks = speaker is not None and speaker.wants_marks
        body = self.words.say(key, self.language, values, marks=marks)
        return self.reply_with(key, body, is_error=is_error, is_urgent=is_urgent)

    def reply_with(
        self, key: str, body: str, *, is_error: bool = False, is_urgent: bool = False
    ) -> bool:
        """Answer as reply() does, with words of no text of the catalogue; `key` names them."""
        known = self.known_phone()
        budget = Budget(
            self._allowance(key, known),
            is_error=is_error,
            in_a_call=self.channel == "ussd",
            is_urgent=is_urgent,
        )
        if not self._may_be_sent_to(self.msisdn):
            return False
        connection = self.unit.session.connection()
        if not budget.allows(connection, self.msisdn, body):
            log.warning("reply_withheld", sentence=key, msisdn=mask_msisdn(self.msisdn))
            if add(connection, "replies_withheld", 1) > WITHHELD_BEFORE_ALARM:
                raise_alarm(connection, "flood", "many texts a minute are not answered")
            return False
        phone_id = known.id if known else None
        self.reply_id = self._put(MessageClass.REPLY, self.msisdn, key, body, phone_id=phone_id)
        self.replied = True
        return True

    def tell(
        self,
        phone: Phone,
        key: str,
        values: Mapping[str, str],
        *,
        message_class: MessageClass,
        request_id: int | None = None,
        due_at: datetime | None = None,
        valid_until: datetime | None = None,
    ) -> bool:
        """Write to somebody because of what the speaker did, not before `due_at`.

        After `valid_until` it does not leave any more: it would not be true.

        Say whether it was written: not to numbers abroad, nor to one that heard enough today.
        """
        if not self._may_be_sent_to(Msisdn(phone.msisdn)):
            return False
        if message_class is MessageClass.REPLY and self._heard_enough(phone):
            connection = self.unit.session.connection()
            raise_alarm(connection, "heard_too_much", "numbers whose requests change all the time")
            return False
        holder = self.unit.session.get(Person, phone.holder_id) if phone.holder_id else None
        marks = holder is not None and holder.wants_marks
        body = self.words.say(key, self.language_of(phone), values, marks=marks)
        to = Msisdn(phone.msisdn)
        about: dict[str, Any] = {"phone_id": phone.id, "request_id": request_id}
        about |= {"due_at": due_at, "valid_until": valid_until}
        self._put(message_class, to, key, body, **about)
        return True

    def language_of(self, phone: Phone) -> str:
        """Return the language its holder chose, else Vietnamese."""
        if phone.holder_id is None:
            return self.language if phone.msisdn == self.msisdn else DEFAULT_LANGUAGE
        holder = self.unit.session.get(Person, phone.holder_id)
        return (holder.language if holder else None) or DEFAULT_LANGUAGE

    def _put(
        self,
        message_class: MessageClass,
        to: Msisdn,
        key: str,
        body: str,
        *,
        phone_id: int | None,
        request_id: int | None = None,
        due_at: datetime | None = None,
        valid_until: datetime | None = None,
    ) -> int | None:
        about = f":{request_id}" if request_id else ""  # one doing may end several requests
        message = Message(
            idem_key=f"{self.cause}:{key}{about}:{to}",
            message_class=message_class,
            to=to,
            body=body,
            phone_id=phone_id,
            request_id=request_id,
            due_at=due_at,
            valid_until=valid_until,
            recipient_digest=digest(self.words.key, to),
        )
        return put(self.unit, message)

    def _allowance(self, key: str, phone: Phone | None) -> Allowance:
        if not self._is_known(phone):
            return Allowance.STRANGER
        if key.startswith(MENU):
            return Allowance.PAGE
        return Allowance.MEMBER if self.is_at_work else Allowance.KNOWN

    def _is_known(self, phone: Phone | None) -> bool:
        """Say whether a phone is somebody's we know of, or has a request or a class with us."""
        if phone is None:
            return False
        return phone.holder_id is not None or bool(
            self.unit.session.execute(HAS_TO_DO_WITH_US, {"phone_id": phone.id}).scalar_one()
        )

    def _heard_enough(self, phone: Phone) -> bool:
        heard = self.unit.session.execute(HEARD_TODAY, {"msisdn": phone.msisdn})
        return bool(heard.scalar_one() >= Allowance.KNOWN.in_a_day)

    def _may_be_sent_to(self, msisdn: Msisdn) -> bool:
        return country_of(msisdn) in self.words.countries


Doing = Callable[[Desk, str], None]
"""What a text sets in motion: given who is texting, and the words behind the keyword."""


def phone_of(unit: Unit, msisdn: Msisdn) -> Phone:
    """Return the phone with this number, making it if need be; two at once make one."""
    unit.session.execute(insert(Phone).values(msisdn=msisdn).on_conflict_do_nothing())
    return unit.session.scalars(select(Phone).where(Phone.msisdn == msisdn)).one()


def lock_phones(unit: Unit, phone_ids: set[int], *, renumbered: int | None = None) -> None:
    """Lock phones in one order, so that two doings that touch the same people never deadlock.

    `renumbered` is one that is going to have another number, which takes a stronger lock: to ask
    for it later would be to wait behind those who wait for us.
    """
    ids = sorted(phone_ids | ({renumbered} if renumbered else set()))
    at = ids.index(renumbered) if renumbered else len(ids)
    unit.session.execute(LOCK, {"ids": ids[:at]})
    if renumbered:
        unit.session.execute(LOCK_TO_RENUMBER, {"id": renumbered})
        unit.session.execute(LOCK, {"ids": ids[at + 1 :]})
