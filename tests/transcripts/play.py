"""Plays a transcript: playing a file gives the same file with its indented lines as they are now."""

from __future__ import annotations

import itertools
from functools import partial

from service.player.stage import Stage
from tests.transcripts.circumstances import CIRCUMSTANCES
from tests.village import Phone, World


class Repeating(Phone):
    """A phone in a network that delivers every SMS twice, as carriers do."""

    def send(self, words: str) -> None:
        name = f"in-{self.msisdn}-{self._count('messages_in')}"
        self.text(words, id=name)
        sent = self._count("messages_out")
        self.text(words, id=name)
        assert self._count("messages_out") == sent, "the same SMS again was answered again"

    def _count(self, table: str) -> int:
        return self.world.one(f"SELECT count(*) AS n FROM {table}").n


def play(script: str, world: World) -> str:
    """Return the script with what comes of each line as it is now."""
    with world.engine.connect() as held:
        stage = Stage(
            world.engine,
            held,
            handset=partial(world.phone, kind=Repeating),
            languages=world.runtime.menus.texts.languages,
            circumstances={line: partial(do, world) for line, do in CIRCUMSTANCES.items()},
        )
        lines = [line for line in script.splitlines() if not line.startswith(" ")]
        try:
            played = list(itertools.chain.from_iterable(stage.line(line) for line in lines))
        finally:
            stage.let_go()
        return "\n".join(played) + "\n"
