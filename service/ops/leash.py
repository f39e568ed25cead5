"""Exec a program that gets a signal when the process which started it dies, even by kill -9.

Run as a file: `python -I -S leash.py <parent pid> <signal> <uid or -> <gid or -> program...`.
It stands apart from subprocess's preexec_fn, which is unsafe in a program with threads, and it
asks for the signal after giving up root, because the kernel forgets the wish when the user
changes (prctl(2), PR_SET_PDEATHSIG). Where the kernel has no such wish, the program just starts.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def become(uid: str, gid: str) -> None:
    """Give up root for that user and group (decimal ids); "-" keeps who we are."""
    if uid == "-":
        return
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))


def die_with(parent: int, signal_number: int) -> None:
    """Ask the kernel for that signal when `parent` ends; leave at once if it has already."""
    if not sys.platform.startswith("linux"):
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Take the leash, then become the program."""
    parent, signal_number, uid, gid, *command = arguments
    become(uid, gid)
    die_with(int(parent), int(signal_number))
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
