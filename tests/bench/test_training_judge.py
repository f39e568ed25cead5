"""The judge of a class sees each kind of harm: a true history, harmed one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bench.ladder_history import Outage
from bench.training_history import Happened, History, Placed, Said, read_history
from bench.training_judge import HARMS, Screen, Verdict, judge
from service.text.local_time import VIETNAM
from service.village.seating import Seating
from tests.village import MORNING, TimedWorld, demo_village, empty_tables
from tests.village_work.classes import look, training

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
PEOPLE = [f"+8490000001{n:02}" for n in range(8)]
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def lived(session_timed: TimedWorld) -> History:
    """A class of two seats, until it begins: everything a place in it can come to."""
    world = session_timed
    empty_tables(world.engine)
    world.time.turn_to(MORNING)
    demo_village(world)
    world.refresh()
    for number, msisdn in enumerate(PEOPLE):
        _somebody(world, number, msisdn)
    training_id = training(world, seats=2, starts_at=EVENING)
    phones = [world.phone(msisdn) for msisdn in PEOPLE]
    for phone in phones[:7]:
        phone.text("LOP 12")
    phones[0].text("HUY LOP 12")  # offered to the third, who takes it
    phones[2].text("1")
    seats = [(0, 2), (_last_event(world), 1)]
    with world.runtime.units.open() as unit:
        Seating(unit, world.runtime.words, training_id).resize(1)
    seats.append((_last_event(world), 2))
    with world.runtime.units.open() as unit:
        Seating(unit, world.runtime.words, training_id).resize(2)
    world.let_pass(hours=4, seconds=5)  # who was moved back was silent: it lapses to the fourth
    look(world)
    phones[3].text("2")  # declined, to the fifth, who answers a second too late, unswept
    world.let_pass(hours=4, seconds=1)
    phones[4].text("1")
    phones[5].text("2")
    phones[6].text("1")
    world.time.turn_to(EVENING - timedelta(minutes=29, seconds=55))
    look(world)
    world.time.turn_to(EVENING + timedelta(minutes=1))
    return read_history(world.engine, training_id, seats)


def _somebody(world: TimedWorld, number: int, msisdn: str) -> None:
    values = {"msisdn": msisdn, "name": f"Bà Thử {number}"}
    world.do("INSERT INTO phones (msisdn) VALUES (:msisdn)", msisdn=msisdn)
    world.do(
        """INSERT INTO people (name, area_id, phone_id)
           SELECT :name, (SELECT id FROM areas WHERE kind = 'hamlet' ORDER BY id LIMIT 1), id
           FROM phones WHERE msisdn = :msisdn""",
        **values,
    )
    world.do("UPDATE phones p SET holder_id = h.id FROM people h WHERE h.phone_id = p.id")


def _last_event(world: TimedWorld) -> int:
    return int(world.one("SELECT max(id) AS id FROM enrolment_events").id)


@pytest.fixture
def history(lived: History) -> History:
    lists = ("places", "events", "said", "texts", "outages", "seats")
    return replace(lived, **{name: list(getattr(lived, name)) for name in lists})


def seen(history: History) -> set[str]:
    return {harm.name for harm in judge(history, 12).harms}


def test_of_a_true_history_nothing_is_said_and_all_is_counted(history: History) -> None:
    verdict: Verdict = judge(history, 12)
    assert verdict.harms == []
    assert verdict.replay is not None
    assert verdict.replay.most_held == 2
    happened = {event.event for event in history.events}
    assert happened == {
        *("seated", "queued", "offered", "accepted", "declined"),
        *("lapsed", "left", "moved_back", "ended"),
    }
    assert {"class_seated", "class_queued", "class_too_late", "class_row_over"} <= set(verdict.told)


# -- what each harm does to a history


def first(history: History, event: str) -> int:
    return next(n for n, one in enumerate(history.events) if one.event == event)


def saying(history: History, key: str) -> int:
    return next(n for n, one in enumerate(history.said) if one.key == key)


def change(items: list, index: int, **changes: object) -> None:
    items[index] = items[index]._replace(**changes)


def one_seat_less(history: History) -> None:
    history.seats = [(0, 1)]


def a_row_too_long(history: History) -> None:
    queued = history.events[first(history, "queued")]
    place = next(one for one in history.places if one.id == queued.place_id)
    for number in range(101):
        history.places.append(Placed(9000 + number, place.phone_id, "waiting", 0, place.who))
        history.events.insert(
            first(history, "left"), Happened(queued.id, 9000 + number, "queued", queued.at)
        )


def offered_past_the_first(history: History) -> None:
    last = next(e for e in reversed(history.events) if e.event == "queued")
    change(history.events, first(history, "offered"), place_id=last.place_id)


def accepted_twice(history: History) -> None:
    at = first(history, "accepted")
    history.events.insert(at, history.events[at])


def stands_otherwise(history: History) -> None:
    change(history.places, 1, state="waiting")


def nobody_ended_the_row(history: History) -> None:
    ended = history.events.pop(first(history, "ended"))
    number = next(n for n, one in enumerate(history.places) if one.id == ended.place_id)
    change(history.places, number, state="waiting")


def an_offer_cut_short(history: History) -> None:
    at = first(history, "lapsed")
    change(history.events, at, at=history.events[at].at - HOUR)


def a_lapse_seen_late(history: History) -> None:
    at = first(history, "lapsed")
    for number in range(at, len(history.events)):
        change(history.events, number, at=history.events[number].at + timedelta(seconds=20))
    for number, said in enumerate(history.said):
        if said.at >= history.events[at].at - timedelta(seconds=20):
            change(history.said, number, at=said.at + timedelta(seconds=20))


def a_seat_left_free(history: History) -> None:
    at = next(n for n, e in enumerate(history.events) if e.event == "left") + 1
    assert history.events[at].event == "offered"
    change(history.events, at, at=history.events[at].at + timedelta(seconds=20))


def never_told_of_the_offer(history: History) -> None:
    history.said.pop(saying(history, "class_offer"))


def never_answered(history: History) -> None:
    history.said.pop(saying(history, "class_queued"))


def told_twice(history: History) -> None:
    history.said.append(history.said[saying(history, "class_offer")])


def answered_twice(history: History) -> None:
    history.said.append(history.said[saying(history, "class_seated")])


def an_offer_of_nothing(history: History) -> None:
    change(history.said, saying(history, "class_offer"), number=999)


def left_without_leaving(history: History) -> None:
    left = history.said[saying(history, "class_left")]
    other = next(one.phone_id for one in history.places if one.state == "seated")
    history.said.append(left._replace(phone_id=other, at=left.at + HOUR))


def another_answer_than_happened(history: History) -> None:
    change(history.said, saying(history, "class_queued"), key="class_seated")


def another_name(history: History) -> None:
    said = history.said[saying(history, "class_offer")]
    body = said.body.replace("Ba Thu 2", "Ba Thu 7")
    change(history.said, saying(history, "class_offer"), body=body)


def another_hour(history: History) -> None:
    said = history.said[saying(history, "class_offer")]
    change(history.said, saying(history, "class_offer"), body=said.body.replace("13h", "14h"))


def another_number(history: History) -> None:
    number = saying(history, "class_queued")
    said: Said = history.said[number]
    change(history.said, number, body=said.body.replace("hang thu 1", "hang thu 2"))


def full_though_it_was_not(history: History) -> None:
    refused = history.said[saying(history, "class_left")]
    history.said.append(refused._replace(cause="ussd", key="class_row_full", at=refused.at + HOUR))


def neither_yes_nor_no(history: History) -> None:
    change(history.said, saying(history, "class_seated"), key="class_gone")


def two_segments(history: History) -> None:
    change(history.said, saying(history, "class_offer"), segments=2)


@pytest.mark.parametrize(
    ("harms", "name"),
    [
        (one_seat_less, "seats"),
        (a_row_too_long, "row"),
        (offered_past_the_first, "turn"),
        (accepted_twice, "order"),
        (stands_otherwise, "state"),
        (nobody_ended_the_row, "end"),
        (an_offer_cut_short, "early"),
        (a_lapse_seen_late, "late"),
        (a_seat_left_free, "late"),
        (never_told_of_the_offer, "untold"),
        (never_answered, "untold"),
        (never_answered, "unanswered"),
        (told_twice, "twice"),
        (answered_twice, "twice"),
        (an_offer_of_nothing, "groundless"),
        (left_without_leaving, "groundless"),
        (another_answer_than_happened, "wrong"),
        (another_name, "wrong"),
        (another_hour, "wrong"),
        (another_number, "number"),
        (full_though_it_was_not, "full"),
        (neither_yes_nor_no, "vague"),
        (two_segments, "long"),
    ],
)
def test_each_harm_is_seen(history: History, harms: Callable[[History], None], name: str) -> None:
    harms(history)
    assert name in seen(history)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("END Lop 12 da du. Ba Thu 3 xep hang thu 2.", ""),
        ("END Lop 12 da du. Ba Thu 3 xep hang thu 7.", "number"),
        ("END Ba Thu 3 co cho lop 12: toi thu 5.", "groundless"),
        ("END Lop 12 het cho, hang doi cung du.", ""),
        ("END Xin loi, dich vu dang ban.", "vague"),
    ],
)
def test_what_callers_are_shown_is_judged_too(history: History, said: str, name: str) -> None:
    fourth = history.texts[3].phone_id
    found = judge(history, 12, [Screen(fourth, said)]).harms
    assert {harm.name for harm in found} == ({name} if name else set())


def test_every_harm_is_tried() -> None:
    (marks,) = (mark for mark in test_each_harm_is_seen.pytestmark if mark.name == "parametrize")
    assert {name for _, name in marks.args[1]} == set(HARMS)


def test_a_sweep_that_a_dead_clock_held_is_excused_and_counted_apart(history: History) -> None:
    a_seat_left_free(history)
    left = history.events[first(history, "left")]
    history.outages.append(Outage(left.at - HOUR, left.at + timedelta(seconds=60)))
    verdict = judge(history, 12)
    assert "late" not in {harm.name for harm in verdict.harms}
    assert verdict.replay is not None
    assert max(verdict.replay.delays_after_outage) > 19
