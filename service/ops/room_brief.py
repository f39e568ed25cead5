"""The reasons of a verdict in a few words each, for a table and for a screen on the wall."""

from __future__ import annotations

from collections.abc import Mapping

from .room_facts import Why

CARRIER_DOES: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "no_balance": "không nhận, tài khoản hết tiền",
        "bad_key": "không nhận tên và khóa của ta",
        "bad_sender": "không cho gửi bằng đầu số của ta",
        "on_hold": "không nhận, tài khoản bị giữ",
        "unreachable": "không trả lời",
        "outcome_unknown": "không trả lời",
        "carrier_busy": "tạm chưa nhận",
        "throttled": "yêu cầu gửi chậm lại",
    },
    "en": {
        "no_balance": "refuses, the account is empty",
        "bad_key": "refuses our name and key",
        "bad_sender": "refuses our SMS code",
        "on_hold": "refuses, the account is held",
        "unreachable": "does not answer",
        "outcome_unknown": "does not answer",
        "carrier_busy": "takes nothing for now",
        "throttled": "asks for less",
    },
}
"""What a carrier does that a code stands for; what is not here is named by its code."""
REFUSES: Mapping[str, str] = {"vi": "không nhận", "en": "refuses"}
SILENT = ("outcome_unknown", "unreachable")
"""Codes with which a carrier does not refuse us: nothing is heard of it."""


def carrier_does(code: str | None, language: str) -> str:
    """Say in a few words what the carrier does that a code stands for."""
    known = CARRIER_DOES[language].get(code or "")
    return known or f"{REFUSES[language]}, {code}"


def carrier_verb(code: str | None, language: str) -> str:
    """Say the same where the reason follows."""
    return carrier_does(code, language) if code in SILENT else REFUSES[language]


BRIEFLY: Mapping[str, Mapping[Why, str]] = {
    "vi": {
        Why.READ_ONLY: "cơ sở dữ liệu chỉ cho đọc",
        Why.SENDING_OFF: "{by} đã tắt gửi tin",
        Why.LANE_PAUSED: "{by} đã tạm dừng",
        Why.CARRIER_HALTED: "{by} đã tạm dừng gửi qua {carrier}",
        Why.CARRIER_PAUSED: "nhà mạng trung gian {does}",
        Why.NO_WORKER: "không có tiến trình gửi",
        Why.HELD_BY_DEAD: "{messages} tin bị một tiến trình đã chết giữ",
        Why.CAP_REACHED: "hết mức chi trong {period}, chờ đến {until}",
        Why.CARRIER_REFUSES: "nhà mạng trung gian {does}",
        Why.PACE: "với đà này cần {minutes} phút",
        Why.LEFT_BEHIND: "có tin đã chờ {minutes} phút",
        Why.UNEXPLAINED: "chưa rõ vì sao",
        Why.QUIET_HOURS: "{messages} tin chờ đến {until}",
        Why.CLOCK_GONE: "đồng hồ công việc không chạy",
        Why.NO_REPORTS: "không có báo phát",
        Why.REDIS_AWAY: "Redis không trả lời",
        Why.REROUTED: "tin đi qua {carrier}",
    },
    "en": {
        Why.READ_ONLY: "the database is read-only",
        Why.SENDING_OFF: "switched off by {by}",
        Why.LANE_PAUSED: "paused by {by}",
        Why.CARRIER_HALTED: "carrier {carrier} paused by {by}",
        Why.CARRIER_PAUSED: "carrier {does}",
        Why.NO_WORKER: "no worker",
        Why.HELD_BY_DEAD: "{messages} held by a dead worker",
        Why.CAP_REACHED: "cap of the {period} reached, until {until}",
        Why.CARRIER_REFUSES: "carrier {does}",
        Why.PACE: "{minutes} minutes at this pace",
        Why.LEFT_BEHIND: "one has waited {minutes} minutes",
        Why.UNEXPLAINED: "nobody knows why",
        Why.QUIET_HOURS: "{messages} wait until {until}",
        Why.CLOCK_GONE: "the clock does not run",
        Why.NO_REPORTS: "no delivery reports",
        Why.REDIS_AWAY: "Redis is away",
        Why.REROUTED: "messages go by {carrier}",
    },
}
