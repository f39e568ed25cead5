"""Nobody hears of a request after it is gone, nor of its end without ever having heard of it."""

from __future__ import annotations

from datetime import datetime

from service.outbox import claim as claims
from tests.village import DEPUTY, LEADER, MEMBER, NEIGHBOUR, TimedWorld
from tests.village_work.words import ask, forget_answers, say

EVENING = datetime(2026, 12, 1, 17, 0)  # noqa: DTZ001 - as a clock in the village shows it


def states(world: TimedWorld, msisdn: str) -> list[str]:
    rows = world.rows("SELECT state FROM messages_out WHERE msisdn = :m ORDER BY id", m=msisdn)
    return [row.state for row in rows]


def reads(world: TimedWorld, msisdn: str) -> list[str]:
    """What a phone has got, or is going to get."""
    rows = world.rows(
        "SELECT body FROM messages_out WHERE msisdn = :m AND state <> 'cancelled' ORDER BY id",
        m=msisdn,
    )
    return [row.body for row in rows]


def team_was_asked(world: TimedWorld) -> None:
    """A request the leader heard of, and the deputy, after three hours."""
    ask(world.phone(NEIGHBOUR))
    world.let_pass(hours=3)


def test_taken_before_it_left_others_hear_of_neither(timed: TimedWorld) -> None:
    timed.nothing_leaves = True
    team_was_asked(timed)
    timed.phone(LEADER).text("NV 1")
    assert states(timed, DEPUTY) == ["cancelled"]


def test_taken_after_it_left_others_hear_both(timed: TimedWorld) -> None:
    team_was_asked(timed)
    timed.phone(LEADER).text("NV 1")
    asked, taken = reads(timed, DEPUTY)
    assert "soan NV 1" in asked
    assert "da co Hoang Van Mau nhan" in taken


def test_cancelled_before_it_left_nobody_hears_of_it(timed: TimedWorld) -> None:
    timed.nothing_leaves = True
    number = ask(timed.phone(NEIGHBOUR))
    timed.phone(NEIGHBOUR).text(f"HUY {number}")
    assert states(timed, LEADER) == ["cancelled"]


def test_whoever_has_taken_it_hears_that_it_is_cancelled_whatever_has_left(
    timed: TimedWorld,
) -> None:
    timed.nothing_leaves = True
    number = ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("NV 1")
    timed.phone(NEIGHBOUR).text(f"HUY {number}")
    (said,) = reads(timed, LEADER)
    assert said.endswith("ba con da huy. Khong phai lam gi.")


def test_what_a_worker_holds_is_not_begun_any_more(timed: TimedWorld) -> None:
    timed.nothing_leaves = True
    team_was_asked(timed)
    with timed.engine.begin() as connection:
        held = claims.claim(connection, "reply", "africastalking", 10)
    assert {message.msisdn for message in held} >= {DEPUTY}
    timed.phone(LEADER).text("NV 1")
    with timed.engine.begin() as connection:
        begun = claims.begin(connection, held, "africastalking")
    assert DEPUTY not in {one.message.msisdn for one in begun}
    assert states(timed, DEPUTY) == ["cancelled"]


def test_what_is_on_its_way_or_may_have_left_counts_as_heard(timed: TimedWorld) -> None:
    timed.nothing_leaves = True
    for state in ("sending", "unknown", "queued"):
        team_was_asked(timed)
        timed.do(
            """
            UPDATE messages_out SET state = :state, attempts = 1, token = NULL,
                   lease_until = CASE :state WHEN 'sending'
                                 THEN clock_timestamp() + interval '30 seconds' END
            WHERE msisdn = :deputy AND id = (SELECT max(id) FROM messages_out WHERE msisdn = :deputy)
            """,
            state=state,
            deputy=DEPUTY,
        )
        timed.do(
            """
            INSERT INTO attempts (message_id, no, token, carrier, msisdn, outcome)
            SELECT max(id), 1, gen_random_uuid(), 'africastalking', :deputy, 'unknown'
            FROM messages_out WHERE msisdn = :deputy
            """,
            deputy=DEPUTY,
        )
        timed.phone(LEADER).text("NV")
        timed.phone(LEADER).text("XONG")
        timed.phone(NEIGHBOUR).text("1")
        forget_answers(timed)
        assert "da co Hoang Van Mau nhan" in reads(timed, DEPUTY)[-1], state


def test_two_days_without_coverage_are_no_flood_afterwards(timed: TimedWorld) -> None:
    """The leader's phone is out of reach; each of three requests goes on without them."""
    for topic in ("VNEID", "VSSID", "DVC"):
        ask(timed.phone(NEIGHBOUR), topic)
        forget_answers(timed)
    timed.do("UPDATE messages_out SET state = 'undelivered' WHERE msisdn = :m", m=LEADER)
    timed.let_pass(hours=3)
    deputy = timed.phone(DEPUTY)
    assert len(deputy.inbox()) == 3
    for task in (1, 2, 3):
        deputy.text(f"NV {task}")
    timed.let_pass(days=2)
    assert states(timed, LEADER) == ["undelivered"] * 3, "nothing more was written to it"
    assert timed.phone(LEADER).text("NV 2") == [
        say(timed, "sms.task_gone", task="2", leader="Lý Thị Ví Dụ")
    ], "and what the network kept for it is answered by what is so now"


def test_taken_at_night_it_is_not_told_in_the_morning(timed: TimedWorld) -> None:
    timed.time.turn_to(EVENING)
    timed.do(
        """
        UPDATE people SET awake_from = 7 * 60, awake_until = 19 * 60
        WHERE phone_id = (SELECT id FROM phones WHERE msisdn = :deputy)
        """,
        deputy=DEPUTY,
    )
    team_was_asked(timed)
    timed.arrive()
    assert states(timed, DEPUTY) == ["queued"], "it is 20:00 and the deputy asleep"
    timed.phone(LEADER).text("NV 1")
    assert states(timed, DEPUTY) == ["cancelled"]
    timed.let_pass(hours=12)
    assert reads(timed, DEPUTY) == []


def test_what_an_operator_holds_is_put_right_meanwhile(timed: TimedWorld) -> None:
    timed.do(
        """
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                                  valid_until)
        SELECT 'sms:x' || n, 'alert', 'reply', 1, :leader, 'x', 1, 'delivered', clock_timestamp()
        FROM generate_series(1, 18) AS n
        """,
        leader=LEADER,
    )
    neighbour = timed.phone(NEIGHBOUR)
    first = ask(neighbour)
    timed.arrive()
    second = ask(neighbour, "VSSID")
    third = ask(neighbour, "DVC")
    (said,) = (one for one in reads(timed, LEADER)[19:])
    assert said == say(timed, "sms.task_pile", tasks="3, 2, 1", waiting="3")
    newest = "SELECT * FROM messages_out WHERE idem_key LIKE 'pile:%' ORDER BY id DESC LIMIT 1"
    timed.do(
        "UPDATE messages_out SET state = 'held', code = 'operator' WHERE id = :id",
        id=timed.one(newest).id,
    )
    for number, tasks in ((second, "3, 1"), (third, "1")):
        neighbour.text(f"HUY {number}")
        forget_answers_of_the_villager(timed)
        waiting = str(len(tasks.split(", ")))
        row = timed.one(newest)
        assert row.body == say(timed, "sms.task_pile", tasks=tasks, waiting=waiting)
        assert row.state == "held"
    neighbour.text(f"HUY {first}")
    assert timed.one(newest).state == "cancelled"


def test_a_list_of_what_waits_names_nothing_that_is_gone(timed: TimedWorld) -> None:
    timed.do(
        """
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                                  valid_until)
        SELECT 'sms:x' || n, 'alert', 'reply', 1, :leader, 'x', 1, 'delivered', clock_timestamp()
        FROM generate_series(1, 18) AS n
        """,
        leader=LEADER,
    )
    neighbour = timed.phone(NEIGHBOUR)
    first = ask(neighbour)
    timed.arrive()
    second = ask(neighbour, "VSSID")
    third = ask(neighbour, "DVC")
    (said,) = (one for one in reads(timed, LEADER)[19:])
    assert said == say(timed, "sms.task_pile", tasks="3, 2, 1", waiting="3")
    neighbour.text(f"HUY {second}")
    assert reads(timed, LEADER)[-1] == say(timed, "sms.task_pile", tasks="3, 1", waiting="2")
    forget_answers_of_the_villager(timed)
    neighbour.text(f"HUY {third}")
    forget_answers_of_the_villager(timed)
    neighbour.text(f"HUY {first}")
    assert states(timed, LEADER)[-1] == "cancelled"


def forget_answers_of_the_villager(world: TimedWorld) -> None:
    world.do(
        "UPDATE messages_out SET created_at = created_at - interval '2 days' WHERE msisdn = :n",
        n=NEIGHBOUR,
    )


def test_back_with_the_team_what_was_said_of_it_before_and_has_not_left_is_called_back(
    timed: TimedWorld,
) -> None:
    team_was_asked(timed)
    timed.phone(LEADER).text("NV 1")
    timed.phone(LEADER).text("XONG 1")
    timed.nothing_leaves = True
    timed.do("UPDATE messages_out SET state = 'queued' WHERE msisdn = :m", m=DEPUTY)
    timed.do("UPDATE memberships SET until = clock_timestamp() WHERE role = 'leader'")
    timed.phone(NEIGHBOUR).text("2")
    (said,) = reads(timed, DEPUTY)
    assert "soan NV 2" in said
    timed.let_pass(hours=5)
    assert len(reads(timed, MEMBER)) == 1
