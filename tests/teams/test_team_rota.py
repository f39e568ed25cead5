"""Loading a rota: days as people write them, no day taken from anybody by accident, nothing past."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from service.village.rota_days import NoDays, days_of
from tests.teams.kit import COC_PHIA, duties, everything, faults
from tests.village import DEPUTY, LEADER, NEIGHBOUR, TimedWorld
from tests.village_work.words import ask

TODAY = date(2026, 12, 1)
"""A Tuesday."""


def days(world: TimedWorld) -> list[tuple[str, str]]:
    rows = world.rows("SELECT d.day, h.name FROM duties d JOIN people h ON h.id = d.person_id "
                      "ORDER BY d.day")  # fmt: skip
    return [(f"{row.day:%d/%m}", row.name) for row in rows]


def test_a_rota_is_loaded_and_who_has_the_day_is_asked_first(timed: TimedWorld) -> None:
    rota = duties(
        timed,
        f"{COC_PHIA},01/12/2026,0900000003,",
        f"{COC_PHIA},2026-12-02 - 2026-12-04,0900000002,",
    )
    assert rota.faults == []
    assert list(rota.said()) == [
        f"new    01/12/2026 {COC_PHIA}: Lý Thị Ví Dụ (+8490*****03)",
        f"new    02/12/2026 {COC_PHIA}: Hoàng Văn Mẫu (+8490*****02)",
        f"new    03/12/2026 {COC_PHIA}: Hoàng Văn Mẫu (+8490*****02)",
        f"new    04/12/2026 {COC_PHIA}: Hoàng Văn Mẫu (+8490*****02)",
        "days: 4 new",
    ]
    ask(timed.phone(NEIGHBOUR))
    assert len(timed.phone(DEPUTY).inbox()) == 1
    assert timed.phone(LEADER).inbox() == []


def test_the_same_rota_again_changes_nothing(timed: TimedWorld) -> None:
    rows = (f"{COC_PHIA},T2 T4 T6,0900000002,", f"{COC_PHIA},t3 t5 t7 CN,0900000003,")
    assert list(duties(timed, *rows).said())[-1] == "days: 56 new"
    before = everything(timed)
    assert list(duties(timed, *rows).said()) == ["days: 56 unchanged"]
    assert everything(timed) == before
    assert days(timed)[:2] == [("01/12", "Lý Thị Ví Dụ"), ("02/12", "Hoàng Văn Mẫu")]


def test_a_dry_run_does_nothing(timed: TimedWorld) -> None:
    rota = duties(timed, f"{COC_PHIA},01/12/2026,0900000003,", dry_run=True)
    assert list(rota.said())[-1] == "days: 1 new"
    assert days(timed) == []


def test_a_day_goes_to_another_only_when_that_is_wished(timed: TimedWorld) -> None:
    duties(timed, f"{COC_PHIA},01/12/2026 - 03/12/2026,0900000003,")
    timed.do("UPDATE duties SET reminded_at = clock_timestamp()")
    timed.do("INSERT INTO duty_swaps (team_id, day, giver_id, expires_at) SELECT team_id, day, "
             "person_id, clock_timestamp() + interval '1 day' FROM duties "
             "WHERE day = '2026-12-02'")  # fmt: skip
    row = f"{COC_PHIA},02/12/2026 - 04/12/2026,0900000002,"
    before = everything(timed)
    assert faults(duties(timed, row)) == [
        "row 2, days: 02/12/2026 is Lý Thị Ví Dụ's; --replace gives it to another"
    ]
    assert everything(timed) == before
    assert list(duties(timed, row, replace=True).said()) == [
        f"new    04/12/2026 {COC_PHIA}: Hoàng Văn Mẫu (+8490*****02)",
        f"given  02/12/2026 {COC_PHIA}: Hoàng Văn Mẫu (+8490*****02) (was Lý Thị Ví Dụ)",
        f"given  03/12/2026 {COC_PHIA}: Hoàng Văn Mẫu (+8490*****02) (was Lý Thị Ví Dụ)",
        "days: 1 new, 2 given",
    ]
    reminded = timed.rows("SELECT FROM duties WHERE reminded_at IS NOT NULL")
    assert len(reminded) == 1, "who got a day is still to be reminded"
    assert timed.rows("SELECT FROM duty_swaps WHERE ended_at IS NULL") == []


def test_the_day_of_somebody_who_has_left_is_nobodys(timed: TimedWorld) -> None:
    duties(timed, f"{COC_PHIA},01/12/2026,0900000003,")
    timed.do("UPDATE memberships SET until = clock_timestamp() WHERE role = 'deputy'")
    assert duties(timed, f"{COC_PHIA},01/12/2026,0900000002,").faults == []
    assert days(timed) == [("01/12", "Hoàng Văn Mẫu")]


def test_who_is_away_on_the_day_is_noted(timed: TimedWorld) -> None:
    timed.do("INSERT INTO absences (person_id, from_at, until_at) SELECT id, '2026-12-02 00:00+07', "
             "'2026-12-04 00:00+07' FROM people WHERE name = 'Lý Thị Ví Dụ'")  # fmt: skip
    rota = duties(timed, f"{COC_PHIA},01/12/2026 - 04/12/2026,0900000003,")
    assert [str(note) for note in rota.notes] == [
        f"note   0{day}/12/2026 {COC_PHIA}: Lý Thị Ví Dụ (+8490*****03) is away on that day"
        for day in (2, 3)
    ]


def test_of_two_who_share_a_phone_the_name_says_who(timed: TimedWorld) -> None:
    timed.do("INSERT INTO people (name, phone_id) SELECT 'Lý Văn Chung', id FROM phones "
             "WHERE msisdn = :n", n=DEPUTY)  # fmt: skip
    timed.do("INSERT INTO memberships (team_id, person_id, role) SELECT t.id, h.id, 'helper' "
             "FROM teams t, people h WHERE t.level = 'hamlet' AND h.name = 'Lý Văn Chung'")  # fmt: skip
    duties(timed, f"{COC_PHIA},01/12/2026,0900000003,ly van chung")
    assert days(timed) == [("01/12", "Lý Văn Chung")]


FAULTY = {
    (f"{COC_PHIA},30/11/2026,0900000003,",): ["row 2, days: 30/11/2026 is past"],
    (f"{COC_PHIA},30/11/2026 - 02/12/2026,0900000003,",): ["row 2, days: 30/11/2026 is past"],
    (f"{COC_PHIA},03/12/2027,0900000003,",): [
        "row 2, days: 03/12/2027 is more than a year ahead"
    ],
    (f"{COC_PHIA},05/12/2026 - 03/12/2026,0900000003,",): [
        "row 2, days: 03/12/2026 is before 05/12/2026"
    ],
    (f"{COC_PHIA},29/02/2027,0900000003,",): ["row 2, days: there is no day 29/02/2027"],
    (f"{COC_PHIA},tomorrow,0900000003,",): [
        "row 2, days: 'tomorrow' is no day; write 01/12/2026, 01/12/2026 - 07/12/2026 or T2 T5"
    ],
    (f"{COC_PHIA},T2 02/12/2026 - 03/12/2026,0900000003,",): [
        "row 2, days: 'T2 02/12/2026 - 03/12/2026': no such day of the week lies between"
    ],
    (f"{COC_PHIA},,0900000003,",): ["row 2, days: is missing"],
    ("Tổ Nào,01/12/2026,0900000003,",): ["row 2, team: there is no such team"],
    (",01/12/2026,0900000003,",): ["row 2, team: is missing"],
    (f"{COC_PHIA},01/12/2026,0900000007,",): ["row 2, phone: is nobody's in this team"],
    (f"{COC_PHIA},01/12/2026,12,",): ["row 2, phone: This phone number has too few digits."],
    (f"{COC_PHIA},01/12/2026 - 03/12/2026,0900000003,", f"{COC_PHIA},03/12/2026,0900000002,"): [
        "row 3, days: 03/12/2026 is Lý Thị Ví Dụ's by row 2"
    ],
}  # fmt: skip


@pytest.mark.parametrize("rows", FAULTY, ids=range(len(FAULTY)))
def test_a_fault_is_named_by_row_and_field_and_nothing_is_loaded(
    timed: TimedWorld, rows: tuple[str, ...]
) -> None:
    assert faults(duties(timed, *rows, f"{COC_PHIA},10/12/2026,0900000003,")) == FAULTY[rows]
    assert days(timed) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("01/12/2026", [1]),
        ("1.12.2026", [1]),
        ("2026-12-01; 03/12/2026", [1, 3]),
        ("2026-12-01 - 2026-12-03", [1, 2, 3]),
        ("01/12/2026 đến 03/12/2026", [1, 2, 3]),
        ("01/12/2026 – 02/12/2026", [1, 2]),
        ("T2 T5 01/12/2026 - 14/12/2026", [3, 7, 10, 14]),
        ("thứ 2, CN 01/12/2026 - 07/12/2026", [6, 7]),
        ("Mon and Sunday 01/12/2026 - 07/12/2026", [6, 7]),
        ("chủ nhật 01/12/2026-07/12/2026", [6]),
    ],
)
def test_days_are_read_as_people_write_them(written: str, meant: list[int]) -> None:
    assert days_of(written, TODAY) == [date(2026, 12, day) for day in meant]


def test_days_of_the_week_count_for_eight_weeks() -> None:
    mondays = days_of("T2", TODAY)
    assert len(mondays) == 8
    assert mondays[0] == date(2026, 12, 7)
    assert mondays[-1] < TODAY + timedelta(weeks=8)


def test_a_leap_day_and_the_end_of_a_year_are_days() -> None:
    assert days_of("28/02/2028 - 01/03/2028", date(2028, 1, 1))[1] == date(2028, 2, 29)
    assert days_of("31/12/2026 - 01/01/2027", TODAY)[-1] == date(2027, 1, 1)
    with pytest.raises(NoDays):
        days_of("28/02/2027 - 29/02/2027", TODAY)
