"""The addresses a carrier calls: /gateway/<carrier>/<secret>/{ussd,sms,receipts,ussd-events}."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog
from flask import Blueprint, Response, request
from sqlalchemy import Engine, text
from werkzeug.exceptions import HTTPException

from service.carriers.base import HoldsUssd, NotUnderstood, ReceivesSms, WireAnswer
from service.outbox.alarms import raise_alarm
from service.outbox.reports import take_report
from service.records.counters import add

from .guard import MOST_BYTES, Malformed, Secrets, Tally, read_form
from .hop import Switchboard
from .pace import Pace
from .patience import Hanging
from .texting import Texting

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""All are ours, so that a stranger learns from none of them that there is a door."""
DOORS = frozenset({"ussd", "sms", "receipts", "ussd-events"})
"""The last part of an address."""
KNOCKS_BEFORE_ALARM = 20
"""Wrong secrets in a minute that tell an operator."""
KNOCKING = timedelta(hours=1)
"""How long all of them are one incident: who knocks must not wake people at will."""
SORRY = "Xin loi, dich vu dang ban. Ba con goi lai sau it phut."
"""Said from memory when even the words cannot be fetched."""

log = structlog.get_logger("gateway")
Fields = Mapping[str, str]
Read = TypeVar("Read")


class SpeaksUssdAndSms(HoldsUssd, ReceivesSms):
    """A carrier with both doors."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands behind the doors of one carrier."""

    carrier_name: str
    carrier: SpeaksUssdAndSms
    switchboard: Switchboard
    texting: Texting
    engine: Engine
    pace: Pace
    ussd_code: str
    sms_code: str

    def answer(self, door: str, tally: Tally) -> WireAnswer:
        """Answer the request that is being served, at one of DOORS."""
        doors: Mapping[str, Callable[[Fields], WireAnswer]] = {
            "ussd": self.ussd,
            "sms": self.sms,
            "receipts": self.receipts,
            "ussd-events": self.ussd_events,
        }
        began = time.monotonic()
        answer = self._answer(doors[door], door, tally)
        self.pace.note(door, time.monotonic() - began)
        return answer

    def _answer(self, door: Callable[[Fields], WireAnswer], name: str, tally: Tally) -> WireAnswer:
        request.max_content_length = MOST_BYTES
        try:
            return door(read_form(request.get_data(cache=False), request.content_type or ""))
        except Malformed as fault:
            tally.count("malformed")
            log.warning("malformed", door=name, why=fault.args[0])
            return WireAnswer("", status=400)
        except NotUnderstood as fault:
            tally.count("not_understood")
            log.warning("not_understood", door=name, field=fault.args[0])
            return WireAnswer("", status=400)
        except Hanging:
            return self._sorry(name)
        except HTTPException as fault:
            return WireAnswer("", status=fault.code or 400)
        except Exception:
            tally.count("door_failed")
            log.exception("door_failed", door=name)
            return self._sorry(name)

    def _sorry(self, door: str) -> WireAnswer:
        """Fail so that nothing is lost: a caller hears it kindly, a carrier tries again later."""
        if door == "ussd":
            # A 5xx would show the caller the network's own error.
            return self.carrier.answer(SORRY, stays_open=False)
        return WireAnswer("", status=503)

    def ussd(self, fields: Fields) -> WireAnswer:
        """Answer a hop with a page."""
        hop = _read(self.carrier.read_hop, fields)
        if hop.service_code != self.ussd_code:
            return WireAnswer("", status=404)
        page = self.switchboard.serve(self.carrier_name, hop)
        return self.carrier.answer(page.text, stays_open=page.open)

    def sms(self, fields: Fields) -> WireAnswer:
        """Take in a text; 200 means that it is committed."""
        inbound = _read(self.carrier.read_sms, fields)
        if inbound.recipient.lstrip("+ ") != self.sms_code:
            return WireAnswer("", status=404)
        self.texting.take(self.carrier_name, inbound)
        return WireAnswer("")

    def receipts(self, fields: Fields) -> WireAnswer:
        """Take in a delivery report, also one about a message we do not know (yet)."""
        report = _read(self.carrier.read_report, fields)
        with self.engine.begin() as connection:
            take_report(connection, self.carrier_name, report)
        return WireAnswer("")

    def ussd_events(self, fields: Fields) -> WireAnswer:
        """Note how a call ended; the event may never come, nothing depends on it."""
        end = _read(self.carrier.read_end, fields)
        with self.engine.begin() as connection:
            connection.execute(
                text("""
                    UPDATE ussd_sessions SET ended = :status, open = false
                    WHERE carrier = :carrier AND session_id = :session_id AND msisdn = :msisdn
                """),
                {
                    "status": end.status,
                    "carrier": self.carrier_name,
                    "session_id": end.session_id,
                    "msisdn": end.msisdn,
                },
            )
        return WireAnswer("")


def doors_page(doors: Sequence[Doors], secrets: Secrets, engine: Engine) -> Blueprint:
    """Return the routes to the doors of every carrier."""
    pages = Blueprint("gateway", __name__)
    tally = Tally(partial(_note_knocks, engine))
    by_name = {one.carrier_name: one for one in doors}

    @pages.route(
        "/gateway/<carrier>/<secret>/<door>", methods=METHODS, provide_automatic_options=False
    )
    def knock(carrier: str, secret: str, door: str) -> Response:
        known = secrets.know(secret)
        if not known:
            tally.count("wrong_secret")
        if not known or carrier not in by_name or door not in DOORS:
            return Response(status=404)
        if request.method != "POST":
            return Response(status=405, headers={"Allow": "POST"})
        return _respond(by_name[carrier].answer(door, tally))

    @pages.app_errorhandler(HTTPException)
    def refuse(fault: HTTPException) -> Response | HTTPException:
        """Let the carriers' addresses look like any that is not there, whatever is tried."""
        return Response(status=404) if request.path.startswith("/gateway/") else fault

    return pages


def _note_knocks(engine: Engine, name: str, times: int) -> None:
    try:
        with engine.begin() as connection:
            this_minute = add(connection, name, times)
            if name == "wrong_secret" and this_minute > KNOCKS_BEFORE_ALARM:
                detail = f"{this_minute} a minute"
                raise_alarm(connection, "wrong_secret", "callbacks", detail, once_in=KNOCKING)
    except Exception:
        log.exception("tally_failed", counted=name)


def _read(reader: Callable[[Fields], Read], fields: Fields) -> Read:
    """Read a callback; one that its reader stumbles over is not understood, and no failure."""
    try:
        return reader(fields)
    except NotUnderstood:
        raise
    except Exception:
        log.exception("reader_failed", reader=reader.__name__)
        raise NotUnderstood("something unforeseen") from None


def _respond(answer: WireAnswer) -> Response:
    return Response(answer.body, status=answer.status, content_type=answer.content_type)
