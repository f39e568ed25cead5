"""Carries out on our answers what the rules say shall go wrong."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Response, request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from service.phones.faults import Faults, Rule
    from service.phones.journal import Journal

PAGE = "<!DOCTYPE html><html><body><h1>Service temporarily unavailable</h1></body></html>\n"


@dataclass
class Occasion:
    """One request of the service, with the faults that struck it."""

    place: str
    request: str
    numbers: Sequence[str]
    rules: list[Rule] = field(default_factory=list)

    def kinds(self) -> list[str]:
        """Name the faults, as the journal does."""
        return [f"{rule.kind} {rule.when}" if rule.when else rule.kind for rule in self.rules]


class Harm:
    """Spoils answers to what the service asks; knows nothing of what the answers mean."""

    def __init__(self, faults: Faults, journal: Journal) -> None:
        self._faults = faults
        self._journal = journal

    def meet(self, place: str, request_id: str, numbers: Sequence[str] = ()) -> Occasion:
        """Throw the dice for one request."""
        rules = self._faults.draw(place, "asked", numbers)
        for rule in rules:
            self.note(rule, numbers[0] if numbers else "")
        return Occasion(place, request_id, numbers, rules)

    def note(self, rule: Rule, number: str) -> None:
        """Write down that a fault struck."""
        facts = {"rule": rule.id, "place": rule.place, "fault": rule.kind, "when": rule.when}
        self._journal.write("fault", **facts, number=number)

    def before(self, occasion: Occasion) -> Response | None:
        """Give the answer of a request that is not to be taken; None lets it in."""
        for rule in occasion.rules:
            if rule.when == "before":
                cut = rule.kind in {"hang", "close"}
                self._journal.write(
                    "refused",
                    request=occasion.request,
                    place=occasion.place,
                    numbers=list(occasion.numbers),
                    http=None if cut else rule.code or 429,
                    why=rule.kind,
                )
                return _answer(rule, Response(), cut_after_hang=True)
        return None

    def after(self, occasion: Occasion, response: Response) -> Response:
        """Spoil the answer to a request that was taken, and write down what became of it."""
        rules = [rule for rule in occasion.rules if rule.when == "after"]
        cut = any(rule.kind == "close" for rule in rules)
        codes = [rule.code for rule in rules if rule.kind in {"error", "html"}]
        self._journal.write(
            "answer",
            request=occasion.request,
            place=occasion.place,
            http=None if cut else codes[-1] if codes else response.status_code,
            faults=occasion.kinds(),
        )
        for rule in rules:
            response = _answer(rule, response)
        return response


def _answer(rule: Rule, honest: Response, *, cut_after_hang: bool = False) -> Response:
    """Turn an honest answer into what `rule` makes of it."""
    match rule.kind:
        case "hang":
            time.sleep(rule.seconds)
            return _cut() if cut_after_hang else honest
        case "close":
            return _cut()
        case "error":
            return Response("Something went wrong", status=rule.code, mimetype="text/plain")
        case "html":
            return Response(PAGE, status=rule.code, mimetype="text/html")
        case "throttle":
            late = {"Retry-After": f"{rule.seconds:g}"}
            return Response("Too Many Requests", 429, late, mimetype="text/plain")
        case "redirect":
            return Response(status=rule.code, headers={"Location": rule.text or request.full_path})
        case _:
            return _bend(rule, honest)


def _bend(rule: Rule, honest: Response) -> Response:
    """Keep the status of an answer and spoil its head or body."""
    body, status = honest.get_data(), honest.status_code
    kind = honest.headers["Content-Type"]
    match rule.kind:
        case "trickle":
            spoilt = Response(_drip(body, rule.seconds), status, content_type=kind)
            spoilt.headers["Content-Length"] = str(len(body))
            return spoilt
        case "charset":
            kind = f"{honest.mimetype}; charset=utf-8"
        case "broken_json":
            body = body[: len(body) // 2]
        case "huge":
            padding = json.dumps({"padding": "x" * rule.size}, separators=(",", ":")).encode()
            body = body[:-1] + b"," + padding[1:]
        case _:
            raise AssertionError(rule.kind)
    return Response(body, status, content_type=kind)


def _drip(body: bytes, seconds: float) -> Iterator[bytes]:
    for byte in body:
        yield bytes([byte])
        time.sleep(seconds)


def _cut() -> Response:
    """End the connection; the server then finds nobody to write to."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)
