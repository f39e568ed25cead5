"""What is kept of strangers who came to a class: that somebody did, and not who.

Without consent a number is kept for a short-lived question only (RPD-1). A class is one: it lasts
until the class has asked how it was, and that has been answered or not. Then the row is nobody's:
whether somebody had a seat and came still counts for the class, and cannot be told of anybody. So a
stranger's classes are not added up to a certificate; who wants that agrees to be remembered. What
a remembered person came to stays: it is their record.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from service.records.unit import Units
from service.text.phones import Msisdn

from .class_after import ASKED_WITHIN
from .desk import phone_of

STRANGERS_CLASSES = ASKED_WITHIN + timedelta(days=1)
"""The last question may be asked three days after a class, and a question is kept for 24 hours."""
NOBODY = Msisdn("+9990000000000")
"""A number of a country code nobody has, as erased phones have, too; it stands for all of them."""
MOST_AT_ONCE = 10_000

FORGET = text("""
    UPDATE enrolments SET phone_id = :nobody, name = NULL, who = '-' || id
    WHERE id IN (SELECT e.id FROM enrolments e
                 JOIN trainings t ON t.id = e.training_id
                 JOIN phones f ON f.id = e.phone_id
                 WHERE t.ends_at < clock_timestamp() - :age AND f.holder_id IS NULL
                   AND f.id <> :nobody AND e.person_id IS NULL
                   AND NOT EXISTS (SELECT FROM people h WHERE h.phone_id = f.id)
                 ORDER BY e.id LIMIT :most FOR UPDATE OF e SKIP LOCKED)
""")


def forget_strangers(units: Units) -> int:
    """Let the places of strangers in classes that are over be nobody's; return how many."""
    with units.open() as unit:
        nobody = phone_of(unit, NOBODY).id
        about = {"nobody": nobody, "age": STRANGERS_CLASSES, "most": MOST_AT_ONCE}
        return unit.session.connection().execute(FORGET, about).rowcount
