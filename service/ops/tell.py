"""The teller: each word about an alarm once by each way, tried again until it is through.

What has to be told is rows; whoever makes a pass writes those that are missing and takes those
that are due, one by one, so that many tellers do no harm. An SMS goes through the outbox in the
transaction that marks its row. A mail or a call to a webhook that was under way when its process
died goes again; it bears the same id then.
"""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, text

from service.outbox.put import Message, put
from service.records.messages import MessageClass
from service.records.unit import Units
from service.records.watching import Word

from .alarm_kinds import KINDS, UNHEARD_OF
from .alarm_ways import SMS, NotTold, Ways, tell_by
from .alarm_words import Told, sms

SURE_AFTER = timedelta(minutes=10)
"""How long an alarm must have been closed before anybody is told that it is over.

What comes back sooner is the same incident, opened again without a word: nobody is told of an end
that is none. The console shows the close at once.
"""
MOST_SMS_AN_HOUR = 20
"""Words by SMS; more would wake people for nothing new, and every one is in the console."""
KEPT_FOR_NEWS = 8
"""How many of these neither an end may take nor what was told within the hour, and nobody knows of:
whatever comes and goes must not keep what is new from being told."""
LONGEST_WAIT = 600
MOST_TRIES = 150
"""About a day."""
SMS_GOOD_FOR = timedelta(hours=1)
ROUND_SECONDS = 15.0
"""After which no further mail or call is begun: whoever tells also watches, and has to go on."""

OPENED = text("""
    INSERT INTO tellings (alarm_id, word, way)
    SELECT a.id, 'opened', w.way
    FROM alarms a
    LEFT JOIN unnest(CAST(:names AS text[]), CAST(:severities AS text[])) AS k (name, severity)
           ON k.name = a.name
    JOIN unnest(CAST(:levels AS text[]), CAST(:ways AS text[])) AS w (severity, way)
      ON w.severity = coalesce(a.severity, k.severity, :other)
    WHERE a.closed_at IS NULL AND a.acknowledged_at IS NULL
      AND a.last_at > clock_timestamp() - interval '1 day'
      AND NOT EXISTS (SELECT FROM tellings t
                      WHERE t.alarm_id = a.id AND t.word = 'opened' AND t.way = w.way)
    ON CONFLICT DO NOTHING
""")
RESOLVED = text("""
    INSERT INTO tellings (alarm_id, word, way)
    SELECT a.id, 'resolved', t.way
    FROM alarms a JOIN tellings t ON t.alarm_id = a.id AND t.word = 'opened'
    WHERE a.closed_at BETWEEN clock_timestamp() - interval '1 day'
                          AND clock_timestamp() - CAST(:sure_after AS interval)
      AND t.done_at IS NOT NULL AND t.code IS NULL AND NOT a.name = ANY(:silent)
      AND NOT EXISTS (SELECT FROM tellings r
                      WHERE r.alarm_id = a.id AND r.word = 'resolved' AND r.way = t.way)
    ON CONFLICT DO NOTHING
""")
# Whoever knows already is not told: neither of an alarm that somebody has acknowledged meanwhile,
# nor of an end that was none.
NEEDLESS = text("""
    UPDATE tellings AS t SET done_at = clock_timestamp(), code = 'needless'
    FROM alarms a
    WHERE a.id = t.alarm_id AND t.done_at IS NULL
      AND ((t.word = 'opened' AND a.acknowledged_at IS NOT NULL)
        OR (t.word = 'resolved' AND a.closed_at IS NULL))
""")
TAKE = text("""
    UPDATE tellings SET due_at = clock_timestamp() + interval '1 minute', tries = tries + 1
    WHERE id = (SELECT id FROM tellings
                WHERE done_at IS NULL AND due_at <= clock_timestamp() AND way = ANY(:ways)
                ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, alarm_id, word, way, tries
""")
ALARM = text("""
    SELECT id, name, about, detail, severity, opened_at, closed_at,
           clock_timestamp() AS now FROM alarms WHERE id = :id
""")
DONE = text("UPDATE tellings SET done_at = clock_timestamp(), code = :code WHERE id = :id")
AGAIN = text("""
    UPDATE tellings SET code = :code,
           due_at = clock_timestamp() + make_interval(secs => :wait),
           done_at = CASE WHEN tries >= :most THEN clock_timestamp() END
    WHERE id = :id AND done_at IS NULL
""")
SMS_LATELY = text("""
    SELECT count(*) AS words,
           count(*) FILTER (WHERE t.word = 'opened' AND a.name = :name AND a.about = :about
                                  AND a.acknowledged_at IS NULL) AS of_the_same
    FROM tellings t JOIN alarms a ON a.id = t.alarm_id
    WHERE t.way = 'sms' AND t.code IS NULL AND t.done_at > clock_timestamp() - interval '1 hour'
""")

log = structlog.get_logger("ops.tell")


def enlist(engine: Engine, ways: Ways) -> None:
    """Write down every word that has to be told and is not written down yet."""
    pairs = list(ways.pairs())
    if not pairs:
        return
    about = {
        "names": list(KINDS),
        "severities": [str(kind.severity) for kind in KINDS.values()],
        "levels": [severity for severity, _ in pairs],
        "ways": [way for _, way in pairs],
        "other": str(UNHEARD_OF.severity),
        "silent": [name for name, kind in KINDS.items() if not kind.tells_end],
        "sure_after": SURE_AFTER,
    }
    with engine.begin() as connection:
        connection.execute(NEEDLESS)
        connection.execute(OPENED, about)
        connection.execute(RESOLVED, about)


def tell_due(units: Units, ways: Ways) -> int:
    """Tell what is due, each word once; return how many words were tried.

    A way that fails is left alone for the rest of the round. Else one that answers nobody would
    keep every process that watches waiting for it, once for each word, and nobody would watch.
    """
    tried = 0
    if not ways.open:
        return tried
    while _tell_sms(units, ways):
        tried += 1
    others = [way for way in ways.open if way != SMS]
    until = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < until and (taken := _take(units.engine, others)) is not None:
        tried += 1
        telling, told = taken
        try:
            tell_by(ways, telling.way, told)
        except NotTold as why:
            others.remove(telling.way)
            _again(units.engine, telling, str(why))
        else:
            with units.engine.begin() as connection:
                connection.execute(DONE, {"id": telling.id, "code": None})
            log.info("told", alarm=told.name, word=telling.word, way=telling.way)
    return tried


def _tell_sms(units: Units, ways: Ways) -> bool:
    """Put one word into the outbox for every number; say whether there was one."""
    if SMS not in ways.open:
        return False
    with units.open() as unit:
        connection = unit.session.connection()
        telling = connection.execute(TAKE, {"ways": [SMS]}).one_or_none()
        if telling is None:
            return False
        row = connection.execute(ALARM, {"id": telling.alarm_id}).one()
        told = _told(row, telling.word)
        many = _are_too_many(connection, told)
        for number in () if many else ways.numbers:
            digest = hashlib.sha256(number.encode()).hexdigest()[:16]
            message = Message(
                idem_key=f"alarm:{told.id}:{digest}",
                message_class=MessageClass.EMERGENCY,
                to=number,
                body=sms(told),
                valid_until=row.now + SMS_GOOD_FOR,
            )
            put(unit, message)
        connection.execute(DONE, {"id": telling.id, "code": "too_many" if many else None})
        log.info("told", alarm=told.name, word=telling.word, way=SMS, too_many=many)
    return True


def _are_too_many(connection: Connection, told: Told) -> bool:
    """Say whether one more word by SMS is too many within the hour."""
    about = {"name": told.name, "about": told.about}
    lately = connection.execute(SMS_LATELY, about).one()
    is_news = told.word is Word.OPENED and not lately.of_the_same
    most = MOST_SMS_AN_HOUR if is_news else MOST_SMS_AN_HOUR - KEPT_FOR_NEWS
    return bool(lately.words >= most)


def _take(engine: Engine, ways: list[str]) -> tuple[Row[Any], Told] | None:
    """Take one word that is due, for a minute; nobody else takes it meanwhile."""
    with engine.begin() as connection:
        telling = connection.execute(TAKE, {"ways": ways}).one_or_none()
        if telling is None:
            return None
        row = connection.execute(ALARM, {"id": telling.alarm_id}).one()
        return telling, _told(row, telling.word)


def _again(engine: Engine, telling: Row[Any], code: str) -> None:
    wait = min(15 * 2 ** min(telling.tries - 1, 10), LONGEST_WAIT)
    log.warning("not_told", telling=telling.id, way=telling.way, tries=telling.tries, code=code)
    with engine.begin() as connection:
        about = {"id": telling.id, "code": code, "wait": wait, "most": MOST_TRIES}
        connection.execute(AGAIN, about)


def _told(row: Row[Any], word: str) -> Told:
    kind = KINDS.get(row.name, UNHEARD_OF)
    return Told(
        id=f"alarm-{row.id}-{word}",
        name=row.name,
        about=row.about,
        detail=row.detail or "",
        severity=row.severity or kind.severity,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        word=Word(word),
    )


def note_told(connection: Connection, alarm_id: int, ways: list[str]) -> None:
    """Write down that an alarm was told by these ways already, without the database."""
    statement = text("""
        INSERT INTO tellings (alarm_id, word, way, done_at)
        VALUES (:alarm_id, 'opened', :way, clock_timestamp()) ON CONFLICT DO NOTHING
    """)
    if ways:
        connection.execute(statement, [{"alarm_id": alarm_id, "way": way} for way in ways])
