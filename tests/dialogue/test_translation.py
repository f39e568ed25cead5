"""A table that came back from a translator: what is right is known, and each fault by its row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.dialogue.faithful import kept, unfaithful
from service.dialogue.misfits import misfits
from service.dialogue.occurrences import in_order, occurrences, reached
from service.dialogue.room import MOST, room_left
from service.dialogue.staleness import digest
from service.dialogue.translation import Row, Verdict, judge
from service.dialogue.worksheet import worksheet
from service.menus import read_menus
from tests.dialogue.walking import SHORT

MENUS = read_menus()
TEXTS, MENU = MENUS.texts, MENUS.dialogue.menu
TAY = MENUS.languages["tyz"]
"""Vietnamese words stand in for it: none of its own is invented."""
KEYS = TEXTS.listed("vi")
GAPPED = [key for key in KEYS if TEXTS.gaps_of(key, "vi")]


def row(number: int, key: str, words: str, source: str | None = None, **odd: str) -> Row:
    known = key in KEYS and source is None
    seen = digest(key, TEXTS.written(key, "vi")) if known else source or "v0"
    return Row(number, {"key": key, "translation": words, "source": seen}, odd)


def judged(*rows: Row) -> Verdict:
    return judge(rows, MENU, TEXTS, TAY)


def said(*rows: Row) -> list[str]:
    return [str(fault) for fault in judged(*rows).faults]


def test_a_right_row_is_kept_as_phones_show_it_and_as_it_was_written() -> None:
    verdict = judged(row(2, "root.help", "Nhờ  giúp\u00a0"), row(3, "root.mine", "Viec"))
    assert verdict.faults == ()
    assert (verdict.right["root.help"].words, verdict.right["root.help"].marked) == (
        "Nho giup",
        "Nhờ giúp",
    )
    assert verdict.right["root.mine"].marked == ""


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ([row(2, "root.hlep", "x")], ["row 2, root.hlep, key: there is no such key; did you mean root.help?"]),
        ([row(2, "", "x")], ["row 2, no key, key: is empty"]),
        ([row(5, "root.help", "")], ["row 5, root.help, translation: is empty"]),
        (
            [row(2, "root.help", "a"), row(9, "root.help", "b")],
            ["row 2, root.help, key: stands in 2 rows", "row 9, root.help, key: stands in 2 rows"],
        ),
        (
            [row(4, "root.mine", "x", digest("root.me", TEXTS.written("root.me", "vi")))],
            ["row 4, root.mine, key: was changed: this is the row of root.me"],
        ),
        (
            [row(2, "root.help", "x", " ")],
            ["row 2, root.help, source: is empty; export the table again"],
        ),
        (
            [replace(row(2, "root.help", ""), odd={"translation": "is a formula"})],
            ["row 2, root.help, translation: is a formula"],
        ),
        ([row(2, "root.help", "a\nb")], ["row 2, root.help, translation: holds a line break"]),
        (
            [row(2, "mine.cancelled", "Viec {nubmer}.")],
            [
                "row 2, mine.cancelled, translation: {nubmer} does not belong here; did you mean {number}?",
                "row 2, mine.cancelled, translation: {number} is not there",
            ],
        ),
        (
            [row(2, "mine.cancelled", "Viec {leader}.")],
            [
                "row 2, mine.cancelled, translation: {leader} does not belong here",
                "row 2, mine.cancelled, translation: {number} is not there",
            ],
        ),
        (
            [row(2, "mine.cancelled", "Viec { Number }, {number} {số} {")],
            [
                "row 2, mine.cancelled, translation: { Number } is no gap",
                "row 2, mine.cancelled, translation: {số} is no gap",
                "row 2, mine.cancelled, translation: { is no gap",
            ],
        ),
        ([row(2, "root.help", "x ꦕ")], ["row 2, root.help, translation: ꦕ cannot be shown by a keypad phone"]),
        (
            [row(2, "sms.task_none", "Viec #1 & [2]")],
            ["row 2, sms.task_none, translation: # & [ ] may be refused in an SMS"],
        ),
        (
            [row(2, "sms.task_which", "{tasks} {sms_code} NV")],
            ["row 2, sms.task_which, translation: XONG is not there"],
        ),
        (
            [row(2, "emergency.numbers", "112, 113, 114, 115")],
            ["row 2, emergency.numbers, translation: 111 is not there"],
        ),
        (
            [row(2, "guide.vneid.title", "Cai VNeID tren dien thoai moi")],
            ["row 2, guide.vneid.title, translation: too long by 1 septet (29 septets at the longest; a line holds 28)"],
        ),
        (
            [row(2, "root.help", "Nho giup " * 9), row(3, "root.me", "x")],
            ["row 2, root.help, translation: too long by 58 septets on screen root (198 septets at the longest; a page holds 140)"],
        ),
        (
            [row(2, "sms.task_none", "a" * 163)],
            ["row 2, sms.task_none, translation: too long by 3 septets (163 septets at the longest; a segment holds 160)"],
        ),
        (
            [row(2, "guide.dvc", "vao dichvucong.gov.vn")],
            ["row 2, guide.dvc, translation: 'dichvucong.gov' looks like a link"],
        ),
        (
            [row(2, "guide.vssid", "BH MK gui 8079, 19009068 (1000d)")],
            ["row 2, guide.vssid, translation: 8079 is charged and has no price behind it"],
        ),
    ],
)  # fmt: skip
def test_each_fault_names_its_row_its_key_and_its_column(
    rows: Sequence[Row], faults: list[str]
) -> None:
    assert said(*rows) == faults


@pytest.mark.parametrize(
    ("key", "words", "where"),
    [
        (
            "topic.khac",
            "Viec khac, khong co o tren nhe",
            "12 septets in sms.task_again (172 septets at the longest; a segment holds 160)",
        ),
        (
            "data.news.on",
            "co gui tin xom" + " nhe" * 12,
            "20 septets in sms.data_kept (180 septets at the longest; a segment holds 160)",
        ),
    ],
)
def test_words_too_long_for_what_they_stand_in_are_named_there(
    key: str, words: str, where: str
) -> None:
    assert said(row(2, key, words)) == [f"row 2, {key}, translation: too long by {where}"]


def test_where_the_vietnamese_says_nothing_nothing_is_right() -> None:
    for nothing in ("", " "):
        verdict = judged(row(2, "call.vi", nothing))
        assert verdict.faults == ()
        assert {key: text.words for key, text in verdict.right.items()} == {"call.vi": ""}


@pytest.mark.parametrize("words", ["Gọi lại", "  Gọi lại "])
def test_words_that_join_a_sentence_keep_the_space_before_them(words: str) -> None:
    text = judged(row(2, "call.tyz", words)).right["call.tyz"]
    assert (text.words, text.marked) == (" Goi lai", " Gọi lại")


def test_of_two_texts_on_a_page_too_long_only_the_longer_one_has_to_go() -> None:
    verdict = judged(row(2, "mine.cancel_yes", "b" * 110), row(3, "mine.cancel_no", "Giu lai nhe"))
    assert [fault.key for fault in verdict.faults] == ["mine.cancel_yes"]
    assert set(verdict.right) == {"mine.cancel_no"}


def test_what_is_left_of_any_table_fits() -> None:
    """Every text twice as long as it may be, but for one."""
    rows = [
        row(n, key, TEXTS.written(key, "vi") + " x" * 90) for n, key in enumerate(KEYS, start=2)
    ]
    rows[5] = row(7, KEYS[5], TEXTS.written(KEYS[5], "vi"))
    verdict = judged(*rows)
    assert KEYS[5] in verdict.right
    kept = {key: text.words for key, text in verdict.right.items()}
    assert list(misfits(MENU, TEXTS.with_words("tyz", kept), "tyz")) == []


def test_a_table_made_before_the_vietnamese_changed_is_taken_and_known_to_be_late() -> None:
    verdict = judged(row(2, "root.help", "Nho", "v0123456789ab"), row(3, "root.mine", "Viec"))
    assert verdict.faults == ()
    assert verdict.outdated == ("root.help",)
    assert verdict.right["root.help"].source == "v0123456789ab"


@given(st.sampled_from(GAPPED), st.data())
@settings(SHORT)
def test_gaps_in_any_order_between_any_words_are_right_and_one_less_is_not(
    key: str, data: st.DataObject
) -> None:
    gaps = data.draw(st.permutations(sorted(TEXTS.gaps_of(key, "vi"))))
    between = st.text(alphabet="aăâbcdđeêéếghiklmnoôơpqrstuưvxy, .'", max_size=12)
    words = "".join(f"{data.draw(between)} {{{gap}}} " for gap in gaps)
    words += " ".join(kept(TEXTS.written(key, "vi")))
    assert list(unfaithful(key, words, TEXTS, TAY)) == []
    dropped = data.draw(st.sampled_from(gaps))
    less = words.replace(f"{{{dropped}}}", "")
    assert list(unfaithful(key, less, TEXTS, TAY)) == [f"{{{dropped}}} is not there"]


@given(st.sampled_from(GAPPED), st.data())
@settings(SHORT)
def test_no_slip_in_a_gap_goes_unseen(key: str, data: st.DataObject) -> None:
    words = TEXTS.written(key, "vi")
    gap = data.draw(st.sampled_from(sorted(TEXTS.gaps_of(key, "vi"))))
    at = data.draw(st.integers(0, len(gap)))
    slip = data.draw(st.sampled_from(["", "x", "X", " ", "{", "}", "é", "_"]))
    wrong = gap[:at] + slip + (gap[at + 1 :] if slip == "" else gap[at:])
    if wrong != gap:
        broken = words.replace(f"{{{gap}}}", f"{{{wrong}}}")
        assert list(unfaithful(key, broken, TEXTS, TAY))


@pytest.mark.parametrize("key", KEYS)
def test_room_left_is_exactly_what_the_check_at_start_allows(key: str) -> None:
    room = room_left(MENU, TEXTS, key, "vi")
    assert 0 <= room <= MOST
    for more, fits in ((room, True), (room + 1, room == MOST)):
        longer = TEXTS.written(key, "vi") + (" mmm" * 50)[:more]
        changed = TEXTS.with_words("vi", {key: longer})
        assert (list(misfits(MENU, changed, "vi")) == []) == fits, more


@pytest.mark.parametrize(
    "key", ["nav.back", "hamlet.district", "mine.title", "topic.dvc", "root.me"]
)
def test_anything_shorter_than_the_room_left_fits(key: str) -> None:
    for more in range(room_left(MENU, TEXTS, key, "vi") + 1):
        longer = TEXTS.written(key, "vi") + (" mmm" * 50)[:more]
        assert list(misfits(MENU, TEXTS.with_words("vi", {key: longer}), "vi")) == [], more


def test_room_below_zero_is_what_must_go() -> None:
    longer = TEXTS.with_words("tyz", {"sms.task_none": "a" * 163})
    assert room_left(MENU, longer, "sms.task_none", "tyz") == -3


def test_the_table_runs_as_a_call_does() -> None:
    keys = in_order(MENU, TEXTS, "vi")
    assert sorted(keys) == sorted(KEYS)
    assert keys[:2] == ("root.title", "root.help")
    assert (
        keys.index("topics.question") < keys.index("confirm.question") < keys.index("sent.leader")
    )
    assert keys.index("confirm.words") < keys.index("words.question")
    assert keys.index("sent.leader") < keys.index("welcome.consent") < keys.index("sms.filed")


def test_each_text_is_said_to_be_where_people_meet_it() -> None:
    where = occurrences(MENU, TEXTS)
    assert where["root.emergency"] == "on 8 screens"
    assert where["welcome.child"] == "welcome 3"
    assert where["nav.back"] == "every page"
    assert where["sms.filed"] == "SMS"
    assert where["language.name"] == "a line in a list"
    assert where["topic.dvc"] == "topic 3, {topic}, {unfinished}"
    assert where["error.day"] == "above rota_away, above rota_until"
    assert re.fullmatch(r"above \d+ screens", where["error.choice"])
    assert "sms.filed" in reached(TEXTS, "topic.dvc", "vi")


def test_the_table_tells_what_must_stay_and_what_it_looks_like() -> None:
    rows = {line["key"]: line for line in worksheet(MENU, TEXTS, TAY, {})}
    line = rows["sms.accepted"]
    assert line["vietnamese"] == TEXTS.written("sms.accepted", "vi")
    assert line["english"] == TEXTS.written("sms.accepted", "en")
    assert line["translation"] == ""
    assert line["room"] == "23"
    assert "{leader} Hoang Van Mau (up to 20 signs)" in line["example"]
    assert "{topic} Ban hang tren mang" in line["example"]
    assert line["note"].startswith("keep {leader} {number} {topic}; none of # &")
    assert "YC" in rows["sms.filed"]["note"]
    assert rows["call.vi"]["note"] == "stays empty"
    assert rows["emergency.numbers"]["note"] == "keep 112 113 114 115 111"
