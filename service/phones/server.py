"""A threaded HTTP/1.1 server that looks like the carrier's and lets faults reach the socket."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from flask import Flask

BACKLOG = 1024  # the SDK opens a connection for every call


class Handler(WSGIRequestHandler):
    """Names itself like the carrier's server, and says nothing on stderr about each request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def version_string(self) -> str:
        """Give the Server header."""
        return "akka-http/10.2.10"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  the base's name
        """Keep quiet: the journal tells more, and numbers stay out of the log."""


def bind(host: str, port: int) -> socket.socket:
    """Open the listening socket; port 0 takes any. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


class Server(ThreadedWSGIServer):
    """Does not call it an error when a client goes away in the middle of an answer."""

    def handle_error(
        self,
        request: Any,  # noqa: ARG002  the base's signature
        client_address: Any,  # noqa: ARG002  the base's signature
    ) -> None:
        """Name a request's failure, without its content."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            print(f"a request failed: {type(error).__name__}", file=sys.stderr)  # noqa: T201  its log


def make(app: Flask, listener: socket.socket) -> Server:
    """Make the server; it takes the listener over. Call its serve_forever and shutdown."""
    host, port = listener.getsockname()[:2]
    server = Server(host, port, app, Handler, fd=listener.fileno())
    listener.close()
    return server
