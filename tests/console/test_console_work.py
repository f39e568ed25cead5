"""Requests, hamlets and classes at a glance: the figures are right, and each leads to its list."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from service.console import class_rows, looking, request_rows, work_figures
from service.console.ages import age_in_words
from service.console.scope import Places
from service.console.work_figures import standing_of, weeks_of
from service.console.work_requests import TOPICS
from service.records.console import Role
from service.records.requests import Event, RequestState
from service.records.teams import Level
from service.records.teams import Role as Member
from service.records.trainings import Audience, SeatState, TrainingState
from service.text.weeks import week_before
from service.village import measures
from tests.console.office import Browser, Office
from tests.measures.kit import WEEK, total
from tests.measures.test_measures import a_week_of_work
from tests.village import (
    DEPUTY,
    FAR_AWAY,
    HAMLET,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    VILLAGER,
    TimedWorld,
    World,
)
from tests.village_work.classes import training
from tests.village_work.words import ask

EVERYWHERE = "SELECT clock_timestamp() AS now"


@pytest.fixture
def browser(office: Office) -> Browser:
    return office.somebody(Role.VIEWER)


def place_of(office: Office, kind: str, code: str) -> int:
    found = office.world.one(
        "SELECT id FROM areas WHERE kind = :kind AND code = :code", kind=kind, code=code
    )
    return int(found.id)


def home(office: Office) -> int:
    """The commune of the demo village."""
    return int(office.world.one("SELECT parent_id FROM areas WHERE code = :c", c=HAMLET).parent_id)


def coordinator(office: Office, area_id: int, name: str = "la.thu") -> Browser:
    browser = office.somebody(Role.COMMUNE, name)
    office.world.do(
        "UPDATE console_users SET area_id = :area WHERE name = :name", area=area_id, name=name
    )
    return browser


def tile(page: str, what: str) -> str:
    """The figure that stands above some words."""
    found = re.search(rf'<span class="figure">([^<]+)</span> <span>{re.escape(what)}', page)
    assert found, what
    return found[1]


def statements(office: Office, browser: Browser, path: str) -> list[str]:
    asked: list[str] = []
    note = lambda *told: asked.append(told[2])  # noqa: E731
    event.listen(office.world.engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(office.world.engine, "before_cursor_execute", note)
    return asked


def everywhere(world: World) -> Places:
    return Places(everywhere=True, ids=frozenset(), now=world.one(EVERYWHERE).now)


def test_an_empty_village_is_said_in_words(browser: Browser) -> None:
    page = browser.get("/work").text
    assert "Việc của dân lúc này" in page
    assert tile(page, "việc chưa ai nhận") == "0"
    assert tile(page, "việc chờ lâu nhất") == "–"
    assert "khẩn cấp chưa xong" not in page
    assert "Không có lớp nào" in page
    assert "Không có việc nào như vậy" in browser.get("/work/requests").text


def test_what_nobody_has_is_counted_by_who_was_told_last(
    browser: Browser, office: Office, world: World
) -> None:
    ask(world.phone(NEIGHBOUR))
    ask(world.phone(VILLAGER), "VSSID")
    world.move_up()
    ask(world.phone(NEIGHBOUR), "DVC")
    world.do(
        "UPDATE help_requests SET opened_at = opened_at - interval '5 hours' WHERE topic = 'vneid'"
    )
    page = browser.get("/work").text
    assert tile(page, "việc chưa ai nhận") == "3"
    assert tile(page, "việc chờ lâu nhất") == "5 giờ 00"
    told = dict(re.findall(r'step=(\w+)">[^<]+</a></th>\s*<td class="number">(\d+)', page))
    assert told == {"duty": "1", "deputy": "2"}
    page = browser.get("/work/requests?step=deputy").text
    assert page.count('data-label="Tình trạng"') == 2
    assert "VNeID" in page
    assert "VssID" in page
    assert "đã báo đến tổ phó" in page
    with Session(world.engine) as session:
        seen = standing_of(session, everywhere(world)).steps
        meant = {one.step: one.open for one in measures.waiting(session)}
    assert {step: count.n for step, count in seen.items() if count.n} == meant


def test_in_hand_and_waiting_for_the_villagers_word(browser: Browser, world: World) -> None:
    ask(world.phone(NEIGHBOUR))
    world.phone(LEADER).text("NV 1")
    page = browser.get("/work").text
    assert tile(page, "việc đang có người giúp") == "1"
    assert "tổ trưởng, tổ xóm" in browser.get("/work/requests?state=accepted").text
    world.phone(LEADER).text("XONG 1")
    page = browser.get("/work").text
    assert tile(page, "việc đang có người giúp") == "0"
    assert tile(page, "việc báo xong, chờ dân trả lời") == "1"


def test_an_emergency_stands_before_everything_else(browser: Browser, world: World) -> None:
    world.phone(NEIGHBOUR).text("KHAN CAP")
    page = browser.get("/work").text
    assert "1 việc khẩn cấp chưa xong" in page
    assert page.index("khẩn cấp chưa xong") < page.index("việc chưa ai nhận")
    ask(world.phone(VILLAGER), "VSSID")
    listed = browser.get("/work/requests?emergency=1").text
    assert "Khẩn cấp</td>" in listed
    assert "VssID</td>" not in listed


def test_the_weeks_figures_are_those_of_the_measures(timed: TimedWorld) -> None:
    a_week_of_work(timed)
    meant = total(timed)
    with Session(timed.engine) as session:
        this, last = weeks_of(session, everywhere(timed))
    assert (last.asked, last.begins) == (0, WEEK.begins - timedelta(days=7))
    assert this.begins == WEEK.begins
    for name in ("asked", "answered", "answer_median", "closed_by_word", "word_median",
                 "closed_by_silence", "silence_median"):  # fmt: skip
        assert getattr(this, name) == getattr(meant, name), name
    timed.let_pass(days=7)
    with Session(timed.engine) as session:
        _, last = weeks_of(session, everywhere(timed))
    assert last.answer_median == meant.answer_median
    assert week_before(timed.one(EVERYWHERE).now) == WEEK
    browser = Office(timed).somebody(Role.VIEWER)
    page = browser.get(f"/work/requests?week={WEEK.week}").text
    assert page.count('data-label="Tình trạng"') == 4
    assert page.count("Đã xong") == 4, "three rows and the choice"
    assert "4 giờ 00" in browser.get("/work").text


def test_hamlets_with_nobody_now_soon_and_without_a_team(timed: TimedWorld) -> None:
    office = Office(timed)
    browser = office.somebody(Role.VIEWER)
    assert tile(browser.get("/work").text, "xóm lúc này không có ai") == "0"
    for somebody in (LEADER, DEPUTY, MEMBER):
        timed.phone(somebody).text("NGHI 3/12 5/12")
    page = browser.get("/work").text
    served = timed.one(
        """SELECT count(*) AS n FROM team_areas s JOIN teams t ON t.id = s.team_id
           WHERE t.level = 'hamlet'"""
    ).n
    assert tile(page, "xóm lúc này không có ai") == "0"
    assert tile(page, "xóm sẽ không có ai trong 7 ngày tới") == str(served)
    listed = browser.get("/work/gaps?when=soon").text
    assert "Xóm Cốc Phia" in listed
    assert "từ 00:00 03/12" in listed
    assert "00:00 06/12" in listed
    timed.let_pass(days=2, hours=3)
    browser.sign_in("nong.an")
    assert tile(browser.get("/work").text, "xóm lúc này không có ai") == str(served)
    assert "Lũng Mẫu" in browser.get("/work/gaps?when=no_team").text
    assert "Lũng Mẫu" not in browser.get("/work/gaps?when=now").text


def test_the_coming_weeks_classes_with_their_seats(browser: Browser, world: World) -> None:
    first = training(world, 12, seats=1)
    training(world, 13, in_days=9)
    for somebody in (NEIGHBOUR, LEADER):
        world.phone(somebody).text("LOP 12")
    page = browser.get("/work").text
    assert "1 lớp, đã giữ 1 trên 1 chỗ, 1 người đang chờ chỗ" in page
    assert "1 lớp chưa có người dạy" in page
    assert "Lớp 12, VNeID cho người lớn tuổi" in page
    assert "Lớp 13" not in page
    assert "nhà văn hóa, Xóm Cốc Phia" in page
    later = world.one("SELECT (clock_timestamp() + interval '20 days')::date AS day").day
    assert "Lớp 13" in browser.get(f"/work/classes?to={later}").text
    shown = browser.get(f"/work/classes/{first}").text
    assert "đã giữ 1 trên 1 chỗ" in shown
    assert re.search(r"chờ chỗ</th><td class=\"number\">1<", shown)
    assert "Mai" not in shown, "nobody by name"


def test_a_requests_life_in_order_without_anything_personal(browser: Browser, world: World) -> None:
    world.phone(NEIGHBOUR).text(f"GIUP {HAMLET} VNEID lien he Ly Thi Bia 0900000099")
    world.move_up()
    world.phone(DEPUTY).text("NV 1")
    world.phone(DEPUTY).text("GHI 1 da goi cho 0900000099 hai lan")
    world.phone(DEPUTY).text("XONG 1 may hong")
    world.phone(NEIGHBOUR).text("2")
    one = world.one("SELECT id, number FROM help_requests")
    page = browser.get(f"/work/requests/{one.id}").text
    lines = [
        re.sub(r"<[^>]+>|\s+", " ", line)
        for line in re.findall(r"<li class.*?</li>", page, re.DOTALL)
    ]
    said = [
        re.sub(r" +", " ", re.sub(r"^ *\d\d:\d\d \d\d/\d\d/\d{4} *", "", line)).strip()
        for line in lines
    ]
    assert said[0] == "Gửi yêu cầu người dân"
    assert said[1].startswith("Báo đến người trực của xóm")
    assert said[2].startswith("Báo đến tổ phó: 1 máy")
    assert said[3] == "Nhận việc tổ phó, tổ xóm"
    assert "Báo đã xong tổ phó, tổ xóm" in said
    assert said[-1] == "Dân nói chưa xong, mở lại người dân"
    names = [row.name for row in world.rows("SELECT name FROM people WHERE name IS NOT NULL")]
    for path in (f"/work/requests/{one.id}", "/work/requests", "/work"):
        shown = browser.get(path).text
        for secret in (*names, "Bia", "may hong", "hai lan", "900000", "09000"):
            assert secret not in shown, (path, secret)


def test_a_list_goes_on_behind_its_last_row(browser: Browser, world: World) -> None:
    ask(world.phone(NEIGHBOUR))
    world.do(
        """INSERT INTO help_requests (number, state, topic, area_id, phone_id, language, channel,
                                      idem_key, opened_at, closed_at)
           SELECT 1000 + n, s.state, 'khac', r.area_id, r.phone_id, 'vi', 'sms',
                  'test ' || s.state || n, clock_timestamp() - n / 10 * interval '1 hour',
                  CASE WHEN s.state = 'closed' THEN clock_timestamp() END
           FROM help_requests r, generate_series(2000, 2119) n,
                (VALUES ('open'), ('closed')) AS s (state)"""
    )
    for state, many in (("open", 121), ("closed", 120), ("all", 241)):
        path, found = f"/work/requests?state={state}", []
        for _ in range(10):
            page = browser.get(path).text
            found += re.findall(r'/work/requests/(\d+)"', page)
            further = re.search(r'<a class="button second-button" href="([^"]+)"', page)
            if not further:
                break
            path = further[1].replace("&amp;", "&")
        assert len(found) == len(set(found)) == many, state


def test_a_commune_sees_its_own_and_nothing_of_another(office: Office, world: World) -> None:
    ask(world.phone(NEIGHBOUR))
    training(world, 12)
    request_id = world.one("SELECT id FROM help_requests").id
    class_id = world.one("SELECT id FROM trainings").id
    mine = coordinator(office, home(office))
    assert tile(mine.get("/work").text, "việc chưa ai nhận") == "1"
    assert "Lớp 12" in mine.get("/work/classes").text
    assert mine.get(f"/work/requests/{request_id}").status_code == 200
    assert mine.get(f"/work/classes/{class_id}").status_code == 200

    other = office.somebody(Role.COMMUNE, "ma.binh")
    page = other.get("/work").text
    assert tile(page, "việc chưa ai nhận") == "0"
    assert tile(page, "xóm chưa có tổ") == "0"
    assert "Lớp 12" not in page
    nothing = ("Cốc Phia", "Lũng Mẫu", "Lớp 12", "Hòa An")
    for path in ("/work/requests", "/work/requests?state=all", "/work/gaps", "/work/classes"):
        shown = other.get(path).text
        assert not [word for word in nothing if word in shown], path
    for place in (
        home(office),
        place_of(office, "hamlet", HAMLET),
        place_of(office, "province", "04"),
    ):
        for path in ("/work", "/work/requests", "/work/gaps", "/work/classes"):
            assert other.get(f"{path}?place={place}").status_code == 404
    for path in (f"/work/requests/{request_id}", f"/work/classes/{class_id}"):
        assert other.get(path).status_code == 404
    for name in ("requests", "gaps", "classes"):
        other.get("/account")
        word = {"form_word": re.search(r'form_word" value="([^"]+)', other.page)[1]}  # type: ignore[index]
        assert (
            other.send(f"/work/{name}/file", {**word, "place": str(home(office))}).status_code
            == 404
        )
        whole = other.send(f"/work/{name}/file", word)
        assert len(whole.data.decode("utf-8-sig").splitlines()) == 1, "the heading alone"


def test_a_place_narrows_what_the_province_sees(office: Office, world: World) -> None:
    ask(world.phone(NEIGHBOUR))
    ask(world.phone(FAR_AWAY), hamlet="00059")
    browser = office.somebody(Role.PROVINCE)
    assert browser.get("/work/requests").text.count('data-label="Tình trạng"') == 2
    hamlet = place_of(office, "hamlet", HAMLET)
    page = browser.get(f"/work/requests?place={hamlet}").text
    assert page.count('data-label="Tình trạng"') == 1
    assert browser.get(f"/work/requests?place={2**62}").status_code == 400
    assert browser.get("/work/requests?place=987654321").status_code == 404


def test_a_province_sees_nothing_of_another(office: Office, world: World) -> None:
    ask(world.phone(NEIGHBOUR))
    browser = office.somebody(Role.PROVINCE)
    for kind, code, name, parent in (
        ("province", "99", "Thử", None),
        ("commune", "99999", "Xa Lạ", "99"),
        ("hamlet", "99990", "Lạ Hoắc", "99999"),
    ):
        world.do(
            """INSERT INTO areas (kind, code, title, name, name_key, parent_id)
               VALUES (:kind, :code, '', :name, :name,
                       (SELECT id FROM areas WHERE code = :parent AND kind <> 'hamlet'))""",
            kind=kind,
            code=code,
            name=name,
            parent=parent,
        )
    world.do(
        """INSERT INTO help_requests (number, state, topic, area_id, phone_id, language, channel,
                                      idem_key, opened_at)
           SELECT 9999, 'open', 'khac', a.id, r.phone_id, 'vi', 'sms', 'test', clock_timestamp()
           FROM help_requests r, areas a WHERE a.code = '99990'"""
    )
    other = world.one("SELECT id FROM help_requests WHERE number = 9999").id
    assert tile(browser.get("/work").text, "việc chưa ai nhận") == "1"
    assert (
        tile(office.somebody(Role.VIEWER, "all.seeing").get("/work").text, "việc chưa ai nhận")
        == "2"
    )
    for path in ("/work/requests", "/work/gaps", "/work/requests?state=all"):
        assert "Lạ Hoắc" not in browser.get(path).text
        assert "Xa Lạ" not in browser.page, "nor among the places to choose from"
    assert browser.get(f"/work/requests/{other}").status_code == 404
    assert browser.get(f"/work?place={place_of(office, 'hamlet', '99990')}").status_code == 404


def test_every_statement_is_narrowed() -> None:
    """A statement that forgot it would show one commune what is another's."""
    found = {
        f"{module.__name__}.{name}": str(value)
        for module in (class_rows, looking, request_rows, work_figures)
        for name, value in vars(module).items()
        if hasattr(value, "bindparams")
    }
    assert len(found) > 8
    for name, statement in found.items():
        assert ":everywhere OR" in statement, name
        assert "ANY(:places)" in statement, name


def test_a_coordinator_without_a_place_sees_nothing(office: Office, world: World) -> None:
    """The database does not let it be; if it were, it would not mean everything."""
    browser = office.somebody(Role.COMMUNE)
    world.do("ALTER TABLE console_users DROP CONSTRAINT ck_console_users_placed")
    try:
        world.do("UPDATE console_users SET area_id = NULL")
        assert browser.get("/work").status_code == 404
    finally:
        world.do("DELETE FROM console_sessions")
        world.do("DELETE FROM console_users")
        world.do(
            """ALTER TABLE console_users ADD CONSTRAINT ck_console_users_placed
               CHECK ((role IN ('province', 'commune')) <= (area_id IS NOT NULL))"""
        )


def test_a_file_for_a_spreadsheet_in_which_nothing_is_run(
    office: Office, browser: Browser, world: World
) -> None:
    ask(world.phone(NEIGHBOUR))
    world.do("UPDATE areas SET title = '', name = '=HYPERLINK(1)' WHERE code = :c", c=HAMLET)
    browser.get("/work/requests?state=open")
    answer = browser.submit("/work/requests/file")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="requests.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[0][:3] == ["Số", "Việc gì", "Xóm"]
    assert rows[1][2] == "'=HYPERLINK(1)"
    assert "0900" not in str(rows)
    line = world.one("SELECT actor, about, detail FROM audit WHERE action = 'exported'")
    assert (line.actor, line.about) == ("console nong.an", "requests")
    assert line.detail == {"rows": "1", "state": "open"}
    training(world, 12)
    browser.get("/work/classes")
    rows = list(
        csv.reader(io.StringIO(browser.submit("/work/classes/file").data.decode("utf-8-sig")))
    )
    assert rows[1][0] == "12"
    browser.get("/work/gaps")
    rows = list(csv.reader(io.StringIO(browser.submit("/work/gaps/file").data.decode("utf-8-sig"))))
    assert len(rows) > 1


@pytest.mark.parametrize(
    "typed", ["%00", "-1", "1e9", "99999999999999999999", "%ff", "a" * 200, "\u202e1", "1.1", "١"]
)
def test_what_cannot_be_understood_is_named(office: Office, browser: Browser, typed: str) -> None:
    fields = {
        "/work/requests": ("place", "state", "step", "topic", "week", "emergency", "after"),
        "/work/gaps": ("place", "when", "after"),
        "/work/classes": ("place", "from", "to", "after"),
    }
    for path, names in fields.items():
        for name in names:
            answer = browser.get(f"{path}?{name}={typed}")
            assert answer.status_code in {200, 400, 404}, (path, name)
            if answer.status_code == 400:
                assert "Không hiểu ô" in answer.text
    assert browser.get(f"/work/requests?state={typed}").status_code == 400
    assert "Tình trạng" in browser.page
    for path in ("requests", "classes"):
        for number in (2**63 - 1, 2**63, 10**30):
            assert browser.get(f"/work/{path}/{number}").status_code == 404


@pytest.mark.parametrize("typed", ["9999-12-31", "0001-01-01", "31/2/2026", "2026-13-01"])
def test_a_day_that_is_none_is_named(browser: Browser, typed: str) -> None:
    for name in ("from", "to"):
        answer = browser.get(f"/work/classes?{name}={typed}")
        assert answer.status_code == 400
        assert "ngày" in answer.text


def test_few_statements_however_much_there_is(office: Office, world: World) -> None:
    browser = office.somebody(Role.PROVINCE)
    paths = ["/work", "/work/requests", "/work/requests?state=all", "/work/gaps", "/work/classes"]
    before = {path: len(statements(office, browser, path)) for path in paths}
    for n, somebody in enumerate((NEIGHBOUR, VILLAGER, LEADER)):
        ask(world.phone(somebody))
        training(world, 12 + n)
    for somebody in (LEADER, DEPUTY, MEMBER):
        world.phone(somebody).text("NGHI")
    one, another = (world.one(f"SELECT max(id) AS id FROM {table}").id
                    for table in ("help_requests", "trainings"))  # fmt: skip
    office.age_sessions(seen=2, began=2)
    for path in (*paths, f"/work/requests/{one}", f"/work/classes/{another}"):
        asked = statements(office, browser, path)
        assert len(asked) <= 12, (path, asked)
        assert len(asked) <= before.get(path, 12) + 4, path


def test_every_code_has_a_word(office: Office) -> None:
    menus = set(office.world.runtime.words.texts.keys("vi"))
    topics = {key.removeprefix("topic.") for key in menus if key.startswith("topic.")}
    assert topics == set(TOPICS)
    for words in office.app.extensions["console"].words.values():
        keys = set(words.sentences)
        assert {f"topic.{topic}" for topic in topics} <= keys
        assert {f"step.{step}" for step in work_figures.STEPS} <= keys
        assert {f"told.{step}" for step in work_figures.STEPS} <= keys
        assert {f"event.{one}" for one in Event} <= keys
        assert {f"member.{one}" for one in Member} <= keys
        assert {f"level.{one}" for one in Level} <= keys
        assert {f"seat.{one}" for one in SeatState} <= keys
        assert {f"class.{one}" for one in TrainingState} <= keys
        assert {f"audience.{one}" for one in Audience} <= keys
        stands = {f"stands.{one}" for one in RequestState if one != RequestState.UNFINISHED}
        assert stands <= keys


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (None, "–"),
        (timedelta(minutes=-3), "0 phút"),
        (timedelta(minutes=59, seconds=59), "59 phút"),
        (timedelta(hours=2, minutes=5), "2 giờ 05"),
        (timedelta(hours=47, minutes=59), "47 giờ 59"),
        (timedelta(days=3, hours=4, minutes=59), "3 ngày 4 giờ"),
    ],
)
def test_ages_in_words(office: Office, age: timedelta | None, said: str) -> None:
    with office.app.test_request_context("/sign-in"):
        office.app.preprocess_request()
        assert age_in_words(age) == said


def test_whoever_counts_on_a_message_reads_that_none_leaves(office: Office) -> None:
    browser = office.somebody(Role.COMMUNE)
    assert "tin không đi được" not in browser.get("/work").text
    office.world.do("INSERT INTO alarms (name, about) VALUES ('carrier_paused', 'africastalking')")
    assert "tin không đi được" in browser.get("/work").text
    assert "call them" in browser.get("/work?lang=en").text
    office.world.do("UPDATE alarms SET closed_at = clock_timestamp()")
    assert "have not been leaving" not in browser.get("/work").text
    office.world.do("INSERT INTO switches (name, is_on, changed_by) VALUES ('sending', false, 'x')")
    assert "have not been leaving" in browser.get("/work").text
