"""How many of the texts people send are understood: `make bench-words` (seconds).

Judges the texts in tests/samples/words/corpus.yaml, which says how it is written. Those marked
`held_out` were written after the code and stand on a line of their own.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, assert_never

import yaml

from bench.report import Report
from service.dialogue.answers import bare_answer
from service.dialogue.intents import NEVER_GUESSED, OPT_OUT
from service.dialogue.keywords import Between, Guess, Keywords, Match, Reading
from service.menus import FOLDER, read_written

CORPUS: Final = Path(__file__).resolve().parents[1] / "tests/samples/words/corpus.yaml"
LEAST_RIGHT: Final = 97.0
"""Percent of all texts, and of those held out."""
HARMFUL: Final = NEVER_GUESSED | {OPT_OUT, "cancel", "answer_safe"}
"""Wrongly read as certain these do harm; those of NEVER_GUESSED even as a question."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text of the corpus and what it means."""

    text: str
    right: tuple[str, ...]
    rest: str | None
    topic: str | None
    answer: str | None
    leads: bool
    tags: frozenset[str]
    held_out: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one text was read; `wrong` says what of it is not as the corpus has it."""

    line: Line
    wrong: tuple[str, ...]
    harmful: bool


def read_corpus() -> list[Line]:
    """Read the texts as they are sent."""
    return [_line(entry) for entry in yaml.safe_load(CORPUS.read_text(encoding="utf-8"))]


def judge(lines: Iterable[Line]) -> list[Verdict]:
    """Read every text by the words of the menus folder."""
    written = read_written(FOLDER)
    words, topics = (Keywords(written.table(name)) for name in ("keywords", "topics"))
    return [_verdict(line, words, topics) for line in lines]


def main() -> int:
    """Print the figures and every miss; return 0 if all targets are reached."""
    verdicts = judge(read_corpus())
    report = Report("Texts understood")
    for verdict in verdicts:
        if verdict.wrong:
            harmful = " HARMFUL" if verdict.harmful else ""
            report.say(f"{_short(verdict.line.text)}: {'; '.join(verdict.wrong)}{harmful}")
    _say_tags(report, verdicts)
    held_out = [verdict for verdict in verdicts if verdict.line.held_out]
    report.say(f"{len(verdicts)} texts, {len(held_out)} of them held out")
    report.figure("right", _share(verdicts), "%", least=LEAST_RIGHT)
    report.figure("right of those held out", _share(held_out), "%", least=LEAST_RIGHT)
    report.figure("wrong and harmful", sum(v.harmful for v in verdicts), "texts", most=0)
    return report.end()


def _line(entry: dict[str, Any]) -> Line:
    text = entry["text"] * entry.get("times", 1)
    return Line(
        text=unicodedata.normalize(entry.get("form", "NFC"), text),
        right=tuple(entry["right"].split(" or ")),
        rest=entry.get("rest"),
        topic=entry.get("topic"),
        answer=entry.get("answer", "" if "answer" in entry["tags"] else None),
        leads=entry.get("from") == "leader",
        tags=frozenset(entry["tags"]),
        held_out=entry.get("held_out", False),
    )


def _verdict(line: Line, words: Keywords, topics: Keywords) -> Verdict:
    reading = words.understand(line.text, leads=line.leads)
    said = _said(reading)
    rest = line.text if reading is None else reading.rest
    topic = topics.find(rest)
    compared = {
        "read as": (said, line.right),
        "rest": (rest, (line.rest,)),
        "topic": (topic.intent if topic else "-", (line.topic,)),
        "answer": (_answered(line.text), (line.answer,)),
    }
    wrong = tuple(
        f"{what} {was!r}, not {' or '.join(map(repr, right))}"
        for what, (was, right) in compared.items()
        if right != (None,) and was not in right
    )
    return Verdict(line, wrong, said not in line.right and _harms(reading))


def _said(reading: Reading) -> str:
    match reading:
        case None:
            return "-"
        case Match(intent=intent):
            return intent
        case Guess(intent=intent):
            return f"{intent}?"
        case Between(intents=(one, other)):
            return f"{one}|{other}"
    assert_never(reading)


def _harms(reading: Reading) -> bool:
    match reading:
        case Match(intent=intent):
            return intent in HARMFUL
        case Guess(intent=intent):
            return intent in NEVER_GUESSED
        case Between(intents=intents):
            return bool(NEVER_GUESSED.intersection(intents))
    return False


def _answered(text: str) -> str:
    answer = bare_answer(text)
    if answer is None:
        return ""
    number = f" {answer.number}" if answer.number else ""
    return f"{answer.digits}{number}{' + ' if answer.words else ''}{answer.words}"


def _say_tags(report: Report, verdicts: Iterable[Verdict]) -> None:
    every, right = Counter[str](), Counter[str]()
    for verdict in verdicts:
        every.update(verdict.line.tags)
        right.update(verdict.line.tags if not verdict.wrong else ())
    for tag, count in sorted(every.items()):
        report.say(f"{tag:14} {right[tag]:3} of {count:3}  {100 * right[tag] / count:5.1f} %")


def _share(verdicts: list[Verdict]) -> float:
    return 100 * sum(not verdict.wrong for verdict in verdicts) / max(len(verdicts), 1)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


if __name__ == "__main__":
    sys.exit(main())
