"""Phone numbers hidden from logs, and secrets kept out of storage."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from service.text.phones import Msisdn, country_of
from service.text.plain import LIKENESSES, plain_digits

_LAST_SHOWN: Final = 2
_HEADS: Final = (("0084", 6), ("0", 3), ("84", 4))
_FEWEST_HIDDEN: Final = 4
_SEPARATOR: Final = r"[ .\-]{0,3}"

# A phone number as people and machines write it. What is counted exactly comes first: a number must
# not swallow the one behind it.
_BEGINS: Final = r"(?<![\d*])"
_WRITTEN: Final = rf"""(?:
    (?: \(?(?:\+|00)?84\)? {_SEPARATOR} (?:\(?0\)? {_SEPARATOR})? | \(?0\)?[ ]? )
    (?: [35789] | 1[2689] | 2\d ) (?:{_SEPARATOR}\d){{8}}
  | \+[1-9] (?:{_SEPARATOR}\(?\d\)?){{7,14}}
  | 1[89]00 (?:{_SEPARATOR}\d){{4,6}}
)"""
_PHONE: Final = rf"{_BEGINS}{_WRITTEN}(?!\d)"

# What has a name is masked, what has none is left and hides nothing.
_IN_A_LOG_LINE: Final = re.compile(
    rf"""
    \b[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b                   # UUID
  | \b(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?![-\d])
  | \b[0-3]?\d[-.][01]?\d[-.](?:19|20)\d\d(?![-.\d])
  | \b\d\.\d{{1,9}}(?![.\d])                                                   # seconds
  | (?P<number> {_PHONE} | \d{{9,}} | {_BEGINS}{_WRITTEN} )
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
_MASKED: Final = re.compile(r"\+?(?:[0-9]{2,6}\*{4,}[0-9]{2}|\*+)")
_DIGITS: Final = re.compile(r"\+?[0-9]+")


def _words(*words: str) -> str:
    """Return a pattern for any of these folded words, their spaces optional, "la" written on."""
    return "(?:" + "|".join(word.replace(" ", r"\s*") for word in words) + ")(?:la)?(?![a-z])"


_IDENTITY_WORDS: Final = _words(
    "cmnd", "cmt", "cmtnd", "cccd", "cc", "can cuoc", "can cuoc cong dan", "chung minh",
    "chung minh thu", "chung minh nhan dan", "dinh danh", "ho chieu", "passport",
)  # fmt: skip
_PASSPORT_WORDS: Final = _words("ho chieu", "passport")
# named like this a number is no phone number, whatever it looks like
_INSURANCE_WORDS: Final = _words("(?:ma )?so bhxh", "(?:ma )?so bhyt", "bh mk", "ma so thue", "mst")
_ACCOUNT_WORDS: Final = _words("stk", "tai khoan", "so tk", "so the", "account")
_CODE_WORDS: Final = _words(
    "otp", "ma xac nhan", "ma xac thuc", "ma xac minh", "ma bao mat", "ma bi mat", "ma kich hoat",
    "ma dang nhap", "ma [4-8] so", "ma pin", "so pin", "mat khau", "mkhau", "mat ma", "pass word",
    "passcode", "cvv2?", "cvc2?", "verification code", "security code", "confirmation code",
    "login code",
    # "o tp" and "o t.p" are "in the city", "100tp" is no word: these are written like this only
    r"o\st\sp", r"o\.t\.p", "(?<![0-9])0tp",
)  # fmt: skip
_CARD_CODE_WORDS: Final = _words("cvv2?", "cvc2?")
_PASSWORD_WORDS: Final = _words("mat khau", "mkhau", "mat ma", "pass word", "pass", "mk", "pw")
# too short or too common to reach far: "pin" is also a battery
_NEAR_CODE_WORDS: Final = _words("pin", "pass", "mk", "pw", "code")
_BATTERIES: Final = r"(?:mua|thay|het|sac|cuc|vien|chai|yeu|con|gia)\s+pin"

# what may stand between a word and its number
_FILLER: Final = r"""(?:[\s:=.,"'()\-]|(?:la|so|ma|cua|toi|em|minh|con|chau|bac|ong|ba|day|nay|moi|
    cong\s?dan|nhan\s?dan|vneid|vssid|is)(?![a-z])){0,12}"""
# a sentence's end or one of these words begins something else
_ELSEWHERE: Final = r"""[.!?;]\s|\b(?:viec|yc|yeu\scau|xom|thon|lop|ngay|thang|nam|luc|phi|gia|tien|
    goi|huy|xong|nv|chuyen)\b|\bgui\s+\d{4}\b"""
_GAP: Final = rf"(?:(?!{_ELSEWHERE})(?:[^\d*]|[4-8]\s(?:chu\s)?so\b)){{0,30}}?"
_UNIT: Final = r"\s?(?:%|(?:d|dong|vnd|k|nghin|ngan|tr|trieu|ty|gio|h|phut|ngay|nguoi|lan|mah)\b)"
_CODE: Final = rf"""(?!{_PHONE}|1[89]00\d{{4}}|\d{{1,2}}[-.]\d{{1,2}}[-.]\d{{4}})
    (?:\d{{4,8}}|\d{{3}}[ .\-]\d{{3}}|\d\d(?:[ .\-]\d\d){{2,3}}|\d(?:[ .\-]\d){{3,7}})
    (?!\d|[/:]\d|{_UNIT})"""
_CODES: Final = rf"{_CODE} (?:[\s,]{{1,2}} (?:(?:doi|thanh|sang|moi|va|hoac)\s){{0,2}} {_CODE})*"
_IS_THE: Final = r"(?:(?:day\s)?la|is(?:\syour)?)\s(?:ma\s)?(?:[a-z]+\s)?"

_MONEY: Final = rf"""[1-9]\d{{0,2}}(?:[.,]\d{{3}})+(?!\d)
    | [1-9](?:\d{{3,11}}(?={_UNIT})|\d{{2,8}}000(?!\d))"""

# Behind its name an identity number may be parted by any key, "*" on a menu, when it is too long
# for a date; and may begin like a phone number when it goes on to the twelve digits only it has
# (the fourth is the century) and no further, to the time or day to call.
_KEY: Final = r"[ .\-,/_*]?"
_CURRENCY: Final = r"\s?(?:d|dong|vnd)\b"
_NO_FURTHER: Final = rf"""(?:
    (?! [ .\-,/_*:]?\d | \s?(?:h|gio)(?![a-z]) ) | (?= [ ,/]{_PHONE} )
)"""
_NO_IDENTITY: Final = rf"""[a-z]{{0,2}}{_PHONE} | (?:{_MONEY}){_CURRENCY}
    | (?:\d{{1,6}}[ ])?[0-3]?\d[-./][01]?\d[-./](?:19|20)\d\d(?!\d|[-./]\d{{4}}(?!\d))"""
_IDENTITY: Final = rf"""(?:
    (?!{_NO_IDENTITY})
    (?: \d (?:{_KEY}\d){{8,14}} | [a-z]{{0,2}} \d (?:[ .\-]?\d){{6,14}} ) (?!\d)
  | 0 (?:{_KEY}\d){{2}} {_KEY}[0-3] (?:{_KEY}\d){{8}}
    {_NO_FURTHER}
)"""
# Cao Bang's begin with 004, and of phone numbers only those with 0084 begin alike. Hamlet codes
# do, too: one before another, a date or a price is no identity number.
_CAO_BANG: Final = r"0[ .\-]?0[ .\-]?[1-9][ .\-]?[0-3](?:[ .\-]?\d){8}"
_SPELLED: Final = r"0(?:[ .\-]\d){2}[ .\-][0-3](?:[ .\-]\d){8}"
_NAMELESS_IDENTITY: Final = rf"""
    (?! \d{{5}}[ .\-] (?: 0\d{{4}}\b | \d\d?[.\-]\d\d?[.\-]\d{{4}}\b
        | [1-9]\d?\d?(?:\.\d{{3}})+\b | \d{{7}}{_CURRENCY} ) )
    (?: {_CAO_BANG} | (?<!\d[ .\-]){_SPELLED} ) (?: [ ,/](?:{_CAO_BANG}|{_SPELLED}) ){{0,3}}
    {_NO_FURTHER}"""

# What is found first at a place decides; what has no name stays. Written apart, only a number that
# begins like an identity number or a card is taken for one.
_SECRETS: Final = re.compile(
    rf"""
    {_BATTERIES}
  | (?<![a-z]){_IDENTITY_WORDS} {_FILLER} (?P<identity> {_IDENTITY} )
  | (?<![a-z]){_PASSPORT_WORDS} {_FILLER}
        (?P<passport> [a-np-z][ .\-](?!{_NO_IDENTITY})\d(?:[ .\-]?\d){{6,7}} ) (?![ .\-/:]?\d)
  | (?<![a-z]){_INSURANCE_WORDS} {_FILLER} (?P<insurance> \d (?:[ .\-]?\d){{8,14}} ) (?!\d)
  | (?<![a-z]){_ACCOUNT_WORDS} {_FILLER} (?!{_PHONE}|{_MONEY})
        (?P<account> \d (?:[ .\-]?\d){{5,18}} ) (?!\d|{_UNIT})
  | (?<![a-z]){_PASSWORD_WORDS} {_FILLER} (?<=[\s:=]) (?!\d+{_UNIT})
        (?P<password> (?=[^\s*]*\d)(?=[^\s*]*[a-z]) [^\s*]{{4,30}} )
  | (?<![a-z])(?:{_CODE_WORDS} {_GAP} | {_NEAR_CODE_WORDS} {_FILLER}) (?<!\d)(?P<after> {_CODES} )
  | (?<![a-z])(?:{_CODE_WORDS} {_FILLER} (?<!\d)(?P<halves> \d\d[ ]\d\d )
        | {_CARD_CODE_WORDS} {_FILLER} (?<!\d)(?P<three> \d{{3}} ) ) (?![ .\-/:]?\d|{_UNIT})
  | (?<!\d)(?P<nameless> {_NAMELESS_IDENTITY} )
  | {_PHONE}
  | (?<!\d)(?:{_MONEY})
  | (?<!\d)(?P<before> (?:\d{{6,8}}|\d{{3}}[ .\-]\d{{3}})(?!\d)
            (?=\W{{0,3}}(?:{_IS_THE})?(?:ma\s)?{_CODE_WORDS})
        | \d{{4,5}}(?!\d)(?=\s{_IS_THE}(?:{_CODE_WORDS}|{_NEAR_CODE_WORDS})) )
  | (?<!\d)(?P<card> \d{{13,}}
        | [3-69]\d{{3}}(?P<by>[ .\-])\d{{4}}(?P=by)\d{{4}}(?P=by)\d{{4}}
          (?:(?P=by)\d{{1,3}})?(?!\d) )
  | (?<!\d)(?P<number> \d{{9,12}}
        | 0\d\d(?P<apart>[ .\-])\d{{3}}(?P=apart)\d{{3}}(?:(?P=apart)\d{{3}})?(?!\d)
        | 0\d{{3}}(?P<fours>[ .\-])\d{{4}}(?P=fours)\d{{4}}(?!\d)
        | 0\d\d(?P<parts>[ .\-])\d{{3}}(?P=parts)\d{{6}}(?!\d)
        | 0\d{{5}}[ .\-]\d{{6}}(?!\d) )
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
_KINDS: Final = {
    "identity": "id_number",
    "passport": "id_number",
    "nameless": "id_number",
    "insurance": "id_number",
    "number": "id_number",
    "account": "account",
    "card": "card",
    "after": "otp",
    "halves": "otp",
    "three": "otp",
    "before": "otp",
    "password": "password",
}
_WITH_LETTERS: Final = frozenset({"identity", "passport", "password"})


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A text fit to be stored, and the kinds of secret taken out of it.

    The kinds are "id_number", "account", "card", "otp" and "password"; empty when nothing was.
    """

    text: str
    found: frozenset[str]


def mask_msisdn(msisdn: str) -> str:
    """Return a number for a log line, "+8490*****01": country, network, last two digits.

    What is too short to hide anything, or no number, is hidden whole; what is masked stays so.
    """
    if _MASKED.fullmatch(msisdn):
        return msisdn
    if not _DIGITS.fullmatch(msisdn):
        return "*" * len(msisdn)
    return _starred(msisdn)


def mask_numbers(text: str) -> str:
    """Mask every phone-like number in a line for the log; masking twice changes nothing.

    Phone-like is what is written like a phone number, and any nine digits or more in a row, those
    of a hash too. Times and UUIDs are left.
    """
    while (masked := _IN_A_LOG_LINE.sub(_mask_match, text)) != text:
        text = masked
    return text


def _mask_match(match: re.Match[str]) -> str:
    return _starred(match[0]) if match["number"] else match[0]


def _starred(number: str) -> str:
    """Hide the digits in the middle of a number and keep how it is written."""
    digits = "".join(filter(str.isdigit, number))
    shown = _head(digits, plus="+" in number)
    end = len(digits) - _LAST_SHOWN
    if end - shown < _FEWEST_HIDDEN:
        shown, end = 0, len(digits)
    places = itertools.count()
    return re.sub("[0-9]", lambda digit: "*" if shown <= next(places) < end else digit[0], number)


def _head(digits: str, *, plus: bool) -> int:
    """Return how many digits in front tell country and network, not the person."""
    if plus and len(digits) > 1:
        return len(country_of(Msisdn(f"+{digits}"))) + 2
    return next((shown for start, shown in _HEADS if digits.startswith(start)), 2)


def scrub(text: str) -> Scrubbed:
    """Replace by asterisks what a person should never have sent us; to be done before storing.

    Identity, insurance and account numbers, bank cards, and codes and passwords next to the word
    for them, with or without diacritics, in the digits of any script. Phone numbers, request
    numbers, hamlet codes, dates and prices stay. The text, as `fold.clean_input` leaves it, comes
    back composed (NFC) when something was found, else as it was.
    """
    composed = unicodedata.normalize("NFC", text)
    found: set[str] = set()
    pieces: list[str] = []
    end = 0
    read = plain_digits(composed.translate(LIKENESSES))
    for match in _SECRETS.finditer(read):
        if match.lastgroup is None:
            continue
        found.add(_KINDS[match.lastgroup])
        start, stop = match.span(match.lastgroup)
        hidden = str.isalnum if match.lastgroup in _WITH_LETTERS else str.isdecimal
        pieces.append(composed[end:start])
        pieces += ("*" if hidden(read[at]) else composed[at] for at in range(start, stop))
        end = stop
    if not found:
        return Scrubbed(text, frozenset())
    return Scrubbed("".join(pieces) + composed[end:], frozenset(found))


_ALONE: Final = re.compile(r"\W*(?:ma\W*)?(\d{3})[ .-]?(\d{3})\W*", re.ASCII | re.IGNORECASE)


def code_alone(text: str) -> str:
    """Return the six digits that are all of a text, behind "MA" or alone; empty when it is more."""
    found = _ALONE.fullmatch(plain_digits(text))
    return f"{found[1]}{found[2]}" if found else ""


def hide_code(text: str) -> str:
    """Return a text fit to be stored of which nothing but six digits is left: a code, or a PIN."""
    return re.sub("[0-9]", "*", plain_digits(text)) if code_alone(text) else text
