"""The balance is read from the carrier over the wire, and kept when there is no answer."""

from __future__ import annotations

from decimal import Decimal

from service.ops.gauges import read_balance
from tests.outbox.kit import Box


def test_the_balance_is_written_down_with_its_currency(box: Box) -> None:
    box.network.settings.change({"currency": "VND"})
    box.network.outgoing.balance = Decimal("1234.5")
    read_balance(box.world.engine, box.world.runtime.carrier)
    (row,) = box.world.rows("SELECT value, detail FROM gauges WHERE name = 'balance'")
    assert (row.value, row.detail) == (1234.5, "VND")
    box.network.outgoing.balance = Decimal(7)
    box.network.faults.add([{"place": "user", "kind": "close"}])
    read_balance(box.world.engine, box.world.runtime.carrier)
    (row,) = box.world.rows("SELECT value FROM gauges WHERE name = 'balance'")
    assert row.value == 1234.5, "where no answer comes the last one stands"
    box.network.settings.change({"currency": "KES"})


def test_a_carrier_that_cannot_tell_is_not_asked(box: Box) -> None:
    read_balance(box.world.engine, object())
    assert box.world.rows("SELECT FROM gauges WHERE name = 'balance'") == []
