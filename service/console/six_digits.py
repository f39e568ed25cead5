"""The six digits that a phone shows for half a minute (RFC 6238), each good once."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode

from sqlalchemy import Connection, text

from service.records.console import Role

from .secret_words import Keys

SECONDS = 30
NEIGHBOURS = (0, -1, 1)
"""Half minutes by which a phone's clock may be off."""
KEY_BYTES = 20
NEEDED_BY = frozenset({Role.OPERATOR, Role.PROVINCE})
"""Who signs in with six digits too."""
NOW = text("SELECT floor(extract(epoch FROM clock_timestamp()) / 30)::bigint")
TAKE = text("""
    UPDATE console_users SET totp_step = :step WHERE id = :user AND totp_step < :step RETURNING id
""")


def key_of(keys: Keys, salt: str) -> str:
    """Return the key that a phone is given, in the letters people type it by."""
    return b32encode(keys.raw("six digits", salt)[:KEY_BYTES]).decode()


def address_of(key: str, name: str) -> str:
    """Return the otpauth address of a key, which a phone's app opens."""
    from pyotp import TOTP  # noqa: PLC0415 - few pages need it

    return TOTP(key).provisioning_uri(name=name, issuer_name="Cau Noi")


def picture_of(address: str) -> str:
    """Return an address as a QR code: one svg element."""
    import segno  # noqa: PLC0415 - as above

    drawn: str = segno.make(address, error="m").svg_inline(omitsize=True, border=4, light="#fff")
    return drawn


def step_of(connection: Connection, key: str, typed: str) -> int | None:
    """Return the half minute that the digits are of, None when they are of none near now."""
    from pyotp import TOTP  # noqa: PLC0415 - as above

    digits = re.sub(r"\s", "", typed)
    if not re.fullmatch(r"[0-9]{6}", digits, re.ASCII):
        return None
    now: int = connection.execute(NOW).scalar_one()
    made = TOTP(key)
    for neighbour in NEIGHBOURS:
        if hmac.compare_digest(made.generate_otp(now + neighbour), digits):
            return now + neighbour
    return None


def take_step(connection: Connection, user_id: int, step: int) -> bool:
    """Use digits up; False when these or later ones were used already."""
    return connection.execute(TAKE, {"user": user_id, "step": step}).one_or_none() is not None
