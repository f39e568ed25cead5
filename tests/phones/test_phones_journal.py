"""The journal: append-only, whole lines, continued after a restart, read in pieces."""

from __future__ import annotations

import json
import re
import stat
import threading
from pathlib import Path

import pytest

from service.phones import journal as journal_module
from service.phones.journal import Journal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a folder" / "journal.jsonl"


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_an_event_is_in_the_file_when_write_returns(path):
    journal = Journal(path)
    assert journal.write("send", id="ATXid_1", text="Chào\n€ \ud800") == 1
    [event] = lines(path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event.pop("at"))
    assert event == {"seq": 1, "kind": "send", "id": "ATXid_1", "text": "Chào\n€ \ud800"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    journal.close()


def test_a_second_run_continues(path):
    for _ in range(2):
        journal = Journal(path)
        journal.write("dial")
        journal.write("hop")
        journal.close()
    assert [event["seq"] for event in lines(path)] == [1, 2, 3, 4]
    again = Journal(path)
    assert again.earlier == 4
    assert again.since(0)["events"] == []  # earlier runs stay in the file
    again.close()


def test_a_line_that_a_kill_left_open_does_not_swallow_the_next(path):
    path.parent.mkdir()
    path.write_bytes(b'{"seq":1,"kind":"dial"}\n{"seq":2,"ki')
    journal = Journal(path)
    journal.write("hop")
    journal.close()
    last = path.read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(last)["seq"] == 3


def test_many_threads_never_mix_their_lines(path):
    journal = Journal(path)
    threads = [
        threading.Thread(target=lambda n=n: [journal.write("hop", n=n) for _ in range(200)])
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    assert [event["seq"] for event in lines(path)] == list(range(1, 1601))


def test_it_is_read_in_pieces():
    journal = Journal(None)
    for number in range(10):
        journal.write("hop" if number % 2 else "send", number=number)
    page = journal.since(0, limit=4)
    assert ([event["number"] for event in page["events"]], page["next"]) == ([0, 1, 2, 3], 4)
    page = journal.since(page["next"], kinds=["hop"], limit=4)
    assert ([event["number"] for event in page["events"]], page["next"]) == ([5, 7], 8)
    page = journal.since(page["next"])
    assert ([event["number"] for event in page["events"]], page["next"]) == ([8, 9], 10)
    assert journal.since(10) == {"events": [], "next": 10, "first": 1, "last": 10}


def test_memory_keeps_only_the_latest():
    journal = Journal(None, kept=3)
    for number in range(10):
        journal.write("hop", number=number)
    page = journal.since(0)
    assert [event["number"] for event in page["events"]] == [7, 8, 9]
    assert (page["first"], page["next"]) == (8, 10)


def test_every_kind_the_code_writes_is_documented():
    table = (journal_module.__doc__ or "").split("further fields")[1]
    documented = set(re.findall(r"^([a-z][a-z-]+)  ", table, re.MULTILINE))
    written = set()
    for file in Path(journal_module.__file__).parent.glob("*.py"):
        calls = re.findall(r'journal\.write\(\s*"([a-z-]+)"', file.read_text(encoding="utf-8"))
        written |= set(calls)
    assert written == documented
    assert len(documented) > 20
