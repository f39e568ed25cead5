"""Nothing happens at import, and only one place reads the environment."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest

from tests.house.source import ROOT, modules

READS_THE_ENVIRONMENT = {
    "service/settings.py",
    # make the environment of programs that they start
    "service/ops/environment.py",
    "service/ops/embedded.py",
    "service/ops/postgres_folder.py",
    "service/ops/postgres_owner.py",
    # a program of its own, which knows nothing of the service's settings
    "service/phones/__main__.py",
}
READERS = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.path.expandvars"}

WATCH = """
import json, sys
seen = []
def note(event, args):
    if event.startswith("socket.") and event != "socket.gethostname":
        seen.append([event, ""])
    if event == "open" and isinstance(args[0], str):
        seen.append([event, args[0]])
    if event in {"subprocess.Popen", "os.system", "os.mkdir", "os.remove", "os.rename", "os.fork"}:
        seen.append([event, str(args[0])])
sys.addaudithook(note)
import importlib
importlib.import_module(sys.argv[1])
print(json.dumps([seen, sys.prefix, sys.base_prefix]))
"""


def test_only_the_settings_read_the_environment() -> None:
    readers = set()
    for path, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in READERS:
                readers.add(path)
            if isinstance(node, ast.ImportFrom) and node.module == "os":
                readers |= {path for alias in node.names if f"os.{alias.name}" in READERS}
    assert readers <= READS_THE_ENVIRONMENT


@pytest.mark.parametrize(
    "name",
    [
        "service.app",
        "service.console_app",
        "service.jobs",
        "service.cli",
        "service.phones.pages",
        "worker",
    ],
)
def test_importing_does_nothing(name: str) -> None:
    """With nothing set: no socket, no program, no file but Python's own and the package's."""
    ran = subprocess.run(
        [sys.executable, "-B", "-c", WATCH, name],
        env={}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    seen, *prefixes = json.loads(ran.stdout.splitlines()[-1])
    ours = (*(str(ROOT / name) for name in ("service", "worker.py", "__pycache__")), *prefixes)
    code = [path for _, path in seen if path.startswith(ours)]
    assert len(code) > 20, "the hook saw the imports themselves"
    strange = [entry for entry in seen if not entry[1].startswith(ours)]
    assert strange == []
    data = [
        path for path in code if path.startswith(str(ROOT)) and not path.endswith((".py", ".pyc"))
    ]
    assert [path for path in data if not path.startswith(tuple(prefixes))] == []
