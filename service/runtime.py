"""The only place where settings become engines, queues, carriers and menus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from service.logs import start_logging
from service.ops.carrier_names import carrier_names, carriers_set, check_carrier, second_name
from service.ops.errors import StartError
from service.ops.home import Home
from service.records.engine import make_engine
from service.settings import Settings

if TYPE_CHECKING:
    from redis import Redis
    from sqlalchemy import Engine

    from service.gateway.hop import Switchboard
    from service.gateway.pace import Pace
    from service.gateway.texting import Texting
    from service.menus import Menus
    from service.ops.watchman import Watchman
    from service.outbox.deliver import Sender
    from service.records.unit import Units
    from service.village.desk import Words

HOP_SECONDS = 1.5
"""Longest one statement of a USSD hop may take; the carrier waits 10 s, the villager should not."""


@dataclass(frozen=True)
class Runtime:
    """Everything a process of the service is made of, built when first asked for."""

    settings: Settings
    name: str

    @cached_property
    def engine(self) -> Engine:
        """The engine whose commits wait for the disk."""
        return self._engine(durable=True)

    @cached_property
    def quick(self) -> Engine:
        """The engine whose commits do not: for what may be done again."""
        return self._engine(durable=False)

    @cached_property
    def hops(self) -> Engine:
        """The autocommit engine of USSD hops."""
        return self._engine(durable=False, autocommit=True)

    @cached_property
    def figures(self) -> Engine:
        """The engine of whoever only looks on: no caller waits for one of its connections."""
        return make_engine(
            self.settings.database_url,
            name=f"caunoi {self.name}",
            pool_size=2,
            statement_seconds=HOP_SECONDS,
            durable=False,
        )

    @cached_property
    def watching(self) -> Engine:
        """The engine of the watchman: neither he nor a sender waits for the other's connection."""
        return make_engine(
            self.settings.database_url,
            name=f"caunoi {self.name} watch",
            pool_size=2,
            statement_seconds=10.0,
        )

    def watchman(self, works: Iterable[str] | None = None) -> Watchman:
        """Make who looks after everything and tells of it; `works` are the timetable's lines."""
        from service.ops.alarm_ways import ways_of  # noqa: PLC0415 - not every command watches
        from service.ops.watch_figures import Limits  # noqa: PLC0415
        from service.ops.watchman import Watchman  # noqa: PLC0415
        from service.records.unit import Units  # noqa: PLC0415

        settings = self.settings
        limits = Limits(
            cap_vnd_per_hour=settings.cap_vnd_per_hour,
            cap_vnd_per_day=settings.cap_vnd_per_day,
            carriers=carriers_set(settings),
            works=None if works is None else frozenset(works),
        )
        return Watchman(
            units=Units(self.watching, self.wake),
            limits=limits,
            ways=ways_of(settings),
            home=settings.caunoi_home,
            redis=self.redis,
            deadman=settings.deadman_url,
        )

    def _engine(self, *, durable: bool, autocommit: bool = False) -> Engine:
        return make_engine(
            self.settings.database_url,
            name=f"caunoi {self.name}",
            pool_size=max(self.settings.web_threads, self.settings.sender_threads) + 2,
            statement_seconds=HOP_SECONDS if self.name == "web" else 15.0,
            durable=durable,
            autocommit=autocommit,
        )

    @cached_property
    def wake(self) -> Callable[[str], None]:
        """Wakes a lane's workers; does nothing where there is no Redis."""
        if not self.settings.redis_url:
            return lambda _lane: None
        # Loaded here only: takes a quarter of a second, and not every command wakes somebody.
        from service.outbox.wake import Waker  # noqa: PLC0415

        return Waker(self.settings.redis_url).wake

    @cached_property
    def redis(self) -> Redis | None:
        """A client that never makes anybody wait."""
        if not self.settings.redis_url:
            return None
        from service.outbox.wake import bounded_redis  # noqa: PLC0415 - as above

        return bounded_redis(self.settings.redis_url)

    @cached_property
    def units(self) -> Units:
        """Opens units of work."""
        # Loaded here only: the tables take half a second, and not every command needs them.
        from service.records.unit import Units  # noqa: PLC0415

        return Units(self.engine, self.wake)

    @cached_property
    def menus(self) -> Menus:
        """Menus and texts, checked; raises MenuError with every fault."""
        from service.menus import read_menus  # noqa: PLC0415 - a worker never speaks to a caller

        return read_menus()

    @cached_property
    def words(self) -> Words:
        """Texts together with our own codes."""
        from service.village.desk import Words  # noqa: PLC0415 - as above

        return Words(
            texts=self.menus.texts,
            sms_code=self.settings.sms_code,
            ussd_code=self.settings.ussd_code,
            countries=frozenset(self.settings.allowed_countries.split(",")),
            guides=self.menus.guides,
            ladders=self.menus.ladders,
            topics=self.menus.inbox.topics,
            key=self.settings.secret_key.get_secret_value(),
        )

    @cached_property
    def switchboard(self) -> Switchboard:
        """Serves calls."""
        from service.gateway.history import Histories  # noqa: PLC0415 - as above
        from service.gateway.hop import Switchboard  # noqa: PLC0415

        return Switchboard(
            dialogue=self.menus.dialogue,
            quick=self.hops,
            units=self.units,
            words=self.words,
            histories=Histories(self.settings.secret_key.get_secret_value()),
        )

    @cached_property
    def pace(self) -> Pace:
        """Counts callbacks and how fast they are answered."""
        from service.gateway.pace import Pace  # noqa: PLC0415 - as above

        return Pace(self.quick)

    @cached_property
    def texting(self) -> Texting:
        """Takes in SMS."""
        from service.gateway.texting import Texting  # noqa: PLC0415 - as above

        return Texting(units=self.units, words=self.words, inbox=self.menus.inbox)

    @cached_property
    def carrier(self) -> Any:
        """The first carrier, by the name of its module."""
        return import_module(f"service.carriers.{self.carrier_name}").make(
            username=self.settings.carrier_username,
            api_key=self.settings.carrier_api_key.get_secret_value(),
            base_url=self.settings.carrier_url,
            sender=self.settings.sms_code,
            max_recipients=self.settings.max_recipients,
        )

    @property
    def carrier_name(self) -> str:
        """The carrier set, or the only one there is."""
        return self.settings.carrier or carrier_names()[0]

    @cached_property
    def second_carrier(self) -> Any:
        """The second account, by which messages go while rerouting is on; None where none is set.

        It has a name of its own, so that its attempts, reports and pauses stay apart.
        """
        if self.second_carrier_name is None:
            return None
        made = import_module(f"service.carriers.{self.settings.second_carrier}").make(
            username=self.settings.second_carrier_username,
            api_key=self.settings.second_carrier_api_key.get_secret_value(),
            base_url=self.settings.second_carrier_url or self.settings.carrier_url,
            sender=self.second_sms_code,
            max_recipients=self.settings.max_recipients,
        )
        made.name = self.second_carrier_name
        return made

    @property
    def second_carrier_name(self) -> str | None:
        """What the second account is called; None where none is set."""
        return second_name(self.settings)

    @property
    def second_sms_code(self) -> str:
        """The short code of the second account; the first one's unless it has its own."""
        return self.settings.second_sms_code or self.settings.sms_code

    @property
    def carriers(self) -> tuple[Any, ...]:
        """Every account there is, the usual one first."""
        return tuple(one for one in (self.carrier, self.second_carrier) if one is not None)

    @cached_property
    def senders(self) -> tuple[Sender, ...]:
        """What sends what is in the outbox: one for each carrier."""
        from service.outbox.brakes import Caps  # noqa: PLC0415 - as above
        from service.outbox.deliver import Sender  # noqa: PLC0415

        caps = Caps(
            per_hour=self.settings.cap_vnd_per_hour,
            per_day=self.settings.cap_vnd_per_day,
            segment_price=self.settings.segment_price_vnd,
        )
        second = self.second_carrier_name
        return tuple(Sender(self.engine, self.quick, one, caps, second) for one in self.carriers)

    def close(self) -> None:
        """Hand on what was counted, and close every connection that was opened."""
        if "pace" in self.__dict__:
            self.pace.hand_on()
        for name in ("engine", "quick", "hops", "figures", "watching"):
            if name in self.__dict__:
                self.__dict__[name].dispose()


@contextmanager
def open_runtime(name: str = "cli") -> Iterator[Runtime]:
    """Lend a command what it works with; its logs are told as all others.

    Raises SettingsError naming everything that is wrong, and StartError when the database the
    command works on is away or not migrated.
    """
    runtime = runtime_from_environment(name)
    start_logging(runtime.settings.log_level)
    try:
        yield runtime
    except Exception as error:
        # Loaded here only: it needs sqlalchemy, which a command without a fault may not.
        from service.ops.database_faults import database_sentence  # noqa: PLC0415

        url, home = Settings.from_environment().database_url, runtime.settings.caunoi_home
        if sentence := database_sentence(error, url=url, home=home):
            raise StartError(sentence) from error
        raise
    finally:
        runtime.close()


def runtime_from_environment(name: str) -> Runtime:
    """Build the runtime of a process; secrets that are not set come from CAUNOI_HOME.

    Raises SettingsError naming everything that is wrong.
    """
    settings = Settings.from_environment()
    check_carrier(settings)
    if settings.database_url:
        return Runtime(Home(settings.caunoi_home).completed(settings), name)
    # Loaded here only: the processes of a running service name their servers and never need it.
    from service.ops.attach import attached  # noqa: PLC0415 - 6 MB and 0.2 s for each of them

    return Runtime(attached(settings), name)
