"""Whatever people do, the states of what was asked add up to it, in the whole and in each part."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.text.weeks import Period
from service.village.demo import load_demo
from service.village.measures import By, Figures
from tests.measures.kit import close, figures
from tests.village import (
    COMMUNE_DUTY,
    DEMO,
    DEPUTY,
    FAR_AWAY,
    LEADER,
    MORNING,
    NEIGHBOUR,
    VILLAGER,
    TimedWorld,
    empty_tables,
)

TOPICS = ("VNEID", "VSSID", "DVC", "SIM", "BAN HANG")
HAMLETS = ("00018", "00026", "00059")
DOINGS = st.one_of(
    st.tuples(
        st.just("ask"),
        st.sampled_from((NEIGHBOUR, FAR_AWAY, VILLAGER)),
        st.sampled_from(TOPICS),
        st.sampled_from(HAMLETS),
    ),
    st.tuples(
        st.sampled_from(("NV", "XONG")),
        st.sampled_from((LEADER, DEPUTY, COMMUNE_DUTY)),
        st.integers(1, 4),
    ),
    st.tuples(st.sampled_from(("1", "2", "HUY")), st.sampled_from((NEIGHBOUR, FAR_AWAY, VILLAGER))),
    st.tuples(st.just("pass"), st.sampled_from((1, 5, 30, 80))),
)
ALL = Period(MORNING.date(), MORNING.date() + timedelta(days=400))


def do(world: TimedWorld, doing: tuple) -> None:
    what, who, *rest = doing
    if what == "pass":
        world.let_pass(hours=who)
        close(world)
    elif what == "ask":
        topic, hamlet = rest
        world.phone(who).text(f"GIUP {hamlet} {topic}")
    elif rest:
        world.phone(who).text(f"{what} {rest[0]}")
    elif what == "HUY":
        live = world.rows(
            "SELECT r.number FROM help_requests r JOIN phones p ON p.id = r.phone_id"
            " WHERE p.msisdn = :who AND r.state IN ('open', 'accepted', 'done') LIMIT 1", who=who,
        )  # fmt: skip
        world.phone(who).text(f"HUY {live[0].number}" if live else "HUY")
    else:
        world.phone(who).text(what)


def sound(seen: Figures) -> bool:
    ended = seen.closed + seen.cancelled
    return (
        seen.asked == seen.open + seen.accepted + seen.done + ended
        and seen.closed == seen.closed_by_word + seen.closed_by_silence
        and seen.solved_at_first_try <= seen.closed_by_word
        and seen.silent_at_first_try <= seen.closed_by_silence
        and seen.accepted + seen.done + seen.closed <= seen.answered <= seen.asked
        and seen.reached_desk <= seen.escalated <= seen.asked
        and (seen.oldest_open is None) == (seen.open == 0)
        and (seen.answer_median is None) == (seen.answered == 0)
    )


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(doings=st.lists(DOINGS, min_size=5, max_size=25))
def test_any_mix_adds_up(timed: TimedWorld, doings: list[tuple]) -> None:
    empty_tables(timed.engine)
    timed.time.turn_to(MORNING)
    with timed.runtime.units.open() as unit:
        load_demo(unit.session, DEMO, timed.runtime.words.key)
    for doing in doings:
        do(timed, doing)
    (filed,) = timed.rows("SELECT count(*) FROM help_requests WHERE number IS NOT NULL")
    for by in By:
        seen = figures(timed, ALL, by)
        assert seen.total.asked == filed.count
        assert sound(seen.total)
        assert all(sound(line.figures) for line in seen.lines)
        for name in ("asked", "open", "closed", "cancelled", "answered", "reopened", "escalated"):
            assert sum(getattr(line.figures, name) for line in seen.lines) == getattr(
                seen.total, name
            )
