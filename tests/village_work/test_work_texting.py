"""What is asked by SMS and answered by SMS: one thing at a time, and within what a number may get."""

from __future__ import annotations

from service.outbox.budget import Allowance
from tests.village import LEADER, NEIGHBOUR, VILLAGER, World
from tests.village_work.words import alarms, ask, events, forget_answers, request, say, values


def asked(world: World) -> list[str]:
    return [row.msisdn for row in world.rows("SELECT msisdn FROM text_dialogues")]


def test_asking_for_help_by_walking_the_menu_is_answered_to_its_end(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    for answer in ("GIUP", "7", "2", "mat the ngan hang", "3", "ba Lan", "4", "4", "1"):
        assert len(villager.text(answer)) == 1, answer
    filed = world.one("SELECT topic, words, beneficiary FROM help_requests WHERE state = 'open'")
    assert (filed.topic, filed.words, filed.beneficiary) == ("khac", "mat the ngan hang", "ba Lan")
    for answer in ("MENU", "2"):
        assert len(villager.text(answer)) == 1
    assert len(villager.inbox()) == Allowance.PAGE.in_ten_minutes + 1
    assert villager.text("MENU") == [], "and one more is not sent within ten minutes"
    assert villager.text("YC") != [], "but other answers are"


def test_the_pages_of_two_menus_are_not_a_machine_s(world: World) -> None:
    """What others cause is no answer either: it is about a request."""
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    number = ask(villager)
    villager.text("YC")
    villager.text("DL")
    leader.text("NV 1")
    leader.text("XONG 1")
    assert villager.text("1") == [say(world, "sms.solved", **values(world, number))]


def test_what_was_asked_anew_is_not_asked_the_old_any_more(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    number = ask(villager)
    villager.text("HUY")
    villager.text("MENU")
    villager.text("1")
    assert request(world, number).state == "open"
    assert "VNeID" in villager.inbox()[-1]


def test_a_keyword_leaves_what_was_asked(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    number = ask(villager)
    villager.text("HUY")
    villager.text("YC")
    assert villager.text("1") == [say(world, "sms.nothing_asked")]
    assert request(world, number).state == "open"


def test_a_days_old_question_is_not_answered_by_a_stray_digit(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    number = ask(villager)
    villager.text("HUY")
    world.do("UPDATE text_dialogues SET expires_at = expires_at - interval '24 hours'")
    assert villager.text("1") == [say(world, "sms.too_late")]
    assert request(world, number).state == "open"
    assert asked(world) == []


def test_of_two_things_asked_the_newer_is_never_guessed(world: World) -> None:
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    first, second = ask(villager), ask(villager, "VSSID")
    leader.text("NV 1")
    villager.text(f"YC {first}")
    villager.text("GIPU DVC")
    leader.text("XONG 1")
    forget_answers(world)
    assert villager.text("1") == [say(world, "sms.which_question", number=str(first))]
    assert request(world, first).state == "done"
    assert len(world.rows("SELECT FROM help_requests")) == 2
    villager.text("1 0")
    assert world.one("SELECT topic FROM help_requests ORDER BY id DESC LIMIT 1").topic == "dvc"
    villager.text(f"1 {first}")
    assert request(world, first).state == "closed"
    assert request(world, second).state == "open"


def test_words_on_a_menu_of_numbers_are_offered_to_the_team(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.text("MENU")
    assert villager.text("con toi bi sot cao") == [
        say(world, "sms.draft", words="con toi bi sot cao")
    ]
    villager.text("1")
    assert world.one("SELECT words FROM help_requests").words == "con toi bi sot cao"


def test_a_menu_that_changed_while_somebody_walks_it_begins_again(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    (menu,) = villager.text("MENU")
    world.do("UPDATE text_dialogues SET state = jsonb_set(state, '{menu,s}', '\"gone\"')")
    assert villager.text("5") == [menu]


def test_a_stranger_walks_no_menu_and_hears_what_to_send(world: World) -> None:
    for word, number in (("HD", "1"), ("MENU", "2"), ("GIUP", "3"), ("NN", "4")):
        stranger = world.phone(f"+8490000090{number}")
        assert stranger.text(word) == [say(world, "sms.stranger")]
    assert asked(world) == []


def test_done_on_the_screen_keeps_no_word_of_the_villagers_as_the_helpers(world: World) -> None:
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    number = ask(villager, "VNEID khong mo duoc")
    leader.dial()
    leader.keys("1", "1", "1")
    leader.dial()
    leader.keys("2", "1", "1")
    assert not leader.open
    assert events(world, number)[-1] == "done"
    assert world.one("SELECT note FROM request_events WHERE event = 'done'").note is None


def test_an_emergency_after_one_that_was_taken_back_is_told(world: World) -> None:
    villager, leader = world.phone(NEIGHBOUR), world.phone(LEADER)
    for heard in (1, 3):
        villager.dial()
        villager.key("8")
        assert len(leader.inbox()) == heard
        if heard == 1:
            villager.key("1")
    villager.dial()
    villager.key("8")
    assert len(leader.inbox()) == 3, "called again in fright it is the same one"
    assert {row.n for row in world.rows(
        "SELECT count(*) AS n FROM messages_out WHERE class = 'emergency' GROUP BY msisdn"
    )} == {3}  # fmt: skip


def test_a_number_somebody_else_has_now_shows_and_does_nothing_of_its_owner(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    number = ask(villager)
    world.do("UPDATE phones SET last_heard_at = last_heard_at - interval '91 days'")
    forget_answers(world)
    for word in ("YC", f"HUY {number}", "DL", "GIUP VSSID", "TIN", "con toi sot"):
        villager.text(word)
        forget_answers(world)
    assert request(world, number).state == "open"
    assert len(world.rows("SELECT FROM help_requests")) == 1
    assert not [text for text in villager.inbox()[1:] if str(number) in text]
    assert villager.text("2") == [say(world, "sms.stranger")]
    villager.dial()
    assert "Dong y?" in villager.screen


def test_who_says_it_is_still_theirs_goes_on_as_before(world: World) -> None:
    villager = world.phone(VILLAGER)
    ask(villager)
    villager.text("1")
    world.do("UPDATE phones SET last_heard_at = last_heard_at - interval '91 days'")
    forget_answers(world)
    assert villager.text("YC") == [say(world, "sms.still_you")]
    villager.text("CUU")
    assert villager.text("1") == [say(world, "sms.still_you_noted")], "an emergency is no answer"
    number = world.one("SELECT number FROM help_requests").number
    assert villager.text("YC")[0].startswith(f"Viec {number} (VNeID): dang hoi ")


def test_what_was_sent_by_text_since_is_not_offered_again_by_a_call(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.dial()
    villager.keys("1", "2")
    ask(villager, "VSSID")
    assert villager.dial().startswith("To cong nghe so")
    villager.keys("1", "3")
    ask(villager, "VNEID")
    assert "Dich vu cong" in villager.dial(), "another matter is still to be gone on with"


def test_a_member_notes_what_happens_on_the_one_request_they_have(world: World) -> None:
    leader = world.phone(LEADER)
    number = ask(world.phone(NEIGHBOUR))
    leader.text("NV 1")
    assert leader.text("mai toi sang") == [say(world, "sms.task_noted", task="1")]
    assert events(world, number)[-1] == "noted"
    assert world.one("SELECT note FROM request_events WHERE event = 'noted'").note == "mai toi sang"


def test_words_of_a_member_with_two_requests_go_to_the_one_they_name(world: World) -> None:
    leader = world.phone(LEADER)
    first, second = ask(world.phone(NEIGHBOUR)), ask(world.phone(NEIGHBOUR), "VSSID")
    leader.text("NV 1")
    leader.text("NV 2")
    assert leader.text("mai toi sang") == [say(world, "sms.task_note_which", tasks="1, 2")]
    assert leader.text("2") == [say(world, "sms.task_noted", task="2")]
    assert "noted" in events(world, second)
    assert "noted" not in events(world, first)
    assert world.one("SELECT note FROM request_events WHERE event = 'noted'").note == "mai toi sang"


def test_a_request_that_ended_meanwhile_takes_no_words(world: World) -> None:
    leader = world.phone(LEADER)
    ask(world.phone(NEIGHBOUR))
    ask(world.phone(NEIGHBOUR), "VSSID")
    leader.text("NV 1")
    leader.text("NV 2")
    leader.text("mai toi sang")
    world.do("UPDATE task_numbers SET freed_at = clock_timestamp() WHERE number = 2")
    assert leader.text("2") == [say(world, "sms.task_none")]
    assert world.rows("SELECT FROM request_events WHERE event = 'noted'") == []


def test_a_child_is_told_where_help_is_and_not_asked_for_anything(world: World) -> None:
    stranger = world.phone(VILLAGER)
    assert stranger.text("Chau duoi 16 tuoi") == [say(world, "sms.child")]
    assert world.rows("SELECT FROM phones WHERE msisdn = :n", n=VILLAGER) == []
    assert asked(world) == []


def test_with_all_four_digit_numbers_taken_help_is_still_asked_for(world: World) -> None:
    world.do("""
        INSERT INTO help_requests (number, state, topic, area_id, phone_id, language, channel,
                                   idem_key, opened_at)
        SELECT n, 'open', 'vneid', (SELECT min(id) FROM areas WHERE kind = 'hamlet'),
               (SELECT min(id) FROM phones), 'vi', 'sms', 'full:' || n, clock_timestamp()
        FROM generate_series(1000, 9999) AS n
    """)
    villager = world.phone(VILLAGER)
    number = ask(villager)
    assert 10_000 <= number <= 99_999
    assert villager.text(f"YC {number}")[0].startswith(f"Viec {number} (VNeID): dang hoi ")
    assert alarms(world) == {"numbers_used_up"}


def test_a_second_person_with_the_same_trouble_is_another_matter(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.text("GIUP VNEID cho bà Lan")
    assert "Da ghi viec" in villager.text("GIUP VNEID cho anh Hung, chieu nay")[0]
    assert villager.text("giup vneid cho anh Hung")[0].startswith("Ba con da nho giup viec nay")
    rows = world.rows("SELECT beneficiary, words FROM help_requests ORDER BY id")
    assert [(row.beneficiary, row.words) for row in rows] == [
        ("bà Lan", "cho bà Lan"),
        ("anh Hung", "cho anh Hung, chieu nay"),
    ]


def test_the_words_of_a_request_stay_a_sentence(world: World) -> None:
    villager = world.phone(NEIGHBOUR)
    villager.text("GIUP lam the bao hiem cho con")
    filed = world.one("SELECT topic, words, beneficiary FROM help_requests")
    assert (filed.topic, filed.words) == ("vssid", "lam the bao hiem cho con")
    assert filed.beneficiary is None
