"""The figures of a run, each beside its target."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from enum import Enum

from service.outbox.classes import RULES, Resend, classes_of
from service.records.messages import MessageClass

from .blows import Blow, planned
from .database import Attempt, Message, Request
from .evidence import Evidence
from .figure import Figure
from .plan import Plan
from .words import read_words

SENT = frozenset({"accepted", "delivered", "undelivered", "no_report"})
VISIBLE = SENT | {"rejected", "failed", "expired", "cancelled", "unknown", "unknown_closed"}
WAITING = frozenset({"queued"})
TWO_COPIES = frozenset(str(name) for name, rules in RULES.items() if rules.resend is Resend.AT_ONCE)
"""Classes that may be sent once more within the time of a run, when nobody knows."""


def figures(e: Evidence) -> Iterator[Figure]:
    """Return every figure of a run."""
    yield from _blows(e)
    yield from _messages(e)
    yield from _copies(e)
    yield from _told(e)
    yield from _requests(e)
    yield from _doubt(e)
    yield from _end(e)


def _blows(e: Evidence) -> Iterator[Figure]:
    for blow, times in planned(e.plan).items():
        yield Figure(blow, e.landed[blow], times, exactly=True)
    yield Figure("sends that met a fault of the carrier", e.journal.struck_calls, None)


def _messages(e: Evidence) -> Iterator[Figure]:
    wanted = {
        event.key(to): (str(event.message_class), to, event.body)
        for event in e.events
        if event.index in e.committed
        for to in event.numbers
    }
    held = {m.idem_key: (m.kind, m.msisdn, m.body) for m in e.holdings.messages}
    ghosts = [key for key in held if key.startswith("chaos:") and key not in wanted]
    hidden = [m for m in e.holdings.messages if m.state not in VISIBLE | WAITING]
    yield Figure("messages put and committed", len(wanted), e.plan.messages, exactly=True)
    yield Figure("  of these lost", sum(held.get(key) != it for key, it in wanted.items()))
    yield Figure("messages of transactions that were rolled back", len(ghosts))
    yield Figure("messages in no final or visible state", len(hidden))


def _copies(e: Evidence) -> Iterator[Figure]:
    copies = e.journal.copies
    rows = Counter((m.msisdn, m.body) for m in e.holdings.messages)
    kinds = {(m.msisdn, m.body): m.kind for m in e.holdings.messages}
    states = [((m.msisdn, m.body), m.state) for m in e.holdings.messages]
    extra = {words: times - rows[words] for words, times in copies.items() if times > rows[words]}
    allowed = {words for words in extra if kinds.get(words) in TWO_COPIES and extra[words] == 1}
    elsewhere = Counter(_misplaced(e))
    yield Figure("falsely called sent", sum(s in SENT and not copies[w] for w, s in states))
    yield Figure(
        "falsely called delivered",
        sum(s == "delivered" and w not in e.journal.delivered for w, s in states),
    )
    yield Figure("carrier's ids noted at another number", elsewhere["number"])
    yield Figure("  at another message to the same number", elsewhere["message"], None)
    yield Figure("sent twice where there may be one copy", len(extra) - len(allowed))
    yield Figure("sent twice where a second copy is allowed", len(allowed), None)


def _misplaced(e: Evidence) -> Iterator[str]:
    """Name, for each id of the carrier's noted at another than its message, how far off it is.

    Two doubtful messages to one number, both delivered, may have their ids exchanged: no report
    can tell which is which, and none has to.
    """
    by_id = {m.id: m for m in e.holdings.messages}
    for attempt in e.holdings.attempts:
        taken = e.journal.taken.get(attempt.carrier_id or "")
        message = by_id.get(attempt.message_id)
        if attempt.carrier_id is None:
            continue
        if taken is None or message is None or taken.msisdn != message.msisdn:
            yield "number"
        elif taken.text != message.body:
            yield "message"


def _told(e: Evidence) -> Iterator[Figure]:
    """What villagers were told must be there once: on a last screen, or by taking their SMS."""
    made = Counter((r.msisdn, r.topic) for r in _live(e))
    numbered = Counter((r.msisdn, r.number) for r in e.holdings.requests)
    heard = {(w.msisdn, e.told_by_call[w.index]) for w in e.wishes if w.index in e.told_by_call}
    told = e.journal.told | heard
    taken = e.journal.acknowledged
    by_text = [w for w in e.wishes if e.sms_ids.get(w.index) in taken]
    yield Figure("requests told on a last screen", len(told), None)
    yield Figure("  of these not there exactly once", sum(numbered[key] != 1 for key in told))
    yield Figure("villagers who gave up calling", e.plan.calls - len(e.told_by_call))
    yield Figure("SMS we acknowledged", len(taken), e.plan.texts, exactly=True)
    yield Figure("  of these not stored once", sum(e.holdings.inbound[sms] != 1 for sms in taken))
    yield Figure(
        "  their requests not there exactly once",
        sum(made[w.msisdn, w.topic] != 1 for w in by_text),
    )


def _requests(e: Evidence) -> Iterator[Figure]:
    made = Counter((r.msisdn, r.topic) for r in _live(e))
    villagers = {w.msisdn for w in e.wishes}
    left = [r for r in e.holdings.requests if r.state == "unfinished" and r.msisdn in villagers]
    late = [r for r in left if made[r.msisdn, r.topic]]
    yield Figure("requests in all", len(_live(e)), e.plan.calls + e.plan.texts, exactly=True)
    yield Figure("requests made twice", sum(times > 1 for times in made.values()))
    yield Figure("requests left unfinished", len(left) - len(late))
    yield Figure("  by a late hop, of a matter that was filed since", len(late), None)
    yield Figure("requests without one word to a team", sum(r.told != 1 for r in _live(e)))
    yield Figure("requests without one SMS to the villager", len(_unwritten(e)))


def _live(e: Evidence) -> list[Request]:
    return [r for r in e.holdings.requests if r.state == "open"]


def _unwritten(e: Evidence) -> list[Request]:
    words = read_words()
    written = Counter(
        (m.msisdn, words.told(m.body))
        for m in e.holdings.messages
        if m.kind == MessageClass.REPLY and not m.idem_key.startswith("chaos:")
    )
    return [r for r in _live(e) if written[r.msisdn, r.number] != 1]


def _doubt(e: Evidence) -> Iterator[Figure]:
    ever = [a for a in e.holdings.attempts if was_in_doubt(a)]
    flight, spoilt = in_flight(e), e.journal.in_doubt
    unknown = [m for m in e.holdings.messages if m.state == "unknown"]
    fates = Counter(_fates(e, unknown))
    yield Figure("most in flight at kills, pauses, database stops (a)", flight, None)
    yield Figure("recipients of sends whose answer was spoilt (b)", spoilt, None)
    yield Figure("attempts ever unknown, at most (a) + (b)", len(ever), flight + spoilt)
    settled = sum(a.outcome == "accepted" for a in ever)
    yield Figure("  of these settled by a delivery report", settled, None)
    yield Figure("messages unknown at the end", len(unknown), None)
    yield Figure("  sent, a report withheld by the carrier", fates[Fate.WITHHELD])
    yield Figure("  sent and reported, and nobody took notice", fates[Fate.OVERLOOKED])
    # Of two doubts about one number a report cannot always tell which it is about.
    yield Figure("  sent, of several in doubt for one number", fates[Fate.ONE_OF_SEVERAL], None)


def was_in_doubt(attempt: Attempt) -> bool:
    """Say whether nobody knew for a while; the carrier's own answer would have left no code."""
    return attempt.outcome == "unknown" or (
        attempt.outcome == "accepted" and attempt.code is not None
    )


class Fate(Enum):
    """What is known at the carrier of a message that ended unknown."""

    NOT_SENT = "not sent"
    WITHHELD = "withheld"
    """Sent, and a report of it was kept back on purpose."""
    ONE_OF_SEVERAL = "one of several"
    """Sent and reported; but other messages to the same number are in doubt as well, and a report
    names a number, not a message."""
    OVERLOOKED = "overlooked"
    """Sent and reported, and it can only have been this one."""


def _fates(e: Evidence, unknown: list[Message]) -> Iterator[Fate]:
    ids = {(taken.msisdn, taken.text): taken.id for taken in e.journal.taken.values()}
    in_doubt: dict[str, set[int]] = defaultdict(set)
    for attempt in e.holdings.attempts:
        if attempt.outcome == "unknown":
            in_doubt[attempt.msisdn].add(attempt.message_id)
    for message in unknown:
        sms = ids.get((message.msisdn, message.body))
        if sms is None:
            yield Fate.NOT_SENT
        elif sms in e.journal.withheld:
            yield Fate.WITHHELD
        else:
            several = len(in_doubt[message.msisdn]) > 1
            yield Fate.ONE_OF_SEVERAL if several else Fate.OVERLOOKED


def in_flight(e: Evidence) -> int:
    """Return the most messages that can have been in flight at all blows together.

    A kill or pause of a worker: its threads times the recipients of one call of its lane. A stop
    of PostgreSQL keeps every worker from writing down what it was told.
    """
    names = [f"worker-{lane}" for lane in dict.fromkeys(rules.lane for rules in RULES.values())]
    names += [f"worker-{lane}-2" for lane in e.plan.extra_workers]
    each = {name: e.plan.threads * _recipients(name, e.plan) for name in names}
    blows = sum(each[name] * times for name, times in e.worker_blows.items())
    return blows + e.landed[Blow.POSTGRES] * sum(each.values())


def _recipients(worker: str, plan: Plan) -> int:
    lane = worker.removeprefix("worker-").removesuffix("-2")
    grouped = all(RULES[name].grouped for name in classes_of(lane))
    return plan.most_recipients if grouped else 1


def _end(e: Evidence) -> Iterator[Figure]:
    yield Figure("stuck: leased, sending, or queued and due", e.stuck.busy)
    yield Figure("waiting for their next try", e.stuck.later, None)
    yield Figure("attempts still open", sum(a.outcome == "open" for a in e.holdings.attempts))
    yield Figure("periodic work left undone", len(e.holdings.overdue_work))
    yield Figure("deadlocks", e.logs.deadlocks)
    yield Figure("log lines with a whole number or words", len(e.logs.leaks))
    yield Figure("processes left behind", e.left)
    yield Figure("exit code of `caunoi up`", e.exit_code, 0, exactly=True)
