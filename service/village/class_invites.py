"""Invites the people of places to a class, by notice: by day, and never who refused news.

Each phone is invited to a class once, however often and from wherever that is asked for. It is done
by hundreds, each in a transaction of its own: a kill leaves some unwritten to, whom the next
invitation finds, and nobody who registers meanwhile waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.dialogue.texts import DEFAULT_LANGUAGE
from service.outbox.classes import RULES
from service.outbox.put import Message, put_all
from service.records.areas import Area
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.trainings import Audience, Training, TrainingArea
from service.records.unit import Unit, Units
from service.text.phones import Msisdn

from .areas import area_by_id, commune_of
from .class_audit import note_done
from .desk import Words
from .suppressions import digest
from .trainings import course_of, is_open, values_of

INVITE = "sms.class_invite"
AT_ONCE = 500
LAST_INVITED = timedelta(hours=1)
"""Before the class begins: later an invitation only annoys."""

# A person is of a place by where they live; a member of a team by where the team helps, too.
PEOPLE = text("""
    WITH RECURSIVE wanted AS (
        SELECT id FROM areas WHERE id = ANY(:areas)
        UNION
        SELECT a.id FROM areas a JOIN wanted w ON a.parent_id = w.id WHERE a.active
    ), them AS (
        SELECT h.id, h.area_id, h.phone_id FROM people h
        WHERE NOT :members AND h.area_id IN (SELECT id FROM wanted)
        UNION
        SELECT h.id, coalesce(h.area_id, s.area_id), h.phone_id
        FROM memberships m JOIN people h ON h.id = m.person_id
        JOIN teams t ON t.id = m.team_id AND t.active
        LEFT JOIN team_areas s ON s.team_id = t.id
        WHERE m.until IS NULL
          AND (h.area_id IN (SELECT id FROM wanted) OR s.area_id IN (SELECT id FROM wanted))
          AND :members
    )
    SELECT them.id, them.area_id, f.id AS phone_id, f.msisdn, o.language,
           coalesce(o.wants_marks, false) AS wants_marks,
           f.doubted_at IS NOT NULL AS is_doubted,
           coalesce((SELECT c.given FROM consents c
                     WHERE c.phone_id = f.id AND c.kind = 'storage'
                     ORDER BY c.id DESC LIMIT 1), false) AS agreed,
           EXISTS (SELECT FROM enrolments e
                   WHERE e.training_id = :training_id AND e.phone_id = f.id) AS has_registered,
           EXISTS (SELECT FROM messages_out m
                   WHERE m.idem_key = 'class:' || :training_id || ':invited:' || f.id)
               AS was_invited
    FROM them LEFT JOIN phones f ON f.id = them.phone_id
    LEFT JOIN people o ON o.id = f.holder_id
    ORDER BY f.id, them.id
""")
NAMED = text("SELECT area_id FROM training_areas WHERE training_id = :id ORDER BY area_id")
DONE = text("""
    UPDATE training_areas SET invited_at = clock_timestamp()
    WHERE training_id = :id AND area_id = ANY(:areas)
""")
REFUSED = text("SELECT digest FROM suppressions WHERE kind = 'news' AND digest = ANY(:digests)")
# Held by a worker or not: without its token whoever holds one cannot begin it any more.
WITHDRAW = text("""
    WITH unsent AS (
        SELECT id FROM messages_out
        WHERE class = 'notice' AND lane = :lane AND starts_with(idem_key, :begins)
          AND state = ANY(ARRAY['held', 'queued', 'leased'])
        ORDER BY id FOR UPDATE)
    UPDATE messages_out AS m
    SET state = 'cancelled', code = 'gone', token = NULL, lease_until = NULL,
        changed_at = clock_timestamp()
    FROM unsent
    WHERE m.id = unsent.id AND m.state = ANY(ARRAY['held', 'queued', 'leased'])
    RETURNING m.phone_id
""")
WHOSE = text("""
    SELECT f.id AS phone_id, f.msisdn, o.language, coalesce(o.wants_marks, false) AS wants_marks
    FROM phones f LEFT JOIN people o ON o.id = f.holder_id WHERE f.id = ANY(:ids) ORDER BY f.id
""")


@dataclass(slots=True)
class Invitees:
    """Whom a class invites, a phone once, and how many are left out, and why."""

    phones: list[Any] = field(default_factory=list)
    places: set[int] = field(default_factory=set)
    people: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    def said(self) -> str:
        """Return it in a sentence."""
        why = [f"{n} {reason}" for reason, n in self.left_out.items() if n]
        without = f" Left out: {', '.join(why)}." if why else ""
        return (
            f"{len(self.phones)} messages to {self.people} people in {len(self.places)} places."
            f"{without}"
        )


def places_of(session: Session, training: Training) -> list[int]:
    """Return the ids of the places a class invites: those named, else the commune it is held in."""
    named = session.scalars(NAMED, {"id": training.id}).all()
    return list(named) or [commune_of(session, area_by_id(session, training.area_id)).id]


def invitees(
    session: Session, words: Words, training: Training, more: Sequence[Area] = ()
) -> Invitees:
    """Return whom a class would invite now; `more` are places it has not invited so far."""
    areas = [*places_of(session, training), *(area.id for area in more)]
    about = {
        "areas": areas,
        "members": course_of(session, training).audience == Audience.MEMBERS,
        "training_id": training.id,
    }
    rows = session.execute(PEOPLE, about).all()
    digests = {row.phone_id: digest(words.key, row.msisdn) for row in rows if row.phone_id}
    refused = set(session.scalars(REFUSED, {"digests": list(digests.values())}))
    found, seen, people = Invitees(), set[int](), set[int]()
    for row in rows:
        reason = _why_not(row, digests.get(row.phone_id) in refused)
        if row.id in people:
            continue
        people.add(row.id)
        if reason:
            found.left_out[reason] = found.left_out.get(reason, 0) + 1
            continue
        found.people += 1
        found.places.add(row.area_id)
        if row.phone_id not in seen:
            seen.add(row.phone_id)
            found.phones.append(row)
    return found


def _why_not(row: Any, is_refused: bool) -> str:
    """Return why somebody is not invited, "" when they are; the first reason counts."""
    reasons = {
        "without a phone": row.phone_id is None,
        "who never agreed to be remembered": not row.agreed,
        "who refused news": is_refused,
        "whose number may be somebody else's": row.is_doubted,
        "who registered already": row.has_registered,
        "who were invited already": row.was_invited,
    }
    return next((reason for reason, is_so in reasons.items() if is_so), "")


def invite(units: Units, words: Words, training_id: int, by: str, more: Sequence[Area] = ()) -> int:
    """Invite everybody of the places of a class who may be written to; return how many phones.

    Ends early when the class is cancelled meanwhile.
    """
    with units.open() as unit:
        training = unit.session.get_one(Training, training_id)
        areas = [*places_of(unit.session, training), *(area.id for area in more)]
        named = [{"training_id": training_id, "area_id": area_id} for area_id in areas]
        unit.session.execute(insert(TrainingArea).on_conflict_do_nothing(), named)
        whom = invitees(unit.session, words, training)
    written = 0
    for begin in range(0, len(whom.phones), AT_ONCE):
        some = whom.phones[begin : begin + AT_ONCE]
        with units.open() as unit:
            training = unit.session.get_one(Training, training_id)
            if not is_open(unit.session, training):
                return written
            put_all(unit, list(_messages(unit.session, words, training, some)))
            written += len(some)
    with units.open() as unit:
        training = unit.session.get_one(Training, training_id)
        unit.session.execute(DONE, {"id": training_id, "areas": areas})
        note_done(unit.session, training, by, "class_invited", phones=written)
    return written


def withdraw(session: Session, training: Training) -> list[int]:
    """Take back the invitations that have not left yet; return whose phones they were for."""
    about = {
        "lane": RULES[MessageClass.NOTICE].lane,
        "begins": f"class:{training.id}:invited:",
    }
    return list(session.scalars(WITHDRAW, about))


def renew(unit: Unit, words: Words, training: Training) -> None:
    """Write the invitations that have not left yet again, with what is true now."""
    phones = withdraw(unit.session, training)
    rows = unit.session.execute(WHOSE, {"ids": phones}).all()
    tail = f":{training.changes}"
    put_all(unit, list(_messages(unit.session, words, training, rows, tail)))


def _messages(
    session: Session, words: Words, training: Training, rows: Sequence[Any], tail: str = ""
) -> Iterator[Message]:
    """Yield the invitations of phones; each wording is made once."""
    said: dict[tuple[str, bool], str] = {}
    until = _good_until(now_by(session), training)
    for row in rows:
        language = row.language or DEFAULT_LANGUAGE
        how = (language, row.wants_marks)
        if how not in said:
            values = values_of(session, training, language)
            said[how] = words.say(INVITE, language, values, marks=row.wants_marks)
        yield Message(
            idem_key=f"class:{training.id}:invited:{row.phone_id}{tail}",
            message_class=MessageClass.NOTICE,
            to=Msisdn(row.msisdn),
            body=said[how],
            phone_id=row.phone_id,
            valid_until=until,
            recipient_digest=digest(words.key, row.msisdn),
        )


def _good_until(now: datetime, training: Training) -> datetime:
    """Return until when an invitation is worth sending: never when the class has begun."""
    latest = now + RULES[MessageClass.NOTICE].valid_for
    return min(latest, max(training.starts_at - LAST_INVITED, now))
