"""A database for one play: a server of its own that is gone afterwards, or one that was named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.errors import Interrupted
from service.ops.stop_signals import StopSignals


@contextmanager
def throw_away_server() -> Iterator[str]:
    """Lend the address of an empty database; its server and its folder go with the block.

    A signal that asks us to stop meanwhile waits until what was begun is cleared away. Raises
    StartError, and Interrupted when such a signal came before the server answered.
    """
    folder = Path(mkdtemp(prefix="caunoi-play-"))
    server = EmbeddedPostgres(folder / "postgres", fsync=False)
    try:
        with StopSignals() as signals:
            folder.chmod(0o711)  # PostgreSQL's user must pass
            server.start(pause=lambda seconds: _pause(signals, seconds))
            _pause(signals, 0)  # one that came with the server's first answer counts, too
        yield server.plain_url
    finally:
        with StopSignals():
            server.stop("immediate")
            shutil.rmtree(folder, ignore_errors=True)


def _pause(signals: StopSignals, seconds: float) -> None:
    signals.wait(seconds)
    if signals.asked:
        raise Interrupted
