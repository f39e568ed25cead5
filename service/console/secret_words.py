"""What is hard to guess and what is made of it: tokens, their digests, and what a form carries."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256

TOKEN_BYTES = 32
SPARE_BYTES = 10
"""80 bits; written in sixteen letters and digits."""


def new_token() -> str:
    """Make a token of 256 bits for an address or a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_salt() -> str:
    """Make what the key of a phone's six digits is made from."""
    return secrets.token_hex(TOKEN_BYTES)


def new_spare_code() -> str:
    """Make a spare code as people write it down: ABCD-EFGH-IJKL-MNOP."""
    code = b32encode(secrets.token_bytes(SPARE_BYTES)).decode()
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


@dataclass(frozen=True, slots=True)
class Keys:
    """Digests by the service's own key, each kind under a name of its own."""

    key: str

    def digest(self, what: str, value: str) -> str:
        """Return what is kept of a value; without the key nobody can try values against it."""
        return self.raw(what, value).hex()

    def raw(self, what: str, value: str) -> bytes:
        """Return the digest's 32 bytes."""
        kind = hmac.new(self.key.encode(), f"console {what}".encode(), sha256).digest()
        return hmac.new(kind, value.encode(), sha256).digest()

    def is_form_word(self, cookie: str, word: str) -> bool:
        """Say whether a form was made for the browser that holds this cookie."""
        return hmac.compare_digest(self.form_word(cookie).encode(), word.encode())

    def form_word(self, cookie: str) -> str:
        """Return what a form of ours carries, which no other site can know."""
        return self.digest("form", cookie)
