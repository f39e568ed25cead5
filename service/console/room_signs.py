"""What a glance means, in words and in three degrees: well, worth a look, somebody must act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from service.ops import room_words as said
from service.ops.health import AWAY, NOT_USED
from service.ops.room_codes import Group, kind_of
from service.ops.room_facts import QUIET, ErrorKind, LaneFacts, Reason, Share, State, Verdict, Why

from .glance import Glance
from .room_things import GOOD, ILL, LOOK, UNKNOWN, Thing, days_said, things_of
from .words import Words

ACT: Final = frozenset(
    {Why.READ_ONLY, Why.SENDING_OFF, Why.LANE_PAUSED, Why.CARRIER_HALTED}
    | {Why.CARRIER_PAUSED, Why.NO_WORKER, Why.CLOCK_GONE}
)
"""Reasons for which somebody must act even where nothing waits yet."""
MOST_SCREENS = 5
MINUTE = 60


@dataclass(frozen=True, slots=True)
class LaneSign:
    """A lane and how it stands."""

    facts: LaneFacts
    name: str
    level: str
    said: str
    state: str
    """The same without its reasons."""
    oldest: str


@dataclass(frozen=True, slots=True)
class ShareSign:
    """Of messages taken, how many arrived."""

    who: str
    of: str
    percent: int
    taken: int


class Signs:
    """Reads a glance in one language."""

    def __init__(self, seen: Glance, words: Words) -> None:
        self._seen = seen
        self._words = words
        self._at = seen.room.at
        self._language = words.language

    @cached_property
    def level(self) -> str:
        """How all stands."""
        level = self.level_of(self._seen.room.verdict)
        unseen = any(not alarm.is_seen for alarm in self._seen.things.alarms)
        return LOOK if level == GOOD and unseen else level

    @staticmethod
    def level_of(verdict: Verdict) -> str:
        """Return the degree of a verdict."""
        if verdict.state is State.STUCK or any(r.key in ACT for r in verdict.reasons):
            return ILL
        return GOOD if verdict.is_well else LOOK

    @cached_property
    def headline(self) -> str:
        """Say how all stands in one line: since when, and of which lanes."""
        verdict = self._seen.room.verdict
        if verdict.state in {State.STUCK, State.SLOW}:
            lanes = [x.name for x in self.lanes if x.facts.verdict.state is verdict.state]
            since = said.clock_time(verdict.since, self._at) if verdict.since else ""
            key = f"headline.{verdict.state}_all" if len(lanes) == len(self.lanes) else ""
            key = key or f"headline.{verdict.state}"
            return self._words(key, lanes=", ".join(lanes).lower(), since=since)
        if self.level == GOOD:
            return self._words("headline.well")
        bad = [reason for reason in verdict.reasons if reason.key not in QUIET]
        for reason in sorted(bad, key=lambda reason: reason.key not in ACT):
            why = said.says_reason(reason, self._at, self._language, briefly=True)
            lanes = [r.values["lane"] for r in bad if r.key is reason.key and "lane" in r.values]
            where = ", ".join(self._words.name_of("lane", lane) for lane in lanes)
            return _sentence(f"{where.lower()}: {why}" if where else why, stop="")
        return self._words("headline.alarms")

    @cached_property
    def reasons(self) -> list[str]:
        """Say why, and what to do about it, a sentence or two each."""
        told = self._seen.room.verdict.reasons
        return [self._reason(reason) for reason in told if reason.key is not Why.QUIET_HOURS]

    def _reason(self, reason: Reason) -> str:
        lane = reason.values.get("lane")
        before = f"{self._words.name_of('lane', lane)}: " if lane else ""
        sentence = said.says_reason(reason, self._at, self._language)
        return before + sentence + "." if before else _sentence(sentence)

    @cached_property
    def lanes(self) -> list[LaneSign]:
        """Every lane with its verdict in few words."""
        return [
            LaneSign(
                facts=lane,
                name=self._words.name_of("lane", lane.lane),
                level=self.level_of(lane.verdict),
                said=self._says(lane.verdict, lane.workers),
                state=self._says(Verdict(lane.verdict.state, lane.verdict.since)),
                oldest=self.how_long(lane.oldest_seconds) if lane.waiting else "–",
            )
            for lane in self._seen.room.lanes
        ]

    def _says(self, verdict: Verdict, workers: int | None = None) -> str:
        words = said.says(verdict, self._at, self._language, workers, briefly=True)
        return _sentence(words, stop="")

    @cached_property
    def shares(self) -> list[ShareSign]:
        """What share arrived: of the last hundred, of the hour, and by network."""
        return [self._share(share) for share in self._seen.room.shares if share.share is not None]

    def _share(self, share: Share) -> ShareSign:
        network = share.network
        who = share.carrier if network is None else self._words("room.network_unknown")
        if network:
            who = self._words.name_of("network", network)
        of = self._words.name_of("share", share.of)
        return ShareSign(who, of, round(100 * (share.share or 0)), share.taken)

    @cached_property
    def last_hundred(self) -> int | None:
        """The lowest delivered share of any carrier's last hundred, in percent."""
        found = [s for s in self._seen.room.shares if s.of == "last_hundred" and s.taken]
        return min((round(100 * (s.share or 0)) for s in found), default=None)

    @cached_property
    def errors(self) -> list[tuple[str, list[tuple[ErrorKind, str, str]]]]:
        """The hour's errors by what becomes of them: kind, what it means, what to do."""
        grouped = []
        for group in Group:
            kinds = [
                (kind, about.means[self._language], about.what_to_do[self._language])
                for kind in self._seen.room.errors
                if (about := kind_of(kind.code)).group is group
            ]
            if kinds:
                grouped.append((str(group), kinds))
        return grouped

    @cached_property
    def things(self) -> list[Thing]:
        """Everything the lanes stand on."""
        told = self._seen.room.verdict.reasons
        keys = {reason.key for reason in told}
        empty = {
            str(reason.values.get("carrier"))
            for reason in told
            if reason.values.get("code") == "no_balance"
        }
        return [*self._own(keys), *things_of(self._seen.things, self._words, empty)]

    def _own(self, keys: set[Why]) -> Iterator[Thing]:
        redis = {AWAY: ("ill", LOOK), NOT_USED: ("unused", UNKNOWN)}
        for kind, state, level in (
            ("database", *(("ill", ILL) if Why.READ_ONLY in keys else ("well", GOOD))),
            ("clock", *(("ill", ILL) if Why.CLOCK_GONE in keys else ("well", GOOD))),
            ("redis", *redis.get(self._seen.redis, ("well", GOOD))),
        ):
            told = self._words(f"thing_{kind}.{state}")
            yield Thing(self._words(f"thing.{kind}"), level, told)

    @property
    def balance_days(self) -> str:
        """For how many days the balance lasts."""
        days = self._seen.things.balance_days
        return "–" if days is None else days_said(days, self._words)

    @property
    def screens(self) -> Sequence[tuple[str, int]]:
        """Where most calls ended without an answer."""
        dropped = self._seen.calls.dropped[:MOST_SCREENS]
        return [(self._words.name_of("screen", screen), n) for screen, n in dropped]

    @property
    def dropped_percent(self) -> int:
        """How many calls of a hundred ended without an answer."""
        calls = self._seen.calls
        return round(100 * calls.dropped_in_all / calls.looked_at) if calls.looked_at else 0

    def how_long(self, seconds: float) -> str:
        """Say a duration."""
        if seconds < 2 * MINUTE:
            return self._words("seconds", n=round(seconds))
        if seconds < 2 * MINUTE * MINUTE:
            return self._words("minutes", n=round(seconds / MINUTE))
        return self._words("hours", n=round(seconds / MINUTE / MINUTE))

    def ago(self, moment: datetime | None) -> str:
        """Say how long ago something was."""
        if moment is None:
            return self._words("room.never")
        passed = max(self._seen.things.at - moment, timedelta())
        return self._words("room.last", long=self.how_long(passed.total_seconds()))

    def pace(self, per_minute: float) -> str:
        """Say how many a minute."""
        number = f"{per_minute:.1f}" if 0 < per_minute < MINUTE else f"{round(per_minute)}"
        number = number.removesuffix(".0")
        return number.replace(".", ",") if self._language == "vi" else number


def _sentence(words: str, stop: str = ".") -> str:
    return words[:1].upper() + words[1:] + stop
