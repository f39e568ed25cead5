"""A phone number as it stands in an address: sealed, for addresses are kept in many places.

Most numbers are spoken of by the id of their row; this is for those that have none. Sealed with a
synthetic vector, as RFC 5297 does it: the tag is a keyed digest of the number, and what covers the
number is a keyed digest of the tag. The same number always has the same handle, and one that was
made up opens to nothing.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from service.text.phones import InvalidNumber, Msisdn, from_carrier

from .secret_words import Keys

TAG_BYTES = 16
NUMBER_BYTES = 16
"""A plus and the fifteen digits that E.164 has at most."""
WRITTEN = re.compile(r"[A-Za-z0-9_-]{43}")


def seal(keys: Keys, msisdn: str) -> str:
    """Return the handle of a number in E.164."""
    tag = _tag(keys, msisdn)
    covered = _cover(keys, tag, msisdn.encode().ljust(NUMBER_BYTES, b"\0"))
    return urlsafe_b64encode(tag + covered).decode().rstrip("=")


def unseal(keys: Keys, handle: str) -> Msisdn | None:
    """Return the number of a handle; None for what is none of ours."""
    if WRITTEN.fullmatch(handle) is None:
        return None
    sealed = urlsafe_b64decode(f"{handle}=")
    tag, covered = sealed[:TAG_BYTES], sealed[TAG_BYTES:]
    found = _cover(keys, tag, covered).rstrip(b"\0").decode("ascii", "replace")
    if not hmac.compare_digest(tag, _tag(keys, found)):
        return None
    try:
        return from_carrier(found)
    except InvalidNumber:
        return None


def _tag(keys: Keys, msisdn: str) -> bytes:
    return keys.raw("number tag", msisdn)[:TAG_BYTES]


def _cover(keys: Keys, tag: bytes, number: bytes) -> bytes:
    cover = keys.raw("number cover", tag.hex())
    return bytes(one ^ other for one, other in zip(number, cover, strict=False))
