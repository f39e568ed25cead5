"""How many statements each page of the console asks of the database, by page and role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import get_ident

from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text

from bench.console_walk import endpoint_of, walk
from service.console.app import make_console
from service.console.frame import SESSION_COOKIE
from service.console.secret_words import Keys
from service.console.sessions import begin_session
from service.console.users import add_user
from service.records.console import Role

KEY, PORT = "c" * 32, 8002
OK = 200
HERE = f"http://127.0.0.1:{PORT}"
Counted = dict[tuple[str, Role], int]
PASSWORD = text("UPDATE console_users SET password = 'none' WHERE name = :name RETURNING id")


def count(
    engine: Engine,
    people: Mapping[Role, tuple[str, str | None]],
    samples: Mapping[str, list[str]],
) -> Counted:
    """Walk all pages as every role; return the most statements that an address of each took."""
    app = make_console(engine, key=KEY, address="", port=PORT)
    found: Counted = {}
    for role, (name, code) in people.items():
        client = _signed_in(app.test_client(), engine, f"{name}.count", role, code)

        def get(path: str, client: FlaskClient = client, role: Role = role) -> tuple[int, str]:
            with counting(engine) as statements:
                answer = client.get(path, base_url=HERE)
            if answer.status_code == OK:
                page = (endpoint_of(app, path) or path, role)
                found[page] = max(found.get(page, 0), len(statements))
            return answer.status_code, answer.text

        walk(app, get, samples)
    return found


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """Yield the statements that this thread sends meanwhile."""
    sent: list[str] = []
    here = get_ident()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if get_ident() == here:
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _signed_in(
    client: FlaskClient, engine: Engine, name: str, role: Role, code: str | None
) -> FlaskClient:
    keys = Keys(KEY)
    with engine.begin() as connection:
        known = text("SELECT id FROM console_users WHERE name = :name")
        if connection.execute(known, {"name": name}).one_or_none() is None:
            add_user(connection, keys, name, role, code, by="operator bench")
        user = connection.execute(PASSWORD, {"name": name}).scalar_one()
        token = begin_session(connection, keys, user)
    client.set_cookie(SESSION_COOKIE, token, domain="127.0.0.1")
    return client
