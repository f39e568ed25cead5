"""A team member takes a request: one of them, whoever is first, and the others hear once."""

from __future__ import annotations

from tests.gateway.live import Live, all_at_once
from tests.village import DEPUTY, LEADER, MEMBER, NEIGHBOUR, VILLAGER, World
from tests.village_work.words import ask, events, forget_answers, request, say, values

TEAM = (LEADER, DEPUTY, MEMBER)


def test_of_three_who_answer_at_once_one_has_it_and_each_hears_the_truth(
    live: Live, world: World
) -> None:
    number = ask(world.phone(NEIGHBOUR))
    world.move_up(2)
    world.arrive()

    def take(member: str, n: int):
        return lambda: live.post(
            "sms", {"from": member, "to": "8499", "text": "NV 1", "id": f"{member}{n}"}
        )

    answers = all_at_once([take(member, n) for n in range(4) for member in TEAM])
    assert {answer.status for answer in answers} == {200}
    assert events(world, number) == ["opened", "told", "told", "told", "accepted"]
    winner = world.one("SELECT p.msisdn, p.id FROM phones p JOIN people h ON h.phone_id = p.id "
                       "JOIN help_requests r ON r.accepted_by = h.id")  # fmt: skip
    name = world.one("SELECT name FROM people WHERE phone_id = :p", p=winner.id).name
    told = values(world, number, task="1", leader=name)
    for member in TEAM:
        inbox = world.phone(member).inbox()
        if member == winner.msisdn:
            assert sum("0900000007" in text for text in inbox) >= 1
            assert say(world, "sms.task_taken", **told) not in inbox
        else:
            assert not [text for text in inbox if "0900000007" in text]
            assert inbox.count(say(world, "sms.task_taken", **told)) == 1
            assert say(world, "sms.task_gone", **told) not in inbox, "that it is taken is told once"
    assert world.phone(NEIGHBOUR).inbox().count(say(world, "sms.accepted", **told)) == 1


def test_ways_to_write_that_one_takes_it(world: World) -> None:
    leader = world.phone(LEADER)
    ways = ("NV", "nv 1", "NV1", "Nv.1", "nhận việc 1", "NV 01", "NV: 1 de toi", "lam 1")
    for way in ways:
        number = ask(world.phone(NEIGHBOUR))
        leader.text(way)
        assert request(world, number).state == "accepted", way
        world.do("DELETE FROM task_numbers")
        world.do("UPDATE help_requests SET state = 'closed'")
        forget_answers(world)


def test_the_bare_word_takes_the_last_one_told_and_then_the_only_one_left(world: World) -> None:
    leader = world.phone(LEADER)
    assert leader.text("NV") == [say(world, "sms.task_none")]
    first = ask(world.phone(NEIGHBOUR))
    second = ask(world.phone(VILLAGER))
    leader.text("NV")
    assert (request(world, first).state, request(world, second).state) == ("open", "accepted")
    leader.text("NV")
    assert request(world, first).state == "accepted"


def test_a_number_that_is_none_of_mine_is_answered_and_takes_nothing(world: World) -> None:
    leader = world.phone(LEADER)
    number = ask(world.phone(NEIGHBOUR))
    for wrong in ("NV 9", "NV 0", "NV 12345", "NV 0900000007", "NV 99999999999999999999"):
        answer, *_warning = leader.text(wrong)
        assert "1" in answer
        assert request(world, number).state == "open", wrong
        forget_answers(world)
    duty = world.phone("+84900000005")
    assert duty.text("NV 1") == [say(world, "sms.task_none")], "another team's number"


def test_what_is_taken_finished_or_cancelled_is_said_to_be(world: World) -> None:
    leader, deputy, villager = (world.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    number = ask(villager)
    world.move_up()
    told = values(world, number, task="1", leader="Hoàng Văn Mẫu")
    leader.text("NV 1")
    assert deputy.inbox()[-1] == say(world, "sms.task_taken", **told)
    assert deputy.text("NV 1") == [], "both texts crossed: it is told once"
    (again,) = leader.text("NV 1")
    assert "0900000007" in again, "who has it is told once more whom to call"
    leader.text("XONG 1")
    world.do("UPDATE messages_out SET created_at = created_at - interval '3 minutes'")
    assert deputy.text("NV 1") == [say(world, "sms.task_gone", **told)]
    forget_answers(world)
    villager.text("1")
    assert deputy.text("NV 1") == [say(world, "sms.task_ended", **told)]
    other = ask(villager, "VSSID")
    villager.text(f"HUY {other}")
    assert "hu" in leader.inbox()[-1]
    assert leader.text("NV 2") == [say(world, "sms.task_ended", task="2")]
    assert events(world, number)[-3:] == ["accepted", "done", "solved"]


def test_who_is_in_no_team_takes_nothing(world: World) -> None:
    number = ask(world.phone(VILLAGER))
    assert world.phone(NEIGHBOUR).text("NV 1") == [say(world, "sms.not_member")]
    assert world.phone("+84900000700").text("NV 1") == [say(world, "sms.stranger")]
    world.do("UPDATE memberships SET until = clock_timestamp() WHERE role = 'leader'")
    assert world.phone(LEADER).text("NV 1") == [say(world, "sms.not_member")]
    assert request(world, number).state == "open"


def test_a_member_who_shares_a_phone_takes_and_finishes(world: World) -> None:
    """The phone's holder is the member's wife: the team's messages come to it all the same."""
    world.do("""
        WITH wife AS (INSERT INTO people (name, phone_id)
                      SELECT 'Lò Thị Giả', id FROM phones WHERE msisdn = '+84900000002'
                      RETURNING id)
        UPDATE phones SET holder_id = (SELECT id FROM wife) WHERE msisdn = '+84900000002'
    """)
    number = ask(world.phone(NEIGHBOUR))
    leader = world.phone(LEADER)
    (yours,) = leader.text("NV 1")
    assert "0900000007" in yours
    taker = world.one("SELECT name FROM people WHERE id = :p", p=request(world, number).accepted_by)
    assert taker.name == "Hoàng Văn Mẫu"
    leader.text("XONG 1 da xong")
    assert request(world, number).state == "done"


def test_two_members_on_one_phone_are_told_once(world: World) -> None:
    world.do("""
        UPDATE people SET phone_id = (SELECT id FROM phones WHERE msisdn = '+84900000002')
        WHERE name = 'Lý Thị Ví Dụ'
    """)
    ask(world.phone(NEIGHBOUR))
    assert len(world.phone(LEADER).inbox()) == 1
    assert len(world.phone(DEPUTY).inbox()) == 0


def test_a_small_number_is_not_used_again_for_a_day(world: World) -> None:
    leader, villager = world.phone(LEADER), world.phone(NEIGHBOUR)

    def newest() -> int:
        number = ask(villager)
        task = world.one("""
            SELECT t.number FROM task_numbers t JOIN phones p ON p.id = t.phone_id
            WHERE p.msisdn = '+84900000002' ORDER BY t.id DESC LIMIT 1
        """).number
        villager.text(f"HUY {number}")
        forget_answers(world)
        return int(task)

    assert [newest(), newest()] == [1, 2]
    world.do("UPDATE task_numbers SET freed_at = freed_at - interval '23 hours'")
    assert newest() == 3
    world.do("UPDATE task_numbers SET freed_at = freed_at - interval '2 hours'")
    assert newest() == 1
    number = ask(villager)
    leader.text("NV 2")
    assert request(world, number).state == "accepted", "the number means the newest one it names"


def test_years_of_work_do_not_make_taking_slow(world: World) -> None:
    """The numbers of the past are found by an index: a scan would grow until callers give up."""
    world.do("""
        WITH old AS (
            INSERT INTO help_requests (number, state, topic, area_id, phone_id, language, channel,
                                       idem_key)
            SELECT 1000 + n % 9000, 'closed', 'vneid', (SELECT min(id) FROM areas), 1, 'vi', 'sms',
                   'old' || n
            FROM generate_series(1, 20000) AS n RETURNING id)
        INSERT INTO task_numbers (phone_id, request_id, number, freed_at)
        SELECT 1 + id % 3, id, 1 + id % 99, clock_timestamp() - interval '30 days' FROM old
    """)
    world.do("ANALYZE")
    scans = "SELECT seq_tup_read AS n FROM pg_stat_user_tables WHERE relname = 'task_numbers'"
    world.do("SELECT pg_stat_force_next_flush()")
    before = world.one(scans).n
    ask(world.phone(NEIGHBOUR))
    world.phone(LEADER).text("NV 1")
    world.phone(LEADER).text("XONG 1")
    world.reconnect()
    world.do("SELECT pg_stat_force_next_flush()")
    assert world.one(scans).n - before < 20_000


def test_the_villagers_number_is_seen_only_by_who_took_it_and_each_time_on_record(
    world: World,
) -> None:
    villager, leader = world.phone(VILLAGER), world.phone(LEADER)
    number = ask(villager)
    shown = "SELECT body FROM messages_out WHERE body LIKE '%900000001%'"
    assert world.rows(shown) == []
    leader.text("NV 1")
    leader.text("NV 1")
    leader.text("XONG 1")
    villager.text(f"2 {number}")
    readings = world.rows("SELECT actor, about, detail FROM audit WHERE action = 'read_number'")
    assert len(world.rows(shown)) == len(readings) == 3
    mau = world.one("SELECT id FROM people WHERE name = 'Hoàng Văn Mẫu'").id
    request_id = request(world, number).id
    assert {(r.actor, r.about) for r in readings} == {(f"person {mau}", f"request {request_id}")}
    assert "900000001" not in str(readings)


def test_work_does_not_wait_for_the_budget_of_answers(world: World) -> None:
    leader = world.phone(LEADER)
    for _ in range(10):
        leader.text("HD")
        leader.text("YC")
    assert len(leader.inbox()) <= 5
    ask(world.phone(NEIGHBOUR))
    assert "0900000007" in leader.text("NV 1")[0]
    for _ in range(5):
        leader.text("NV 1")
    shown = world.one("SELECT count(*) AS n FROM messages_out WHERE body LIKE '%0900000007%'").n
    assert shown == world.one("SELECT count(*) AS n FROM audit").n, "what was not sent was not read"
