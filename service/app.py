"""The web process: `granian --factory service.app:create_app`."""

from __future__ import annotations

from flask import Flask

from service.gateway.health import health_pages
from service.logs import start_logging
from service.ops.health import readiness
from service.runtime import Runtime, runtime_from_environment


def create_app(runtime: Runtime | None = None) -> Flask:
    """Make the application; refuses to start with a menu that has faults (MenuError)."""
    if runtime is None:
        runtime = runtime_from_environment("web")
        start_logging(runtime.settings.log_level)
    app = Flask("caunoi", static_folder=None)
    app.register_blueprint(runtime.doors().blueprint())
    app.register_blueprint(health_pages(readiness(runtime.engine, runtime.redis)))
    return app
