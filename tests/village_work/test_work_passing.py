"""A member passes a request on: up its ladder, to the commune, or to one colleague."""

from __future__ import annotations

import pytest

from tests.gateway.live import Live, all_at_once
from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    PROVINCE_DUTY,
    VILLAGER,
    TimedWorld,
    World,
)
from tests.village_work.words import ask, events, forget_answers, request, say, values

MAU = "Hoàng Văn Mẫu"
DU = "Lý Thị Ví Dụ"


def passed(world: World) -> list[str]:
    rows = world.rows("SELECT note FROM request_events WHERE event = 'passed' ORDER BY id")
    return [row.note for row in rows]


def test_who_cannot_do_it_passes_it_to_the_next_step_at_once(timed: TimedWorld) -> None:
    leader, deputy, villager = (timed.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    number = ask(villager)
    assert leader.text("CHUYEN 1 di nuong ba ngay") == [
        say(timed, "sms.task_passed_on", task="1", to=DU)
    ]
    assert "chua co nguoi lam" in deputy.inbox()[-1]
    told = values(timed, number, leader=MAU, to=DU)
    assert villager.inbox()[-1] == say(timed, "sms.passed", **told)
    assert events(timed, number) == ["opened", "told", "told", "passed"]
    assert passed(timed)[0].endswith(": di nuong ba ngay")
    assert timed.let_pass(hours=1, minutes=59) == 0, "the deputy has the two hours of that step"
    assert timed.let_pass(minutes=1) == 1
    assert len(leader.inbox()) == 2, "who passed it on is not asked again"


def test_what_was_taken_is_given_up_and_not_begun_anew(timed: TimedWorld) -> None:
    leader, deputy, villager = (timed.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    number = ask(villager)
    leader.text("NV 1")
    leader.text("CHUYEN")
    assert request(timed, number).state == "open"
    assert request(timed, number).accepted_by is None
    assert timed.one("SELECT lap, rung FROM climbs") == (1, 1)
    assert deputy.text("NV 1")[0].startswith("Viec 1 cua minh")
    assert leader.inbox()[-1] == say(
        timed, "sms.task_taken", **values(timed, number, task="1", leader=DU)
    )
    timed.let_pass(minutes=3)
    assert leader.text("NV 1") == [say(timed, "sms.task_gone", task="1", leader=DU)]


def test_who_thinks_better_of_it_takes_it_while_nobody_has(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    number = ask(timed.phone(NEIGHBOUR))
    leader.text("CHUYEN 1")
    assert leader.text("VIEC") == [say(timed, "sms.task_none")], "what was passed on is not listed"
    assert "0900000007" in leader.text("NV 1")[0]
    assert request(timed, number).state == "accepted"
    assert "1 VNeID Coc Phia" in leader.text("VIEC")[0]


def test_the_same_text_again_moves_it_no_further(timed: TimedWorld) -> None:
    leader, member = timed.phone(LEADER), timed.phone(MEMBER)
    number = ask(timed.phone(NEIGHBOUR))
    leader.text("CHUYEN 1")
    assert leader.text("CHUYEN 1") == [say(timed, "sms.pass_already", task="1")]
    assert member.inbox() == []
    assert events(timed, number).count("passed") == 1


@pytest.mark.parametrize(
    "words", ["CHUYEN 1 xa", "chuyển xã 1", "CHUYEN 1 len xa, can con dau", "CHUYEN XA viec 1"]
)
def test_to_the_commune_past_all_between(timed: TimedWorld, words: str) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text(words)
    assert len(timed.phone(COMMUNE_DUTY).inbox()) == 1
    assert timed.phone(DEPUTY).inbox() == timed.phone(MEMBER).inbox() == []
    timed.let_pass(hours=4)
    assert len(timed.phone(PROVINCE_DUTY).inbox()) == 1


def test_to_the_commune_twice_goes_no_further(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("CHUYEN 1 xa")
    assert timed.phone(LEADER).text("CHUYEN 1 xa") == [say(timed, "sms.pass_there", task="1")]
    assert timed.phone(PROVINCE_DUTY).inbox() == []
    assert timed.phone(COMMUNE_DUTY).text("CHUYEN 1") == [
        say(timed, "sms.task_passed_on", task="1", to="Trực tỉnh")
    ]
    told = [text for text in timed.phone(NEIGHBOUR).inbox() if str(number) in text]
    assert "To truc tinh da biet" in told[-1]
    assert len(told) == 3, "of the province the villager hears once"


def test_too_far_is_a_reason_and_no_commune(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("CHUYEN 1 xa qua khong di duoc")
    assert timed.phone(COMMUNE_DUTY).inbox() == []
    assert passed(timed)[0].endswith("xa qua khong di duoc")


def test_without_a_commune_it_goes_to_the_province(timed: TimedWorld) -> None:
    timed.do("UPDATE memberships SET until = clock_timestamp() FROM teams"
             " WHERE teams.id = team_id AND teams.level = 'commune'")  # fmt: skip
    ask(timed.phone(NEIGHBOUR))
    assert timed.phone(LEADER).text("CHUYEN 1 xa") == [
        say(timed, "sms.task_passed_on", task="1", to="Trực tỉnh")
    ]


def test_to_one_colleague_who_alone_is_told(timed: TimedWorld) -> None:
    leader, member, villager = (timed.phone(m) for m in (LEADER, MEMBER, NEIGHBOUR))
    number = ask(villager)
    timed.let_pass(hours=2)
    assert leader.text("CHUYEN 1 cho 0900 000 004, gan nha anh") == [
        say(timed, "sms.task_passed_on", task="1", to="Triệu Văn Nháp")
    ]
    told = values(timed, number, task="1", leader=MAU)
    assert member.inbox() == [say(timed, "sms.task_passed", **told)]
    assert timed.phone(DEPUTY).inbox() == []
    assert timed.let_pass(hours=2, minutes=59) == 0, "the member has all the time of the step"
    assert timed.let_pass(minutes=1) == 1
    assert len(timed.phone(DEPUTY).inbox()) == 1, "then it goes on where it was"
    member.text("NV")
    assert request(timed, number).state == "accepted"


@pytest.mark.parametrize("typed", ["0900000007", "0900000555", "0123", "0900000001"])
def test_a_number_of_no_team_near_is_refused_and_nothing_moves(
    timed: TimedWorld, typed: str
) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    assert timed.phone(LEADER).text(f"CHUYEN 1 {typed}") == [
        say(timed, "sms.pass_no_member", task="1")
    ]
    assert events(timed, number) == ["opened", "told"]
    assert timed.phone(DEPUTY).inbox() == []


def test_a_colleague_who_is_away_or_oneself_is_refused(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    ask(timed.phone(NEIGHBOUR))
    timed.do("UPDATE phones SET doubted_at = clock_timestamp() WHERE msisdn = :m", m=DEPUTY)
    assert leader.text("CHUYEN 1 0900000003") == [say(timed, "sms.pass_away", task="1")]
    assert leader.text("CHUYEN 1 0900000002") == [say(timed, "sms.pass_self", task="1")]


def test_a_team_named_as_neighbour_may_be_asked(timed: TimedWorld) -> None:
    timed.do("""
        WITH team AS (INSERT INTO teams (name, level) VALUES ('Tổ Lũng Mẫu', 'hamlet')
                      RETURNING id),
             near AS (UPDATE teams SET neighbour_id = (SELECT id FROM team)
                      WHERE name = 'Tổ công nghệ số Cốc Phia')
        INSERT INTO memberships (team_id, person_id, role)
        SELECT team.id, people.id, 'leader' FROM team, people WHERE people.name = 'Sùng Giả'
    """)
    ask(timed.phone(NEIGHBOUR))
    assert timed.phone(LEADER).text("CHUYEN 1 0900000008") == [
        say(timed, "sms.task_passed_on", task="1", to="Sùng Giả")
    ]


def test_what_somebody_else_has_is_not_passed_on(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    timed.let_pass(hours=3)
    timed.phone(DEPUTY).text("NV 1")
    assert timed.phone(LEADER).text("CHUYEN 1") == [
        say(timed, "sms.task_gone", task="1", leader=DU)
    ]
    assert request(timed, number).state == "accepted"
    timed.phone(NEIGHBOUR).text(f"HUY {number}")
    assert timed.phone(DEPUTY).text("CHUYEN 1") == [say(timed, "sms.task_ended", task="1")]


def test_at_the_top_there_is_nobody_to_pass_it_to_but_by_number(timed: TimedWorld) -> None:
    desk = timed.phone(PROVINCE_DUTY)
    ask(timed.phone(NEIGHBOUR))
    for hours in (3, 2, 3, 13):
        timed.let_pass(hours=hours)
    assert desk.text("CHUYEN 1") == [say(timed, "sms.pass_top", task="1")]
    desk.text("CHUYEN 1 0900000003")
    assert "nho minh lam" in timed.phone(DEPUTY).inbox()[-1]


def test_it_is_not_passed_around_for_ever(timed: TimedWorld) -> None:
    leader, deputy, villager = (timed.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    ask(villager)
    for _ in range(3):
        leader.text("CHUYEN 1 0900000003")
        deputy.text("CHUYEN 1 0900000002")
    assert leader.text("CHUYEN 1 0900000003") == [say(timed, "sms.pass_many", task="1")]
    assert sum("giup tiep" in text for text in villager.inbox()) == 6


def test_who_is_in_no_team_passes_nothing(timed: TimedWorld) -> None:
    number = ask(timed.phone(VILLAGER))
    assert timed.phone(NEIGHBOUR).text("CHUYEN 1") == [say(timed, "sms.not_member")]
    assert events(timed, number) == ["opened", "told"]


def test_a_request_taken_before_there_were_ladders_is_passed_on(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("NV 1")
    timed.do("DELETE FROM climb_steps")
    timed.do("DELETE FROM climbs")
    timed.phone(LEADER).text("CHUYEN 1")
    assert len(timed.phone(DEPUTY).inbox()) == 1


def test_which_one_is_asked_for_when_there_are_several(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    ask(timed.phone(NEIGHBOUR))
    ask(timed.phone(NEIGHBOUR), "VSSID")
    assert leader.text("CHUYEN") == [say(timed, "sms.task_which_pass", tasks="1, 2")]


def test_all_at_once_it_is_taken_or_passed_on_and_never_both(live: Live, world: World) -> None:
    number = ask(world.phone(NEIGHBOUR))
    world.phone(LEADER).text("CHUYEN 1")
    world.phone(DEPUTY).text("CHUYEN 1")
    forget_answers(world)

    def text(member: str, words: str, n: int):
        return lambda: live.post(
            "sms", {"from": member, "to": "8499", "text": words, "id": f"{member}{words}{n}"}
        )

    answers = all_at_once(
        [
            text(member, words, n)
            for n in range(3)
            for member in (LEADER, DEPUTY, MEMBER)
            for words in ("NV 1", "CHUYEN 1 xa")
        ]
    )
    assert {answer.status for answer in answers} == {200}
    state = "open"
    for event in events(world, number):
        if event == "accepted":
            assert state == "open"
            state = "accepted"
        elif event == "passed":
            state = "open"
    assert request(world, number).state == state
    assert world.rows(
        "SELECT FROM climb_steps GROUP BY request_id, lap, rung, times HAVING count(*) > 1"
    ) == []  # fmt: skip


def rung(world: World) -> int:
    return int(world.one("SELECT rung FROM climbs").rung)


def test_passing_to_and_fro_keeps_nobody_else_waiting_for_ever(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    ask(timed.phone(NEIGHBOUR))
    for _ in range(2):
        leader.text("CHUYEN 1 0900000003")
        timed.let_pass(hours=2, minutes=50)
    assert rung(timed) == 0, "each colleague has a step's time"
    leader.text("CHUYEN 1 0900000003")
    timed.let_pass(seconds=10)
    assert rung(timed) == 2, "and then the ladder goes on; the deputy has heard already"


def test_taking_and_passing_it_again_every_day_does_not_stop_the_ladder(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    ask(timed.phone(NEIGHBOUR))
    for _ in range(8):
        leader.text("NV 1")
        timed.let_pass(hours=21)
        leader.text("CHUYEN 1 0900000003")
        timed.let_pass(hours=3)
    assert timed.phone(PROVINCE_DUTY).inbox(), "within days it is at the desk all the same"


def test_a_colleague_s_turn_does_not_make_the_desk_wait(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    number = ask(timed.phone(NEIGHBOUR))
    timed.move_up(4)
    timed.arrive()
    before = len(timed.phone(PROVINCE_DUTY).inbox())
    for _ in range(12):
        forget_answers(timed)
        leader.text("CHUYEN 1 0900000003")
        timed.let_pass(hours=6)
    assert request(timed, number).state == "open"
    assert len(timed.phone(PROVINCE_DUTY).inbox()) >= before + 2
