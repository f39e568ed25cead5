"""Loads a list of teams and their members, all of it or, with a fault, nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from service.records.operations import Audit
from service.records.unit import Unit, Units
from service.text.mask import mask_numbers

from .area_tables import Fault
from .desk import Words, lock_phones
from .team_changes import Changes
from .team_leaving import LocksMissing, held_by, leavers_of, let_go
from .team_plan import Work, worked_out
from .team_rows import MemberRow, read_members
from .team_saying import changes_of
from .team_standing import standing
from .team_writing import (
    touched,
    welcome,
    welcomes,
    write_memberships,
    write_people,
    write_teams,
)

ONE_AT_A_TIME = text("LOCK TABLE teams IN SHARE ROW EXCLUSIVE MODE")
"""Keeps other loads out until the transaction ends; who asks for a team is not kept waiting."""
MOST_TRIES = 8


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a list is to be loaded."""

    consent_held_by: str = ""
    """Who can show that the members agreed (Law 91/2025); kept with each who is new."""
    replace: Collection[str] = ()
    """Teams of which the list names everybody: others leave them. "all": all of the list's."""
    dry_run: bool = False


def load_teams(units: Units, words: Words, data: bytes, wishes: Wishes) -> Changes:
    """Load a list of teams; with a fault or as a dry run nothing is changed.

    Every phone somebody is told at must be locked, in one order, before anything is; which they are
    shows only on the way. So it begins anew with those it found wanting.

    Raises ListRefused for what is no such table; any other fault is in what is returned.
    """
    rows, faults = read_members(data, words.countries)
    locks: set[int] = set()
    for _ in range(MOST_TRIES):
        try:
            with units.open() as unit:
                return _load(unit, words, _Listed(rows, tuple(faults), wishes), locks)
        except LocksMissing as missing:
            locks |= missing.phones
    raise RuntimeError("what the list is about keeps changing; try again when there is less to do")


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list as it was read."""

    rows: Sequence[MemberRow]
    faults: tuple[Fault, ...]
    wishes: Wishes


def _load(unit: Unit, words: Words, listed: _Listed, locks: set[int]) -> Changes:
    session, wishes = unit.session, listed.wishes
    session.execute(ONE_AT_A_TIME)
    lock_phones(unit, locks)
    found = standing(session, listed.rows, words.key)
    work = worked_out(listed.rows, list(listed.faults), found, wishes.replace)
    changes = changes_of(work, found)
    if work.faults:
        return changes
    leavers = leavers_of(work.teams)
    changes.put_back = len(held_by(session, leavers))
    joining = [(0, place) for doing in work.teams for place in doing.members if not place.current]
    changes.welcomed = len(list(welcomes(joining)))
    if wishes.dry_run or not work.teams:
        return changes
    if not touched(work, found) <= locks:
        raise LocksMissing(touched(work, found))
    write_teams(session, work.teams, found)
    phones = write_people(session, work.people, wishes.consent_held_by)
    joined = write_memberships(session, work.teams)
    # The phones just made are nobody else's before the commit.
    let_go(unit, words, leavers, {*locks, *phones.values()})
    welcome(unit, words, joined, phones)
    session.add(_audit(work, wishes, len(joined), len(leavers)))
    return changes


def _audit(work: Work, wishes: Wishes, joined: int, left: int) -> Audit:
    return Audit(
        actor="list",
        action="teams_loaded",
        about=f"{len(work.teams)} teams",
        detail={
            "consent_held_by": mask_numbers(wishes.consent_held_by),
            "joined": joined,
            "left": left,
            "new_people": sum(someone.owner is None for someone in work.people),
        },
    )
