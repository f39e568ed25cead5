"""What the tests of village work share: the sentences as they are, and short ways to see rows."""

from __future__ import annotations

from typing import Any

from tests.village import HAMLET, Phone, World


def say(world: World, key: str, language: str = "vi", **values: str) -> str:
    return world.runtime.words.say(key, language, values)


def values(world: World, number: object, **more: str) -> dict[str, str]:
    """The values of a request of Cốc Phia about VNeID, as texts take them."""
    return {"number": str(number), "topic": "vneid", "hamlet": "xom Coc Phia", **more}


def ask(phone: Phone, topic: str = "VNEID", hamlet: str = HAMLET) -> int:
    """Ask for help by SMS and return the number of the request."""
    phone.text(f"GIUP {hamlet} {topic}")
    return int(phone.world.one("SELECT number FROM help_requests ORDER BY id DESC LIMIT 1").number)


def request(world: World, number: int) -> Any:
    return world.one(
        "SELECT * FROM help_requests WHERE number = :n ORDER BY id DESC LIMIT 1", n=number
    )


def events(world: World, number: int) -> list[str]:
    rows = world.rows(
        """
        SELECT e.event FROM request_events e JOIN help_requests r ON r.id = e.request_id
        WHERE r.number = :n ORDER BY e.id
        """,
        n=number,
    )
    return [row.event for row in rows]


def alarms(world: World) -> set[str]:
    return {row.name for row in world.rows("SELECT name FROM alarms WHERE closed_at IS NULL")}


def forget_answers(world: World) -> None:
    """Let an hour pass for the budget of answers, so that a test may text a lot."""
    world.do("UPDATE messages_out SET created_at = created_at - interval '2 days'")
