"""The judge of the simulation sees each kind of harm: a true history, harmed one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given

from bench.ladder_history import Away, Happened, History, Outage, Stepped, Told, read_history
from bench.ladder_judge import judge
from bench.ladder_rules import FILE, due_after, read_promises
from bench.ladder_verdict import HARMS, Verdict
from service.dialogue.ladder import read_ladders
from service.menus import read_menus
from service.text.waking import Hours
from service.village.climbing import climb_due
from tests.village import (
    COMMUNE_DUTY,
    FAR_AWAY,
    LEADER,
    MORNING,
    NEIGHBOUR,
    PROVINCE_DUTY,
    VILLAGER,
    TimedWorld,
    demo_village,
    empty_tables,
)
from tests.village_work.words import ask

PROMISES = read_promises()
LADDERS = read_menus().ladders
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def lived(session_timed: TimedWorld) -> History:
    """Some days of the demo village: everything a request can come to."""
    world = session_timed
    empty_tables(world.engine)
    world.time.turn_to(MORNING)
    demo_village(world)
    world.refresh()
    leader, desk = world.phone(LEADER), world.phone(PROVINCE_DUTY)
    ask(world.phone(NEIGHBOUR))  # climbs to the desk, which hears of it daily
    world.phone(FAR_AWAY).text("GIUP DVC")  # from a hamlet without a team
    kept = ask(world.phone(NEIGHBOUR), "VSSID")  # taken at once, not solved, done again
    leader.text("NV 2")
    leader.text("XONG 2")
    world.phone(NEIGHBOUR).text(f"2 {kept}")
    leader.text("XONG 2")
    gone = ask(world.phone(NEIGHBOUR), "BAN HANG")  # whoever had it is away when it is not solved
    leader.text("NV 3")
    leader.text("XONG 3")
    member = "SELECT person_id FROM memberships WHERE role = :role AND until IS NULL"
    for role in ("leader", "member"):
        world.do(
            f"""INSERT INTO absences (person_id, from_at, until_at)
                SELECT person_id, clock_timestamp(), clock_timestamp() + interval '40 hours'
                FROM ({member}) AS m LIMIT 1""",
            role=role,
        )
    world.phone(NEIGHBOUR).text(f"2 {gone}")
    dropped = ask(world.phone(VILLAGER), "VNEID")
    world.phone(VILLAGER).text(f"HUY {dropped}")
    climb_for(world, days=3)
    desk.text("NV 1")
    desk.text("XONG 1")
    world.let_pass(hours=1)
    assert len(world.phone(COMMUNE_DUTY).inbox()) >= 2
    return read_history(world.engine)


def climb_for(world: TimedWorld, days: int) -> None:
    """Let days pass, every step being taken a second after it is due."""
    ends = world.time.now() + timedelta(days=days)
    while (due := world.one("SELECT min(due_at) AS at FROM climbs").at) and due < ends:
        world.time.turn_to(due + timedelta(seconds=1))
        world.climb()
    world.time.turn_to(ends)


@pytest.fixture
def history(lived: History) -> History:
    return replace(
        lived,
        **{
            name: list(getattr(lived, name))
            for name in ("requests", "events", "steps", "told", "numbers", "away", "outages")
        },
    )


def judged(history: History) -> Verdict:
    return judge(history, PROMISES)


def seen(history: History) -> set[str]:
    return {harm.name for harm in judged(history).harms}


def test_of_a_true_history_nothing_is_said_and_all_is_counted(history: History) -> None:
    verdict = judged(history)
    assert verdict.harms == []
    assert verdict.outcomes == {"at the desk": 2, "done": 2, "ended": 1}
    assert verdict.laps[2] == 1, "one was put back to the foot of its ladder"
    assert {"duty", "deputy", "commune", "desk"} <= set(verdict.steps)
    assert max(step.times for step in history.steps) > 1


# -- what each harm does to a history


def longest(history: History) -> list[Stepped]:
    """The steps of the request that climbed step by step to the desk."""
    return [step for step in history.steps if step.request_id == 1]


def swap(history: History, old: Stepped, new: Stepped) -> None:
    history.steps[history.steps.index(old)] = new


def a_step_taken_twice(history: History) -> None:
    history.steps.append(longest(history)[1])


def a_step_taken_again_by_a_second_clock(history: History) -> None:
    step = longest(history)[1]
    again = step._replace(at=step.at + timedelta(milliseconds=40), times=2)
    history.steps.insert(history.steps.index(step) + 1, again)


def a_rung_passed_over(history: History) -> None:
    step = longest(history)[1]
    assert step.party == "deputy"
    history.steps.remove(step)
    history.told = [told for told in history.told if abs(told.at - step.at) > HOUR / 60]
    history.numbers = [number for number in history.numbers if abs(number.at - step.at) > HOUR / 60]


def later(history: History, first: int, by: timedelta) -> None:
    """Let the steps of the longest from one on, and all they told, come later."""
    begins = longest(history)[first].at
    for steps in (history.steps, history.told, history.numbers, history.events):
        for at, row in enumerate(steps):
            if row.request_id == 1 and row.at >= begins - timedelta(seconds=1):
                steps[at] = row._replace(at=row.at + by)
    history.ended_at += by


def a_wait_doubled(history: History) -> None:
    later(history, 1, 3 * HOUR)


def a_wait_longer_by_a_minute(history: History) -> None:
    later(history, 1, HOUR / 60)


def a_wait_cut_short(history: History) -> None:
    later(history, 1, -HOUR)


def cancelled_after_two_steps(history: History) -> None:
    second, third = longest(history)[1:3]
    for rows in (history.steps, history.told, history.numbers, history.events):
        rows[:] = [row for row in rows if row.request_id != 1 or row.at < third.at - HOUR / 60]
    history.events.append(Happened(1, "cancelled", None, second.at + HOUR / 60))
    history.requests[0] = history.requests[0]._replace(state="cancelled")


def a_lap_that_stops_climbing(history: History) -> None:
    cut = longest(history)[2].at - timedelta(seconds=1)
    for rows in (history.steps, history.told, history.numbers, history.events):
        rows[:] = [row for row in rows if row.request_id != 1 or row.at < cut]
    history.requests[0] = history.requests[0]._replace(state="open")


def a_desk_that_is_not_reminded(history: History) -> None:
    *_, before, last = longest(history)
    assert (before.party, last.party) == ("desk", "desk")
    for rows in (history.steps, history.told):
        rows[:] = [row for row in rows if row.request_id != 1 or row.at <= before.at + HOUR / 60]


def a_request_nobody_is_told_of(history: History) -> None:
    for rows in (history.steps, history.told, history.numbers):
        rows[:] = [row for row in rows if row.request_id != 5]
    history.events = [e for e in history.events if e.request_id != 5 or e.event != "cancelled"]
    history.requests[-1] = history.requests[-1]._replace(state="open")


def accepted_by_two(history: History) -> None:
    taken = next(e for e in history.events if e.event == "accepted")
    again = taken._replace(at=taken.at + timedelta(milliseconds=1), person_id=2)
    history.events.insert(history.events.index(taken) + 1, again)


def told_though_somebody_has_it(history: History) -> None:
    taken = next(e for e in history.events if e.event == "accepted" and e.request_id == 3)
    first = next(step for step in history.steps if step.request_id == 3)
    step = first._replace(at=taken.at + HOUR / 1800, rung=1, party="deputy", due_at=taken.at)
    history.steps.append(step)


def nobody_written_to(history: History) -> None:
    step = longest(history)[1]
    history.told = [told for told in history.told if abs(told.at - step.at) > HOUR / 60]


def somebody_elses_phone(history: History) -> None:
    step = longest(history)[1]
    for rows in (history.told, history.numbers):
        for at, row in enumerate(rows):
            if row.request_id == 1 and abs(row.at - step.at) < HOUR / 60:
                rows[at] = row._replace(phone_id=history.requests[-1].phone_id)


def one_of_them_left_out(history: History) -> None:
    step = longest(history)[1]
    swap(history, step, step._replace(people=step.people + 1))


def told_while_away(history: History) -> None:
    step = longest(history)[1]
    told = next(t for t in history.told if t.request_id == 1 and step.at <= t.at)
    (person,) = {m.person_id for m in history.members if m.phone_id == told.phone_id}
    early = step.at - HOUR
    history.away.append(Away(person, early, early + 10 * HOUR, None, early))


def told_again_below_the_desk(history: History) -> None:
    first, second = longest(history)[:2]
    told = next(t for t in history.told if t.request_id == 1 and t.at >= first.at)
    history.told.append(told._replace(at=second.at + timedelta(milliseconds=5)))


def told_of_ones_own(history: History) -> None:
    step, asker = longest(history)[1], history.requests[0].phone_id
    moment = step.at + timedelta(milliseconds=5)
    history.told.append(Told(1, asker, moment, moment))


def closed_by_nobody(history: History) -> None:
    history.requests[1] = history.requests[1]._replace(state="closed")


def backwards(history: History) -> None:
    steps = longest(history)
    swap(history, steps[2], steps[2]._replace(rung=0, party="duty"))


GRAVE: list[tuple[str, Callable[[History], None]]] = [
    ("twice", a_step_taken_twice),
    ("order", a_step_taken_again_by_a_second_clock),
    ("skipped", a_rung_passed_over),
    ("late", a_wait_doubled),
    ("late", a_wait_longer_by_a_minute),
    ("early", a_wait_cut_short),
    ("end", a_lap_that_stops_climbing),
    ("late", a_lap_that_stops_climbing),
    ("late", a_desk_that_is_not_reminded),
    ("end", a_request_nobody_is_told_of),
    ("late", a_request_nobody_is_told_of),
    ("double", accepted_by_two),
    ("had", told_though_somebody_has_it),
    ("untold", nobody_written_to),
    ("others", somebody_elses_phone),
    ("count", one_of_them_left_out),
    ("away", told_while_away),
    ("again", told_again_below_the_desk),
    ("asker", told_of_ones_own),
    ("state", closed_by_nobody),
    ("order", backwards),
]


@pytest.mark.parametrize(("name", "harm"), GRAVE, ids=lambda one: getattr(one, "__name__", one))
def test_each_harm_is_seen(history: History, name: str, harm: Callable[[History], None]) -> None:
    harm(history)
    assert name in seen(history)


def test_every_harm_there_is_a_name_for_is_tried() -> None:
    assert {name for name, _ in GRAVE} == set(HARMS)


def test_a_wait_is_excused_by_clocks_that_stood_still_and_not_longer(history: History) -> None:
    due = longest(history)[1].at
    cancelled_after_two_steps(history)
    a_wait_doubled(history)
    history.outages.append(Outage(due - HOUR, due + 3 * HOUR))
    assert "late" not in seen(history)
    history.outages[:] = [Outage(due - HOUR, due + 2 * HOUR)]
    assert "late" in seen(history)


def test_a_step_is_early_only_where_nobody_passed_the_request_on(history: History) -> None:
    cancelled_after_two_steps(history)
    a_wait_cut_short(history)
    assert "early" in seen(history)
    step = longest(history)[1]
    history.events.append(Happened(1, "passed", None, step.at - timedelta(milliseconds=5)))
    assert "early" not in seen(history)


# -- a service that climbs another ladder than the file's


def waits_twice_as_long(steps: list[dict[str, str]]) -> None:
    steps[1]["wait"] = "4h"


def forgets_the_deputy(steps: list[dict[str, str]]) -> None:
    steps[1]["tell"] = "team"


def tells_the_commune_first(steps: list[dict[str, str]]) -> None:
    steps[1]["tell"] = "commune"


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        ({"late"}, waits_twice_as_long),
        ({"others"}, forgets_the_deputy),
        ({"others", "again"}, tells_the_commune_first),
    ],
)
def test_a_service_that_climbs_otherwise_is_seen(
    timed: TimedWorld, names: set[str], fault: Callable[[list[dict[str, str]]], None]
) -> None:
    source = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    fault(source["ladders"]["ordinary"]["steps"])
    ladders, faults = read_ladders(source)
    assert faults == []
    words = replace(timed.runtime.words, ladders=ladders)
    ask(timed.phone(NEIGHBOUR))
    for _ in range(4):
        timed.time.turn_to(timed.one("SELECT min(due_at) AS at FROM climbs").at)
        climb_due(timed.runtime.units, words)
    assert seen(read_history(timed.engine)) & names


# -- the rules of the file, worked out twice


def minutes() -> st.SearchStrategy[tuple[int, int]]:
    spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440))
    return spans.filter(lambda span: span[0] < span[1])


def rungs() -> Iterator[tuple[str, int]]:
    for name, ladder in PROMISES.ladders.items():
        for number in range(len(ladder.rungs)):
            yield name, number


@given(
    seconds=st.integers(0, 60 * 24 * 3600),
    spans=st.lists(minutes(), min_size=1, max_size=3),
    which=st.sampled_from([*rungs()]),
)
def test_the_judge_and_the_service_count_the_same_waiting(
    seconds: int, spans: list[tuple[int, int]], which: tuple[str, int]
) -> None:
    name, number = which
    moment = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    promise, ladder = PROMISES.ladders[name], LADDERS.by_name[name]
    expected = due_after(moment, promise.rungs[number], spans, sleeps=promise.sleeps)
    assert ladder.due(moment, number, [Hours(*span) for span in spans]) == expected
