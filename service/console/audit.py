"""Who signed in, who was kept out and who changed whose rights, in the audit of the service."""

from __future__ import annotations

import json

from sqlalchemy import Connection, text

from service.text.mask import mask_numbers

WRITE = text("""
    INSERT INTO audit (actor, action, about, detail)
    VALUES (:actor, :action, :about, CAST(:detail AS jsonb))
""")


def note(connection: Connection, actor: str, action: str, about: str, /, **detail: str) -> None:
    """Write what somebody did into the audit; of a number in what they typed only the ends."""
    detail = {key: mask_numbers(value) for key, value in detail.items()}
    row = {"actor": actor, "action": action, "about": about, "detail": json.dumps(detail)}
    connection.execute(WRITE, row)


def named(name: str) -> str:
    """Return how the audit names a user of the console."""
    return f"console {name}"
