"""Works out in full what a list of teams would change, before anything does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from service.records.areas import Area
from service.records.teams import Level, Role, Team
from service.text.fold import search_key
from service.text.phones import Msisdn
from service.text.waking import Hours

from .area_changes import in_rows
from .area_tables import Fault
from .team_places import places_of
from .team_rows import MemberRow, team_key
from .team_standing import Current, Owner, Standing

ALL = "all"
"""Stands for every team of a list."""


@dataclass(slots=True)
class Someone:
    """A person of the list, who may have several rows; `id` is that in the database, once made."""

    msisdn: Msisdn
    name: str
    owner: Owner | None
    hamlet: Area | None = None
    hours: Hours | None = None
    id: int | None = None

    @property
    def shown_name(self) -> str:
        """The name they have, or get."""
        return (self.owner.name if self.owner else "") or self.name


@dataclass(slots=True)
class Place:
    """A person's place in a team: the row that says so, and what they are there now."""

    row: MemberRow
    someone: Someone
    role: Role
    current: Current | None = None


@dataclass(slots=True)
class TeamDoing:
    """A team of the list."""

    row: int
    name: str
    level: Level
    areas: list[Area]
    neighbour: str
    """The key of its name, "" where the list names none."""
    known: Team | None
    members: list[Place] = field(default_factory=list)
    skipped: list[MemberRow] = field(default_factory=list)
    """Members who had themselves erased."""
    leaving: list[Current] = field(default_factory=list)
    is_whole: bool = False
    """Whether the list names everybody who is to be in it."""
    id: int = 0

    @property
    def key(self) -> str:
        """What it is compared by."""
        return team_key(self.name)


@dataclass(slots=True)
class Work:
    """Everything a list sets in motion, and the faults for which it must not."""

    teams: list[TeamDoing] = field(default_factory=list)
    people: list[Someone] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def worked_out(
    rows: Sequence[MemberRow], faults: list[Fault], found: Standing, replaced: Collection[str]
) -> Work:
    """Work out what a list would change; of the teams `replaced`, or ALL, it names everybody."""
    work, people = Work(faults=faults), dict[tuple[str, str], Someone]()
    whole = {ALL if name == ALL else team_key(name) for name in replaced}
    faults += _shared_numbers(rows, found)
    by_team: dict[str, list[MemberRow]] = {}
    for row in rows:
        if row.team:
            by_team.setdefault(row.key, []).append(row)
    for key, members in by_team.items():
        doing = _team(key, members, found, faults)
        _fill(doing, members, people, found, faults)
        doing.is_whole = ALL in whole or key in whole
        if doing.known is not None and doing.is_whole:
            doing.leaving = _leaving(doing, found)
        faults += _faults_as_a_whole(doing, found)
        work.teams.append(doing)
    faults += _neighbour_faults(work.teams, by_team, found)
    for name in sorted(whole - {ALL, *by_team}):
        faults.append(Fault(1, "team", f"--replace names {name!r}, which is not in the file"))
    work.people = list(people.values())
    work.faults = in_rows(faults)
    return work


def _shared_numbers(rows: Sequence[MemberRow], found: Standing) -> Iterator[Fault]:
    """Yield a fault for each number with two names, unless both are known to share the phone."""
    first: dict[str, MemberRow] = {}
    for row in rows:
        if row.phone is None or not row.name:
            continue
        before = first.setdefault(row.phone, row)
        known = {search_key(owner.name) for owner in found.owners.get(row.phone, ())}
        names = {search_key(before.name), search_key(row.name)}
        if len(names) > 1 and not names <= known:
            reason = f"stands in row {before.row} too, with the name {before.name}"
            yield Fault(row.row, "phone", reason)


def _team(key: str, rows: Sequence[MemberRow], found: Standing, faults: list[Fault]) -> TeamDoing:
    first = rows[0]
    for row in rows[1:]:
        if row.level and first.level and row.level is not first.level:
            said = f"row {first.row} says {first.level} for this team"
            faults.append(Fault(row.row, "level", f"{said}; two teams need two names"))
        if row.serves and set(row.serves) != set(first.serves):
            said = f"row {first.row} says {'; '.join(first.serves) or 'nothing'} for this team"
            faults.append(Fault(row.row, "serves", f"{said}; two teams need two names"))
        if row.neighbour and team_key(row.neighbour) != team_key(first.neighbour):
            said = f"row {first.row} says {first.neighbour or 'nothing'} for this team"
            faults.append(Fault(row.row, "neighbour", said))
    if first.level is None:
        faults.append(Fault(first.row, "level", "is missing"))
    level, known = first.level or Level.HAMLET, None
    called = found.by_key.get(key, [])
    exact = [team for team in called if team.name == first.team]
    if len(exact or called) > 1:
        faults.append(Fault(first.row, "team", "several teams are called so; write its marks"))
    elif called:
        known = (exact or called)[0]
        if first.level is not None and known.level != first.level:
            reason = f"this is a {known.level} team; a {first.level} team needs a name of its own"
            faults.append(Fault(first.row, "level", reason))
    areas = places_of(first, level, found, faults) if first.level else []
    neighbour = team_key(first.neighbour)
    return TeamDoing(first.row, first.team, level, areas, neighbour, known)


def _fill(
    doing: TeamDoing,
    rows: Sequence[MemberRow],
    people: dict[tuple[str, str], Someone],
    found: Standing,
    faults: list[Fault],
) -> None:
    """Put the rows of a team in it, each person once."""
    there = found.members.get(doing.known.id, {}) if doing.known else {}
    seen: dict[int, int] = {}
    for row in rows:
        if row.phone is None or row.role is None or not row.name:
            continue
        owner = _owner(row, found)
        if _is_gone(row, owner, found):
            doing.skipped.append(row)
            continue
        who = (row.phone, str(owner.person_id) if owner else search_key(row.name))
        someone = people.setdefault(who, Someone(row.phone, row.name, owner))
        _say_more(someone, row, found, faults)
        before = seen.setdefault(id(someone), row.row)
        if before != row.row:
            faults.append(Fault(row.row, "phone", f"is in this team by row {before} already"))
            continue
        current = there.get(owner.person_id) if owner else None
        doing.members.append(Place(row, someone, row.role, current))


def _owner(row: MemberRow, found: Standing) -> Owner | None:
    """Return who is meant of those known at a number: by name, else nameless, else its holder."""
    assert row.phone is not None
    owners = found.owners.get(row.phone, [])
    named = [owner for owner in owners if search_key(owner.name) == search_key(row.name)]
    nameless = [owner for owner in owners if not owner.name]
    return next(iter([*named, *nameless, *owners]), None)


def _is_gone(row: MemberRow, owner: Owner | None, found: Standing) -> bool:
    """Say whether somebody had themself erased and has not come back of their own accord."""
    assert row.phone is not None
    if owner is None:
        return found.is_erased(row.phone, row.name)
    is_another = bool(owner.name) and search_key(owner.name) != search_key(row.name)
    return is_another and (row.phone, search_key(row.name)) in found.erased


def _say_more(someone: Someone, row: MemberRow, found: Standing, faults: list[Fault]) -> None:
    """Add what a row says of a person; two rows must not say two things."""
    if row.hours:
        if someone.hours and someone.hours != row.hours:
            reason = f"{someone.hours} stands in another row for this person"
            faults.append(Fault(row.row, "hours", reason))
        someone.hours = row.hours
    if row.hamlet:
        area = found.places.get(("hamlet", row.hamlet))
        if area is None or not area.active:
            reason = (
                f"there is no hamlet {row.hamlet}" if area is None else f"{row.hamlet} is retired"
            )
            faults.append(Fault(row.row, "hamlet", reason))
        elif someone.hamlet and someone.hamlet.id != area.id:
            reason = f"{someone.hamlet.code} stands in another row for this person"
            faults.append(Fault(row.row, "hamlet", reason))
        someone.hamlet = area


def _leaving(doing: TeamDoing, found: Standing) -> list[Current]:
    assert doing.known is not None
    staying = {place.current.membership_id for place in doing.members if place.current}
    there = found.members.get(doing.known.id, {}).values()
    return [member for member in there if member.membership_id not in staying]


def _faults_as_a_whole(doing: TeamDoing, found: Standing) -> Iterator[Fault]:
    """Yield what is wrong with a team as it would be: two leaders, or nobody."""
    going = {member.membership_id for member in doing.leaving}
    listed = {place.current.membership_id for place in doing.members if place.current}
    there = found.members.get(doing.known.id, {}).values() if doing.known else ()
    staying = [m for m in there if m.membership_id not in going | listed]
    leaders = [place for place in doing.members if place.role is Role.LEADER]
    for place in leaders[1:]:
        reason = f"the leader of this team stands in row {leaders[0].row.row}"
        yield Fault(place.row.row, "role", reason)
    if leaders and (other := next((m for m in staying if m.role is Role.LEADER), None)):
        reason = f"{other.name or 'somebody else'} leads this team and is not in the file"
        yield Fault(leaders[0].row.row, "role", f"{reason}; list them, or use --replace")
    if doing.skipped and not (doing.members or any(member.msisdn for member in staying)):
        yield Fault(doing.row, "team", "nobody of it can be reached: all had themselves erased")


def _neighbour_faults(
    teams: Sequence[TeamDoing], listed: Collection[str], found: Standing
) -> Iterator[Fault]:
    known = {*found.by_key, *listed}
    for doing in teams:
        if doing.neighbour == doing.key:
            yield Fault(doing.row, "neighbour", "is this team itself")
        elif doing.neighbour and doing.neighbour not in known:
            yield Fault(doing.row, "neighbour", "there is no such team, in the file or loaded")
