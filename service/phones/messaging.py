"""The carrier's HTTP interface: sending, fetching what came in, the balance.

Shapes, codes and key order follow recorded answers of the real one; errors are plain text there.
"""

from __future__ import annotations

import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from service.phones.outgoing import Batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.phones.network import Network

QUEUED, SENT = 102, 101
BAD_KEY = "The supplied authentication is invalid"
MISSING = "Request is missing required form field '{}'"
FORM_FIELDS = ("username", "to", "message")
BULK_FIELDS = ("username", "phoneNumbers", "message")


class _RefusedError(Exception):
    """The request is not taken; answered in plain text."""

    def __init__(self, http: int, says: str) -> None:
        super().__init__(says)
        self.http = http


def make(network: Network) -> Blueprint:
    """Make the routes under /version1."""
    routes = Blueprint("carrier", __name__, url_prefix="/version1")
    desk = _Desk(network)
    routes.post("/messaging")(desk.send_form)
    routes.post("/messaging/bulk")(desk.send_bulk)
    routes.get("/messaging")(desk.fetch)
    routes.get("/user")(desk.user)
    return routes


class _Desk:
    def __init__(self, network: Network) -> None:
        self._net = network

    def send_form(self) -> Response:
        """Take a send as the SDK makes it: a form, recipients joined by commas."""
        return self._send(lambda request_id: self._read_form(request_id, request.form))

    def send_bulk(self) -> Response:
        """Take a send as JSON; a form too, for the SDK sends its hashed numbers so."""
        return self._send(self._read_bulk)

    def fetch(self) -> Response:
        """List what handsets sent to the short code."""
        try:
            self._check_key(request.args.get("username"))
        except _RefusedError as refused:
            return self._refuse("fetch", _request_id(), [], refused)
        occasion = self._net.harm.meet("fetch", _request_id())
        spoilt = self._net.harm.before(occasion)
        if spoilt is not None:
            return spoilt
        messages = self._net.inbox.fetch(request.args.get("lastReceivedId", "0"))
        answer = _json({"SMSMessageData": {"Messages": messages}}, 200)
        return self._net.harm.after(occasion, answer)

    def user(self) -> Response:
        """Tell the balance."""
        try:
            self._check_key(request.args.get("username"))
        except _RefusedError as refused:
            return self._refuse("user", _request_id(), [], refused)
        occasion = self._net.harm.meet("user", _request_id())
        spoilt = self._net.harm.before(occasion)
        if spoilt is not None:
            return spoilt
        currency = self._net.settings.now.currency
        balance = f"{currency} {self._net.outgoing.balance:.4f}"
        return self._net.harm.after(occasion, _json({"UserData": {"balance": balance}}, 200))

    def _send(self, read: Any) -> Response:
        request_id = _request_id()
        try:
            batch: Batch = read(request_id)
        except _RefusedError as refused:
            return self._refuse("send", request_id, [], refused)
        ceiling = self._net.settings.now.recipient_ceiling
        if len(batch.numbers) > ceiling:
            too_many = _RefusedError(400, f"At most {ceiling} recipients are allowed in a request")
            return self._refuse("send", request_id, batch.numbers, too_many)
        occasion = self._net.harm.meet("send", request_id, batch.numbers)
        spoilt = self._net.harm.before(occasion)
        if spoilt is not None:
            return spoilt
        outcome = self._net.outgoing.take(batch)
        self._net.outgoing.begin(outcome)
        data = {"Message": outcome.said, "Recipients": outcome.recipients}
        return self._net.harm.after(occasion, _json({"SMSMessageData": data}, 201))

    def _read_form(self, request_id: str, form: Any) -> Batch:
        self._check_key(form.get("username"))
        for name in FORM_FIELDS:
            if name not in form:
                raise _RefusedError(400, MISSING.format(name))
        return Batch(
            request=request_id,
            numbers=[number for number in form["to"].split(",") if number],
            text=form["message"],
            sender=form.get("from", ""),
            code=SENT if form.get("enqueue") == "0" else QUEUED,
            premium=form.get("bulkSMSMode", "1") == "0",
        )

    def _read_bulk(self, request_id: str) -> Batch:
        data = request.get_json(silent=True) if request.is_json else None
        if not isinstance(data, dict):
            form = request.form.to_dict()
            form.setdefault("to", form.get("maskedNumber", ""))
            form.setdefault("from", form.get("senderId", ""))
            return self._read_form(request_id, form)
        self._check_key(data.get("username"))
        for name in BULK_FIELDS:
            if name not in data:
                raise _RefusedError(400, MISSING.format(name))
        numbers = data["phoneNumbers"]
        if not isinstance(numbers, list) or not isinstance(data["message"], str):
            raise _RefusedError(400, "The request content was malformed")
        return Batch(
            request=request_id,
            numbers=[str(number) for number in numbers],
            text=data["message"],
            sender=str(data.get("senderId") or ""),
            code=SENT if data.get("enqueue") in (0, "0", False) else QUEUED,
        )

    def _check_key(self, username: str | None) -> None:
        options = self._net.options
        key = request.headers.get("apiKey", "")
        known = hmac.compare_digest(key.encode(), options.api_key.encode())
        if not known or (username is not None and username != options.username):
            raise _RefusedError(401, BAD_KEY)
        if username is None:
            raise _RefusedError(400, MISSING.format("username"))

    def _refuse(
        self, place: str, request_id: str, numbers: Sequence[str], refused: _RefusedError
    ) -> Response:
        self._net.journal.write(
            "refused",
            request=request_id,
            place=place,
            numbers=list(numbers),
            http=refused.http,
            why=str(refused),
        )
        answer = Response(str(refused), refused.http, content_type="text/plain; charset=UTF-8")
        if refused.http == 401:  # noqa: PLR2004  the status is the meaning
            answer.headers["WWW-Authenticate"] = 'Basic realm="api",charset=UTF-8'
        return answer


def _request_id() -> str:
    return f"r{secrets.token_hex(8)}"


def _json(data: dict[str, Any], http: int) -> Response:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Response(body, http, content_type="application/json")
