"""The alert rules, the dashboard and the table of docs/ops speak of figures that are told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import yaml

from service.dialogue.ladder import Party
from service.ops.metrics import EVENTS, OF_THE_SCRAPE, READINGS, names
from service.outbox.classes import LANES
from service.records.messages import AttemptOutcome, MessageState
from tests.house.source import ROOT, modules

OPS = ROOT / "docs" / "ops"
NAME = re.compile(r"\bcaunoi_\w+")
RECORDED = re.compile(r"\bcaunoi:[\w:]+")
CHOSEN = re.compile(r"(caunoi_\w+)\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
GROUPED = re.compile(r"\b(?:by|without) \(([^)]*)\)")
VALUES = {
    "lane": set(LANES),
    "event": set(EVENTS),
    "state": set(MessageState) | {"open", "accepted", "done"},
    "outcome": set(AttemptOutcome),
    "step": {*Party, "nobody"},
    "code": {"unreachable", "throttled"},
}
"""What a selector may ask for; the names of alarms are looked up in the code."""


def rules() -> list[dict]:
    groups = yaml.safe_load((OPS / "prometheus-alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict]:
    return json.loads((OPS / "grafana-dashboard.json").read_text("utf-8"))["panels"]


def expressions() -> Iterator[tuple[str, str]]:
    for rule in rules():
        yield rule.get("alert") or rule["record"], rule["expr"]
    for panel in panels():
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def test_every_name_asked_for_is_told() -> None:
    told, recorded = set(names()), {rule["record"] for rule in rules() if "record" in rule}
    assert {(where, name) for where, expr in expressions()
            for name in NAME.findall(expr) if name not in told} == set()  # fmt: skip
    assert {(where, name) for where, expr in expressions()
            for name in RECORDED.findall(expr) if name not in recorded} == set()  # fmt: skip


def test_every_figure_is_on_the_dashboard_or_in_a_rule() -> None:
    asked = {name for _, expr in expressions() for name in NAME.findall(expr)}
    assert set(names()) - asked == set()


def test_selectors_ask_for_labels_and_values_there_are() -> None:
    code = "\n".join((ROOT / path).read_text("utf-8") for path in modules())
    asked = [(where, *choice) for where, expr in expressions() for choice in CHOSEN.findall(expr)]
    assert len(asked) > 10
    for where, name, matchers in asked:
        found = MATCHER.findall(matchers)
        assert found, (where, matchers)
        for label, values in found:
            assert label in names()[name], (where, name, label)
            for value in values.split("|"):
                known = value in VALUES.get(label, ()) or f'"{value}"' in code
                assert known, (where, label, value)


def test_what_is_grouped_by_is_a_label() -> None:
    for where, expr in expressions():
        labels = {label for name in NAME.findall(expr) for label in names()[name]}
        for group in GROUPED.findall(expr):
            asked = {label.strip() for label in group.split(",") if label.strip()}
            assert asked <= labels, (where, asked - labels)
        for opening, closing in ("()", "{}", "[]"):
            assert expr.count(opening) == expr.count(closing), where


@pytest.mark.parametrize(
    "rule", [rule for rule in rules() if "alert" in rule], ids=lambda r: r["alert"]
)
def test_an_alert_says_how_urgent_it_is_and_what_to_do(rule: dict) -> None:
    assert re.fullmatch(r"Caunoi[A-Z]\w+", rule["alert"])
    assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"})
    assert set(rule["annotations"]) == {"summary", "do"}
    used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    kept = {label.strip() for group in re.findall(r"by \(([^)]*)\)", rule["expr"])
            for label in group.split(",")}  # fmt: skip
    assert used <= kept, "a label that the expression throws away would be empty in the message"


def test_no_two_alerts_have_one_name_and_no_panel_is_twice() -> None:
    alerts = [rule["alert"] for rule in rules() if "alert" in rule]
    ids = [panel["id"] for panel in panels()]
    assert len(alerts) == len(set(alerts))
    assert len(ids) == len(set(ids))


def test_a_counter_is_asked_for_its_growth_and_a_gauge_is_not() -> None:
    for where, expr in expressions():
        for name in NAME.findall(expr):
            grown = re.search(rf"\b(?:rate|increase)\({name}(?:\{{[^}}]*\}})?\[", expr)
            assert bool(grown) == name.endswith("_total"), (where, name)


def test_the_table_names_every_figure_as_it_is_told() -> None:
    meanings = {name: meaning for reading in READINGS for name, meaning in reading.figures.items()}
    meanings |= {name: meaning for name, (meaning, _) in OF_THE_SCRAPE.items()}
    expected = [
        f"| `{name}` | {'counter' if name.endswith('_total') else 'gauge'}"
        f" | {', '.join(labels)} | {meanings[name]} |"
        for name, labels in names().items()
    ]
    lines = (OPS / "README.md").read_text("utf-8").splitlines()
    table = [line for line in lines if line.startswith("| `caunoi_")]
    assert table == expected
    prose = {name for name in NAME.findall("\n".join(lines)) if name not in names()}
    assert prose == set()
