"""What the rooms of the carrier share: made once, in network.py, and handed to each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.phones.callbacks import Callbacks
    from service.phones.faults import Faults
    from service.phones.handsets import Book
    from service.phones.harm import Harm
    from service.phones.journal import Journal
    from service.phones.settings import Switchboard
    from service.phones.timetable import Timetable


@dataclass(frozen=True)
class Parts:
    """`timers` for what is quick, `posts` for whatever may wait for the gateway."""

    settings: Switchboard
    journal: Journal
    faults: Faults
    harm: Harm
    book: Book
    callbacks: Callbacks
    timers: Timetable
    posts: Timetable
