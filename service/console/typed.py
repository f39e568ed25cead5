"""What somebody types as a reason, as it may be kept and shown to others."""

from __future__ import annotations

from flask import request

from service.text.mask import mask_numbers

MOST_REASON = 200


def reason_typed() -> str:
    """Return the reason of the form that was sent: one line, no full number of a phone in it.

    What is not printable is dropped: the database takes no NUL, and marks that turn the direction
    of writing would turn the sentences around it, too.
    """
    typed = request.form.get("reason", "")[: 4 * MOST_REASON]
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
    return mask_numbers(line)[:MOST_REASON]
