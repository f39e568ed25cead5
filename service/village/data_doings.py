"""A person's right to see what is kept of them and to have it erased, by text."""

from __future__ import annotations

import secrets

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from service.records.people import Household, Person, Phone, SuppressionKind
from service.records.teams import Membership, Team
from service.records.trainings import Enrolment

from . import asking
from .areas import area_by_id, shown_name
from .desk import Desk
from .erasure import erase_all
from .ledger import live_requests
from .suppressions import is_suppressed

NOT_KEPT = "-"


def my_data(desk: Desk, _rest: str = "") -> None:
    """Say what is kept of the speaker, in two texts, a third to whoever learns in classes: DL."""
    session, speaker, phone = desk.unit.session, desk.speaker(), desk.known_phone()
    places = 0 if phone is None or desk.is_stale() else _places(session, phone, speaker)
    if phone is None or not (speaker or places or live_requests(session, phone)):
        desk.reply("sms.data_none", {})
        return
    area = area_by_id(session, speaker.area_id) if speaker and speaker.area_id else None
    refused = is_suppressed(session, desk.digest, SuppressionKind.NEWS)
    values = {
        "hamlet": shown_name(area) if area else "",
        "number": str(len(live_requests(session, phone))),
        "news": "off" if refused else "on",
    }
    # Who did not agree to be remembered gets no news: of them the number is kept for its requests.
    desk.reply("sms.data_kept" if speaker and area else "sms.data_number", values)
    more = _more_of(desk, speaker) if speaker else {}
    if more.get("name") or more.get("household") or more.get("team"):
        desk.reply("sms.data_more", {key: value or NOT_KEPT for key, value in more.items()})
    elif more.get("tongue"):
        desk.reply("sms.data_language", more)
    if places:
        desk.reply("sms.data_classes", {"number": str(places)})


def _places(session: Session, phone: Phone, speaker: Person | None) -> int:
    """Count the classes this phone, or this person, has registered for."""
    theirs = [Enrolment.phone_id == phone.id]
    theirs += [Enrolment.person_id == speaker.id] if speaker else []
    found = select(func.count()).select_from(Enrolment).where(or_(*theirs))
    return int(session.execute(found).scalar_one())


def _more_of(desk: Desk, speaker: Person) -> dict[str, str]:
    """Return what is kept of few people only: name, household, team, a language they chose."""
    session = desk.unit.session
    home = session.get(Household, speaker.household_id) if speaker.household_id else None
    team = session.scalars(
        select(Team.name)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.person_id == speaker.id, Membership.until.is_(None))
        .order_by(Membership.id)
        .limit(1)
    ).one_or_none()
    return {
        "name": speaker.name or "",
        "household": home.label if home else "",
        "team": team or "",
        "tongue": desk.words.texts.say("language.name", speaker.language)
        if speaker.language
        else "",
    }


def erase(desk: Desk, rest: str) -> None:
    """Erase what is kept of the speaker, once they have sent back a code: XOA, then XOA 4711.

    A code is good for a day and for one try: a wrong one erases nothing, and the right one is
    spent with it, so that it cannot be guessed by whoever forges this number.
    """
    asked = asking.recall(desk)
    waiting = (asked.answers or {}).get(asking.CODE) if asked and not asked.is_over else None
    asking.forget(desk)
    typed = "".join(filter(str.isdigit, rest))
    if typed and waiting and secrets.compare_digest(waiting[1].encode(), typed.encode()):
        erase_all(desk)
    elif desk.known_phone() is None:
        desk.reply("sms.data_none", {})
    elif typed:
        desk.reply("sms.erase_wrong", {}, is_error=True)
    else:
        code = f"{secrets.randbelow(9000) + 1000}"
        if desk.reply("sms.erase_code", {"number": code}):
            asking.await_answer(desk, {asking.CODE: ("nothing", code)})
