from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from service.ops.errors import StartError
from service.ops.spawn import Owner

READ_AND_PASS = stat.S_IROTH | stat.S_IXOTH


def let_through(path: Path, owner: Owner, say: Callable[[str], None]) -> None:
    """Let that user walk down to `path` (absolute, no links), opening as little as will do.

    Only folders above `path` which the user cannot pass get the right to pass, not to list; `say`
    gets one line naming them. Raises StartError when that is refused.
    """
    opened = []
    for folder in reversed(path.parents):
        found = folder.stat()
        missing = _right_to_pass(found, owner)
        if not found.st_mode & missing:
            _open(folder, found.st_mode | missing)
            opened.append(str(folder))
    if opened:
        say(
            f"PostgreSQL does not run as root: let its user pass (not list) {', '.join(opened)}"
            f" on the way to {path}."
        )


def make_public(folder: Path) -> None:
    """Let everybody read and run what lies in `folder`, where a strict umask prevented it."""
    if folder.stat().st_mode & READ_AND_PASS == READ_AND_PASS:
        return
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        runs = path.is_dir() or mode & stat.S_IXUSR
        _open(path, mode | (READ_AND_PASS if runs else stat.S_IROTH))


def _right_to_pass(found: os.stat_result, owner: Owner) -> int:
    if found.st_uid == owner.uid:
        return stat.S_IXUSR
    return stat.S_IXGRP if found.st_gid == owner.gid else stat.S_IXOTH


def _open(path: Path, mode: int) -> None:
    try:
        path.chmod(stat.S_IMODE(mode))
    except OSError as error:
        raise StartError(f"Cannot let PostgreSQL's user into {path}: {error.strerror}.") from error
