"""The curves: each as a picture, in words and as a table, with the same numbers; gaps are gaps."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.console.charts import Line, Picture, draw, top_of
from service.ops.pulse_series import ALL
from service.records.console import Role
from service.text.local_time import VIETNAM
from tests.console.office import Browser, Office
from tests.console.test_console_room import words
from tests.ops.room_kit import Watched
from tests.village import TimedWorld

SVG = "{http://www.w3.org/2000/svg}"
values = st.lists(st.none() | st.floats(0, 1e12), min_size=1, max_size=80)


@pytest.fixture
def room(timed: TimedWorld) -> Watched:
    watched = Watched(timed)
    watched.everybody_works()
    return watched


@pytest.fixture
def browser(timed: TimedWorld, room: Watched) -> Browser:
    return Office(timed).somebody(Role.VIEWER)


def picture(*lines: list[float | None], names: str = "abc", is_low: bool = False) -> ET.Element:
    drawn = draw(
        Picture(
            lines=[Line(name, line) for name, line in zip(names, lines, strict=False)],
            marks=[(0, "09:00")],
            said=lambda value: f"{value:g}",
            about=("heading", "said"),
            is_low=is_low,
        )
    )
    return ET.fromstring(drawn)


def strokes(svg: ET.Element, nth: int = 0) -> list[str]:
    return [part.get("d", "") for part in svg if part.get("class") == f"line line-{nth}"]


# -- pictures


def test_a_gap_breaks_the_line_and_is_shaded() -> None:
    svg = picture([1, 2, None, None, 3, 4])
    assert len(strokes(svg)) == 2
    assert len([part for part in svg if part.get("class") == "gap"]) == 1


def test_zero_is_no_gap() -> None:
    svg = picture([1, 0, 0, 1])
    assert len(strokes(svg)) == 1
    assert not [part for part in svg if part.get("class") == "gap"]


def test_a_point_alone_is_a_dot() -> None:
    svg = picture([None, 5, None])
    assert strokes(svg) == []
    assert [part for part in svg if part.tag == "circle"]


def test_lines_differ_without_colour_and_have_their_names_beside_them() -> None:
    svg = picture([1, 2, 3], [3, 2, 1], [2, 2, 2])
    lines = [part for part in svg if (part.get("class") or "").startswith("line ")]
    assert len({part.get("stroke-dasharray") for part in lines}) == 3
    names = {part.text: float(part.get("y", "0")) for part in svg if part.text in {"a", "b", "c"}}
    assert len(names) == 3
    places = sorted(names.values())
    assert min(b - a for a, b in itertools.pairwise(places)) >= 12
    assert names["a"] < names["c"] < names["b"], "as their ends lie"


def test_the_highest_point_of_a_line_alone_is_named() -> None:
    assert [p.text for p in picture([1, 7, 3]) if p.get("class") == "peak"] == ["7"]
    assert not [p for p in picture([0, 0]) if p.get("class") == "peak"]


def test_what_is_written_on_a_picture_cannot_become_markup() -> None:
    svg = draw(
        Picture(
            [Line("<script>", [1.0]), Line("&", [2.0])],
            [(0, "<b>")],
            lambda n: f"<{n}>",
            ("a", "b"),
        )
    )
    assert ET.fromstring(svg) is not None
    assert "<script" not in svg
    assert "<b>" not in svg


@given(values, st.integers(1, 3), st.booleans())
def test_a_picture_of_anything_is_whole_and_stays_on_its_paper(
    line: list[float | None], many: int, is_low: bool
) -> None:
    svg = picture(*[line] * many, is_low=is_low)
    width, height = (float(n) for n in svg.attrib["viewBox"].split()[2:])
    assert "style" not in {name for part in svg.iter() for name in part.attrib}
    for part in svg.iter():
        for name, limit in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            assert -1 <= float(part.get(name, "0")) <= limit
    assert "nan" not in ET.tostring(svg, "unicode")


@given(st.floats(0, 1e12))
def test_a_scale_ends_with_a_whole_number_not_far_above(highest: float) -> None:
    top = top_of(highest)
    assert top == int(top) >= highest
    assert top <= max(2 * highest, 2)


# -- the page


def fill(room: Watched, span: str, series: str, points: dict[datetime, float]) -> None:
    for at, value in points.items():
        room.world.do(
            "INSERT INTO pulses (span, series, at, value) VALUES (:span, :series, :at, :value)",
            span=span, series=series, at=at, value=value,
        )  # fmt: skip


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 12, 1, hour, minute, tzinfo=VIETNAM)


def test_a_curve_says_its_highest_in_words_and_shows_all_in_a_table(
    browser: Browser, room: Watched
) -> None:
    room.turn_to(2026, 12, 1, 10, 0)
    room.world.do("UPDATE console_sessions SET seen_at = clock_timestamp()")
    fill(room, "minute", "oldest:reply", {at(9, 39): 60, at(9, 40): 720, at(9, 45): 30})
    fill(room, "minute", "oldest:bulk", {at(9, 39): 0, at(9, 40): 5, at(9, 45): 5})
    fill(room, "minute", "hops", {at(9, n): n for n in range(10, 20)})
    page = words(browser, "/curves")
    assert "Nhiều nhất 12 phút lúc 09:40 (trả lời). Không có số từ 09:46 đến 10:00." in page
    assert "145 tất cả, nhiều nhất 19 lúc 09:19." in page
    assert "09:40 – 12 0,1" in page, "in the row of lanes: emergency, reply, bulk"
    assert "09:41 – – –" in page
    rows = browser.get("/curves").text.count('<th scope="row">')
    assert rows == 60 * 8


def test_every_curve_has_title_caption_and_table(browser: Browser) -> None:
    page = browser.get("/curves?span=day").text
    svgs = re.findall(r"<svg .*?</svg>", page)
    assert len(svgs) == page.count("<figcaption") == page.count("<details") == 8
    for about in re.findall(r'aria-labelledby="([^"]+)" viewBox', page):
        for its_id in about.split():
            assert page.count(f'id="{its_id}"') == 1
    assert page.count("Chưa có số nào.") == 8, "nothing was written yet, and no 0 is claimed"
    assert "style=" not in page


@pytest.mark.parametrize(("span", "steps"), [("hour", 60), ("day", 48), ("month", 30)])
def test_each_span_in_both_languages(
    browser: Browser, room: Watched, span: str, steps: int
) -> None:
    room.world.do(
        """INSERT INTO pulses (span, series, at, value)
           SELECT :span, series, at, 5000000
           FROM unnest(CAST(:series AS text[])) AS series,
                generate_series(:since, clock_timestamp(), CAST(:every AS interval)) AS at""",
        span="hour" if span == "month" else "minute",
        series=list(ALL),
        since=at(0, 0) - timedelta(days=32),
        every="1 hour" if span == "month" else "10 minutes",
    )
    for language, word in (("vi", "nhiều nhất"), ("en", "at most")):
        page = browser.get(f"/curves?span={span}&lang={language}")
        assert page.status_code == 200
        assert word in page.text
        assert page.text.count('<th scope="row">') == steps * 8


@pytest.mark.parametrize("span", ["", "year", "hour'", "%00", "\ud800", "9" * 400])
def test_a_span_there_is_not_is_a_page_there_is_not(browser: Browser, span: str) -> None:
    from urllib.parse import quote

    address = f"/curves?span={quote(span, errors='surrogatepass')}"
    assert browser.get(address).status_code == 404
