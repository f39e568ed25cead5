"""Finding a hamlet by what people type: names in full and in part, places in them, slips."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text.gsm7 import septets
from service.text.slips import word_slips
from service.village.finding import MOST
from tests.places.kit import handles, lines, loaded, search
from tests.village import World


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "coc phia",
            "Cốc Phia",
            "COC PHIA",
            "cocphia",
            "coc  phia.",
            "xom coc phia",
            "Xóm Cốc Phia",
        ),
        *(
            "coc phia hoa an",
            "xom coc phia, xa hoa an",
            "coc phia huyen hoa an",
            "x coc phia hoa an",
        ),
        *("coc phia hoa", "coc phia nuoc hai", "coc phia cao bang", "coc phia tinh cao bang"),
        *(
            "coc ph",
            "phia",
            "coc",
            "coc pha",
            "coc phja",
            "cooc phia",
            "cocphja",
            "coc phia hoa am",
        ),
    ],
)
def test_a_hamlet_is_found_however_its_name_is_typed(same_places: World, typed: str) -> None:
    found = search(same_places, typed)
    assert "00018" in [sighting.handle for sighting in found.sightings]
    assert not found.more


def test_a_hamlet_of_another_place_is_not_found(same_places: World) -> None:
    assert handles(same_places, "coc phia nguyen binh") == []
    assert handles(same_places, "coc phia tp cao bang") == []


def test_names_in_full_come_before_beginnings_before_words_within(places: World) -> None:
    loaded(
        places,
        ",Xóm,Phia Đeng,01654,,,",
        ",Xóm,Phia,01660,,,",
        ",Xóm,Bản Phiat,01660,,,",
        ",Xóm,Phiac,01660,,,",
    )
    shown = lines(places, "phia")
    assert shown == [
        "Phia, Nam Tuan",
        "Phia Deng, Hoa An",
        "Phiac, Nam Tuan",
        "Ban Phiat, Nam Tuan",
        "Coc Phia, Hoa An",
    ]


def test_a_slip_is_thought_of_only_when_nothing_is_spelt_so(places: World) -> None:
    loaded(places, ",Xóm,Lũng Man,01654,,,", ",Xóm,Lũng Mau,01660,,,")
    assert lines(places, "lung mau") == ["Lung Mau, Hoa An", "Lung Mau, Nam Tuan"]
    assert "Lung Man, Hoa An" in lines(places, "lung maz")


def test_words_may_be_left_out_but_not_turned_round(places: World) -> None:
    loaded(places, ",Xóm,Nà Rằng Khuổi Tha,01654,,,")
    for typed in ("na khuoi", "rang tha", "na tha"):
        assert len(handles(places, typed)) == 1, typed
    assert handles(places, "khuoi rang") == []


def test_numbered_groups_are_found_by_title_number_and_ward(places: World) -> None:
    loaded(
        places,
        *(f",Tổ dân phố,{number},01273,,," for number in (1, 2, 10)),
        ",Xóm,1,01654,,,",
        ",Bản,Giốc,01501,,,",
    )
    assert lines(places, "to dan pho 10") == ["To dan pho 10, Thuc Phan"]
    assert lines(places, "tdp 2 p thuc phan") == ["To dan pho 2, Thuc Phan"]
    assert lines(places, "to 1 phuong thuc phan") == ["To dan pho 1, Thuc Phan"]
    assert lines(places, "xom 1 hoa an") == ["Xom 1, Hoa An", "To dan pho 1, Thuc Phan"], (
        "a part of the former district Hòa An lies in Thục Phán"
    )
    assert lines(places, "ban gioc") == ["Gioc, Dam Thuy"]


def test_a_title_says_how_large_a_place_is_meant(places: World) -> None:
    loaded(places, ",Xóm,Hòa An,01660,,,")
    assert lines(places, "hoa an") == [
        "xa moi, vung Hoa An",
        "ca huyen Hoa An cu",
        "Hoa An, Nam Tuan",
    ]
    assert handles(places, "xa hoa an") == ["xa:01654"]
    assert handles(places, "huyen hoa an") == ["huyen:04/Huyện Hòa An"]
    assert lines(places, "xom hoa an") == ["Hoa An, Nam Tuan"]


def test_hamlets_that_read_the_same_are_told_apart_by_their_codes(places: World) -> None:
    plan = loaded(places, ",Xóm,Lũng Mẩn,01660,,,", ",Xóm,Lũng Mần,01660,,,")
    codes = [change.code for change in plan.changes if change.what == "new"]
    assert lines(places, "lung man") == [f"{code} Lung Man, Nam Tuan" for code in codes]


def test_a_retired_hamlet_is_not_found(places: World) -> None:
    places.do("UPDATE areas SET active = false WHERE code = '00018'")
    assert handles(places, "coc phia") == []


def test_more_than_a_phone_can_show_asks_for_more_letters(places: World) -> None:
    rows = [f",Xóm,Khau {first}{second},01654,,," for first in "abcde" for second in "klmno"]
    loaded(places, *rows)
    found = search(places, "khau")
    assert (found.sightings, found.more) == ((), True)
    assert len(handles(places, "khau a")) == 5
    loaded(places, *rows, ",Xóm,Khau,01654,,,")
    found = search(places, "khau")
    assert [sighting.name for sighting in found.sightings] == ["Khau"], "what fits best is shown"
    assert found.more


def test_as_many_as_a_phone_can_show_are_shown_once_each(places: World) -> None:
    loaded(places, *(f",Xóm,Thôm {number:02},01654,,," for number in range(MOST)))
    found = search(places, "thom")
    assert len({sighting.handle for sighting in found.sightings}) == MOST
    assert not found.more


def test_every_line_fits_and_says_where_long_names_lie(places: World) -> None:
    loaded(
        places,
        ",Xóm,Khuổi Rất Xa Sau Đèo Cao Lắm,01339,Nà Rất Là Xa Xưa Lắm,,",
        ",Khu dân cư,Số Mười Hai Đường Lớn,01279,,,",
    )
    for typed in ("khuoi rat", "na rat", "so muoi", "xuan truong", "nung tri cao", "vinh quang"):
        for line in lines(places, typed):
            assert septets(line) <= 28, line
    assert lines(places, "khuoi rat") == ["Khuoi Rat Xa..., Xuan Tr..."]


@settings(max_examples=60)
@given(st.text(max_size=60) | st.from_regex(r"[a-z0-9'&|!():*<>\\ ]{1,40}", fullmatch=True))
def test_anything_may_be_searched_for(session_world: World, typed: str) -> None:
    found = search(session_world, typed)
    assert len(found.sightings) <= MOST


def test_any_slip_in_a_long_name_is_forgiven(places: World) -> None:
    loaded(places, ",Xóm,Phiêng Luông,01654,,,")
    (code,) = handles(places, "phieng luong")
    for number, typed in enumerate(word_slips("phiengluong")):
        if number % 23 == 0:
            assert code in handles(places, typed), typed
