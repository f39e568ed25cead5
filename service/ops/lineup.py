from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.ops.embedded import EmbeddedServer
from service.ops.environment import children_environment, phones_environment
from service.ops.home import Home
from service.ops.procfile import read_procfile
from service.ops.program import RUN_MARK, Program, Stage, shell_program
from service.settings import Settings

PROCFILE = Path(__file__).resolve().parents[2] / "Procfile"
CONSOLE = "console"
RELEASE = "release"  # the Procfile's line that runs once, to its end, before the others
PATIENCE = {  # seconds that a program may take to end before it is killed
    Stage.DOOR: 15.0,
    Stage.CLOCK: 10.0,
    Stage.WORKER: 25.0,  # the messages in hand: 10 s at the carrier, and to write down the answer
    Stage.WAKE_UPS: 10.0,
    Stage.DATABASE: 30.0,
}


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The command lines that `up` runs: the Procfile's, and what it adds to try the service.

    Where phones run there is a demo village to ring from; a real carrier's service stays empty.
    """

    procfile: Path = field(default=PROCFILE)
    seed: str = "caunoi seed --if-changed"
    seed_demo: str = "caunoi seed --demo --if-changed"
    phones: str = "python -m service.phones"


class Lineup:
    """The programs of one run, made from the command lines, the settings and the home."""

    def __init__(self, lines: Lines, home: Home) -> None:
        self._lines = lines
        self._home = home
        self._commands = read_procfile(lines.procfile)

    @property
    def has_console(self) -> bool:
        """Whether the console is among what lasts."""
        return CONSOLE in self._commands

    def release(self, settings: Settings) -> list[Program]:
        """What must have run to its end before anything else may start."""
        line = self._commands.get(RELEASE)
        return [self._program(RELEASE, line, settings)] if line else []

    def lasting(self, settings: Settings) -> tuple[list[Program], list[Program]]:
        """What runs for good, the Procfile's processes: those that people reach, and the others."""
        programs = [
            self._program(name, line, settings)
            for name, line in self._commands.items()
            if name != RELEASE
        ]
        doors = [program for program in programs if program.stage is Stage.DOOR]
        return doors, [program for program in programs if program not in doors]

    def seed(self, settings: Settings, *, phones: bool) -> Program:
        """What loads the places, and the demo village where phones run; once, to its end."""
        line = self._lines.seed_demo if phones else self._lines.seed
        return self._program("seed", line, settings)

    def phones(self, settings: Settings) -> Program:
        """The phones; they show the people that the seed has written down."""
        told = phones_environment(settings, cast=self._home.cast, journal=self._home.journal)
        return self._program("phones", self._lines.phones, settings, told)

    def server(self, server: EmbeddedServer, stage: Stage) -> Program:
        """Keep a database server running that has been started before."""
        return Program(
            name=server.title,
            spawn=server.spawn,
            log=server.log,
            stage=stage,
            stop_signal=server.fast,
            patience=PATIENCE[stage],
        )

    def _program(
        self, name: str, line: str, settings: Settings, more: Mapping[str, str] | None = None
    ) -> Program:
        stage = _stage(name)
        return shell_program(
            name,
            line,
            stage=stage,
            patience=PATIENCE[stage],
            folder=self._lines.procfile.resolve().parent,
            logs=self._home.logs,
            environment={
                **children_environment(settings),
                **(more or {}),
                RUN_MARK: str(self._home.path),
            },
        )


def _stage(name: str) -> Stage:
    if name.startswith("worker"):
        return Stage.WORKER
    return Stage.CLOCK if name == "clock" else Stage.DOOR
