"""The console as a Flask application of its own, apart from the carrier's doors."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import structlog
from flask import Flask, Response, g, request
from markupsafe import Markup
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from service.ops.carrier_names import carrier_names
from service.ops.room_brief import carrier_does
from service.text.local_time import in_vietnam
from service.text.mask import mask_numbers

from .abouts import said_about, said_detail, with_lane
from .account import account
from .alarms import alarms
from .asked import Malformed
from .audit_search import audit
from .brakes import brakes
from .doors import doors
from .find import finder
from .frame import Console, origin_of, page
from .glance import Lookout
from .guard import stand_guard
from .machines import machines
from .nav import NAV
from .roles import may
from .room import room
from .secret_words import Keys
from .todo import todo
from .words import LANGUAGES, read_words
from .work import work

log = structlog.get_logger(__name__)
MOST_BYTES = 64 * 1024
SAID = frozenset({400, 403, 404, 405, 410, 413, 429, 503})
"""Statuses with a sentence of their own; all others are said as one that is ours to mend."""
AWAY, OURS = 503, 500
LOOKS_AGAIN = frozenset({"room.glance", "room.wall", "room.curves"})
"""Pages that only show: where the database is away they try again by themselves."""
MOST_DIGITS = 9


def make_console(
    engine: Engine,
    *,
    key: str,
    address: str,
    port: int,
    redis: Redis | None = None,
    carriers: Sequence[str] = (),
) -> Flask:
    """Make the application.

    `address` is where people reach it, https behind a proxy; without one it is this machine's.
    `redis` is looked at only, and never waited for long. `carriers` are those that messages may go
    by, the usual one first; none named, it is the only one there is.
    """
    app = Flask("service.console")
    # A redirect to the address with fewer slashes would name whatever host the browser told.
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    here = {f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")}
    app.extensions["console"] = Console(
        engine=engine,
        redis=redis,
        keys=Keys(key),
        words=read_words(),
        origins=frozenset({origin_of(address)} if address else here),
        is_https=address.startswith("https://"),
        carriers=tuple(carriers) or tuple(carrier_names()[:1]),
    )
    app.extensions["lookout"] = Lookout(engine, redis)
    _prepare_templates(app)
    stand_guard(app)
    for pages in (doors, account, room, alarms, todo, brakes, work, finder, audit, machines):
        app.register_blueprint(pages)
    app.register_error_handler(HTTPException, _say_error)
    app.register_error_handler(SQLAlchemyError, _say_away)
    app.register_error_handler(Malformed, _say_malformed)
    app.context_processor(_given_to_pages)
    return app


def _prepare_templates(app: Flask) -> None:
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.filters.update(
        masked=mask_numbers,
        clock=lambda moment: f"{in_vietnam(moment):%H:%M %d/%m}",
        hour=lambda moment: f"{in_vietnam(moment):%H:%M}",
        moment=lambda moment: f"{in_vietnam(moment):%H:%M %d/%m/%Y}",
        dotted=lambda number: f"{number:,}".replace(",", "."),
        drawn=Markup,  # only for pictures that we draw: nothing anybody typed
    )
    app.jinja_env.globals.update(
        said_about=said_about,
        said_detail=said_detail,
        with_lane=with_lane,
        carrier_does=carrier_does,
    )


def _given_to_pages() -> dict[str, object]:
    others = [language for language in LANGUAGES if language != g.words.language]
    return {
        "t": g.words,
        "who": g.get("who"),
        "form_word": g.get("form_word", ""),
        "other_language": others[0],
        "in_other_language": f"{request.path}?{urlencode({**request.args, 'lang': others[0]})}",
        "nav": NAV,
        "done": _done(),
        "may_reach": lambda endpoint: may(endpoint, g.who.role if g.get("who") else None),
        "may_switch": request.method == "GET" and request.endpoint is not None,
    }


def _done() -> str:
    """Say what the form that led to this page has done; nothing that was typed is shown."""
    key = f"did.{request.args.get('did', '')}"
    number = request.args.get("n", "")
    n = int(number) if number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS else 0
    return g.words(key, n=f"{n:,}".replace(",", ".")) if key in g.words.sentences else ""


def _say_error(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400 and error.response:  # noqa: PLR2004
        raise error
    status = error.code or OURS
    return page("sorry.html", status, said=status if status in SAID else OURS)


def _say_malformed(fault: Malformed) -> Response:
    return page("malformed.html", 400, field=str(fault))


def _say_away(error: SQLAlchemyError) -> Response:
    log.error("console_database", page=request.endpoint, exc_info=error)
    return page("sorry.html", AWAY, said=AWAY, refresh=request.endpoint in LOOKS_AGAIN)
