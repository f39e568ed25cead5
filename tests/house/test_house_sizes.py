"""Small files, small functions, SQL that is never put together from what somebody typed."""

from __future__ import annotations

import ast

from tests.house.source import ROOT, committed, modules

MOST_LINES = 300
MOST_FUNCTION_LINES = 40
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"),
        ("yarnpkg", "com"), ("golang", "org"), ("crates", "io"), ("debian", "org"),
        ("anaconda", "org"), ("docker", "io"), ("ghcr", "io"),
    )
)  # fmt: skip


def test_no_file_is_long() -> None:
    long = {
        path: lines
        for path in modules()
        if (lines := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_no_function_is_long() -> None:
    long = {}
    for path, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_FUNCTION_LINES:
                    long[f"{path}:{node.name}"] = lines
    assert long == {}


def test_sql_is_never_put_together() -> None:
    """An f-string, a format or a sum inside text() is how what somebody typed becomes a command."""
    pasted = []
    for path, module in modules().items():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in {"text", "exec_driver_sql"} and not isinstance(node.args[0], ast.Constant):
                pasted.append(f"{path}:{node.lineno} {ast.unparse(node)[:60]}")
    assert pasted == []


def test_no_committed_file_names_a_registry() -> None:
    named = []
    for path in committed():
        words = path.read_bytes().lower()
        named += [
            f"{path.relative_to(ROOT)}: {host}" for host in REGISTRIES if host.encode() in words
        ]
    assert named == []
