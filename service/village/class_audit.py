"""Who did what to a class: by its id, since numbers are given again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.records.operations import Audit
from service.records.trainings import Training
from service.text.mask import mask_numbers


def about_class(training_id: int) -> str:
    """Return how the audit names a class."""
    return f"class {training_id}"


def note_done(session: Session, training: Training, by: str, action: str, **detail: object) -> None:
    """Write down what was done to a class, and by whom.

    Of a number in a reason somebody typed only the ends are kept: the line outlives an erasure.
    """
    about = about_class(training.id)
    kept = {k: mask_numbers(v) if isinstance(v, str) else v for k, v in detail.items()}
    told = {"class": training.number, **kept}
    session.add(Audit(actor=by, action=action, about=about, detail=told))
