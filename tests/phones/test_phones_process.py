"""The process: what it needs, what it says, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading

import pytest
import requests

from service.phones.options import OptionsError, from_env

NEEDED = {
    "PHONES_GATEWAY": "http://127.0.0.1:9/gateway/africastalking/S3CRET",
    "PHONES_API_KEY": "key",
}


def start(**environ):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PHONES_")}
    return subprocess.Popen(
        [sys.executable, "-m", "service.phones"],
        env={**clean, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def address(process):
    line = process.stdout.readline()
    found = re.fullmatch(r"Phones: (http://127\.0\.0\.1:\d+)/\n", line)
    assert found, line + process.stderr.read()
    return found[1]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_whatever_it_is_in_the_middle_of(tmp_path, ending):
    path = tmp_path / "journal.jsonl"
    with start(**NEEDED, PHONES_PORT="0", PHONES_JOURNAL=str(path)) as process:
        url = address(process)
        hang = {"place": "send", "kind": "hang", "when": "after", "seconds": 300}
        requests.post(f"{url}/api/faults", json=hang, timeout=10)

        def send():
            form = {"username": "sandbox", "to": "+84900000001", "message": "a"}
            with pytest.raises(requests.exceptions.ConnectionError):
                requests.post(
                    f"{url}/version1/messaging", data=form, headers={"apiKey": "key"}, timeout=60
                )

        def wait():
            with pytest.raises(requests.exceptions.ConnectionError):
                requests.get(f"{url}/api/handsets/+84900000002/inbox?wait=30", timeout=60)

        waiting = [threading.Thread(target=send), threading.Thread(target=wait)]
        for thread in waiting:
            thread.start()
        while '"kind":"answer"' not in path.read_text():
            pass
        process.send_signal(ending)
        _, errors = process.communicate(timeout=10)
        assert (process.returncode, errors) == (0, "")
        for thread in waiting:
            thread.join()
    kinds = [json.loads(line)["kind"] for line in path.read_text().splitlines()]
    assert kinds[:1] == ["start"]
    assert "send" in kinds


def test_a_taken_port_is_one_plain_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with start(**NEEDED, PHONES_PORT=port) as process:
            out, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == ""
    assert errors == (
        f"Port {port} is taken by another program; stop that one or set PHONES_PORT to another.\n"
    )


def test_everything_that_is_wrong_is_named_at_once_and_no_secret(tmp_path):
    wrong = {
        "PHONES_GATEWAY": "https://example.test/S3CRET",
        "PHONES_PORT": "eighty",
        "PHONES_TIME_FACTOR": "-1",
        "PHONES_CAST": str(tmp_path / "none.json"),
    }
    with start(**wrong) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    for name in (*wrong, "PHONES_API_KEY"):
        assert name in errors
    assert errors.count("\n") == 1
    assert "S3CRET" not in errors


def test_a_journal_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    journal = str(tmp_path / "file" / "journal.jsonl")
    with start(**NEEDED, PHONES_PORT="0", PHONES_JOURNAL=journal) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.startswith("The journal cannot be written:")
    assert errors.count("\n") == 1


def test_the_options_never_show_their_secrets():
    shown = repr(from_env(NEEDED))
    assert "S3CRET" not in shown
    assert "'key'" not in shown


def test_a_cast_is_read(tmp_path):
    path = tmp_path / "cast.json"
    cast = {
        "short_code": "*555#",
        "sms_code": "12345",
        "handsets": [
            {"name": "Bà A", "role": "villager", "msisdn": "+84900000009", "note": "Xóm B"}
        ],
    }
    path.write_text(json.dumps(cast), encoding="utf-8")
    read = from_env({**NEEDED, "PHONES_CAST": str(path)}).cast
    assert (read.short_code, read.sms_code) == ("*555#", "12345")
    assert [(one.name, one.note) for one in read.handsets] == [("Bà A", "Xóm B")]


@pytest.mark.parametrize(
    ("cast", "says"),
    [
        ("[]", "it should hold"),
        ("{", "is not a cast"),
        ('{"short_code": "384", "sms_code": "8499", "handsets": []}', "*384*1909#"),
        ('{"short_code": "*1#", "sms_code": "abc", "handsets": []}', "3 to 10 digits"),
        ('{"short_code": "*1#", "sms_code": "8499", "handsets": [{"name": "x"}]}', "+84900000001"),
        (
            '{"short_code": "*1#", "sms_code": "8499", "handsets": [{"msisdn": "1"}]}',
            "+84900000001",
        ),
    ],
)
def test_a_cast_that_is_none_is_explained(tmp_path, cast, says):
    path = tmp_path / "cast.json"
    path.write_text(cast)
    with pytest.raises(OptionsError) as error:
        from_env({**NEEDED, "PHONES_CAST": str(path)})
    assert says in str(error.value)
