"""Two pages for machines: is the process alive, and can it serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify


def health_pages(check: Callable[[], Mapping[str, Any]]) -> Blueprint:
    """Return /healthz (the process answers) and /readyz (200 when it can serve, else 503)."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="alive")

    @pages.get("/readyz")
    def readyz() -> tuple[Response, int]:
        found = check()
        return jsonify(found), 503 if found["status"] == "unready" else 200

    return pages
