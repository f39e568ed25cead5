"""Another province beside Cao Bằng: nothing in the search knows which province it is in."""

from __future__ import annotations

import pytest

from service.village.area_changes import Plan
from service.village.area_rows import named_province
from service.village.area_tables import ListRefused
from service.village.commune_lists import load_communes, load_old_names
from service.village.gazetteer import load_places
from tests.conftest import DATA
from tests.places.kit import faults, handles, lines, loaded
from tests.village import Phone, World

PROVINCE = named_province("98", "Tỉnh Giả Định")
COMMUNES = """code,type,name,main_old_district
98001,Xã,Thử Một,Huyện Giả
98002,Xã,Hòa An,Huyện Thử
98003,Phường,Thử Ba,Thành phố Giả Định
"""
OLD_NAMES = """old_code,old_name,old_district,new_code,new_name,source
97001,Xã Hưng Đạo,Huyện Giả,98001,Xã Thử Một,Decision 9
97002,Thị trấn Xưa,Huyện Thử,98002,,
,Huyện Cổ,,98001,,
,Huyện Cổ,,98002,,
"""


def load(world: World, text: str, *, dry_run: bool = False, province=PROVINCE) -> Plan:
    with world.runtime.units.open() as unit:
        return load_communes(
            unit.session, text.encode(), province, source="a list", dry_run=dry_run
        )


def load_old(world: World, text: str, *, dry_run: bool = False) -> Plan:
    with world.runtime.units.open() as unit:
        return load_old_names(unit.session, text.encode(), source="a list", dry_run=dry_run)


@pytest.fixture
def two(places: World) -> World:
    assert load(places, COMMUNES).faults == []
    assert load_old(places, OLD_NAMES).faults == []
    loaded(places, ",Xóm,Cốc Phia,98002,,,", ",Xóm,Nà Riêng,98001,,,")
    return places


def test_a_province_is_loaded_and_said(places: World) -> None:
    plan = load(places, COMMUNES)
    assert list(plan.said()) == [
        "new       98001 Xã Thử Một",
        "new       98002 Xã Hòa An",
        "new       98003 Phường Thử Ba",
        "3 new",
    ]
    assert list(load(places, COMMUNES).said()) == ["3 unchanged"]
    old = load_old(places, OLD_NAMES)
    assert next(old.said()) == "new       97001 Xã Hưng Đạo, Huyện Giả: Xã Thử Một"
    assert list(load_old(places, OLD_NAMES).said()) == ["4 unchanged"]


def test_names_of_both_are_found_and_told_apart(two: World) -> None:
    assert lines(two, "hoa an") == [
        "xa moi, vung Hoa An",
        "xa moi, vung Thu",
        "ca huyen Hoa An cu",
    ]
    assert handles(two, "hoa an gia dinh") == ["xa:98002"]
    assert handles(two, "hung dao huyen gia") == ["xa:98001"]
    assert "cu: Gia, nay Thu Mot" in lines(two, "hung dao")
    assert handles(two, "coc phia gia dinh") == handles(two, "coc phia thi tran xua")
    assert len(handles(two, "coc phia")) == 2
    assert handles(two, "huyen co") == ["huyen:98/Huyện Cổ"]
    assert handles(two, "na rieng cao bang") == []


def test_the_picker_begins_with_the_province(two: World) -> None:
    caller = two.phone("+84900000090")
    caller.dial()
    assert "Cao Bang\n2 Gia Dinh" in caller.keys("1", "1")
    assert "1 Gia\n2 Thu\n3 TP Gia Dinh" in caller.key("2")
    assert "1 Hoa An" in caller.key("2")
    assert "1 Coc Phia" in caller.key("1")


def test_districts_communes_and_hamlets_go_on_on_further_pages(places: World) -> None:
    communes = [f"98{n:03},Xã,Thử {n},Huyện {'Lớn' if n else 'Bé'}" for n in range(30)]
    assert load(places, "\n".join(["code,type,name,main_old_district", *communes])).faults == []
    loaded(places, *(f",Xóm,Nà {n},98029,,," for n in range(45)))
    caller = places.phone("+84900000090")
    caller.dial()
    assert "2 Lon" in caller.keys("1", "1", "2")
    seen = leafed(caller.key("2"), caller)
    assert seen == [f"{n} Thu {n}" for n in range(1, 30)]
    seen = leafed(caller.key("29"), caller)
    assert seen == [f"{n + 1} Na {n}" for n in range(45)]
    assert "O xom Na 44, xa Thu 29." in caller.key("45")


def leafed(screen: str, caller: Phone) -> list[str]:
    """Return the lines of a list on all its pages."""
    lines = []
    while True:
        lines += [line for line in screen.split("\n")[1:] if not line.startswith(("0 ", "99 "))]
        if "\n99 " not in screen:
            return lines
        screen = caller.key("99")


def test_communes_of_no_known_district_are_reached_too(places: World) -> None:
    assert load(places, "code,type,name\n98001,Xã,Thử Một\n98002,Xã,Thử Hai").faults == []
    caller = places.phone("+84900000090")
    caller.dial()
    assert caller.keys("1", "1", "2").split("\n")[1:] == ["1 Gia Dinh", "0 Quay lai"]
    assert caller.key("1").split("\n")[1:-1] == ["1 Thu Mot", "2 Thu Hai"]


def test_with_one_province_nobody_is_asked_for_it(places: World) -> None:
    caller = places.phone("+84900000090")
    caller.dial()
    assert "1 TP Cao Bang" in caller.keys("1", "1")


def test_a_renamed_commune_is_found_by_both_names(two: World) -> None:
    plan = load(two, COMMUNES.replace("Thử Một", "Tân Thử"))
    assert next(plan.said()) == "renamed   98001 Xã Tân Thử (was Xã Thử Một)"
    assert handles(two, "thu mot") == ["xa:98001"]
    assert lines(two, "thu mot") == ["ten cu, nay Tan Thu"]
    assert handles(two, "thu mot huyen gia") == ["xa:98001"]
    assert handles(two, "tan thu") == ["xa:98001"]


def test_a_commune_that_is_gone_is_reported_and_stays(two: World) -> None:
    rows = "\n".join(COMMUNES.splitlines()[:-1])
    assert "gone      98003 Phường Thử Ba" in list(load(two, rows).said())
    assert handles(two, "thu ba") == ["xa:98003"]


def test_the_shipped_places_are_not_touched(two: World) -> None:
    with two.runtime.units.open() as unit:
        assert load_places(unit.session, DATA) == (56, 161)
    assert handles(two, "thu ba") == ["xa:98003"]


def test_a_dry_run_loads_nothing(places: World) -> None:
    assert len(load(places, COMMUNES, dry_run=True).changes) == 3
    assert handles(places, "thu mot") == []
    assert load_old(places, OLD_NAMES, dry_run=True).faults[0].field == "new_code"


def test_faults_of_communes_are_named(places: World) -> None:
    plan = load(
        places,
        "code,type,name,main_old_district\n"
        "1654,Xã,A,\n"
        "01654,Xã,Hòa An,\n"
        "98001,Thôn,B,Quả Cam\n"
        "98002,Xã,C,\n"
        "98002,Xã,D,\n"
        "98003,Xã,C,\n",
    )
    titles = "Xã, Phường, Đặc khu, Thị trấn"
    assert faults(plan) == [
        "row 2, code: '1654' is not five digits; a spreadsheet may have dropped zeros in front",
        "row 3, code: 01654 lies in another province",
        f"row 4, type: 'Thôn' has no title we know ({titles})",
        "row 4, main_old_district: 'Quả Cam' has no title we know (Huyện, Quận, Thị xã, Thành phố)",
        "row 6, code: 98002 stands in row 5 too",
        "row 7, name: Xã C in Giả Định stands in row 5 too",
    ]
    assert handles(places, "xa c") == []


def test_faults_of_old_names_are_named(places: World) -> None:
    plan = load_old(
        places,
        "old_code,old_name,old_district,new_code,new_name\n"
        "1,Xã A,Huyện X,01654,Xã Hòa An\n"
        "97001,Không Gì,Huyện X,01654,\n"
        "97002,Xã B,Xã X,01654,Xã Nam Tuấn\n"
        "97003,Xã C,Huyện X,,\n"
        "97004,Xã D,Huyện X,09999,\n"
        "97005,Xã E,Huyện X,01654,\n"
        "97006,Xã E,Huyện X,01654,\n",
    )
    assert [str(fault).partition(" (")[0] for fault in plan.faults] == [
        "row 2, old_code: '1' is not five digits; a spreadsheet may have dropped zeros in front",
        "row 3, old_name: 'Không Gì' has no title we know",
        "row 4, old_district: 'Xã X' has no title we know",
        "row 4, new_name: 01654 is Xã Hòa An",
        "row 5, new_code: is missing",
        "row 6, new_code: there is no commune 09999",
        "row 8, old_name: Xã E in Huyện X for 01654 stands in row 7 too",
    ]


@pytest.mark.parametrize(
    ("code", "name"), [("4", "Tỉnh Cao Bằng"), ("04", "Cao Bằng"), ("04", "Tỉnh 省")]
)
def test_a_province_needs_two_digits_and_a_title(code: str, name: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        named_province(code, name)


def test_shipped_lists_with_a_fault_are_refused(places: World, tmp_path) -> None:
    for path in DATA.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes().replace("Xã Nam Tuấn".encode(), b"=1"))
    with places.runtime.units.open() as unit, pytest.raises(ListRefused, match="would run it"):
        load_places(unit.session, tmp_path)
