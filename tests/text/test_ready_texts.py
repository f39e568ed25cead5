"""Texts people will really get, with the lengths that were worked out for them by hand."""

import pytest

from service.text.fold import Folded, fold
from service.text.gsm7 import (
    USSD_FIRST_PAGE,
    USSD_PAGE,
    Count,
    Encoding,
    count,
    cut,
    septets,
    split,
)
from service.text.mask import Scrubbed, scrub

TEXTS = {
    "VNeID": (
        140,
        (
            "Cai VNeID: mo CH Play (App Store), go VNeID, bam Cai dat. Nhap so dinh danh va so dien "
            "thoai cua minh. KHONG cai tu duong link nguoi la gui."
        ),
    ),
    "level 2": (
        135,
        (
            "Dinh danh muc 2: cam can cuoc den tru so Cong an xa (xa nao cung duoc), can bo chup anh, "
            "lay van tay tai cho. KHONG lam qua dien thoai."
        ),
    ),
    "VssID": (
        138,
        (
            "VssID xem so BHXH, the BHYT. Tai tu CH Play, dang nhap bang VNeID. Quen mat khau: nhan BH "
            "MK <ma so BHXH> gui 8079 (1000d). Hoi: 19009068."
        ),
    ),
    "public services": (
        134,
        (
            "Dich vu cong: vao dichvucong.gov.vn, dang nhap bang VNeID, chon thu tuc, nop don. Khong co "
            "may thi den Trung tam hanh chinh cong o xa."
        ),
    ),
    "selling": (
        136,
        (
            "Ban hang tren mang: chuan bi ten hang, gia, 3 anh ro, so dien thoai. Nho To cong nghe so "
            "dua len san. Khong nop tien truoc cho nguoi la."
        ),
    ),
    "scams": (
        132,
        (
            "COI CHUNG LUA DAO: Cong an KHONG goi dien bao cai VNeID, KHONG hoi ma OTP. Cup may ngay, "
            "khong bam link. Bao to truong hoac goi 113."
        ),
    ),
    "phone": (
        134,
        (
            "May khong goi duoc: can dien thoai 4G co VoLTE. Vao Cai dat, Mang di dong, bat 4G va "
            "VoLTE. Xem tien trong may: bam *101# roi nut goi."
        ),
    ),
    "disaster": (
        129,
        (
            "Mua lon, nuoc len, dat sat: roi nha den cho cao ngay. Khong loi suoi. Goi 112 mien phi "
            "(cuu nan), 114 (chua chay), 115 (cap cuu)."
        ),
    ),
    "root menu": (
        125,
        (
            "To cong nghe so\n1 Nho giup\n2 Huong dan\n3 Tin cua xom\n4 Lop hoc\n5 Viec toi da nho\n"
            "6 Doi tieng noi\n7 So lieu cua toi\n8 Khan cap"
        ),
    ),
    "leader menu": (
        114,
        (
            "To truong xom\n1 Viec moi (3)\n2 Viec dang lam\n3 Nhan tin ca xom\n4 Diem danh\n5 Lop hoc\n"
            "6 Chuyen len xa\n9 Menu ba con"
        ),
    ),
    "consent": (
        132,
        (
            "To cong nghe so luu so may va xom cua ba con de giup khi can, gui tin cua xom. Xoa luc nao "
            "cung duoc. Dong y khong?\n1 Dong y\n2 Khong"
        ),
    ),
    "acknowledgement": (
        102,
        (
            "Da ghi viec so 1234 (VNeID). To truong se goi trong 2 ngay. Xem lai: nhan YC gui 8xxx. "
            "Thoi: HUY 1234."
        ),
    ),
    "opt-out": (
        86,
        "Da ngung gui tin luc 08:15 23/11/2026. Tin cuu nan van gui. Nhan lai: DK TIN gui 8xxx.",
    ),
    "promotion": (
        113,
        (
            "[QC] To cong nghe so Coc Phia: Lop ban hang mien phi 19h 25/11 tai nha van hoa. DK LOP 12. "
            "Tu choi: TC gui 8xxx"
        ),
    ),
    "alert": (
        110,
        (
            "CANH BAO LU QUET xom Coc Phia 21:00 23/11: di ngay len nha van hoa. Tra loi 1 = an toan, "
            "2 = can cuu. Goi 112."
        ),
    ),
    "footer": (44, "To so khong bao gio hoi OTP, mat khau, tien."),
}


@pytest.mark.parametrize(("length", "text"), TEXTS.values(), ids=TEXTS)
def test_text_has_its_length_and_is_one_segment(length, text):
    assert septets(text) == length
    assert count(text) == Count(Encoding.GSM7, length, 1, 160 - length)
    assert split(text) == [text]
    assert cut(text, USSD_PAGE) is text


@pytest.mark.parametrize(("length", "text"), TEXTS.values(), ids=TEXTS)
def test_text_is_plain_and_holds_nothing_to_scrub(length, text):
    assert fold(text) == Folded(text, ())
    assert scrub(text) == Scrubbed(text, frozenset())


@pytest.mark.parametrize("name", ["root menu", "leader menu", "consent"])
def test_opening_pages_fit_the_first_page(name):
    assert septets(TEXTS[name][1]) <= USSD_FIRST_PAGE


def test_brackets_of_a_promotion_count_double():
    length, text = TEXTS["promotion"]
    assert len(text) == length - 2
    assert count(text, reserved=38).left == 160 - 38 - length


def test_the_same_menu_with_its_marks_is_two_segments():
    accented = (
        "Tổ công nghệ số\n1 Nhờ giúp\n2 Hướng dẫn\n3 Tin của xóm\n4 Lớp học\n5 Việc tôi đã nhờ\n"
        "6 Đổi tiếng nói\n7 Số liệu của tôi\n8 Khẩn cấp"
    )
    assert count(accented) == Count(Encoding.UCS2, 125, 2, 9)
    assert fold(accented) == Folded(TEXTS["root menu"][1], ())
