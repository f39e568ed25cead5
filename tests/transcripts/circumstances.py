"""What may have happened in the village besides calls and texts: a line in a transcript, and how."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from service.records.areas import AreaKind
from service.text.codes import hamlet_code
from service.village.gazetteer import commune_by_code, put_area
from tests.village import DEMO, World

FIRST, MANY = 100, 24


def _load_hamlets(world: World) -> None:
    with world.runtime.units.open() as unit:
        commune = commune_by_code(unit.session, DEMO["commune"])
        for number in range(FIRST, FIRST + MANY):
            code, name = hamlet_code(number), f"Nà Thử {number}"
            put_area(unit.session, AreaKind.HAMLET, code, "Xóm", name, parent_id=commune.id)


def _sql(statement: str) -> Callable[[World], None]:
    return partial(World.do, sql=statement)


CIRCUMSTANCES: dict[str, Callable[[World], None]] = {
    "(nobody is on duty in the commune)": _sql(
        "UPDATE memberships SET until = now() FROM teams "
        "WHERE teams.id = team_id AND teams.level = 'commune'"
    ),
    "(nobody is on duty anywhere)": _sql("UPDATE memberships SET until = now()"),
    "(a day and a night pass)": _sql(
        "UPDATE help_requests SET created_at = created_at - interval '25 hours'"
    ),
    "(a quarter of an hour passes)": _sql(
        "UPDATE messages_out SET created_at = created_at - interval '15 minutes'"
    ),
    "(24 more hamlets of the commune are loaded)": _load_hamlets,
    "(the menu changes: the screen this call shows is taken out)": _sql(
        "UPDATE ussd_sessions SET state = jsonb_set(state, '{s}', '\"no_longer_there\"') WHERE open"
    ),
}
