"""The page for Prometheus. Without its token there is nothing here, as at the carriers' doors."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Blueprint, Response, request

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def metrics_page(token: str, write: Callable[[], tuple[bytes, str]]) -> Blueprint:
    """Return /metrics, for whoever sends `Authorization: Bearer` and the token; else it is a 404.

    An empty token is nobody's: then the page is not there at all.
    """
    pages = Blueprint("metrics", __name__)

    @pages.route("/metrics", methods=METHODS, provide_automatic_options=False)
    def metrics() -> Response:
        if request.method not in {"GET", "HEAD"} or not _may_read(token):
            return Response(status=404)
        page, content_type = write()
        return Response(page, content_type=content_type, headers={"Cache-Control": "no-store"})

    return pages


def _may_read(token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    known = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    return bool(token) and scheme.lower() == "bearer" and known
