import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text.mask import mask_msisdn, mask_numbers

unhurried = settings(deadline=None)
invented = st.integers(0, 9999).map(lambda number: f"{number:04d}")
log_lines = st.text(st.sampled_from("0123456789 +-.()*84:T/aez\n"), max_size=80)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+84900000001", "+8490*****01"),
        ("84900000001", "8490*****01"),
        ("0900000001", "090*****01"),
        ("0084900000001", "008490*****01"),
        ("+254700000000", "+25470*****00"),
        ("+12025550100", "+120******00"),
        ("8079", "****"),
        ("113", "***"),
        ("+12345", "+*****"),
        ("+01234567890", "+01234****90"),
        ("+5", "+*"),
        ("+", "*"),
        ("", ""),
        ("VNeID", "*****"),
        ("+84 900 000 001", "***************"),  # not an MSISDN
    ],
)
def test_only_country_network_and_two_digits_are_shown(number, masked):
    assert mask_msisdn(number) == masked
    assert mask_msisdn(masked) == masked


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("to +84900000001 by 0900000002", "to +8490*****01 by 090*****02"),
        ("+84900000001,+84900000002", "+8490*****01,+8490*****02"),
        ("+84900000001 0900000002 0900000003", "+8490*****01 090*****02 090*****03"),
        ("msisdn=84900000003", "msisdn=8490*****03"),
        ("from=%2B84900000003&to=", "from=%2B8490*****03&to="),
        ("phone0900000005x", "phone090*****05x"),
        ("0900 000 004", "090* *** *04"),
        ("0900.000.004", "090*.***.*04"),
        ("0900-00-00-04", "090*-**-**-04"),
        ("(0)900000008", "(0)90*****08"),
        ("+84 (0) 900 000 009", "+84 (0) 9** *** *09"),
        ("+84 900 000 010 200", "+84 90* *** *10 200"),
        ("0084900000012", "008490*****12"),
        ("254700000000", "25********00"),
        ("0206 000 0000", "020* *** **00"),
        ("0900 000 00456", "090* *** *0456"),
        ("080123456 004123456789", "080****56 004*******89"),
        ("9704000000000000000", "97***************00"),
    ],
)
def test_numbers_in_a_log_line_are_masked(line, masked):
    assert mask_numbers(line) == masked
    assert mask_numbers(masked) == masked


@pytest.mark.parametrize(
    "line",
    [
        "",
        "2026-11-24T01:53:05.123456789+00:00 started",
        "2026-11-24 01:53:05 INFO 12345678",
        "02-12-2026 08:15 and 02.12.2026 08:15",
        "message 018f3c2e-1234-7abc-8def-012345678901 sent",
        "GET / 200 1532 0.012 127.0.0.1:8000",
        "took 0.512345678 s",
        "service code *384*1234#, hamlet 12345, request 1234",
        "192.168.100.200",
        "+8490*****01",
    ],
)
def test_times_ids_and_addresses_stay_readable(line):
    assert mask_numbers(line) == line


@unhurried
@given(log_lines | st.text())
def test_masking_twice_changes_nothing(line):
    masked = mask_numbers(line)
    assert mask_numbers(masked) == masked
    assert len(masked) == len(line)


@unhurried
@given(
    log_lines,
    st.sampled_from(
        ["+8490000{}", "8490000{}", "090000{}", "0900 00 {}", "0900-00-{}", "+84(0)90000{}"]
    ),
    invented,
    st.sampled_from([" ", ",", "=", '"', ":", "\n", "to"]),
    log_lines,
)
def test_no_number_shows_through_whatever_stands_around_it(before, form, last, between, after):
    number = form.format(last)
    masked = mask_numbers(f"{before}{between}{number}{between}{after}")
    assert number not in masked
    assert f"90000{last}" not in masked
