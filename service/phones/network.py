"""The stand-in carrier put together: the one place where its parts are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.phones.callbacks import Callbacks
from service.phones.faults import Faults
from service.phones.handsets import Book
from service.phones.harm import Harm
from service.phones.inbound import Inbox
from service.phones.journal import Journal
from service.phones.ladder import Ladder
from service.phones.outgoing import Outgoing
from service.phones.parts import Parts
from service.phones.settings import Settings, Switchboard
from service.phones.timetable import Timetable
from service.phones.ussd import Ussd
from service.text.phones import from_carrier

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.phones.handsets import Handset
    from service.phones.options import Options

POSTING = 64  # threads that tell the gateway; each waits at most one answer's time


class Network:
    """One carrier with its handsets."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.cast = options.cast
        self.settings = Switchboard(
            Settings(time_factor=options.time_factor, report_delay=options.report_delay)
        )
        self.journal = Journal(options.journal)
        self.faults = Faults()
        self.harm = Harm(self.faults, self.journal)
        self.book = Book()
        self._parts = Parts(
            settings=self.settings,
            journal=self.journal,
            faults=self.faults,
            harm=self.harm,
            book=self.book,
            callbacks=Callbacks(options.gateway, self.settings, self.faults, self.harm),
            timers=Timetable("timers", threads=2),
            posts=Timetable("posts", threads=POSTING),
        )
        self.ussd = Ussd(self._parts, options.cast.short_code)
        self.ladder = Ladder(self._parts)
        self.inbox = Inbox(self._parts, self.ladder, options.cast.sms_code)
        self.outgoing = Outgoing(self._parts, self.ladder)
        self._open()

    def _open(self) -> None:
        cast = self.cast
        for member in cast.handsets:
            msisdn = from_carrier(member.msisdn)
            self.book.put(msisdn, name=member.name, role=member.role, note=member.note)
        codes = {"short_code": cast.short_code, "sms_code": cast.sms_code}
        self.journal.write("start", **codes, earlier=self.journal.earlier)

    def set_coverage(self, handset: Handset, *, on: bool) -> None:
        """Give or take a handset's coverage: calls drop without it, what waited comes with it."""
        with self.book.change(handset):
            handset.coverage = on
            waiting: list[Callable[[], None]] = []
            if on:
                waiting, handset.waiting = handset.waiting, []
            else:
                self.ussd.end(handset, "lost_coverage", error="lost_coverage")
        self.journal.write("coverage", msisdn=handset.msisdn, on=on)
        for call in waiting:
            self._parts.posts.after(0, call)

    def close(self) -> None:
        """Start nothing more and close the journal."""
        self._parts.timers.close()
        self._parts.posts.close()
        self.journal.close()
