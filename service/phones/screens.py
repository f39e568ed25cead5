"""What a handset shows when the network speaks, and how long a screen is."""

from __future__ import annotations

from service.text import gsm7

_TROUBLE = "Connection problem or invalid MMI code."

# The subscriber's sight of each failure; the exact words are the operator's and differ.
NETWORK_SAYS = {
    "no_coverage": "No network coverage.",
    "lost_coverage": "No network coverage.",
    "unknown_code": _TROUBLE,
    "gateway_late": _TROUBLE,
    "gateway_down": _TROUBLE,
    "bad_answer": _TROUBLE,
    "silence": "Session timed out.",
    "session_limit": "Session timed out.",
}

UCS2_LIMIT = 80  # 160 octets of a USSD string, 3GPP TS 23.038 section 5


def measure(text: str) -> tuple[int, str]:
    """Give a screen's length and what is wrong with it.

    The length is in septets, or in UTF-16 units for text outside the GSM alphabet. The warning is
    empty, `long` (over 160: some networks cut it), `too_long` (over 182, or 80 units: it does not
    fit) or `special` (outside the GSM alphabet: many networks show something else).
    """
    count = gsm7.count(text)
    if count.encoding is gsm7.Encoding.UCS2:
        return count.units, "too_long" if count.units > UCS2_LIMIT else "special"
    if count.units > gsm7.USSD_HARD_LIMIT:
        return count.units, "too_long"
    return count.units, "long" if count.units > gsm7.USSD_PAGE else ""
