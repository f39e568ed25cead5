"""Numbers of certificates, for whoever has come to as many classes of a course as it takes.

A day after the roll was called, when it cannot be corrected any more. The number is the prefix of
the course and the number of the row it stands in: nobody draws it, so it is nobody else's, not even
after the first one was erased. Of somebody of a household of whom we know but a name the classes
count whose names are still kept (service.village.keeping).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from service.records.trainings import Enrolment
from service.records.unit import Units
from service.text.waking import awake_at

from .class_messages import of_place
from .class_people import who_is
from .class_rounds import BY_DAY, for_each_class
from .desk import Words
from .seating import Seating
from .trainings import course_of

CORRECTED_FOR = timedelta(days=1)
"""So long after the first call a roll may be corrected (service.village.roll_call)."""
LATEST = timedelta(days=30)
"""A class that ended before brings nobody a certificate: their course had none then."""

# One at a time, so that somebody who finished with two classes at once has one certificate.
ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(79, 2)")
# A learner is a person, else a phone; and of a phone's household, whoever has the name.
FINISHED = text("""
    WITH came AS (
        SELECT e.id, e.training_id, t.course_id, t.ends_at, e.certificate,
               CASE WHEN e.who <> '' THEN concat('f', e.phone_id, ':', e.who)
                    ELSE coalesce('p' || coalesce(e.person_id, f.holder_id), 'f' || e.phone_id) END
                    AS learner
        FROM enrolments e
        JOIN trainings t ON t.id = e.training_id
        JOIN courses c ON c.id = t.course_id AND c.certificate IS NOT NULL
        JOIN phones f ON f.id = e.phone_id AND f.msisdn NOT LIKE '+999%'
        WHERE e.attended AND t.called_at <= clock_timestamp() - :corrected_for)
    , finished AS (
        SELECT (array_agg(came.id ORDER BY ends_at DESC, came.id DESC))[1] AS id
        FROM came JOIN courses c ON c.id = came.course_id
        GROUP BY came.course_id, came.learner, c.needed
        HAVING count(DISTINCT training_id) >= c.needed AND count(came.certificate) = 0
           AND max(ends_at) > clock_timestamp() - :latest)
    SELECT DISTINCT e.training_id, e.id FROM finished JOIN enrolments e ON e.id = finished.id
    WHERE e.training_id = coalesce(CAST(:training_id AS bigint), e.training_id)
    ORDER BY e.training_id, e.id LIMIT :most
""")


def grant_certificates(units: Units, words: Words) -> int:
    """Give everybody who has finished a course their number, and write it; return how many."""
    about = {"corrected_for": CORRECTED_FOR, "latest": LATEST, "training_id": None}
    return for_each_class(units, words, FINISHED, about, _grant)


def _grant(seating: Seating) -> int:
    if awake_at(seating.now, BY_DAY) != seating.now:
        return 0
    session, training = seating.session, seating.training
    session.execute(ONE_BY_ONE)
    about = {"corrected_for": CORRECTED_FOR, "latest": LATEST, "most": 1000}
    prefix = course_of(session, training).certificate
    found = session.execute(FINISHED, {**about, "training_id": training.id}).all()
    for row in found:
        enrolment = session.get_one(Enrolment, row.id, populate_existing=True)
        enrolment.certificate = f"{prefix}-{enrolment.id:06}"
        said = {"who": who_is(session, enrolment), "certificate": enrolment.certificate}
        cause = f"{of_place(training.id, enrolment.id)}:finished"
        seating.write(enrolment.phone_id, "sms.class_certificate", cause, said)
    session.flush()
    return len(found)
