"""What every carrier must do with the samples of its folder; a carrier's test module names it."""

from __future__ import annotations

import json
import logging
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import pytest
import structlog
import yaml

from service.carriers.base import Accepted, NotUnderstood, SendError
from tests.carriers.wire import answer, wire

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
KINDS = ("send", "reports", "sms", "ussd", "ussd_ends")
KEY = "a-key-that-nobody-may-see"
WORDS = "Ba Nung Thi Thu da co hen"


def samples(carrier: str, kind: str) -> list[dict[str, Any]]:
    """The samples of one kind in a carrier's folder."""
    path = SAMPLES / carrier / f"{kind}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def make(carrier: str, url: str = "http://127.0.0.1:1") -> Any:
    return import_module(f"service.carriers.{carrier}").make(
        username="sandbox", api_key=KEY, base_url=url, sender="8499", max_recipients=100
    )


def wire_body(sample: dict[str, Any]) -> str:
    """The body of an answer; a sample may name only a code and let the usual one be made."""
    if sample.get("body") == "nested":
        return "[" * 60_000
    if "body" in sample:
        return str(sample["body"])
    entry = {"cost": "0", "messageId": "None", "number": sample["to"][0]}
    entry |= {"status": sample["says"], "statusCode": sample["code"]}
    return json.dumps({"SMSMessageData": {"Message": "Sent to 0/1", "Recipients": [entry]}})


def meaning(found: Any) -> str:
    return f"accepted {found.id}" if isinstance(found, Accepted) else found.code


class CarrierContract:
    """Inherit and set `name`; conftest.py turns the samples into tests."""

    name: ClassVar[str]

    def test_an_answer_means_what_it_says(self, send_sample: dict[str, Any]) -> None:
        sent = answer(
            send_sample["status"],
            wire_body(send_sample).encode(),
            f"Content-Type: {send_sample['type']}",
        )
        with wire(sent) as carrier:
            found = make(self.name, carrier.url).send(WORDS, send_sample["to"])
        assert {number: meaning(one) for number, one in found.items()} == send_sample["means"]
        assert len(carrier.requests) == 1

    def test_a_report_says_how_far_it_came(self, report_sample: dict[str, Any]) -> None:
        self._reads("read_report", report_sample)

    def test_an_sms_is_read(self, sms_sample: dict[str, Any]) -> None:
        self._reads("read_sms", sms_sample)

    def test_a_hop_is_read(self, hop_sample: dict[str, Any]) -> None:
        self._reads("read_hop", hop_sample)

    def test_the_end_of_a_session_is_read(self, end_sample: dict[str, Any]) -> None:
        self._reads("read_end", end_sample)

    def _reads(self, reader: str, sample: dict[str, Any]) -> None:
        fields = dict(parse_qsl(sample["form"], keep_blank_values=True))
        read = getattr(make(self.name), reader)
        if "lacks" in sample:
            with pytest.raises(NotUnderstood) as refused:
                read(fields)
            assert refused.value.args == (sample["lacks"],), "it may name the field, not its value"
            return
        found = read(fields)
        for name, value in sample.items():
            if name not in {"name", "form", "sent_at"}:
                assert getattr(found, name) == value, name
        sent_at = getattr(found, "sent_at", None)
        assert (sent_at and sent_at.isoformat()) == sample.get("sent_at")

    def test_neither_key_nor_words_nor_numbers_are_logged(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        said = []
        with structlog.testing.capture_logs() as ours:
            for sample in samples(self.name, "send"):
                with wire(answer(sample["status"], wire_body(sample).encode())) as carrier:
                    found = make(self.name, carrier.url).send(WORDS, sample["to"])
                assert KEY.encode() in carrier.requests[0], "the carrier must get it"
                said += [str(one) for one in found.values() if isinstance(one, SendError)]
            (away,) = make(self.name).send(WORDS, ["+84900000001"]).values()
        said.append(str(away))
        heap = "\n".join([*said, str(ours), caplog.text, str([r.__dict__ for r in caplog.records])])
        for secret in (KEY, WORDS, WORDS.replace(" ", "+"), "84900000001"):
            assert secret not in heap
