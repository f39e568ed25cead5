from __future__ import annotations

from tests.gateway.conftest import _web, live  # noqa: F401 - fixtures
