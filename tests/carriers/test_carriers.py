"""Rules for carrier modules that no single carrier can keep by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.carriers import base
from service.carriers.base import Fault, HoldsUssd, ReceivesSms, SendError, SendsSms
from service.ops.carrier_names import carrier_names
from tests.carriers.contract import KINDS, SAMPLES, make, samples

HERE = Path(__file__).parent
MADE_BY_HTTP_ALONE = {"unreachable"}
"""Codes no answer can mean, since there is none; tests/carriers/test_http.py has them."""


def all_errors(of: type[SendError] = SendError) -> Iterator[type[SendError]]:
    for error in of.__subclasses__():
        yield error
        yield from all_errors(error)


def lacking(carrier: str, folder: Path, tests: Path) -> list[str]:
    """What a carrier lacks to be tested like the others."""
    wanted = [folder / carrier / f"{kind}.yaml" for kind in KINDS]
    return [path.name for path in (*wanted, tests / f"test_{carrier}.py") if not path.exists()]


@pytest.mark.parametrize("carrier", carrier_names())
def test_every_carrier_has_samples_of_everything_and_its_tests(carrier: str) -> None:
    assert lacking(carrier, SAMPLES, HERE) == []
    for kind in KINDS:
        assert samples(carrier, kind)


def test_a_carrier_without_samples_is_noticed(tmp_path: Path) -> None:
    assert len(lacking("newcomer", SAMPLES, HERE)) == len(KINDS) + 1
    (tmp_path / "newcomer").mkdir()
    (tmp_path / "newcomer" / "send.yaml").touch()
    assert "reports.yaml" in lacking("newcomer", tmp_path, HERE)


@pytest.mark.parametrize("carrier", carrier_names())
def test_every_carrier_can_do_what_the_service_asks_of_it(carrier: str) -> None:
    for ability in (SendsSms, ReceivesSms, HoldsUssd):
        assert isinstance(make(carrier), ability)


def test_every_send_error_says_who_must_act_and_whether_it_may_go_again() -> None:
    errors = list(all_errors())
    assert len({error.code for error in errors}) == len(errors) >= 13
    for error in errors:
        assert {"retryable", "code", "fault"} <= set(vars(error)), error
        assert isinstance(error.retryable, bool)
        assert isinstance(error.fault, Fault)
        assert error.code.isidentifier()
        assert error.retryable == (error.fault in {Fault.ACCOUNT, Fault.CARRIER})


def test_every_send_error_is_what_some_sample_means() -> None:
    met = {
        meaning
        for carrier in carrier_names()
        for sample in samples(carrier, "send")
        for meaning in sample["means"].values()
    }
    assert {error.code for error in all_errors()} - MADE_BY_HTTP_ALONE <= met


def test_what_is_asked_of_a_carrier_stays_small() -> None:
    tree = ast.parse(Path(base.__file__).read_text(encoding="utf-8"))
    sizes = {
        node.name: sum(isinstance(part, ast.FunctionDef) for part in node.body)
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        and any(getattr(b, "id", "") == "Protocol" for b in node.bases)
    }
    assert len(sizes) >= 3
    assert max(sizes.values()) <= 4


def spoken(file: Path) -> str:
    """A module's names and strings, without what is only said about it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = [
        getattr(node, "value", None) or getattr(node, "id", None) or getattr(node, "module", None)
        for node in ast.walk(tree)
        if id(node) not in said
    ]
    return " ".join(part for part in parts if isinstance(part, str)).lower()


def test_a_carrier_s_name_is_spelt_in_its_own_module_only() -> None:
    service = Path(base.__file__).resolve().parents[1]
    for carrier in carrier_names():
        users = {
            file.relative_to(service).as_posix()
            for file in service.rglob("*.py")
            if "phones" not in file.parts and carrier in spoken(file)
        }
        assert users <= {f"carriers/{carrier}.py", "settings.py"}
        assert users


@pytest.mark.parametrize("detail", ["nul \0 in it", "half a pair \ud800", "x" * 1000])
def test_what_a_carrier_says_can_be_written_down(detail: str) -> None:
    said = base.Refused(detail).detail
    assert "\0" not in said
    assert len(said.encode()) <= 300
