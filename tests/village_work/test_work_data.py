"""What is kept of somebody: what they are told of it, how long it stays, and who sees it when."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from service.jobs import timetable
from service.text.gsm7 import count, is_gsm7
from service.village import keeping
from service.village.keeping import RULES, over_age
from service.village.reminders import lapse_swaps
from tests.village import DEPUTY, LEADER, MEMBER, NEIGHBOUR, VILLAGER, TimedWorld, World
from tests.village_work.traces import deliver, found, report
from tests.village_work.words import ask, forget_answers, say, values

OVER_A_YEAR = timedelta(days=400)


# -- consent


def test_a_stranger_is_helped_once_and_remembered_only_for_a_yes(world: World) -> None:
    villager = world.phone(VILLAGER)
    answers = villager.text("GIUP 00018 VNEID")
    assert len(answers) == 2
    assert answers[1] == say(world, "sms.consent")
    assert villager.text("2") == [say(world, "sms.not_agreed")]
    assert (
        world.rows(
            "SELECT FROM consents c JOIN phones p ON p.id = c.phone_id WHERE p.msisdn = :n",
            n=VILLAGER,
        )
        == []
    )
    assert world.one("SELECT holder_id FROM phones WHERE msisdn = :n", n=VILLAGER).holder_id is None


@pytest.mark.parametrize("digit", ["1", "2"])
def test_a_question_about_the_request_is_not_mixed_up_with_consent_left_unanswered(
    world: World, digit: str
) -> None:
    villager, leader = world.phone(VILLAGER), world.phone(LEADER)
    villager.text("GIUP 00018 VNEID")
    number = world.one("SELECT number FROM help_requests").number
    leader.text("NV 1")
    leader.text("XONG 1")
    key = "sms.solved" if digit == "1" else "sms.reopened"
    told = say(world, key, **values(world, number, leader="Hoàng Văn Mẫu"))
    assert villager.text(digit) == [told]
    forget_answers(world)
    assert villager.text("1") == [say(world, "sms.nothing_asked")]
    assert world.rows("SELECT FROM consents WHERE channel = 'sms'") == []


@pytest.mark.parametrize("channel", ["sms", "ussd"])
def test_a_yes_is_evidence_with_the_words_the_time_and_the_door(world: World, channel: str) -> None:
    villager = world.phone(VILLAGER)
    if channel == "sms":
        villager.text("GIUP 00018 VNEID")
        villager.text("1")
    else:
        villager.dial()
        villager.key("1")
    key = "sms.consent" if channel == "sms" else "welcome.consent"
    shown = world.runtime.words.texts.say(key, "vi")
    consent = world.one(
        "SELECT c.*, clock_timestamp() - c.at < interval '1 minute' AS just_now "
        "FROM consents c JOIN phones p ON p.id = c.phone_id WHERE p.msisdn = :n",
        n=VILLAGER,
    )
    assert consent.wording == f"{key}:vi:{hashlib.sha256(shown.encode()).hexdigest()[:12]}"
    assert (consent.kind, consent.given, consent.channel) == ("storage", True, channel)
    assert consent.just_now


@pytest.mark.parametrize("answer", ["2", "OK", "khong", "3", "da"])
def test_anything_but_a_one_is_no_consent(world: World, answer: str) -> None:
    villager = world.phone(VILLAGER)
    villager.text("GIUP 00018 VNEID")
    forget_answers(world)
    villager.text(answer)
    assert (
        world.rows(
            "SELECT FROM consents c JOIN phones p ON p.id = c.phone_id WHERE p.msisdn = :n",
            n=VILLAGER,
        )
        == []
    )


# -- how long


def lead_a_life(world: World) -> None:
    villager, neighbour, leader = (world.phone(n) for n in (VILLAGER, NEIGHBOUR, LEADER))
    villager.text("GIUP 00018 VNEID em khong biet lam")
    neighbour.text("GIUP VSSID quen mat so")
    forget_answers(world)
    leader.text("NV 1")
    leader.text("NV 2")
    leader.text("HOI 1 May bi lam sao?")
    leader.text("XONG 1 da chi cach lam")
    asked = world.rows("SELECT number FROM help_requests ORDER BY id")
    villager.text(f"1 {asked[0].number}")
    neighbour.text(f"HUY {asked[1].number}")
    villager.dial()
    neighbour.dial()
    neighbour.keys("1", "2")
    carrier = deliver(world)
    for n, (number, _) in enumerate(carrier.taken, 1):
        report(world, f"ATXid_{n}_{id(carrier)}", number)


def let_pass(world: World, time: timedelta) -> None:
    """Make everything older, as if so much time had passed."""
    columns = world.rows(
        """
        SELECT table_name AS its_table, column_name AS its_name, data_type AS kind
        FROM information_schema.columns JOIN information_schema.tables
             USING (table_schema, table_name)
        WHERE table_type = 'BASE TABLE' AND table_schema = 'public' AND data_type IN ('timestamp with time zone', 'date')
          AND table_name NOT IN ('areas', 'area_aliases', 'periodic_work')
        """
    )
    for c in columns:
        shifted = f"{c.its_name} - CAST(:time AS interval)"
        shifted = f"CAST({shifted} AS date)" if c.kind == "date" else shifted
        world.do(f"UPDATE {c.its_table} SET {c.its_name} = {shifted}", time=time)


def forget(world: World) -> None:
    timetable(world.runtime)["forget"].do()


def n_of(world: World, table: str, where: str = "true") -> int:
    return world.one(f"SELECT count(*) AS n FROM {table} WHERE {where}").n


def test_a_strangers_calls_and_questions_are_forgotten_after_a_day(world: World) -> None:
    villager, neighbour = world.phone(VILLAGER), world.phone(NEIGHBOUR)
    villager.text("GIUP 00018 VNEID")
    for phone in (villager, neighbour):
        phone.dial()
    neighbour.text("MENU")
    let_pass(world, timedelta(hours=25))
    forget(world)
    assert {r.msisdn for r in world.rows("SELECT msisdn FROM ussd_sessions")} == {NEIGHBOUR}
    assert {r.msisdn for r in world.rows("SELECT msisdn FROM text_dialogues")} == {NEIGHBOUR}
    let_pass(world, timedelta(days=7))
    forget(world)
    assert n_of(world, "ussd_sessions") == n_of(world, "text_dialogues") == 0


def test_each_thing_goes_at_its_time_and_nothing_is_over_age_after_the_job(world: World) -> None:
    lead_a_life(world)
    words = "words IS NOT NULL OR beneficiary IS NOT NULL"
    for days, bodies, kept_words in ((29, True, True), (2, False, True), (60, False, False)):
        let_pass(world, timedelta(days=days))
        forget(world)
        assert (n_of(world, "messages_out", "body <> ''") > 0) == bodies
        assert (n_of(world, "messages_in", "body <> ''") > 0) == bodies
        closed = "state IN ('closed', 'cancelled')"
        assert (n_of(world, "help_requests", f"({words}) AND {closed}") > 0) == kept_words
        assert set(over_age(world.engine).values()) == {0}
    assert n_of(world, "inquiries") == 0
    assert n_of(world, "messages_out") > 0
    assert n_of(world, "request_events", "note LIKE '%chi cach%'") == 0
    let_pass(world, OVER_A_YEAR)
    assert sum(over_age(world.engine).values()) > 0, "there was something to forget"
    forget(world)
    assert set(over_age(world.engine).values()) == {0}
    for table in ("messages_out", "messages_in", "attempts", "receipts"):
        assert n_of(world, table) == 0, table


def test_who_was_away_and_on_duty_is_forgotten_after_ninety_days(timed: TimedWorld) -> None:
    leader, tables = timed.phone(LEADER), ("absences", "duties", "duty_swaps", "gap_warnings")
    leader.text("TRUC 2/12")
    leader.text("DOI TRUC 2/12")
    for somebody in (LEADER, DEPUTY, MEMBER):
        timed.phone(somebody).text("NGHI 2")
    assert all(n_of(timed, table) for table in tables)
    timed.let_pass(days=4)
    lapse_swaps(timed.runtime.units, timed.runtime.words)
    timed.let_pass(days=86)
    forget(timed)
    assert all(n_of(timed, table) for table in tables)
    timed.let_pass(days=6)
    forget(timed)
    assert [n_of(timed, table) for table in tables] == [0, 0, 0, 4]
    timed.let_pass(days=280)
    forget(timed)
    assert n_of(timed, "gap_warnings") == 0


def test_alarms_and_whom_they_were_told_are_forgotten_two_years_after_their_end(
    world: World,
) -> None:
    world.do("""
        INSERT INTO alarms (name, about, opened_at, closed_at, acknowledged_by)
        SELECT 'worker_gone', about, clock_timestamp() - interval '4 years', closed_at, 'Lan'
        FROM (VALUES ('old', clock_timestamp() - interval '732 days'),
                     ('younger', clock_timestamp() - interval '730 days'),
                     ('open', NULL)) AS v (about, closed_at)
    """)
    world.do("""
        INSERT INTO tellings (alarm_id, word, way, done_at)
        SELECT id, word, 'mail', CASE WHEN word = 'opened' THEN clock_timestamp() END
        FROM alarms CROSS JOIN (VALUES ('opened'), ('resolved')) AS w (word)
    """)
    forget(world)
    kept = world.rows("SELECT about FROM alarms ORDER BY id")
    assert [row.about for row in kept] == ["younger", "open"]
    assert n_of(world, "tellings") == 4
    assert set(over_age(world.engine).values()) == {0}


def test_the_job_works_in_batches_until_all_is_done(world: World, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "MOST_AT_ONCE", 7)
    lead_a_life(world)
    let_pass(world, OVER_A_YEAR)
    forget(world)
    assert set(over_age(world.engine).values()) == {0}
    assert keeping.RULES["messages_out"].age == timedelta(days=365)


def test_what_waits_to_be_sent_keeps_its_words(world: World) -> None:
    ask(world.phone(NEIGHBOUR))
    world.do("UPDATE messages_out SET created_at = created_at - interval '31 days'")
    forget(world)
    assert n_of(world, "messages_out", "body = ''") == 0


def test_every_table_with_somebodys_words_or_number_has_a_time() -> None:
    named = {rule.table for rule in RULES.values()}
    assert named >= {"absences", "duties", "duty_swaps", "inquiries",
                     "ussd_sessions", "text_dialogues", "messages_in", "messages_out", "attempts",
                     "receipts", "help_requests", "request_events", "shown", "phones",
                     "pending_acts", "invitations", "suppressions",
                     "alarms", "tellings"}  # fmt: skip


# -- what somebody is told, and what they can do about it


def test_the_screen_says_what_is_kept_and_sends_it(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.dial()
    neighbour.key("7")
    assert "so may nay va xom Coc Phia, xa Hoa An" in neighbour.screen
    neighbour.key("2")
    assert not neighbour.open
    sent = neighbour.inbox()
    assert 1 <= len(sent) <= 2
    assert "xom Coc Phia" in sent[0]
    assert "0 viec" in sent[0]
    assert "Mai Thu" in sent[1]


def test_dl_says_all_in_two_texts_at_most(world: World) -> None:
    for number in (NEIGHBOUR, LEADER):
        sent = world.phone(number).text("DL")
        assert 1 <= len(sent) <= 2
    assert world.phone(VILLAGER).text("DL") == [say(world, "sms.data_none")]


def test_stopping_and_starting_news_shows_the_one_that_applies(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.dial()
    neighbour.key("7")
    assert "3 Ngung tin xom" in neighbour.screen
    neighbour.key("3")
    assert "Da ngung gui tin" in neighbour.inbox()[-1]
    neighbour.dial()
    neighbour.key("7")
    assert "3 Gui lai tin xom" in neighbour.screen
    neighbour.key("3")
    neighbour.dial()
    neighbour.key("7")
    assert "3 Ngung tin xom" in neighbour.screen


def test_erasing_by_call_is_asked_once_more_and_can_be_left(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    ask(neighbour)
    neighbour.dial()
    neighbour.keys("7", "5")
    assert "1 viec chua xong se bi huy" in neighbour.screen
    neighbour.key("2")
    assert neighbour.open
    assert found(world, ["Mai Thử"])


def test_marks_go_to_those_who_asked_and_can_be_taken_back(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.dial()
    neighbour.keys("7", "4", "1")
    neighbour.text("GIUP VNEID")
    row = world.one("SELECT body, segments FROM messages_out WHERE msisdn = :n", n=NEIGHBOUR)
    assert row.body.startswith("Đã ghi việc số ")
    assert "Hoàng Văn Mẫu" in row.body
    assert row.segments == count(row.body).segments > 1
    (text,) = neighbour.text("YC")
    assert is_gsm7(text), "where no form with marks is written there are none"
    neighbour.dial()
    neighbour.keys("7", "4", "1")
    world.phone(LEADER).text("NV 1")
    last = "SELECT body FROM messages_out WHERE msisdn = :n ORDER BY id DESC LIMIT 1"
    assert is_gsm7(world.one(last, n=NEIGHBOUR).body)


# -- numbers that may be somebody else's by now


def silent(world: World, number: str) -> None:
    world.do(
        "UPDATE phones SET last_heard_at = clock_timestamp() - interval '91 days' "
        "WHERE msisdn = :n",
        n=number,
    )


@pytest.mark.parametrize(
    "text", ["YC", "DL", "HUY", "MENU", "TIN", "XOA", "GIUP VNEID", "xin chao", "1"]
)
def test_a_number_silent_for_long_sees_and_does_nothing_of_its_owners(
    world: World, text: str
) -> None:
    neighbour = world.phone(NEIGHBOUR)
    number = ask(neighbour)
    forget_answers(world)
    silent(world, NEIGHBOUR)
    answer = " ".join(neighbour.text(text))
    for personal in ("Mai", "Coc Phia", str(number), "VNeID,"):
        assert personal not in answer
    assert world.one("SELECT state FROM help_requests WHERE number = :n", n=number).state == "open"
    neighbour.dial()
    assert "lau khong lien lac" in neighbour.screen
    for personal in ("Mai", "Coc Phia", str(number)):
        assert personal not in neighbour.screen


def test_not_me_parts_the_number_from_all_that_was_its_owners(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    ask(neighbour)
    forget_answers(world)
    silent(world, NEIGHBOUR)
    neighbour.text("YC")
    neighbour.text("2")
    assert (
        world.one("SELECT holder_id FROM phones WHERE msisdn = :n", n=NEIGHBOUR).holder_id is None
    )
    forget_answers(world)
    assert neighbour.text("DL") != []
    assert "Coc Phia" not in " ".join(neighbour.inbox()[-1:])
    neighbour.dial()
    assert "Dong y" in neighbour.screen


def test_a_leader_silent_for_long_can_take_nothing_until_they_say_who_they_are(
    world: World,
) -> None:
    leader = world.phone(LEADER)
    number = ask(world.phone(NEIGHBOUR))
    silent(world, LEADER)
    assert leader.text("NV 1") == [say(world, "sms.still_you")]
    assert world.one("SELECT state FROM help_requests WHERE number = :n", n=number).state == "open"
    leader.dial()
    assert "lau khong lien lac" in leader.screen
    assert leader.text("1") == [say(world, "sms.still_you_call")], "a sender may be forged"
    leader.dial()
    leader.key("1")
    leader.text("NV 1")
    state = world.one("SELECT state FROM help_requests WHERE number = :n", n=number).state
    assert state == "accepted"


# -- children


@pytest.mark.parametrize("text", ["toi 13 tuoi", "em duoi 16 tuoi", "GIUP VNEID em 12 tuoi"])
def test_nobody_is_asked_their_age_and_emergency_names_the_childrens_line(
    world: World, text: str
) -> None:
    texts = world.runtime.words.texts
    told = {k for k in texts.keys("vi") if "tuoi" in texts.written(k, "vi").split()}
    assert told == {"welcome.child", "meaning.child"}, "what a child may say of itself"
    neighbour = world.phone(NEIGHBOUR)
    assert len(neighbour.text(text)) == 1
    assert "111" in " ".join(neighbour.text("CUU"))
    neighbour.dial()
    neighbour.key("8")
    assert "111" in neighbour.screen
