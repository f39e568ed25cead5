"""The operators' room in sentences, Vietnamese with its marks and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from service.text.local_time import day_in_vietnam, in_vietnam

from .room_brief import BRIEFLY, carrier_does, carrier_verb
from .room_codes import Group, kind_of
from .room_facts import ErrorKind, LaneFacts, Reason, Room, Share, State, Verdict, Why

LANGUAGES = ("vi", "en")
Said = Mapping[str, str]

LANE_NAMES: Mapping[str, Said] = {
    "vi": {"emergency": "khẩn cấp", "reply": "trả lời", "bulk": "tin chung"},
    "en": {},
}
STATES: Mapping[str, Mapping[State, str]] = {
    "vi": {
        State.EMPTY: "không có tin chờ",
        State.MORNING: "chờ đến sáng",
        State.MOVING: "đang chạy",
        State.SLOW: "chậm",
        State.STUCK: "kẹt",
    },
    "en": {
        State.EMPTY: "nothing waits",
        State.MORNING: "waits for morning",
        State.MOVING: "moving",
        State.SLOW: "slow",
        State.STUCK: "stuck",
    },
}
SINCE: Said = {"vi": " từ {}", "en": " since {}"}
ALIVE: Said = {"vi": "tiến trình gửi vẫn chạy", "en": "workers alive"}
GROUPS: Mapping[str, Mapping[Group, str]] = {
    "vi": {Group.HEALS: "tự khỏi", Group.FIX: "phải sửa", Group.GIVE_UP: "đành bỏ"},
    "en": {Group.HEALS: "heals", Group.FIX: "fix", Group.GIVE_UP: "give up"},
}
REASONS: Mapping[str, Mapping[Why, str]] = {
    "vi": {
        Why.READ_ONLY: "cơ sở dữ liệu chỉ cho đọc, không ghi được gì: kiểm tra PostgreSQL",
        Why.SENDING_OFF: "{by} đã tắt gửi tin{since}{reason}; khi đã ổn: bật lại ở trang Công tắc",
        Why.LANE_PAUSED: "{by} đã tạm dừng luồng này{since}{reason};"
        " khi đã ổn: mở lại ở trang Công tắc",
        Why.CARRIER_HALTED: "{by} đã tạm dừng gửi qua {carrier}{since}{reason};"
        " khi đã ổn: mở lại ở trang Công tắc",
        Why.CARRIER_PAUSED: "nhà mạng trung gian {carrier} {verb}{since}: {means};"
        " {what_to_do} [{code}]",
        Why.NO_WORKER: "không có tiến trình gửi{since}{held}; khởi động lại worker-{lane}",
        Why.HELD_BY_DEAD: "{messages} tin còn bị một tiến trình đã chết giữ{since};"
        " xem nhật ký tiến trình gửi",
        Why.CAP_REACHED: "đã hết mức chi trong {period}, {messages} tin chờ đến {until};"
        " nếu đúng thì nâng CAP_VND_PER_{PERIOD}",
        Why.CARRIER_REFUSES: "nhà mạng trung gian {verb}: {means};"
        " {what_to_do} ({messages} tin) [{code}]",
        Why.PACE: "{messages} tin chờ, với đà này cần {minutes} phút",
        Why.LEFT_BEHIND: "tin khác vẫn đi mà có tin đã chờ {minutes} phút; xem trang Việc cần làm",
        Why.UNEXPLAINED: "có tin chờ mà không tin nào đi; xem nhật ký tiến trình gửi",
        Why.QUIET_HOURS: "{messages} tin chỉ gửi ban ngày, chờ đến {until}",
        Why.CLOCK_GONE: "đồng hồ công việc không chạy{since}: không nhắc, không chuyển cấp;"
        " khởi động lại clock",
        Why.NO_REPORTS: "nhà mạng trung gian {carrier} nhận {messages} tin{since} mà không báo phát"
        " tin nào; kiểm tra địa chỉ báo phát: caunoi callback-urls",
        Why.REDIS_AWAY: "Redis không trả lời: tin đi chậm thêm vài giây (POLL_SECONDS), không mất"
        " tin nào; khởi động lại Redis",
        Why.REROUTED: "tin đi qua {carrier}, theo {by}{since}{reason}",
    },
    "en": {
        Why.READ_ONLY: "the database is read-only, nothing can be written: see to PostgreSQL",
        Why.SENDING_OFF: "sending was switched off by {by}{since}{reason};"
        " when it is right, switch it on again on the page of switches",
        Why.LANE_PAUSED: "the lane was paused by {by}{since}{reason};"
        " when it is right, open it again on the page of switches",
        Why.CARRIER_HALTED: "carrier {carrier} was paused by {by}{since}{reason};"
        " when it is right, open it again on the page of switches",
        Why.CARRIER_PAUSED: "carrier {carrier} {verb}{since}: {means}; {what_to_do} [{code}]",
        Why.NO_WORKER: "no worker{since}{held}; start worker-{lane} again",
        Why.HELD_BY_DEAD: "{messages} are still held by a dead worker{since};"
        " look at the workers' log",
        Why.CAP_REACHED: "the cap of the {period} is reached, {messages} wait until {until};"
        " raise CAP_VND_PER_{PERIOD} if it is right",
        Why.CARRIER_REFUSES: "carrier {verb}: {means}; {what_to_do} ({messages} so far) [{code}]",
        Why.PACE: "{messages} wait, which takes {minutes} minutes at this pace",
        Why.LEFT_BEHIND: "others leave and one has waited {minutes} minutes;"
        " see what there is to do",
        Why.UNEXPLAINED: "messages wait and none leaves; look at the workers' log",
        Why.QUIET_HOURS: "{messages} leave by day only and wait until {until}",
        Why.CLOCK_GONE: "the clock does not run{since}: nothing is reminded of or climbs;"
        " start clock again",
        Why.NO_REPORTS: "carrier {carrier} took {messages}{since} and reported on none;"
        " check the address for delivery reports: caunoi callback-urls",
        Why.REDIS_AWAY: "Redis is away: messages leave up to POLL_SECONDS later, nothing is lost;"
        " start Redis again",
        Why.REROUTED: "messages go by {carrier}, decided by {by}{since}{reason}",
    },
}
PERIODS: Mapping[str, Said] = {
    "vi": {"hour": "giờ", "day": "ngày"},
    "en": {"hour": "hour", "day": "day"},
}
HELD: Said = {"vi": ", {} tin còn bị giữ", "en": ", {} still held"}
LANE_LINE: Said = {
    "vi": "{lane}: {says}\n  {waiting} tin chờ{oldest}, {in_flight} đang gửi,"
    " {five} tin/phút trong 5 phút qua, {hour} trong giờ qua",
    "en": "{lane}: {says}\n  {waiting} wait{oldest}, {in_flight} in flight,"
    " {five} a minute over 5 minutes, {hour} over the hour",
}
OLDEST: Said = {"vi": ", tin lâu nhất {} giây", "en": ", the oldest for {} s"}
SHARE_LINE: Said = {
    "vi": "đã phát {percent} % của {taken} tin {of}, {who}",
    "en": "delivered {percent} % of {taken} {of}, {who}",
}
OF: Mapping[str, Said] = {
    "vi": {
        "last_hundred": "gần nhất",
        "hour": "trong giờ qua",
        "reports_hour": "báo trong giờ qua",
    },
    "en": {
        "last_hundred": "newest",
        "hour": "in the last hour",
        "reports_hour": "reported on in the last hour",
    },
}
NETWORK: Said = {"vi": "mạng {}", "en": "network {}"}
ERROR_LINE: Said = {
    "vi": "{group}: {code}, {messages} tin: {means}; {what_to_do}",
    "en": "{group}: {code}, {messages} messages: {means}; {what_to_do}",
}


def clock_time(moment: datetime, now: datetime) -> str:
    """Return a moment as a clock in Vietnam shows it, with the day where it is not today."""
    local = in_vietnam(moment)
    today = day_in_vietnam(now) == day_in_vietnam(moment)
    return f"{local:%H:%M}" if today else f"{local:%H:%M %d/%m}"


def says_reason(reason: Reason, now: datetime, language: str, *, briefly: bool = False) -> str:
    """Say one reason, and what to do about it; briefly: the reason alone."""
    code = reason.values.get("code")
    kind = kind_of(code)
    words: dict[str, Any] = {
        "lane": "",
        **reason.values,
        "means": kind.means[language],
        "what_to_do": kind.what_to_do[language],
        "does": carrier_does(code, language),
        "verb": carrier_verb(code, language),
    }
    since, until = words.get("since"), words.get("until")
    words["since"] = SINCE[language].format(clock_time(since, now)) if since else ""
    words["until"] = clock_time(until, now) if until else ""
    words["reason"] = f" ({words['reason']})" if words.get("reason") else ""
    words["held"] = HELD[language].format(words["held"]) if words.get("held") else ""
    period = words.get("period", "hour")
    words |= {"period": PERIODS[language][period], "PERIOD": period.upper()}
    said = BRIEFLY if briefly else REASONS
    return said[language][reason.key].format(**words)


def says(
    verdict: Verdict,
    now: datetime,
    language: str,
    workers: int | None = None,
    *,
    briefly: bool = False,
) -> str:
    """Say a verdict in one line: "stuck since 14:03: workers alive; carrier ... refuses, ...".

    `workers` is how many the lane has; None for a verdict on all, which names each lane.
    """
    said = STATES[language][verdict.state]
    if verdict.since is not None:
        said += SINCE[language].format(clock_time(verdict.since, now))
    alive = bool(workers) and verdict.state is State.STUCK
    parts = [ALIVE[language]] if alive else []
    for reason in verdict.reasons:
        lane = reason.values.get("lane") if workers is None else None
        where = f"{lane_name(lane, language)}: " if lane else ""
        parts.append(where + says_reason(reason, now, language, briefly=briefly))
    return f"{said}: {'; '.join(parts)}" if parts else said


def lines(room: Room, language: str) -> Iterator[str]:
    """Yield the room for a terminal: how all stands, each lane, what fails, what arrives."""
    yield says(room.verdict, room.at, language)
    for lane in room.lanes:
        yield _lane(lane, room.at, language)
    for share in room.shares:
        if share.share is not None:
            yield _share(share, language)
    for kind in room.errors:
        yield _error(kind, language)


def lane_name(lane: str, language: str) -> str:
    """Return what people call a lane."""
    return LANE_NAMES[language].get(lane, lane)


def _lane(lane: LaneFacts, now: datetime, language: str) -> str:
    age = OLDEST[language].format(round(lane.oldest_seconds)) if lane.waiting else ""
    return LANE_LINE[language].format(
        lane=lane_name(lane.lane, language),
        says=says(lane.verdict, now, language, lane.workers),
        waiting=lane.waiting,
        oldest=age,
        in_flight=lane.in_flight,
        five=f"{lane.per_minute:g}",
        hour=f"{lane.per_minute_in_hour:g}",
    )


def _share(share: Share, language: str) -> str:
    who = share.carrier
    if share.network:
        who += ", " + NETWORK[language].format(share.network)
    return SHARE_LINE[language].format(
        percent=round(100 * (share.share or 0)),
        taken=share.taken,
        of=OF[language][share.of],
        who=who,
    )


def _error(kind: ErrorKind, language: str) -> str:
    about = kind_of(kind.code)
    return ERROR_LINE[language].format(
        group=GROUPS[language][kind.group],
        code=kind.code,
        messages=kind.messages,
        means=about.means[language],
        what_to_do=about.what_to_do[language],
    )
