from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from service.ops.errors import StartError
from service.ops.spawn import Owner

# unix(7): sun_path is 108 bytes with its closing NUL, 104 on the BSDs and macOS.
LONGEST = 107 if sys.platform.startswith("linux") else 103


def socket_folder(folder: Path, socket: str) -> Path:
    """Name the folder for a unix socket of that name: `folder`, or a short one near /tmp.

    The short one is for a path which the kernel would cut, or one with a comma, which libpq takes
    for two hosts. The answer is the same at each call.
    """
    if _fits(folder / socket):
        return folder
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"caunoi-{key}"
    usable = _fits(short / socket) and " " not in str(short)  # see EmbeddedValkey
    return short if usable else Path("/tmp") / short.name  # noqa: S108 - make_private checks it


def make_private(folder: Path, owner: Owner | None) -> None:
    """Make that folder, in a place where everybody may write, one that only `owner` can enter.

    Raises StartError when somebody else has put something there before us.
    """
    ours = {os.geteuid()} if owner is None else {os.geteuid(), owner.uid}
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours or found.st_mode & 0o077:
            raise StartError(f"{folder} should be a private folder of ours but is not; remove it.")
        if owner is not None:
            os.chown(folder, owner.uid, owner.gid)
    except OSError as error:
        raise StartError(f"Cannot make {folder} for a socket: {error.strerror}.") from error


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST and "," not in str(path)
