"""The floor a hop is measured against: Flask that reads nothing and says hello."""

from __future__ import annotations

from flask import Flask, Response

ADDRESS = "/hello"
SAYS = b"CON hello"


def create_app() -> Flask:
    """Make the application; its one page is asked for with the very bytes of a hop."""
    app = Flask("hello", static_folder=None)

    @app.post(ADDRESS)
    def hello() -> Response:
        return Response(SAYS, content_type="text/plain")

    return app
