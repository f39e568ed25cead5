"""Where a villager lives and who answers for it: the nearest team there is, and never nobody."""

from __future__ import annotations

from service.records.areas import AreaKind
from service.text.codes import hamlet_code
from service.village.area_keeping import commune_by_code, put_area
from tests.village import (
    COMMUNE_DUTY,
    FAR_AWAY,
    HAMLET,
    LEADER,
    NEIGHBOUR,
    PROVINCE_DUTY,
    VILLAGER,
    World,
)
from tests.village_work.words import alarms, ask, request, say, values


def put_hamlet(world: World, sequence: int, name: str, commune: str) -> None:
    with world.runtime.units.open() as unit:
        parent = commune_by_code(unit.session, commune).id
        put_area(
            unit.session, AreaKind.HAMLET, hamlet_code(sequence), "Xóm", name, parent_id=parent
        )


def test_without_a_team_of_its_own_a_hamlet_has_the_communes_then_the_provinces(
    world: World,
) -> None:
    villager = world.phone(FAR_AWAY)
    steps = [(COMMUNE_DUTY, "xã Hòa An"), (PROVINCE_DUTY, "tỉnh")]
    for n, (duty, _) in enumerate(steps):
        villager.dial()
        villager.keys("1", str(n + 1), "1")
        assert "To truc se goi" in villager.screen
        assert len(world.phone(duty).inbox()) == 1
        assert world.phone(LEADER).inbox() == []
        world.do("UPDATE teams SET active = false WHERE level = 'commune'")
    assert alarms(world) == set()


def test_a_team_nobody_of_which_can_be_reached_is_passed_over(world: World) -> None:
    world.do("UPDATE memberships SET until = clock_timestamp() WHERE role IN ('leader', 'deputy')")
    world.do("UPDATE people SET phone_id = NULL WHERE name = 'Triệu Văn Nháp'")
    villager = world.phone(NEIGHBOUR)
    ask(villager)
    assert len(world.phone(COMMUNE_DUTY).inbox()) == 1


def test_when_there_is_nobody_at_all_the_villager_is_not_told_that_somebody_calls(
    world: World,
) -> None:
    world.do("UPDATE teams SET active = false")
    villager = world.phone(NEIGHBOUR)
    villager.dial()
    villager.keys("1", "1", "1")
    number = world.one("SELECT number FROM help_requests WHERE state = 'open'").number
    assert "nobody_to_ask" in alarms(world)
    assert str(number) in villager.screen
    for said in (villager.screen, villager.inbox()[-1]):
        assert "se goi" not in said
        assert str(number) in said
    assert world.rows("SELECT FROM messages_out WHERE class = 'alert'") == []
    world.do("UPDATE people SET language = 'en'")
    (answer,) = villager.text("GIUP VSSID")
    assert "will call" not in answer


def test_a_commune_whose_code_passes_for_a_hamlets_is_not_taken_for_it(world: World) -> None:
    """01339, Xuân Trường: as a hamlet code it is number 133, which lies in another commune."""
    put_hamlet(world, 133, "Nà Giả", "01654")
    assert hamlet_code(133) == "01339"
    caller = world.phone(VILLAGER)
    caller.dial()
    caller.keys("2", "1")
    districts = world.rows(
        "SELECT DISTINCT district, min(code) AS c FROM areas WHERE kind = 'commune' GROUP BY district ORDER BY c"
    )
    place = next(n for n, row in enumerate(districts, 1) if "Bảo Lạc" in row.district)
    caller.key(str(place))
    line = next(line for line in caller.screen.split("\n") if "Xuan Truong" in line)
    caller.key(line.split()[0])
    caller.key("1")
    assert "Na Gia" not in caller.screen
    assert "xa Xuan Truong" in caller.screen
    caller.keys("1", "1", "1")
    assert not caller.open
    kept = world.one("SELECT a.name FROM help_requests r JOIN areas a ON a.id = r.area_id")
    assert kept.name == "Xuân Trường"


def test_who_lives_in_such_a_commune_asks_for_it(world: World) -> None:
    put_hamlet(world, 133, "Nà Giả", "01654")
    world.do("""
        UPDATE people SET area_id = (SELECT id FROM areas WHERE code = '01339' AND kind = 'commune')
        WHERE name = 'Mai Thử'
    """)
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.keys("1", "1")
    assert "Xuan Truong" in caller.screen
    caller.key("1")
    kept = world.one("SELECT a.name FROM help_requests r JOIN areas a ON a.id = r.area_id")
    assert kept.name == "Xuân Trường"


def test_a_communes_code_is_not_a_hamlet_code_by_text_either(world: World) -> None:
    (answer,) = world.phone(VILLAGER).text("GIUP 01339 VNEID")
    assert answer == say(world, "sms.hamlet_wrong")


def test_who_lived_in_a_hamlet_that_is_no_more_is_asked_and_not_turned_away(world: World) -> None:
    put_hamlet(world, 9, "Mới", "01654")
    world.do("UPDATE areas SET active = false WHERE code = :code", code=HAMLET)
    caller = world.phone(NEIGHBOUR)
    assert caller.dial() == say(world, "hamlet.code") + caller.screen.removeprefix(
        say(world, "hamlet.code")
    )
    caller.keys(hamlet_code(9), "1", "1", "1")
    assert not caller.open
    number = world.one("SELECT number FROM help_requests WHERE state = 'open'").number
    assert request(world, number).topic == "vneid"
    assert values(world, number)["number"] in caller.screen
