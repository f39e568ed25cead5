"""The console's process: `granian --factory service.console_app:create_app`."""

from __future__ import annotations

from flask import Flask

from service.console.app import make_console
from service.logs import start_logging
from service.ops.carrier_names import carriers_set
from service.ops.trim import give_back_memory
from service.runtime import Runtime, runtime_from_environment


def create_app(runtime: Runtime | None = None) -> Flask:
    """Make the application."""
    if runtime is None:
        runtime = runtime_from_environment("console")
        start_logging(runtime.settings.log_level)
        runtime.watchman().start()
    settings = runtime.settings
    app = make_console(
        runtime.engine,
        key=settings.secret_key.get_secret_value(),
        address=settings.console_url,
        port=settings.console_port,
        redis=runtime.redis,
        carriers=carriers_set(settings),
    )
    give_back_memory()
    return app
