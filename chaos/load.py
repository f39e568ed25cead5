"""Puts the messages of a run into the outbox, as the service itself does.

Run as a process: `python -m chaos.load PLAN NOTES`, with the service's environment. Each event is
one transaction. When the database breaks off, nobody knows whether it was committed: the event
happens again, under the same keys, until it certainly is.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from service.outbox.put import Message, put
from service.records.messages import MessageClass
from service.records.people import Consent, ConsentKind
from service.records.unit import Unit, Units
from service.runtime import runtime_from_environment
from service.text.phones import Msisdn
from service.village.desk import phone_of
from service.village.suppressions import digest

from .events import Event, events
from .notes import Notes
from .plan import Plan

GIVE_UP = 120.0  # seconds for one event


class RolledBackError(Exception):
    """The business of an event failed after its messages had been put."""


def main(plan_file: str, notes_file: str) -> None:
    plan, notes = Plan.from_file(Path(plan_file)), Notes(Path(notes_file))
    units = runtime_from_environment("chaos-load").units
    began = time.monotonic()
    for event in events(plan):
        time.sleep(max(0.0, began + event.at - time.monotonic()))
        for _ in range(event.times):
            happen(units, event, notes)
    notes.write(done=True)


def happen(units: Units, event: Event, notes: Notes) -> None:
    """Let an event happen once; what is noted as committed is committed."""
    deadline = time.monotonic() + GIVE_UP
    tries = 0
    while True:
        tries += 1
        try:
            added = _put_all(units, event)
        except RolledBackError:
            notes.write(event=event.index, committed=False)
            return
        except SQLAlchemyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            notes.write(event=event.index, committed=True, added=added, tries=tries)
            return


def _agreed(unit: Unit, msisdn: Msisdn) -> int:
    """Return a phone whose owner has agreed to advertising, made if need be."""
    phone_id = phone_of(unit, msisdn).id
    unit.session.add(
        Consent(
            phone_id=phone_id, kind=ConsentKind.PROMO, given=True, wording="chaos", channel="sms"
        )
    )
    unit.session.flush()
    return phone_id


def _put_all(units: Units, event: Event) -> int:
    added = 0
    is_promo = event.message_class is MessageClass.PROMO
    with units.open() as unit:
        for msisdn in event.numbers:
            message = Message(
                idem_key=event.key(msisdn),
                message_class=event.message_class,
                to=msisdn,
                body=event.body,
                phone_id=_agreed(unit, msisdn) if is_promo else None,
                recipient_digest=digest("chaos", msisdn),
            )
            added += put(unit, message) is not None
        if not event.committed:
            raise RolledBackError
    return added


if __name__ == "__main__":
    main(*sys.argv[1:])
