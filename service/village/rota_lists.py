"""Loads who of a team is on duty on which day: all of a list or, with a fault, nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.records.rota import Duty
from service.records.unit import Unit, Units
from service.text.fold import search_key
from service.text.mask import mask_msisdn
from service.text.phones import Msisdn

from .area_changes import in_rows
from .area_keeping import today
from .area_tables import Fault, Layout, Table, read_table
from .rota_days import NoDays, days_of
from .team_rows import number_in, team_key

LAYOUT = Layout(
    required=("team", "days", "phone"),
    optional=("name",),
    names=frozenset({"team", "name"}),
    numbers=frozenset({"phone"}),
)

ONE_AT_A_TIME = text("LOCK TABLE duties IN SHARE ROW EXCLUSIVE MODE")
"""Keeps other loads and swaps out until the transaction ends."""
MEMBERS = text("""
    SELECT t.id AS team_id, t.name AS team, h.id AS person_id, h.name, f.msisdn
    FROM teams t LEFT JOIN memberships m ON m.team_id = t.id AND m.until IS NULL
    LEFT JOIN people h ON h.id = m.person_id LEFT JOIN phones f ON f.id = h.phone_id
    WHERE t.active ORDER BY t.id, m.id
""")
# A day of somebody who has left the team is nobody's.
DUTIES = text("""
    SELECT d.team_id, d.day, d.person_id, h.name
    FROM duties d JOIN people h ON h.id = d.person_id
    JOIN memberships m ON m.team_id = d.team_id AND m.person_id = d.person_id AND m.until IS NULL
    WHERE d.day >= :today
""")
AWAY = text("""
    SELECT person_id, (from_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS begins,
           ((until_at - interval '1 second') AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS ends
    FROM absences WHERE ended_at IS NULL AND until_at > clock_timestamp()
""")
END_SWAP = text("""
    UPDATE duty_swaps SET ended_at = clock_timestamp()
    WHERE team_id = :team_id AND day = :day AND ended_at IS NULL
""")


class What(StrEnum):
    """What becomes of a day, in the order in which it is told."""

    NEW = "new"
    GIVEN = "given"
    NOTE = "note"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a team, as far as a rota needs to know them."""

    team_id: int
    team: str
    person_id: int
    name: str
    msisdn: Msisdn

    def __str__(self) -> str:
        return f"{self.name} ({mask_msisdn(self.msisdn)})"


@dataclass(frozen=True, slots=True)
class DayOfDuty:
    """What becomes of one day of one team."""

    what: What
    day: date
    member: Member
    before: str = ""
    """Who has it so far."""

    def __str__(self) -> str:
        """The day on one line."""
        was = f" (was {self.before})" if self.before else ""
        is_away = " is away on that day" if self.what is What.NOTE else ""
        return f"{self.what:<6} {self.day:%d/%m/%Y} {self.member.team}: {self.member}{was}{is_away}"


@dataclass(slots=True)
class Rota:
    """Every day of a list, or the faults for which nothing is changed."""

    days: list[DayOfDuty] = field(default_factory=list)
    notes: list[DayOfDuty] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def said(self) -> Iterator[str]:
        """Yield the days that change line by line, and last how many of each there are."""
        for what in (What.NEW, What.GIVEN):
            yield from (str(day) for day in self.days if day.what is what)
        yield from map(str, self.notes)
        many = Counter(day.what for day in self.days)
        yield "days: " + ", ".join(f"{many[what]} {what}" for what in What if many[what])


@dataclass(slots=True)
class _Known:
    teams: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    members: dict[int, list[Member]] = field(default_factory=dict)
    duties: dict[tuple[int, date], tuple[int, str]] = field(default_factory=dict)
    taken: dict[tuple[int, date], tuple[int, Member]] = field(default_factory=dict)
    """The days of the list so far, with their row."""


def load_rota(
    units: Units,
    data: bytes,
    countries: frozenset[str],
    *,
    replace: bool = False,
    dry_run: bool = False,
) -> Rota:
    """Load a list of duties; days that somebody has are given to others with `replace` only.

    Raises ListRefused for what is no such table; any other fault is in what is returned.
    """
    table = read_table(data, LAYOUT)
    with units.open() as unit:
        unit.session.execute(ONE_AT_A_TIME)
        now = today(unit.session)
        known = _known(unit.session, now)
        rota = Rota(faults=table.faults)
        for row, member, days in _rows(table, countries, known, now):
            for day in days:
                rota.faults += _put(rota, row, member, day, known, replace=replace)
        rota.faults = in_rows(rota.faults)
        rota.notes = list(_notes(unit.session, rota.days))
        if not (rota.faults or dry_run):
            _write(unit, rota.days)
    return rota


def _rows(
    table: Table, countries: frozenset[str], known: _Known, now: date
) -> Iterator[tuple[int, Member, Sequence[date]]]:
    """Yield each row that can be read; what is wrong with others is added to the table."""
    for cells in table.rows:
        days: list[date] = []
        try:
            days = days_of(cells["days"], now)
        except NoDays as fault:
            table.faults.append(
                Fault(cells.row, "days", str(fault) if cells["days"] else "is missing")
            )
        number = number_in(cells, table, countries)
        called = known.teams.get(team_key(cells["team"]), [])
        exact = [team for team in called if team[1] == cells["team"]] or called
        if len(exact) != 1:
            said = (
                "several teams are called so; write its marks" if exact else "there is no such team"
            )
            table.faults.append(Fault(cells.row, "team", said if cells["team"] else "is missing"))
            continue
        there = [m for m in known.members.get(exact[0][0], []) if m.msisdn == number]
        named = [m for m in there if search_key(m.name) == search_key(cells["name"])] or there
        if named:
            yield cells.row, named[0], days
        elif number:
            table.faults.append(Fault(cells.row, "phone", "is nobody's in this team"))


def _put(
    rota: Rota,
    row: int,
    member: Member,
    day: date,
    known: _Known,
    *,
    replace: bool,
) -> Iterator[Fault]:
    """Add a day to the rota, or yield why it cannot be had."""
    about = (member.team_id, day)
    other_row, other = known.taken.setdefault(about, (row, member))
    if other.person_id != member.person_id:
        yield Fault(row, "days", f"{day:%d/%m/%Y} is {other.name}'s by row {other_row}")
        return
    if other_row != row:
        return
    person_id, name = known.duties.get(about, (0, ""))
    if person_id == member.person_id:
        rota.days.append(DayOfDuty(What.UNCHANGED, day, member))
    elif person_id and not replace:
        yield Fault(row, "days", f"{day:%d/%m/%Y} is {name}'s; --replace gives it to another")
    else:
        rota.days.append(DayOfDuty(What.GIVEN if person_id else What.NEW, day, member, name))


def _known(session: Session, now: date) -> _Known:
    known = _Known()
    for row in session.execute(MEMBERS):
        teams = known.teams.setdefault(team_key(row.team), [])
        if (row.team_id, row.team) not in teams:
            teams.append((row.team_id, row.team))
        if row.msisdn is not None:
            who = (row.team_id, row.team, row.person_id, row.name or "", Msisdn(row.msisdn))
            known.members.setdefault(row.team_id, []).append(Member(*who))
    for row in session.execute(DUTIES, {"today": now}):
        known.duties[row.team_id, row.day] = (row.person_id, row.name or "somebody")
    return known


def _notes(session: Session, days: Sequence[DayOfDuty]) -> Iterator[DayOfDuty]:
    """Yield each day on which whoever has it then is away."""
    absences: dict[int, list[Mapping[str, date]]] = {}
    for row in session.execute(AWAY).mappings():
        absences.setdefault(row["person_id"], []).append({k: row[k] for k in ("begins", "ends")})
    for one in days:
        for absence in absences.get(one.member.person_id, ()):
            if absence["begins"] <= one.day <= absence["ends"]:
                yield DayOfDuty(What.NOTE, one.day, one.member)


def _write(unit: Unit, days: Sequence[DayOfDuty]) -> None:
    changed = [day for day in days if day.what is not What.UNCHANGED]
    if not changed:
        return
    statement = insert(Duty)
    values = {"person_id": statement.excluded.person_id, "reminded_at": None}
    unit.session.execute(
        statement.on_conflict_do_update(index_elements=["team_id", "day"], set_=values),
        [
            {"team_id": d.member.team_id, "day": d.day, "person_id": d.member.person_id}
            for d in changed
        ],
    )
    given = [{"team_id": d.member.team_id, "day": d.day} for d in changed if d.before]
    if given:
        unit.session.execute(END_SWAP, given)
