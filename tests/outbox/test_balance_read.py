"""The balance is read from the carrier over the wire, and kept when there is no answer."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from service.carriers.base import Balance
from service.ops.gauges import read_balances
from tests.outbox.kit import Box


def test_the_balance_is_written_down_with_its_currency(box: Box) -> None:
    box.network.settings.change({"currency": "VND"})
    box.network.outgoing.balance = Decimal("1234.5")
    read_balances(box.world.engine, [box.world.runtime.carrier])
    (row,) = box.world.rows("SELECT value, detail FROM gauges WHERE name = 'balance'")
    assert (row.value, row.detail) == (1234.5, "VND")
    box.network.outgoing.balance = Decimal(7)
    box.network.faults.add([{"place": "user", "kind": "close"}])
    read_balances(box.world.engine, [box.world.runtime.carrier])
    (row,) = box.world.rows("SELECT value FROM gauges WHERE name = 'balance'")
    assert row.value == 1234.5, "where no answer comes the last one stands"
    box.network.settings.change({"currency": "KES"})


def test_a_carrier_that_cannot_tell_is_not_asked(box: Box) -> None:
    read_balances(box.world.engine, [SimpleNamespace(name="mute")])
    assert box.world.rows("SELECT FROM gauges WHERE name = 'balance'") == []


def test_each_account_is_asked_and_one_that_is_no_more_is_forgotten(box: Box) -> None:
    first, second, gone = (
        SimpleNamespace(name=name, balance=lambda held=held: Balance(held, "VND"))
        for name, held in (("one", 3.0), ("one-2", 5.0), ("one-3", 7.0))
    )
    read = "SELECT name, value FROM gauges WHERE name LIKE 'balance%' ORDER BY name"
    read_balances(box.world.engine, [first, gone])
    read_balances(box.world.engine, [first, second])
    found = [tuple(row) for row in box.world.rows(read)]
    assert found == [("balance", 3.0), ("balance:one-2", 5.0)]
    read_balances(box.world.engine, [first])
    assert [tuple(row) for row in box.world.rows(read)] == [("balance", 3.0)]
