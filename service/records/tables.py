"""Every table in one import, for migrations and for the check that they agree."""

from __future__ import annotations

from . import (
    areas,
    console,
    invitations,
    ladder,
    messages,
    notices,
    operations,
    people,
    proofs,
    requests,
    rota,
    sessions,
    teams,
    trainings,
    views,
)
from .base import Record

metadata = Record.metadata

__all__ = [
    "areas",
    "console",
    "invitations",
    "ladder",
    "messages",
    "metadata",
    "notices",
    "operations",
    "people",
    "proofs",
    "requests",
    "rota",
    "sessions",
    "teams",
    "trainings",
    "views",
]
