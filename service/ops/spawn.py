from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A user of this machine that a program runs as instead of root (decimal ids)."""

    uid: int
    gid: int


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    owner: Owner | None = None,
    when_we_die: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C in our terminal is ours alone.

    It works in `folder`, writes to the end of `log`, and gets `when_we_die` when the thread that
    calls this ends, however it ends (Linux). `environment` replaces ours. Raises OSError.
    """
    who = ("-", "-") if owner is None else (str(owner.uid), str(owner.gid))
    leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(when_we_die)), *who]
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603 - the command is ours, no shell
            [*leash, *command],
            cwd=folder,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
