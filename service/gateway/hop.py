"""One hop of a call: read where it stands, take a step, save, and only then answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import structlog
from psycopg import Connection, OperationalError
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from service.carriers.base import UssdHop
from service.dialogue.engine import Dialogue, Turn
from service.dialogue.model import Done, Facts, State
from service.outbox.budget import lock_number
from service.records import hops
from service.records.hops import Caller, CallKey, Stored
from service.records.sessions import NEWER
from service.records.unit import Unit, Units
from service.text.fold import clean_input
from service.text.mask import mask_msisdn
from service.village.actions import ACTIONS
from service.village.desk import Desk, Words
from service.village.facts import facts_of, pending_of
from service.village.people import heard_from

from .clash import clashed
from .history import Histories, Kind
from .patience import FAILED_SLOWLY, Breaker, bound_waits

MOST_HOPS = 40
"""Hops after which a call is ended; the longest honest dialogue takes fifteen."""
MOST_HISTORY = MOST_HOPS * 183
"""Characters of history looked at; a network allows 182 an answer, and a star before it."""
MOST_TYPED = 200
MOST_TRIES = 5
"""Times a hop is taken up again because others of the same call were faster."""
READ_SECONDS = 1.8
"""Longest a caller waits to hear that the database hangs; the house allows 2 s."""
DOING_SECONDS = 5.0
"""The same in the middle of a doing, which waits for its turn; a carrier waits 10 s."""


log = structlog.get_logger("gateway.hop")


class Overtaken(Exception):
    """Another hop of the same call was served meanwhile; its answer is the answer."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the caller is shown, and whether the call stays open."""

    text: str
    open: bool


class Switchboard:
    """Serves hops.

    `quick` is an autocommit engine that does not wait for the disk: a page that was merely shown
    may be shown again. What has an effect goes through `units`, which does wait.
    """

    def __init__(
        self, *, dialogue: Dialogue, quick: Engine, units: Units, words: Words, histories: Histories
    ) -> None:
        self._dialogue = dialogue
        self._quick = quick
        self._units = units
        self._words = words
        self._histories = histories
        self._breaker = Breaker()
        bound_waits(quick, READ_SECONDS)
        event.listen(quick, "connect", lambda connection, _: hops.get_ready(connection))
        bound_waits(units.engine, DOING_SECONDS)

    def serve(self, carrier: str, hop: UssdHop) -> Page:
        """Answer a hop; the same hop again, at the same time or later, gets the same answer.

        Raises Hanging or the database's error when that is away; nothing has happened then.
        """
        key = CallKey(carrier, hop.session_id, hop.msisdn)
        entered = self._breaker.enter()
        try:
            with self._connection(key) as (connection, stored, caller):
                self._breaker.answered()
                return self._answer(connection, key, hop.text, stored, caller)
        except (OperationalError, SQLAlchemyError):
            self._breaker.failed(entered)
            raise

    @contextmanager
    def _connection(self, key: CallKey) -> Iterator[tuple[Connection[Any], Stored | None, Caller]]:
        """Lend a connection on which the call has just been read."""
        entered = time.monotonic()
        pooled = self._quick.raw_connection()
        try:
            connection = cast("Connection[Any]", pooled.driver_connection)
            try:
                found = hops.read(connection, key)
            except OperationalError:
                if not connection.closed or time.monotonic() - entered >= FAILED_SLOWLY:
                    raise
                # The database was restarted under the pool: all its connections are dead.
                pooled.close()
                self._quick.dispose()
                pooled = self._quick.raw_connection()
                connection = cast("Connection[Any]", pooled.driver_connection)
                found = hops.read(connection, key)
            yield connection, *found
        finally:
            pooled.close()

    def _answer(
        self,
        connection: Connection[Any],
        key: CallKey,
        text: str,
        stored: Stored | None,
        caller: Caller,
    ) -> Page:
        language = (stored.state.get("l") if stored else None) or caller.language or "vi"
        if len(text) > MOST_HISTORY:
            return self._say("error.start_again", language)
        try:
            return self._settled(connection, key, text, stored, caller)
        except Exception:
            # Nothing was saved: the call ends kindly and the next one goes on from where it was.
            log.exception("hop_failed", session=key.session_id, msisdn=mask_msisdn(key.msisdn))
            return self._say("error.busy", language)

    def _settled(
        self,
        connection: Connection[Any],
        key: CallKey,
        text: str,
        stored: Stored | None,
        caller: Caller,
    ) -> Page:
        """Take the step, again from where the call then stands when others were faster."""
        for _ in range(MOST_TRIES):
            try:
                return self._step(connection, key, text, stored, caller)
            except Exception as error:
                if not (isinstance(error, Overtaken) or clashed(error)):
                    raise
            stored, caller = hops.read(connection, key)
        raise Overtaken

    def _say(self, key: str, language: str) -> Page:
        return Page(self._words.say(key, language, {}), open=False)

    def _step(
        self,
        connection: Connection[Any],
        key: CallKey,
        text: str,
        stored: Stored | None,
        caller: Caller,
    ) -> Page:
        facts = facts_of(caller)
        with ExitStack() as stack:
            doing = _Doing(self, key, stored.hop if stored else 0, stack)
            doing.language = facts["language"] or "vi"
            if stored is None:
                turn = self._begin(connection, doing, text, caller)
            else:
                reading = self._histories.read(text, stored.seen_length, stored.seen_digest)
                if reading.kind in {Kind.SAME, Kind.OLDER} and stored.open:
                    return Page(stored.reply, stored.open)
                if not stored.open or stored.hop >= MOST_HOPS:
                    return self._over(stored, facts, same=reading.kind is Kind.SAME)
                if reading.kind is Kind.OTHER:
                    turn = self._dialogue.begin(facts, doing.act)
                else:
                    state = State.from_json(stored.state)
                    doing.language = state.language
                    turn = self._dialogue.step(state, _cleaned(reading.typed), facts, doing.act)
            self._save(connection, doing, turn, text)
            return Page(turn.text, turn.open)

    def _begin(self, connection: Connection[Any], doing: _Doing, text: str, caller: Caller) -> Turn:
        """Begin a call with what is pending, or where the last one dropped, else with the menu."""
        arrival = hops.arrive(connection, doing.key.msisdn)
        pending = pending_of(caller, arrival)
        facts = {**facts_of(caller), **pending.facts}
        left = State.from_json(arrival.left) if arrival.left else None
        # Nothing is shown of a number silent for long, nor done for it, before it says whose it is.
        dialled = "" if caller.stale else _cleaned(text)
        turn = self._dialogue.begin(
            facts, doing.act, dialled=dialled, left=left, given=pending.given
        )
        begun = (s.when for s in self._dialogue.menu.starts if s.screen == turn.state.screen)
        about = pending.subjects.get(next(begun, None) or "")
        if about and caller.phone_id is not None:
            hops.note_shown(connection, caller.phone_id, about)
        return turn

    def _save(self, connection: Connection[Any], doing: _Doing, turn: Turn, text: str) -> None:
        after = Stored(
            hop=0,
            seen_length=len(text),
            seen_digest=self._histories.digest(text),
            state=turn.state.as_json(),
            reply=turn.text,
            open=turn.open,
        )
        if doing.desk is not None:
            heard_from(doing.desk)
            doing.desk.unit.session.flush()
            connection = doing.desk.unit.driver_connection
            if not doing.wrote:
                connection.execute("SET LOCAL synchronous_commit = off")
        if not hops.save(connection, doing.key, doing.before, after):
            raise Overtaken

    def _over(self, stored: Stored, facts: Facts, *, same: bool) -> Page:
        if same and stored.reply and not stored.open and stored.ended != NEWER:
            return Page(stored.reply, open=False)
        language = stored.state.get("l") or facts["language"] or "vi"
        newer = stored.ended == NEWER
        return self._say("error.newer_call" if newer else "error.start_again", language)

    def desk(self, unit: Unit, key: CallKey, hop: int, language: str) -> Desk:
        """Make the desk of a hop that does something."""
        return Desk(
            unit=unit,
            words=self._words,
            msisdn=cast("Any", key.msisdn),
            channel="ussd",
            cause=f"ussd:{key.carrier}:{key.session_id}:{key.msisdn}:{hop}",
            language=language,
        )

    def open_unit(self, stack: ExitStack) -> Unit:
        """Open the transaction of a hop that does something."""
        return stack.enter_context(self._units.open())


class _Doing:
    """What a hop does beyond showing a page; opens a transaction only when it does anything."""

    def __init__(self, board: Switchboard, key: CallKey, before: int, stack: ExitStack) -> None:
        self.key = key
        self.before = before
        self.language = "vi"
        self.desk: Desk | None = None
        self.wrote = False
        self._board = board
        self._stack = stack

    def act(self, name: str, known: Mapping[str, str]) -> Done:
        """Run an action of the menu, under the lock of this call."""
        if self.desk is None:
            unit = self._board.open_unit(self._stack)
            # The number first: a newer call of it ends the older one while it holds the number.
            lock_number(unit.session.connection(), self.key.msisdn)
            if hops.lock(unit.driver_connection, self.key) != self.before:
                raise Overtaken
            self.desk = self._board.desk(unit, self.key, self.before, self.language)
        action = ACTIONS[name]
        self.wrote = self.wrote or action.shape.writes
        done = action.run(self.desk, known)
        if done.language:
            self.desk.language = done.language
        return done


def _cleaned(typed: str) -> str:
    return clean_input(typed, MOST_TYPED)
