"""Where an open request stands on its ladder, as the one who asked is told."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.records.ladder import Climb, ClimbStep
from service.records.requests import HelpRequest
from service.text.local_time import in_vietnam

NOBODY = "nobody"
"""Stands for a party where nobody at all could be told."""


def standing(session: Session, request: HelpRequest) -> dict[str, str]:
    """Return who is being asked and since when, as texts name them."""
    climb = session.get(Climb, request.id)
    last = session.scalar(select(func.max(ClimbStep.at)).where(ClimbStep.request_id == request.id))
    since = last or request.opened_at or request.created_at
    return {
        "to": (climb.party if climb else None) or NOBODY,
        "time": in_vietnam(since).strftime("%H:%M %d/%m"),
    }
