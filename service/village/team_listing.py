"""Teams as clerks see them: whom they serve, who is in them, who is there, and where nobody is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.text.local_time import in_vietnam
from service.text.mask import mask_msisdn
from service.text.waking import Hours

from .team_rows import team_key

TEAMS = text("""
    SELECT t.id, t.name, t.level, n.name AS neighbour,
           ARRAY(SELECT a.code || ' ' || a.title || ' ' || a.name
                 FROM team_areas s JOIN areas a ON a.id = s.area_id
                 WHERE s.team_id = t.id ORDER BY a.code) AS serves
    FROM teams t LEFT JOIN teams n ON n.id = t.neighbour_id
    WHERE t.active
      AND (CAST(:commune AS text) IS NULL
           OR EXISTS (SELECT FROM team_areas s JOIN areas a ON a.id = s.area_id
                      LEFT JOIN areas p ON p.id = a.parent_id
                      WHERE s.team_id = t.id
                        AND (a.kind = 'commune' AND a.code = :commune
                             OR a.kind = 'hamlet' AND p.code = :commune)))
    ORDER BY CASE t.level WHEN 'province' THEN 0 WHEN 'commune' THEN 1 ELSE 2 END, t.id
""")
MEMBERS = text("""
    SELECT m.team_id, m.role, h.name, f.msisdn, h.awake_from, h.awake_until,
           d.person_id IS NOT NULL AS is_on_duty,
           (SELECT max(a.until_at) FROM absences a
            WHERE a.person_id = h.id AND a.ended_at IS NULL AND a.from_at <= clock_timestamp()
              AND a.until_at > clock_timestamp()) AS away_until,
           f.doubted_at IS NOT NULL AS is_doubted,
           coalesce(f.last_heard_at < clock_timestamp() - interval '90 days', false) AS is_silent
    FROM memberships m JOIN people h ON h.id = m.person_id LEFT JOIN phones f ON f.id = h.phone_id
    LEFT JOIN duties d ON d.team_id = m.team_id AND d.person_id = m.person_id
         AND d.day = (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    WHERE m.until IS NULL AND m.team_id = ANY(:ids)
    ORDER BY CASE m.role WHEN 'leader' THEN 0 WHEN 'deputy' THEN 1 WHEN 'duty' THEN 2
                         WHEN 'member' THEN 3 ELSE 4 END, m.id
""")
WITHOUT = text("""
    SELECT a.kind, a.code, a.title, a.name, p.title || ' ' || p.name AS lies_in
    FROM areas a LEFT JOIN areas p ON p.id = a.parent_id
    WHERE a.active AND a.kind = ANY(ARRAY['hamlet', 'commune'])
      AND (CAST(:commune AS text) IS NULL
           OR a.kind = 'commune' AND a.code = :commune OR a.kind = 'hamlet' AND p.code = :commune)
      AND NOT EXISTS (SELECT FROM team_areas s JOIN teams t ON t.id = s.team_id
                      WHERE s.area_id = a.id AND t.active)
    ORDER BY a.kind, a.code
""")


@dataclass(frozen=True, slots=True)
class MemberShown:
    """A member of a team; the number is masked."""

    name: str
    number: str
    role: str
    hours: str | None
    on_duty_today: bool
    away_until: str | None
    not_reached_because: str | None
    """Why nothing is sent to them now: no number, silent for 90 days, reported as another's."""

    @property
    def is_there(self) -> bool:
        """Whether they can be told of a request now."""
        return self.away_until is None and self.not_reached_because is None

    def __str__(self) -> str:
        """The member on one line."""
        more = [self.hours or "", "on duty today" if self.on_duty_today else ""]
        more += [f"away until {self.away_until}" if self.away_until else ""]
        more += [self.not_reached_because or ""]
        return ", ".join([f"{self.role:<7} {self.name} ({self.number})", *filter(None, more)])


@dataclass(slots=True)
class TeamShown:
    """A team with its places and members."""

    name: str
    level: str
    serves: list[str]
    neighbour: str | None
    members: list[MemberShown] = field(default_factory=list)

    @property
    def has_somebody(self) -> bool:
        """Whether anybody of it can be told of a request now."""
        return any(member.is_there for member in self.members)

    def lines(self) -> Iterator[str]:
        """Yield the team line by line."""
        beside = f"; neighbour: {self.neighbour}" if self.neighbour else ""
        nobody = "" if self.has_somebody else " - NOBODY TO REACH"
        yield f"{self.name} ({self.level}){nobody}"
        yield f"  serves {'; '.join(self.serves) or 'no place'}{beside}"
        yield from (f"  {member}" for member in self.members)


@dataclass(slots=True)
class Overview:
    """Teams, and where there are none."""

    teams: list[TeamShown]
    hamlets_without_team: list[str]
    communes_without_team: list[str]

    @property
    def teams_without_anybody(self) -> list[str]:
        """Names of the teams of which nobody can be told of a request now."""
        return [team.name for team in self.teams if not team.has_somebody]

    def as_json(self) -> dict[str, Any]:
        """Return it as values for scripts."""
        return {**asdict(self), "teams_without_anybody": self.teams_without_anybody}

    def lines(self) -> Iterator[str]:
        """Yield it line by line, the gaps last."""
        for team in self.teams:
            yield from team.lines()
        yield f"{len(self.teams)} teams, {sum(len(team.members) for team in self.teams)} members"
        for said, names in (
            ("teams with nobody to reach", self.teams_without_anybody),
            ("communes without a team", self.communes_without_team),
            ("hamlets without a team", self.hamlets_without_team),
        ):
            if names:
                yield f"{len(names)} {said}:"
                yield from (f"  {name}" for name in names)


def overview(session: Session, commune: str | None = None) -> Overview:
    """Return the teams there are, of a commune by its code or all, and the places without."""
    without: dict[str, list[str]] = {"hamlet": [], "commune": []}
    for row in session.execute(WITHOUT, {"commune": commune}):
        within = f", {row.lies_in}" if row.kind == "hamlet" else ""
        without[row.kind].append(f"{row.code} {row.title} {row.name}{within}")
    return Overview(_teams(session, commune), without["hamlet"], without["commune"])


def teams_called(session: Session, name: str) -> list[TeamShown]:
    """Return the teams with a name, however it is written, else those in whose name it stands."""
    teams, key = _teams(session, None), team_key(name)
    same = [team for team in teams if team_key(team.name) == key]
    return same or [team for team in teams if key in team_key(team.name)]


def _teams(session: Session, commune: str | None) -> list[TeamShown]:
    rows = session.execute(TEAMS, {"commune": commune}).all()
    teams = {r.id: TeamShown(r.name, r.level, list(r.serves), r.neighbour) for r in rows}
    for row in session.execute(MEMBERS, {"ids": list(teams)}):
        hours = None if row.awake_from is None else str(Hours(row.awake_from, row.awake_until))
        member = MemberShown(
            name=row.name or "(no name)",
            number=mask_msisdn(row.msisdn) if row.msisdn else "no number",
            role=row.role,
            hours=hours,
            on_duty_today=row.is_on_duty,
            away_until=_moment(row.away_until),
            not_reached_because=_why(row),
        )
        teams[row.team_id].members.append(member)
    return list(teams.values())


def _moment(moment: datetime | None) -> str | None:
    return in_vietnam(moment).strftime("%H:%M %d/%m/%Y") if moment else None


def _why(row: Any) -> str | None:
    if row.msisdn is None:
        return "no number"
    if row.is_doubted:
        return "the number may be somebody else's"
    return "silent for 90 days" if row.is_silent else None


def teams_lines(teams: Sequence[TeamShown]) -> Iterator[str]:
    """Yield teams line by line."""
    for team in teams:
        yield from team.lines()
