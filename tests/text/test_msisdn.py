import pickle
import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult

from service.text import phones
from service.text.phones import (
    MESSAGES,
    InvalidNumber,
    NumberFault,
    country_of,
    from_carrier,
    national,
    national_compact,
    parse,
)

unhurried = settings(deadline=None)
invented = st.integers(0, 9999).map(lambda number: f"+8490000{number:04d}")


def fault_of(reader, text, **options):
    with pytest.raises(InvalidNumber) as caught:
        reader(text, **options)
    return caught.value.reason


@pytest.mark.parametrize(
    "written",
    [
        "+84900000001",
        "0900000001",
        "0900 000 001",
        "0900.000.001",
        "0900-000-001",
        "0900–000–001",
        "090 000 0001",
        "09 0000 0001",
        "0 9 0 0 0 0 0 0 0 1",
        "84900000001",
        "84 900 000 001",
        "84 0900000001",
        "840900000001",
        "+84 900 000 001",
        "+84(0)900000001",
        "+84 (0) 900 000 001",
        "+840900000001",
        "(0)900000001",
        "(+84) 900-000-001",
        "0084900000001",
        "00 84 900 000 001",
        "tel:+84-900-000-001",
        "900000001",  # a spreadsheet has eaten the zero
        " 84900000001",  # a form has eaten the plus
        "  0900000001 \n",
        "0900\u00a0000\u00a0001",
        "\u202d0900000001\u202c",  # copied from a phone's contacts
    ],
)
def test_every_way_of_writing_a_number_gives_the_same(written):
    assert parse(written) == "+84900000001"


OLD_AND_NEW = dict(
    pair.split(":")
    for pair in [
        *["0120:070", "0121:079", "0122:077", "0126:076", "0128:078"],
        *["0123:083", "0124:084", "0125:085", "0127:081", "0129:082"],
        *["0162:032", "0163:033", "0164:034", "0165:035"],
        *["0166:036", "0167:037", "0168:038", "0169:039"],
        *["0186:056", "0188:058", "0199:059"],
    ]
)


@pytest.mark.parametrize(("old", "new"), OLD_AND_NEW.items())
def test_numbers_of_eleven_digits_are_renewed(old, new):
    renewed = f"+84{new[1:]}0000001"
    for written in (
        f"{old}0000001",
        f"{old} 000 0001",
        f"+84 {old[1:]}0000001",
        f"84{old[1:]}0000001",
    ):
        assert parse(written) == renewed
    assert parse(f"{new}0000001") == renewed


@pytest.mark.parametrize("old", sorted({f"01{n:02d}" for n in range(100)} - OLD_AND_NEW.keys()))
def test_no_other_number_of_eleven_digits_passes(old):
    assert fault_of(parse, f"{old}0000001") in {NumberFault.TOO_LONG, NumberFault.SHORT_CODE}


@pytest.mark.parametrize(
    "prefix",
    [
        *["032", "033", "034", "035", "036", "037", "038", "039", "086", "096", "097", "098"],
        *["081", "082", "083", "084", "085", "088", "091", "094"],
        *["070", "076", "077", "078", "079", "0896", "090", "093"],
        *["0522", "0523", "0528", "056", "058", "092"],
        *["059", "0993", "0997", "0559", "087"],
    ],
)
def test_todays_mobile_prefixes_are_known(prefix):
    written = prefix.ljust(10, "0")
    assert parse(written) == f"+84{written[1:]}"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", NumberFault.EMPTY),
        (" \n\u00a0", NumberFault.EMPTY),
        ("tel:", NumberFault.EMPTY),
        ("khong co", NumberFault.NOT_A_NUMBER),
        ("+", NumberFault.NOT_A_NUMBER),
        ("()", NumberFault.NOT_A_NUMBER),
        ("0900ABCDEF", NumberFault.NOT_A_NUMBER),
        ("0900000001 ext 5", NumberFault.NOT_A_NUMBER),
        ("0900000001/0900000002", NumberFault.NOT_A_NUMBER),
        ("0900000001, 0900000002", NumberFault.NOT_A_NUMBER),
        ("84+900000001", NumberFault.NOT_A_NUMBER),
        ("٠٩٠٠٠٠٠٠٠١", NumberFault.NOT_A_NUMBER),
        ("０９０００００００１", NumberFault.NOT_A_NUMBER),
        ("0900000001\x00", NumberFault.NOT_A_NUMBER),
        ("12", NumberFault.TOO_SHORT),
        ("090000001", NumberFault.TOO_SHORT),
        ("+8490000000", NumberFault.TOO_SHORT),
        ("09000000012", NumberFault.TOO_LONG),
        ("0900000001 0900000002", NumberFault.TOO_LONG),
        ("0206 000 00000", NumberFault.TOO_LONG),
        ("9" * 100_000, NumberFault.TOO_LONG),
        ("0206 000 0000", NumberFault.LANDLINE),
        ("+84 24 0000 0000", NumberFault.LANDLINE),
        ("2060000000", NumberFault.LANDLINE),
        ("026 000 0000", NumberFault.LANDLINE),  # Cao Bang's area code until 2017
        ("113", NumberFault.SHORT_CODE),
        ("8079", NumberFault.SHORT_CODE),
        ("19009068", NumberFault.SHORT_CODE),
        ("1800 1096", NumberFault.SHORT_CODE),
        ("*101#", NumberFault.SHORT_CODE),
        ("+254700000000", NumberFault.FOREIGN),
        ("00254700000000", NumberFault.FOREIGN),
        ("+855 10 000 000", NumberFault.FOREIGN),
        ("0540000001", NumberFault.UNKNOWN_PREFIX),
        ("0600000001", NumberFault.UNKNOWN_PREFIX),
        ("0140000001", NumberFault.UNKNOWN_PREFIX),  # numbers of machines
        ("+999000000000", NumberFault.UNKNOWN_PREFIX),
    ],
)
def test_what_cannot_be_sent_to_is_refused_with_its_reason(written, reason):
    assert fault_of(parse, written) is reason


def test_other_countries_are_read_where_they_are_accepted():
    both = frozenset({"84", "254"})
    assert parse("+254 700 000 000", countries=both) == "+254700000000"
    assert parse("254700000000", countries=both) == "+254700000000"
    assert parse("0700 000 000", region="KE", countries=both) == "+254700000000"
    assert parse("0900000001", countries=both) == "+84900000001"
    assert parse("+1 202 555 0100", countries=frozenset({"1"})) == "+12025550100"
    assert fault_of(parse, "+254 20 200 0000", countries=both) is NumberFault.LANDLINE
    assert fault_of(parse, "+254 800 000 000", countries=both) is NumberFault.SHORT_CODE
    assert fault_of(parse, "+2547", countries=both) is NumberFault.TOO_SHORT
    assert fault_of(parse, "+25470000000000", countries=both) is NumberFault.TOO_LONG
    assert fault_of(parse, "0900000001", countries=frozenset({"254"})) is NumberFault.FOREIGN


def test_every_fault_has_its_own_sentence_without_the_number():
    assert set(MESSAGES) == set(NumberFault)
    assert len(set(MESSAGES.values())) == len(NumberFault)
    for reason, message in MESSAGES.items():
        fault = InvalidNumber(reason)
        assert str(fault) == message
        assert not any(character.isdigit() for character in message)
        assert pickle.loads(pickle.dumps(fault)).reason is reason


def test_spelled_out_values_are_those_of_phonenumbers():
    assert set(phones._PARSE_FAULTS) == {
        NumberParseException.INVALID_COUNTRY_CODE,
        NumberParseException.NOT_A_NUMBER,
        NumberParseException.TOO_SHORT_AFTER_IDD,
        NumberParseException.TOO_SHORT_NSN,
        NumberParseException.TOO_LONG,
    }
    assert phones._PARSE_FAULTS[NumberParseException.TOO_LONG] is NumberFault.TOO_LONG
    assert phones._PARSE_FAULTS[NumberParseException.TOO_SHORT_NSN] is NumberFault.TOO_SHORT
    assert phones._POSSIBLE_FAULTS == {
        ValidationResult.TOO_SHORT: NumberFault.TOO_SHORT,
        ValidationResult.TOO_LONG: NumberFault.TOO_LONG,
    }
    kinds = {PhoneNumberType.to_string(kind) for kind in PhoneNumberType.values()}
    assert set(phones._KIND_FAULTS) <= kinds


@unhurried
@given(st.text(st.sampled_from("0123456789+ ().-*#84a\u00a0٣\n"), max_size=24) | st.text())
def test_whatever_is_typed_gives_a_number_or_a_reason(text):
    try:
        number = parse(text)
    except InvalidNumber:
        return
    assert number == from_carrier(number) == parse(number) == parse(national(number))
    assert number.startswith("+84")
    assert len(number) == 12
    assert number[3] in "35789"
    assert phonenumbers.is_valid_number(phonenumbers.parse(number))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+84900000001", "+84900000001"),
        ("84900000001", "+84900000001"),
        (" 84900000001", "+84900000001"),
        (" 84900000001 ", "+84900000001"),
        ("+254700000000", "+254700000000"),
        ("+12345678", "+12345678"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_carriers_numbers_get_their_plus_back(text, number):
    assert from_carrier(text) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", NumberFault.EMPTY),
        ("   ", NumberFault.EMPTY),
        ("+", NumberFault.EMPTY),
        ("+84900000001\n", NumberFault.NOT_A_NUMBER),
        ("\n+84900000001", NumberFault.NOT_A_NUMBER),
        ("\t84900000001", NumberFault.NOT_A_NUMBER),
        ("+84 900000001", NumberFault.NOT_A_NUMBER),
        ("++84900000001", NumberFault.NOT_A_NUMBER),
        ("+ 84900000001", NumberFault.NOT_A_NUMBER),
        ("0900000001", NumberFault.NOT_A_NUMBER),
        ("+0900000001", NumberFault.NOT_A_NUMBER),
        ("+٨٤٩٠٠٠٠٠٠٠١", NumberFault.NOT_A_NUMBER),
        ("+8490000000\x00", NumberFault.NOT_A_NUMBER),
        ("VNeID", NumberFault.NOT_A_NUMBER),
        ("191", NumberFault.TOO_SHORT),
        ("+1234567", NumberFault.TOO_SHORT),
        ("+1234567890123456", NumberFault.TOO_LONG),
        ("1" * 100_000, NumberFault.TOO_LONG),
    ],
)
def test_what_no_carrier_would_call_a_number_is_refused(text, reason):
    assert fault_of(from_carrier, text) is reason


@unhurried
@given(invented)
def test_a_number_survives_being_shown_and_read_again(number):
    assert parse(national(number)) == parse(national_compact(number)) == number
    assert from_carrier(number[1:]) == from_carrier(f" {number[1:]}") == number


def test_numbers_are_shown_as_people_here_read_them():
    number = from_carrier("+84900000001")
    assert national(number) == "0900 000 001"
    assert national_compact(number) == "0900000001"
    landline = from_carrier("+842060000000")
    assert national(landline) == national_compact(landline) == "02060000000"
    foreign = from_carrier("+254700000000")
    assert national(foreign) == national_compact(foreign) == "+254700000000"


@pytest.mark.parametrize("code", sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
def test_calling_code_is_found_as_phonenumbers_knows_it(code):
    for rest in ("0000000", "9999999", "1234567"):
        assert country_of(from_carrier(f"+{code}{rest}")) == str(code)


def test_a_callback_never_pays_for_the_library_that_reads_typed_numbers():
    program = (
        "import sys\n"
        "from service.text.phones import country_of, from_carrier, national, parse\n"
        "number = from_carrier('84900000001')\n"
        "country_of(number), national(number)\n"
        "assert 'phonenumbers' not in sys.modules\n"
        "parse('0900000001')\n"
        "assert 'phonenumbers' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
