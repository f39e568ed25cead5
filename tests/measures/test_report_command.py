"""`caunoi report` as a coordinator runs it: tables, files, and a sentence for whatever is wrong."""

from __future__ import annotations

import csv
import io

import pytest

from tests.measures.kit import Reporting, at
from tests.village import DEPUTY, FAR_AWAY, LEADER, NEIGHBOUR, TimedWorld
from tests.village_work.words import ask


def a_little(timed: TimedWorld) -> None:
    """Two requests of one week: one solved at first try in an hour, one that nobody has taken."""
    ask(timed.phone(NEIGHBOUR))
    timed.let_pass(minutes=30)
    timed.phone(LEADER).text("NV 1")
    timed.let_pass(minutes=30)
    timed.phone(LEADER).text("XONG 1")
    timed.phone(NEIGHBOUR).text("1")
    ask(timed.phone(FAR_AWAY), "VSSID", "00059")
    timed.time.turn_to(at(7, 9, 10))
    timed.climb()


TABLES = """\
Requests filed in week 2026-W49, 30/11/2026 to 06/12/2026

What became of them
       hamlet                   asked  open  taken  done  closed  cancelled  oldest open
00018  Xóm Cốc Phia, Xã Hòa An      1     0      0     0       1          0            -
00059  Xóm Lũng Mẫu, Xã Hòa An      1     1      0     0       0          0     5 d 23 h
all                                 2     1      0     0       1          0     5 d 23 h

How quickly
       hamlet                   answered  half in  9/10 in  by word  half in  9/10 in  by silence  half in  9/10 in
00018  Xóm Cốc Phia, Xã Hòa An         1   30 min   30 min        1   1 h 00   1 h 00           0        -        -
00059  Xóm Lũng Mẫu, Xã Hòa An         0        -        -        0        -        -           0        -        -
all                                    1   30 min   30 min        1   1 h 00   1 h 00           0        -        -

How well
       hamlet                   first try  silent  reopened  climbed  desk  passed on
00018  Xóm Cốc Phia, Xã Hòa An          1       0         0        0     0          0
00059  Xóm Lũng Mẫu, Xã Hòa An          0       0         0        1     1          0
all                                     1       0         0        1     1          0

What each column means: caunoi report --explain

Not taken by anybody now, whenever filed, by who was told last
told last            open    oldest
the province's desk     1  5 d 23 h
all                     1  5 d 23 h
"""


def test_the_week_that_is_over_as_tables(timed: TimedWorld, report: Reporting) -> None:
    a_little(timed)
    assert report("--by", "hamlet") == (0, TABLES, "")


def test_the_same_as_json_and_as_a_file(timed: TimedWorld, report: Reporting) -> None:
    a_little(timed)
    made = report.json("--week", "2026-W49", "--by", "topic")
    assert (made["from"], made["to"], made["by"]) == ("2026-11-30", "2026-12-06", "topic")
    vneid = next(row for row in made["rows"] if row["code"] == "vneid")
    assert (vneid["name"], vneid["answer_median_minutes"]) == ("VNeID", 30)
    assert (made["total"]["asked"], made["total"]["solved_at_first_try"]) == (2, 1)
    assert sum(step["open"] for step in made["open_now"]) == 1
    file = report.folder / "week.csv"
    code, said, _ = report("--week", "2026-W49", "--by", "hamlet", "--csv", str(file))
    assert (code, said) == (0, f"{file}: 3 rows.\n")
    written = file.read_bytes()
    assert written.startswith(b"\xef\xbb\xbf"), "or a spreadsheet shows the marks as rubbish"
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))
    assert rows[0]["name"] == "Xóm Cốc Phia, Xã Hòa An"
    assert rows[-1]["code"] == "all"
    assert rows[-1]["asked"] == "2"
    assert rows[-1]["oldest_open_minutes"] != ""


def test_a_name_that_is_a_formula_stays_a_name(timed: TimedWorld, report: Reporting) -> None:
    a_little(timed)
    timed.do("UPDATE areas SET title = '', name = '=cmd|'' /C calc''!A0' WHERE code = '00018'")
    file = report.folder / "week.csv"
    report("--by", "hamlet", "--csv", str(file))
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert [row[1][:5] for row in rows if row[0] == "00018"] == ["'=cmd"]


def test_days_and_a_commune(timed: TimedWorld, report: Reporting) -> None:
    a_little(timed)
    assert report.json("--from", "1/12/2026")["total"]["asked"] == 2, "up to today"
    assert report.json("--from", "2026-12-02", "--to", "03/12/2026")["total"]["asked"] == 0
    here = report.json("--commune", "01654")
    assert (here["commune"], here["total"]["asked"]) == ("Xã Hòa An", 2)
    assert report.json("--commune", "01660")["total"]["asked"] == 0


def test_an_empty_week_says_so(timed: TimedWorld, report: Reporting) -> None:
    code, said, fault = report("--week", "2026-W40")
    assert (code, fault) == (0, "")
    assert said == (
        "Requests filed in week 2026-W40, 28/09/2026 to 04/10/2026\n\nNobody asked for help then.\n"
        "\nNobody waits for somebody to take their request now.\n"
    )
    assert report.json("--week", "2026-W40")["rows"] == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--week", "48"), "--week: '48' should look like 2026-W48."),
        (("--week", "2026-W54"), "--week: the year 2026 has no week 54."),
        (("--week", "0000-W01"), "--week: the year 0 has no week 1."),
        (("--from", "31/02/2026"), "--from, --to: there is no day 31/02/2026."),
        (("--from", "hom qua"), "--from, --to: 'hom qua' should look like 2026-11-23 or"),
        (("--from", "2026-12-02", "--to", "2026-12-01"), "02/12/2026 is after 01/12/2026."),
        (("--to", "2026-12-01"), "--to needs --from: the first day"),
        (("--week", "2026-W49", "--from", "2026-12-01"), "--week, or --from and --to, not both"),
        (("--commune", "99999"), "There is no commune 99999: `caunoi areas list`"),
        (("--commune", "'; --"), "There is no commune '; --"),
        (("--by", "leader"), "'leader' is not one of"),
        (("--silent", "--gaps"), "one of them"),
        (("--silent", "--week", "2026-W49"), "lists of today"),
        (("--json", "--csv", "x.csv"), "--csv or --json, not both"),
        (("--csv", "/nowhere/x.csv"), "/nowhere/x.csv cannot be written: No such file or directory"),
    ],
)  # fmt: skip
def test_what_is_wrong_gets_a_sentence(
    report: Reporting, words: tuple[str, ...], sentence: str
) -> None:
    code, said, fault = report(*words)
    assert code != 0
    assert said == ""
    assert sentence in fault
    assert "Traceback" not in fault


def test_every_column_is_explained(report: Reporting) -> None:
    code, said, _ = report("--explain")
    assert code == 0
    for heading in ("asked", "9/10 in", "by silence", "first try", "climbed", "passed on"):
        assert f"\n  {heading} " in said
    assert "nights and all" in said


def test_hamlets_not_heard_from_and_hamlets_with_nobody(
    timed: TimedWorld, report: Reporting
) -> None:
    timed.do("UPDATE areas SET created_at = clock_timestamp() - interval '1 year'")
    timed.do("UPDATE phones SET last_heard_at = clock_timestamp() - interval '40 days'"
             " WHERE msisdn = :m", m=FAR_AWAY)  # fmt: skip
    ask(timed.phone(NEIGHBOUR))
    code, said, _ = report("--silent")
    assert code == 0
    rows = [line.split("  ") for line in said.splitlines()]
    listed = {row[0]: row[-1].strip() for row in rows}
    assert listed["00026"] == "never"
    assert listed["00059"] == "22/10/2026"
    assert "00018" not in listed
    assert report.json("--silent", "--commune", "01660") == []
    for member in (LEADER, DEPUTY):
        timed.do("INSERT INTO absences (person_id, from_at, until_at)"
                 " SELECT holder_id, '2026-12-03 00:00+07', '2026-12-05 00:00+07'"
                 " FROM phones WHERE msisdn = :m", m=member)  # fmt: skip
    assert [row["code"] for row in report.json("--gaps")] == ["00059"], "a member is there"
    timed.do("UPDATE phones SET doubted_at = clock_timestamp() WHERE msisdn = '+84900000004'")
    gaps = report.json("--gaps")
    assert [row["code"] for row in gaps] == ["00018", "00026", "00034", "00042", "00059"]
    assert gaps[0]["nobody from"] == "00:00 03/12/2026"
    assert gaps[0]["until"] == "00:00 05/12/2026"
    assert gaps[-1]["nobody from"] == "has no team"
