"""An SMS that came in: stored once, acted on and answered, all in one transaction."""

from __future__ import annotations

import hashlib
import re
from typing import cast

from sqlalchemy import text

from service.carriers.base import Inbound
from service.outbox.budget import lock_number
from service.records.unit import Unit, Units
from service.text.fold import clean_input, fold
from service.text.mask import hide_code, scrub
from service.text.phones import InvalidNumber, Msisdn, from_carrier
from service.village.desk import Desk, Words
from service.village.inbox import Inbox
from service.village.people import heard_from

from .clash import clashed
from .echo import OurWords

MOST_CHARACTERS = 1600
LONGEST_ID = 200

STORE = text("""
    INSERT INTO messages_in (carrier, dedupe_key, sender, phone_id, recipient, body, sent_at)
    VALUES (:carrier, :dedupe_key, :sender,
            (SELECT id FROM phones WHERE msisdn = :sender), :recipient, :body, :sent_at)
    ON CONFLICT (carrier, dedupe_key) DO NOTHING
    RETURNING id
""")

SAME_LATELY = text("""
    SELECT EXISTS (SELECT FROM messages_in
                   WHERE carrier = :carrier AND dedupe_key LIKE :digest || ':%'
                     AND received_at > clock_timestamp() - interval '5 seconds')
""")


SAID_LATELY = text("""
    SELECT EXISTS (SELECT FROM messages_out
                   WHERE msisdn = :sender AND body = :body
                     AND created_at > clock_timestamp() - interval '24 hours')
""")

ADDRESS = re.compile(r"\s+(?P<verb>\S{3,8})\s+(?P<to>\d{3,10})\W*$")
"""The end of "GIUP VNEID gui 8499"."""


class Texting:
    """Takes in SMS. What is answered with 200 has been committed; a repetition changes nothing."""

    def __init__(self, *, units: Units, words: Words, inbox: Inbox) -> None:
        self._units = units
        self._words = words
        self._inbox = inbox
        self._ours = OurWords(words.texts, inbox.walk.dialogue.menu)

    def take(self, carrier: str, inbound: Inbound) -> None:
        """Store and act on a text; the same one again, at once or hours later, does nothing."""
        try:
            self._take(carrier, inbound)
        except Exception as error:
            if not clashed(error):
                raise
            self._take(carrier, inbound)

    def _take(self, carrier: str, inbound: Inbound) -> None:
        sender = _sender(inbound.sender)
        with self._units.open() as unit:
            lock_number(unit.session.connection(), sender or inbound.sender[:100])
            # Cut last: what is left of a secret that is cut in two is none to scrub().
            scrubbed = scrub(clean_input(inbound.text, 2 * MOST_CHARACTERS))
            body = scrubbed.text[:MOST_CHARACTERS]
            stored = self._store(unit, carrier, inbound, sender, hide_code(body))
            if stored is None or sender is None or self._is_our_own(unit, sender, body):
                return
            desk = Desk(
                unit=unit,
                words=self._words,
                msisdn=sender,
                channel="sms",
                cause=f"sms:{stored}",
            )
            intent = self._inbox.handle(desk, _without_address(body, self._words.sms_code))
            unit.session.execute(
                text("UPDATE messages_in SET intent = :intent WHERE id = :id"),
                {"intent": intent, "id": stored},
            )
            if scrubbed.found:
                desk.reply("sms.secret", {})
            heard_from(desk)

    def _store(
        self, unit: Unit, carrier: str, inbound: Inbound, sender: Msisdn | None, body: str
    ) -> int | None:
        key = self._dedupe_key(unit, carrier, inbound)
        if key is None:
            return None
        stored = unit.session.execute(
            STORE,
            {
                "carrier": carrier,
                "dedupe_key": key,
                "sender": sender or clean_input(inbound.sender, 100),
                "recipient": inbound.recipient[:20],
                "body": body,
                "sent_at": inbound.sent_at,
            },
        ).scalar_one_or_none()
        return cast("int | None", stored)

    def _dedupe_key(self, unit: Unit, carrier: str, inbound: Inbound) -> str | None:
        """Return what makes this text the same as another; None when it came 5 s ago already.

        Without an id, and without a time, two equal texts within five seconds are one; a minute
        apart they are two honest ones.
        """
        if inbound.id:
            return _key(inbound.id)
        said = f"{inbound.sender}\0{inbound.recipient}\0{inbound.text}"
        digest = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()
        if inbound.sent_at is not None:
            return f"{digest}:{inbound.sent_at.isoformat()}"
        session = unit.session
        if session.execute(SAME_LATELY, {"carrier": carrier, "digest": digest}).scalar_one():
            return None
        now = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return f"{digest}:{now.isoformat()}"

    def _is_our_own(self, unit: Unit, sender: Msisdn, body: str) -> bool:
        """Say whether this is a text of ours coming back."""
        if self._ours.are_in(body):
            return True
        said = unit.session.execute(SAID_LATELY, {"sender": sender, "body": body})
        return bool(body and said.scalar_one())


def _key(given: str) -> str:
    """Return an id as it is kept: as it came if it can be stored so, else its digest."""
    if given == clean_input(given, LONGEST_ID):
        return given
    return hashlib.blake2b(given.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _without_address(body: str, sms_code: str) -> str:
    """Return a text without a last "gui 8499": people copy the whole of what they were told."""
    found = ADDRESS.search(body)
    if found is None or found["to"] != sms_code or fold(found["verb"]).text.lower() != "gui":
        return body
    return body[: found.start()]


def _sender(given: str) -> Msisdn | None:
    """Return the sender as a phone number; None for short codes and names, which are machines."""
    try:
        return from_carrier(given)
    except InvalidNumber:
        return None
