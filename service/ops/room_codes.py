"""The one table of what can go wrong with sending: who must act, what it means, what to do.

Every named error of service.carriers.base has its line here; a test fails when one is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What becomes of what met a fault."""

    HEALS = "heals"
    """By itself; nothing to do but watch."""
    FIX = "fix"
    """Not before somebody does something; what waits leaves then."""
    GIVE_UP = "give_up"
    """Never: this message is lost, others are not affected."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One fault in words; each in Vietnamese and in English."""

    group: Group
    means: Mapping[str, str]
    what_to_do: Mapping[str, str]


def _kind(group: Group, means: tuple[str, str], what_to_do: tuple[str, str]) -> Kind:
    return Kind(
        group,
        dict(zip(("vi", "en"), means, strict=True)),
        dict(zip(("vi", "en"), what_to_do, strict=True)),
    )


NOTHING = ("không phải làm gì", "nothing to do")
CALL = ("gọi cho nhà mạng trung gian", "call the carrier")

CODES: Mapping[str, Kind] = {
    "unreachable": _kind(
        Group.HEALS,
        ("không nối được tới nhà mạng trung gian", "the carrier cannot be reached"),
        ("kiểm tra đường mạng; máy tự thử lại", "check the network; it is tried by itself"),
    ),
    "throttled": _kind(
        Group.HEALS,
        ("nhà mạng trung gian yêu cầu gửi chậm lại", "the carrier asks for less"),
        ("máy tự gửi chậm lại", "it is tried more slowly by itself"),
    ),
    "carrier_busy": _kind(
        Group.HEALS,
        ("nhà mạng trung gian tạm chưa nhận", "the carrier could not take it for now"),
        ("máy tự thử lại; nếu kéo dài thì gọi họ", "it is tried by itself; call them if it lasts"),
    ),
    "outcome_unknown": _kind(
        Group.HEALS,
        (
            "đã gửi đi nhưng không có câu trả lời, chưa rõ tin đã đi hay chưa",
            "handed over, but no usable answer came: sent or not, nobody knows yet",
        ),
        (
            "chờ báo phát, thường sẽ rõ; nếu kéo dài thì gọi nhà mạng trung gian",
            "reports usually settle it; call the carrier if it lasts",
        ),
    ),
    "worker_lost": _kind(
        Group.HEALS,
        (
            "tiến trình gửi dừng giữa chừng, chưa rõ tin đã đi hay chưa",
            "a worker died while sending: sent or not, nobody knows yet",
        ),
        ("chờ báo phát, thường sẽ rõ", "reports usually settle it"),
    ),
    "cap_hour": _kind(
        Group.HEALS,
        ("đã hết mức chi của giờ này", "the cap on spending of this hour is reached"),
        ("sang giờ sau máy tự gửi; nếu đúng thì nâng CAP_VND_PER_HOUR",
         "it leaves in the next hour; raise CAP_VND_PER_HOUR if it is right"),
    ),
    "cap_day": _kind(
        Group.HEALS,
        ("đã hết mức chi của hôm nay", "the cap on spending of today is reached"),
        ("sang ngày mai máy tự gửi; nếu đúng thì nâng CAP_VND_PER_DAY",
         "it leaves tomorrow; raise CAP_VND_PER_DAY if it is right"),
    ),
    "no_balance": _kind(
        Group.FIX,
        ("tài khoản hết tiền; tin chờ, chưa mất tin nào",
         "the account is empty; messages wait, none is lost"),
        ("nạp tiền, rồi bấm Thử lại ngay ở trang Công tắc, hoặc chạy: caunoi resume-carrier",
         "top up, then press Try it now on the page of switches, or run: caunoi resume-carrier"),
    ),
    "bad_key": _kind(
        Group.FIX,
        ("nhà mạng trung gian không nhận tên và khóa của ta",
         "the carrier does not know our name and key"),
        ("kiểm tra CARRIER_USERNAME và CARRIER_API_KEY (khóa mới cần 20 phút)",
         "check CARRIER_USERNAME and CARRIER_API_KEY (a new key takes 20 minutes)"),
    ),
    "bad_sender": _kind(
        Group.FIX,
        ("nhà mạng trung gian không cho gửi bằng đầu số của ta",
         "the carrier does not let us send under our SMS code"),
        ("kiểm tra SMS_CODE với họ", "check SMS_CODE with them"),
    ),
    "on_hold": _kind(
        Group.FIX,
        ("nhà mạng trung gian đang giữ tài khoản", "the carrier holds the account"),
        CALL,
    ),
    "no_route": _kind(
        Group.FIX,
        ("nhà mạng trung gian không có đường tới số này hoặc tới Việt Nam",
         "the carrier has no way to this number, or to the country"),
        ("một số thì kiểm tra số; nhiều số thì gọi nhà mạng trung gian",
         "one number: check it; many: call the carrier"),
    ),
    "bad_request": _kind(
        Group.FIX,
        ("nhà mạng trung gian cho là yêu cầu của ta sai dạng",
         "the carrier finds our request malformed"),
        ("báo kỹ sư", "tell the engineers"),
    ),
    "bad_number": _kind(
        Group.GIVE_UP,
        ("không có số này, hoặc số không nhận được tin",
         "there is no such number, or it takes no texts"),
        ("hỏi lại số của người đó", "ask that person for their number again"),
    ),
    "opted_out": _kind(
        Group.GIVE_UP,
        ("người nhận đã từ chối tin của ta", "the recipient refuses our messages"),
        NOTHING,
    ),
    "refused": _kind(
        Group.GIVE_UP,
        ("nhà mạng trung gian từ chối riêng tin này", "the carrier refuses this message"),
        ("xem lý do trong lịch sử của tin; nhiều tin thì gọi họ",
         "see why in the message's life; many: call them"),
    ),
}  # fmt: skip
OTHER = _kind(
    Group.FIX,
    ("lỗi chưa có tên", "a fault without a name"),
    ("xem nhật ký, báo kỹ sư", "see the log, tell the engineers"),
)


def kind_of(code: str | None) -> Kind:
    """Return the line of a code; one that has none is for the engineers."""
    return CODES.get(code or "", OTHER)
