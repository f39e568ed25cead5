from __future__ import annotations


class StartError(Exception):
    """Something keeps the service from starting; its text is the one sentence to show."""


class Interrupted(Exception):
    """A signal asked for the end while something was still being started."""
