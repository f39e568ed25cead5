"""`caunoi` as somebody at the province runs it, on the database of a test."""

from __future__ import annotations

import os
from pathlib import Path

from tests.forked import run


class Command:
    """Runs the commands of a group and gives back exit code, output and errors."""

    group: str

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database_url,
            "CAUNOI_HOME": str(folder / "home"),
        }

    def __call__(self, *words: str) -> tuple[int, str, str]:
        return run([self.group, *words], self._environment, self.folder)

    def file(self, data: str | bytes, name: str = "list.csv") -> str:
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return str(path)
