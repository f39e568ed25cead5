from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from service.settings import Settings


def as_environment(settings: Settings) -> dict[str, str]:
    """Write every setting as the variable it is read from, secrets in the clear."""
    return {name.upper(): _text(getattr(settings, name)) for name in type(settings).model_fields}


def children_environment(settings: Settings) -> dict[str, str]:
    """Make the environment of our own programs: ours, the settings, and our programs first."""
    programs = str(Path(sys.executable).parent)
    return {
        **os.environ,
        **as_environment(settings),
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }


def phones_environment(settings: Settings, *, cast: Path, journal: Path) -> Mapping[str, str]:
    """Name what the phones page needs to know of the service, which it never imports."""
    secret = settings.gateway_secrets[0].get_secret_value()
    return {
        "PHONES_HOST": phones_host(),
        "PHONES_PORT": str(settings.phones_port),
        "PHONES_GATEWAY": f"{web_address(settings)}/gateway/{settings.carrier}/{secret}",
        "PHONES_USERNAME": settings.carrier_username,
        "PHONES_API_KEY": settings.carrier_api_key.get_secret_value(),
        "PHONES_CAST": str(cast) if cast.exists() else "",
        "PHONES_JOURNAL": str(journal),
    }


def web_address(settings: Settings) -> str:
    """Tell where this machine reaches the web process, without a slash at the end."""
    return f"http://{_reachable(settings.host)}:{settings.port}"


def phones_address(settings: Settings) -> str:
    """Tell where this machine reaches the phones page, without a slash at the end."""
    return f"http://{_reachable(phones_host())}:{settings.phones_port}"


def console_address(settings: Settings) -> str:
    """Tell where operators reach the console, without a slash at the end."""
    return settings.console_url.rstrip("/") or console_here(settings)


def console_here(settings: Settings) -> str:
    """Tell where this machine reaches the console, without a slash at the end."""
    return f"http://{_reachable(settings.host)}:{settings.console_port}"


def phones_host() -> str:
    """Tell which address the phones page listens on; only this machine unless PHONES_HOST."""
    return os.environ.get("PHONES_HOST") or "127.0.0.1"


def without_password(url: str) -> str:
    """Name a server for a sentence: host and port, or the socket, of its address."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path or url


def _reachable(host: str) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
    here = everywhere.get(host, host)
    return f"[{here}]" if ":" in here else here


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(_text(part) for part in value)
    return str(value)
