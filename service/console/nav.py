"""The pages that everything else is found from, in the order people look for them."""

from __future__ import annotations

NAV = (
    ("room.glance", "nav.room"),
    ("alarms.show", "nav.alarms"),
    ("todo.show", "nav.todo"),
    ("brakes.show", "nav.brakes"),
    ("work.glance", "nav.work"),
    ("find.ask", "nav.find"),
    ("audit.search", "nav.audit"),
    ("machines.show", "nav.machines"),
    ("account.show", "nav.account"),
)
"""Endpoint and the key of its name; one that somebody may not reach is not shown to them."""
