"""The villages of a run: hamlets, each two of them with a team, and people who are remembered."""

from __future__ import annotations

from typing import Any

from service.records.unit import Units
from service.village.demo import load_demo

from .numbers import TEAMS, VILLAGERS, number
from .plan import Plan

COMMUNE = "01654"
FIRST_HAMLET = 101


def settle_villages(units: Units, plan: Plan) -> None:
    """Load the villages into the database."""
    with units.open() as unit:
        load_demo(unit.session, villages(plan), key="chaos")


def villages(plan: Plan) -> dict[str, Any]:
    """Return the villages as data/demo.yaml would hold them."""
    hamlets = [FIRST_HAMLET + n for n in range(plan.hamlets)]
    return {
        "commune": COMMUNE,
        "hamlets": {n: {"name": f"Thử {n}"} for n in hamlets},
        "teams": [
            {
                "name": f"Tổ thử {n}",
                "level": "hamlet",
                "hamlets": [hamlet, *hamlets[2 * n + 1 : 2 * n + 2]],
                "members": [
                    _member("leader", f"Tổ Trưởng {n}", 2 * n, hamlet),
                    _member("deputy", f"Tổ Phó {n}", 2 * n + 1, hamlet),
                ],
            }
            for n, hamlet in enumerate(hamlets[::2])
        ],
        "households": [
            {
                "label": f"Nhà thử {n}",
                "hamlet": hamlets[n % len(hamlets)],
                "zalo": False,
                "people": [{"name": f"Thử Thị {n}", "msisdn": number(VILLAGERS, n)}],
            }
            for n in range(plan.villagers)
        ],
    }


def _member(role: str, name: str, n: int, hamlet: int) -> dict[str, Any]:
    return {"role": role, "name": name, "msisdn": number(TEAMS, n), "hamlet": hamlet}
