"""Which of the files that ship with the service are loaded, without loading the tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from .schema import needed_revision

FIND = text("SELECT digest FROM shipped WHERE name = :name")
NOTE = text("""
    INSERT INTO shipped (name, digest) VALUES (:name, :digest)
    ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, loaded_at = clock_timestamp()
""")


def digest_of(files: Iterable[Path]) -> str:
    """Return what names these files' content, and the schema it would be loaded into."""
    seen = hashlib.sha256(needed_revision().encode())
    for file in sorted(files):
        content = file.read_bytes()
        seen.update(f"\0{file.name}\0{len(content)}\0".encode())
        seen.update(content)
    return seen.hexdigest()


def is_loaded(engine: Engine, name: str, digest: str) -> bool:
    """Tell whether exactly these files were the last ones loaded under the name."""
    with engine.connect() as connection:
        return connection.execute(FIND, {"name": name}).scalar() == digest


def note_loaded(connection: Connection, name: str, digest: str) -> None:
    """Note what the transaction loads, in the transaction."""
    connection.execute(NOTE, {"name": name, "digest": digest})
