"""The outbox against everything at once: a state machine that knows what the carrier really took.

A rule that finds nothing to do does nothing: what there is hangs on the database's dice (back-off),
and which rules may run must not.

The rules call the real functions on PostgreSQL. Workers are plain lists here: what they claimed,
what they have begun, which answers they will write down much later. `carrier` is the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from service.carriers.base import (
    Accepted,
    Answer,
    BadNumber,
    Busy,
    NoBalance,
    OutcomeUnknown,
    Unreachable,
)
from service.outbox.brakes import pause, resume, switch
from service.outbox.claim import Begun, Leased, release
from service.outbox.classes import LANES, RULES, Resend
from service.outbox.ladder import SENT
from service.outbox.put import Message, put
from service.records.messages import MessageClass
from tests.outbox.kit import CARRIER, FINAL, Box, number

FATES: dict[str, tuple[bool, Answer | None]] = {
    "taken": (True, Accepted("")),
    "taken, answer lost": (True, OutcomeUnknown()),
    "taken, worker dead": (True, None),
    "not reached": (False, Unreachable()),
    "busy": (False, Busy()),
    "no balance": (False, NoBalance()),
    "refused": (False, BadNumber()),
    "lost on the way": (False, OutcomeUnknown()),
    "worker dead": (False, None),
}
"""Whether the carrier takes it, and what the worker hears; nothing, if it dies."""
OLDEST_REPORT = 70 * 3600.0
"""The carrier does not report later than this; seconds."""

index = st.integers(0, 50)
fates = st.sampled_from(sorted(FATES))
lanes = st.sampled_from(LANES)
classes = st.sampled_from([c for c in MessageClass if c is not MessageClass.PROMO])
keys = st.integers(0, 5)
people = st.integers(0, 2)
ranks = st.sampled_from([1, 3, 4, 4])


@dataclass
class Copy:
    """Something the carrier took."""

    message_id: int
    msisdn: str
    at: float
    told: int = 0
    """The highest rank it has reported."""


@dataclass
class Truth:
    """What really happened."""

    keys: dict[str, int] = field(default_factory=dict)
    classes: dict[int, MessageClass] = field(default_factory=dict)
    carrier: dict[str, Copy] = field(default_factory=dict)
    now: float = 0.0

    def copies(self, message_id: int) -> list[Copy]:
        return [copy for copy in self.carrier.values() if copy.message_id == message_id]


class OutboxMachine(RuleBasedStateMachine):
    box: Box

    def __init__(self) -> None:
        super().__init__()
        self.truth = Truth()
        self.hands: list[list[Leased]] = []
        self.under_way: list[Begun] = []
        self.late: list[tuple[Begun, Answer]] = []
        self.braked = False

    @initialize()
    def begin_at_noon(self) -> None:
        self.box.empty()
        self.box.at("12:00")

    # -- what people and workers do

    @rule(message_class=classes, key=keys, to=people)
    def put(self, message_class: MessageClass, key: int, to: int) -> None:
        message = Message(
            f"key:{key}", message_class, number(to), f"Tin {key}", recipient_digest=f"number {to}"
        )
        with self.box.world.runtime.units.open() as unit:
            its_id = put(unit, message)
        assert (its_id is None) == (message.idem_key in self.truth.keys)
        if its_id is not None:
            self.truth.keys[message.idem_key] = its_id
            self.truth.classes[its_id] = message_class

    @rule(lane=lanes, most=st.integers(1, 3))
    def claim(self, lane: str, most: int) -> None:
        leased = self.box.claim(lane, most)
        assert not (leased and self.braked)
        if leased:
            self.hands.append(leased)

    @rule(which=index)
    def begin(self, which: int) -> None:
        if not self.hands:
            return
        begun = self.box.begin(self.hands.pop(which % len(self.hands)))
        assert not (begun and self.braked)
        self.under_way += begun

    @rule(which=index)
    def give_back(self, which: int) -> None:
        if not self.hands:
            return
        with self.box.world.engine.begin() as connection:
            release(connection, self.hands.pop(which % len(self.hands)))

    @rule(which=index, fate=fates, late=st.booleans())
    def call(self, which: int, fate: str, late: bool) -> None:
        if not self.under_way:
            return
        self._call(self.under_way.pop(which % len(self.under_way)), fate, late=late)

    def _call(self, begun: Begun, fate: str, *, late: bool) -> None:
        taken, answer = FATES[fate]
        if taken:
            its_id = f"id-{len(self.truth.carrier)}"
            copy = Copy(begun.message.id, begun.message.msisdn, self.truth.now)
            self.truth.carrier[its_id] = copy
            answer = Accepted(its_id) if isinstance(answer, Accepted) else answer
        if answer is not None:
            self.late.append((begun, answer))
            if not late:
                self.hear(-1)

    @rule(which=index)
    def hear(self, which: int) -> None:
        if not self.late:
            return
        begun, answer = self.late.pop(which if which == -1 else which % len(self.late))
        self.box.settle({begun: answer})

    @rule(lane=lanes, fate=fates, late=st.booleans())
    def send_one(self, lane: str, fate: str, late: bool) -> None:
        """Claim, begin and call in one go, so that runs come this far often."""
        for begun in self.box.begin(leased) if (leased := self.box.claim(lane)) else []:
            self._call(begun, fate, late=late)

    @rule(lane=lanes, fate=fates, again=fates)
    def die_and_send_again(self, lane: str, fate: str, again: str) -> None:
        """A worker stands still until it is given up, others go on, then it hears its answer."""
        self.send_one(lane, fate, late=True)
        self.tick(31)
        self.sweep()
        self.send_one(lane, again, late=False)
        while self.late:
            self.hear(0)

    @rule(message_class=classes, key=keys, to=people, fate=fates, again=fates)
    def put_and_die(
        self, message_class: MessageClass, key: int, to: int, fate: str, again: str
    ) -> None:
        """The same with a message that is there to be sent: rules that meet by chance meet rarely."""
        self.put(message_class, key, to)
        self.die_and_send_again(RULES[message_class].lane, fate, again)

    # -- what else happens

    @rule(first=ranks, then=ranks)
    def report_the_last_two(self, first: int, then: int) -> None:
        """Copies of one message, often: the second report must not undo what the first one said."""
        self.report(len(self.truth.carrier) - 1, first)
        self.report(len(self.truth.carrier) - 2, then)

    @rule(which=index, rank=ranks)
    def report(self, which: int, rank: int) -> None:
        if not self.truth.carrier:
            return
        its_id, copy = list(self.truth.carrier.items())[which % len(self.truth.carrier)]
        if self.truth.now - copy.at < OLDEST_REPORT:
            self.box.report(its_id, number(int(copy.msisdn[-4:])), f"rank {rank}", rank)
            copy.told = max(copy.told, rank)

    @rule(seconds=st.sampled_from([2, 6, 31, 31, 40, 700, 1900, 7200, 263_000]))
    def tick(self, seconds: float) -> None:
        self.box.later(seconds=seconds)
        self.truth.now += seconds

    @rule()
    def sweep(self) -> None:
        self.box.sweep()

    @rule()
    def half_an_hour_of_others(self) -> None:
        """Other people's messages are reported as usual, so silence means something."""
        self.tick(1900)
        self.box.world.do("""
            INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                                      report_rank, valid_until, created_at)
            SELECT gen_random_uuid(), 'reply', 'reply', 0, '+84900009000', 'x', 1, 'delivered', 4,
                   clock_timestamp(), clock_timestamp() - interval '10 minutes'
            FROM generate_series(1, 6)
        """)
        self.sweep()

    @rule(on=st.booleans(), by_pause=st.booleans())
    def brake(self, on: bool, by_pause: bool) -> None:
        with self.box.world.engine.begin() as connection:
            resume(connection, CARRIER)
            switch(connection, on=not on or by_pause, by="Duty")
            if on and by_pause:
                pause(connection, CARRIER, NoBalance())
        self.braked = on and not by_pause  # a pause ends by itself

    # -- what must hold

    @invariant()
    def nothing_is_claimed_that_is_not_so(self) -> None:
        rows = self.box.world.rows("""
            SELECT m.id, m.state, m.report_rank, m.resends, m.strikes,
                   EXISTS (SELECT FROM attempts a WHERE a.message_id = m.id
                           AND a.outcome IN ('open', 'unknown')) AS in_doubt
            FROM messages_out m WHERE m.idem_key LIKE 'key:%'
        """)
        assert {row.id for row in rows} == set(self.truth.keys.values())
        for row in rows:
            copies = self.truth.copies(row.id)
            may_repeat = RULES[self.truth.classes[row.id]].resend is not Resend.NEVER
            assert len(copies) <= 1 + may_repeat, "sent twice"
            assert row.resends <= may_repeat
            if row.state in SENT:
                assert copies, "called sent, but the carrier never got it"
            if row.state in {"rejected", "failed", "expired"}:
                assert not row.in_doubt
                assert not copies, "called ended, but the carrier has it"
            assert row.report_rank in {0, 2, *(copy.told for copy in copies)}, "another's report"

    def teardown(self) -> None:
        if self.box.states():
            self._drain()
            self._nobody_is_stuck()

    def _drain(self) -> None:
        """All ends well from here on: everybody must come to rest."""
        self.brake(on=False, by_pause=False)
        for n in range(len(self.truth.carrier)):
            self.report(n, 4)
        for hours in [0.01] * 12 + [2] * 14 + [73, 73]:
            self.tick(hours * 3600)
            self.sweep()
            for lane in LANES:
                while (leased := self.box.claim(lane)) and (begun := self.box.begin(leased)):
                    self._call(begun[0], "taken", late=False)
                    self.report(len(self.truth.carrier) - 1, 4)
        self.nothing_is_claimed_that_is_not_so()

    def _nobody_is_stuck(self) -> None:
        assert set(self.box.states()) <= FINAL, "somebody is stuck"
        left = self.box.world.one("""
            SELECT count(*) FILTER (WHERE outcome = 'open') AS open,
                   count(*) FILTER (WHERE outcome = 'accepted' AND report_rank < told) AS unheard
            FROM attempts a JOIN messages_out m ON m.id = a.message_id
            LEFT JOIN LATERAL (SELECT max(rank) AS told FROM receipts r
                               WHERE r.carrier_message_id = a.carrier_message_id) AS r ON true
        """)
        assert (left.open, left.unheard) == (0, 0)
