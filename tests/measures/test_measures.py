"""The figures a person would count by hand, of requests made and answered by phones over weeks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta

from service.text.weeks import Period, week_of
from service.village import measures
from service.village.keeping import forget
from service.village.measures import NAMES, By
from tests.measures.kit import WEEK, about, at, close, figures, hours, total
from tests.village import DEPUTY, FAR_AWAY, LEADER, NEIGHBOUR, PROVINCE_DUTY, VILLAGER, TimedWorld
from tests.village_work.words import ask, request

PAN_KENG = "00026"


def a_week_of_work(timed: TimedWorld) -> None:
    """Tuesday to Sunday: solved at once, after a reopening, by silence; cancelled; in hand; open."""
    leader, deputy, neighbour = (timed.phone(m) for m in (LEADER, DEPUTY, NEIGHBOUR))
    ask(neighbour)  # Tuesday 9:00, taken after 2 h, solved after 6
    timed.let_pass(hours=2)
    leader.text("NV 1")
    timed.let_pass(hours=3)
    leader.text("XONG 1")
    timed.let_pass(hours=1)
    neighbour.text("1")
    timed.time.turn_to(at(2, 8))  # Wednesday 8:00, the deputy after 4 h, reopened, solved after 10
    ask(neighbour, "VSSID")
    timed.let_pass(hours=3)
    timed.let_pass(hours=1)
    deputy.text("NV")
    timed.let_pass(hours=2)
    deputy.text("XONG")
    neighbour.text("2")
    timed.let_pass(hours=4)
    deputy.text("XONG")
    neighbour.text("1")
    timed.time.turn_to(at(2, 21))  # Wednesday 21:00, taken at 7:00, no answer
    ask(neighbour, "DVC")
    timed.time.turn_to(at(3, 7))
    leader.text("NV")
    timed.let_pass(hours=1)
    leader.text("XONG")
    timed.time.turn_to(at(6, 9))
    close(timed)
    number = ask(neighbour, "SIM")  # Sunday 9:00, taken back
    neighbour.text(f"HUY {number}")


def test_a_week_as_a_person_would_count_it(timed: TimedWorld) -> None:
    a_week_of_work(timed)
    seen = total(timed)
    assert (seen.asked, seen.open, seen.accepted, seen.done) == (4, 0, 0, 0)
    assert (seen.closed, seen.cancelled) == (3, 1)
    assert seen.answered == 3
    assert about(seen.answer_median, hours(4)), "of 2, 4 and 10 hours, the night counted"
    assert about(seen.answer_nine_in_ten, hours(10))
    assert seen.closed_by_word == 2
    assert about(seen.word_median, hours(8)), "in the middle between 6 and 10 hours"
    assert about(seen.word_nine_in_ten, hours(10))
    assert seen.closed_by_silence == 1
    assert about(seen.silence_median, hours(84)), "Wednesday 21:00 to Sunday 9:00"
    assert (seen.solved_at_first_try, seen.silent_at_first_try, seen.reopened) == (1, 1, 1)
    assert (seen.escalated, seen.reached_desk, seen.passed_on) == (0, 0, 0)
    assert seen.oldest_open is None


def test_each_request_has_one_line_and_counts_where_and_when_it_was_asked(
    timed: TimedWorld,
) -> None:
    a_week_of_work(timed)
    timed.time.turn_to(at(7, 0, 1))  # Monday, one minute old in Vietnam, Sunday in UTC
    ask(timed.phone(NEIGHBOUR), "VNEID", PAN_KENG)
    assert total(timed).asked == 4
    assert total(timed, week_of(date(2026, 12, 7))).asked == 1
    both = Period(WEEK.begins, date(2026, 12, 7))
    by_topic = {line.code: line.figures.asked for line in figures(timed, both, By.TOPIC).lines}
    assert by_topic == {"vneid": 2, "vssid": 1, "dvc": 1, "dienthoai": 1}
    hamlets = [(x.name, x.figures.asked) for x in figures(timed, both, By.HAMLET).lines]
    assert hamlets == [("Xóm Cốc Phia, Xã Hòa An", 4), ("Xóm Pàn Kèng, Xã Hòa An", 1)]
    communes = [(x.code, x.name, x.figures.asked) for x in figures(timed, both, By.COMMUNE).lines]
    assert communes == [("01654", "Xã Hòa An", 5)]
    (province,) = figures(timed, both).lines
    assert (province.name, province.figures.asked) == ("Tỉnh Cao Bằng", 5)
    day = Period(date(2026, 12, 2), date(2026, 12, 2))
    assert total(timed, day).asked == 2


def test_what_climbs_is_seen_on_its_way(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.let_pass(hours=3)
    timed.let_pass(hours=2)
    assert (total(timed).escalated, total(timed).reached_desk) == (0, 0)
    (step,) = waiting(timed)
    assert (step.step, step.open) == ("team", 1)
    assert about(step.oldest, hours(5))
    timed.let_pass(hours=3)
    assert (total(timed).escalated, total(timed).reached_desk) == (1, 0)
    assert [step.step for step in waiting(timed)] == ["commune"]
    timed.let_pass(hours=13)
    seen = total(timed)
    assert (seen.escalated, seen.reached_desk, seen.open) == (1, 1, 1)
    assert about(seen.oldest_open, hours(21))
    timed.phone(PROVINCE_DUTY).text("NV 1")
    seen = total(timed)
    assert (seen.accepted, seen.answered, seen.oldest_open) == (1, 1, None)
    assert about(seen.answer_median, hours(21))
    assert waiting(timed) == []


def waiting(world: TimedWorld) -> list[measures.Waiting]:
    with world.runtime.units.open() as unit:
        return list(measures.waiting(unit.session))


def test_a_hamlet_without_a_team_has_not_climbed_when_the_commune_is_asked(
    timed: TimedWorld,
) -> None:
    ask(timed.phone(FAR_AWAY), hamlet="00059")
    assert total(timed).escalated == 0
    assert [step.step for step in waiting(timed)] == ["duty"]
    timed.let_pass(days=1)
    timed.let_pass(days=1)
    timed.let_pass(days=1)
    assert total(timed).reached_desk == 1


def test_what_was_taken_and_put_back_was_answered_and_waits_anew(timed: TimedWorld) -> None:
    leader, villager = timed.phone(LEADER), timed.phone(NEIGHBOUR)
    number = ask(villager)
    timed.let_pass(hours=1)
    leader.text("NV 1")
    timed.let_pass(hours=1)
    leader.text("XONG 1")
    timed.do("UPDATE memberships SET until = clock_timestamp() WHERE role = 'leader'")
    timed.let_pass(hours=5)
    villager.text("2")
    assert request(timed, number).state == "open"
    timed.let_pass(hours=2)
    seen = total(timed)
    assert (seen.open, seen.answered, seen.reopened) == (1, 1, 1)
    assert about(seen.answer_median, hours(1)), "the first time counts"
    assert about(seen.oldest_open, hours(2)), "it waits since it was put back"


def test_passed_on_counts_the_request_once(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR))
    ask(timed.phone(NEIGHBOUR), "VSSID")
    timed.do(
        "INSERT INTO request_events (request_id, event)"
        " SELECT min(id), 'passed' FROM help_requests, generate_series(1, 2)"
    )
    assert (total(timed).passed_on, total(timed).asked) == (1, 2)


def test_a_call_that_dropped_was_not_filed(timed: TimedWorld) -> None:
    villager = timed.phone(NEIGHBOUR)
    villager.dial()
    villager.keys("1", "1")
    villager.hang_up()
    assert timed.one("SELECT state FROM help_requests").state == "unfinished"
    assert total(timed).asked == 0
    timed.time.turn_to(at(8, 9))
    villager.dial()
    villager.keys("2")
    assert total(timed, week_of(date(2026, 12, 8))).asked == 0, "nor when it is given up"


def test_figures_stay_when_words_and_people_are_forgotten(timed: TimedWorld) -> None:
    a_week_of_work(timed)
    before = asdict(total(timed))
    timed.time.turn_to(at(31, 9) + timedelta(days=300))
    forget(timed.engine)
    assert timed.rows("SELECT FROM request_events WHERE note IS NOT NULL") == []
    assert asdict(total(timed)) == before
    timed.time.turn_to(at(8, 9))
    for somebody in (NEIGHBOUR, LEADER):
        phone = timed.phone(somebody)
        phone.text("XOA")
        code = phone.inbox()[-1].split("XOA ")[1].split()[0]
        phone.text(f"XOA {code}")
        assert "Da xoa het" in phone.inbox()[-1]
    assert asdict(total(timed)) == before
    names = {column for (column,) in timed.rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'measured_requests'::regclass"
    )}  # fmt: skip
    assert not names & {"words", "beneficiary", "phone_id", "number", "accepted_by", "spoken"}


def test_erased_while_it_waits_counts_as_cancelled(timed: TimedWorld) -> None:
    villager = timed.phone(VILLAGER)
    ask(villager)
    code = villager.text("XOA")[-1].split("XOA ")[1].split()[0]
    villager.text(f"XOA {code}")
    seen = total(timed)
    assert (seen.asked, seen.open, seen.cancelled) == (1, 0, 1)


def test_a_clock_set_back_makes_no_time_negative(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.time.let_pass(timedelta(hours=-1))
    timed.phone(LEADER).text("NV 1")
    timed.phone(LEADER).text("XONG 1")
    timed.phone(NEIGHBOUR).text("1")
    seen = total(timed)
    assert (seen.answer_median, seen.word_median) == (timedelta(), timedelta())


def test_the_views_by_week_say_what_the_report_says(timed: TimedWorld) -> None:
    a_week_of_work(timed)
    ask(timed.phone(FAR_AWAY), hamlet="00059")
    views = {
        By.TOPIC: "SELECT topic AS key, v.* FROM measures_by_topic v WHERE week = :week",
        By.HAMLET: "SELECT a.code AS key, v.* FROM measures_by_hamlet v"
                   " JOIN areas a ON a.id = v.area_id WHERE week = :week",
        By.COMMUNE: "SELECT a.code AS key, v.* FROM measures_by_commune v"
                    " JOIN areas a ON a.id = v.commune_id WHERE week = :week",
        By.PROVINCE: "SELECT a.code AS key, v.* FROM measures_by_province v"
                     " JOIN areas a ON a.id = v.province_id WHERE week = :week",
    }  # fmt: skip
    shared = [name for name in NAMES if name != "oldest_open"]
    for by, view in views.items():
        reported = {
            line.code: [getattr(line.figures, name) for name in shared]
            for line in figures(timed, by=by).lines
        }
        seen = timed.rows(view, week=WEEK.begins)
        assert {row.key: [row._mapping[name] for name in shared] for row in seen} == reported
        assert sum(row.asked for row in seen) == 5
        waits = [row.oldest_open_since for row in seen if row.open]
        assert len(waits) == 1
