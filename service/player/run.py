"""`caunoi play`: the real dialogue in a terminal, on a village of its own."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from threading import Thread
from typing import TextIO

from service.logs import start_logging
from service.ops.errors import Interrupted, StartError
from service.settings import Settings

from .scratch import throw_away_server


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How somebody wants to play."""

    msisdn: str
    language: str | None
    """The language chosen in an earlier call."""
    by_sms: bool
    repro: bool
    """Whether to print the transcript at the end; the phone is then drawn on stderr."""
    database: str | None
    """Address of a scratch database; None starts a server that is gone afterwards."""


def run_play(settings: Settings, wishes: Wishes) -> int:
    """Play until `quit`, the end of the input or Ctrl-C; return the exit code.

    Raises StartError, and MenuError when the menus have faults.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler)
    start_logging("ERROR")
    # Half of a start is loading Python files, the other half waiting for the database.
    loading = Thread(target=import_module, args=(f"{__package__}.village",), daemon=True)
    loading.start()
    try:
        with ExitStack() as stack:
            if wishes.database is None:
                url = stack.enter_context(throw_away_server())
            else:
                from .borrowed import borrowed_database  # noqa: PLC0415 - as above

                url = stack.enter_context(borrowed_database(wishes.database))
            loading.join()
            script = _play(settings, wishes, url)
    except (Interrupted, KeyboardInterrupt):
        return 130
    if wishes.repro:
        sys.stdout.write("\n".join([*script, ""]))
    return 0


def _play(settings: Settings, wishes: Wishes, url: str) -> list[str]:
    """Play on the database at `url` and return the transcript."""
    from .terminal import Terminal  # noqa: PLC0415 - loaded meanwhile
    from .village import demo_village  # noqa: PLC0415

    shown = sys.stderr if wishes.repro else sys.stdout
    with demo_village(settings, url) as stage:
        if wishes.language not in {None, *stage.languages}:
            raise StartError(f"--language: there are {', '.join(stage.languages)}.")
        terminal = Terminal(stage, lambda line: _say(shown, line), wishes.msisdn, wishes.by_sms)
        try:
            terminal.help()
            if wishes.language:
                terminal.do(f"reads {wishes.language}")
            if not wishes.by_sms:
                terminal.dial()
            for typed in _typed(shown):
                terminal.take(typed)
                if terminal.over:
                    break
        except KeyboardInterrupt:
            _say(shown, "")
        return terminal.script


def _say(shown: TextIO, line: str) -> None:
    print(line, file=shown, flush=True)


def _typed(shown: TextIO) -> Iterator[str]:
    """Yield what is typed, or what a file holds; the latter is shown, as typing shows itself."""
    while True:
        shown.write("> ")
        shown.flush()
        line = sys.stdin.readline()
        if not line:
            shown.write("\n")
            return
        if not sys.stdin.isatty():
            shown.write(line)
        yield line.rstrip("\n")
