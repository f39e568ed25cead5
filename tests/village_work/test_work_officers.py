"""The commune's and the province's people, who are entered without a hamlet of their own."""

from __future__ import annotations

import pytest

from tests.village import COMMUNE_DUTY, HAMLET, PROVINCE_DUTY, VILLAGER, World
from tests.village_work.words import ask, request


@pytest.mark.parametrize(("officer", "steps"), [(COMMUNE_DUTY, 3), (PROVINCE_DUTY, 4)])
def test_officers_without_a_hamlet_work_by_the_menu(world: World, officer: str, steps: int) -> None:
    number = ask(world.phone(VILLAGER))
    world.move_up(steps)
    phone = world.phone(officer)
    assert phone.dial().startswith("Viec cua to\n1 Viec moi")
    phone.keys("1", "1", "1")
    assert f"noi so viec {number}" in phone.screen
    assert request(world, number).state == "accepted"


def test_an_officer_may_ask_for_help_and_says_the_hamlet_then(world: World) -> None:
    officer = world.phone(COMMUNE_DUTY)
    officer.dial()
    assert "ma xom (5 so)" in officer.key("9")
    assert officer.keys(HAMLET, "1").startswith("Nho giup viec gi?")


def test_an_officer_s_call_for_rescue_names_the_numbers(world: World) -> None:
    officer = world.phone(COMMUNE_DUTY)
    officer.dial()
    assert "112" in officer.key("8")
