"""`caunoi up` with a Procfile of our choice: `python -m chaos.up PROCFILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from service.ops.lineup import Lines
from service.ops.up import run_up
from service.settings import Settings

if __name__ == "__main__":
    sys.exit(run_up(Settings.from_environment(), Lines(procfile=Path(sys.argv[1]))))
