"""Somebody has a new number: by the leader's vouch and the number's own word."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner

from service.cli import caunoi
from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    FAR_AWAY,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    Phone,
    TimedWorld,
    World,
)
from tests.village_work.people_words import audits, code_in, prove
from tests.village_work.test_work_erasure import erase
from tests.village_work.traces import found
from tests.village_work.words import ask, request, say

NEW, OTHER = "+84900000031", "+84900000032"
DOI = "DOI 0900000007 0900000031"


def number_of(world: World, name: str) -> str:
    return world.one(
        "SELECT f.msisdn FROM people p JOIN phones f ON f.id = p.phone_id WHERE p.name = :n", n=name
    ).msisdn


def prove_or_say(phone: Phone, words: str) -> list[str]:
    """Send a text and its code, where one is asked for; return what is said in the end."""
    answer = phone.text(words)
    return phone.text(f"MA {code_in(answer[0])}") if "MA " in answer[0] else answer


def forget_codes(world: World) -> None:
    """Let what the leader was answered be long ago, and nothing else."""
    world.do(
        """UPDATE messages_out SET created_at = created_at - interval '2 days'
           WHERE msisdn = :m AND class = 'reply'""",
        m=LEADER,
    )


def holder(world: World, msisdn: str) -> str | None:
    return world.one(
        "SELECT p.name FROM phones f LEFT JOIN people p ON p.id = f.holder_id WHERE f.msisdn = :m",
        m=msisdn,
    ).name


def test_a_new_number_says_yes_before_anything_is_shown_there(world: World) -> None:
    leader, old, new = world.phone(LEADER), world.phone(NEIGHBOUR), world.phone(NEW)
    number = ask(old)
    leader.text("NV 1")
    leader.text("XONG 1")
    assert "Da gui tin hoi so moi" in prove(leader, DOI)[0]
    assert old.inbox()[-1] == say(
        world, "sms.move_begun", leader="Hoang Van Mau", name="Mai Thu", phone="0900000031"
    )
    assert new.inbox() == [
        say(
            world,
            "sms.invitation_move",
            leader="Hoang Van Mau",
            hamlet="xom Coc Phia",
            name="Mai Thu",
        )
    ]
    assert number_of(world, "Mai Thử") == NEIGHBOUR
    assert str(number) not in " ".join(new.text("YC"))
    new.text("1")
    assert number_of(world, "Mai Thử") == NEW
    assert (holder(world, NEW), holder(world, NEIGHBOUR)) == ("Mai Thử", None)
    told = say(world, "sms.moved_from", name="Mai Thu", phone="0900000031")
    assert old.inbox()[-1] == told
    assert say(world, "sms.moved_to", name="Mai Thu", old_phone="0900000007") in new.inbox()
    assert "moved_number" in audits(world)
    assert new.text(f"1 {number}") == [say(world, "sms.solved", number=str(number))]
    assert request(world, number).state == "closed"


def test_the_old_number_keeps_nothing(world: World) -> None:
    leader, old, new = world.phone(LEADER), world.phone(NEIGHBOUR), world.phone(NEW)
    number = ask(old)
    old.dial()
    prove(leader, DOI)
    new.text("1")
    assert str(number) not in " ".join(old.text("YC"))
    assert str(number) not in old.dial()
    assert old.screen.startswith(say(world, "welcome.consent"))
    new.dial("5")
    assert str(number) in new.screen
    waiting = world.rows(
        "SELECT body FROM messages_out WHERE msisdn = :m AND state = 'queued'", m=NEIGHBOUR
    )
    assert not any("Da ghi viec" in row.body for row in waiting), "it follows to the new number"
    assert any("Da ghi viec" in body for body in new.inbox())


def test_a_number_that_says_no_changes_nothing(world: World) -> None:
    leader, new = world.phone(LEADER), world.phone(NEW)
    prove(leader, DOI)
    assert new.text("2") == [say(world, "sms.you_refused")]
    assert leader.inbox()[-1] == say(world, "sms.move_refused", name="Mai Thu")
    assert number_of(world, "Mai Thử") == NEIGHBOUR
    assert leader.text(DOI) == [say(world, "sms.act_not_now", phone="0900000031")]


def test_moving_again_before_the_answer_asks_the_newer_number_only(world: World) -> None:
    leader, first, second = world.phone(LEADER), world.phone(NEW), world.phone(OTHER)
    prove(leader, DOI)
    assert leader.text(DOI)[0].startswith("Da gui tin hoi so moi"), "no second code for the same"
    prove(leader, "DOI 0900000007 0900000032")
    first.text("1")
    assert number_of(world, "Mai Thử") == NEIGHBOUR
    second.text("1")
    assert number_of(world, "Mai Thử") == OTHER


def test_moving_twice_and_back_goes_well(world: World) -> None:
    leader = world.phone(LEADER)
    number = ask(world.phone(NEIGHBOUR))
    prove(leader, DOI)
    world.phone(NEW).text("1")
    prove(leader, "DOI 0900000031 0900000032")
    world.phone(OTHER).text("1")
    prove(leader, "DOI 0900000032 0900000007")
    world.phone(NEIGHBOUR).text("1")
    assert number_of(world, "Mai Thử") == NEIGHBOUR
    world.phone(NEIGHBOUR).dial("5")
    assert str(number) in world.phone(NEIGHBOUR).screen
    assert leader.text("DOI 0900000007 0900000007")[0].startswith("Mai Thu dang co chinh so do")


def test_a_number_that_is_somebodys_is_shared_and_stays_theirs(world: World) -> None:
    leader = world.phone(LEADER)
    (said,) = prove(leader, "DOI 0900000007 0900000003")
    assert said == say(world, "sms.act_moved", name="Mai Thu", phone="0900000003")
    assert number_of(world, "Mai Thử") == DEPUTY
    assert holder(world, DEPUTY) == "Lý Thị Ví Dụ"
    assert any("bay gio cua Mai Thu" in body for body in world.phone(DEPUTY).inbox())
    world.phone(DEPUTY).dial()
    assert world.phone(DEPUTY).screen.startswith("Viec cua to")


def test_who_shares_the_old_number_keeps_what_is_there(world: World) -> None:
    leader, old = world.phone(LEADER), world.phone(NEIGHBOUR)
    number = ask(old)
    world.do(
        "INSERT INTO people (name, area_id, phone_id) SELECT 'Ông Giả', a.id, f.id "
        "FROM areas a, phones f WHERE a.code = '00018' AND f.msisdn = :m",
        m=NEIGHBOUR,
    )
    prove(leader, f"{DOI} Mai Thử")
    world.phone(NEW).text("1")
    assert (holder(world, NEIGHBOUR), holder(world, NEW)) == ("Ông Giả", "Mai Thử")
    old.dial("5")
    assert str(number) in old.screen


def test_what_an_operator_holds_follows_a_member_who_shared_a_number(timed: TimedWorld) -> None:
    leader, new = timed.phone(LEADER), timed.phone(NEW)
    ask(timed.phone(NEIGHBOUR))
    timed.let_pass(hours=3)
    timed.let_pass(hours=2)
    prove(leader, "DOI 0900000004 0900000031")
    timed.do(
        "INSERT INTO people (name, area_id, phone_id) SELECT 'Ông Giả', a.id, f.id "
        "FROM areas a, phones f WHERE a.code = '00018' AND f.msisdn = :m",
        m=MEMBER,
    )
    held = "class = 'alert' AND body LIKE '%Viec 1%' AND state = 'held'"
    timed.do(
        "UPDATE messages_out SET state = 'held', code = 'operator' "
        "WHERE msisdn = :m AND class = 'alert' AND body LIKE '%Viec 1%'",
        m=MEMBER,
    )
    assert timed.one(f"SELECT msisdn FROM messages_out WHERE {held}").msisdn == MEMBER
    new.text("1")
    row = timed.one(f"SELECT msisdn FROM messages_out WHERE {held}")
    assert row.msisdn == NEW, "else it would be read by whoever has the old number"


def test_a_members_tasks_and_rights_follow_to_the_new_number(timed: TimedWorld) -> None:
    leader, member, new = timed.phone(LEADER), timed.phone(MEMBER), timed.phone(NEW)
    number = ask(timed.phone(NEIGHBOUR))
    timed.let_pass(hours=3)
    timed.let_pass(hours=2)
    assert "Viec 1" in member.inbox()[-1]
    prove(leader, "DOI 0900000004 0900000031")
    new.text("1")
    member.text("NV 1")
    assert request(timed, number).state == "open"
    new.text("NV 1")
    assert request(timed, number).state == "accepted"
    assert "Goi 0900000007" in new.inbox()[-1]


def test_a_leaders_own_number_is_the_communes_to_change(world: World) -> None:
    doi = "DOI 0900000002 0900000031"
    for somebody in (LEADER, DEPUTY):
        assert "noi voi xa" in world.phone(somebody).text(doi)[0]
    assert "Da gui tin hoi so moi" in prove(world.phone(COMMUNE_DUTY), doi)[0]
    world.phone(NEW).text("1")
    assert number_of(world, "Hoàng Văn Mẫu") == NEW


def test_an_operator_moves_a_leader_whose_phone_is_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", world.runtime.settings.database_url)
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    done = CliRunner().invoke(caunoi, ["numbers", "move", LEADER, NEW, "--by", "Trực tỉnh"])
    assert done.exit_code == 0, done.output
    assert number_of(world, "Hoàng Văn Mẫu") == NEW
    assert any("Hoang Van Mau" in body for body in world.phone(LEADER).inbox())
    actor = world.one("SELECT actor FROM audit WHERE action = 'moved_number'").actor
    assert actor == "operator Trực tỉnh"
    refused = CliRunner().invoke(caunoi, ["numbers", "move", "12", NEW, "--by", "x"])
    assert refused.exit_code != 0


def test_a_refusal_of_news_goes_along(world: World) -> None:
    leader, old, new = world.phone(LEADER), world.phone(NEIGHBOUR), world.phone(NEW)
    old.text("TC")
    prove(leader, DOI)
    new.text("1")
    new.dial("7")
    assert say(world, "me.start_news") in new.screen


def test_who_moves_while_being_erased_is_nobody(world: World) -> None:
    leader, old, new = world.phone(LEADER), world.phone(NEIGHBOUR), world.phone(NEW)
    prove(leader, DOI)
    old.dial("7*5")
    old.key("1")
    new.text("1")
    assert world.rows("SELECT id FROM people WHERE name = 'Mai Thử'") == []
    assert found(world, ["Mai Thử"]) == []


def test_a_number_erased_while_the_code_waits_is_moved_to_by_nobody(world: World) -> None:
    leader, owner = world.phone(LEADER), world.phone(FAR_AWAY)
    code = code_in(leader.text("DOI 0900000007 0900000008")[0])
    erase(owner)
    assert leader.text(f"MA {code}") == [say(world, "sms.act_not_there")]
    assert world.rows("SELECT id FROM invitations") == []
    assert number_of(world, "Mai Thử") == NEIGHBOUR


def test_one_person_is_moved_three_times_a_day_at_most(timed: TimedWorld) -> None:
    """Each move writes to a number the leader names, and a PIN is no promise to be kind."""
    leader = timed.phone(LEADER)
    for number in (31, 32, 31, 32):
        last = prove_or_say(leader, f"DOI 0900000007 09000000{number}")
        forget_codes(timed)
    assert last == [say(timed, "sms.act_not_now", phone="0900000032")]
    asked = [len(timed.phone(f"+849000000{number}").inbox()) for number in (31, 32)]
    assert asked == [2, 1]
    assert len(timed.phone(NEIGHBOUR).inbox()) == 3
    timed.time.let_pass(timedelta(days=1))
    assert "Da gui tin hoi" in prove_or_say(leader, "DOI 0900000007 0900000032")[0]


def test_numbers_to_move_to_are_among_those_a_leader_may_have_asked(world: World) -> None:
    leader = world.phone(LEADER)
    for number in range(20):
        prove(leader, f"THEM 09000000{40 + number} 00018 Thử Một Hai")
        forget_codes(world)
    answer = prove_or_say(leader, "DOI 0900000007 0900000031")
    assert answer == [say(world, "sms.act_enough")]
    assert world.phone("+84900000031").inbox() == []
