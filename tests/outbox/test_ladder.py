"""One table of moves: the code's statements name the state they expect, and no others happen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from service.carriers.base import Accepted, BadNumber, Busy, NoBalance, OutcomeUnknown
from service.outbox.by_hand import Deed, do
from service.outbox.claim import LEASE
from service.outbox.ladder import ENDED, MOVES
from service.records.messages import MessageClass, MessageState
from tests.outbox.kit import Box, number

SERVICE = Path(__file__).resolve().parents[2] / "service"
GONE = LEASE.total_seconds() + 1


# -- the statements


def statements() -> Iterator[tuple[str, str]]:
    """Every string of the service that updates messages, and where it stands."""
    for file in sorted(SERVICE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for found in re.finditer(r"(?i)\bUPDATE\s+(ONLY\s+)?messages_out\b", node.value):
                    yield f"{file.name}:{node.lineno}", node.value[found.end() :]


def condition(rest: str) -> str:
    """The WHERE of an UPDATE, given all that follows the table's name."""
    depth, where = 0, ""
    for token in re.findall(r"[()]|[^()\s]+", rest):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth < 0 or (depth == 0 and token.upper() in {"RETURNING", ";"}):
            break
        if where or (depth == 0 and token.upper() == "WHERE"):
            where += f"{token} "
    return where


def names_a_state(rest: str) -> bool:
    return re.search(r"\bstate = ('\w+'|ANY \()", condition(rest)) is not None


def test_every_update_of_a_message_names_the_state_it_expects() -> None:
    found = list(statements())
    assert len(found) >= 12
    assert [where for where, rest in found if not names_a_state(rest)] == []


@pytest.mark.parametrize(
    "rest",
    [
        " SET state = 'queued' WHERE id = :id",
        " AS m SET x = (SELECT 1 FROM messages_out WHERE state = 'queued') FROM y WHERE m.id = y.id",
        " SET state = 'queued' WHERE id = 1 RETURNING state = 'queued'",
        " SET state = 'queued') SELECT 1 WHERE state = 'queued'",
    ],
)
def test_the_check_sees_a_missing_state(rest: str) -> None:
    assert not names_a_state(rest)


def test_no_message_is_changed_through_the_orm() -> None:
    users = [file for file in SERVICE.rglob("*.py") if "OutboundMessage" in file.read_text("utf-8")]
    assert {file.parent.name for file in users} == {"records"}


# -- the moves


def test_the_table_knows_every_state_and_ended_ones_go_back_to_no_queue() -> None:
    assert set(MOVES) == set(MessageState)
    for state in ENDED:
        assert not MOVES[state] & {MessageState.QUEUED, MessageState.LEASED, MessageState.SENDING}


def test_the_guard_of_these_tests_refuses_other_moves(box: Box) -> None:
    its_id = box.put()
    with pytest.raises(DBAPIError, match="queued -> delivered is not in the ladder"):
        box.world.do("UPDATE messages_out SET state = 'delivered' WHERE id = :id", id=its_id)
    box.drain()
    box.world.do("UPDATE messages_out SET report_rank = 3 WHERE id = :id", id=its_id)
    with pytest.raises(DBAPIError, match="rank falls"):
        box.world.do("UPDATE messages_out SET report_rank = 1 WHERE id = :id", id=its_id)


def all_of_a_life(box: Box) -> None:
    """Accepted, then everything reports can still do."""
    for n, ranks in enumerate([(4,), (3, 4), (None, 4), (None, 3)]):
        its_id = f"id-{n}"
        box.put()
        box.settle({box.begun(): Accepted(its_id)})
        for rank in ranks:
            if rank is None:
                box.later(hours=73)
                box.sweep()
            else:
                box.report(its_id, None, f"rank {rank}", rank)


def all_answers(box: Box) -> None:
    for answer in (BadNumber(), Busy(), OutcomeUnknown()):
        box.put()
        box.settle({box.begun(): answer})
    for _ in range(4):  # until the one that was busy above has failed
        box.later(hours=1)
        box.settle({box.begun(): Busy()})


def all_late_words(box: Box) -> None:
    """Unknown, then freed, refused, failed or taken by a late answer, or given up."""
    for answer in (Accepted("late"), BadNumber(), NoBalance(), Busy()):
        its_id = box.put()
        begun = box.begun()
        box.later(seconds=GONE)
        box.sweep()
        if isinstance(answer, Busy):
            box.world.do("UPDATE messages_out SET strikes = 4 WHERE id = :id", id=its_id)
        box.settle({begun: answer})
        box.world.do("UPDATE messages_out SET due_at = due_at + interval '1 day'")
    box.put()
    begun = box.begun()
    for hours in (1, 73):
        box.later(hours=hours)
        box.sweep()
    box.settle({begun: Accepted("much too late")})


def all_resends(box: Box) -> None:
    """In doubt and queued again: taken after all, too late, or taken while leased again."""
    for n, step in enumerate(("queued", "late", "leased")):
        box.put(MessageClass.EMERGENCY, to=number(n))
        begun = box.begun("emergency")
        box.later(seconds=GONE)
        box.sweep()
        if step == "leased":
            box.claim("emergency")
        if step == "late":
            box.later(hours=7)
            box.sweep()
        box.settle({begun: Accepted(f"again-{n}")})


def all_of_a_wait(box: Box) -> None:
    """Leased and lost, then too late."""
    box.put()
    box.claim()
    box.later(seconds=GONE)
    box.sweep()
    box.later(hours=25)
    box.sweep()


def all_by_hand(box: Box) -> None:
    """Held, let go, cancelled in each place where that can be, replayed; and late words for all."""

    def by_hand(deed: Deed, *ids: int) -> None:
        with box.world.engine.begin() as connection:
            do(connection, deed, ids)

    for n, deeds in enumerate(((Deed.HOLD,), (Deed.HOLD, Deed.CANCEL), (Deed.CANCEL,))):
        its_id = box.put(MessageClass.EMERGENCY, to=number(n))
        begun = box.begun("emergency")
        box.later(seconds=GONE)
        box.sweep()
        for deed in deeds:
            by_hand(deed, its_id)
        box.settle({begun: Accepted(f"by-hand-{n}")})
    let_go, doubtful = box.put(), box.put()
    box.settle({box.begun(): OutcomeUnknown()})
    by_hand(Deed.REPLAY, let_go, doubtful)
    by_hand(Deed.HOLD, let_go, doubtful)
    by_hand(Deed.RELEASE, let_go, doubtful)
    by_hand(Deed.CANCEL, *(message.id for message in box.claim(most=2)))


def test_every_move_of_the_table_happens_and_no_other(box: Box) -> None:
    seen = set()
    for live in (
        all_of_a_life,
        all_answers,
        all_late_words,
        all_resends,
        all_of_a_wait,
        all_by_hand,
    ):
        box.empty()
        live(box)
        seen |= box.moves()
    planned = {(str(before), str(after)) for before, onward in MOVES.items() for after in onward}
    assert seen == planned
