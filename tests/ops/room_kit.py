"""A village whose queues an operator watches: everybody at work, messages to put and to send."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import make_url, text

from service.carriers.base import Accepted, Answer, Report
from service.ops.room import look
from service.ops.room_facts import LaneFacts, Room
from service.outbox.brakes import Caps
from service.outbox.classes import LANES
from service.outbox.deliver import Sender
from service.outbox.put import Message, put
from service.outbox.reports import take_report
from service.records.messages import MessageClass
from service.text.local_time import VIETNAM
from service.text.phones import Msisdn
from tests.outbox.kit import CARRIER, PLENTY, Scripted, number
from tests.village import TimedWorld


@dataclass
class Watched:
    """The timed village, with what can befall its sending."""

    world: TimedWorld
    _ids: Any = field(default_factory=itertools.count)
    taken: list[tuple[str, Msisdn]] = field(default_factory=list)

    def everybody_works(self, *, but: Sequence[str] = ()) -> None:
        """Let every worker and the clock say just now that they live, and nothing be overdue."""
        beats = [("worker", lane) for lane in LANES if lane not in but]
        if "clock" not in but:
            beats.append(("clock", None))
            self.world.do("""
                INSERT INTO periodic_work (name, every_seconds, next_at)
                VALUES ('sweep_outbox', 10, clock_timestamp() + interval '10 seconds')
                ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at
            """)
        for kind, lane in beats:
            self.world.do(
                """
                INSERT INTO beats (name, kind, lane, pid) VALUES (:name, :kind, :lane, 1)
                ON CONFLICT (name) DO UPDATE SET beat_at = clock_timestamp()
                """,
                name=f"{kind}-{lane}", kind=kind, lane=lane,
            )  # fmt: skip

    def let_pass(self, *, gone: Sequence[str] = (), **duration: float) -> None:
        """Let time pass in which all work but those that are gone."""
        self.world.time.let_pass(timedelta(**duration))
        self.everybody_works(but=gone)

    def turn_to(self, *moment: int) -> None:
        self.world.time.turn_to(datetime(*moment, tzinfo=VIETNAM))  # type: ignore[arg-type]
        self.everybody_works()

    def put(self, count: int = 1, message_class: MessageClass = MessageClass.REPLY) -> None:
        """Put messages in, each to a number of its own."""
        with self.world.runtime.units.open() as unit:
            for n in itertools.islice(self._ids, count):
                about = {"recipient_digest": f"digest {n}"}
                put(
                    unit, Message(f"room:{n}", message_class, number(n), "Ba con nho giup", **about)
                )

    def send(
        self,
        lane: str = "reply",
        answer: Callable[[], Answer] | None = None,
        most: int = 10_000,
        caps: Caps = PLENTY,
    ) -> int:
        """Let a worker send what is due, by a carrier that takes all or answers as told."""
        given: list[Msisdn] = []

        def taking(_words: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
            given.extend(to)
            answers: dict[Msisdn, Answer] = {
                msisdn: answer() if answer else Accepted(f"ATXid_{next(self._ids)}")
                for msisdn in to
            }
            self.taken += [(a.id, m) for m, a in answers.items() if isinstance(a, Accepted)]
            return answers

        carrier = Scripted(taking)
        carrier.max_recipients = 1
        engine = self.world.engine
        return Sender(engine, engine, carrier, caps).drain(lane, lambda: len(given) >= most)

    def report(self, count: int, rank: int = 4, network: str = "45204") -> None:
        """Let reports come in of the messages taken first that have none yet."""
        for its_id, msisdn in self.taken[:count]:
            report = Report(its_id, msisdn, "Success", rank, None, network)
            with self.world.engine.begin() as connection:
                take_report(connection, CARRIER, report)
        del self.taken[:count]

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Let the database refuse to write to whoever connects."""
        name = make_url(self.world.runtime.settings.database_url).database
        self.world.do(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        try:
            yield
        finally:
            with self.world.engine.connect() as connection:
                connection.execute(text("SET transaction_read_only = off"))
                connection.execute(
                    text(f"ALTER DATABASE {name} RESET default_transaction_read_only")
                )
                connection.commit()
            self.world.reconnect()

    # -- what an operator sees

    def room(self) -> Room:
        return look(self.world.engine)

    def lane(self, name: str = "reply") -> LaneFacts:
        return next(lane for lane in self.room().lanes if lane.lane == name)

    def verdict(self, name: str = "reply") -> tuple[str, list[str]]:
        """A lane's state and the reasons it names."""
        verdict = self.lane(name).verdict
        return str(verdict.state), [str(reason.key) for reason in verdict.reasons]

    def all_in_all(self) -> tuple[str, list[str]]:
        """The same of everything."""
        verdict = self.room().verdict
        return str(verdict.state), [str(reason.key) for reason in verdict.reasons]
