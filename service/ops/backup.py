"""Backups of the database: made whole or not at all, looked at, and the newest kept."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from service.ops.errors import StartError
from service.ops.postgres_folder import binaries, environment

KEPT = 14
PREFIX, SUFFIX = "caunoi-", ".dump"
HOURS = 6 * 3600.0
"""Longest a backup may take."""


def back_up(url: str, folder: Path) -> Path:
    """Dump the database into a new file of a folder; return it.

    It is written under another name, looked through, brought to the disk and only then given its
    own, so that a file of that name is a whole one. Of those made here the newest KEPT stay.
    Raises StartError with a sentence when it cannot be done.
    """
    programs = _programs()
    moment = datetime.now(UTC)
    path = folder / f"{PREFIX}{moment:%Y%m%d-%H%M%S}{SUFFIX}"
    unfinished = path.with_suffix(".unfinished")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished.touch(mode=0o600)
        _dump(programs, url, unfinished)
        _look_through(programs, unfinished)
        _to_disk(unfinished)
        unfinished.rename(path)
        _to_disk(folder)
        _keep_newest(folder)
    except OSError as error:
        raise StartError(f"The backup cannot be written to {folder}: {error.strerror}.") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return path


def _programs() -> Path:
    """Return the folder of the newest pg_dump: an older one refuses a newer server."""
    found = [Path(path).resolve().parent for path in [shutil.which("pg_dump")] if path]
    with contextlib.suppress(StartError):
        found.append(binaries())
    found = [folder for folder in found if (folder / "pg_dump").is_file()]
    if not found:
        raise StartError("pg_dump is not installed here: install PostgreSQL's client programs.")
    return max(found, key=_version)


def _version(folder: Path) -> int:
    said = _call([str(folder / "pg_dump"), "--version"], environment()).stdout
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else 0


def _call(command: list[str], told: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - our own command line, no shell
            command, env=dict(told), capture_output=True, text=True, timeout=HOURS, check=False
        )
    except subprocess.TimeoutExpired:
        raise StartError("The backup took longer than six hours and was broken off.") from None


def _dump(programs: Path, url: str, path: Path) -> None:
    password = unquote(urlsplit(url).password or "")
    told = {**environment(), **({"PGPASSWORD": password} if password else {})}
    command = [str(programs / "pg_dump"), "-Fc", "--no-owner", f"--file={path}"]
    ran = _call([*command, _without_password(url)], told)
    if ran.returncode != 0:
        said = ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"]
        raise StartError(f"The backup failed: {said[-1]}")


def _look_through(programs: Path, path: Path) -> None:
    """Have pg_restore read the table of contents, where there is one."""
    restore = programs / "pg_restore"
    if not restore.is_file():
        return
    ran = _call([str(restore), "--list", str(path)], environment())
    if ran.returncode != 0 or " TABLE DATA " not in ran.stdout:
        raise StartError("The backup is not readable and was thrown away.")


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _keep_newest(folder: Path) -> None:
    for old in sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))[:-KEPT]:
        old.unlink(missing_ok=True)


def _without_password(url: str) -> str:
    """Return an address that other users of the machine may see in the list of processes."""
    parts = urlsplit(url)
    account, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{account.partition(':')[0]}{at}{host}"))
