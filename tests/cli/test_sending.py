"""`caunoi sending`, `resume-carrier` and `callback-urls`: what they change is in the audit."""

from __future__ import annotations

from tests.cli.conftest import Caunoi
from tests.village import SECRET, World

FIRST = "africastalking"
TWO = {
    "SECOND_CARRIER": FIRST,
    "SECOND_CARRIER_API_KEY": "another-key",
    "GATEWAY_SECRETS": SECRET,
    "PUBLIC_URL": "https://x.example",
}


def audited(world: World) -> list[tuple[str, str, str]]:
    rows = world.rows("SELECT actor, action, about FROM audit ORDER BY id")
    return [(row.actor, row.action, row.about) for row in rows]


def test_whoever_stops_sending_and_lets_it_go_is_on_record_once(
    caunoi: Caunoi, world: World
) -> None:
    url = world.runtime.settings.database_url
    for state in ("off", "off", "on"):
        code, _, errors = caunoi(
            "sending", state, "--by", "Lan", "--reason", "a test", DATABASE_URL=url
        )
        assert (code, errors) == (0, "")
    assert audited(world) == [
        ("operator Lan", "sending_off", "sending"),
        ("operator Lan", "sending_on", "sending"),
    ]


def test_every_carrier_is_tried_again(caunoi: Caunoi, world: World) -> None:
    world.do(
        "INSERT INTO carrier_pauses (carrier, code, until) SELECT name, 'no_balance',"
        " clock_timestamp() + interval '1 hour' FROM unnest(ARRAY[:a, :b]) AS name",
        a=FIRST,
        b=f"{FIRST}-2",
    )
    url = world.runtime.settings.database_url
    assert caunoi("resume-carrier", "--by", "Lan", DATABASE_URL=url, **TWO)[0] == 0
    assert world.rows("SELECT * FROM carrier_pauses") == []
    assert audited(world) == [
        ("operator Lan", "carrier_resumed", f"carrier {name}") for name in (FIRST, f"{FIRST}-2")
    ]


def test_addresses_of_both_accounts_are_printed(caunoi: Caunoi, world: World) -> None:
    url = world.runtime.settings.database_url
    code, printed, _ = caunoi("callback-urls", DATABASE_URL=url, **TWO)
    assert code == 0
    for name in (FIRST, f"{FIRST}-2"):
        assert printed.count(f"https://x.example/gateway/{name}/{SECRET}/") == 4
