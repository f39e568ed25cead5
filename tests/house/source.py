"""Where the rules of the house look: the files of the service, and those that are committed."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "service"


def modules() -> dict[str, ast.Module]:
    """Every Python file of the service by its path from the root."""
    found = sorted(SERVICE.rglob("*.py"))
    assert len(found) > 50
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in found
    }


def committed() -> list[Path]:
    """Every file that is, or is about to be, in the repository."""
    ran = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [path for name in ran.stdout.split("\0") if name and (path := ROOT / name).is_file()]
