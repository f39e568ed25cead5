"""Who of the invented village has a handset, as the demo and the phones page show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.text.codes import hamlet_code


def cast(source: Mapping[str, Any], short_code: str, sms_code: str) -> dict[str, Any]:
    """Return the demo cast as `caunoi demo --json` prints it."""
    villager, leader = source["cast"]["villager"], source["cast"]["leader"]
    hamlet = villager["hamlet"]
    return {
        "short_code": short_code,
        "sms_code": sms_code,
        "villager": {"name": villager["name"], "msisdn": villager["msisdn"]},
        "leader": {"name": leader["name"], "msisdn": leader["msisdn"]},
        "hamlet": {"code": hamlet_code(hamlet), "name": source["hamlets"][hamlet]["name"]},
    }


def handsets(source: Mapping[str, Any], short_code: str, sms_code: str) -> dict[str, Any]:
    """Return what the phones page starts with."""
    shown = cast(source, short_code, sms_code)
    hamlet = shown["hamlet"]
    people = [
        {
            **shown["villager"],
            "role": "villager",
            "note": f"Mã xóm {hamlet['code']} {hamlet['name']}",
        },
        {**shown["leader"], "role": "leader", "note": "nhắn NV 1, XONG 1"},
        *({"note": "", **other} for other in source["cast"]["others"]),
    ]
    return {"short_code": short_code, "sms_code": sms_code, "handsets": people}
