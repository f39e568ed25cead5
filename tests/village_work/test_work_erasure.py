"""A person who has themself erased is gone, from everywhere; what others need goes on without them."""

from __future__ import annotations

import re

import pytest
from redis import Redis

from service.village.demo import load_demo
from service.village.suppressions import is_erased
from tests.village import DEMO, DEPUTY, LEADER, MEMBER, NEIGHBOUR, Phone, World
from tests.village_work.people_words import prove
from tests.village_work.traces import Carrier, clean, deliver, forms_of, found, report, sender
from tests.village_work.words import alarms, ask, forget_answers, say

WORDS = "may nha em bi khoa"
NEEDLES = [*forms_of(NEIGHBOUR), "Mai Thử", WORDS]


def code_for(phone: Phone) -> str:
    (asked,) = phone.text("XOA")
    return re.search(r"XOA (\d{4})", asked)[1]


def erase(phone: Phone) -> None:
    forget_answers(phone.world)
    phone.text(f"XOA {code_for(phone)}")


def erase_on_the_phone(phone: Phone) -> None:
    phone.dial("7*5")
    phone.key("1")
    assert not phone.open


def live_through_everything(world: World, carrier: Carrier) -> None:
    """A life with the service: calls, texts, tasks in every state, an emergency, reports."""
    neighbour, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    numbers = []
    for topic in ("VNEID", "VSSID", "DVC"):
        neighbour.text(f"GIUP {topic} {WORDS}")
        numbers.append(
            world.one("SELECT number FROM help_requests ORDER BY id DESC LIMIT 1").number
        )
        forget_answers(world)
    leader.text("NV 1")
    leader.text("NV 2")
    leader.text("HOI 1 chi Mai Thử o nha khong?")
    neighbour.text(f"TL {WORDS} that")
    leader.text("HOI 2 Mai Thu co may khac khong?")
    leader.text("2 da goi cho 0900 000 007")
    leader.text("XONG 2 da lam cho chi Mai Thử")
    leader.dial()
    leader.keys("2", "1")  # the screen that shows the number to call
    forget_answers(world)
    deliver(world, carrier)
    for n, (number, _) in enumerate(list(carrier.taken), 1):
        report(world, f"ATXid_{n}_{id(carrier)}", number)
    report(world, "ATXid_of_nobody", NEIGHBOUR)
    neighbour.text("CUU")
    neighbour.text("so em la 0900.000.007")
    neighbour.dial()
    neighbour.keys("3", "1", "5", "2", WORDS)  # "later" to the question, then a call that drops
    world.phone(MEMBER).text("GIUP DIEN THOAI goi chi o so +84 900 000 007")
    world.phone(DEPUTY).text("BOT 0900000007")  # waits for its code
    prove(leader, "THEM HO ba Gia 0900000007")
    prove(leader, "DOI 0900000007 0900000031")  # and for the new number's word
    forget_answers(world)


@pytest.mark.parametrize("way", [erase, erase_on_the_phone], ids=["by_text", "by_call"])
def test_nothing_is_left_anywhere(
    world: World, servers: dict[str, str], way, capfd: pytest.CaptureFixture[str]
) -> None:
    carrier = Carrier()
    live_through_everything(world, carrier)
    assert len({place.split(":")[0] for place in found(world, NEEDLES)}) > 8, "there was something"
    neighbour = world.phone(NEIGHBOUR)
    way(neighbour)
    left = {place.split(":")[0] for place in found(world, NEEDLES)}
    call = {"ussd_sessions.msisdn"} if way is erase_on_the_phone else set()
    assert left == {"messages_out.msisdn", "messages_out.idem_key"} | call, (
        "all that has the number is the confirmation, and the call until it cannot be repeated"
    )
    assert neighbour.inbox() == [say(world, "sms.erased")]
    deliver(world, carrier)
    assert carrier.taken[-1][0] == NEIGHBOUR or NEIGHBOUR in dict(carrier.taken)
    last = max(n for n, (number, _) in enumerate(carrier.taken, 1) if number == NEIGHBOUR)
    report(world, f"ATXid_{last}_{id(carrier)}", NEIGHBOUR)
    report(world, f"ATXid_1_{id(carrier)}", NEIGHBOUR, "Failed")
    report(world, "ATXid_2_of_nobody", NEIGHBOUR)
    world.do("UPDATE ussd_sessions SET updated_at = updated_at - interval '6 minutes'")
    assert clean(world) > 0
    assert found(world, NEEDLES) == []
    assert clean(world) == 0
    redis = Redis.from_url(servers["redis"])
    kept = [
        key + (redis.get(key) or b"") for key in redis.scan_iter() if redis.type(key) == b"string"
    ]
    logged = capfd.readouterr()
    for needle in NEEDLES:
        assert needle.encode() not in b" ".join(kept)
        assert needle not in logged.out + logged.err


def test_a_confirmation_that_never_arrives_is_nameless_after_three_days(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    erase(neighbour)
    deliver(world)
    assert clean(world) == 0
    world.do("UPDATE audit SET at = at - interval '73 hours'")
    assert clean(world) == 1
    assert found(world, forms_of(NEIGHBOUR)) == []


def test_open_accepted_and_done_requests_are_cancelled_and_the_team_hears_once(
    world: World,
) -> None:
    neighbour, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    for topic in ("VNEID", "VSSID", "DVC"):
        ask(neighbour, topic)
    world.move_up(2)
    leader.text("NV 1")
    leader.text("NV 2")
    leader.text("XONG 2")
    before = {number: len(world.phone(number).inbox()) for number in (LEADER, DEPUTY, MEMBER)}
    erase(neighbour)
    assert {r.state for r in world.rows("SELECT state FROM help_requests")} == {"cancelled"}
    heard = world.phone(LEADER).inbox()[before[LEADER] :]
    assert len(heard) == 3
    for number in (DEPUTY, MEMBER):
        assert len(world.phone(number).inbox()[before[number] :]) == 1, "of the one still open"
    for told in heard:
        assert "da huy" in told
        assert not any(form in told for form in forms_of(NEIGHBOUR))
    assert world.one("SELECT count(*) AS n FROM task_numbers WHERE freed_at IS NULL").n == 0


def test_what_waits_is_not_sent_and_what_is_leaving_is_not_tried_again(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    ask(neighbour)
    carrier = Carrier(meanwhile=lambda: erase(neighbour))
    world.do(
        "UPDATE messages_out SET due_at = due_at + interval '1 hour' WHERE msisdn <> :n",
        n=NEIGHBOUR,
    )
    sender(world, carrier).drain("reply", lambda: False)
    to_them = [body for number, body in carrier.taken if number == NEIGHBOUR]
    assert len(to_them) == 2, "what was leaving, and the confirmation"
    assert to_them[1] == say(world, "sms.erased")
    first = world.one("SELECT msisdn, body, state FROM messages_out ORDER BY id LIMIT 1")
    assert clean(world) == 0, "no report yet"
    assert NEIGHBOUR not in str(first)


def test_erasing_again_finds_nothing_and_the_number_is_a_strangers(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    erase(neighbour)
    world.do("UPDATE messages_out SET created_at = created_at - interval '2 days'")
    assert neighbour.text("XOA") == [say(world, "sms.data_none")]
    neighbour.dial()
    assert "Dong y" in neighbour.screen
    neighbour.keys("1", "00018")
    assert world.one("SELECT count(*) AS n FROM phones WHERE msisdn = :n", n=NEIGHBOUR).n == 1


def test_an_old_list_does_not_bring_anybody_back(world: World) -> None:
    erase(world.phone(NEIGHBOUR))
    with world.runtime.units.open() as unit:
        load_demo(unit.session, DEMO, world.runtime.words.key)
        assert is_erased(unit.session, world.runtime.words.key, NEIGHBOUR)
        assert not is_erased(unit.session, world.runtime.words.key, LEADER)
    assert world.rows("SELECT FROM phones WHERE msisdn = :n", n=NEIGHBOUR) == []
    assert world.rows("SELECT FROM people WHERE name = 'Mai Thử'") == []


def test_a_leader_leaves_the_team_and_their_work_goes_back_to_it(world: World) -> None:
    leader, deputy = world.phone(LEADER), world.phone(DEPUTY)
    number = ask(world.phone(NEIGHBOUR))
    leader.text("NV 1")
    world.phone(NEIGHBOUR).dial()
    world.phone(NEIGHBOUR).keys("5", "1")
    assert "Hoang Van Mau" in world.phone(NEIGHBOUR).screen
    before = len(deputy.inbox())
    erase(leader)
    row = world.one("SELECT * FROM help_requests WHERE number = :n", n=number)
    assert (row.state, row.accepted_by) == ("open", None)
    assert len(deputy.inbox()) == before + 1
    assert "member_erased" in alarms(world)
    assert not any("Mau" in place for place in found(world, ["Hoàng Văn Mẫu"]))
    forget_answers(world)
    assert leader.text("NV 1") == [say(world, "sms.stranger")]
    deputy.text("NV 1")
    assert (
        world.one("SELECT state FROM help_requests WHERE number = :n", n=number).state == "accepted"
    )


def test_who_shares_the_phone_keeps_what_is_theirs(world: World) -> None:
    world.do(
        """
        INSERT INTO people (name, area_id, household_id, phone_id)
        SELECT 'Mai Khác', area_id, household_id, phone_id FROM people WHERE name = 'Mai Thử'
        """
    )
    neighbour = world.phone(NEIGHBOUR)
    number = ask(neighbour)
    erase(neighbour)
    assert found(world, ["Mai Thử"]) == []
    other = world.one("SELECT * FROM people WHERE name = 'Mai Khác'")
    phone = world.one("SELECT * FROM phones WHERE msisdn = :n", n=NEIGHBOUR)
    assert (other.phone_id, phone.holder_id) == (phone.id, other.id)
    assert (
        world.one("SELECT state FROM help_requests WHERE number = :n", n=number).state
        == "cancelled"
    )
    forget_answers(world)
    assert ask(neighbour, "VSSID", "00018"), "they go on as before"
    with world.runtime.units.open() as unit:
        key = world.runtime.words.key
        assert is_erased(unit.session, key, NEIGHBOUR, "Mai Thử")
        assert not is_erased(unit.session, key, NEIGHBOUR, "Mai Khác")


@pytest.mark.parametrize("wrong", ["XOA 0000", "XOA DL 0000", "XOA 12345"])
def test_a_wrong_code_erases_nothing_and_spends_the_right_one(world: World, wrong: str) -> None:
    neighbour = world.phone(NEIGHBOUR)
    code = code_for(neighbour)
    (answer,) = neighbour.text(wrong)
    assert answer == say(world, "sms.erase_wrong")
    assert code not in answer
    assert neighbour.text(f"XOA {code}") == [say(world, "sms.erase_wrong")]
    assert (
        world.one(
            "SELECT name FROM people p JOIN phones f ON f.holder_id = p.id WHERE msisdn = :n",
            n=NEIGHBOUR,
        ).name
        == "Mai Thử"
    )


def test_a_code_is_good_for_a_day(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    code = code_for(neighbour)
    world.do("UPDATE text_dialogues SET expires_at = expires_at - interval '25 hours'")
    assert neighbour.text(f"XOA {code}") == [say(world, "sms.erase_wrong")]
    assert world.rows("SELECT FROM phones WHERE msisdn = :n", n=NEIGHBOUR)


@pytest.mark.parametrize("typed", ["{}", "1", "XAO {}", "XO {}", "COA {}", "XOA1 {}"])
def test_nothing_but_the_word_and_the_code_erases(world: World, typed: str) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.text(typed.format(code_for(neighbour)))
    neighbour.text("1")
    assert world.rows("SELECT FROM phones WHERE msisdn = :n", n=NEIGHBOUR)


def test_of_the_rota_nothing_of_an_erased_member_stays(world: World) -> None:
    leader = world.phone(LEADER)
    day = world.one(
        "SELECT (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date + 9 AS day"
    ).day
    for words in ("NGHI 3", "GIO 6-20", f"TRUC {day.day}/{day.month}"):
        leader.text(words)
    leader.text(f"DOI TRUC {day.day}/{day.month}")
    kept = """
        SELECT (SELECT count(*) FROM absences) + (SELECT count(*) FROM duties)
             + (SELECT count(*) FROM duty_swaps) AS n
    """
    assert world.one(kept).n == 3
    erase(leader)
    assert world.one(kept).n == 0
    assert world.rows("SELECT FROM people WHERE awake_from IS NOT NULL") == []
