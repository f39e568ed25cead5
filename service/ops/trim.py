"""Giving memory back that only loading needed."""

from __future__ import annotations

import contextlib
import ctypes
import gc


def give_back_memory() -> None:
    """Return what loading modules and menus has left free, some 6 MB a process, to the system.

    glibc keeps it for the process otherwise; another C library has no such call.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
