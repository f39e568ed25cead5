"""What failed is said again by hand: to whom it was written for, and while it is true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.outbox.by_hand import Deed, Done, do
from service.text.local_time import VIETNAM
from service.village.class_reminders import remind_classes
from tests.village import DEPUTY, FAR_AWAY, LEADER, MEMBER, NEIGHBOUR, TimedWorld, World
from tests.village_work.classes import training
from tests.village_work.people_words import prove
from tests.village_work.words import ask

NEW = "+84900000031"
DOI = "DOI 0900000007 0900000031"
EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)


def lost(world: World, to: str, sentence: str, state: str = "undelivered") -> int:
    """Let the last such message to a number have reached nobody; return its id."""
    row = world.one(
        """
        SELECT max(id) AS id FROM messages_out WHERE msisdn = :to AND idem_key ~ :sentence
        """,
        to=to,
        sentence=sentence,
    )
    world.do("UPDATE messages_out SET state = :state WHERE id = :id", id=row.id, state=state)
    return int(row.id)


def said_again(world: World, *ids: int, deed: Deed = Deed.RESEND) -> Done:
    with world.engine.begin() as connection:
        return do(connection, deed, ids)


def left_out(world: World, *ids: int, deed: Deed = Deed.RESEND) -> dict[str, int]:
    done = said_again(world, *ids, deed=deed)
    assert done.messages + sum(done.left_out.values()) == len(ids)
    return dict(done.left_out)


def newest(world: World) -> Any:
    return world.one("SELECT * FROM messages_out ORDER BY id DESC LIMIT 1")


def leaves_every_team(world: World, msisdn: str) -> None:
    world.do(
        """
        UPDATE memberships b SET until = clock_timestamp()
        FROM people h JOIN phones f ON f.id = h.phone_id
        WHERE b.person_id = h.id AND f.msisdn = :msisdn
        """,
        msisdn=msisdn,
    )


def whole(world: World, ids: Sequence[int]) -> set[str]:
    rows = world.rows("SELECT state FROM messages_out WHERE id = ANY(:ids)", ids=list(ids))
    return {row.state for row in rows}


# -- whose number it is


def test_who_has_another_number_now_is_not_written_to_at_the_old_one(world: World) -> None:
    world.nothing_leaves = True
    ask(world.phone(NEIGHBOUR))
    failed = lost(world, NEIGHBOUR, "sms.filed")
    assert said_again(world, failed).messages == 1, "it is their number still"
    again = lost(world, NEIGHBOUR, "^resend:", "unknown")
    prove(world.phone(LEADER), DOI)
    world.phone(NEW).text("1")
    assert left_out(world, again, deed=Deed.REPLAY) == {"moved": 1}
    assert whole(world, [again]) == {"unknown"}


def test_what_followed_to_the_new_number_can_be_said_again_there(world: World) -> None:
    world.nothing_leaves = True
    ask(world.phone(NEIGHBOUR))
    prove(world.phone(LEADER), DOI)
    world.phone(NEW).text("1")
    assert said_again(world, lost(world, NEW, "sms.filed")).messages == 1
    assert newest(world).msisdn == NEW


def test_a_number_that_said_it_is_not_theirs_hears_nothing_of_who_had_it(world: World) -> None:
    world.nothing_leaves = True
    ask(world.phone(NEIGHBOUR))
    failed = lost(world, NEIGHBOUR, "sms.filed")
    world.do("""
        UPDATE people SET phone_id = NULL WHERE name = 'Mai Thử';
        UPDATE phones SET holder_id = NULL WHERE msisdn = '+84900000007'
    """)
    assert left_out(world, failed) == {"moved": 1}


# -- the work of a team


@pytest.mark.parametrize("sentence", ["sms.task_new", "sms.task_yours"])
def test_who_is_in_no_team_any_more_hears_no_more_of_its_work(world: World, sentence: str) -> None:
    world.nothing_leaves = True
    ask(world.phone(NEIGHBOUR))
    world.phone(LEADER).text("NV 1")
    failed = lost(world, LEADER, sentence)
    leaves_every_team(world, LEADER)
    assert left_out(world, failed) == {"left": 1}
    assert not world.rows("SELECT FROM messages_out WHERE starts_with(idem_key, 'resend:')")


def test_who_is_in_the_team_still_hears_again_and_so_does_the_villager(world: World) -> None:
    world.nothing_leaves = True
    ask(world.phone(NEIGHBOUR))
    world.phone(LEADER).text("NV 1")
    to_member = lost(world, LEADER, "sms.task_new")
    to_villager = lost(world, NEIGHBOUR, "sms.accepted")
    leaves_every_team(world, DEPUTY)
    assert left_out(world, to_member, to_villager) == {}


def test_a_digest_of_a_team_is_for_who_is_in_that_very_team(world: World) -> None:
    team = world.one("""
        SELECT b.team_id, b.id FROM memberships b JOIN people h ON h.id = b.person_id
        JOIN phones f ON f.id = h.phone_id WHERE f.msisdn = '+84900000004'
    """)
    ids = []
    for key in (f"week:2026-11-23:team:{team.team_id}", "week:2026-11-23:team:9999",
                f"member:{team.id}", "member:9999"):  # fmt: skip
        world.do(
            """
            INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, phone_id, body,
                                      segments, state, valid_until)
            SELECT :key, 'alert', 'reply', 1, msisdn, id, 'Tuan qua', 1, 'undelivered',
                   clock_timestamp() FROM phones WHERE msisdn = :to
            """,
            key=key, to=MEMBER,
        )  # fmt: skip
        ids.append(newest(world).id)
    assert [left_out(world, one) for one in ids] == [{}, {"left": 1}, {}, {"left": 1}]
    leaves_every_team(world, MEMBER)
    rows = world.rows("SELECT id FROM messages_out WHERE starts_with(idem_key, 'resend:')")
    world.do("UPDATE messages_out SET state = 'undelivered' WHERE starts_with(idem_key, 'resend:')")
    assert left_out(world, *(row.id for row in rows)) == {"left": 2}


def test_that_somebody_left_is_told_to_who_left(world: World) -> None:
    world.nothing_leaves = True
    leader = world.phone(LEADER)
    prove(leader, "BOT 0900000004")
    assert said_again(world, lost(world, MEMBER, "sms.removed_from_team")).messages == 1


# -- classes


def registered(timed: TimedWorld, *numbers: str, seats: int = 1) -> None:
    training(timed, seats=seats, starts_at=EVENING)
    timed.nothing_leaves = True
    for msisdn in numbers:
        timed.phone(msisdn).text("LOP 12")


def test_a_seat_is_offered_again_until_the_offer_ends_and_not_after(timed: TimedWorld) -> None:
    registered(timed, NEIGHBOUR, LEADER)
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    failed = lost(timed, LEADER, "sms.class_offer")
    ends = timed.one("SELECT offered_until FROM enrolments WHERE state = 'offered'").offered_until
    assert said_again(timed, failed).messages == 1
    assert newest(timed).valid_until == ends, "not for the day that such messages are good for"
    again = lost(timed, LEADER, "^resend:", "unknown")
    assert said_again(timed, again, deed=Deed.REPLAY).messages == 1
    assert newest(timed).valid_until == ends
    again = lost(timed, LEADER, "^resend:")
    timed.time.let_pass(timedelta(hours=5))
    assert left_out(timed, again) == {"gone": 1}


def test_a_seat_that_was_taken_is_not_offered_again(timed: TimedWorld) -> None:
    registered(timed, NEIGHBOUR, LEADER)
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    failed = lost(timed, LEADER, "sms.class_offer")
    timed.phone(LEADER).text("1")
    assert left_out(timed, failed) == {"gone": 1}


@pytest.mark.parametrize("happens", ["cancelled", "changed", "left", "moved", "begun"])
def test_a_reminder_is_said_again_while_it_is_true(timed: TimedWorld, happens: str) -> None:
    registered(timed, NEIGHBOUR)
    timed.time.let_pass(timedelta(days=1, hours=1))
    assert remind_classes(timed.runtime.units, timed.runtime.words) == 1
    failed = lost(timed, NEIGHBOUR, "sms.class_eve")
    assert said_again(timed, failed).messages == 1
    again = lost(timed, NEIGHBOUR, "^resend:")
    why = "gone"
    if happens == "cancelled":
        timed.do("UPDATE trainings SET state = 'cancelled'")
    elif happens == "changed":
        timed.do("""
            INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, segments, state,
                                      valid_until)
            SELECT 'class:' || id || ':phone7:change1:sms.class_changed:+84900000007', 'alert',
                   'reply', 1, '+84900000007', 1, 'queued', clock_timestamp() FROM trainings
        """)
    elif happens == "left":
        timed.phone(NEIGHBOUR).text("HUY LOP 12")
    elif happens == "moved":
        prove(timed.phone(LEADER), DOI)
        timed.phone(NEW).text("1")
        why = "moved"
    else:
        timed.time.let_pass(timedelta(days=2))
    assert left_out(timed, again) == {why: 1}


def test_nothing_of_before_a_class_is_said_again_longer_than_until_it_begins(
    timed: TimedWorld,
) -> None:
    registered(timed, NEIGHBOUR, FAR_AWAY)
    timed.time.let_pass(timedelta(days=2))
    answers = [lost(timed, NEIGHBOUR, "sms.class_seated"), lost(timed, FAR_AWAY, "class_queued")]
    assert left_out(timed, *answers) == {}
    rows = timed.rows("SELECT valid_until FROM messages_out WHERE starts_with(idem_key, 'resend:')")
    assert [row.valid_until for row in rows] == [EVENING, EVENING]
    timed.do("UPDATE messages_out SET state = 'expired' WHERE starts_with(idem_key, 'resend:')")
    timed.time.let_pass(timedelta(hours=11))
    again = timed.rows("SELECT id FROM messages_out WHERE starts_with(idem_key, 'resend:')")
    assert left_out(timed, *(row.id for row in again)) == {"gone": 2}


def test_that_a_class_is_called_off_is_said_again_until_it_would_have_begun(
    timed: TimedWorld,
) -> None:
    registered(timed, NEIGHBOUR)
    its = timed.one("SELECT id FROM trainings")
    timed.do("UPDATE trainings SET state = 'cancelled'")
    timed.do(
        """
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                                  valid_until)
        VALUES ('class:' || :id || ':phone7:cancelled:sms.class_cancelled:7', 'alert', 'reply', 1,
                '+84900000007', 'KHONG hoc nua', 1, 'undelivered', clock_timestamp())
        """,
        id=its.id,
    )
    failed = newest(timed).id
    timed.time.let_pass(timedelta(days=2))
    assert said_again(timed, failed).messages == 1
    assert newest(timed).valid_until == EVENING
    again = lost(timed, NEIGHBOUR, "^resend:")
    timed.time.let_pass(timedelta(hours=11))
    assert left_out(timed, again) == {"gone": 1}
