"""What every capability is given: the open transaction, the words, and who is speaking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from service.dialogue.texts import DEFAULT_LANGUAGE, Texts
from service.outbox.alarms import raise_alarm
from service.outbox.budget import IN_A_DAY, Budget
from service.outbox.put import Message, put
from service.records.counters import add
from service.records.messages import MessageClass
from service.records.people import Person, Phone
from service.records.unit import Unit
from service.text.mask import mask_msisdn
from service.text.phones import Msisdn, country_of

WITHHELD_BEFORE_ALARM = 20
"""Answers withheld in a minute, of whichever numbers, that tell an operator."""

HAS_TO_DO_WITH_US = text("""
    SELECT EXISTS (SELECT FROM people WHERE phone_id = :phone_id)
        OR EXISTS (SELECT FROM help_requests WHERE phone_id = :phone_id)
""")
HEARD_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'reply'
      AND created_at > clock_timestamp() - interval '24 hours'
""")

log = structlog.get_logger("village.desk")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts, and the values that are the same in all of them."""

    texts: Texts
    sms_code: str
    ussd_code: str
    countries: frozenset[str]

    def say(self, key: str, language: str, values: Mapping[str, str]) -> str:
        """Return a text with its gaps filled, our own codes among them."""
        return self.texts.say(key, language, {**self.fixed, **values})

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
    _phone: Phone | None = field(default=None, init=False)

    def phone(self) -> Phone:
        """Return the speaker's phone, making a bare row for a number never heard of."""
        if self._phone is None:
            self._phone = phone_of(self.unit, self.msisdn)
        return self._phone

    def known_phone(self) -> Phone | None:
        """Return the speaker's phone if there is one, without making any."""
        if self._phone is None:
            found = select(Phone).where(Phone.msisdn == self.msisdn)
            self._phone = self.unit.session.scalars(found).one_or_none()
        return self._phone

    def speaker(self) -> Person | None:
        """Return the person we take to be speaking, None for a stranger."""
        phone = self.known_phone()
        if phone is None or phone.holder_id is None:
            return None
        return self.unit.session.get(Person, phone.holder_id)

    def reply(self, key: str, values: Mapping[str, str], *, is_error: bool = False) -> bool:
        """Answer the speaker by SMS, within what one number may get; say whether it was sent."""
        known = self.known_phone()
        body = self.words.say(key, self.language, values)
        budget = Budget(known=self._is_known(known), is_error=is_error)
        if not self._may_be_sent_to(self.msisdn):
            return False
        connection = self.unit.session.connection()
        if not budget.allows(connection, self.msisdn, body):
            log.warning("reply_withheld", sentence=key, msisdn=mask_msisdn(self.msisdn))
            if add(connection, "replies_withheld", 1) > WITHHELD_BEFORE_ALARM:
                raise_alarm(connection, "flood", "many texts a minute are not answered")
            return False
        self._put(MessageClass.REPLY, self.msisdn, key, body, phone_id=known.id if known else None)
        return True

    def tell(
        self,
        phone: Phone,
        key: str,
        values: Mapping[str, str],
        *,
        message_class: MessageClass,
        request_id: int | None = None,
    ) -> None:
        """Write to somebody because of what the speaker did."""
        if not self._may_be_sent_to(Msisdn(phone.msisdn)):
            return
        if message_class is MessageClass.REPLY and self._heard_enough(phone):
            connection = self.unit.session.connection()
            raise_alarm(connection, "heard_too_much", "numbers whose requests change all the time")
            return
        body = self.words.say(key, self.language_of(phone), values)
        to = Msisdn(phone.msisdn)
        self._put(message_class, to, key, body, phone_id=phone.id, request_id=request_id)

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
    ) -> None:
        message = Message(
            idem_key=f"{self.cause}:{key}:{to}",
            message_class=message_class,
            to=to,
            body=body,
            phone_id=phone_id,
            request_id=request_id,
        )
        put(self.unit, message)

    def _is_known(self, phone: Phone | None) -> bool:
        """Say whether a phone is somebody's we know of, or has a request with us."""
        if phone is None:
            return False
        return phone.holder_id is not None or bool(
            self.unit.session.execute(HAS_TO_DO_WITH_US, {"phone_id": phone.id}).scalar_one()
        )

    def _heard_enough(self, phone: Phone) -> bool:
        heard = self.unit.session.execute(HEARD_TODAY, {"msisdn": phone.msisdn})
        return bool(heard.scalar_one() >= IN_A_DAY)

    def _may_be_sent_to(self, msisdn: Msisdn) -> bool:
        return country_of(msisdn) in self.words.countries


def phone_of(unit: Unit, msisdn: Msisdn) -> Phone:
    """Return the phone with this number, making it if need be; two at once make one."""
    unit.session.execute(insert(Phone).values(msisdn=msisdn).on_conflict_do_nothing())
    return unit.session.scalars(select(Phone).where(Phone.msisdn == msisdn)).one()


def lock_phones(unit: Unit, phone_ids: set[int]) -> None:
    """Lock phones in one order, so that two doings that touch the same people never deadlock."""
    unit.session.execute(
        text("SELECT id FROM phones WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"),
        {"ids": sorted(phone_ids)},
    )
