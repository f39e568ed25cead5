"""/metrics: who may read it, that Prometheus can, and that it says nothing of anybody."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
import structlog.testing
from sqlalchemy import event, text

from service.ops.metrics import EVENTS, OF_THE_SCRAPE, READINGS, names, word
from service.outbox.classes import LANES
from tests.house.source import ROOT, modules
from tests.ops.metrics_pages import TOKEN, scrape
from tests.village import HAMLET, LEADER, NEIGHBOUR, VILLAGER, World

SOMETIMES = ("redis_up", "carrier_paused", "carrier_paused_seconds", "alarms_open", "recent_messages",
          "recent_attempts", "carrier_call_p95_seconds", "due_to_accepted_p95_seconds",
          "last_report_age_seconds", "stray_reports", "process_beat_age_seconds",
          "timetable_period_seconds", "timetable_overdue_seconds", "timetable_failing")  # fmt: skip
"""What has a line only when there is something to tell."""
COUNTED = re.compile(r"""(?:tally\.count|[^.\w]add)\((?:connection, )?["'](\w+)["']""")


@pytest.fixture
def shown(world: World) -> Iterator[World]:
    """The demo village, with a page that its token opens."""
    other = World(world.runtime.settings.database_url, metrics_token=TOKEN)
    yield other
    other.close()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer \u1ebf"},
        {"Cookie": f"token={TOKEN}"},
    ],
)
def test_without_the_token_there_is_nothing_here(shown: World, headers: dict[str, str]) -> None:
    encoded = {key: value.encode().decode("latin-1") for key, value in headers.items()}
    there = shown.client.get("/metrics", headers=encoded)
    nowhere = shown.client.get("/nowhere")
    assert there.status_code == nowhere.status_code == 404
    assert "caunoi_" not in there.text


def test_no_other_method_and_no_query_opens_it(shown: World) -> None:
    good = {"Authorization": f"Bearer {TOKEN}"}
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        assert shown.client.open("/metrics", method=method, headers=good).status_code == 404
    assert shown.client.get(f"/metrics?token={TOKEN}").status_code == 404
    assert shown.client.head("/metrics", headers=good).status_code == 200


def test_where_no_token_is_set_nobody_reads_it(world: World) -> None:
    for given in ("", "Bearer ", f"Bearer {TOKEN}", "Bearer None"):
        answer = world.client.get("/metrics", headers={"Authorization": given})
        assert answer.status_code == 404


def test_all_is_told_and_prometheus_understands_it(shown: World) -> None:
    page = scrape(shown)
    told = page.families()
    missing = {name for name in names() if name not in told}
    assert missing <= {f"caunoi_{name}" for name in SOMETIMES}
    assert set(told) <= set(names())
    assert page.figure("database_up") == 1
    failed = {of["reading"] for told, of, value in page.lines()
              if told == "caunoi_reading_failed" and value}  # fmt: skip
    assert failed == set()
    assert {of["reading"] for told, of, _ in page.lines() if told == "caunoi_reading_failed"} == {
        reading.name for reading in READINGS
    }
    for lane in LANES:
        assert page.figure("lane_waiting_messages", lane=lane) == 0
        assert page.figure("processes_alive", kind="worker", lane=lane) == 0, "named though gone"
    assert page.figure("processes_alive", kind="clock") == 0


def test_names_follow_prometheus_s_conventions() -> None:
    for name, labels in names().items():
        assert re.fullmatch(r"caunoi_[a-z][a-z0-9_]*[a-z0-9]", name)
        assert not re.search(r"_(milliseconds|ms|minutes|hours|days|percent|count|sum)$", name)
        assert all(re.fullmatch(r"[a-z]+", label) for label in labels)
        assert "le" not in labels
        assert "quantile" not in labels
    assert len(names()) == sum(len(reading.figures) for reading in READINGS) + len(OF_THE_SCRAPE)


def test_nothing_on_the_page_is_anybody_s(shown: World) -> None:
    shown.phone(VILLAGER).dial()
    shown.phone(NEIGHBOUR).text(f"HOTRO 1 {HAMLET}")
    shown.phone(LEADER).text("VIEC")
    shown.do("""
        INSERT INTO alarms (name, about, detail) VALUES ('+84900000001', 'Lò Văn Thử', 'x'),
                                                        ('bad_thing', 'phone 7', '+84900000002')
    """)
    shown.do("""
        INSERT INTO carrier_pauses (carrier, code, detail, until)
        VALUES ('africastalking', 'Insufficient credit of +84900000003', '',
                clock_timestamp() + interval '1 minute')
    """)
    page = scrape(shown)
    assert page.figure("alarms_open", alarm="other") == 1
    assert page.figure("alarms_open", alarm="bad_thing") == 1
    assert page.figure("carrier_paused", carrier="africastalking", code="other") == 1
    for name, labels, _ in page.lines():
        if name != "caunoi_build_info":
            assert all(re.fullmatch(r"[a-z_]*", value) for value in labels.values()), (name, labels)
    kept = {value for row in shown.rows("""
        SELECT msisdn FROM phones UNION ALL SELECT name FROM people
        UNION ALL SELECT name FROM areas WHERE kind = 'hamlet'
    """) for value in row if value and len(value) > 4}  # fmt: skip
    assert kept
    assert [value for value in kept if value in page.text or value.lstrip("+") in page.text] == []


def test_a_label_is_a_word_of_ours_or_other() -> None:
    for kept in ("", "reply", "no_balance", "http_503"):
        assert word(kept) == kept
    assert word(None) == ""
    for strange in ("+84900000001", "84900000001", "x84900000001", "Mai Thử", "a b", "A", "a" * 41,
                    "0900", "reply\n", 7):  # fmt: skip
        assert word(strange) == "other", strange


def test_every_process_answers_alike(shown: World) -> None:
    twin = World(shown.runtime.settings.database_url, metrics_token=TOKEN)
    shown.phone(NEIGHBOUR).text(f"HOTRO 1 {HAMLET}")
    for name in ("requests", "lane_waiting_messages", "recent_messages", "recent_texts"):
        told = [{(*of.items(), value) for said, of, value in scrape(which).lines()
                 if said == f"caunoi_{name}"} for which in (shown, twin)]  # fmt: skip
        assert told[0] == told[1] != set()
    twin.close()


@pytest.mark.parametrize(
    "url",
    ["postgresql://caunoi@/caunoi?host=/nowhere", "postgresql://caunoi@127.0.0.1:9/caunoi"],
)
def test_a_database_that_is_away_is_a_figure_and_no_error(url: str) -> None:
    away = World(url, metrics_token=TOKEN)
    began = time.monotonic()
    with structlog.testing.capture_logs() as logs:
        page = scrape(away)
    assert time.monotonic() - began < 5
    assert page.figure("database_up") == 0
    assert page.figure("build_info") == 1
    assert {name for name, _, _ in page.lines()} == {
        "caunoi_database_up", "caunoi_build_info", "caunoi_scrape_seconds"
    }  # fmt: skip
    assert [line["event"] for line in logs] == ["database_away"]
    away.close()


def test_redis_is_told_of_where_there_is_one(shown: World, servers: dict[str, str]) -> None:
    assert scrape(shown).figure("redis_up") is None
    for redis_url, up in ((servers["redis"], 1), ("redis://127.0.0.1:9/0", 0)):
        other = World(shown.runtime.settings.database_url, metrics_token=TOKEN, redis_url=redis_url)
        assert scrape(other).figure("redis_up") == up
        other.close()


def test_a_table_that_is_locked_costs_its_own_figures_only(shown: World) -> None:
    with structlog.testing.capture_logs() as logs, shown.engine.begin() as locking:
        locking.execute(text("LOCK TABLE trainings IN ACCESS EXCLUSIVE MODE"))
        page = scrape(shown)
    assert page.figure("database_up") == 1
    assert page.figure("coming_classes") is None
    assert page.figure("lane_waiting_messages", lane="reply") == 0
    failed = {of["reading"] for name, of, value in page.lines()
              if name == "caunoi_reading_failed" and value}  # fmt: skip
    assert failed == {line["reading"] for line in logs} == {"classes"}
    assert scrape(shown).figure("coming_classes") == 0


def test_a_scrape_asks_as_often_whatever_there_is_to_tell(shown: World) -> None:
    asked: list[str] = []
    shown.client  # noqa: B018 - makes the page
    event.listen(
        shown.runtime.figures, "before_cursor_execute",
        lambda _connection, _cursor, statement, *_rest: asked.append(statement),
    )  # fmt: skip
    scrape(shown)
    empty = len(asked)
    for phone in (VILLAGER, NEIGHBOUR, LEADER):
        shown.phone(phone).dial()
        shown.phone(phone).text(f"HOTRO 1 {HAMLET}")
    asked.clear()
    scrape(shown)
    assert len(asked) == empty == len(READINGS)
    assert all(statement.strip().upper().startswith("SELECT") for statement in asked)


def test_whatever_is_counted_at_the_doors_is_told() -> None:

    counted = {
        name for path in modules() for name in COUNTED.findall((ROOT / path).read_text("utf-8"))
    }
    assert counted == set(EVENTS)
