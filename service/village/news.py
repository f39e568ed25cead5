"""What a place has to tell its people: listed, read, and known to have been read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from service.dialogue.model import Done, Facts, Option
from service.records.areas import Area
from service.records.notices import Notice, NoticeReading
from service.text.fold import fold

from .acting import Action, lists, writes
from .areas import find_area
from .desk import Desk

MOST_LISTED = 12


def current(desk: Desk, area: Area | None) -> Sequence[Notice]:
    """Return the notices for an area and those it lies in, newest first."""
    session = desk.unit.session
    places = []
    while area is not None:
        places.append(area.id)
        area = session.get(Area, area.parent_id) if area.parent_id else None
    now = func.clock_timestamp()
    return session.scalars(
        select(Notice)
        .where(Notice.area_id.in_(places), Notice.published_at <= now, Notice.expires_at > now)
        .order_by(Notice.published_at.desc(), Notice.id.desc())
        .limit(MOST_LISTED)
    ).all()


def read(desk: Desk, notice: Notice) -> dict[str, str]:
    """Return what a notice says, noting that this phone was shown it, if we remember the phone."""
    if desk.speaker() is not None:
        desk.unit.session.execute(
            insert(NoticeReading)
            .values(notice_id=notice.id, phone_id=desk.phone().id)
            .on_conflict_do_nothing()
        )
    body = fold(notice.body).text
    return {"headline": fold(notice.title).text, "notice_body": body, "notice_short": body}


def _area(desk: Desk, known: Facts) -> Area | None:
    return find_area(desk.unit.session, known.get("area", ""))


def _listed(desk: Desk, known: Facts) -> Done:
    found = current(desk, _area(desk, known))
    return Done(options=[Option(str(notice.id), notice.title) for notice in found])


def _read(desk: Desk, known: Facts) -> Done:
    found = {str(notice.id): notice for notice in current(desk, _area(desk, known))}
    notice = found.get(known.get("notice", ""))
    return Done("gone") if notice is None else Done("there", read(desk, notice))


NEWS_ACTIONS: Mapping[str, Action] = {
    "news": lists(_listed),
    "read_notice": writes(_read, "there", "gone"),
}
