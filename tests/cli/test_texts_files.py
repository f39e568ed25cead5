"""How a language's file is changed: line by line, in the Vietnamese order, whatever comes when."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from service.menus import FOLDER
from service.translators import entries, rewritten

MODEL = (FOLDER / "texts" / "vi.yaml").read_text("utf-8")
ENGLISH = (FOLDER / "texts" / "en.yaml").read_text("utf-8")
KEYS = list(entries(MODEL))
WORDS = {key: f"{n}: '{key}' # \"x\"" if n % 3 else f"loi {n}" for n, key in enumerate(KEYS)}
HEADING = "# Somebody's words.\n"
ODD = [
    "No",
    "123",
    "",
    " x",
    "x: y",
    "# x",
    "{a} b",
    "a\\b",
    '"',
    "'",
    "- x",
    "? x",
    "1:2",
    "é",
    "~",
]


def test_what_is_the_same_stays_as_it_was_to_the_letter() -> None:
    for text in (MODEL, ENGLISH):
        assert rewritten(text, MODEL, yaml.safe_load(text)) == text


def test_a_new_file_has_the_order_groups_and_quotes_of_the_vietnamese() -> None:
    made = rewritten(HEADING, MODEL, yaml.safe_load(MODEL))
    of_vietnamese = [line for line in MODEL.splitlines() if not line.startswith("#")]
    assert made.splitlines()[1:] == of_vietnamese, "its comments are for whoever writes Vietnamese"
    assert made.startswith(HEADING)


def test_a_group_with_a_comment_above_it_is_a_group_in_a_new_file_too() -> None:
    model = "a: x\n\n# of b\nb: x\n# of c\nc: x\n"
    assert rewritten(HEADING, model, dict.fromkeys("abc", "y")) == f"{HEADING}a: y\n\nb: y\nc: y\n"


@settings(max_examples=12)
@given(st.lists(st.sets(st.sampled_from(KEYS)), max_size=4))
def test_in_parts_or_at_once_the_same_file_comes_about(parts: list[set[str]]) -> None:
    at_once = rewritten(HEADING, MODEL, WORDS)
    written = HEADING
    for part in [*parts, set(KEYS)]:
        written = rewritten(written, MODEL, {key: WORDS[key] for key in part})
    assert written == at_once
    assert yaml.safe_load(written) == WORDS


@settings(max_examples=12)
@given(
    st.dictionaries(
        st.sampled_from(KEYS),
        st.sampled_from(ODD) | st.text("abc #:{}'\"-?!&*%@`|>,[]", max_size=12),
    )
)
def test_whatever_words_are_written_are_read_again(words: dict[str, str]) -> None:
    written = rewritten(ENGLISH, MODEL, words)
    assert yaml.safe_load(written) == {**yaml.safe_load(ENGLISH), **words}
    untouched = [line for line in ENGLISH.splitlines() if line.partition(":")[0] not in words]
    assert [line for line in written.splitlines() if line in set(untouched)] == untouched


@settings(max_examples=12)
@given(st.sets(st.sampled_from(KEYS)))
def test_words_taken_out_leave_the_others(gone: set[str]) -> None:
    written = rewritten(ENGLISH, MODEL, dict.fromkeys(gone))
    kept = {key: words for key, words in yaml.safe_load(ENGLISH).items() if key not in gone}
    assert (yaml.safe_load(written) or {}) == kept


def test_comments_and_folded_words_of_a_clerk_stay_where_they_are() -> None:
    written = (
        "# mine\nroot.title: >-\n  Chao\n  ba con\n\n# help\nroot.help: Nho   # short\nroot.me: x\n"
    )
    assert rewritten(written, MODEL, {"root.title": "Chao ba con", "root.help": "Nho"}) == written
    changed = rewritten(written, MODEL, {"root.title": "Chao", "root.mine": "Viec"})
    assert changed == (
        "# mine\nroot.title: Chao\n\n# help\nroot.help: Nho   # short\nroot.mine: Viec\nroot.me: x\n"
    )


@pytest.mark.parametrize("order", [KEYS, KEYS[::-1]])
def test_a_file_in_another_order_is_kept_in_it(order: list[str]) -> None:
    written = HEADING + "".join(f"{key}: a\n" for key in order)
    changed = rewritten(written, MODEL, dict.fromkeys(KEYS, "b"))
    assert changed == HEADING + "".join(f"{key}: b\n" for key in order)
