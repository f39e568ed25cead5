from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

from tests.ops.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
# In a mount namespace of its own, a folder that root keeps to itself (say /root, where this
# Python may live) is covered by an empty one in which only what is needed shows through.
ENTER = """
set -e
mount -t tmpfs -o mode=755 none "$HOLD"
for path in "$@"; do
  [ "$path" != -- ] || break
  mkdir -p "$HOLD$path"
  mount --bind "$path" "$HOLD$path"
done
[ -z "$COVERED" ] || mount -t tmpfs -o mode=755 none "$COVERED"
while [ "$1" != -- ]; do
  mkdir -p "$1"
  mount --bind "$HOLD$1" "$1"
  shift
done
shift
umount -l "$HOLD"
cd "$HOME"
exec setpriv --reuid "$WHO" --regid "$WHO" --clear-groups "$@"
"""


def can_become_another() -> bool:
    """Whether we may make users and mount namespaces here."""
    if os.geteuid() != 0:
        return False
    return (
        subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode == 0
    )


def _until_done(*command: str) -> None:
    """Run it again while another process holds the list of users."""
    eventually(
        lambda: subprocess.run(command, check=False, capture_output=True).returncode == 0,
        " ".join(command),
    )


class OtherUser:
    """An ordinary user of this machine with a home of their own below `place`, to run Python as."""

    def __init__(self, place: Path) -> None:
        self.name = f"caunoi-test-{os.getpid()}"
        _until_done("useradd", "--no-create-home", self.name)
        self.uid = pwd.getpwnam(self.name).pw_uid
        self.home = place / "home"
        self.home.mkdir()
        os.chown(self.home, self.uid, -1)
        place.chmod(0o711)
        place.parent.chmod(0o711)
        self._hold = place / "hold"
        self._hold.mkdir()

    def forget(self) -> None:
        """Take the user away from this machine again."""
        _until_done("userdel", self.name)

    def command(self, *words: str) -> list[str]:
        """What root runs to have this Python run with those words as the other user."""
        shown = [str(path) for path in self._needed() if self._closed(path)]
        return ["unshare", "-m", "sh", "-c", ENTER, "sh", *shown, "--", sys.executable, *words]

    def environment(self) -> dict[str, str]:
        [covered] = {self._closed(path) for path in self._needed() if self._closed(path)} or {""}
        return {
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "WHO": self.name,
            "HOLD": str(self._hold),
            "COVERED": str(covered),
        }

    def _needed(self) -> list[Path]:
        return [Path(sys.base_prefix).resolve(), Path(sys.prefix), ROOT]

    def _closed(self, path: Path) -> Path | None:
        """The topmost folder on the way to `path` that the user may not pass, if there is one."""
        for folder in reversed([path, *path.parents]):
            found = folder.stat()
            if found.st_uid != self.uid and not found.st_mode & 0o001:
                return folder
        return None
