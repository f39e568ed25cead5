from __future__ import annotations

import time
from contextlib import ExitStack
from itertools import combinations

from service.data_folder import demo_operator
from service.ops.carrier_names import check_carrier
from service.ops.checks import answers_ok, check_database, check_port, check_room, redis_fault
from service.ops.embedded import EmbeddedServer
from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.environment import (
    console_address,
    console_here,
    phones_address,
    phones_host,
    web_address,
)
from service.ops.errors import Interrupted, StartError
from service.ops.home import Home
from service.ops.lineup import Lines, Lineup
from service.ops.log_files import last_lines, size
from service.ops.program import Program, Stage
from service.ops.stop_signals import StopSignals
from service.ops.supervisor import Supervisor
from service.ops.voice import Voice
from service.settings import Settings, SettingsError

READY_SECONDS = 60.0
HEAD_START = 10.0
"""Seconds by which the workers and the clock let web and the phones start before them."""


def run_up(settings: Settings, lines: Lines | None = None) -> int:
    """Run the whole service here until a signal; return 0, or 1 after saying why it cannot.

    To be called in the main thread. Empty settings are filled from CAUNOI_HOME; PostgreSQL,
    Valkey and the phones run here only where no address names others.
    """
    try:
        with StopSignals() as signals:
            _Run(settings, lines or Lines(), signals).until_a_signal()
    except (SettingsError, StartError) as error:
        Voice().complain(str(error))
        return 1
    except OSError as error:
        Voice().complain(f"Cau Noi cannot go on: {error}.")
        return 1
    return 0


class _Run:
    def __init__(self, settings: Settings, lines: Lines, signals: StopSignals) -> None:
        self.given = settings
        self.phones = not settings.carrier_url
        self.home = Home(settings.caunoi_home)
        self.lineup = Lineup(lines, self.home)
        self.signals = signals
        self.voice = Voice()
        self.supervisor = Supervisor(str(self.home.path), signals=signals, voice=self.voice)

    def until_a_signal(self) -> None:
        began = time.monotonic()
        check_room(self.home.path)
        self.home.make()
        with self.home.locked(self._where()), ExitStack() as stack:
            self.supervisor.sweep()
            self._check_wishes()
            try:
                self._start(stack)
                taken = time.monotonic() - began
                self.voice.say(f"Ready in {taken:.1f} s. {self._addresses()}  Stop with Ctrl-C.")
                self.supervisor.run()
                self.voice.say(f"Stopping ({self.signals.first}).")
            except Interrupted:
                self.voice.say(f"Stopping ({self.signals.first}) before everything has started.")

    def _check_wishes(self) -> None:
        check_carrier(self.given)
        check_port(self.given.host, self.given.port, "PORT")
        self._check_ports_differ()
        if self.lineup.has_console:
            check_port(self.given.host, self.given.console_port, "CONSOLE_PORT")
        if self.phones:
            check_port(phones_host(), self.given.phones_port, "PHONES_PORT")
        elif not self.given.carrier_api_key.get_secret_value():
            raise StartError("CARRIER_API_KEY: is needed when CARRIER_URL is set.")

    def _check_ports_differ(self) -> None:
        ports = {"PORT": self.given.port}
        if self.phones:
            ports["PHONES_PORT"] = self.given.phones_port
        if self.lineup.has_console:
            ports["CONSOLE_PORT"] = self.given.console_port
        for (one, port), (other, same) in combinations(ports.items(), 2):
            if port == same:
                raise StartError(f"{one} and {other} are both {port}; change one.")

    def _start(self, stack: ExitStack) -> None:
        settings = self._with_servers(self.home.completed(self.given), stack)
        if self.phones and not settings.alarm_numbers:
            settings = settings.model_copy(update={"alarm_numbers": demo_operator()})
        stack.enter_context(self.supervisor)
        for program in self.lineup.release(settings):
            self._once(program)
        doors, others = self.lineup.lasting(settings)
        for program in doors:
            self.supervisor.add(program)
        # Looking whether all is loaded takes a second in which the doors can start.
        self._once(self.lineup.seed(settings, phones=self.phones))
        if self.phones:
            self.supervisor.add(self.lineup.phones(settings))
        self._let_the_doors_go_first()
        for program in others:
            self.supervisor.add(program)
        self.supervisor.until(self._ready, READY_SECONDS, self._late())

    def _let_the_doors_go_first(self) -> None:
        """Wait a little: a caller waits for an answer, what is to be sent can follow."""
        until = time.monotonic() + HEAD_START
        self.supervisor.until(
            lambda: time.monotonic() > until or self._ready(), READY_SECONDS, self._late()
        )

    def _with_servers(self, settings: Settings, stack: ExitStack) -> Settings:
        """Start the servers that no address names; return the settings with all addresses."""
        update = {}
        if settings.database_url:
            check_database(settings.database_url)
        else:
            postgres = EmbeddedPostgres(
                self.home.postgres, log=self.home.logs / "postgres.log", say=self.voice.say
            )
            self._serve(postgres, Stage.DATABASE, stack)
            update["database_url"] = postgres.plain_url
        if not settings.redis_url:
            valkey = EmbeddedValkey(
                self.home.valkey, log=self.home.logs / "valkey.log", say=self.voice.say
            )
            self._serve(valkey, Stage.WAKE_UPS, stack)
            update["redis_url"] = valkey.url
        elif fault := redis_fault(settings.redis_url):
            self.voice.say(fault)
        return settings.model_copy(update=update)

    def _serve(self, server: EmbeddedServer, stage: Stage, stack: ExitStack) -> None:
        stack.callback(server.stop)
        server.start(pause=self.supervisor.pause)
        self.supervisor.add(self.lineup.server(server, stage), server.process)

    def _once(self, program: Program) -> None:
        before = size(program.log)
        code = self.supervisor.once(program)
        if code != 0:
            said = last_lines(program.log, before, 1)
            because = f": {said[0].strip()}" if said else ""
            raise StartError(
                f"{program.name} failed (exit code {code}){because}; see {program.log}."
            )

    def _ready(self) -> bool:
        others = [phones_address(self.given)] if self.phones else []
        if self.lineup.has_console:
            others.append(console_here(self.given))
        return answers_ok(f"{web_address(self.given)}/readyz") and all(
            answers_ok(f"{address}/healthz") for address in others
        )

    def _late(self) -> str:
        return f"Not ready within {READY_SECONDS:g} s; the logs in {self.home.logs} say more."

    def _where(self) -> str:
        if self.phones:
            return f"phones at {phones_address(self.given)}/"
        return f"health at {web_address(self.given)}/readyz"

    def _addresses(self) -> str:
        phones = f"Phones: {phones_address(self.given)}/  " if self.phones else ""
        console = f"Console: {console_address(self.given)}/  " if self.lineup.has_console else ""
        return f"{phones}{console}Health: {web_address(self.given)}/readyz"
