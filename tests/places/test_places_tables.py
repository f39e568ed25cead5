"""Lists of places that are none: what they cost to refuse is bounded, whatever they hold."""

from __future__ import annotations

import pytest

from service.village.area_rows import read_hamlets
from service.village.area_tables import (
    LONGEST_CELL,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    ListRefused,
)

HEAD = "title,name,commune_code,former_names\n"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("x" * (MOST_BYTES + 1), "row 1, file: is too big for such a list; at most 20 MB are taken"),
        (HEAD + "x,\n" * MOST_ROWS, f"row {MOST_ROWS + 1}, file: has more than {MOST_ROWS} rows"),
        (
            ",".join(map(str, range(400_000))),
            f"row 1, row: has 400000 cells; at most {MOST_COLUMNS} are taken",
        ),
        (
            f"{HEAD}Xóm,Nà Mới,01660,{'a(|' * 1000}\n",
            f"row 2, row: has a cell of 3000 letters; at most {LONGEST_CELL} are taken",
        ),
    ],
    ids=["bytes", "rows", "columns", "cell"],
)  # fmt: skip
def test_a_list_of_more_than_any_list_has_is_refused_with_one_fault(
    written: str, told: str
) -> None:
    with pytest.raises(ListRefused) as refused:
        read_hamlets(written.encode())
    assert [str(fault) for fault in refused.value.faults] == [told]


def test_a_cell_of_many_faulty_names_is_one_fault() -> None:
    _, faults = read_hamlets(f"{HEAD}Xóm,Nà Mới,01660,{'a(|' * 500}\n".encode())
    assert [str(fault) for fault in faults] == [
        "row 2, former_names: 'a(' is not like Nà Cũ (15/01/2026) | Nà Xưa"
    ]
