"""What the clock tells members: a day of duty, an offer nobody took, a number about to lapse."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from service.dialogue.texts import DEFAULT_LANGUAGE
from service.records.people import Person, Phone
from service.records.unit import Unit, Units
from service.text.days import said_day
from service.text.phones import Msisdn

from . import asking
from .absences import is_away_on
from .desk import Desk, Words
from .duties import EVE, today_of
from .ledger import called
from .rota_telling import tell_awake

STILL_HERE = "still_here"
"""The intent of the answer that a number is still its member's."""
STILL_YOURS = "sms.rota_still_yours"
ANSWERED_WITHIN = timedelta(days=3)

# From 19:00 of the evening before until the day is a few hours old: a service that stood still that
# evening reminds in the morning.
DUE = text("""
    SELECT d.team_id, d.day, d.person_id FROM duties d
    JOIN memberships m ON m.team_id = d.team_id AND m.person_id = d.person_id AND m.until IS NULL
    JOIN people h ON h.id = d.person_id AND h.phone_id IS NOT NULL
    WHERE d.reminded_at IS NULL
      AND d.day BETWEEN (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
                    AND (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh' + :eve)::date
      AND d.day + interval '9 hours' > clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh'
    ORDER BY d.day, d.team_id LIMIT 500
    FOR UPDATE OF d SKIP LOCKED
""")
REMINDED = text("""
    UPDATE duties SET reminded_at = clock_timestamp() WHERE team_id = :team_id AND day = :day
""")
# Eighty days of silence; at ninety the number's rights lapse (requirement 23). A silence is asked
# about once: its message is named after the moment it began.
SILENT = text("""
    SELECT DISTINCT h.id AS person_id, f.id AS phone_id,
           extract(epoch FROM f.last_heard_at)::bigint AS since
    FROM memberships m JOIN people h ON h.id = m.person_id JOIN phones f ON f.id = h.phone_id
    WHERE m.until IS NULL AND f.doubted_at IS NULL
      AND f.last_heard_at < (SELECT clock_timestamp()) - interval '80 days'
      AND f.last_heard_at > (SELECT clock_timestamp()) - interval '90 days'
      AND NOT EXISTS (SELECT FROM messages_out o
                      WHERE o.idem_key = concat('silent:', f.id, ':',
                                                extract(epoch FROM f.last_heard_at)::bigint, ':',
                                                CAST(:key AS text), ':', f.msisdn))
    ORDER BY h.id LIMIT 200
""")
LAPSED = text("""
    UPDATE duty_swaps SET ended_at = clock_timestamp()
    WHERE id IN (SELECT id FROM duty_swaps
                 WHERE ended_at IS NULL AND expires_at <= clock_timestamp()
                 ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED)
    RETURNING id, day, giver_id
""")


def remind_duties(units: Units, words: Words) -> int:
    """Remind, the evening before, everybody who is on duty and not away; return how many.

    A day is marked in the transaction that writes, so that two clocks remind once, and a clock set
    back does not remind again.
    """
    reminded = 0
    with units.open() as unit:
        session = unit.session
        for row in session.execute(DUE, {"eve": EVE}).all():
            person = session.get_one(Person, row.person_id)
            phone = session.get(Phone, person.phone_id)
            if phone is None or is_away_on(session, person, row.day):
                continue
            desk = _desk(unit, words, phone, f"duty:{row.team_id}:{row.day}:{person.id}")
            said = {"day": said_day(row.day, today_of(session))}
            tell_awake(desk, phone, person, "sms.rota_eve", said)
            session.execute(REMINDED, {"team_id": row.team_id, "day": row.day})
            reminded += 1
    return reminded


def lapse_swaps(units: Units, words: Words) -> int:
    """End the offers whose time is over and tell who made them; return how many."""
    with units.open() as unit:
        session = unit.session
        lapsed = session.execute(LAPSED).all()
        for row in lapsed:
            giver = session.get_one(Person, row.giver_id)
            phone = session.get(Phone, giver.phone_id) if giver.phone_id else None
            if phone is None:
                continue
            desk = _desk(unit, words, phone, f"swap:{row.id}")
            said = {"day": said_day(row.day, today_of(session))}
            tell_awake(desk, phone, giver, "sms.rota_swap_lapsed", said)
    return len(lapsed)


def ask_silent(units: Units, words: Words) -> int:
    """Ask every member silent for eighty days, once, whether the number is theirs; return how many.

    Whatever they text or dial confirms it; the answer is only the least of it.
    """
    asked = 0
    with units.open() as unit:
        session = unit.session
        for row in session.execute(SILENT, {"key": STILL_YOURS}).all():
            person = session.get_one(Person, row.person_id)
            phone = session.get_one(Phone, row.phone_id)
            desk = _desk(unit, words, phone, f"silent:{phone.id}:{row.since}")
            tell_awake(desk, phone, person, STILL_YOURS, {"leader": called(person)})
            asking.await_answer(desk, {"1": (STILL_HERE, "")}, lasts=ANSWERED_WITHIN)
            asked += 1
    return asked


def _desk(unit: Unit, words: Words, phone: Phone, cause: str) -> Desk:
    return Desk(unit, words, Msisdn(phone.msisdn), "clock", cause, DEFAULT_LANGUAGE)
