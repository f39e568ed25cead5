"""The room's figures, its sentences, the table of codes, and `caunoi status`."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import event

from service.carriers import base
from service.carriers.base import BadNumber, Fault, NoBalance, SendError, Unreachable
from service.cli import caunoi
from service.ops import room_reading
from service.ops.environment import as_environment
from service.ops.overview import SAYS
from service.ops.room import as_data, look
from service.ops.room_brief import BRIEFLY
from service.ops.room_codes import CODES, Group
from service.ops.room_facts import State, Why
from service.ops.room_words import LANGUAGES, REASONS, STATES, says
from service.outbox.brakes import switch
from service.records.messages import MessageClass
from tests.ops.room_kit import Watched
from tests.outbox.kit import CARRIER
from tests.village import TimedWorld

MOST_STATEMENTS = 12


@pytest.fixture
def room(timed: TimedWorld) -> Watched:
    watched = Watched(timed)
    watched.everybody_works()
    return watched


def status(room: Watched, *options: str) -> str:
    """Run the command on this village's database."""
    environment = as_environment(room.world.runtime.settings)
    ran: Result = CliRunner().invoke(caunoi, ["status", *options], env=environment)
    assert ran.exit_code == 0, ran.output
    return ran.output


# -- figures


def test_what_was_handed_over_is_counted_by_the_minute(room: Watched) -> None:
    room.put(20)
    room.send()
    room.let_pass(minutes=10)
    room.put(10)
    room.send()
    room.put(2, MessageClass.EMERGENCY)
    lane = room.lane()
    assert (lane.per_minute, lane.per_minute_in_hour) == (2.0, 0.5)
    assert room.lane("emergency").waiting == 2
    assert room.lane("bulk").per_minute_in_hour == 0
    room.let_pass(hours=2)
    assert (room.lane().per_minute, room.lane().per_minute_in_hour) == (0, 0)


def test_the_age_is_that_since_a_message_was_due_at_first(room: Watched) -> None:
    room.put()
    room.let_pass(minutes=3)
    room.send(answer=Unreachable)
    room.let_pass(minutes=3)
    assert 355 <= room.lane().oldest_seconds <= 370


def test_the_delivered_share_leaves_out_what_had_no_time_to_be_reported(room: Watched) -> None:
    room.put(10)
    room.send()
    room.report(3)
    room.report(1, rank=3, network="45201")
    (last,) = [share for share in room.room().shares if share.of == "last_hundred"]
    assert (last.carrier, last.taken, last.delivered, last.undelivered) == (CARRIER, 4, 3, 1)
    assert last.share == 0.75
    room.let_pass(minutes=6)
    (last,) = [share for share in room.room().shares if share.of == "last_hundred"]
    assert (last.taken, last.share) == (10, 0.3)
    networks = {s.network: (s.taken, s.share) for s in room.room().shares if s.network}
    assert networks == {"45204": (3, 1.0), "45201": (1, 0.0)}
    room.let_pass(hours=2)
    now = {share.of: share.taken for share in room.room().shares}
    assert now == {"last_hundred": 10, "hour": 0}


def test_the_last_hundred_are_a_hundred(room: Watched) -> None:
    room.put(110)
    room.send()
    room.report(110)
    shares = {share.of: share.taken for share in room.room().shares if share.network is None}
    assert shares == {"last_hundred": 100, "hour": 110}


def test_errors_of_the_hour_are_counted_with_how_many_they_meet(room: Watched) -> None:
    room.put(2)
    room.send(answer=Unreachable)
    room.let_pass(minutes=1)
    room.send(answer=Unreachable)
    room.put()
    room.send(answer=BadNumber)
    found = {k.code: (str(k.group), k.attempts, k.messages) for k in room.room().errors}
    assert found == {"unreachable": ("heals", 4, 2), "bad_number": ("give_up", 1, 1)}
    room.let_pass(hours=2)
    assert room.room().errors == ()


# -- words


def named_errors() -> list[type[SendError]]:
    return [
        e
        for e in vars(base).values()
        if isinstance(e, type) and issubclass(e, SendError) and e is not SendError
    ]


@pytest.mark.parametrize("error", named_errors())
def test_every_named_error_is_in_the_table_where_its_fault_belongs(error: type[SendError]) -> None:
    group = {
        Fault.CARRIER: Group.HEALS, Fault.NOBODY: Group.HEALS,
        Fault.ACCOUNT: Group.FIX, Fault.RECIPIENT: Group.GIVE_UP,
    }[error.fault]  # fmt: skip
    assert CODES[error.code].group is group


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_words_in_both_languages(language: str) -> None:
    assert set(REASONS[language]) == set(BRIEFLY[language]) == set(Why)
    assert set(STATES[language]) == set(State)
    assert SAYS[language].keys() == SAYS["en"].keys()
    for kind in CODES.values():
        assert kind.means[language]
        assert kind.what_to_do[language]


def test_a_verdict_reads_as_one_says_it(room: Watched) -> None:
    room.turn_to(2026, 12, 1, 14, 3)
    room.put(2)
    room.send(answer=NoBalance)
    room.turn_to(2026, 12, 1, 14, 10)
    seen, lane = room.room(), room.lane()
    assert says(lane.verdict, seen.at, "en", lane.workers) == (
        "stuck since 14:03: workers alive; carrier africastalking refuses since 14:03:"
        " the account is empty; messages wait, none is lost;"
        " top up, then press Try it now on the page of switches,"
        " or run: caunoi resume-carrier [no_balance]"
    )
    assert says(lane.verdict, seen.at, "vi", lane.workers) == (
        "kẹt từ 14:03: tiến trình gửi vẫn chạy; nhà mạng trung gian africastalking không nhận"
        " từ 14:03: tài khoản hết tiền; tin chờ, chưa mất tin nào;"
        " nạp tiền, rồi bấm Thử lại ngay ở trang Công tắc,"
        " hoặc chạy: caunoi resume-carrier [no_balance]"
    )


# -- the command


def test_the_command_says_first_how_all_stands_then_each_lane(room: Watched) -> None:
    room.put(2)
    lines = status(room).splitlines()
    assert lines[0] == "moving"
    assert lines[1] == "emergency: nothing waits"
    assert lines[3] == "reply: moving"
    assert re.fullmatch(
        r"  2 wait, the oldest for \d s, 0 in flight, 0 a minute over 5 minutes, 0 over the hour",
        lines[4],
    )
    assert "sending is on" in lines
    assert "messages in 24 hours: none" in lines
    assert "spent today: 0 d" in lines


def test_the_command_speaks_vietnamese(room: Watched) -> None:
    room.put(1, MessageClass.EMERGENCY)
    room.let_pass(gone=["emergency"], minutes=1)
    lines = status(room, "--language", "vi").splitlines()
    assert lines[0].startswith("kẹt từ 09:0")
    assert "khẩn cấp: không có tiến trình gửi từ 09:0" in lines[0]
    assert lines[0].endswith("; khởi động lại worker-emergency")
    assert "trả lời: không có tin chờ" in lines
    assert lines[-4:] == [
        "đang gửi tin",
        "tin trong 24 giờ: không có",
        "yêu cầu bây giờ: không có",
        "đã chi hôm nay: 0 đ",
    ]


def test_the_command_lists_errors_with_what_to_do(room: Watched) -> None:
    room.put(3)
    room.send(answer=BadNumber)
    assert (
        "give up: bad_number, 3 messages: there is no such number, or it takes no texts;"
        " ask that person for their number again"
    ) in status(room).splitlines()


def test_scripts_read_the_same_as_values(room: Watched) -> None:
    with room.world.engine.begin() as connection:
        switch(connection, on=False, by="Lan", reason="a test")
    room.put()
    found: dict[str, Any] = json.loads(status(room, "--json"))
    verdict = found["room"]["verdict"]
    assert (verdict["state"], verdict["is_well"]) == ("stuck", False)
    (reason,) = verdict["reasons"]
    assert (reason["key"], reason["values"]["by"]) == ("sending_off", "Lan")
    assert reason["says"]["vi"].startswith("Lan đã tắt gửi tin từ 09:0")
    assert [lane["lane"] for lane in found["room"]["lanes"]] == ["emergency", "reply", "bulk"]
    nothing = {"sent": 0, "failed": 0, "delivered": 0, "undelivered": 0}
    assert found["messages_in_24_hours"] == nothing
    assert found["balance_days"] is None


def test_the_command_answers_while_the_database_refuses_to_write(room: Watched) -> None:
    room.put()
    with room.read_only():
        assert status(room, "--language", "vi").startswith(
            "kẹt từ 09:00: cơ sở dữ liệu chỉ cho đọc"
        )


def test_what_began_on_another_day_is_said_with_its_day(room: Watched) -> None:
    with room.world.engine.begin() as connection:
        switch(connection, on=False, by="Lan")
    room.let_pass(hours=30)
    assert status(room).startswith(
        "nothing waits: sending was switched off by Lan since 09:00 01/12;"
    )


# -- what it costs


def test_the_room_takes_few_statements_and_reads_no_history(room: Watched) -> None:
    room.world.do("""
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, segments, state, valid_until)
        SELECT 'old:' || n, 'reply', 'reply', 0, '+84900000001', 1, 'delivered',
               clock_timestamp() + interval '1 day'
        FROM generate_series(1, 30000) AS n
    """)
    room.world.do("""
        INSERT INTO attempts (message_id, no, token, carrier, msisdn, outcome, carrier_message_id)
        SELECT id, 1, gen_random_uuid(), 'africastalking', msisdn, 'accepted', 'ATX' || id
        FROM messages_out
    """)
    room.world.do("ANALYZE messages_out, attempts")
    asked: list[str] = []
    plans: list[str] = []

    def listen(connection: Any, cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith("EXPLAIN"):
            return
        asked.append(statement)
        explained = connection.exec_driver_sql("EXPLAIN " + statement, values).scalars()
        plans.extend(explained)

    event.listen(room.world.engine, "before_cursor_execute", listen)
    try:
        with room.world.engine.connect() as connection:
            room_reading.read(connection)
    finally:
        event.remove(room.world.engine, "before_cursor_execute", listen)
    assert 0 < len(asked) <= MOST_STATEMENTS
    whole = "\n".join(plans)
    assert "Seq Scan on attempts" not in whole
    assert "ix_messages_out_due" in whole, "what waits"
    assert re.search("ix_messages_out_(leases|number)", whole), "what is in flight"


def test_rates_of_a_rush_are_taken_over_as_long_as_was_looked_at(room: Watched) -> None:
    room.put(20)
    room.send(most=10)
    room.let_pass(minutes=2)
    room.send(most=9)
    seen = look(room.world.engine, tail=10)
    assert 1.9 < seen.rates_over_minutes < 2.5
    assert seen.lanes[1].per_minute == pytest.approx(10 / seen.rates_over_minutes, abs=0.2)
    assert as_data(seen)["rates_over_minutes"] == seen.rates_over_minutes
