"""Whatever goes wrong with a command that has a cause to name is one sentence, no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service import cli
from service.settings import Settings
from tests.cli.conftest import Caunoi


def test_a_carrier_that_there_is_not_is_one_sentence(caunoi: Caunoi) -> None:
    assert caunoi("callback-urls", CARRIER="http") == (
        1,
        "",
        "CARRIER: there is no 'http'; there is africastalking.\n",
    )


@pytest.mark.parametrize("database", ["foo", "", "mysql://h/x", "postgresql://u:hush@h:abc/x_play"])
def test_what_is_no_address_cannot_be_played_in(caunoi: Caunoi, database: str) -> None:
    code, _, errors = caunoi("play", "--database", database)
    assert code == 1
    assert errors.startswith("--database: should ")
    assert errors.count("\n") == 1
    assert "hush" not in errors


@pytest.mark.parametrize("more", [(), ("--sheets",)])
def test_a_map_that_cannot_be_written_is_one_sentence(
    caunoi: Caunoi, tmp_path: Path, more: tuple[str, ...]
) -> None:
    code, _, errors = caunoi("menus", "draw", "-o", str(tmp_path / "no" / "x.svg"), *more)
    assert code == 1
    name = "x-1.svg" if more else "x.svg"
    assert errors == f"{tmp_path}/no/{name} cannot be written: No such file or directory\n"


@pytest.mark.parametrize("name", ["", " "])
def test_nobody_decides_nothing(caunoi: Caunoi, name: str) -> None:
    code, _, errors = caunoi("sending", "on", "--by", name)
    assert code == 2
    assert "Invalid value for '--by': say who decides this" in errors


def test_ctrl_c_before_anything_has_started_is_told_as_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: Settings) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("service.ops.up.run_up", interrupted)
    told = CliRunner().invoke(cli.caunoi, ["up"])
    assert (told.exit_code, told.output) == (0, "Stopped (SIGINT).\n")


def helps(group: click.Group, *words: str) -> Iterator[str]:
    yield CliRunner().invoke(cli.caunoi, [*words, "--help"]).output
    for word, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from helps(command, *words, word)


def test_no_command_s_line_in_the_help_is_cut_off() -> None:
    told = [line for text in helps(cli.caunoi) for line in text.splitlines()]
    assert len(told) > 50
    assert [line for line in told if line.endswith("...") and "Usage: " not in line] == []


def test_the_help_of_migrate_says_what_a_revision_is() -> None:
    assert "REVISION is " in CliRunner().invoke(cli.caunoi, ["migrate", "--help"]).output


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"SECOND_CARRIER": "http"},
            "SECOND_CARRIER: there is no 'http'; there is africastalking.",
        ),
        (
            {"SECOND_CARRIER": "africastalking"},
            "SECOND_CARRIER_API_KEY: is needed when SECOND_CARRIER is set.",
        ),
        (
            {"SECOND_CARRIER": "africastalking", "SECOND_SMS_CODE": "84"},
            "SECOND_SMS_CODE: should be 3 to 10 digits",
        ),
    ],
)
def test_a_second_account_that_is_half_set_is_one_sentence(
    caunoi: Caunoi, variables: dict[str, str], said: str
) -> None:
    assert caunoi("callback-urls", **variables) == (1, "", f"{said}\n")
