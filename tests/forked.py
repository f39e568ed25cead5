"""Runs `caunoi` in a process of its own without importing everything anew each time.

One process for each test worker imports the service once and forks for every command; what a
command is asked, and what it answered, goes over pipes as lines of JSON.
"""

from __future__ import annotations

import atexit
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.house.source import ROOT


def run(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> tuple[int, str, str]:
    """Run `caunoi` with these words; return exit code, output and errors.

    `folder` is where output is kept until it is read.
    """
    out, err = folder / "command.out", folder / "command.err"
    asked = {"words": words, "environment": dict(environment), "out": str(out), "err": str(err)}
    server = _server()
    print(json.dumps(asked), file=server.stdin, flush=True)
    code = json.loads(server.stdout.readline())
    return code, out.read_text("utf-8"), err.read_text("utf-8")


@cache
def _server() -> Any:
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.forked"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    atexit.register(started.communicate)  # closes its stdin, by which it ends
    return started


def _serve() -> None:
    import service

    for module in pkgutil.walk_packages(service.__path__, "service."):
        import_module(module.name)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)


def _become(asked: Mapping[str, Any]) -> None:
    """Be the command, and end as it does."""
    from service.cli import main

    for stream, path in ((sys.stdout, asked["out"]), (sys.stderr, asked["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream.fileno())
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["caunoi", *asked["words"]]
    main()


if __name__ == "__main__":
    _serve()
