"""`caunoi texts` as a clerk uses it: export, fill in, import, check, see how things stand.

Vietnamese words stand in for Tày: none of its own is invented.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
import yaml
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from service.cli import caunoi
from service.menus import FOLDER, read_menus

Run = Callable[..., Result]
Table = list[dict[str, str]]
NOTHING = "Faults: 0. Warnings: 0.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "menus"
    shutil.copytree(FOLDER, copy)
    return copy


@pytest.fixture
def run(folder: Path) -> Run:
    def runs(*words: object) -> Result:
        return CliRunner().invoke(caunoi, ["texts", "--menus", str(folder), *map(str, words)])

    return runs


@pytest.fixture(scope="module")
def to_fill(tmp_path_factory: pytest.TempPathFactory) -> Table:
    """The table of a language that has no words yet."""
    path = tmp_path_factory.mktemp("tables") / "tyz.csv"
    assert CliRunner().invoke(caunoi, ["texts", "export", "tyz", "-o", str(path)]).exit_code == 0
    return read_csv(path)


def read_csv(path: Path) -> Table:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def exported(run: Run, tmp_path: Path, code: str) -> Table:
    path = tmp_path / f"{code}.csv"
    assert run("export", code, "-o", path).exit_code == 0
    return read_csv(path)


def returned(tmp_path: Path, table: Table) -> Path:
    path = tmp_path / "back.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    return path


def filled(table: Table) -> Table:
    return [{**line, "translation": line["vietnamese"]} for line in table]


def snapshot(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*.yaml")
    }


def test_out_and_in_again_changes_nothing(run: Run, folder: Path, tmp_path: Path) -> None:
    before = snapshot(folder)
    for name in ("en.csv", "en.xlsx"):
        assert run("export", "en", "-o", tmp_path / name).exit_code == 0
        result = run("import", "en", tmp_path / name, "--write")
        assert result.exit_code == 0, result.output
        assert snapshot(folder) == before


def test_a_filled_table_becomes_a_language(
    run: Run, folder: Path, tmp_path: Path, to_fill: Table
) -> None:
    back = returned(tmp_path, filled(to_fill))
    result = run("import", "tyz", back, "--write")
    assert result.exit_code == 0, result.output
    assert "changed: texts/tyz.yaml\nchanged: sources/tyz.yaml\n" in result.output
    assert read_menus(folder).lacking["tyz"] == ("languages.yaml names no reviewer",)
    entry = yaml.safe_load((folder / "languages.yaml").read_text("utf-8"))
    entry["tyz"]["reviewer"] = "Nông Thị Thử"
    (folder / "languages.yaml").write_text(
        yaml.safe_dump(entry, allow_unicode=True, sort_keys=False)
    )
    assert read_menus(folder).texts.languages == ("vi", "en", "tyz")
    assert "tyz          Tày               " in (status := run("status").output)
    assert "fits, offered; reviewer Nông Thị Thử" in status


def test_words_with_marks_are_kept_twice_and_come_back_as_they_were_written(
    run: Run, folder: Path, tmp_path: Path, to_fill: Table
) -> None:
    table = filled(to_fill)
    by_key = {line["key"]: line for line in table}
    by_key["root.help"]["translation"] = "Nhờ giúp"
    assert run("import", "tyz", returned(tmp_path, table), "--write").exit_code == 0
    assert "root.help: Nho giup\n" in (folder / "texts" / "tyz.yaml").read_text("utf-8")
    assert "root.help: Nhờ giúp\n" in (folder / "accented" / "tyz.yaml").read_text("utf-8")
    again = {line["key"]: line["translation"] for line in exported(run, tmp_path, "tyz")}
    assert again["root.help"] == "Nhờ giúp"
    by_key["root.help"]["translation"] = "Nho"
    assert run("import", "tyz", returned(tmp_path, table), "--write").exit_code == 0
    assert not (folder / "accented" / "tyz.yaml").exists()
    assert "root.help: Nho\n" in (folder / "texts" / "tyz.yaml").read_text("utf-8")


def test_one_wrong_row_and_nothing_is_written(
    run: Run, folder: Path, tmp_path: Path, to_fill: Table
) -> None:
    before = snapshot(folder)
    table = filled(to_fill)
    table[3]["translation"] = "x{"
    result = run("import", "tyz", returned(tmp_path, table), "--write")
    assert result.exit_code == 1
    assert f"row 5, {table[3]['key']}, translation: {{ is no gap" in result.output
    assert snapshot(folder) == before


def test_only_the_right_rows_are_written_if_that_is_asked_for(
    run: Run, folder: Path, tmp_path: Path, to_fill: Table
) -> None:
    table = filled(to_fill)
    table[3]["translation"] = ""
    result = run("import", "tyz", returned(tmp_path, table), "--write", "--partial")
    assert result.exit_code == 0
    assert f"{len(table) - 1} of {len(table)} rows are right." in result.output
    assert f"{len(table) - 1} rows are kept." in result.output
    kept = yaml.safe_load((folder / "texts" / "tyz.yaml").read_text("utf-8"))
    assert len(kept) == len(table) - 1
    assert table[3]["key"] not in kept
    whole = filled(table)
    assert run("import", "tyz", returned(tmp_path, whole), "--write").exit_code == 0
    assert list(yaml.safe_load((folder / "texts" / "tyz.yaml").read_text("utf-8"))) == list(
        yaml.safe_load((folder / "texts" / "vi.yaml").read_text("utf-8"))
    )


def test_without_write_nothing_is_written(
    run: Run, folder: Path, tmp_path: Path, to_fill: Table
) -> None:
    before = snapshot(folder)
    result = run("import", "tyz", returned(tmp_path, filled(to_fill)))
    assert result.exit_code == 0
    assert "--write keeps the right rows" in result.output
    assert snapshot(folder) == before


def test_a_workbook_typed_into_comes_back(run: Run, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "tyz.xlsx"
    assert run("export", "tyz", "-o", path).exit_code == 0
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for line in range(2, sheet.max_row + 1):
        sheet.cell(line, 5, sheet.cell(line, 3).value)
    book.save(path)
    result = run("import", "tyz", path, "--write")
    assert result.exit_code == 0, result.output


def replace(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_translation_is_stale_once_the_vietnamese_changes_and_until_it_is_seen_to(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    assert run("check", "en").output == NOTHING
    early = exported(run, tmp_path, "en")
    replace(folder, "texts/vi.yaml", "root.help: Nho giup", "root.help: Nho to")
    result = run("check", "en")
    assert result.exit_code == 0
    changed = f"warning: {folder}/texts/en.yaml:7: root.help: the Vietnamese has changed since\n"
    assert changed in result.output
    late = exported(run, tmp_path, "en")
    [line] = [line for line in late if line["key"] == "root.help"]
    assert line["note"].startswith("the Vietnamese has changed since this was translated")

    result = run("import", "en", returned(tmp_path, early), "--write")
    assert "warning: root.help: the Vietnamese has changed since the export" in result.output
    assert "Warnings: 1." in run("check", "en").output, "an old table changes nothing"
    line["translation"] = "Ask us for help"
    assert run("import", "en", returned(tmp_path, late), "--write").exit_code == 0
    assert run("check", "en").output == NOTHING


def test_an_engineer_who_changes_both_by_hand_is_trusted(run: Run, folder: Path) -> None:
    replace(folder, "texts/vi.yaml", "root.help: Nho giup", "root.help: Nho to giup")
    replace(folder, "texts/en.yaml", "root.help: Ask for help", "root.help: Ask us for help")
    assert run("check", "en").output == NOTHING


def test_the_real_texts_have_no_fault(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    "fault",
    [
        ("texts/vi.yaml", "root.help: Nho giup", "root.help: Dung bam", "texts/vi.yaml:8: root.help: 'dung' can be read in several ways"),
        ("texts/en.yaml", "root.help: Ask for help\n", "", "texts/vi.yaml:8: root.help: is missing in en.yaml"),
        ("texts/en.yaml", "root.help: Ask for help", "root.help: " + "Help " * 30, "texts/en.yaml:6: screen root:"),
        ("texts/en.yaml", "Cancel request {number} ({topic})?", "Cancel request {number} ({leader})?", "mine.cancel_question: not the gaps of the Vietnamese: {leader}, {topic}"),
        ("texts/en.yaml", "You have no task waiting.", "You have no task & nothing.", "sms.task_none: & may be refused in an SMS"),
        ("texts/en.yaml", "19009068 (1000d/min)", "19009068", "guide.vssid: 19009068 is charged and has no price behind it"),
        ("texts/vi.yaml", "vao Cong dich vu cong quoc gia", "vao dichvucong.gov.vn", "guide.dvc: 'dichvucong.gov' looks like a link"),
        ("texts/en.yaml", "112 rescue (free), 113", "112 rescue (free), 133", "emergency.numbers: 113 is not there"),
        ("accented/vi.yaml", "Dịch vụ công", "Dịch vụ chung", ": topic.dvc: not the words of vi with marks"),
        ("guides.yaml", "expires_at: 2027-02-28", "expires_at: soon", ": vssid: 'expires_at' should be a date"),
        ("villager.yaml", "{text: root.help, next: topic}", "{text: root.help}", ": root, choice 1: leads nowhere"),
        ("texts/vi.yaml", "root.help: Nho giup", "root.help: Nho {giup}", "texts/vi.yaml:8: root.help: gap {giup} is not declared in gaps.yaml"),
        ("reviews.yaml", "awaits: [native_reader]", "awaits: [anybody]", ": every text: awaits: 'anybody' is neither"),
    ],
)  # fmt: skip
def test_each_fault_is_said_with_its_line(
    run: Run, folder: Path, fault: tuple[str, str, str, str]
) -> None:
    name, old, new, said = fault
    replace(folder, name, old, new)
    result = run("check")
    assert result.exit_code == 1
    assert said in result.output


def test_a_language_in_the_making_has_warnings_and_no_faults(
    run: Run, folder: Path, tmp_path: Path, to_fill: Table
) -> None:
    table = filled(to_fill)
    table[3]["translation"] = ""
    run("import", "tyz", returned(tmp_path, table), "--write", "--partial")
    result = run("check", "tyz")
    assert result.exit_code == 0
    key = table[3]["key"]
    vietnamese = (folder / "texts" / "vi.yaml").read_text("utf-8").splitlines()
    line = next(n for n, text in enumerate(vietnamese, start=1) if text.startswith(f"{key}:"))
    assert result.output == (
        f"warning: {folder}/texts/vi.yaml:{line}: {key}: is missing in tyz.yaml\n"
        "Faults: 0. Warnings: 1.\n"
    )


def test_files_that_are_no_yaml_are_said_and_nothing_else_is_tried(run: Run, folder: Path) -> None:
    (folder / "texts" / "en.yaml").write_text("a: [b")
    result = run("status")
    assert result.exit_code == 1
    assert "texts/en.yaml:2: did not find expected" in result.output
    assert result.output.endswith("\nMore may show once these are mended.\n")


@time_machine.travel("2027-02-28T18:00Z", tick=False)  # the first of March in Vietnam
def test_status_says_what_is_to_be_done_before_going_live(run: Run) -> None:
    said = run("status").output
    assert "vi           Vietnamese" in said
    assert "fits, offered as a base language; awaits a native reader" in said
    assert "hmn-Latn-VN  Mông (Hmong)        0/" in said
    assert "empty, not offered: there is no texts/hmn-Latn-VN.yaml" in said
    assert "vssid        EXPIRED 1 days ago (2027-02-28); not reviewed" in said
    assert "thientai     91 days left" in said
    assert "awaits a native reader, authority: civil defence command" in said
    assert "source: 112 rescue" in said
    assert "welcome.consent            1 of them  awaits a native reader, authority: lawyer" in said


@time_machine.travel("2027-02-28T18:00Z", tick=False)
def test_an_expired_guide_is_a_warning_of_the_check(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 0
    assert ": vssid: expired on 2027-02-28\n" in result.output
    assert [
        guide.id for guide in read_menus().guides.expired(__import__("datetime").date(2027, 3, 1))
    ] == ["vssid"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "vi"), "Vietnamese is what is translated from"),
        (("export", "xx"), "languages.yaml has no 'xx'; it has vi, en, tyz"),
        (("check", "xx"), "languages.yaml has no 'xx'"),
        (("import", "en", FOLDER / "gaps.yaml"), "has no column 'key'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    run: Run, words: tuple[object, ...], said: str
) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_nothing_is_translated_from_vietnamese_with_a_fault(run: Run, folder: Path) -> None:
    replace(folder, "texts/vi.yaml", "root.help: Nho giup", "root.help: Nho {giup}")
    result = run("export", "tyz")
    assert result.exit_code == 1
    assert "see to what `caunoi menus check` says: " in result.output


def test_a_fault_in_a_translation_can_be_mended_by_table(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    replace(folder, "texts/en.yaml", "root.help: Ask for help", "root.help: Ask {four} help")
    table = exported(run, tmp_path, "en")
    [line] = [line for line in table if line["key"] == "root.help"]
    line["translation"] = "Ask for help"
    assert run("import", "en", returned(tmp_path, table), "--write").exit_code == 0
    assert run("check", "en").output == NOTHING


def test_a_damaged_file_of_sources_is_said_and_not_guessed_at(run: Run, folder: Path) -> None:
    for damage in ("<<<<<<< ours\nroot.help: a b\n", "root.help: one\n", "- x\n"):
        (folder / "sources" / "en.yaml").write_text(damage)
        result = run("check", "en")
        assert result.exit_code == 1
        path = folder / "sources" / "en.yaml"
        assert result.output == f"{path}: is damaged; take it from the last good version\n"


def test_marks_that_fit_no_longer_keep_a_language_in_the_making_only(
    run: Run, folder: Path, tmp_path: Path, to_fill: Table
) -> None:
    table = filled(to_fill)
    table[1]["translation"] = "Nhờ giúp"
    assert run("import", "tyz", returned(tmp_path, table), "--write").exit_code == 0
    replace(folder, "texts/tyz.yaml", "root.help: Nho giup", "root.help: Nho to")
    why = "root.help: not the words of tyz with marks"
    assert why in read_menus(folder).lacking["tyz"]
    assert why in run("check", "tyz").output


def test_where_nothing_can_be_written_one_sentence_says_so(run: Run, tmp_path: Path) -> None:
    result = run("export", "tyz", "-o", tmp_path / "nowhere" / "tyz.csv")
    assert result.exit_code == 1
    assert result.output.endswith("cannot be written: No such file or directory\n")


def test_without_a_file_the_table_is_printed(run: Run) -> None:
    result = run("export", "nut")
    assert result.stdout_bytes.startswith(b"\xef\xbb\xbfkey,where,vietnamese,english,translation")
