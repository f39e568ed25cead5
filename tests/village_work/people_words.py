"""What the tests of people share: a code as it came, a PIN chosen, an act prepared and proven."""

from __future__ import annotations

import re

from tests.village import Phone, World

PIN = "482957"
OTHER_PIN = "739164"


def code_in(message: str) -> str:
    return re.search(r"MA (\d{6})", message)[1]


def prove(phone: Phone, words: str) -> list[str]:
    """Send a text that touches others, send its code back, and return what came then."""
    asked = phone.text(words)
    assert len(asked) == 1, asked
    return phone.text(f"MA {code_in(asked[0])}")


def choose_pin(phone: Phone, pin: str = PIN) -> None:
    people_menu(phone)
    phone.keys("4", pin, pin)
    assert not phone.open, phone.screen


def people_menu(phone: Phone, hamlet: str = "1") -> str:
    """Dial to the people of a hamlet."""
    phone.dial()
    screen = phone.key("4")
    return phone.key(hamlet) if "Xom nao" in screen else screen


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def area_of(world: World, msisdn: str) -> str | None:
    return world.one(
        """SELECT a.name FROM phones f JOIN people h ON h.phone_id = f.id
           LEFT JOIN areas a ON a.id = h.area_id WHERE f.msisdn = :m""",
        m=msisdn,
    ).name


def audits(world: World) -> list[str]:
    return [row.action for row in world.rows("SELECT action FROM audit ORDER BY id")]
