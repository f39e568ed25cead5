"""The console over HTTP on this machine, for a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

from service.console.app import make_console
from service.console.frame import SESSION_COOKIE
from tests.console.office import KEY, Browser, Office

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


@contextmanager
def served(office: Office) -> Iterator[str]:
    """Serve an office's console; yield its address."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    server.app = make_console(office.world.engine, key=KEY, address="", port=server.port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def lend_session(somebody: Browser, context: BrowserContext, address: str) -> None:
    """Let a real browser go on with the session of somebody who is signed in."""
    cookie = somebody.client.get_cookie(SESSION_COOKIE, domain="127.0.0.1")
    assert cookie is not None
    safe = address.replace("http:", "https:")  # else Chromium calls a secure cookie a fault
    context.add_cookies(
        [{"name": SESSION_COOKIE, "value": cookie.value, "url": safe, "secure": True}]
    )
