"""A second account has doors of its own: what comes in by it is told apart, and answered alike."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.runtime import Runtime
from tests.village import NEIGHBOUR, SECRET, World, settings

SECOND = "africastalking-2"


@pytest.fixture
def runtime(world: World) -> Iterator[Runtime]:
    url = world.runtime.settings.database_url
    made = Runtime(
        settings(
            url,
            second_carrier="africastalking",
            second_carrier_api_key="another-key",
            second_carrier_username="tinh2",
            second_sms_code="8500",
        ),
        "test",
    )
    # The village's own: a knock is written down a second later, when this one would be closed.
    shared = {name: getattr(world.runtime, name) for name in ("engine", "quick")}
    made.__dict__.update(shared)
    yield made
    for name in shared:
        del made.__dict__[name]
    made.close()


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def knock(client: FlaskClient, carrier: str, door: str, secret: str = SECRET, **fields: str) -> int:
    answer = client.post(
        f"/gateway/{carrier}/{secret}/{door}",
        data=urlencode(fields),
        content_type="application/x-www-form-urlencoded",
    )
    return int(answer.status_code)


def test_each_account_takes_texts_to_its_own_code(client: FlaskClient, world: World) -> None:
    about = {"from": NEIGHBOUR, "text": "GIUP VNEID", "id": "1"}
    assert knock(client, SECOND, "sms", to="8500", **about) == 200
    assert knock(client, SECOND, "sms", to="8499", **about) == 404
    assert knock(client, "africastalking", "sms", to="8499", **about) == 200
    rows = world.rows("SELECT carrier FROM messages_in ORDER BY id")
    assert [row.carrier for row in rows] == [SECOND, "africastalking"]


def test_reports_of_one_account_are_not_taken_for_the_others(
    client: FlaskClient, world: World
) -> None:
    about = {"id": "ATXid_1", "status": "Success", "phoneNumber": NEIGHBOUR}
    assert knock(client, SECOND, "receipts", **about) == 200
    assert knock(client, "africastalking", "receipts", **about) == 200
    rows = world.rows("SELECT carrier FROM receipts ORDER BY id")
    assert [row.carrier for row in rows] == [SECOND, "africastalking"]


def test_its_doors_need_the_secret_too(client: FlaskClient, world: World) -> None:
    assert knock(client, SECOND, "sms", secret="mistyped-secret-of-theirs") == 404
    assert knock(client, "africastalking-3", "sms") == 404
    assert world.post("sms", {}).status_code == 400
    assert world.client.post(f"/gateway/{SECOND}/{SECRET}/sms").status_code == 404


def test_each_account_has_a_sender_of_its_own(runtime: Runtime) -> None:
    first, second = runtime.carrier, runtime.second_carrier
    assert (first.name, second.name) == ("africastalking", SECOND)
    assert len(runtime.senders) == 2


def test_without_a_second_account_there_is_one_sender(world: World) -> None:
    assert world.runtime.second_carrier is None
    assert len(world.runtime.senders) == 1
