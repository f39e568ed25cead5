"""The reasons of a verdict in a few words each, for a table and for a screen on the wall."""

from __future__ import annotations

from collections.abc import Mapping

from .room_facts import Why

BRIEFLY: Mapping[str, Mapping[Why, str]] = {
    "vi": {
        Why.READ_ONLY: "cơ sở dữ liệu chỉ cho đọc",
        Why.SENDING_OFF: "{by} đã tắt gửi tin",
        Why.LANE_PAUSED: "{by} đã tạm dừng",
        Why.CARRIER_HALTED: "{by} đã tạm dừng gửi qua {carrier}",
        Why.CARRIER_PAUSED: "nhà mạng trung gian không nhận, {code}",
        Why.NO_WORKER: "không có tiến trình gửi",
        Why.HELD_BY_DEAD: "{messages} tin bị một tiến trình đã chết giữ",
        Why.CAP_REACHED: "hết mức chi trong {period}, chờ đến {until}",
        Why.CARRIER_REFUSES: "nhà mạng trung gian không nhận, {code}",
        Why.PACE: "với đà này cần {minutes} phút",
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
        Why.CARRIER_PAUSED: "carrier refuses, {code}",
        Why.NO_WORKER: "no worker",
        Why.HELD_BY_DEAD: "{messages} held by a dead worker",
        Why.CAP_REACHED: "cap of the {period} reached, until {until}",
        Why.CARRIER_REFUSES: "carrier refuses, {code}",
        Why.PACE: "{minutes} minutes at this pace",
        Why.UNEXPLAINED: "nobody knows why",
        Why.QUIET_HOURS: "{messages} wait until {until}",
        Why.CLOCK_GONE: "the clock does not run",
        Why.NO_REPORTS: "no delivery reports",
        Why.REDIS_AWAY: "Redis is away",
        Why.REROUTED: "messages go by {carrier}",
    },
}
