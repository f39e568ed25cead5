"""The requests nobody has taken, as an operator sees them, and moving one up by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.records.operations import Audit
from service.records.unit import Units
from service.text.mask import mask_msisdn

from .climbing import climb_one
from .desk import Words

OPEN = text("""
    SELECT r.number, r.topic, a.title || ' ' || a.name AS place, r.opened_at, r.reopened, c.ladder,
           c.rung + 1 AS step, c.party, c.due_at, p.msisdn,
           (SELECT max(s.at) FROM climb_steps s WHERE s.request_id = r.id) AS told_at
    FROM help_requests r JOIN areas a ON a.id = r.area_id JOIN phones p ON p.id = r.phone_id
    LEFT JOIN climbs c ON c.request_id = r.id
    WHERE r.state = 'open'
    ORDER BY r.opened_at LIMIT :most
""")
BY_NUMBER = text("""
    SELECT id FROM help_requests WHERE number = :number AND state = 'open'
""")
DUE_NOW = text("""
    UPDATE climbs SET due_at = clock_timestamp() WHERE request_id = :id AND due_at IS NOT NULL
""")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request nobody has: since when, at which step of its ladder, and when the next is due."""

    number: int
    topic: str
    place: str
    asker: str
    """The masked number of the phone that asked."""
    opened_at: datetime
    ladder: str
    step: int
    party: str
    told_at: datetime | None
    due_at: datetime | None


def waiting(session: Session, most: int = 200) -> list[Waiting]:
    """Return the requests nobody has taken, the one that waits longest first."""
    return [
        Waiting(
            number=row.number,
            topic=row.topic,
            place=row.place,
            asker=mask_msisdn(row.msisdn),
            opened_at=row.opened_at,
            ladder=row.ladder or "",
            step=row.step or 0,
            party=row.party or "",
            told_at=row.told_at,
            due_at=row.due_at,
        )
        for row in session.execute(OPEN, {"most": most}).all()
    ]


def move_up_now(units: Units, words: Words, number: int, by: str) -> bool:
    """Take the next step of a request at once, since an operator says so; audited.

    Returns False when no open request has the number, or nobody is left to be told.
    """
    with units.open() as unit:
        found = unit.session.execute(BY_NUMBER, {"number": number}).scalar_one_or_none()
        if found is None:
            return False
        unit.session.execute(DUE_NOW, {"id": found})
        about = f"request {found}"
        unit.session.add(Audit(actor=f"operator {by}", action="moved_up", about=about))
    return climb_one(units, words, found)
