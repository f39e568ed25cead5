"""Registers the people of a list on paper, all of them or, with a fault, nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy.orm import Session

from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person
from service.records.trainings import Training
from service.records.unit import Unit, Units
from service.text.class_moments import shown_moment
from service.text.fold import search_key
from service.text.person_names import is_name
from service.text.phones import Msisdn
from service.text.waking import awake_at

from .area_changes import in_rows
from .area_tables import Cells, Fault, Layout, Table, read_table
from .class_audit import note_done
from .class_rows import phone_in
from .desk import Desk, Words
from .enrolling import MOST_IN_A_DAY, MOST_OF_A_PHONE, Entered, Entering, register
from .seating import MOST_WAITING
from .suppressions import is_erased
from .trainings import is_open

LAYOUT = Layout(
    required=("phone",),
    optional=("name",),
    names=frozenset({"name"}),
    numbers=frozenset({"phone"}),
)
LONGEST = 40
SAID = {Entered.SEATED: "sms.class_seated", Entered.QUEUED: "sms.class_queued"}
REASONS = {
    Entered.FULL: f"{MOST_WAITING} people wait for this class already; hold it a second time",
    Entered.MANY: f"this phone has {MOST_OF_A_PHONE} people in the class, or registered "
    f"{MOST_IN_A_DAY} today",
    Entered.GONE: "the class is for members of teams, and this is nobody of one",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """How people are to be registered."""

    by: str
    consent_held_by: str = ""
    """Who can show that they agreed to be on the list; kept in the audit."""
    despite_clash: bool = False
    """Also who has another class at that hour."""
    dry_run: bool = False


@dataclass(slots=True)
class Registered:
    """How registering a list went, or the faults for which nobody is registered."""

    faults: list[Fault] = field(default_factory=list)
    counted: Counter[Entered] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read and not refused."""
        return sum(self.counted.values()) + len(self.notes)

    def said(self) -> list[str]:
        """Return it line by line."""
        count = self.counted
        line = (
            f"{count[Entered.SEATED]} have a seat, {count[Entered.QUEUED]} wait, "
            f"{count[Entered.ALREADY]} had registered before."
        )
        return [*self.notes, line]


@dataclass(frozen=True, slots=True)
class _Row:
    row: int
    phone: Msisdn | None
    name: str


def register_list(
    units: Units, words: Words, training_id: int, data: bytes, wishes: Wishes
) -> Registered:
    """Register the people of a list; with a fault or as a dry run nobody is.

    Raises ListRefused for what is no such table; any other fault is in what is returned.
    """
    table = read_table(data, LAYOUT)
    rows = [_row(cells, table, words.countries) for cells in table.rows]
    with units.open() as unit:
        registered = _register(unit, words, training_id, rows, wishes)
        if table.faults or registered.faults or wishes.dry_run:
            unit.session.rollback()
            unit.lanes.clear()
    registered.faults = in_rows([*table.faults, *registered.faults])
    return registered


def _register(
    unit: Unit, words: Words, training_id: int, rows: Sequence[_Row], wishes: Wishes
) -> Registered:
    registered = Registered()
    training = unit.session.get_one(Training, training_id, with_for_update=True)
    if not is_open(unit.session, training):
        when = shown_moment(training.starts_at)
        reason = f"{training.state}, {when}: nobody can register"
        registered.faults.append(Fault(1, "class", reason))
        return registered
    cause = uuid4()
    for row in rows:
        if row.phone is None:
            continue
        desk = Desk(unit, words, row.phone, "console", f"list:{cause}:{row.row}")
        desk.operator = wishes.by
        if desk.speaker() is None and is_erased(unit.session, words.key, row.phone, row.name):
            registered.notes.append(f"row {row.row}: left out, they had themselves erased")
            continue
        name = "" if _is_own(unit.session, desk, row.name) else row.name
        went = register(desk, training, name, despite_clash=wishes.despite_clash)
        if reason := _why_not(went):
            registered.faults.append(Fault(row.row, "phone", reason))
            continue
        registered.counted[went.how] += 1
        _tell(desk, training, went)
    detail: dict[str, object] = {str(how): n for how, n in registered.counted.items()}
    if wishes.consent_held_by:
        detail["consent_held_by"] = wishes.consent_held_by
    note_done(unit.session, training, wishes.by, "class_list_registered", **detail)
    return registered


def _row(cells: Cells, table: Table, countries: frozenset[str]) -> _Row:
    if not cells["phone"]:
        table.faults.append(Fault(cells.row, "phone", "is missing"))
    if len(cells["name"]) > LONGEST:
        reason = f"has {len(cells['name'])} letters; at most {LONGEST} are taken"
        table.faults.append(Fault(cells.row, "name", reason))
    elif cells["name"] and not is_name(cells["name"]):
        table.faults.append(Fault(cells.row, "name", f"{cells['name']!r} is no name of a person"))
    return _Row(cells.row, phone_in(cells, "phone", table, countries), cells["name"])


def _is_own(session: Session, desk: Desk, name: str) -> bool:
    """Say whether a name is that of the phone's own holder, so that they have one place."""
    phone = desk.known_phone()
    holder = session.get(Person, phone.holder_id) if phone and phone.holder_id else None
    return bool(name and holder and search_key(holder.name or "") == search_key(name))


def _why_not(went: Entering) -> str:
    if went.how is Entered.CLASH:
        return (
            f"has class {went.values['other_class']} at that hour; --despite-clash registers them"
        )
    return REASONS.get(went.how, "")


def _tell(desk: Desk, training: Training, went: Entering) -> None:
    """Tell somebody that they are registered, when people are awake."""
    key = SAID.get(went.how)
    if key is None:
        return
    now = now_by(desk.unit.session)
    wakes = awake_at(now, desk.words.ladders.waking)
    due_at = wakes if now < wakes < training.starts_at else None
    desk.tell(desk.phone(), key, went.values, message_class=MessageClass.ALERT, due_at=due_at)
