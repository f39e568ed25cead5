import unicodedata

import pytest

from service.text.mask import Scrubbed, scrub

SECRETS = {
    "id_number": [
        ("CMND 080123456", "CMND *********"),
        ("toi ten Hoa 081234567 o xom", "toi ten Hoa ********* o xom"),
        ("cmnd: 080 123 456", "cmnd: *** *** ***"),
        ("080.123.456", "***.***.***"),
        ("004123456789", "************"),
        ("so can cuoc 004123456789", "so can cuoc ************"),
        ("Số căn cước của tôi là 004 123 456 789", "Số căn cước của tôi là *** *** *** ***"),
        ("căn cước công dân: 0041 2345 6789", "căn cước công dân: **** **** ****"),
        ("CCCD 004-123-456789", "CCCD ***-***-******"),
        ("CCCD 004123 456789", "CCCD ****** ******"),
        ("mã định danh 004 1 23 456789", "mã định danh *** * ** ******"),
        ("hộ chiếu B1234567", "hộ chiếu ********"),
        ("goi 0900000001 cccd 004123456789", "goi 0900000001 cccd ************"),
        ("cccd 004123456789 goi 0900000001", "cccd ************ goi 0900000001"),
        ("0900000001 004123456789", "0900000001 ************"),
        ("so BHXH 0312345678", "so BHXH **********"),  # looks like a phone, but is named
        ("BH MK 0412345678 gui 8079", "BH MK ********** gui 8079"),
        ("mã số thuế 4800123456", "mã số thuế **********"),
        ("0412345678", "**********"),  # no phone begins like this
        ("nine: 900000001", "nine: *********"),  # nor are nine digits a phone number
        ("CMND０８０１２３４５６", "CMND*********"),
        # named, and it goes on where a phone number would end
        ("cccd 03 82 01 23 45 67", "cccd ** ** ** ** ** **"),
        ("cccd 0 3 8 2 0 1 2 3 4 5 6 7", "cccd * * * * * * * * * * * *"),
        ("cccd 038 201 2345 67", "cccd *** *** **** **"),
        ("cccd 0382012345 67", "cccd ********** **"),
        ("cccd 0382 0123 45 67", "cccd **** **** ** **"),
        ("can cuoc 08 42 01 23 45 67", "can cuoc ** ** ** ** ** **"),
        ("cccd 0382012345 67 0900000001", "cccd ********** ** 0900000001"),
        ("cccd 0382012345 67 ngay cap 12/11/2021", "cccd ********** ** ngay cap 12/11/2021"),
        # no phone number begins like this
        ("0 0 4 2 0 1 2 3 4 5 6 7", "* * * * * * * * * * * *"),
        ("me em 00 42 01 23 45 67", "me em ** ** ** ** ** **"),
        ("004 2012 34567", "*** **** *****"),
        ("00420 1234567 o xom 00018", "***** ******* o xom 00018"),
        ("0042 01234567", "**** ********"),
        ("0042 01234567 0900000001", "**** ******** 0900000001"),
        ("0042 01234567 00420 7654321", "**** ******** ***** *******"),
        ("0042-01-234567 goi 0900000001", "****-**-****** goi 0900000001"),
        ("0 8 4 2 0 1 2 3 4 5 6 7", "* * * * * * * * * * * *"),
        ("0.3.8.2.0.1.2.3.4.5.6.7", "*.*.*.*.*.*.*.*.*.*.*.*"),
        # parted by the keys at hand
        ("cccd 084*201*777*567", "cccd ***************"),
        ("cccd 084/201/777/567", "cccd ***/***/***/***"),
        ("cccd 084_201_777_567", "cccd ***_***_***_***"),
        ("cccd 084,201,777,567", "cccd ***,***,***,***"),
        ("cccd 0842017*77567", "cccd *************"),
        ("cccd 0382012345/67", "cccd **********/**"),
        ("cmnd 080/123/456", "cmnd ***/***/***"),
        ("cmnd 080123456/0900000001", "cmnd *********/0900000001"),
        ("cccd 03-01-2034-5678", "cccd **-**-****-****"),  # though it begins like a date
        # digits of other scripts
        ("cccd ٠٠٤٢٠١٢٣٤٥٦٧", "cccd ************"),
        ("००४२०१२३४५६७", "************"),
        ("𝟎𝟎𝟒𝟐𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕", "************"),
        ("⓪⓪④②⓪①②③④⑤⑥⑦", "************"),
        ("cccd ⓪ ⑧ ④ 201234567", "cccd * * * *********"),
        ("0０4٢0१2𝟑4⑤67", "************"),
        ("ho chieu C 1234567", "ho chieu * *******"),
        ("hộ chiếu số: B 123 4567", "hộ chiếu số: * *** ****"),
    ],
    "account": [
        ("stk 0123456789", "stk **********"),
        ("so tai khoan 19012345678901", "so tai khoan **************"),
        ("số tài khoản của tôi là 101234567", "số tài khoản của tôi là *********"),
        ("tai khoan: 1012 3456 7890", "tai khoan: **** **** ****"),
    ],
    "card": [
        ("9704000000000000", "****************"),
        ("the 9704 0000 0000 0000 001", "the **** **** **** **** ***"),
        ("4111-1111-1111-1111", "****-****-****-****"),
        ("nap *100*1234567890123#", "nap *100**************#"),
        ("12345678901234567890123", "***********************"),
    ],
    "otp": [
        ("OTP 482913", "OTP ******"),
        ("OTP482913", "OTP******"),
        ("ＯＴＰ４８２９１３", "ＯＴＰ******"),
        ("otp:4829", "otp:****"),
        ("ma OTP la 4829", "ma OTP la ****"),
        ("mã xác nhận của tôi là 482913", "mã xác nhận của tôi là ******"),
        ("MÃ XÁC THỰC: 482 913", "MÃ XÁC THỰC: *** ***"),
        ("ma  xac nhan\n482913", "ma  xac nhan\n******"),
        ("maxacnhan 482913", "maxacnhan ******"),
        ("mat khau: 1234", "mat khau: ****"),
        ("Mật khẩu VNeID 12345678", "Mật khẩu VNeID ********"),
        ("mat khau cua con trai toi la 123456", "mat khau cua con trai toi la ******"),
        ("PIN 1234", "PIN ****"),
        ("mã PIN của bà là 123456", "mã PIN của bà là ******"),
        ("mk 123456", "mk ******"),
        ("otp: 1 2 3 4 5 6", "otp: * * * * * *"),
        ("otp 12-34-56", "otp **-**-**"),
        ("ma otp gui ve dien thoai la 482913", "ma otp gui ve dien thoai la ******"),
        ("482913 la ma OTP", "****** la ma OTP"),
        ("482 913 là mã OTP", "*** *** là mã OTP"),
        ("4829 là mã xác nhận", "**** là mã xác nhận"),
        ("(482913) OTP", "(******) OTP"),
        ("OTP vua den: 482913, goi lai 0900 000 001", "OTP vua den: ******, goi lai 0900 000 001"),
        ("otp 123456 0900000001", "otp ****** 0900000001"),
        ("PIN 1234 doi 5678", "PIN **** doi ****"),
        ("ma otp 482913, 482914", "ma otp ******, ******"),
        ("ma 6 so 482913", "ma 6 so ******"),
        ("ma OTP 6 so la 482913", "ma OTP 6 so la ******"),
        (
            "G-482913 is your Google verification code.",
            "G-****** is your Google verification code.",
        ),
        ("482913 la ma xac minh Zalo cua ban", "****** la ma xac minh Zalo cua ban"),
        ("Your OTP is 482913", "Your OTP is ******"),
        ("viec 1234: otp 482913", "viec 1234: otp ******"),
        ("0tp 123456", "0tp ******"),
        ("o t p 123456", "o t p ******"),
        ("O.T.P 123456", "O.T.P ******"),
        ("otpla123456", "otpla******"),
        ("123456 la 0tp", "****** la 0tp"),
        ("ma pin la 12 34", "ma pin la ** **"),
        ("otp 12 34", "otp ** **"),
        ("otp 12 34 56 78", "otp ** ** ** **"),
        ("cvv 123", "cvv ***"),
        ("ma cvv2 la: 123", "ma cvv2 la: ***"),
        ("pw 123456", "pw ******"),
        ("OTP ④⑧②⑨①③", "OTP ******"),
        ("OTP 𝟒𝟖𝟐𝟗𝟏𝟑", "OTP ******"),
        ("mã OTP ٤٨٢٩١٣", "mã OTP ******"),
    ],
    "password": [
        ("mat khau la hoa1985", "mat khau la *******"),
        ("Mật khẩu: Hoa@1985", "Mật khẩu: ***@****"),
        ("pass=abc123", "pass=******"),
        ("mk cua toi: 85hoa", "mk cua toi: *****"),
        ("pw: abc123", "pw: ******"),
        ("mkhau abc123", "mkhau ******"),
        ("pass word abc123", "pass word ******"),
        ("mkla abc123", "mkla ******"),
    ],
}

KEPT = [
    "",
    "toi can giup cai VNeID",
    # phone numbers to call back
    "goi lai so 0900000001",
    "0900 000 001",
    "0900.000.001",
    "0900-000-001",
    "090 000 0001",
    "84900000001",
    "84 900 000 001",
    "+84900000001",
    "+84(0)900000001",
    "+84 (0)900 000 001",
    "(0)900000001",
    "0084900000001",
    "0206 000 0000",
    "02060000000",
    "so cu 01200000001",
    "+254700000000",
    "so may 0900000001, 0900000002 hoac 0900 000 003",
    "0900000001 0900000002",
    "quen mat khau, goi lai 0900000001",
    "tai khoan VNeID la 0900000001",
    "can cuoc mat roi, goi 0900000001",
    "mat khau zalo 0900 000 001",
    "hoi ve bhxh 0900000001",
    "cccd 0900000001 0900000002",
    "cccd 0900 000 001 09 00 000 002",
    "cccd 0900 000 001 1234",
    "cccd 0206 000 0000 2",
    "cccd 0900000001 08:15",
    "can cuoc 0900 000 001 23/11/2026",
    "lam can cuoc 0900000001 19h30",
    "ho chieu o 01273 08:15",
    "cccd so0900000001",
    "can cuoc ve 0900000001",
    "ho chieu o 0900000001",
    "0 9 0 0 0 0 0 0 0 1",
    "0084 900 000 001",
    "00 84 206 000 0000",
    "①0900000001 ②0900000002",
    "0900000001¹",
    "٠٩٠٠٠٠٠٠٠١",
    # service numbers
    "hoi 19009068 hay 1800 1096",
    "goi 112 113 114 115",
    "112 113 114",
    "quen mat khau thi gui 8079",
    "bam *101#",
    # request numbers and commands
    "YC 1234",
    "XONG 1234 da cai VNeID",
    "HUY 1234 1235 1236 1237",
    "NV 1234 mat khau",
    "quen mat khau VNeID, viec so 1234",
    "PIN yeu, viec 1234",
    "DK LOP 12",
    # hamlet codes
    "12345",
    "xom 12345 viec 1234",
    "quen mat khau o xom 12345",
    "12345 67890",
    "00118 00119 00120",
    "00118 00119 12",
    "00118 3.12.2026",
    "00118 12345 08:15",
    "00118 1.200.000 dong",
    "00118 1200000d",
    "o tp cao bang 12345",
    "toi o t.p cao bang 12345",
    "100tp 12345",
    # dates and times
    "ngay 23/11/2026 luc 19:00",
    "23.11.2026 08:15",
    "23-11-2026 08:15",
    "23112026",
    "otp ngay 23/11/2026",
    "cccd 12/11/2026",
    "cccd 12.11.2026",
    "cccd 12/11/2026 1234",
    "cccd 1234 12/11/2026",
    "cccd 12/11/2026 0900000001",
    "cccd 12/11/2026-13/11/2026",
    "cccd 1/2026",
    "mat khau quen tu 23.11",
    "mat khau 23/11/2026",
    "mật khẩu bị quên từ năm 2026",
    # prices
    "gia 50000d",
    "gia 50.000đ",
    "ban cc 1,200,000,000 dong",
    "dat 50m² gia 50000d",
    "1.200.000.000 dong",
    "1,200,000,000",
    "120000000 dong",
    "ban bo 25000000",
    "150.000.000",
    "tai khoan con 500000",
    "tài khoản còn 1.500.000đ",
    "mat khau mat phi 50000",
    "lam lai mat khau 50000d",
    "pass lai dien thoai 500000",
    "500000 mat khau",
    # batteries
    "mua pin 20000",
    "het pin 5000 lan",
    "pin 5000mah",
    "pin con 20 30 phut",
    # the words alone
    "mat khau la gi?",
    "mat khau co 8 ky tu",
    "Hoi ma OTP thi goi 113",
    "ai hoi cvv thi goi 113",
    "cvv la gi",
]


@pytest.mark.parametrize(
    ("kind", "text", "scrubbed"),
    [(kind, *pair) for kind, pairs in SECRETS.items() for pair in pairs],
)
def test_secrets_are_starred_and_named(kind, text, scrubbed):
    assert scrub(text) == Scrubbed(scrubbed, frozenset({kind}))
    assert scrub(unicodedata.normalize("NFD", text)) == Scrubbed(scrubbed, frozenset({kind}))
    assert scrub(scrubbed) == Scrubbed(scrubbed, frozenset())


@pytest.mark.parametrize("text", KEPT)
def test_what_the_work_needs_is_kept(text):
    assert scrub(text) == Scrubbed(text, frozenset())


def test_several_secrets_of_one_text_are_all_found():
    text = "cccd 004123456789, the 9704000000000000, OTP 482913, goi 0900000001"
    assert scrub(text) == Scrubbed(
        "cccd ************, the ****************, OTP ******, goi 0900000001",
        frozenset({"id_number", "card", "otp"}),
    )


def test_text_without_secrets_comes_back_untouched_in_its_own_form():
    decomposed = unicodedata.normalize("NFD", "Nhờ giúp cài VNeID")
    assert scrub(decomposed).text is decomposed
