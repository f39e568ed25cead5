"""What the phones are told by the environment, read once at start."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from service.text.phones import InvalidNumber, from_carrier

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORT_CODE = re.compile(r"\*\d+(\*\d+)*#")
SMS_CODE = re.compile(r"\d{3,10}")


class OptionsError(Exception):
    """Some variables are missing or malformed; the message names every one of them."""


class CastError(ValueError):
    """A cast file does not hold what it should."""


@dataclass(frozen=True)
class CastMember:
    """A handset that stands on the page from the start."""

    name: str
    role: str
    msisdn: str
    note: str = ""


@dataclass(frozen=True)
class Cast:
    """Who plays: the two short codes and the handsets."""

    short_code: str = "*384*1909#"
    sms_code: str = "8499"
    handsets: tuple[CastMember, ...] = (
        CastMember(name="Bà Nùng Thị Mai", role="villager", msisdn="+84900000001"),
        CastMember(name="Anh Hoàng Văn Lâm", role="leader", msisdn="+84900000002"),
    )


@dataclass(frozen=True)
class Options:
    """Everything the process needs to know to start."""

    gateway: str = field(repr=False)
    api_key: str = field(repr=False)
    username: str = "sandbox"
    host: str = "127.0.0.1"
    port: int = 8001
    cast: Cast = field(default_factory=Cast)
    journal: Path | None = None
    time_factor: float = 1.0
    report_delay: float = 0.3


def from_env(environ: Mapping[str, str]) -> Options:
    """Read the `PHONES_*` variables; raise OptionsError naming all that is wrong."""
    faults: list[str] = []
    journal = environ.get("PHONES_JOURNAL", "")
    options = Options(
        gateway=_gateway(environ.get("PHONES_GATEWAY", ""), faults),
        api_key=environ.get("PHONES_API_KEY", ""),
        username=environ.get("PHONES_USERNAME", "") or "sandbox",
        host=environ.get("PHONES_HOST", "") or "127.0.0.1",
        port=int(_number(environ, "PHONES_PORT", 8001, 65535, faults)),
        cast=_cast(environ.get("PHONES_CAST", ""), faults),
        journal=Path(journal) if journal else None,
        time_factor=_number(environ, "PHONES_TIME_FACTOR", 1.0, 1000.0, faults),
        report_delay=_number(environ, "PHONES_REPORT_DELAY", 0.3, 86400.0, faults),
    )
    if not options.api_key:
        faults.append("PHONES_API_KEY is missing: the key senders must present")
    if faults:
        raise OptionsError("; ".join(faults))
    return options


def _gateway(value: str, faults: list[str]) -> str:
    address = value.rstrip("/")
    parts = urlsplit(address)
    if parts.scheme != "http" or not parts.hostname or parts.query or parts.fragment:
        faults.append(
            "PHONES_GATEWAY should be the address of the carrier's callbacks and start with http://"
        )
    return address


def _number(
    environ: Mapping[str, str], name: str, default: float, most: float, faults: list[str]
) -> float:
    text = environ.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        faults.append(f"{name} should be a number from 0 to {most:g}")
        return default
    return value


def _cast(path: str, faults: list[str]) -> Cast:
    if not path:
        return Cast()
    try:
        return parse_cast(json.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        faults.append(f"PHONES_CAST cannot be read: {error.strerror}")
    except ValueError as error:
        faults.append(f"PHONES_CAST is not a cast: {error}")
    return Cast()


def _is_number(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(from_carrier(text))
    except InvalidNumber:
        return False


def parse_cast(data: Any) -> Cast:
    """Turn the JSON of a cast file into a Cast; raise CastError saying what is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get("handsets"), list):
        raise CastError('it should hold "short_code", "sms_code" and a list "handsets"')
    short_code, sms_code = str(data.get("short_code")), str(data.get("sms_code"))
    if not SHORT_CODE.fullmatch(short_code):
        raise CastError('"short_code" should look like *384*1909#')
    if not SMS_CODE.fullmatch(sms_code):
        raise CastError('"sms_code" should be 3 to 10 digits')
    members = []
    for entry in data["handsets"]:
        if not isinstance(entry, dict) or not _is_number(entry.get("msisdn")):
            raise CastError('every handset should have an "msisdn" like +84900000001')
        wanted = {key: str(entry.get(key) or "") for key in ("name", "role", "msisdn", "note")}
        members.append(CastMember(**wanted))
    return Cast(short_code=short_code, sms_code=sms_code, handsets=tuple(members))
