"""What a number agrees to receive and to be remembered for, asked and answered by text."""

from __future__ import annotations

from sqlalchemy import text

from service.records.areas import Area
from service.records.moments import now_by
from service.records.people import Consent, ConsentKind, SuppressionKind
from service.text.local_time import in_vietnam

from . import asking, people
from .areas import find_area, handle
from .desk import Desk
from .suppressions import suppress, unsuppress

# Held by a worker or not: without its token whoever holds one cannot begin it any more.
CANCEL_NEWS = text("""
    UPDATE messages_out
    SET state = 'cancelled', code = 'opted_out', token = NULL, lease_until = NULL,
        changed_at = clock_timestamp()
    WHERE msisdn = :msisdn AND class IN ('notice', 'promo')
      AND state = ANY(ARRAY['held', 'queued', 'leased'])
""")

# One that has begun is with the carrier within 15 seconds (service.outbox.claim.NEEDED) or never.
AFTER_WHAT_IS_LEAVING = text("""
    UPDATE messages_out SET due_at = clock_timestamp() + interval '15 seconds'
    WHERE id = :id AND state = 'queued'
      AND EXISTS (SELECT FROM messages_out
                  WHERE msisdn = :msisdn AND class IN ('notice', 'promo') AND state = 'sending')
""")


def ask_for_consent(desk: Desk, area: Area) -> None:
    """Ask somebody who has just been helped whether they want to be remembered."""
    answers = {"1": (asking.CONSENT, handle(area)), "2": ("not_agreed", "")}
    asking.ask(desk, "sms.consent", {}, answers)


def ask_to_remember(desk: Desk) -> None:
    """Ask somebody the same whose hamlet they have not named: where a class is tells nothing."""
    answers = {"1": (asking.CONSENT, ""), "2": ("not_agreed", "")}
    asking.ask(desk, "sms.consent_number", {}, answers)


def agree_by_text(desk: Desk, rest: str) -> None:
    """Remember a number that answered yes, with the hamlet it named, if it named one."""
    area = find_area(desk.unit.session, rest) if rest else None
    people.agree(desk, wording="sms.consent" if rest else "sms.consent_number")
    if area is not None:
        people.keep_area(desk, area)
    desk.reply("sms.agreed" if rest else "sms.agreed_number", {})


def opt_out(desk: Desk, _rest: str = "") -> None:
    """Stop all messages but those of emergencies and of what the number asks for itself.

    What waits is cancelled at once, and it is confirmed once, with the time (Decree 91/2020), after
    whatever is leaving this very moment. Sending the word again changes and sends nothing.
    """
    session = desk.unit.session
    if not suppress(session, desk.digest, SuppressionKind.NEWS):
        return
    session.execute(CANCEL_NEWS, {"msisdn": desk.msisdn})
    _note(desk, given=False)
    at = in_vietnam(now_by(session)).strftime("%H:%M %d/%m/%Y")
    if desk.reply("sms.opted_out", {"moment": at}):
        leaving = {"id": desk.reply_id, "msisdn": desk.msisdn}
        session.execute(AFTER_WHAT_IS_LEAVING, leaving)


def opt_in(desk: Desk, _rest: str = "") -> None:
    """Send the hamlet's news again."""
    unsuppress(desk.unit.session, desk.digest, SuppressionKind.NEWS)
    _note(desk, given=True)
    desk.reply("sms.opted_in", {})


def _note(desk: Desk, *, given: bool) -> None:
    phone = desk.known_phone()
    if phone is not None:
        desk.unit.session.add(
            Consent(
                phone_id=phone.id,
                kind=ConsentKind.NEWS,
                given=given,
                wording="keyword",
                channel=desk.channel,
            )
        )
