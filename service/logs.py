"""Logs: JSON lines with ids; whatever looks like a phone number is masked on the way out."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from service.text.mask import mask_numbers

NEVER_LOGGED = frozenset({"text", "body", "message_text", "words", "pin", "secret", "key"})
"""Fields that would hold what people wrote or what nobody may know; their value is left out."""
LEFT_OUT = "(left out)"
SHORTEST = 10**8
"""From here on a whole number may be somebody's phone number."""
CALLBACK_PATH = re.compile(r"(/gateway/[^/\s]*/|/join/)[^/\s]+")
"""An address of ours as a library might log it; the last part is a secret."""


def mask(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Leave out forbidden fields, the callbacks' secret and the middle of every phone number."""
    for name, value in event.items():
        if name != "timestamp":
            event[name] = LEFT_OUT if name in NEVER_LOGGED else _masked(value)
    return event


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_numbers(CALLBACK_PATH.sub(rf"\1{LEFT_OUT}", value))
    if isinstance(value, Mapping):
        fields = ((str(name), inner) for name, inner in value.items())
        return {
            name: LEFT_OUT if name in NEVER_LOGGED else _masked(inner) for name, inner in fields
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner) for inner in value]
    if value is None or isinstance(value, float) or (isinstance(value, int) and value < SHORTEST):
        return value
    return _masked(str(value))


def where_it_failed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Give an exception's class and where it rose, not its words.

    A database's complaint quotes the row it refuses, and with it what somebody wrote.
    """
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = [
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
    return event


def start_logging(level: str) -> None:
    """Send all logs of this process, ours and the libraries', to stderr as masked JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                where_it_failed,
                mask,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Libraries that speak of every request; SQLAlchemy's would repeat bound values.
    for name in ("rq.worker", "urllib3", "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(logging.WARNING)
