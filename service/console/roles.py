"""The one table of who may reach what: a page that is not in it is reached by nobody."""

from __future__ import annotations

from collections.abc import Mapping

from service.records.console import Role

ANYBODY = None
"""Also who is not signed in."""
EVERYONE = frozenset(Role)
"""Whoever is signed in."""
WATCHERS = frozenset({Role.OPERATOR, Role.PROVINCE, Role.VIEWER})
"""The service as a whole: counts and states, nobody's number or name."""
OPERATORS = frozenset({Role.OPERATOR})
"""What is known of people, what changes how the service runs, and what has no place."""

MAY: Mapping[str, frozenset[Role] | None] = {
    "static": ANYBODY,
    "doors.healthz": ANYBODY,
    "doors.sign_in": ANYBODY,
    "doors.try_sign_in": ANYBODY,
    "doors.join": ANYBODY,
    "doors.try_join": ANYBODY,
    "doors.sign_out": EVERYONE,
    "account.show": EVERYONE,
    "account.change": EVERYONE,
    "account.leave_others": EVERYONE,
    "room.home": EVERYONE,
    "room.glance": WATCHERS,
    "room.wall": WATCHERS,
    "room.curves": WATCHERS,
    "todo.show": WATCHERS,
    "todo.ask": OPERATORS,
    "todo.act": OPERATORS,
    "brakes.show": WATCHERS,
    "brakes.ask": OPERATORS,
    "brakes.press": OPERATORS,
    "work.glance": EVERYONE,
    "work.requests": EVERYONE,
    "work.requests_file": EVERYONE,
    "work.request": EVERYONE,
    "work.gaps": EVERYONE,
    "work.gaps_file": EVERYONE,
    "work.classes": EVERYONE,
    "work.classes_file": EVERYONE,
    "work.training": EVERYONE,
    "audit.search": OPERATORS,
    "audit.file": OPERATORS,
    "find.ask": OPERATORS,
    "find.look_up": OPERATORS,
    "find.message": OPERATORS,
    "find.text": OPERATORS,
    "find.request": OPERATORS,
    "find.phone": OPERATORS,
    "find.number": OPERATORS,
    "find.ask_for": OPERATORS,
    "machines.show": WATCHERS,
    "machines.one_failed": WATCHERS,
    "machines.requeue": OPERATORS,
    "machines.delete": OPERATORS,
    "alarms.show": WATCHERS,
    "alarms.runbook": WATCHERS,
    "alarms.acknowledge": OPERATORS,
}
"""Endpoint -> roles. What lies within a page is narrowed by service.console.scope."""


def may(endpoint: str | None, role: Role | None) -> bool:
    """Say whether somebody, or nobody (None), may reach an endpoint."""
    if endpoint is None or endpoint not in MAY:
        return False
    roles = MAY[endpoint]
    return roles is ANYBODY or (role is not None and role in roles)
