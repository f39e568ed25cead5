"""The judge of a class: what happened to each place, held against what each person was told.

The history is replayed by rules of the judge's own (bench/training_replay.py). Beside it everything
that was said is read as its reader reads it: one message for each thing that happened to somebody,
none for what did not, and every number in it true at that moment. A harm has the name of a figure;
every figure's target is none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import NamedTuple

from service.text.local_time import in_vietnam

from .training_history import Happened, History, Placed, Said
from .training_replay import LAPSED, LONGEST_ROW, ROW, SEAT, SOON, Harm, Replay

HARMS = {
    "seats": "moments at which more people held seats than there are",
    "row": "people taken into a row that was full",
    "turn": "seats given past somebody who was before them",
    "order": "things that happened to a place they could not happen to",
    "state": "places that stand otherwise than their history says",
    "end": "people still waiting when the class had begun",
    "early": "offers ended before their time",
    "late": "free seats, or offers that were over, left longer than one sweep",
    "untold": "things that happened to somebody who was not told",
    "twice": "things told twice, and texts answered twice",
    "unanswered": "texts that were not answered",
    "groundless": "messages about something that had not happened",
    "wrong": "messages that say something else than what happened",
    "number": "places in the row told that were not true then",
    "full": "people told that all is full when it was not",
    "vague": "people who wanted to register and were told neither yes, no, nor full",
    "long": "messages of more than one segment",
}
"""What is never to happen: name -> how it is told."""
CLOCKS = {
    "offered": {"class_offer"},
    "lapsed": {"class_lapsed"},
    "moved_back": {"class_moved_back"},
    "ended": {"class_row_over"},
}
"""What somebody is written to because of, whatever they are doing."""
UNASKED = {key for keys in CLOCKS.values() for key in keys}
ANSWERS = {
    "class_seated": ({"seated"}, {"accepted"}),
    "class_queued": ({"queued"},),
    "class_too_late": ({"queued"}, {"lapsed", "queued"}, {"lapsed"}),
    "class_declined": ({"declined"},),
    "class_left": ({"left"},),
}
"""What an answer says has happened: the message -> the events it may tell of."""
FULL = {"class_row_full"}
SAYS = {
    "class_seated": r"co cho lop {number}",
    "class_queued": r"[Ll]op {number}\b.*\bhang thu (?P<row>\d+)",
    "class_too_late": r"[Ll]op {number}\b.*\bthu (?P<row>\d+)",
    "class_offer": r"lop {number}\b.*\b1 di, 2 thoi.*truoc (?P<until>\S+ \d+/\d+)",
    "class_lapsed": r"lop {number}\b.*sang nguoi khac",
    "class_declined": r"khong lay cho o lop {number}",
    "class_left": r"[Hh]uy cho cua .* lop {number}",
    "class_row_over": r"[Ll]op {number}\b.*het cho",
    "class_moved_back": r"[Ll]op {number}\b.*dau hang",
    "class_row_full": r"[Ll]op {number}\b.*het cho, hang doi cung du",
}
"""How a reader understands each of them."""


class Screen(NamedTuple):
    """The last screen of a call by which somebody registered."""

    phone_id: int
    text: str


@dataclass
class Verdict:
    """What was found."""

    harms: list[Harm] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    replay: Replay | None = None

    def count(self, name: str) -> int:
        """Count the harms of a kind."""
        return sum(harm.name == name for harm in self.harms)


class Judge:
    """Judges one class."""

    def __init__(self, history: History, number: int, screens: Sequence[Screen]) -> None:
        self._history, self._number = history, number
        self._replay = Replay(history)
        self._places: dict[int, Placed] = {one.id: one for one in history.places}
        self._screens = screens
        self.verdict = Verdict(replay=self._replay)

    def judge(self) -> Verdict:
        """Judge everything."""
        self._replay.run()
        about = [one for one in self._history.said if one.key.startswith("class")]
        self.verdict.told.update(one.key for one in about)
        for said in about:
            if said.segments > 1:
                self._harm("long", said.id, said.body)
        by_clock = self._judge_clocks([one for one in about if one.key in UNASKED])
        self._judge_answers([one for one in about if one.cause in {"sms", "ussd"}], by_clock)
        self._judge_texts()
        self._judge_screens()
        self.verdict.harms = self._replay.harms
        return self.verdict

    def _harm(self, name: str, about: int, detail: object) -> None:
        self._replay.harm(name, about, detail)

    # -- what people are written to unasked

    def _judge_clocks(self, messages: list[Said]) -> set[int]:
        """Judge them; return the events they told of."""
        events = {event.id: event for event in self._history.events}
        told: Counter[int] = Counter()
        for said in messages:
            event = events.get(said.number)
            if event is None or said.key not in CLOCKS.get(event.event, ()):
                self._harm("groundless", said.id, said.body)
                continue
            told[event.id] += 1
            self._judge_words(said, event)
        for event_id, times in told.items():
            if times > 1:
                self._harm("twice", event_id, events[event_id])
        for event in events.values():
            if event.event in {"offered", "moved_back", "ended"} and not told[event.id]:
                self._harm("untold", event.id, event)
        return set(told)

    # -- what they are answered

    def _judge_answers(self, answers: list[Said], by_clock: set[int]) -> None:
        mine: dict[int, list[Happened]] = defaultdict(list)
        for event in self._history.events:
            known = {name for options in ANSWERS.values() for one in options for name in one}
            if event.event in known and event.id not in by_clock:
                mine[self._places[event.place_id].phone_id].append(event)
        said_to: dict[int, list[Said]] = defaultdict(list)
        for answer in answers:
            said_to[answer.phone_id].append(answer)
        for phone_id, answered in said_to.items():
            events = mine.pop(phone_id, [])
            for one in sorted(answered, key=lambda said: (said.at, said.id)):
                told = [event for event in events if event.at <= one.at]
                events = [event for event in events if event.at > one.at]
                self._judge_answer(one, told)
            self._untold(phone_id, events)
        for phone_id, events in mine.items():
            self._untold(phone_id, events)

    def _untold(self, phone_id: int, events: list[Happened]) -> None:
        for event in events:
            self._harm("untold", event.id, f"{event} of phone {phone_id}")

    def _judge_answer(self, said: Said, told: list[Happened]) -> None:
        while len(told) > 1 and {event.event for event in told} not in ANSWERS.get(said.key, ()):
            self._untold(said.phone_id, told[:1])
            told = told[1:]
        names = {event.event for event in told}
        if names and names not in ANSWERS.get(said.key, ()):
            self._harm("wrong", said.id, f"{said.key} for {names}")
        elif names:
            self._judge_words(said, told[-1])
        else:
            self._judge_unfounded(said)

    def _judge_unfounded(self, said: Said) -> None:
        """Judge an answer upon which nothing changed: it may only say how things stand."""
        at, replay = said.at, self._replay
        states = replay.states_at(at, said.phone_id)
        stands = {
            "class_seated": SEAT in states.values(),
            "class_queued": ROW in states.values(),
            "class_too_late": ROW in states.values(),
            "class_declined": LAPSED in states.values(),
            "class_left": False,
        }
        if not stands.get(said.key, True):
            self._harm("groundless", said.id, f"{said.key}: {said.body}")
        if said.key in FULL and len(replay.row_at(at)) < LONGEST_ROW:
            self._harm("full", said.id, f"{len(replay.row_at(at))} waited at {at}")
        found = self._read(said)
        if found and found.groupdict().get("row"):
            row = replay.row_at(at)
            mine = [row.index(i) + 1 for i, state in states.items() if state == ROW]
            if int(found["row"]) not in mine:
                self._harm("number", said.id, f"{said.body}: {mine}")

    # -- the words

    def _read(self, said: Said) -> re.Match[str] | None:
        pattern = SAYS.get(said.key)
        return re.search(pattern.format(number=self._number), said.body) if pattern else None

    def _judge_words(self, said: Said, event: Happened) -> None:
        place, found = self._places[event.place_id], self._read(said)
        if found is None or place.who not in said.body or place.phone_id != said.phone_id:
            self._harm("wrong", said.id, f"{said.body} to {place.who}")
            return
        named = found.groupdict()
        row = self._replay.number.get(event.id)
        if named.get("row") and int(named["row"]) != row:
            self._harm("number", said.id, f"{said.body}, but {row}")
        until = self._replay.until.get(event.id)
        if named.get("until") and until:
            there = (in_vietnam(until - SOON), in_vietnam(until))
            hours = {f"{t.hour}h{t.minute:02} {t.day}/{t.month}" for t in there}
            if named["until"] not in hours | {hour.replace("h00 ", "h ") for hour in hours}:
                self._harm("wrong", said.id, f"{said.body}, but {hours}")

    # -- texts, each answered once

    def _judge_texts(self) -> None:
        answered: dict[int, list[Said]] = defaultdict(list)
        for said in self._history.said:
            if said.cause == "sms":
                answered[said.number].append(said)
        for text in self._history.texts:
            answers = answered.get(text.id, [])
            if len(answers) != 1:
                name = "twice" if answers else "unanswered"
                self._harm(name, text.id, f"{text.words}: {answers}")
            elif text.words.upper().startswith("LOP") and answers[0].key not in REGISTERED:
                self._harm("vague", text.id, f"{text.words}: {answers[0].body}")

    # -- the last screens of calls

    def _judge_screens(self) -> None:
        """A screen says what is written down of its caller, too."""
        mine: dict[int, list[Happened]] = defaultdict(list)
        for event in self._history.events:
            mine[self._places[event.place_id].phone_id].append(event)
        for screen in self._screens:
            events = mine[screen.phone_id]
            row = re.search(r"\bhang thu (\d+)", screen.text)
            if row and int(row[1]) not in {self._replay.number.get(event.id) for event in events}:
                self._harm("number", screen.phone_id, screen.text)
            has_seat = any(event.event in {"seated", "accepted"} for event in events)
            if "co cho lop" in screen.text and not has_seat:
                self._harm("groundless", screen.phone_id, screen.text)
            if not re.search(r"co cho lop|\bhang thu \d|hang doi cung du", screen.text):
                self._harm("vague", screen.phone_id, screen.text)


REGISTERED = {"class_seated", "class_queued", "class_too_late", *FULL}


def judge(history: History, number: int, screens: Sequence[Screen] = ()) -> Verdict:
    """Judge a history, and what callers were shown last."""
    return Judge(history, number, screens).judge()


def lines(verdict: Verdict) -> Iterator[str]:
    """Yield what has no target: the distribution."""
    replay = verdict.replay
    assert replay is not None
    yield f"places at the end: {_counted(replay.outcomes)}"
    yield f"told: {_counted(verdict.told)}"
    events = Counter(event.event for event in replay.history.events)
    yield f"happened: {_counted(events)}"
    rows = sorted(replay.rows) or [0]
    yield f"row: longest {rows[-1]} with those moved back, median after an event {median(rows):.0f}"
    for name, delays in (
        ("from free to offered", replay.delays),
        ("the same where a killed clock held the work", replay.delays_after_outage),
    ):
        if len(delays) > 1:
            cuts = quantiles(delays, n=100, method="inclusive")
            yield (
                f"seconds {name}: {len(delays)} seats, median {cuts[49]:.2f}, "
                f"nine of ten {cuts[89]:.2f}, longest {max(delays):.2f}"
            )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times:,}" for name, times in counts.most_common())
