"""The audit: every search finds its lines, nobody changes one, and what is over age goes."""

from __future__ import annotations

import ast
import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from service.console.audit import note
from service.console.words import read_words
from service.records.console import Role
from service.village.keeping import forget, over_age
from tests.console.office import Browser, Office
from tests.house.source import modules
from tests.village import LEADER, NEIGHBOUR, World
from tests.village_work.test_work_erasure import erase
from tests.village_work.words import ask

CHANGES = (
    "UPDATE audit SET actor = 'nobody'",
    "UPDATE audit SET detail = '{}' WHERE at < clock_timestamp() - interval '3 years'",
    "DELETE FROM audit",
    "DELETE FROM audit WHERE at > clock_timestamp() - interval '23 months'",
    "TRUNCATE audit",
    "TRUNCATE audit, questions",
)


@pytest.fixture
def browser(office: Office) -> Browser:
    return office.somebody(Role.OPERATOR)


def lines(world: World, *rows: tuple[str, str, str], days_ago: float = 0) -> None:
    for actor, action, about in rows:
        world.do(
            """INSERT INTO audit (at, actor, action, about, detail)
               VALUES (clock_timestamp() - :days * interval '1 day', :actor, :action, :about, '{}')""",
            days=days_ago,
            actor=actor,
            action=action,
            about=about,
        )


def shown(page: str) -> list[tuple[str, str]]:
    """Who and about what, line by line."""
    return re.findall(r'\?actor=[^"]*">([^<]+)</a>.*?\?about=[^"]*">([^<]+)</a>', page, re.DOTALL)


def run_raw(world: World, statement: str) -> Any:
    """As anybody with the service's own rights at the database."""
    with world.engine.begin() as connection:
        return connection.execute(text(statement))


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_itself_keeps_every_line(world: World, change: str) -> None:
    lines(world, ("console nong.an", "signed_in", "console nong.an"))
    lines(world, ("clock", "week_to_teams", "week 2020-W01"), days_ago=1200)
    with pytest.raises(DatabaseError, match="the audit is only added to"):
        run_raw(world, change)
    assert len(world.rows("SELECT actor FROM audit WHERE actor <> 'nobody'")) == 2


def test_a_line_older_than_two_years_may_go_and_does(world: World) -> None:
    lines(world, ("clock", "week_to_teams", "old"), days_ago=740)
    lines(world, ("clock", "week_to_teams", "young"), days_ago=720)
    assert over_age(world.engine)["audit"] == 1
    assert forget(world.engine)["audit"] == 1
    assert [row.about for row in world.rows("SELECT about FROM audit")] == ["young"]
    assert over_age(world.engine)["audit"] == 0


def test_who_did_what_to_whom_the_newest_first(browser: Browser, world: World) -> None:
    lines(world, ("person 7", "read_number", "request 12"), ("person 8", "joined", "invitation 3"))
    page = browser.get("/audit").text
    assert shown(page)[0] == ("person 8", "invitation 3")
    assert "Nhận lời mời" in page
    assert "Xem số điện thoại" in page
    assert "Thêm người dùng" in page, "how this operator came in"
    assert "Read a telephone number" in browser.get("/audit?lang=en").text


def test_each_field_narrows_and_together_they_narrow_more(browser: Browser, world: World) -> None:
    lines(world, ("person 7", "read_number", "request 12"), ("person 7", "joined", "request 120"))
    lines(world, ("person 70", "read_number", "request 12"), days_ago=3)
    seen = lambda asked: shown(browser.get(f"/audit?{asked}").text)  # noqa: E731
    assert seen("actor=person+7") == [("person 7", "request 120"), ("person 7", "request 12")]
    assert len(seen("actor=person+7*")) == 3
    assert len(seen("about=request+12")) == 2
    assert len(seen("about=request+12*")) == 3
    assert len(seen("action=read_number")) == 2
    assert seen("action=read_number&actor=person+70") == [("person 70", "request 12")]
    day = world.one(
        """SELECT ((clock_timestamp() - interval '3 days') AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
           AS day"""
    ).day
    assert seen(f"from={day}&to={day}") == [("person 70", "request 12")]
    assert seen(f"to={day:%d/%m/%Y}") == [("person 70", "request 12")]
    assert len(seen(f"from={day}&actor=person*")) == 3
    assert seen("about=%25*") == [], "a sign of patterns is a sign like others"
    assert seen("about=request_12") == []
    assert "Không có dòng nào" in browser.page


def test_days_are_vietnams(browser: Browser, world: World) -> None:
    world.do(
        """INSERT INTO audit (at, actor, action, about)
           VALUES ('2026-11-23 16:59+00', 'person 1', 'joined', 'late on the 23rd'),
                  ('2026-11-23 17:01+00', 'person 1', 'joined', 'early on the 24th')"""
    )
    assert shown(browser.get("/audit?from=23/11/2026&to=23/11/2026").text) == [
        ("person 1", "late on the 23rd")
    ]


def test_pages_hold_fifty_and_lose_no_line_of_the_same_moment(
    browser: Browser, world: World
) -> None:
    world.do(
        """INSERT INTO audit (at, actor, action, about)
           SELECT '2026-11-20 01:00+00', 'person 1', 'joined', 'invitation ' || n
           FROM generate_series(1, 120) AS n"""
    )
    path, found = "/audit?actor=person+1", []
    for _ in range(4):
        page = browser.get(path).text
        found += [about for _, about in shown(page)]
        further = re.search(r'<a class="button second-button" href="([^"]+)"', page)
        path = further[1].replace("&amp;", "&") if further else ""
        if not path:
            break
    assert found == [f"invitation {n}" for n in range(120, 0, -1)]


def test_numbers_are_masked_whoever_wrote_them(browser: Browser, world: World) -> None:
    world.do(
        """INSERT INTO audit (actor, action, about, detail)
           VALUES ('operator +84900000007', 'unheard_of', 'phone 0900000008',
                   '{"reason": "gọi 0900000009", "told": [1, 2], "<b>": "<i>"}')"""
    )
    page = browser.get("/audit?action=unheard_of").text
    for number in ("900000007", "0900000008", "0900000009"):
        assert number not in page
    assert "unheard_of" in page
    assert "told: 1, 2" in page
    assert "&lt;b&gt;: &lt;i&gt;" in page


def test_the_file_is_in_the_audit_itself(browser: Browser, world: World) -> None:
    lines(world, ("=cmd", "joined", "@x"))
    browser.get("/audit?action=joined")
    answer = browser.submit("/audit/file")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1][1:5] == ["'=cmd", "Nhận lời mời", "joined", "'@x"]
    line = world.one("SELECT actor, about, detail FROM audit WHERE action = 'exported'")
    assert (line.actor, line.about) == ("console nong.an", "audit")
    assert line.detail == {"rows": "1", "action": "joined"}


@pytest.mark.parametrize("role", [Role.PROVINCE, Role.COMMUNE, Role.VIEWER])
def test_only_an_operator_reads_it(office: Office, role: Role) -> None:
    browser = office.somebody(role)
    assert browser.get("/audit").status_code == 403
    assert 'href="/audit"' not in browser.get("/account").text


@pytest.mark.parametrize(
    "asked",
    ["actor=%00", "about=%E2%80%AE", "action=" + "x" * 81, "from=9999-12-31", "to=gestern",
     "from=2026-11-24&to=2026-11-23", "after=1", "after=9999999999999999999999.1",
     "after=999999999999999999.1"],
)  # fmt: skip
def test_what_cannot_be_understood_is_named(browser: Browser, asked: str) -> None:
    answer = browser.get(f"/audit?{asked}")
    assert answer.status_code == 400
    assert "Không hiểu ô" in answer.text


def test_hostile_words_are_looked_for_as_they_are(browser: Browser) -> None:
    for typed in ("%27%3B+DROP+TABLE+audit%3B--", "%5C", "%5C*", "*", "%25", "%ff", "<script>"):
        for name in ("actor", "action", "about"):
            answer = browser.get(f"/audit?{name}={typed}")
            assert answer.status_code == 200
            assert "<script>" not in answer.text


def test_what_was_typed_is_masked_before_it_is_written(world: World) -> None:
    with world.engine.begin() as connection:
        note(connection, "console x", "tested", "request 1", reason="gọi 0900000009 ngay")
    assert "0900000009" not in world.one("SELECT detail::text AS d FROM audit").d


def test_an_erasure_leaves_no_number_and_no_name_in_it(world: World) -> None:
    ask(world.phone(NEIGHBOUR))
    world.phone(LEADER).text("NV 1")
    world.phone(LEADER).text("CT 1")
    erase(world.phone(NEIGHBOUR))
    kept = str(world.rows("SELECT actor, about, detail::text FROM audit"))
    assert "erased" in str(world.rows("SELECT action FROM audit"))
    for personal in (NEIGHBOUR, NEIGHBOUR[3:], "Mai", "0900000007"):
        assert personal not in kept


def actions_in(node: ast.Call) -> set[str]:
    """The actions that a call writes into the audit, as far as they stand there as words."""
    name = ast.unparse(node.func).rpartition(".")[2]
    given: list[ast.expr] = []
    if name == "Audit":
        given = [keyword.value for keyword in node.keywords if keyword.arg == "action"]
    elif name == "note":
        given = node.args[2:3]
    elif name in {"note_done", "_audit", "_note", "_act", "_once"}:
        given = node.args[1:]
    return {
        one.value
        for value in given
        if not isinstance(value, ast.Attribute | ast.JoinedStr | ast.Dict)
        for one in ast.walk(value)
        if isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and re.fullmatch(r"[a-z]+(_[a-z]+)*", one.value)
    }


def test_every_action_that_is_written_has_a_sentence() -> None:
    """Found in the code: whoever writes a new one says what it means, in texts/*/audit.yaml."""
    written = set()
    for path, module in modules().items():
        if path.startswith(("service/console", "service/village", "service/cli")):
            calls = (node for node in ast.walk(module) if isinstance(node, ast.Call))
            written |= set().union(*map(actions_in, calls))
    assert {"signed_in", "class_cancelled", "removed_member", "pin_changed", "exported"} <= written
    for words in read_words().values():
        assert {f"act.{action}" for action in written} <= set(words.sentences)
