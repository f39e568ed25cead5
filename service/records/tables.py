"""Every table in one import, for migrations and for the check that they agree."""

from __future__ import annotations

from . import (
    areas,
    audit_guard,
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
    watching,
)
from .base import Record

metadata = Record.metadata

__all__ = [
    "areas",
    "audit_guard",
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
    "watching",
]
