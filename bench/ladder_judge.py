"""The judge of a simulation: what was promised to those who asked, held against what happened.

It walks through the history of each request, as the database kept it, beside the promises of
menus/ladder.yaml. A harm has the name of a figure; every figure's target is none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .ladder_history import SOON, Asked, Happened, History, Member, Stepped
from .ladder_rules import Promise, Promises, Rung, Whereabouts, due_after
from .ladder_verdict import Harm, Verdict

SWEEP = timedelta(seconds=12)
"""The clock looks every 10 s; the rest is for taking the steps it finds."""
PILES_WAIT = timedelta(hours=1)
"""After whoever is meant has woken."""
AT_ONCE = Rung((), timedelta(), again=False)
OPEN, TAKEN, ASKING, ENDED = "open", "taken", "asking", "ended"
BACK, LEFT = "back", "left"
"""Not solved, or given back: somebody has it, unless a step follows and it climbs anew."""


@dataclass
class Lap:
    """Once up the ladder: when it began, its steps, and until when it might go on."""

    request: Asked
    ladder: Promise
    begins: datetime
    is_first: bool = False
    steps: list[Stepped] = field(default_factory=list)
    nudges: list[datetime] = field(default_factory=list)
    """When somebody passed it on, upon which a step may be taken before its time."""
    holds: list[datetime] = field(default_factory=list)
    """When somebody took it who passed it on later: nobody waited from then on."""
    spared: set[int] = field(default_factory=set)
    """Phones of whoever had it when it was put back: others are asked first."""
    ends: datetime | None = None

    def went_to(self, number: int) -> bool:
        """Say whether its steps are those of a lap with this number."""
        return bool(self.steps) and self.steps[-1].lap == number


class Judge:
    """Judges one history by the promises."""

    def __init__(self, history: History, promises: Promises) -> None:
        self._history = history
        self._promises = promises
        self._where = Whereabouts(history)
        self._events: dict[int, list[Happened]] = defaultdict(list)
        self._steps: dict[int, list[Stepped]] = defaultdict(list)
        for event in history.events:
            self._events[event.request_id].append(event)
        for step in history.steps:
            self._steps[step.request_id].append(step)
        self._told: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        self._numbers: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        self._piles: dict[int, list[datetime]] = defaultdict(list)
        self._many: dict[int, list[datetime]] = defaultdict(list)
        for told in history.told:
            if told.request_id is None:
                of_many = self._many if told.of_many else self._piles
                of_many[told.phone_id].append(told.leaves_at)
            else:
                self._told[told.request_id].append((told.at, told.phone_id))
        self._by_name: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        for told in history.by_name:
            assert told.request_id is not None
            self._by_name[told.request_id].append((told.at, told.phone_id))
        for number in history.numbers:
            self._numbers[number.request_id].append((number.at, number.phone_id))
        self._passers = self._phones_that_passed()
        self._outages = sorted(history.outages)
        self.verdict = Verdict()

    def judge(self) -> Verdict:
        """Return the verdict on everything."""
        keys = Counter((s.request_id, s.lap, s.rung, s.times) for s in self._history.steps)
        for (request_id, *step), times in keys.items():
            if times > 1:
                self._harm("twice", request_id, f"{step} {times} times")
        for request in self._history.requests:
            self._judge(request)
        return self.verdict

    def _harm(self, name: str, request_id: int, detail: object = "") -> None:
        self.verdict.harms.append(Harm(name, request_id, str(detail)))

    def _phones_that_passed(self) -> Mapping[int, set[int]]:
        phones = {member.person_id: member.phone_id for member in self._history.members}
        found: dict[int, set[int]] = defaultdict(set)
        for event in self._history.events:
            if event.event == "passed" and event.person_id in phones:
                found[event.request_id].add(phones[event.person_id])
        return found

    def _phones_of(self, person_id: int | None) -> set[int]:
        members = self._history.members
        return {member.phone_id for member in members if member.person_id == person_id}

    # -- one request

    def _judge(self, request: Asked) -> None:
        state, laps = self._walk(request)
        for lap in laps:
            self._judge_lap(lap)
        self.verdict.laps[sum(bool(lap.steps) for lap in laps)] += 1
        self._judge_end(request, state, laps[-1] if laps else None)

    def _walk(self, request: Asked) -> tuple[str, list[Lap]]:
        """Follow a request from event to event; return where it stands, and its laps."""
        laps: list[Lap] = []
        state, taken = "", False
        items: list[Happened | Stepped] = [*self._events[request.id], *self._steps[request.id]]
        for item in sorted(items, key=_moment):
            if isinstance(item, Stepped):
                state = self._step(request, state, laps, item)
            elif item.event == "accepted":
                if state not in {OPEN, LEFT}:
                    self._harm("double", request.id, item.at)
                if not taken and laps:
                    self._note_taken(laps, item.at)
                taken = True
                state = self._stopped(laps, item.at, TAKEN)
            else:
                state = self._event(request, state, laps, item)
        return state, laps

    def _event(self, request: Asked, state: str, laps: list[Lap], item: Happened) -> str:
        ladder = self._promises.of(request.topic)
        if item.event == "opened":
            laps.append(Lap(request, ladder, item.at, is_first=True))
            return OPEN
        if item.event == "done":
            return self._stopped(laps, item.at, ASKING)
        if item.event in {"solved", "cancelled"}:
            return self._stopped(laps, item.at, ENDED)
        if item.event in {"reopened", "passed", "returned"}:
            if laps and item.event == "passed":
                lap = laps[-1]
                lap.nudges.append(_moment(item))
                if lap.ends is None:
                    return state
                lap.holds.append(lap.ends)
                lap.ends = None
                return OPEN
            spared = self._phones_of(item.person_id) if item.event == "returned" else set()
            laps.append(Lap(request, ladder, item.at, spared=spared))  # dropped where none follows
            return BACK if item.event == "reopened" else LEFT
        return state

    @staticmethod
    def _stopped(laps: list[Lap], at: datetime, state: str) -> str:
        if laps and laps[-1].ends is None:
            laps[-1].ends = at
            if not laps[-1].steps and len(laps) > 1:
                laps.pop()
        return state

    def _step(self, request: Asked, state: str, laps: list[Lap], step: Stepped) -> str:
        self.verdict.steps[step.party] += 1
        self.verdict.people[step.party] += step.people
        if state not in {OPEN, BACK, LEFT} or not laps:
            self._harm("had", request.id, step.at)
            return state
        if len(laps) > 1 and not laps[-1].steps and laps[-2].went_to(step.lap):
            self._go_on(laps)
        laps[-1].steps.append(step)
        return OPEN

    @staticmethod
    def _go_on(laps: list[Lap]) -> None:
        """Take up the lap before again: whoever had it back has passed it on, from where it was."""
        again, lap = laps.pop(), laps[-1]
        lap.nudges += again.nudges
        lap.holds += [lap.ends] if lap.ends else []
        lap.ends = None

    def _note_taken(self, laps: Sequence[Lap], at: datetime) -> None:
        first = laps[0]
        self.verdict.hours.append((at - first.begins).total_seconds() / 3600)
        steps = laps[-1].steps or first.steps
        self.verdict.accepted_at[steps[-1].party if steps else "nobody"] += 1

    def _judge_end(self, request: Asked, state: str, last: Lap | None) -> None:
        if state in {BACK, LEFT}:
            state = TAKEN  # nobody was told anew: the one who had it has it
        outcome = {OPEN: "waiting", TAKEN: "accepted", ASKING: "done", ENDED: "ended"}.get(state)
        if state == OPEN and last and last.steps and last.steps[-1].rung == last.ladder.last:
            outcome = "at the desk"
        if outcome in {"waiting", None}:
            self._harm("end", request.id, state)
        self.verdict.outcomes[outcome or "unknown"] += 1
        stands = {OPEN: "open", TAKEN: "accepted", ASKING: "done"}
        allowed = {stands[state]} if state in stands else {"closed", "cancelled"}
        if request.state not in allowed:
            self._harm("state", request.id, f"{request.state}, not {state}")

    # -- one lap

    def _judge_lap(self, lap: Lap) -> None:
        request_id = lap.request.id
        if not lap.steps:
            waited = (lap.ends or self._history.ended_at) - lap.begins
            if waited > SWEEP and lap.is_first:
                self._harm("late", request_id, f"nobody was told for {waited}")
            return
        if lap.steps[0].at - lap.begins > SWEEP and not lap.nudges:
            self._harm("late", request_id, f"first told {lap.steps[0].at - lap.begins} late")
        heard: set[int] = set()
        for number, step in enumerate(lap.steps):
            spans = self._judge_step(lap, number, heard)
            follows = lap.steps[number + 1].at if number + 1 < len(lap.steps) else None
            self._judge_wait(lap, step, spans or [self._promises.waking], follows)

    def _judge_step(self, lap: Lap, number: int, heard: set[int]) -> list[tuple[int, int]]:
        """Judge whom a step told; return their hours, and add their phones to `heard`."""
        request, ladder, step = lap.request, lap.ladder, lap.steps[number]
        before = lap.steps[number - 1] if number else None
        self._judge_order(lap, before, step)
        rung = ladder.rungs[min(step.rung, ladder.last)]
        left_out = {request.phone_id, *heard, *self._numbered(lap, step.at)}
        if before is None and self._anybody(lap, step, {*left_out, *lap.spared}):
            left_out |= lap.spared
        should, surely, perhaps = self._meant(rung, request.area_id, step.at, left_out)
        by_message = self._in_step(self._told, step)
        told = by_message | (self._in_step(self._numbers, step) - self._otherwise(step, perhaps))
        piled = {phone for phone in {*told, *perhaps} if self._heard_of_pile(phone, step.at)}
        if not by_message and not piled:
            self._harm("untold", request.id, step)
        if not rung.again and heard & told:
            self._harm("again", request.id, heard & told)
        if request.phone_id in told and rung.tell != ("desk",):
            self._harm("asker", request.id, step.at)
        self._judge_told(step, surely, perhaps, told, piled)
        if not self._nudged(lap, step.at):
            self._judge_skipped(lap, before.rung + 1 if before else 0, step, left_out)
        heard |= told
        return self._where.spans(should.values(), self._promises.waking)

    def _anybody(self, lap: Lap, step: Stepped, left_out: set[int]) -> bool:
        """Say whether a step up to this one has somebody to tell who is not left out."""
        rungs = lap.ladder.rungs[: step.rung + 1]
        area, at = lap.request.area_id, step.at
        return any(self._where.told_by(rung, area, at, left_out) for rung in rungs)

    def _numbered(self, lap: Lap, before: datetime) -> set[int]:
        """Return the phones that knew of a request before a moment of a lap, by step or name."""
        known = self._numbers.get(lap.request.id, ())
        return {phone for at, phone in known if lap.begins - SOON <= at < before}

    def _meant(
        self, rung: Rung, area_id: int, at: datetime, left_out: set[int]
    ) -> tuple[dict[int, Member], set[int], set[int]]:
        """Return whom a step has to tell, and of these the phones that surely, and perhaps, are.

        Who goes away or comes back in the same moment may be seen there or not.
        """
        moments = (at, at - SOON, at + SOON)
        seen = [self._where.told_by(rung, area_id, moment, left_out) for moment in moments]
        phones = [{*one} for one in seen]
        return seen[0], set.intersection(*phones), set.union(*phones)

    def _otherwise(self, step: Stepped, perhaps: set[int]) -> set[int]:
        """Return the phones that had a number in the moment of a step, but not by it.

        A colleague passed it to them, or they took it by the number they had in the lap before.
        """
        by_name = self._in_step(self._by_name, step)
        takers = [
            event.person_id
            for event in self._events[step.request_id]
            if event.event == "accepted" and step.at <= event.at < step.at + SOON
        ]
        return by_name.union(*(self._phones_of(taker) for taker in takers)) - perhaps

    def _judge_told(
        self, step: Stepped, surely: set[int], perhaps: set[int], told: set[int], piled: set[int]
    ) -> None:
        request_id = step.request_id
        for phone in told:
            if phone not in perhaps and not self._reaches_somebody(phone, step.at):
                self._harm("away", request_id, f"phone {phone} at {step.at}")
        strangers = told - perhaps
        missed = surely - told - piled - self._passers[request_id]
        if strangers or missed:
            self._harm("others", request_id, f"{strangers} for {missed} at {step}")
        if not len(told | (piled & surely)) <= step.people <= len(told | (piled & perhaps)):
            self._harm("count", request_id, step)

    def _judge_order(self, lap: Lap, before: Stepped | None, step: Stepped) -> None:
        if before is None:
            good = step.times == 1
        elif step.rung == before.rung:
            good = step.rung == lap.ladder.last and step.times == before.times + 1
        else:
            good = step.rung > before.rung and step.times == 1
        if not good or (before and before.lap != step.lap):
            self._harm("order", step.request_id, f"{before} then {step}")

    def _judge_skipped(self, lap: Lap, first: int, step: Stepped, left_out: set[int]) -> None:
        for number in range(first, step.rung):
            rung = lap.ladder.rungs[number]
            _, there, _ = self._meant(rung, lap.request.area_id, step.at, left_out)
            if there - self._passers[step.request_id]:
                self._harm("skipped", step.request_id, f"{rung.tell} before {step}")

    def _judge_wait(
        self, lap: Lap, step: Stepped, spans: list[tuple[int, int]], follows: datetime | None
    ) -> None:
        request, ladder = lap.request, lap.ladder
        rung = ladder.rungs[min(step.rung, ladder.last)]
        earliest, due = self._due(ladder, rung, step.at, spans or [self._promises.waking])
        until = follows or lap.ends or self._history.ended_at
        until = min([until, *(held for held in lap.holds if step.at <= held < until)])
        if follows and follows < earliest and not self._nudged(lap, follows):
            self._harm("early", request.id, f"{follows} before {earliest}")
        # Whoever it was passed to by name has their time from then on.
        again = [n for n in lap.nudges if step.at < n and (follows is None or n < follows)]
        spans_of_all = [*spans, self._promises.waking]
        due = max([due, *(self._due(ladder, rung, n + SOON, spans_of_all)[1] for n in again)])
        excused = self._excused(due)
        if until > excused + SWEEP:
            self._harm("late", request.id, f"{until - due} behind {due}")
        if follows and excused > due:
            self.verdict.latest_after_outage = max(self.verdict.latest_after_outage, follows - due)
        elif follows:
            self.verdict.latest = max(self.verdict.latest, follows - due)

    def _due(
        self, ladder: Promise, rung: Rung, told_at: datetime, spans: list[tuple[int, int]]
    ) -> tuple[datetime, datetime]:
        """Return when the next step was due at the earliest and latest.

        Time is taken anew within a step: at nine in the evening a moment makes a night.
        """
        before = due_after(told_at - SOON, rung, spans, sleeps=ladder.sleeps)
        return before, due_after(told_at, rung, spans, sleeps=ladder.sleeps)

    def _excused(self, due: datetime) -> datetime:
        """Return until when a step that was due may wait, since no clock could take it."""
        until = due
        for outage in self._outages:
            if outage.begins <= until + SWEEP and until <= outage.ends:
                until = outage.ends
        return until

    @staticmethod
    def _nudged(lap: Lap, at: datetime) -> bool:
        return any(timedelta() <= at - nudge <= 2 * SOON for nudge in lap.nudges)

    def _in_step(self, rows: Mapping[int, list[tuple[datetime, int]]], step: Stepped) -> set[int]:
        """Return the phones of rows that were written in a step: after it, before the next."""
        steps = [one.at for one in self._steps[step.request_id]]
        mine = bisect_right(steps, step.at)
        return {
            phone
            for at, phone in rows.get(step.request_id, ())
            if bisect_right(steps, at) == mine and at - step.at < SOON
        }

    def _heard_of_pile(self, phone: int, at: datetime) -> bool:
        piles, many = self._piles.get(phone, ()), self._many.get(phone, ())
        people = self._where.people_at.get(phone, ())
        hours = [self._history.hours.get(person, self._promises.waking) for person in people]
        latest = due_after(at, AT_ONCE, hours, sleeps=bool(hours)) + PILES_WAIT + SOON
        return any(at <= moment <= latest for moment in piles) or any(
            at - PILES_WAIT <= moment <= at + SOON for moment in many
        )

    def _reaches_somebody(self, phone: int, at: datetime) -> bool:
        people = self._where.people_at.get(phone, ())
        return any(not self._where.is_away(person, at) for person in people)


def _moment(item: Happened | Stepped) -> datetime:
    """Return when something happened; that somebody passed it on is noted behind its step."""
    passed = isinstance(item, Happened) and item.event == "passed"
    return item.at - SOON if passed else item.at


def judge(history: History, promises: Promises) -> Verdict:
    """Judge a history."""
    ordered = replace(history, steps=sorted(history.steps, key=lambda step: step.at))
    return Judge(ordered, promises).judge()
