"""Every table in one import, for migrations and for the check that they agree."""

from __future__ import annotations

from . import areas, messages, notices, operations, people, requests, sessions, teams
from .base import Record

metadata = Record.metadata

__all__ = [
    "areas",
    "messages",
    "metadata",
    "notices",
    "operations",
    "people",
    "requests",
    "sessions",
    "teams",
]
