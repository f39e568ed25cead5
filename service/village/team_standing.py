"""What is known when a list of teams is loaded: places, teams, who is in them, whose numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.records.areas import Area
from service.records.people import SuppressionKind
from service.records.teams import Role, Team
from service.text.fold import search_key
from service.text.phones import Msisdn

from .suppressions import digest
from .team_rows import MemberRow, team_key

OWNERS = text("""
    SELECT f.id AS phone_id, f.msisdn, h.id AS person_id, h.name, h.area_id, h.awake_from,
           h.awake_until, h.language, f.holder_id = h.id AS holds
    FROM phones f LEFT JOIN people h ON h.phone_id = f.id
    WHERE f.msisdn = ANY(:numbers)
    ORDER BY f.id, holds DESC NULLS LAST, h.id
""")
MEMBERS = text("""
    SELECT m.id, m.team_id, m.person_id, m.role, h.name, h.language, h.phone_id, f.msisdn
    FROM memberships m JOIN people h ON h.id = m.person_id LEFT JOIN phones f ON f.id = h.phone_id
    WHERE m.until IS NULL ORDER BY m.id
""")
SERVED = text("SELECT team_id, area_id FROM team_areas ORDER BY team_id, area_id")
ERASED = text("""
    SELECT digest FROM suppressions WHERE kind = :kind AND digest = ANY(:digests)
""")


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody known who is reached at a number."""

    person_id: int
    phone_id: int
    name: str
    area_id: int | None
    awake: tuple[int | None, int | None]
    language: str | None


@dataclass(frozen=True, slots=True)
class Current:
    """Somebody who is in a team now."""

    membership_id: int
    team_id: int
    person_id: int
    role: Role
    name: str
    language: str | None
    phone_id: int | None
    msisdn: str
    """"" where there is no phone."""


@dataclass(slots=True)
class Standing:
    """Everything that is known, as far as a list speaks of it."""

    places: Mapping[tuple[str, str], Area]
    """By kind and code, those that are no more too."""
    by_id: Mapping[int, Area]
    teams: Mapping[int, Team]
    by_key: Mapping[str, list[Team]]
    """By what a team's name is compared by."""
    served: dict[int, set[int]] = field(default_factory=dict)
    members: dict[int, dict[int, Current]] = field(default_factory=dict)
    """By team and person."""
    phones: dict[str, int] = field(default_factory=dict)
    owners: dict[str, list[Owner]] = field(default_factory=dict)
    """By number, the holder first."""
    erased: set[tuple[str, str]] = field(default_factory=set)
    """Number and name, the name "" for all people of a number."""

    def is_erased(self, msisdn: Msisdn, name: str) -> bool:
        """Say whether this person had themself erased at this number."""
        return (msisdn, "") in self.erased or (msisdn, search_key(name)) in self.erased


def standing(session: Session, rows: Sequence[MemberRow], key: str) -> Standing:
    """Read what is known of everything a list speaks of; `key` is that of the digests."""
    areas = session.scalars(select(Area)).all()
    teams = session.scalars(select(Team).order_by(Team.id)).all()
    by_key: dict[str, list[Team]] = {}
    for team in teams:
        by_key.setdefault(team_key(team.name), []).append(team)
    found = Standing(
        places={(area.kind, area.code): area for area in areas},
        by_id={area.id: area for area in areas},
        teams={team.id: team for team in teams},
        by_key=by_key,
    )
    for row in session.execute(SERVED):
        found.served.setdefault(row.team_id, set()).add(row.area_id)
    for row in session.execute(MEMBERS):
        member = Current(
            membership_id=row.id,
            team_id=row.team_id,
            person_id=row.person_id,
            role=Role(row.role),
            name=row.name or "",
            language=row.language,
            phone_id=row.phone_id,
            msisdn=row.msisdn or "",
        )
        found.members.setdefault(row.team_id, {})[row.person_id] = member
    numbers = sorted({row.phone for row in rows if row.phone})
    for row in session.execute(OWNERS, {"numbers": numbers}):
        found.phones[row.msisdn] = row.phone_id
        owners = found.owners.setdefault(row.msisdn, [])
        if row.person_id is not None:
            awake = (row.awake_from, row.awake_until)
            owner = (row.person_id, row.phone_id, row.name or "", row.area_id, awake, row.language)
            owners.append(Owner(*owner))
    found.erased = _erased(session, rows, key)
    return found


def _erased(session: Session, rows: Sequence[MemberRow], key: str) -> set[tuple[str, str]]:
    who = {(row.phone, name) for row in rows if row.phone for name in ("", search_key(row.name))}
    stand_for = {digest(key, msisdn, name): (str(msisdn), name) for msisdn, name in who}
    asked = {"kind": SuppressionKind.ERASED, "digests": sorted(stand_for)}
    return {stand_for[one] for one in session.scalars(ERASED, asked)}
