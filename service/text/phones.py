"""Phone numbers: what people write, what carriers say, and how a Vietnamese person reads them."""

from __future__ import annotations

import enum
import re
from typing import Final, NewType

from service.text.plain import INVISIBLE, SPACES

Msisdn = NewType("Msisdn", str)
"""A phone's full number in E.164 with its plus, such as +84900000001."""

VIETNAM: Final = "84"


class NumberFault(enum.StrEnum):
    """Why something is not a phone number that can be sent to."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    LANDLINE = "landline"
    SHORT_CODE = "short_code"
    FOREIGN = "foreign"
    UNKNOWN_PREFIX = "unknown_prefix"


MESSAGES: Final = {
    NumberFault.EMPTY: "No phone number was given.",
    NumberFault.NOT_A_NUMBER: (
        "This is not a phone number: it may hold digits, spaces, dots, dashes, brackets and a "
        "plus in front."
    ),
    NumberFault.TOO_SHORT: "This phone number has too few digits.",
    NumberFault.TOO_LONG: "This phone number has too many digits.",
    NumberFault.LANDLINE: "This is a landline, which cannot receive messages; give a mobile.",
    NumberFault.SHORT_CODE: "This is a service number, not a person's phone.",
    NumberFault.FOREIGN: "This number belongs to a country that messages are not sent to.",
    NumberFault.UNKNOWN_PREFIX: "No mobile network has numbers that begin like this.",
}
"""One plain sentence for each fault; none repeats the number, so each may be logged."""


class InvalidNumber(ValueError):
    """Something is not a phone number that can be sent to; `reason` says why."""

    def __init__(self, reason: NumberFault) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return MESSAGES[self.reason]


# Numbers of eleven digits became ten in autumn 2018 (Decision 798/QD-BTTTT of 25 May 2018); lists
# written before still hold the old ones. Prefixes without the leading zero.
_RENUMBERED: Final = {
    # MobiFone
    "120": "70",
    "121": "79",
    "122": "77",
    "126": "76",
    "128": "78",
    # VinaPhone
    "123": "83",
    "124": "84",
    "125": "85",
    "127": "81",
    "129": "82",
    # Viettel
    **{f"16{last}": f"3{last}" for last in range(2, 10)},
    # Vietnamobile
    "186": "56",
    "188": "58",
    # Gmobile
    "199": "59",
}
_OLD_LENGTH: Final = 10
_MOBILE_LENGTH: Final = 9
_MOBILE_HEADS: Final = frozenset("35789")
_LANDLINE_LENGTHS: Final = range(8, 11)  # with area codes from before 2017 too
_SERVICE_PREFIXES: Final = ("1800", "1900")
_SHORT_CODE_LENGTHS: Final = range(3, 7)
_LONGEST: Final = 20  # E.164 has 15 digits; a country code and zeros may be written twice

# phonenumbers' own values, spelled out because importing them is what is put off
_PARSE_FAULTS: Final = {  # NumberParseException.error_type
    0: NumberFault.UNKNOWN_PREFIX,
    1: NumberFault.NOT_A_NUMBER,
    2: NumberFault.TOO_SHORT,
    3: NumberFault.TOO_SHORT,
    4: NumberFault.TOO_LONG,
}
_POSSIBLE_FAULTS: Final = {  # ValidationResult
    2: NumberFault.TOO_SHORT,
    3: NumberFault.TOO_LONG,
}
_KIND_FAULTS: Final = {  # PhoneNumberType
    "FIXED_LINE": NumberFault.LANDLINE,
    "TOLL_FREE": NumberFault.SHORT_CODE,
    "PREMIUM_RATE": NumberFault.SHORT_CODE,
    "SHARED_COST": NumberFault.SHORT_CODE,
    "UAN": NumberFault.SHORT_CODE,
}

_DASHES: Final = "-‐‑‒–—―−"
_BETWEEN_DIGITS: Final = dict.fromkeys(map(ord, SPACES | INVISIBLE | set(f" .(){_DASHES}")))
_DIALLED: Final = re.compile(r"\+?[0-9]+")
_SERVICE_CODE: Final = re.compile(r"[*#][0-9*#]*")
_E164: Final = re.compile(r"\+[1-9][0-9]{7,14}")  # ITU-T E.164: at most 15 digits
_SHORTEST: Final = 8

# ITU-T E.164, list of assigned codes: 1 and 7 stand alone; by their first digit, the second digits
# of the codes that have two; all others have three
_TWO_DIGIT_CODES: Final = {
    "2": "07",
    "3": "0123469",
    "4": "013456789",
    "5": "12345678",
    "6": "0123456",
    "8": "1246",
    "9": "0123458",
}


def parse(
    text: str, *, region: str = "VN", countries: frozenset[str] = frozenset({VIETNAM})
) -> Msisdn:
    """Read a mobile number as a person writes it.

    With or without country code, zero in brackets, 00 or plus (or the space a web form leaves of
    it), any spacing; Vietnamese numbers from before 2018 are renewed. `region` (ISO 3166) is where
    a number without country code is at home, `countries` the calling codes that are accepted.
    Raises InvalidNumber.
    """
    dialled = _dialled(text)
    try:
        return _resolve(dialled, region, countries)
    except InvalidNumber as fault:
        if dialled.startswith(("+", "0")):
            raise
        try:
            return _resolve(f"+{dialled}", region, countries)
        except InvalidNumber:
            raise fault from None


def from_carrier(text: str) -> Msisdn:
    """Read what a carrier calls a phone number: E.164 of any country, the plus may be lost.

    Nothing else is forgiven: what a carrier sends is a number or it is forged. Cheap, and no check
    that the number exists. Raises InvalidNumber.
    """
    number = text.strip(" ")
    if not number.startswith("+"):
        number = f"+{number}"
    if _E164.fullmatch(number) is None:
        raise InvalidNumber(_carrier_fault(number[1:]))
    return Msisdn(number)


def country_of(msisdn: Msisdn) -> str:
    """Return the calling code a number begins with, such as "84"."""
    first, second = msisdn[1], msisdn[2]
    if first in "17":
        return first
    return msisdn[1 : 3 if second in _TWO_DIGIT_CODES.get(first, "") else 4]


def national(msisdn: Msisdn) -> str:
    """Return a number as people in Vietnam read it, "0900 000 001"; a foreign one as it is."""
    number = national_compact(msisdn)
    if number.startswith("0") and len(number) == _MOBILE_LENGTH + 1:
        return f"{number[:4]} {number[4:7]} {number[7:]}"
    return number


def national_compact(msisdn: Msisdn) -> str:
    """Return a number as dialled in Vietnam, "0900000001"; a foreign one as it is."""
    return f"0{msisdn[3:]}" if msisdn.startswith(f"+{VIETNAM}") else msisdn


def _carrier_fault(digits: str) -> NumberFault:
    if not digits:
        return NumberFault.EMPTY
    if not (digits.isascii() and digits.isdigit()) or digits.startswith("0"):
        return NumberFault.NOT_A_NUMBER
    return NumberFault.TOO_SHORT if len(digits) < _SHORTEST else NumberFault.TOO_LONG


def _dialled(text: str) -> str:
    """Return digits, with a plus in front when a country code follows; raises InvalidNumber."""
    written = text.strip().removeprefix("tel:")
    if not written:
        raise InvalidNumber(NumberFault.EMPTY)
    dialled = written.translate(_BETWEEN_DIGITS)
    if _SERVICE_CODE.fullmatch(dialled):
        raise InvalidNumber(NumberFault.SHORT_CODE)
    if _DIALLED.fullmatch(dialled) is None:
        raise InvalidNumber(NumberFault.NOT_A_NUMBER)
    if len(dialled) > _LONGEST:
        raise InvalidNumber(NumberFault.TOO_LONG)
    if len(dialled) in _SHORT_CODE_LENGTHS and dialled[0] not in "+0":
        raise InvalidNumber(NumberFault.SHORT_CODE)
    return f"+{dialled[2:]}" if dialled.startswith("00") else dialled


def _resolve(dialled: str, region: str, countries: frozenset[str]) -> Msisdn:
    import phonenumbers  # noqa: PLC0415 - 4 MB and 30 ms that a carrier's callback never needs

    try:
        number = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidNumber(_PARSE_FAULTS[error.error_type]) from None
    country = str(number.country_code)
    if country not in countries:
        raise InvalidNumber(NumberFault.FOREIGN)
    subscriber = phonenumbers.national_significant_number(number)
    if country == VIETNAM:
        subscriber = _renewed(subscriber)
        number.national_number = int(subscriber)
    kind = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(number))
    if country == VIETNAM:
        fault = _vietnamese_fault(subscriber, kind)
    else:
        fault = _foreign_fault(kind, phonenumbers.is_possible_number_with_reason(number))
    if fault:
        raise InvalidNumber(fault)
    return Msisdn(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _renewed(subscriber: str) -> str:
    """Return a Vietnamese number without its zero as it is since 2018."""
    new = _RENUMBERED.get(subscriber[:3]) if len(subscriber) == _OLD_LENGTH else None
    return new + subscriber[3:] if new else subscriber


def _vietnamese_fault(subscriber: str, kind: str) -> NumberFault | None:
    length = len(subscriber)
    if subscriber.startswith(_SERVICE_PREFIXES):
        return NumberFault.SHORT_CODE
    if subscriber.startswith("2") and length in _LANDLINE_LENGTHS:
        return NumberFault.LANDLINE
    if length != _MOBILE_LENGTH:
        return NumberFault.TOO_SHORT if length < _MOBILE_LENGTH else NumberFault.TOO_LONG
    # mobile numbers that begin otherwise belong to machines
    if kind != "MOBILE" or subscriber[0] not in _MOBILE_HEADS:
        return NumberFault.UNKNOWN_PREFIX
    return None


def _foreign_fault(kind: str, possible: int) -> NumberFault | None:
    if kind in {"MOBILE", "FIXED_LINE_OR_MOBILE"}:
        return None
    return _POSSIBLE_FAULTS.get(possible) or _KIND_FAULTS.get(kind, NumberFault.UNKNOWN_PREFIX)
