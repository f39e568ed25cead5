"""What our account holds, as the carrier says it; anything else is no balance and no crash."""

from __future__ import annotations

import pytest

from service.carriers.base import Balance, SendError, TellsBalance
from tests.carriers.contract import KEY, make
from tests.carriers.wire import answer, wire


def asked(status: int, body: str) -> tuple[Balance | str, bytes]:
    """What comes of an answer, and what was asked for it."""
    with wire(answer(status, body.encode(), "Content-Type: application/json")) as carrier:
        account = make("africastalking", carrier.url)
        assert isinstance(account, TellsBalance)
        try:
            found: Balance | str = account.balance()
        except SendError as error:
            found = error.code
        return found, carrier.requests[0]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('{"UserData":{"balance":"USD 999999589.6168"}}', Balance(999999589.6168, "USD")),
        ('{"userData":{"balance":"VND 1500000.0000"}}', Balance(1500000.0, "VND")),
        ('{"UserData":{"balance":"KES -3.5"}}', Balance(-3.5, "KES")),
    ],
)
def test_a_balance_is_read(body: str, found: Balance) -> None:
    told, request = asked(200, body)
    assert told == found
    assert request.startswith(b"GET /version1/user?username=sandbox HTTP/1.1")
    assert f"apiKey: {KEY}".encode() in request


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, "The supplied authentication is invalid", "bad_key"),
        (200, "<html>", "outcome_unknown"),
        (200, "[" * 60_000, "outcome_unknown"),
        (200, '{"UserData":{"balance":"USD nan"}}', "outcome_unknown"),
        (200, '{"UserData":{"balance":"VND ١٢"}}', "outcome_unknown"),
        (200, '{"UserData":{"balance":12}}', "outcome_unknown"),
        (200, '{"UserData":null}', "outcome_unknown"),
        (200, "[]", "outcome_unknown"),
        (502, "bad gateway", "outcome_unknown"),
        (302, "", "outcome_unknown"),
    ],
)
def test_what_is_no_balance_is_an_error_with_a_code(status: int, body: str, code: str) -> None:
    assert asked(status, body)[0] == code


def test_a_carrier_that_is_away() -> None:
    with pytest.raises(SendError) as why:
        make("africastalking").balance()
    assert why.value.code == "unreachable"
