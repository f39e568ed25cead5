from __future__ import annotations

import re
from pathlib import Path

from service.ops.errors import StartError

LINE = re.compile(r"(?P<name>[A-Za-z0-9_-]+):\s*(?P<command>\S.*)")


def read_procfile(path: Path) -> dict[str, str]:
    """Read a Procfile: each process's name and its command line, in the file's order.

    Raises StartError when the file cannot be read or a line is not "name: command".
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise StartError(f"Cannot read {path}: {error.strerror}.") from error
    commands: dict[str, str] = {}
    for number, text in enumerate(lines, start=1):
        line = text.strip()
        if not line or line.startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if found is None or found["name"] in commands:
            raise StartError(f'{path}, line {number}: expected a new "name: command".')
        commands[found["name"]] = found["command"]
    return commands
