"""The whole service in a fresh copy of this tree, as somebody has it who just cloned it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil

from bench.servers import free_port
from service.ops.attach import attached
from service.ops.program import NAME_MARK, RUN_MARK
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 300.0
OURS = {name.upper() for name in Settings.model_fields} | {"VIRTUAL_ENV", "PYTHONPATH"}


class Whole:
    """A copy of the tree; `make up` in it, again and again."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "caunoi"
        self.ports = (free_port(), free_port(), free_port())
        self._make: subprocess.Popen[str] | None = None
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for name in filter(None, names.split("\0")):
            with contextlib.suppress(FileNotFoundError):  # deleted, and not yet committed so
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.tree / name)

    def start(self) -> float:
        """Run `make up`; return the seconds until it says that all is ready."""
        began = time.monotonic()
        web, phones, console = self.ports
        self._make = subprocess.Popen(
            ["make", "up"],
            cwd=self.tree,
            env={
                **{name: value for name, value in os.environ.items() if name not in OURS},
                "PORT": str(web),
                "PHONES_PORT": str(phones),
                "CONSOLE_PORT": str(console),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self._make.stdout is not None
        said = []
        for line in self._make.stdout:
            said.append(line)
            if line.startswith("Ready"):
                return time.monotonic() - began
            if time.monotonic() - began > PATIENCE:
                break
        raise SystemExit("make up did not become ready:\n" + "".join(said[-20:]))

    def stop(self) -> None:
        """Stop it as Ctrl-C does; return when nothing of it runs any more."""
        if self._make is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._make.pid, signal.SIGINT)
        self._make.communicate(timeout=90)
        self._make = None

    @property
    def settings(self) -> Settings:
        """The settings of the running service, its secrets and addresses among them."""
        return attached(
            Settings(
                caunoi_home=self.tree / "var",
                database_url="",
                redis_url="",
                port=self.ports[0],
                phones_port=self.ports[1],
            )
        )

    def processes(self) -> list[tuple[str, psutil.Process]]:
        """Return what runs, each with the name the supervisor knows it by."""
        home = str(self.tree / "var")
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                marks = process.environ()
                if marks.get(RUN_MARK) == home:
                    found.append((marks.get(NAME_MARK, "?"), process))
        return found

    def cpu(self) -> float:
        """Return the seconds of processor time used so far, by what has ended as well."""
        used = 0.0
        for _, process in self.processes():
            times = process.cpu_times()
            used += times.user + times.system + times.children_user + times.children_system
        return used
