"""The web process: `granian --factory service.app:create_app`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Flask

from service.gateway.doors import Doors, doors_page
from service.gateway.guard import Secrets
from service.gateway.health import health_pages
from service.gateway.metrics import metrics_page
from service.gateway.patience import bound_waits
from service.logs import start_logging
from service.ops.health import readiness
from service.ops.metrics import metrics
from service.ops.trim import give_back_memory
from service.runtime import Runtime, runtime_from_environment

FIGURE_SECONDS = 2.0
"""How long a scrape waits for a database that hangs: Prometheus gives up after ten seconds."""


def create_app(runtime: Runtime | None = None) -> Flask:
    """Make the application; refuses to start with a menu that has faults (MenuError)."""
    if runtime is None:
        runtime = runtime_from_environment("web")
        start_logging(runtime.settings.log_level)
    app = Flask("caunoi", static_folder=None)
    app.register_blueprint(doors_page(_doors(runtime), _secrets(runtime), runtime.engine))
    app.register_blueprint(health_pages(readiness(runtime.engine, runtime.redis)))
    token = runtime.settings.metrics_token.get_secret_value()
    app.register_blueprint(metrics_page(token, _figures(runtime)))
    give_back_memory()
    return app


def _figures(runtime: Runtime) -> Callable[[], tuple[bytes, str]]:
    """Make what writes the page for Prometheus."""

    def timetable_names() -> Iterable[str]:
        # Loaded here only: the clock's work is nothing a web process needs otherwise.
        from service.jobs import timetable  # noqa: PLC0415

        return timetable(runtime)

    settings = runtime.settings
    caps = {"per_hour": settings.cap_vnd_per_hour, "per_day": settings.cap_vnd_per_day}
    bound_waits(runtime.figures, FIGURE_SECONDS)
    return metrics(runtime.figures, runtime.redis, timetable=timetable_names, caps=caps)


def _doors(runtime: Runtime) -> list[Doors]:
    """Make what stands behind the addresses of each carrier."""
    codes = {runtime.carrier: runtime.settings.sms_code}
    if runtime.second_carrier is not None:
        codes[runtime.second_carrier] = runtime.second_sms_code
    return [
        Doors(
            carrier_name=carrier.name,
            carrier=carrier,
            switchboard=runtime.switchboard,
            texting=runtime.texting,
            engine=runtime.engine,
            pace=runtime.pace,
            ussd_code=runtime.settings.ussd_code,
            sms_code=sms_code,
        )
        for carrier, sms_code in codes.items()
    ]


def _secrets(runtime: Runtime) -> Secrets:
    return Secrets([secret.get_secret_value() for secret in runtime.settings.gateway_secrets])
