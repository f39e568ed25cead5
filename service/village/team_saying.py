"""Says what a list of teams would change, team by team and member by member."""

from __future__ import annotations

from collections.abc import Iterator

from service.records.teams import Level, Role
from service.text.fold import search_key
from service.text.mask import mask_msisdn

from .team_changes import Change, Changes, What
from .team_plan import Place, Someone, TeamDoing, Work
from .team_standing import Standing


def changes_of(work: Work, found: Standing) -> Changes:
    """Return what would change, or the faults for which nothing does."""
    changes = Changes(faults=work.faults)
    if work.faults:
        return changes
    for doing in work.teams:
        changes.teams += _of_team(doing, found)
        for place in doing.members:
            changes.members.append(Change(_becomes(place), _member(doing, place)))
        for row in doing.skipped:
            assert row.phone is not None
            who = f"{row.name} ({mask_msisdn(row.phone)}), {doing.name}"
            why = "had themself erased, and can come back only of their own accord"
            changes.members.append(Change(What.SKIPPED, f"{who}: row {row.row}; {why}"))
        for member in doing.leaving:
            who = f"{member.name} ({mask_msisdn(member.msisdn)})"
            changes.members.append(Change(What.LEAVES, f"{who}, {member.role}, {doing.name}"))
    for someone in work.people:
        changes.members += _notes(someone, found)
    return changes


def is_changed(someone: Someone) -> bool:
    """Say whether the list adds something to a person who is known."""
    owner = someone.owner
    if owner is None:
        return False
    hours = someone.hours
    is_moved = hours is not None and owner.awake != (hours.begins, hours.ends)
    return not owner.name or is_moved or (someone.hamlet is not None and owner.area_id is None)


def is_team_changed(doing: TeamDoing, found: Standing) -> bool:
    """Say whether a team that is known becomes another: its name, its places, its neighbour."""
    known = doing.known
    if known is None:
        return False
    served = found.served.get(known.id, set())
    serves = {area.id for area in doing.areas}
    before = found.teams.get(known.neighbour_id or 0)
    same_neighbour = not doing.neighbour or (
        before is not None and search_key(before.name) == doing.neighbour
    )
    same_places = serves == served if doing.is_whole else serves <= served
    return not (known.name == doing.name and known.active and same_places and same_neighbour)


def _of_team(doing: TeamDoing, found: Standing) -> Iterator[Change]:
    what = What.NEW if doing.known is None else What.UNCHANGED
    what = What.CHANGED if is_team_changed(doing, found) else what
    yield Change(what, f"{doing.name} ({doing.level}): {'; '.join(_places(doing, found))}")
    listed = {place.role for place in doing.members}
    if doing.level is Level.HAMLET and doing.known is None and Role.LEADER not in listed:
        yield Change(What.NOTE, f"{doing.name} has no leader")
    if doing.known is not None and doing.is_whole:
        serves = {area.id for area in doing.areas}
        gone = sorted(found.served.get(doing.known.id, set()) - serves)
        for area in (found.by_id[area_id] for area_id in gone):
            yield Change(
                What.NOTE, f"{doing.name} serves {area.title} {area.name} ({area.code}) no more"
            )


def _places(doing: TeamDoing, found: Standing) -> Iterator[str]:
    for area in doing.areas:
        lies_in = found.by_id.get(area.parent_id or 0)
        within = f", {lies_in.title} {lies_in.name}" if lies_in else ""
        yield f"{area.title} {area.name}{within if doing.level is Level.HAMLET else ''}"


def _becomes(place: Place) -> What:
    if place.current is None:
        return What.JOINS
    if place.current.role is not place.role:
        return What.ROLE
    return What.CHANGED if is_changed(place.someone) else What.UNCHANGED


def _member(doing: TeamDoing, place: Place) -> str:
    someone, before = place.someone, ""
    if place.current is not None and place.current.role is not place.role:
        before = f" (was {place.current.role})"
    who = f"{someone.shown_name} ({mask_msisdn(someone.msisdn)})"
    return f"{who}, {place.role}{before}, {doing.name}"


def _notes(someone: Someone, found: Standing) -> Iterator[Change]:
    owner = someone.owner
    if owner is None:
        return
    number = mask_msisdn(someone.msisdn)
    if owner.name and search_key(owner.name) != search_key(someone.name):
        said = f"{number} is known as {owner.name}, not {someone.name}; that name stays"
        yield Change(What.NOTE, said)
    if someone.hamlet and owner.area_id not in {None, someone.hamlet.id}:
        lives = found.by_id[owner.area_id or 0]
        said = f"{someone.shown_name} ({number}) lives in {lives.title} {lives.name}; that stays"
        yield Change(What.NOTE, said)
