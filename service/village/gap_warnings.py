"""Telling those who can help before a place has nobody to ask.

A hamlet's gap is told to its commune's team, else to the province's desk; a commune's gap to the
province; when the province itself has nobody, an operator hears. Each gap is told once; when it
shrinks or is filled nobody hears, for nobody has to do anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from service.outbox.alarms import close_alarm, raise_alarm
from service.records.areas import Area
from service.records.moments import now_by
from service.records.rota import GapWarning
from service.records.teams import Level
from service.records.unit import Unit, Units
from service.text.days import said_day
from service.text.gsm7 import cut, septets
from service.text.local_time import day_in_vietnam, in_vietnam, midnight_of
from service.text.phones import Msisdn

from .areas import area_by_id, shown_name
from .desk import Desk, Words, lock_phones
from .gaps import Gap, find_gaps, teams_serving
from .presence import FOREVER, members_of
from .rota_telling import tell_awake
from .teams import Responder, responders_of, teams_of

LOOK_AHEAD = timedelta(days=3)
"""How long before a gap begins the clock warns of it."""
WARNED_ALREADY = timedelta(hours=2)
"""A gap that begins at most so much earlier than was said is the one that was told of: a clock set
back an hour tells nothing anew."""
NOBODY_AHEAD = "nobody_ahead"
"""The alarm that nobody of the province is there, or nobody could be warned of a gap below."""
MOST_IN_A_DAY = 12
"""Warnings one phone gets in 24 hours. Each follows from a text whose sender may be forged."""
MOST_FAR_AHEAD = 6
"""The same of gaps that are farther off than LOOK_AHEAD, which leaves room for what is near."""
PLACES = 46
"""Characters of the gap {empty_places}."""

log = structlog.get_logger("village.gap_warnings")

IS_WARNED = text("""
    SELECT EXISTS (SELECT FROM gap_warnings
                   WHERE area_id = :area_id AND level = :level AND begins_at <= :not_after
                     AND (ends_at IS NULL OR ends_at > :begins))
""")
TOLD_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'alert' AND starts_with(idem_key, 'gap:')
      AND created_at > clock_timestamp() - interval '24 hours'
""")
# What is filled for a day is over; if it opens again then, that is another gap.
FILLED = text("""
    UPDATE gap_warnings SET ends_at = clock_timestamp()
    WHERE id = ANY(:ids) AND begins_at < clock_timestamp()
""")


def to_lock(session: Session, areas: Iterable[int]) -> set[int]:
    """Return the ids of the phones to be locked before gaps of these areas are looked for.

    Those of everybody on whom it depends, so that two who go at the same time see each other; and
    of those who are told.
    """
    teams = {row.team_id for row in teams_serving(session, areas)}
    members = members_of(session, teams, LOOK_AHEAD).values()
    phones = {one.phone_id for team in members for one in team if one.phone_id is not None}
    for area_id in areas:
        for level in (Level.HAMLET, Level.COMMUNE):
            phones |= {told.phone.id for told in _who_hears(session, area_id, level)}
    return phones


def warn_of(unit: Unit, words: Words, areas: Iterable[int], *, by: datetime | None = None) -> int:
    """Tell of the gaps of these areas that nobody was told of; the caller holds the locks.

    With `by` only of those that begin before it. Returns how many gaps were told of.
    """
    session = unit.session
    now, areas = now_by(session), sorted(areas)
    found = [
        gap
        for gap in find_gaps(session, areas, by or FOREVER, LOOK_AHEAD)
        if not _is_warned(session, gap, now)
    ]
    found.sort(key=lambda gap: (*_kind(gap), gap.area_id))
    return sum(_tell(unit, words, list(alike)) for _, alike in groupby(found, _kind))


def watch_gaps(units: Units, words: Words) -> int:
    """Look three days ahead and tell of every gap nobody was told of; return how many."""
    with units.open() as unit:
        session, by = unit.session, now_by(unit.session) + LOOK_AHEAD
        there = list(find_gaps(session, None, by, LOOK_AHEAD))
        _close_filled(session, there)
        now = now_by(session)
        new = [gap for gap in there if not _is_warned(session, gap, now)]
        by_parent: dict[int | None, set[int]] = {}
        for gap in new:
            parent = area_by_id(session, gap.area_id).parent_id
            by_parent.setdefault(parent, set()).add(gap.area_id)
    told = 0
    for areas in by_parent.values():
        try:
            with units.open() as unit:
                lock_phones(unit, to_lock(unit.session, areas))
                told += warn_of(unit, words, areas, by=by)
        except Exception:  # one commune must not keep the others from hearing
            log.exception("gap_failed", areas=sorted(areas))
    return told


def _is_warned(session: Session, gap: Gap, now: datetime) -> bool:
    about = {
        "area_id": gap.area_id,
        "level": gap.level,
        "begins": gap.begins_at,
        "not_after": max(gap.begins_at, now + WARNED_ALREADY),
    }
    return bool(session.execute(IS_WARNED, about).scalar_one())


def _close_filled(session: Session, there: Iterable[Gap]) -> None:
    """Note of what was told a day ago or more, without an end, that it is over."""
    open_now = {(gap.area_id, gap.level) for gap in there}
    told = session.execute(
        text("""
            SELECT id, area_id, level FROM gap_warnings
            WHERE ends_at IS NULL AND warned_at < clock_timestamp() - interval '24 hours'
        """)
    ).all()
    over = [row.id for row in told if (row.area_id, Level(row.level)) not in open_now]
    if over:
        session.execute(FILLED, {"ids": over})


def _who_hears(session: Session, area_id: int, level: Level) -> Sequence[Responder]:
    """Return who is told of a gap of a place: the commune's team, else the province's desk."""
    above = {Level.HAMLET: (Level.COMMUNE, Level.PROVINCE), Level.COMMUNE: (Level.PROVINCE,)}
    for wanted in above.get(level, ()):
        place: Area | None = area_by_id(session, area_id)
        found: dict[int, Responder] = {}
        while place is not None:
            for team in teams_of(session, place):
                if team.level == wanted:
                    found.update((r.phone.id, r) for r in responders_of(session, team.id))
            place = session.get(Area, place.parent_id) if place.parent_id else None
        if found:
            return list(found.values())
    return ()


def _may_hear(session: Session, responder: Responder, gap: Gap) -> bool:
    """Say whether a phone may be told of one more gap today."""
    told = session.execute(TOLD_TODAY, {"msisdn": responder.phone.msisdn}).scalar_one()
    is_near = gap.begins_at <= now_by(session) + LOOK_AHEAD
    return bool(told < (MOST_IN_A_DAY if is_near else MOST_FAR_AHEAD))


def _kind(gap: Gap) -> tuple[Level, datetime, datetime]:
    """Return what gaps have in common that are told of in one message."""
    return gap.level, gap.begins_at, gap.ends_at or FOREVER


def _tell(unit: Unit, words: Words, alike: Sequence[Gap]) -> int:
    """Tell of gaps that differ in their places only, in one message to each; return how many.

    Who has heard of many today is told of these later: they are not noted as told of, and the clock
    tells of them as soon as there is room, before they begin.
    """
    session, put_off = unit.session, 0
    by_hearers: dict[tuple[int, ...], list[Gap]] = {}
    hearers: dict[int, Responder] = {}
    for gap in alike:
        hear = _who_hears(session, gap.area_id, gap.level)
        about = f"area {gap.area_id}"
        if hear and not (hear := [r for r in hear if _may_hear(session, r, gap)]):
            put_off += 1
            raise_alarm(session.connection(), NOBODY_AHEAD, about)
            continue
        if hear or gap.level is Level.PROVINCE:
            session.add(
                GapWarning(
                    area_id=gap.area_id,
                    level=gap.level,
                    begins_at=gap.begins_at,
                    ends_at=gap.ends_at,
                )
            )
        if not hear:
            raise_alarm(session.connection(), NOBODY_AHEAD, about)
            continue
        close_alarm(session.connection(), NOBODY_AHEAD, about)
        hearers.update((responder.phone.id, responder) for responder in hear)
        by_hearers.setdefault(tuple(sorted(r.phone.id for r in hear)), []).append(gap)
    session.flush()
    for phones, gaps in by_hearers.items():
        for phone_id in phones:
            _write(unit, words, hearers[phone_id], gaps)
    return len(alike) - put_off


def _write(unit: Unit, words: Words, responder: Responder, gaps: Sequence[Gap]) -> None:
    session, begins, ends = unit.session, gaps[0].begins_at, gaps[0].ends_at
    desk = Desk(
        unit=unit,
        words=words,
        msisdn=Msisdn(responder.phone.msisdn),
        channel="clock",
        cause=f"gap:{gaps[0].area_id}:{begins.isoformat()}:{now_by(session).isoformat()}",
    )
    key = "sms.rota_gap_open" if ends is None else "sms.rota_gap"
    said = _values(session, begins, ends, [gap.area_id for gap in gaps])
    # Before it begins, be it in the night: after it would be too late.
    tell_awake(desk, responder.phone, responder.person, key, said, before=begins)


def _values(
    session: Session, begins: datetime, ends: datetime | None, areas: Sequence[int]
) -> dict[str, str]:
    today = day_in_vietnam(now_by(session))
    names = [shown_name(area_by_id(session, area_id)) for area_id in areas]
    day = day_in_vietnam(begins)
    at_midnight = begins == midnight_of(day)
    last = day_in_vietnam(ends - timedelta(seconds=1)) if ends else today
    return {
        "time": said_day(day, today) if at_midnight else f"{in_vietnam(begins):%H:%M %d/%m}",
        "until": said_day(last, today),
        "empty_places": _listed(names),
    }


def _listed(names: Sequence[str]) -> str:
    """Return names as a list that fits its gap, with the number of those left out."""
    for kept in range(len(names), 0, -1):
        left = len(names) - kept
        listed = ", ".join(names[:kept]) + (f", +{left}" if left else "")
        if septets(listed) <= PLACES:
            return listed
    return cut(names[0], PLACES)
