"""An operator sees which requests nobody has taken, and has the next told at once."""

from __future__ import annotations

from tests.cli.conftest import Caunoi
from tests.village import DEPUTY, NEIGHBOUR, World
from tests.village_work.words import ask


def test_a_request_nobody_took_is_listed_and_moved_up(
    caunoi: Caunoi, world: World, database_url: str
) -> None:
    number = ask(world.phone(NEIGHBOUR))
    code, listed, errors = caunoi("requests", "waiting", DATABASE_URL=database_url)
    assert code == 0, errors
    assert str(number) in listed
    assert "Xóm Cốc Phia" in listed
    assert NEIGHBOUR[3:] not in listed, "no number is shown"
    code, _, errors = caunoi(
        "requests", "move-up", str(number), "--by", "Thử", DATABASE_URL=database_url
    )
    assert code == 0, errors
    assert len(world.phone(DEPUTY).inbox()) == 1
    assert world.one("SELECT actor FROM audit WHERE action = 'moved_up'").actor == "operator Thử"


def test_a_number_nobody_has_is_one_sentence(
    caunoi: Caunoi, world: World, database_url: str
) -> None:
    code, said, _ = caunoi("requests", "waiting", DATABASE_URL=database_url)
    assert (code, said) == (0, "Every request has somebody.\n")
    code, _, errors = caunoi(
        "requests", "move-up", "4711", "--by", "Thử", DATABASE_URL=database_url
    )
    assert code == 1
    assert "No request 4711 waits" in errors
