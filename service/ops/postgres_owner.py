from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from service.ops.errors import StartError
from service.ops.spawn import Owner

USER = "pgserver"


def postgres_owner(folder: Path) -> Owner | None:
    """Who shall run PostgreSQL in that folder: ourselves (None) or, for root, somebody else.

    PostgreSQL refuses to run as root. A database that a user of this machine made stays theirs;
    else it is a system user without a login, made when missing. Raises StartError if that fails.
    """
    if os.geteuid() != 0:
        return None
    if folder.exists() and (found := folder.stat()).st_uid != 0:
        return Owner(uid=found.st_uid, gid=found.st_gid)
    entry = _entry() or _made()
    return Owner(uid=entry.pw_uid, gid=entry.pw_gid)


def give(folder: Path, owner: Owner) -> None:
    """Make that user the owner of the folder and of all that is in it."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        return None


def _made() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    said = "there is no useradd"
    if useradd is not None:
        shell = "/usr/sbin/nologin"
        done = subprocess.run(  # noqa: S603 - fixed words
            [useradd, "--system", "--no-create-home", "--shell", shell, USER],
            check=False,
            capture_output=True,
            text=True,
        )
        said = done.stderr.strip()
    entry = _entry()  # another start may have made it at the same moment
    if entry is None:
        raise StartError(
            f"PostgreSQL cannot run as root and its user {USER} cannot be made ({said});"
            " run as an ordinary user or set DATABASE_URL."
        )
    return entry
