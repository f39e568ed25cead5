"""A number nobody answers at, or that an operator doubts, has no rights until it is confirmed."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from service.cli import caunoi
from service.village.doubts import doubt_unreachable
from tests.village import DEPUTY, LEADER, NEIGHBOUR, World
from tests.village_work.people_words import PIN, choose_pin, people_menu
from tests.village_work.traces import Carrier, deliver, report
from tests.village_work.words import alarms, ask, forget_answers, say


def is_doubted(world: World, msisdn: str) -> bool:
    return (
        world.one("SELECT doubted_at FROM phones WHERE msisdn = :m", m=msisdn).doubted_at
        is not None
    )


def messages(world: World, to: str, *statuses: str) -> None:
    """Let messages to a number end like this, one after the other."""
    carrier = Carrier()
    for n, status in enumerate(statuses):
        world.do(
            "INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, "
            "state, valid_until) VALUES (:k, 'reply', 'reply', 0, :m, 'x', 1, 'queued', "
            "clock_timestamp() + interval '1 day')",
            k=f"m{n}{id(carrier)}",
            m=to,
        )
        deliver(world, carrier)
        report(world, f"ATXid_{len(carrier.taken)}_{id(carrier)}", to, status)


ABSENT = "AbsentSubscriber"


def test_three_in_a_row_with_nobody_there_raise_a_doubt(world: World) -> None:
    messages(world, NEIGHBOUR, ABSENT, ABSENT)
    assert doubt_unreachable(world.runtime.units) == 0
    messages(world, NEIGHBOUR, ABSENT)
    assert doubt_unreachable(world.runtime.units) == 1
    assert is_doubted(world, NEIGHBOUR)
    assert doubt_unreachable(world.runtime.units) == 0


@pytest.mark.parametrize(
    "statuses", [(ABSENT, ABSENT, "Success"), (ABSENT, "Failed", ABSENT), ("Failed",) * 3]
)
def test_anything_else_among_them_raises_none(world: World, statuses: tuple[str, ...]) -> None:
    messages(world, NEIGHBOUR, *statuses)
    assert doubt_unreachable(world.runtime.units) == 0
    assert not is_doubted(world, NEIGHBOUR)


def test_who_was_heard_from_since_is_there(world: World) -> None:
    messages(world, NEIGHBOUR, ABSENT, ABSENT, ABSENT)
    world.phone(NEIGHBOUR).dial()
    world.do("UPDATE phones SET last_heard_at = clock_timestamp() WHERE msisdn = :m", m=NEIGHBOUR)
    assert doubt_unreachable(world.runtime.units) == 0


def run(world: World, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    monkeypatch.setenv("DATABASE_URL", world.runtime.settings.database_url)
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    done = CliRunner().invoke(caunoi, [*words, "--by", "Trực tỉnh"])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_doubted_number_shows_nothing_and_leads_nobody_until_confirmed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = world.phone(LEADER)
    choose_pin(leader)
    people_menu(leader)
    leader.keys("1", "2", "1")
    run(world, monkeypatch, "numbers", "doubt", LEADER)
    assert "member_number_doubted" in alarms(world)
    assert "0900000007" not in leader.key(PIN), "not even in the call that is going on"
    assert leader.text("BOT 0900000007") == [say(world, "sms.still_you")]
    assert leader.dial().startswith(say(world, "still_you.question"))
    before = len(leader.inbox())
    ask(world.phone(NEIGHBOUR))
    assert len(leader.inbox()) == before
    assert len(world.phone(DEPUTY).inbox()) == 1, "the deputy is asked instead"
    run(world, monkeypatch, "numbers", "confirm", LEADER)
    assert "member_number_doubted" not in alarms(world)
    forget_answers(world)
    assert "soan MA" in leader.text("BOT 0900000007")[0]


def test_who_says_that_it_is_still_theirs_is_believed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    neighbour = world.phone(NEIGHBOUR)
    run(world, monkeypatch, "numbers", "doubt", NEIGHBOUR)
    assert neighbour.text("DL") == [say(world, "sms.still_you")]
    neighbour.text("1")
    assert not is_doubted(world, NEIGHBOUR)
    assert "xom Coc Phia" in neighbour.text("DL")[0]


def test_who_says_that_it_is_not_theirs_begins_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    neighbour = world.phone(NEIGHBOUR)
    run(world, monkeypatch, "numbers", "doubt", NEIGHBOUR)
    neighbour.dial()
    neighbour.key("2")
    assert not is_doubted(world, NEIGHBOUR)
    assert "xom Coc Phia" not in " ".join(neighbour.text("DL"))
