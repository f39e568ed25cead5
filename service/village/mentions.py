"""Where others' rows name a person who is erased: their number and, of a member, their name.

Every row of these tables is read, once for each erasure: two seconds among a million messages
(`make bench-erase`), and an erasure is rare.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from service.records.tables import metadata
from service.text.fold import fold
from service.text.phones import VIETNAM, Msisdn

TEXTS = (
    ("messages_out", "body"),
    ("messages_in", "body"),
    ("help_requests", "words"),
    ("help_requests", "beneficiary"),
    ("request_events", "note"),
    ("inquiries", "question"),
    ("inquiries", "answer"),
    ("notices", "title"),
    ("notices", "body"),
    ("notices", "source"),
    ("households", "label"),
    ("ussd_sessions", "reply"),
    ("ussd_sessions", "state"),
    ("text_dialogues", "state"),
    ("pending_acts", "detail"),
    ("invitations", "name"),
    ("trainings", "teacher_name"),
    ("enrolments", "name"),
)
"""Everywhere somebody's words, or ours about somebody, are kept."""
JSON = frozenset({"state", "detail"})
KEYS = ("messages_out", "help_requests")
"""Tables whose idempotency keys name the call, and so the number, that caused a row."""
HIDDEN = "***"


def forget_number(session: Session, msisdn: Msisdn, nobody: str) -> None:
    """Take a number, however it is written, out of every text."""
    # In a web process a statement may take 1.5 s; to break an erasure off helps nobody.
    session.execute(text("SET LOCAL statement_timeout = '15s'"))
    for table, column in TEXTS:
        _replace(session, table, column, pattern_of(msisdn), HIDDEN)
    for name in KEYS:
        keyed = metadata.tables[name]
        key = keyed.c.idem_key
        named = func.strpos(key, msisdn) > 0
        session.execute(
            update(keyed).values(idem_key=func.replace(key, msisdn, nobody)).where(named)
        )


def forget_name(session: Session, name: str, instead: str) -> None:
    """Put something else where a name stands, with or without its marks."""
    for written in {name, fold(name).text} - {""}:
        pattern = rf"\m{_literally(written)}\M"
        for table, column in TEXTS:
            _replace(session, table, column, pattern, instead)


def pattern_of(msisdn: Msisdn) -> str:
    """Return a regular expression of PostgreSQL that finds a number as people write it."""
    is_ours = msisdn.startswith(f"+{VIETNAM}")
    digits = msisdn[3:] if is_ours else msisdn[1:]
    before = (
        rf"\(?(\+ ?{VIETNAM}|00 ?{VIETNAM}|{VIETNAM}|0)[ .()-]*0?\)?[ .-]*" if is_ours else r"\+?"
    )
    return rf"(?<![0-9]){before}{'[ .-]*'.join(digits)}(?![0-9])"


def _replace(session: Session, table: str, column: str, pattern: str, instead: str) -> None:
    written = metadata.tables[table]
    words = cast(written.c[column], Text)
    replaced: ColumnElement[Any] = func.regexp_replace(words, pattern, instead, "g")
    value = cast(replaced, JSONB) if column in JSON else replaced
    session.execute(update(written).values({column: value}).where(words.op("~")(pattern)))


def _literally(words: str) -> str:
    """Return a pattern that finds these words and nothing else."""
    return "".join(sign if sign.isalnum() or sign == " " else f"[{sign}]" for sign in words)
