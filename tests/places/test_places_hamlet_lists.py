"""Loading hamlets: all of a list or nothing, said beforehand, old names kept, nobody lost."""

from __future__ import annotations

import threading
import unicodedata

import pytest

from service.text.codes import hamlet_code
from service.village.area_tables import ListRefused
from tests.places.kit import HEAD, faults, handles, lines, load, load_bytes, loaded
from tests.village import NEIGHBOUR, World

DEMO = ("Cốc Phia", "Pàn Kèng", "Khuổi Khoang", "Đông Sằng", "Lũng Mẫu")


def hamlets(world: World) -> list[tuple[str, str]]:
    found = world.rows(
        "SELECT code, name FROM areas WHERE kind = 'hamlet' AND active ORDER BY code"
    )
    return [(row.code, row.name) for row in found]


def said(world: World, *rows: str, **options: bool) -> list[str]:
    return list(loaded(world, *rows, **options).said())


def everything(world: World) -> list[object]:
    found = [*world.rows("SELECT * FROM areas ORDER BY id")]
    return [*found, *world.rows("SELECT * FROM area_aliases ORDER BY id")]


def test_a_list_makes_hamlets_and_says_which(places: World) -> None:
    new = hamlet_code(77)
    told = said(
        places,
        f"{new},Xóm,Nà Mới,01660,,yes,Decision 1",
        ",Xóm,Nà Không Mã,01660,,no,",
        "00018,Xóm,Cốc Phia,01654,,,",
    )
    after = hamlet_code(78)
    assert told == [
        f"new       {new} Xóm Nà Mới, Xã Nam Tuấn",
        f"new       {after} Xóm Nà Không Mã, Xã Nam Tuấn",
        "gone      00026 Xóm Pàn Kèng, Xã Hòa An",
        "gone      00034 Xóm Khuổi Khoang, Xã Hòa An",
        "gone      00042 Xóm Đông Sằng, Xã Hòa An",
        "gone      00059 Xóm Lũng Mẫu, Xã Hòa An",
        "2 new, 4 gone, 1 unchanged",
    ]
    made = places.one("SELECT * FROM areas WHERE code = :code", code=new)
    assert (made.title, made.name, made.name_key) == ("Xóm", "Nà Mới", "na moi")
    assert (made.has_coverage, made.source) == (True, "Decision 1")
    other = places.one("SELECT * FROM areas WHERE code = :code", code=after)
    assert (other.has_coverage, other.source) == (False, "a list")
    assert handles(places, "na khong ma") == [after]
    assert len(hamlets(places)) == 7, "what is gone from a list stays until it is retired"


def test_a_sequence_number_is_as_good_as_a_code(places: World) -> None:
    head = "sequence,title,name,commune_code"
    plan = load(places, "0077,Xóm,Nà Mới,01660", "78,Xóm,Nà Tới,01660", head=head)
    assert [change.code for change in plan.changes] == [hamlet_code(77), hamlet_code(78)]


def test_the_same_list_again_changes_nothing(places: World) -> None:
    rows = [",Xóm,Nà Mới,01660,Nà Cũ (15/01/2026),yes,", ",Tổ dân phố,3,01273,,,"]
    loaded(places, *rows)
    before = everything(places)
    assert said(places, *rows) == ["2 unchanged"]
    assert everything(places) == before


def test_a_dry_run_says_the_same_and_does_nothing(places: World) -> None:
    rows = ["00018,Xóm,Cốc Phia Mới,01654,,,", ",Xóm,Nà Mới,01660,,,"]
    before = everything(places)
    told = said(places, *rows, dry_run=True, retire=True)
    assert everything(places) == before
    assert said(places, *rows, retire=True) == told
    assert everything(places) != before


def test_a_renamed_hamlet_keeps_its_old_name_with_day_and_source(places: World) -> None:
    told = said(places, "00018,Xóm,Nà Mới,01654,,,Decision 17")
    assert told[0] == "renamed   00018 Xóm Nà Mới, Xã Hòa An (was Xóm Cốc Phia)"
    alias = places.one("SELECT * FROM area_aliases WHERE name = 'Cốc Phia'")
    today = places.one("SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day").day
    assert (alias.kind, alias.until, alias.source) == ("old_name", today, "Decision 17")
    assert lines(places, "coc phia") == ["Coc Phia nay Na Moi, Hoa An"]
    assert lines(places, "na moi") == ["Na Moi, Hoa An"]
    (mai,) = places.rows(
        "SELECT a.name FROM people p JOIN areas a ON a.id = p.area_id WHERE p.name = 'Mai Thử'"
    )
    assert mai.name == "Nà Mới"


def test_without_a_code_the_former_name_says_which_hamlet_is_meant(places: World) -> None:
    told = said(places, ",Xóm,Nà Mới,01654,Cốc Phia (15/01/2026) | Bản Xưa,,")
    assert told[0].startswith("renamed   00018")
    day = places.one("SELECT until FROM area_aliases WHERE name = 'Cốc Phia'").until
    assert str(day) == "2026-01-15", "what the list says, not the day it was loaded"
    assert handles(places, "ban xua")[0].startswith("00018")


def test_former_names_in_a_list_are_kept_with_their_days(places: World) -> None:
    loaded(places, "00018,Xóm,Cốc Phia,01654,Nà Xưa (15/01/2026) | Nà Cổ (2019-03-01) | Nà Gì,,")
    found = places.rows("SELECT name, until FROM area_aliases WHERE kind = 'old_name' ORDER BY id")
    assert [(row.name, str(row.until)) for row in found] == [
        ("Nà Xưa", "2026-01-15"),
        ("Nà Cổ", "2019-03-01"),
        ("Nà Gì", "None"),
    ]


def test_two_hamlets_may_change_names(places: World) -> None:
    loaded(places, "00018,Xóm,Pàn Kèng,01654,,,", "00026,Xóm,Cốc Phia,01654,,,")
    assert hamlets(places)[:2] == [("00018", "Pàn Kèng"), ("00026", "Cốc Phia")]
    assert lines(places, "coc phia") == ["Coc Phia, Hoa An", "Pan Keng, Hoa An"]


def test_retiring_makes_inactive_and_leaves_people_and_requests(places: World) -> None:
    caller = places.phone(NEIGHBOUR)
    caller.dial()
    caller.keys("1", "1", "1")
    rows = [f",Xóm,{name},01654,,," for name in DEMO[1:]]
    assert "retired   00018 Xóm Cốc Phia, Xã Hòa An" in said(places, *rows, retire=True)
    assert "00018" not in dict(hamlets(places))
    assert places.one("SELECT count(*) AS n FROM areas WHERE code = '00018'").n == 1
    kept = places.one("SELECT a.code FROM help_requests r JOIN areas a ON a.id = r.area_id")
    assert kept.code == "00018"
    assert "Nhap ma xom" in caller.dial(), "who lived there is asked where"
    again = said(places, ",Xóm,Cốc Phia,01654,,,")
    assert again[0] == "changed   00018 Xóm Cốc Phia, Xã Hòa An", "it comes back under its code"
    assert dict(hamlets(places))["00018"] == "Cốc Phia"


def test_a_retired_namesake_is_not_mistaken_for_the_hamlet(places: World) -> None:
    loaded(places, f"{hamlet_code(70)},Xóm,Nà Đôi,01660,,,")
    loaded(places, f"{hamlet_code(71)},Xóm,Nà Đôi,01660,,,", retire=True)
    assert said(places, ",Xóm,Nà Đôi,01660,,,") == ["1 unchanged"]
    assert handles(places, "na doi") == [hamlet_code(71)]


def test_other_communes_are_not_looked_at(places: World) -> None:
    assert said(places, ",Xóm,Nà Mới,01660,,,", retire=True)[-1] == "1 new"
    assert len(hamlets(places)) == 6


def test_a_number_is_never_given_twice(places: World) -> None:
    loaded(places, ",Xóm,Nà Một,01660,,,")
    loaded(places, ",Xóm,Nà Hai,01660,,,", retire=True)
    codes = [code for code, _ in hamlets(places)]
    assert hamlet_code(6) not in codes
    assert hamlet_code(7) in codes


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace(",", ";").encode(),
        lambda text: unicodedata.normalize("NFD", text).encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: (text + "\n\n;;\n").replace(",", ";").encode("utf-8-sig"),
        lambda text: text.upper().replace("XÓM,NÀ MỚI", "xóm, Nà  Mới ").encode(),
    ],
    ids=["mark", "semicolons", "decomposed", "crlf", "blank rows", "capitals and spaces"],
)
def test_what_spreadsheets_write_is_taken(places: World, encode) -> None:
    text = f"{HEAD}\n,Xóm,Nà Mới,01660,,,"
    plan = load_bytes(places, encode(text))
    assert faults(plan) == []
    assert ("Nà Mới") in dict(hamlets(places)).values()


def test_a_title_written_with_the_name_is_not_said_twice(places: World) -> None:
    loaded(places, ",Xóm,Xóm Mới,01660,Xóm Cũ,,", ",Xóm,Bản Giốc,01501,,,")
    names = [name for _, name in hamlets(places)]
    assert names[-2:] == ["Mới", "Bản Giốc"]
    assert handles(places, "cu")[0].startswith(hamlet_code(6))


FAULTY = {
    ",Xóm,Nà A,09999,,,": "row 2, commune_code: there is no commune 09999",
    ",Xóm,Nà A,1654,,,": "row 2, commune_code: '1654' is not five digits; a spreadsheet may have"
    " dropped zeros in front",
    ",Xóm,Nà A,,,,": "row 2, commune_code: is missing",
    "00019,Xóm,Nà A,01654,,,": "row 2, code: '00019' has a wrong check digit",
    "18,Xóm,Nà A,01654,,,": "row 2, code: '18' is not five digits",
    ",Xóm,,01654,,,": "row 2, name: is missing",
    ",Xóm,--,01654,,,": "row 2, name: begins with '-'; a spreadsheet would run it",
    ",Xóm,.?,01654,,,": "row 2, name: has no letter",
    ",,Nà A,01654,,,": "row 2, title: is missing",
    ",Nhóm,Nà A,01654,,,": "row 2, title: 'Nhóm' has no title we know (Xóm, Thôn, Bản, Làng, Ấp,"
    " Buôn, Bon, Khóm, Khu, Khu phố, Khu dân cư, Phố, Tổ, Tổ dân phố)",
    ",Xóm,Nà\x00A,01654,,,": "row 2, name: holds something that cannot be seen (U+0000)",
    ",Xóm,Nà\x07A,01654,,,": "row 2, name: holds something that cannot be seen (U+0007)",
    ",Xóm,Nà\u200bA,01654,,,": "row 2, name: holds something that cannot be seen (U+200B)",
    ',Xóm,"Nà\nA",01654,,,': "row 2, name: holds something that cannot be seen (U+000A)",
    f",Xóm,{'Nà' * 31},01654,,,": "row 2, name: has 62 letters; at most 60 are taken",
    ",Xóm,Nà 村,01654,,,": "row 2, name: 村 cannot be shown on a keypad phone",
    ",Xóm,=1+1,01654,,,": "row 2, name: begins with '='; a spreadsheet would run it",
    ",Xóm,Nà A,01654,,,@SUM(A1)": "row 2, source: begins with '@'; a spreadsheet would run it",
    ",Xóm,Nà A,01654,,maybe,": "row 2, coverage: should be yes, no or empty",
    ",Xóm,Nà A,01654,Nà B (gần đây),,": "row 2, former_names: 'Nà B (gần đây)' is not like"
    " Nà Cũ (15/01/2026) | Nà Xưa",
    ",Xóm,Nà A,01654,Nà B (31/02/2026),,": "row 2, former_names: 'Nà B (31/02/2026)' is not like"
    " Nà Cũ (15/01/2026) | Nà Xưa",
    ",Xóm,Nà A,01654,,,,,more": "row 2, row: has 9 cells, the head names 7",
}


@pytest.mark.parametrize("row", FAULTY, ids=range(len(FAULTY)))
def test_a_fault_is_named_by_row_and_field_and_nothing_is_loaded(
    same_places: World, row: str
) -> None:
    before = everything(same_places)
    plan = load(same_places, row, ",Xóm,Nà Tốt,01654,,,", retire=True)
    assert faults(plan) == [FAULTY[row]]
    assert everything(same_places) == before


def test_all_faults_are_named_at_once(places: World) -> None:
    before = everything(places)
    plan = load(
        places,
        "00018,Xóm,Nà A,01654,,,",
        "00018,Xóm,Nà B,01654,,,",
        ",Xóm,nà c,01660,,,",
        ",Xóm,Nà C,01660,,,",
        ",Xóm,Nà D,09999,,no way,",
        ",,,,,,",
        "00059,Xóm,Pàn Kèng,01654,,,",
    )
    assert faults(plan) == [
        "row 3, code: 00018 stands in row 2 too",
        "row 5, name: xóm nà c in 01660 stands in row 4 too",
        "row 6, coverage: should be yes, no or empty",
        "row 6, commune_code: there is no commune 09999",
        "row 8, name: Xóm Pàn Kèng has the code 00026 there",
    ]
    assert everything(places) == before


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "row 1, file: is empty"),
        ("title,name,commune_code\nXóm,Nà".encode("utf-16"), "row 1, file: is not UTF-8; save it as CSV UTF-8"),
        (b"title,name\n", "row 1, commune_code: is missing"),
        (b"title,name,commune_code,nmae\n", "row 1, nmae: is no column; there are title, name, commune_code, code, sequence, former_names, coverage, source"),
        (b"title,name,commune_code,name\n", "row 1, name: stands there twice"),
        (b'title,name,commune_code\n"X" m,a,b\n', "row 2, file: is no CSV: ',' expected after '\"'"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(same_places: World, data: bytes, reason: str) -> None:
    with pytest.raises(ListRefused) as refused:
        load_bytes(same_places, data)
    assert str(refused.value) == reason


def test_more_hamlets_than_there_are_numbers_are_refused(places: World) -> None:
    loaded(places, f"{hamlet_code(9998)},Xóm,Nà Cuối,01660,,,")
    plan = load(places, ",Xóm,Nà A,01321,,,", ",Xóm,Nà B,01321,,,")
    assert faults(plan) == ["row 3, code: all 9999 numbers are given"]
    assert "Nà A" not in dict(hamlets(places)).values()


def test_two_who_load_at_once_give_no_number_twice(places: World) -> None:
    start = threading.Barrier(2)

    def one(commune: str) -> None:
        start.wait()
        loaded(places, *(f",Xóm,Nà {number},{commune},,," for number in range(10, 40)))

    both = [threading.Thread(target=one, args=(commune,)) for commune in ("01660", "01321")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(hamlets(places)) == 5 + 60
