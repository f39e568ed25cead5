"""The texts people send, judged as `make bench-words` judges them."""

from __future__ import annotations

from bench.words import HARMFUL, LEAST_RIGHT, judge, read_corpus
from service.dialogue.intents import KNOWN_INTENTS
from tests.dialogue.wordlists import TOPICS

LINES = read_corpus()
VERDICTS = judge(LINES)


def test_nearly_all_texts_are_understood() -> None:
    right = sum(not verdict.wrong for verdict in VERDICTS)
    assert 100 * right >= LEAST_RIGHT * len(VERDICTS), [v for v in VERDICTS if v.wrong]


def test_no_text_is_read_as_something_that_does_harm() -> None:
    assert [verdict for verdict in VERDICTS if verdict.harmful] == []


def test_the_corpus_says_only_what_there_is() -> None:
    meant = {part.strip("?") for line in LINES for right in line.right for part in right.split("|")}
    assert meant - {"-"} <= KNOWN_INTENTS
    assert {line.topic for line in LINES} - {None, "-"} <= set(TOPICS)


def test_the_corpus_is_large_and_wary_enough() -> None:
    wary = [line for line in LINES if "must_not_harm" in line.tags]
    assert len(LINES) >= 330
    assert len(wary) >= 60
    assert 4 * sum(line.held_out for line in LINES) >= len(LINES)
    assert not [line for line in wary if HARMFUL.intersection(line.right)]
    assert len({(line.text, line.leads) for line in LINES}) == len(LINES)
