"""The pages people see, and the application that joins all routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, render_template
from werkzeug.exceptions import HTTPException

from service.phones import api, api_carrier, messaging
from service.phones.asked import AskedError

if TYPE_CHECKING:
    from service.phones.network import Network

POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"


def create_app(network: Network) -> Flask:
    """Make the Flask application of one network."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.config["MAX_FORM_MEMORY_SIZE"] = 16 << 20
    for routes in (messaging, api, api_carrier):
        app.register_blueprint(routes.make(network))
    app.register_error_handler(AskedError, _refuse)
    app.register_error_handler(HTTPException, _explain)
    app.after_request(_protect)
    _add_pages(app, network)
    return app


def _add_pages(app: Flask, network: Network) -> None:
    @app.get("/")
    def phones() -> str:
        return render_template("phones.html", cast=network.cast)

    @app.get("/journal")
    def journal() -> str:
        return render_template("journal.html")

    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        return {"ok": True, "events": network.journal.since(1 << 62)["last"]}


def _refuse(error: AskedError) -> tuple[Response, int]:
    return jsonify(error=error.error, says=str(error)), error.http


def _explain(error: HTTPException) -> tuple[Response, int]:
    word = (error.name or "error").lower().replace(" ", "_")
    return jsonify(error=word, says=error.description or ""), error.code or 500


def _protect(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
    return response
