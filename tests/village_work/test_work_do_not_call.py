"""The national do-not-call list: who is on it gets no advertising, even if they once agreed to it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.outbox.promos import NotAllowed
from service.outbox.put import Message, put
from service.records.messages import MessageClass
from service.text.phones import Msisdn
from service.village.area_tables import ListRefused
from service.village.do_not_call import MOST_BYTES, MOST_KEPT, Loaded, load_numbers, read_numbers
from service.village.suppressions import digest
from tests.house.source import ROOT
from tests.village import NEIGHBOUR, VILLAGER, World

QC = "[QC] Cho phien thu 7 o xa. Tu choi: soan TC gui 8499."


def agree(world: World, msisdn: str) -> int:
    """Let a number agree to advertising, and return its phone."""
    world.do("INSERT INTO phones (msisdn) VALUES (:n) ON CONFLICT DO NOTHING", n=msisdn)
    phone = world.one("SELECT id FROM phones WHERE msisdn = :n", n=msisdn).id
    world.do(
        "INSERT INTO consents (phone_id, kind, given, wording, channel)"
        " VALUES (:phone, 'promo', true, 'paper', 'console')",
        phone=phone,
    )
    return int(phone)


def advertise(world: World, to: str, phone_id: int, key: str = "qc") -> int | None:
    its = digest(world.runtime.words.key, to)
    message = Message(
        key, MessageClass.PROMO, Msisdn(to), QC, phone_id=phone_id, recipient_digest=its
    )
    with world.runtime.units.open() as unit:
        return put(unit, message)


def load(world: World, *numbers: str, whole: bool = False) -> Loaded:
    found = read_numbers("\n".join(numbers).encode())
    with world.runtime.units.open() as unit:
        return load_numbers(unit.session, world.runtime.words.key, found, whole=whole)


def test_a_number_on_the_list_gets_no_advertising(world: World) -> None:
    phone = agree(world, NEIGHBOUR)
    load(world, NEIGHBOUR)
    with pytest.raises(NotAllowed, match="do-not-call"):
        advertise(world, NEIGHBOUR, phone)
    other = agree(world, VILLAGER)
    assert advertise(world, VILLAGER, other)


def test_advertising_that_waits_is_cancelled_when_its_number_comes_onto_the_list(
    world: World,
) -> None:
    message = advertise(world, NEIGHBOUR, agree(world, NEIGHBOUR))
    assert load(world, NEIGHBOUR) == Loaded(1, 1, 0, 1)
    row = world.one("SELECT state, code FROM messages_out WHERE id = :id", id=message)
    assert (row.state, row.code) == ("cancelled", "do_not_call")


def test_the_list_grows_and_a_whole_one_takes_others_off(world: World) -> None:
    assert load(world, NEIGHBOUR, VILLAGER) == Loaded(2, 2, 0, 0)
    assert load(world, NEIGHBOUR) == Loaded(2, 0, 0, 0)
    assert load(world, NEIGHBOUR, whole=True) == Loaded(1, 0, 1, 0)
    assert advertise(world, VILLAGER, agree(world, VILLAGER))


def test_the_list_holds_no_number(world: World) -> None:
    load(world, NEIGHBOUR)
    kept = world.one("SELECT * FROM suppressions WHERE kind = 'advertising'")
    assert NEIGHBOUR[-8:] not in str(kept)


def test_news_still_reaches_a_number_on_the_list(world: World) -> None:
    load(world, NEIGHBOUR)
    its = digest(world.runtime.words.key, NEIGHBOUR)
    message = Message("n", MessageClass.NOTICE, Msisdn(NEIGHBOUR), "Hop", recipient_digest=its)
    with world.runtime.units.open() as unit:
        assert put(unit, message)


def test_numbers_are_taken_as_people_write_them_and_each_fault_is_named() -> None:
    assert read_numbers("so may\n0900 000 001\n\n+84900000002;\n".encode("utf-8-sig")) == [
        "+84900000001",
        "+84900000002",
    ]
    with pytest.raises(ListRefused) as refused:
        read_numbers(b"so may\n0900000001\nhai\n123\n")
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [
        (3, "number"),
        (4, "number"),
    ]
    for nothing in (b"", b"so may\n", b"\xff\xfe0"):
        with pytest.raises(ListRefused):
            read_numbers(nothing)


def test_what_a_wrong_file_costs_is_bounded() -> None:
    with pytest.raises(ListRefused) as refused:
        read_numbers(b"0900000001\n" + b"a\n" * (MOST_KEPT + 500))
    assert (len(refused.value.faults), refused.value.count) == (MOST_KEPT, MOST_KEPT + 500)
    with pytest.raises(ListRefused, match=r"too big .* at most 100 MB"):
        read_numbers(b"\n" * (MOST_BYTES + 1))


def test_every_way_to_end_a_line_is_taken() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert len(read_numbers(f"so{end}0900000001{end}0900000002{end}".encode())) == 2


def test_the_command_tells_the_first_faults_and_counts_all(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("so may\n" + "hai\n" * 1060)
    ran = subprocess.run(
        [sys.executable, "-m", "service.cli", "do-not-call", "load", str(listed)],
        env={"PATH": os.environ["PATH"], "CAUNOI_HOME": str(tmp_path / "home")},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (1, "")
    lines = ran.stderr.splitlines()
    assert len(lines) == 52
    assert lines[0] == "row 2, number: is no telephone number"
    assert lines[-2:] == ["... and 1010 more.", "1060 faults in list.csv; nothing is loaded."]
