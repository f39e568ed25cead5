"""Loads a list of hamlets: what would change is worked out in full before anything does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from service.records.areas import AliasKind, Area, AreaAlias, AreaKind
from service.text.codes import hamlet_code
from service.text.fold import search_key

from .area_changes import Change, Plan, What, doubles, in_rows
from .area_keeping import ONE_AT_A_TIME, OtherName, put_names, today
from .area_rows import HamletRow, read_hamlets
from .area_tables import Fault
from .spelling import note_words

MOST_SEQUENCES = 9999
"""Hamlets that four digits can number."""


@dataclass(slots=True)
class _Doing:
    """A row, the hamlet it speaks of (None: a new one), and the code it has or gets."""

    row: HamletRow
    commune: Area
    known: Area | None
    code: str

    @property
    def place(self) -> str:
        return _said(self.row.title, self.row.name, self.commune)


@dataclass(slots=True)
class _Work:
    """Everything a list sets in motion."""

    doings: list[_Doing] = field(default_factory=list)
    gone: list[Area] = field(default_factory=list)
    plan: Plan = field(default_factory=Plan)


def load_hamlets(
    session: Session, data: bytes, *, source: str, retire: bool = False, dry_run: bool = False
) -> Plan:
    """Load a list of hamlets, all of it or, when anything is wrong or `dry_run`, nothing.

    A hamlet of a commune in the list that is not in it is reported as gone; with `retire` it is
    made inactive, which takes it out of searches and leaves its people and requests as they are.
    Without a code a row means the hamlet of that name, or else gets the next free number.
    `source` is what is kept as the origin where a row does not say.

    Raises ListRefused for what is no such table; any other fault is in the plan that is returned.
    """
    rows, faults = read_hamlets(data)
    session.execute(ONE_AT_A_TIME)
    work = _worked_out(session, rows, faults, retire=retire)
    if not (work.plan.faults or dry_run):
        _carry_out(session, work, source, retire=retire)
    return work.plan


def _worked_out(
    session: Session, rows: Sequence[HamletRow], faults: list[Fault], *, retire: bool
) -> _Work:
    found = session.scalars(select(Area).where(Area.kind == AreaKind.COMMUNE, Area.active))
    communes = {commune.code: commune for commune in found}
    known = session.scalars(
        select(Area).where(Area.kind == AreaKind.HAMLET).order_by(Area.code)
    ).all()
    work = _Work()
    faults += _faults_of_all(rows, communes)
    unsound = {fault.row for fault in faults}
    sound = [row for row in rows if row.row not in unsound]
    work.doings = list(_matched(sound, communes, known, faults))
    taken = {doing.known.id for doing in work.doings if doing.known}
    within = {doing.commune.id for doing in work.doings}
    left = [hamlet for hamlet in known if hamlet.id not in taken and hamlet.parent_id in within]
    work.gone = [hamlet for hamlet in left if hamlet.active]
    faults += _names_taken(work.doings, [] if retire else work.gone)
    told = _former_names(session)
    work.plan.changes = [_change(doing, told) for doing in work.doings]
    what = What.RETIRED if retire else What.GONE
    lies_in = {doing.commune.id: doing.commune for doing in work.doings}
    for hamlet in work.gone:
        place = _said(hamlet.title, hamlet.name, lies_in[hamlet.parent_id or 0])
        work.plan.changes.append(Change(what, hamlet.code, place))
    work.plan.faults = in_rows(faults)
    return work


def _faults_of_all(rows: Sequence[HamletRow], communes: dict[str, Area]) -> Iterator[Fault]:
    """Yield what is wrong with rows beside each other and with the communes they name."""
    for row in rows:
        if row.commune_code and row.commune_code not in communes:
            yield Fault(row.row, "commune_code", f"there is no commune {row.commune_code}")
    yield from doubles([(row.row, row.code) for row in rows if row.code], "code")
    names = [
        (row.row, f"{row.title} {row.name} in {row.commune_code}".lower())
        for row in rows
        if row.title and row.name
    ]
    yield from doubles(names, "name")


def _matched(
    rows: Sequence[HamletRow],
    communes: dict[str, Area],
    known: Sequence[Area],
    faults: list[Fault],
) -> Iterator[_Doing]:
    """Yield each row with the hamlet it speaks of, or with a code of its own for a new one."""
    by_code = {hamlet.code: hamlet for hamlet in known}
    by_commune: dict[int, list[Area]] = {}
    claimed = {row.code for row in rows}
    for hamlet in known:
        if hamlet.code not in claimed and hamlet.parent_id is not None:
            by_commune.setdefault(hamlet.parent_id, []).append(hamlet)
    codes = _free_codes([*by_code, *claimed])
    for row in rows:
        commune = communes[row.commune_code]
        known_as, code = by_code.get(row.code), row.code
        if not code:
            there = by_commune.get(commune.id, [])
            known_as = _by_name(row, there)
            if known_as is not None:
                there.remove(known_as)
            code = known_as.code if known_as else next(codes, "")
        if not code:
            faults.append(Fault(row.row, "code", f"all {MOST_SEQUENCES} numbers are given"))
            return
        yield _Doing(row, commune, known_as, code)


def _free_codes(used: Iterable[str]) -> Iterator[str]:
    """Yield the codes behind the highest one ever given, so that none means two places."""
    highest = max((int(code[:4]) for code in used if code), default=0)
    return map(hamlet_code, range(highest + 1, MOST_SEQUENCES + 1))


def _by_name(row: HamletRow, there: Sequence[Area]) -> Area | None:
    """Return the one hamlet of a commune that a row without a code speaks of."""
    former = {search_key(name.name) for name in row.former}
    ways = (
        lambda hamlet: (hamlet.title, hamlet.name.lower()) == (row.title, row.name.lower()),
        lambda hamlet: hamlet.title == row.title and hamlet.name_key == search_key(row.name),
        lambda hamlet: hamlet.name_key in former,
    )
    for fits in ways:
        fitting = [hamlet for hamlet in there if fits(hamlet)]
        for meant in ([hamlet for hamlet in fitting if hamlet.active], fitting):
            if len(meant) == 1:
                return meant[0]
    return None


def _names_taken(doings: Sequence[_Doing], staying: Sequence[Area]) -> Iterator[Fault]:
    """Yield a fault for each row whose name another hamlet of the commune keeps."""
    kept = {(h.parent_id, h.title, h.name.lower()): h.code for h in staying}
    for doing in doings:
        row = doing.row
        other = kept.get((doing.commune.id, row.title, row.name.lower()))
        if other is not None:
            yield Fault(row.row, "name", f"{row.title} {row.name} has the code {other} there")


def _former_names(session: Session) -> set[tuple[int, str]]:
    found = session.execute(
        select(AreaAlias.area_id, AreaAlias.name).where(AreaAlias.kind == AliasKind.OLD_NAME)
    )
    return {(area_id, name) for area_id, name in found}


def _change(doing: _Doing, told: set[tuple[int, str]]) -> Change:
    known, row = doing.known, doing.row
    if known is None:
        return Change(What.NEW, doing.code, doing.place)
    if known.name != row.name:
        return Change(What.RENAMED, doing.code, doing.place, f"{known.title} {known.name}")
    same = all(getattr(known, name) == value for name, value in _values(doing).items())
    same = same and all((known.id, former.name) in told for former in row.former)
    return Change(What.UNCHANGED if same else What.CHANGED, doing.code, doing.place)


def _values(doing: _Doing) -> dict[str, Any]:
    """Return the columns a row says something of; what it leaves empty stays as it is."""
    row = doing.row
    said = {"has_coverage": row.coverage, "source": row.source or None}
    return {
        "title": row.title,
        "name": row.name,
        "name_key": search_key(row.name),
        "parent_id": doing.commune.id,
        "active": True,
        **{name: value for name, value in said.items() if value is not None},
    }


def _carry_out(session: Session, work: _Work, source: str, *, retire: bool) -> None:
    day = today(session)
    note_words(session, [doing.row.name for doing in work.doings])
    ids = _put_new(session, [doing for doing in work.doings if doing.known is None], source)
    put_names(session, _other_names(work.doings, ids, day, source))
    for doing in work.doings:
        for column, value in _values(doing).items() if doing.known else ():
            setattr(doing.known, column, value)
    for hamlet in work.gone if retire else ():
        hamlet.active = False


def _other_names(
    doings: Sequence[_Doing], new: Mapping[str, int], day: date, source: str
) -> Iterator[OtherName]:
    """Yield the names that hamlets have had: those in the list, and those they lose by it."""
    for doing in doings:
        known, origin = doing.known, doing.row.source or source
        area_id = known.id if known else new[doing.code]
        for former in doing.row.former:
            yield OtherName(area_id, AliasKind.OLD_NAME, former.name, origin, until=former.until)
        if known and known.name != doing.row.name:  # its day, unless the list has said another
            yield OtherName(area_id, AliasKind.OLD_NAME, known.name, origin, until=day)


def _put_new(session: Session, new: Sequence[_Doing], source: str) -> dict[str, int]:
    """Make the new hamlets; return the id of each by its code."""
    if not new:
        return {}
    fresh = {"kind": AreaKind.HAMLET, "source": source, "has_coverage": None}
    rows = [{**fresh, "code": doing.code, **_values(doing)} for doing in new]
    made = session.execute(insert(Area).returning(Area.code, Area.id), rows)
    return {row.code: row.id for row in made}


def _said(title: str, name: str, commune: Area) -> str:
    return f"{title} {name}, {commune.title} {commune.name}"
