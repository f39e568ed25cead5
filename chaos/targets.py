"""The processes of a run, found anew at each look, for they die and are born."""

from __future__ import annotations

from dataclasses import dataclass, field

import psutil

from service.ops.program import NAME_MARK


@dataclass(slots=True)
class Targets:
    """The living processes below the supervisor."""

    leaders: dict[str, psutil.Process] = field(default_factory=dict)
    """By the name of their line in the Procfile."""
    web_children: list[psutil.Process] = field(default_factory=list)
    postgres: psutil.Process | None = None
    valkey: psutil.Process | None = None

    @property
    def workers(self) -> dict[str, psutil.Process]:
        """The processes that send."""
        return {name: p for name, p in self.leaders.items() if name.startswith("worker")}


def look(supervisor: psutil.Process) -> Targets:
    """Find what lives below the supervisor now; what it has not yet missed counts as dead."""
    found = Targets()
    for process in supervisor.children(recursive=True):
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            _sort_in(found, process, leads=process.ppid() == supervisor.pid)
        except psutil.Error:
            continue
    return found


def _sort_in(found: Targets, process: psutil.Process, *, leads: bool) -> None:
    program = process.name()
    if program == "postgres":
        found.postgres = process if leads else found.postgres
    elif program == "valkey-server":
        found.valkey = process
    else:
        name = process.environ().get(NAME_MARK, "")
        if leads and name:
            found.leaders[name] = process
        elif name == "web" and _is_granian_worker(process):
            found.web_children.append(process)


def _is_granian_worker(process: psutil.Process) -> bool:
    """Tell a web worker from the tracker process that multiprocessing starts beside them."""
    return "resource_tracker" not in " ".join(process.cmdline())
