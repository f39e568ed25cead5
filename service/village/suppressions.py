"""Wishes of numbers of which nothing else is kept: a keyed digest stands for the number."""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.records.people import Suppression, SuppressionKind
from service.text.fold import search_key


def digest(key: str, msisdn: str, name: str = "") -> str:
    """Return what stands for a number; without the key nobody can count through all numbers.

    With a name it stands for one of the people who share the number.
    """
    of = f"{msisdn} {search_key(name)}" if name else msisdn
    return hmac.new(key.encode(), of.encode(), hashlib.sha256).hexdigest()[:32]


def suppress(session: Session, digest_: str, kind: SuppressionKind) -> bool:
    """Note a wish; False when it was noted before."""
    row = insert(Suppression).values(digest=digest_, kind=kind)
    noted = session.execute(row.on_conflict_do_nothing().returning(Suppression.kind))
    return noted.one_or_none() is not None


def unsuppress(session: Session, digest_: str, kind: SuppressionKind) -> None:
    """Take a wish back."""
    session.execute(
        delete(Suppression).where(Suppression.digest == digest_, Suppression.kind == kind)
    )


def is_suppressed(session: Session, digest_: str, kind: SuppressionKind) -> bool:
    """Say whether there is this wish."""
    found = select(exists().where(Suppression.digest == digest_, Suppression.kind == kind))
    return bool(session.execute(found).scalar_one())


def is_erased(session: Session, key: str, msisdn: str, name: str = "") -> bool:
    """Say whether a person had themself erased: no list may add them again, only they themself.

    To be asked wherever people are added by somebody else (lists, a leader's THEM, the demo).
    """
    digests = {digest(key, msisdn), digest(key, msisdn, name)}
    return any(is_suppressed(session, one, SuppressionKind.ERASED) for one in digests)
