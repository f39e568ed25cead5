from __future__ import annotations

import abc
import contextlib
import errno
import logging
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from service.ops import leftovers
from service.ops.errors import StartError
from service.ops.sockets import socket_folder
from service.ops.spawn import Owner, spawn

logger = logging.getLogger(__name__)

ROOM_TO_START = 32 * 2**20  # bytes free below which a server that fails to start lacks room
LOG_TAIL = 4096  # bytes


def room(folder: Path) -> int:
    """Bytes free for us on the disk of `folder`, which need not exist yet."""
    here = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(here).free


class EmbeddedServer(abc.ABC):
    """A database server from a wheel, run as a child of ours in a folder it has to itself.

    `spawn` may be called again after the process has died; `start` also waits until it answers.
    One folder must be used by one caller at a time: Home's lock sees to that.
    """

    title: str  # how a sentence names it
    program: str  # the name its processes show
    fast: signal.Signals  # what stops it cleanly and soon
    immediate: signal.Signals  # what stops it at once, leaving a recovery to the next start
    socket_name: str  # the file name of its unix socket

    def __init__(
        self, folder: Path, *, log: Path | None = None, say: Callable[[str], None] = logger.info
    ) -> None:
        self.folder = folder.resolve()
        self.log = log or self.folder.with_name(f"{self.folder.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self._say = say
        self._log_start = 0

    @property
    @abc.abstractmethod
    def url(self) -> str:
        """Where clients reach it; the same at each start in this folder."""

    @property
    def socket_folder(self) -> Path:
        """The folder of its unix socket: its own, or a short one where the path is too long."""
        return socket_folder(self.folder, self.socket_name)

    @abc.abstractmethod
    def answers(self) -> bool:
        """Say whether it takes requests; makes what clients expect to find in it."""

    @abc.abstractmethod
    def _prepare(self) -> Owner | None:
        """Make the folder fit for a start and say which user shall run the server."""

    @abc.abstractmethod
    def _command(self) -> list[str]: ...

    @abc.abstractmethod
    def _complaint(self, log: str) -> str | None:
        """Pick the line of its log in which the server says why it stopped."""

    def _mend(self) -> bool:
        """Remove what kept the last start from working; say whether there was such a thing."""
        return False

    def _environment(self) -> Mapping[str, str]:
        return os.environ

    def spawn(self) -> subprocess.Popen[bytes]:
        """Stop what an earlier run left in the folder, then start the server.

        Raises StartError when the folder cannot be used.
        """
        try:
            if self.process is not None:
                self._mend()
            self.end_leftovers()
            if self.process is not None:
                self.process.wait()
            self._log_start = self.log.stat().st_size if self.log.exists() else 0
            owner = self._prepare()
            self.process = spawn(
                self._command(),
                log=self.log,
                folder=self.folder,
                environment=self._environment(),
                owner=owner,
                when_we_die=self.fast,
            )
        except OSError as error:
            raise StartError(self._os_sentence(error)) from error
        return self.process

    def start(self, seconds: float = 60, pause: Callable[[float], None] = time.sleep) -> None:
        """Start and wait until it answers; a recovery after a crash may take its time.

        `pause` is called with seconds to wait between two looks; what it raises ends the wait.
        Raises StartError when the server ends instead or takes longer than `seconds`.
        """
        process = self.spawn()
        deadline = time.monotonic() + seconds
        while not self.answers():
            if process.poll() is not None:
                if not self._mend():
                    raise StartError(self.explain())
                process = self.spawn()
            if time.monotonic() > deadline:
                self.stop("immediate")
                raise StartError(f"{self.title} gave no answer for {seconds:g} s; see {self.log}.")
            pause(0.01)

    def stop(self, mode: str = "fast", seconds: float = 30) -> None:
        """Stop it: "fast", "immediate" or, where it knows the difference, "smart".

        What has not ended after `seconds` is killed. Does nothing when it does not run.
        """
        process, self.process = self.process, None
        if process is not None and process.poll() is None:
            process.send_signal(self._signal(mode))
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.end_leftovers()
        self._remove_short_socket_folder()

    def end_leftovers(self) -> None:
        """Stop every process of the server that an earlier run left working in the folder."""
        left = leftovers.programs_in(self.folder, self.program)
        if left:
            leftovers.end(self._leaders(left), self.fast, 20)
            left = leftovers.programs_in(self.folder, self.program)
            leftovers.end(left, signal.SIGKILL, 5)

    def _leaders(self, processes: list[psutil.Process]) -> list[psutil.Process]:
        return processes[:1]

    def explain(self) -> str:
        """Say in one sentence why the server that `spawn` started has ended."""
        text = self._log_tail()
        if "No space left on device" in text or room(self.folder) < ROOM_TO_START:
            return self._full()
        because = self._complaint(text)
        code = None if self.process is None else self.process.poll()
        return (
            f"{self.title} did not start"
            + (f": {because}" if because else f" (exit code {code})")
            + f"; see {self.log}."
        )

    def _signal(self, mode: str) -> signal.Signals:
        return {"fast": self.fast, "immediate": self.immediate, "smart": signal.SIGTERM}[mode]

    def _log_tail(self) -> str:
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, end - LOG_TAIL))
            return log.read().decode(errors="replace")
        return ""

    def _full(self) -> str:
        return (
            f"The disk that holds {self.folder} is full, so {self.title} cannot start;"
            " free some space and start again."
        )

    def _os_sentence(self, error: OSError) -> str:
        if error.errno == errno.ENOSPC:
            return self._full()
        where = error.filename or self.folder
        return f"{self.title} cannot use {where}: {error.strerror}."

    def _remove_short_socket_folder(self) -> None:
        if self.socket_folder != self.folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)
