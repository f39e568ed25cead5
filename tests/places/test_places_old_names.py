"""The names of before July 2025: each leads to one commune of today, and what misleads is asked."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from service.text.fold import fold
from tests.places.kit import handles, lines, loaded, search
from tests.village import World

DATA = Path(__file__).resolve().parents[2] / "data"
FORMER_DISTRICTS = (
    *("Bảo Lâm", "Bảo Lạc", "Hà Quảng", "Trùng Khánh", "Hạ Lang", "Hòa An"),
    *("Nguyên Bình", "Thạch An", "Thông Nông", "Trà Lĩnh", "Phục Hòa", "Quảng Uyên"),
)
MISLEADING = {
    "Hưng Đạo": {"01351", "01273", "01774"},
    "Phan Thanh": {"01768", "01336"},
    "Đức Long": {"01822", "01660"},
    "Quang Trung": {"01465", "01699"},
    "Ngọc Động": {"01387", "01618"},
    "Vĩnh Quang": {"01279", "01294"},
}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def communes(world: World, typed: str) -> set[str]:
    """Return the codes of the communes a search leads to."""
    return {h.removeprefix("xa:") for h in handles(world, typed) if h.startswith("xa:")}


def typed_without_title(name: str) -> str:
    for title in ("Phường ", "Xã ", "Thị trấn "):
        name = name.removeprefix(title)
    return fold(name.lower()).text


def test_every_old_commune_leads_to_one_commune_when_its_district_is_said(
    session_world: World,
) -> None:
    old = rows("old_to_new.csv")
    assert len(old) == 161
    for row in old:
        for name in (row["old_name"], typed_without_title(row["old_name"])):
            said = f"{name} {row['old_district']}"
            found = search(session_world, said)
            exact = {s.handle for s in found.sightings if s.exact}
            assert exact == {f"xa:{row['new_code']}"}, said
            short = said.replace("Thành phố", "TP").replace("Huyện ", "")
            assert row["new_code"] in communes(session_world, short), short


def test_every_old_commune_is_among_what_its_bare_name_finds(session_world: World) -> None:
    for row in rows("old_to_new.csv"):
        for name in (row["old_name"], typed_without_title(row["old_name"])):
            assert row["new_code"] in communes(session_world, name), name


def test_every_commune_is_found_by_its_name(session_world: World) -> None:
    today = rows("communes.csv")
    assert len(today) == 56
    for row in today:
        for name in (row["name"], typed_without_title(row["name"])):
            assert row["code"] in communes(session_world, name), name
            assert row["code"] in communes(session_world, f"{name} {row['main_old_district']}"), (
                name
            )


@pytest.mark.parametrize("name", MISLEADING)
def test_a_name_that_misleads_has_all_its_meanings(session_world: World, name: str) -> None:
    assert communes(session_world, name) == MISLEADING[name]
    assert len(lines(session_world, name)) == len(set(lines(session_world, name)))


def test_each_meaning_says_which_it_is(session_world: World) -> None:
    assert lines(session_world, "hung dao") == [
        "xa moi, vung Bao Lac",
        "cu: Nguyen Binh, nay Tam Kim",
        "cu TP Cao Bang: Thuc Phan",
    ]
    assert lines(session_world, "hung dao bao lac") == ["xa moi, vung Bao Lac"]
    assert lines(session_world, "hung dao nguyen binh") == ["cu: Nguyen Binh, nay Tam Kim"]
    assert lines(session_world, "hung dao cao bang") == ["cu TP Cao Bang: Thuc Phan"]


def test_duc_long_of_hoa_an_is_nam_tuan(session_world: World) -> None:
    assert handles(session_world, "Duc Long Hoa An") == ["xa:01660"]


@pytest.mark.parametrize("name", FORMER_DISTRICTS)
def test_a_commune_called_like_a_former_district_is_asked_for(
    session_world: World, name: str
) -> None:
    found = handles(session_world, name)
    assert len([h for h in found if h.startswith("xa:")]) >= 1
    assert f"huyen:04/Huyện {name}" in found


def test_the_places_of_a_former_district_are_all_offered(session_world: World) -> None:
    caller = session_world.phone("+84900000090")
    caller.dial()
    caller.keys("1", "huyen hoa an")
    offered = [line.split(" ", 1)[1] for line in caller.screen.split("\n")[1:-1]]
    assert offered == [
        *("Hoa An", "Nam Tuan", "Nguyen Hue", "Bach Dang"),
        *("Thuc Phan", "Tan Giang", "Minh Tam", "Kim Dong"),
    ]


def test_a_hamlet_is_found_by_the_old_commune_it_lay_in(places: World) -> None:
    loaded(places, ",Xóm,Nà Rì,01660,,,", ",Xóm,Nà Rì,01822,,,")
    assert set(lines(places, "na ri duc long")) == {"Na Ri, Nam Tuan", "Na Ri, Duc Long"}
    assert lines(places, "na ri dan chu") == ["Na Ri, Nam Tuan"]
