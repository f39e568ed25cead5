"""The outbox as tests handle it: put messages in, let senders run, ask what became of them."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service.carriers.base import Answer, Report, SendsSms
from service.outbox.brakes import Caps
from service.outbox.claim import Begun, Leased, begin, claim
from service.outbox.deliver import Sender
from service.outbox.put import Message, put
from service.outbox.reports import take_report
from service.outbox.settle import settle
from service.outbox.sweep import sweep
from service.phones.network import Network
from service.records.messages import MessageClass
from service.text.phones import Msisdn
from tests.village import World

CARRIER = "africastalking"
PLENTY = Caps(per_hour=10**12, per_day=10**12, segment_price=400)
EMPTIED = "messages_out, attempts, receipts, suppressions, switches, carrier_pauses, spend, alarms, watches, gauges, pulses, beats, periodic_work"
FINAL = {"delivered", "undelivered", "no_report", "rejected", "failed", "expired", "unknown_closed"}


def number(n: int) -> Msisdn:
    """An invented number, the same for the same n."""
    return Msisdn(f"+8490000{n % 10_000:04d}")


class Scripted:
    """A carrier for what no wire can show: it calls the test while it is being talked to."""

    name = CARRIER
    max_recipients = 100

    def __init__(self, send: Callable[[str, Sequence[Msisdn]], Mapping[Msisdn, Answer]]) -> None:
        self.send = send


@dataclass
class Box:
    """The outbox on this worker's database, and the stand-in carrier it sends to."""

    world: World
    network: Network
    _ids: Any = field(default_factory=itertools.count)
    _seen: int = 0

    def empty(self) -> None:
        """Begin anew: no messages, no brakes, no faults, the true time."""
        self._let_reports_end()
        self.world.do(f"TRUNCATE {EMPTIED} RESTART IDENTITY CASCADE")
        self.world.do("TRUNCATE watched.moves")
        self.world.do("UPDATE watched.shift SET by = '0'")
        self.network.faults.clear()
        self.network.settings.change({"ladder": [], "report_delay": 0.0})
        self.network.outgoing.balance = 10**9
        self._seen = self._last()

    def _let_reports_end(self) -> None:
        """Wait for the reports of an earlier test, which would be strays in the next."""
        before = -1
        while self.network.settings.now.ladder and before != self._last():
            before = self._last()
            time.sleep(0.3)

    def _last(self) -> int:
        return self.network.journal.since(0, (), 0)["last"]

    # -- messages

    def put(self, message_class: MessageClass = MessageClass.REPLY, **more: Any) -> int:
        """Put one message in and return its id."""
        n = next(self._ids)
        fields = {
            "idem_key": f"test:{n}",
            "message_class": message_class,
            "to": number(n),
            "body": "Ba con nho giup, to cong nghe so da nhan",
            **more,
        }
        if message_class is MessageClass.PROMO and not more:
            fields["body"] = "[QC] Cho phien thu 7. Tu choi: soan TC gui 8499."
            fields["phone_id"] = self.agreeing_phone(fields["to"])
        message = Message(recipient_digest=f"digest of {fields['to']}", **fields)
        with self.world.runtime.units.open() as unit:
            its_id = put(unit, message)
        assert its_id is not None
        return its_id

    def agreeing_phone(self, to: Msisdn) -> int:
        """Return the phone with this number, whose owner has agreed to advertising."""
        self.world.do("INSERT INTO phones (msisdn) VALUES (:to) ON CONFLICT DO NOTHING", to=to)
        phone_id = self.world.one("SELECT id FROM phones WHERE msisdn = :to", to=to).id
        self.world.do(
            "INSERT INTO consents (phone_id, kind, given, wording, channel) "
            "VALUES (:phone, 'promo', true, 'test', 'test')",
            phone=phone_id,
        )
        return int(phone_id)

    def put_many(self, count: int, message_class: MessageClass = MessageClass.REPLY) -> None:
        """Put many in at once, each to a number of its own for the first 10,000."""
        with self.world.runtime.units.open() as unit:
            for n in range(count):
                to = number(n)
                put(
                    unit,
                    Message(
                        f"many:{n}",
                        message_class,
                        to,
                        "Moi ba con di hop",
                        recipient_digest=f"digest of {to}",
                    ),
                )

    def row(self, its_id: int) -> Any:
        return self.world.one("SELECT * FROM messages_out WHERE id = :id", id=its_id)

    def state(self, its_id: int) -> str:
        return self.row(its_id).state

    def states(self) -> dict[str, int]:
        rows = self.world.rows("SELECT state, count(*) AS n FROM messages_out GROUP BY state")
        return {row.state: row.n for row in rows}

    def attempts(self, its_id: int) -> list[Any]:
        return self.world.rows(
            "SELECT * FROM attempts WHERE message_id = :id ORDER BY no", id=its_id
        )

    def moves(self) -> set[tuple[str, str]]:
        rows = self.world.rows("SELECT DISTINCT before, after FROM watched.moves")
        return {(row.before, row.after) for row in rows}

    def alarms(self) -> set[tuple[str, str]]:
        rows = self.world.rows("SELECT name, about FROM alarms WHERE closed_at IS NULL")
        return {(row.name, row.about) for row in rows}

    # -- time

    def later(self, **delta: float) -> None:
        """Move the database's clock on."""
        self.world.do("UPDATE watched.shift SET by = by + :more", more=timedelta(**delta))

    def at(self, local: str) -> None:
        """Set the database's clock to a moment of the day after next, in Vietnam."""
        self.world.do(
            """
            UPDATE watched.shift
            SET by = (date_trunc('day', pg_catalog.clock_timestamp(), 'Asia/Ho_Chi_Minh')
                      + interval '2 days' + CAST(:local AS interval)) - pg_catalog.clock_timestamp()
            """,
            local=local,
        )

    def now(self) -> datetime:
        return self.world.one("SELECT clock_timestamp() AS now").now

    # -- sending

    def sender(self, carrier: SendsSms | None = None, caps: Caps = PLENTY) -> Sender:
        runtime = self.world.runtime
        return Sender(runtime.engine, runtime.quick, carrier or runtime.carrier, caps)

    def drain(self, lane: str = "reply", sender: Sender | None = None, threads: int = 1) -> int:
        """Let a sender send all that is due; return how many it handed over."""
        sender = sender or self.sender()
        return sum(together(threads, lambda: sender.drain(lane, lambda: False)))

    def claim(self, lane: str = "reply", most: int = 1) -> list[Leased]:
        with self.world.engine.begin() as connection:
            return claim(connection, lane, CARRIER, most)

    def begin(self, leased: Sequence[Leased]) -> list[Begun]:
        with self.world.engine.begin() as connection:
            return begin(connection, leased, CARRIER)

    def begun(self, lane: str = "reply") -> Begun:
        """Claim and begin one message."""
        (leased,) = self.claim(lane)
        (begun,) = self.begin([leased])
        return begun

    def settle(self, answers: Mapping[Begun, Answer]) -> None:
        with self.world.engine.begin() as connection:
            settle(connection, CARRIER, answers)

    def sweep(self) -> Mapping[str, int]:
        return sweep(self.world.engine)

    def report(self, its_id: str, to: Msisdn | None, status: str, rank: int) -> None:
        with self.world.engine.begin() as connection:
            take_report(connection, CARRIER, Report(its_id, to, status, rank))

    # -- the carrier

    def fault(self, kind: str, place: str = "send", **fields: Any) -> None:
        self.network.faults.add([{"place": place, "kind": kind, **fields}])

    def well_again(self) -> None:
        self.network.faults.clear()

    def with_reports(self, *statuses: str) -> None:
        """Let the carrier send delivery reports to the gateway, over HTTP."""
        self.network.settings.change({"ladder": list(statuses or ("Sent", "Submitted", "Success"))})

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        return self.network.journal.since(self._seen, kinds, 100_000)["events"]

    def taken(self) -> list[str]:
        """The numbers the carrier took a message for, once for each."""
        return [event["msisdn"] for event in self.events("send") if event["accepted"]]

    def asked(self) -> int:
        """How many sends the carrier was asked for, taken or not."""
        answered = {event["request"] for event in self.events("send", "refused")}
        return len(answered)

    def eventually(self, true: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until it is true; fail after so many seconds."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"it never came about; {self.states()}"
            time.sleep(0.02)


def together(threads: int, do: Callable[[], Any]) -> list[Any]:
    """Call `do` on so many threads at the same moment; return or raise what they do."""
    gate = threading.Barrier(threads)

    def run() -> Any:
        gate.wait()
        return do()

    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(threads)]]
