"""The rules and the dice, without a network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.phones.faults import KINDS, Faults, RuleError, catalogue

NUMBERS = [f"+8490000{number:04d}" for number in range(2000)]


def struck(faults, numbers, throws=1):
    return [
        (number, throw)
        for throw in range(throws)
        for number in numbers
        if faults.draw("send", "asked", [number])
    ]


def faults_with(*rules, seed=1):
    faults = Faults()
    faults.clear(seed)
    faults.add(rules)
    return faults


def test_a_share_is_about_that_share():
    faults = faults_with({"place": "send", "kind": "close", "share": 0.06})
    assert 80 <= len(struck(faults, NUMBERS)) <= 160  # 120 expected, four deviations either way


@given(st.permutations(NUMBERS[:12]), st.integers(0, 1000))
def test_the_dice_do_not_depend_on_the_order_of_the_threads(shuffled, seed):
    rule = {"place": "send", "kind": "close", "share": 0.5}
    straight = struck(faults_with(rule, seed=seed), NUMBERS[:12], 3)
    other = struck(faults_with(rule, seed=seed), shuffled, 3)
    assert sorted(straight) == sorted(other)


def test_another_seed_throws_other_dice():
    rule = {"place": "send", "kind": "close", "share": 0.5}
    assert struck(faults_with(rule, seed=1), NUMBERS) != struck(faults_with(rule, seed=2), NUMBERS)


def test_two_rules_throw_apart():
    rule = {"place": "send", "kind": "close", "share": 0.5}
    faults = faults_with(rule, rule)
    both = [len(faults.draw("send", "asked", [number])) for number in NUMBERS]
    assert {0, 1, 2} == set(both)


@given(st.integers(0, 20), st.floats(0, 1))
def test_a_count_is_never_exceeded(count, share):
    faults = faults_with({"place": "send", "kind": "close", "share": share, "count": count})
    assert len(struck(faults, NUMBERS[:50])) <= count
    if share == 1:
        assert faults.rules[0].hits == count


def test_only_the_numbers_named_are_struck():
    faults = faults_with({"place": "send", "kind": "close", "numbers": NUMBERS[5:7]})
    assert [number for number, _ in struck(faults, NUMBERS[:20])] == NUMBERS[5:7]
    assert faults.draw("send", "asked", NUMBERS[:6])
    assert not faults.draw("send", "asked", [])


def test_a_rule_strikes_only_its_place_and_stage():
    faults = faults_with({"place": "user", "kind": "close"})
    assert not faults.draw("send", "asked", NUMBERS)
    assert not faults.draw("user", "each")
    assert faults.draw("user", "asked")


def test_clearing_forgets_throws_and_ids():
    rule = {"place": "send", "kind": "close", "share": 0.5}
    faults = faults_with(rule)
    first = struck(faults, NUMBERS[:100])
    faults.clear(1)
    assert faults.draw("send", "asked", NUMBERS) == []
    assert faults.add([rule])[0].id == 1
    assert struck(faults, NUMBERS[:100]) == first


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("close", "a rule is an object"),
        ({}, "no place None; there are: send"),
        ({"place": "moon", "kind": "close"}, "no place 'moon'"),
        ({"place": "send", "kind": "early"}, "no kind 'early' at send; there are: hang, close"),
        ({"place": "send", "kind": "close", "sahre": 1}, "close at send has no field 'sahre'"),
        ({"place": "send", "kind": "charset", "when": "before"}, "has no field 'when'"),
        ({"place": "send", "kind": "close", "when": "during"}, "when cannot be 'during'"),
        ({"place": "send", "kind": "close", "share": 1.5}, "share cannot be 1.5"),
        ({"place": "send", "kind": "close", "share": True}, "share cannot be True"),
        ({"place": "send", "kind": "close", "count": -1}, "count cannot be -1"),
        ({"place": "send", "kind": "close", "numbers": "+84900000001"}, "numbers cannot be"),
        ({"place": "send", "kind": "close", "numbers": ["0900000001"]}, "write them like"),
        ({"place": "send", "kind": "status", "code": 42}, "code cannot be 42"),
        ({"place": "sms", "kind": "late", "seconds": "5"}, "seconds cannot be '5'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_explained(rule, says):
    faults = Faults()
    with pytest.raises(RuleError) as error:
        faults.add([{"place": "send", "kind": "close"}, rule])
    assert says in str(error.value)
    assert faults.rules == ()


def test_every_kind_can_be_switched_on_as_the_catalogue_shows_it():
    for entry in catalogue():
        rule = {"place": entry["place"], "kind": entry["kind"], **entry["fields"]}
        [added] = Faults().add([rule])
        assert rule.items() <= added.shown().items()
    assert len(catalogue()) == len(KINDS)
