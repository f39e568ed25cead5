"""The demo village on an empty database, as on its first day: nobody has called yet."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from service.data_folder import DATA, read_demo
from service.records.tables import metadata
from service.runtime import Runtime
from service.settings import Settings
from service.village.demo import load_demo
from service.village.gazetteer import load_places

from .handset import DirectHandset, Line
from .stage import Handset, Stage


@contextmanager
def demo_village(settings: Settings, url: str) -> Iterator[Stage]:
    """Make the village in the database at `url` and lend a stage in it."""
    own = {"database_url": url, "redis_url": "", "secret_key": SecretStr(secrets.token_hex(32))}
    runtime = Runtime(settings.model_copy(update=own), "play")
    try:
        metadata.create_all(runtime.engine)
        with runtime.units.open() as unit:
            load_places(unit.session, DATA)
            load_demo(unit.session, read_demo(), runtime.words.key)
        line = Line.to(runtime)
        phones: dict[str, Handset] = {}

        def handset(msisdn: str) -> Handset:
            return phones.setdefault(msisdn, DirectHandset(line, msisdn))

        with runtime.engine.connect() as held:
            yield Stage(runtime.engine, held, handset, runtime.menus.texts.languages)
    finally:
        runtime.close()
