"""LOP MOI: a member of a team proposes a class, a coordinator confirms or refuses it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from service.village.class_proposals import confirm, end_late_proposals, refuse
from service.village.trainings import training_by_number
from tests.village import DEPUTY, LEADER, MEMBER, NEIGHBOUR, VILLAGER, TimedWorld
from tests.village_work.classes import course, states, training

WISH = "LOP MOI VNEID 5/12 19h nha van hoa 30"
"""The world's clock shows 1/12/2026."""


def alarms(world: TimedWorld) -> list[tuple[str, bool]]:
    """Which proposals the coordinator is told of, and whether they still wait."""
    rows = world.rows(
        "SELECT about, closed_at IS NULL AS waits FROM alarms WHERE name = 'class_proposed' ORDER BY id"
    )
    return [(row.about, row.waits) for row in rows]


def answered(world: TimedWorld, number: int, reason: str = "") -> bool:
    """Confirm a class, or refuse it with a reason, as the coordinator does."""
    words = world.runtime.words
    with world.runtime.units.open() as unit:
        found = training_by_number(unit.session, number)
        assert found is not None
        return refuse(unit, words, found, reason) if reason else confirm(unit, words, found)


def test_a_leader_proposes_a_class_and_hears_that_it_is_held(timed: TimedWorld) -> None:
    course(timed)
    (said,) = timed.phone(LEADER).text(WISH)
    assert said == (
        "Da gui de nghi mo lop 10 VNeID cho nguoi lon tuoi, toi thu 7, 5/12, 19h, nha van hoa Coc "
        "Phia, 30 cho. Xa, tinh duyet xong to noi ngay."
    )
    assert alarms(timed) == [("class 10", True)]
    timed.phone(NEIGHBOUR).text("LOP 10")
    assert states(timed, 10) == [], "nobody registers for what may not be held"
    assert answered(timed, 10)
    timed.arrive()
    assert (
        timed.phone(LEADER)
        .inbox()[-1]
        .startswith("Lop 10 da duoc duyet: VNeID cho nguoi lon tuoi, toi thu 7, 5/12, 19h")
    )
    assert alarms(timed) == [("class 10", False)]
    assert "co cho lop 10" in timed.phone(NEIGHBOUR).text("LOP 10")[0]
    assert not answered(timed, 10), "it is answered once"


def test_a_class_that_is_refused_is_told_with_the_reason(timed: TimedWorld) -> None:
    course(timed)
    timed.phone(MEMBER).text(WISH)
    assert answered(timed, 10, "nhà văn hóa đang sửa")
    timed.arrive()
    assert timed.phone(MEMBER).inbox()[-1] == (
        "Lop 10, toi thu 7, 5/12, 19h: chua mo duoc. Ly do: nha van hoa dang sua. De nghi lop "
        "khac: soan LOP MOI gui 8499."
    )
    assert alarms(timed) == [("class 10", False)]
    assert not answered(timed, 10)


def test_a_class_proposed_too_late_to_be_held_is_not_confirmed(timed: TimedWorld) -> None:
    course(timed)
    timed.phone(LEADER).text(WISH)
    timed.let_pass(days=5)
    assert not answered(timed, 10)
    assert answered(timed, 10, "qua ngay roi")


def test_a_proposal_nobody_answers_ends_with_its_evening_and_says_so(timed: TimedWorld) -> None:
    course(timed)
    timed.phone(LEADER).text(WISH)
    timed.let_pass(days=4)
    assert end_late_proposals(timed.runtime.units, timed.runtime.words) == 0
    timed.let_pass(hours=11)
    assert end_late_proposals(timed.runtime.units, timed.runtime.words) == 1
    assert end_late_proposals(timed.runtime.units, timed.runtime.words) == 0
    assert "chua kip duyet" in timed.phone(LEADER).inbox()[-1]
    assert [is_open for _, is_open in alarms(timed)] == [False]


def test_the_same_sent_twice_is_one_class(timed: TimedWorld) -> None:
    course(timed)
    phone = timed.phone(LEADER)
    phone.text(WISH)
    (said,) = phone.text("Mở lớp mới: vneid 19h 5/12 Nhà văn hóa 30")
    assert "Lop 10 VNeID cho nguoi lon tuoi, toi thu 7, 5/12, 19h da de nghi roi" in said
    assert timed.one("SELECT count(*) AS n FROM trainings").n == 1


def test_a_callback_that_comes_twice_proposes_once(timed: TimedWorld) -> None:
    course(timed)
    phone = timed.phone(LEADER)
    first = phone.text(WISH, id="ATXid_same")
    assert len(first) == 1
    assert phone.text(WISH, id="ATXid_same") == []
    assert timed.one("SELECT count(*) AS n FROM trainings").n == 1


def test_the_same_sent_twice_at_once_is_one_class(timed: TimedWorld) -> None:
    course(timed)

    def send(name: str) -> list[str]:
        return timed.phone(LEADER).text(WISH, id=name)

    with ThreadPoolExecutor(2) as both:
        list(both.map(send, ["ATXid_one", "ATXid_other"]))
    assert timed.one("SELECT count(*) AS n FROM trainings").n == 1
    said = [one for one in timed.phone(LEADER).inbox() if "lop 10" in one.lower()]
    assert sorted(one.split()[0] for one in said) == ["Da", "Lop"]


def test_two_classes_are_not_held_in_one_house_at_one_hour(timed: TimedWorld) -> None:
    course(timed)
    timed.phone(LEADER).text(WISH)
    timed.do("UPDATE people SET area_id = (SELECT area_id FROM trainings) WHERE name LIKE 'Lý%'")
    (said,) = timed.phone(DEPUTY).text("LOP MOI VNEID 5/12 20h nha van hoa")
    assert said.startswith("Luc do o nha van hoa Coc Phia da co lop 10, toi thu 7, 5/12, 19h.")
    (said,) = timed.phone(DEPUTY).text("LOP MOI VNEID 5/12 20h30 nha van hoa")
    assert "Da gui de nghi mo lop 11" in said
    (said,) = timed.phone(DEPUTY).text("LOP MOI VNEID 5/12 20h nha ba Lan")
    assert "Da gui de nghi mo lop 12" in said


def test_what_is_missing_is_asked_for_with_an_example(timed: TimedWorld) -> None:
    course(timed)
    phone = timed.phone(LEADER)
    assert phone.text("LOP MOI") == [
        "Lop gi? Co: vneid-1. Vi du: LOP MOI vneid-1 8/12 19h nha van hoa 25 gui 8499."
    ]
    (said,) = phone.text("LOP MOI VNEID")
    assert said == (
        "De nghi con thieu ngay, gio, noi hoc. Soan du, vi du: LOP MOI vneid-1 8/12 19h nha van "
        "hoa 25 gui 8499."
    )
    assert phone.text("LOP MOI VNEID 5/12 nha ba Lan 12") == [
        "De nghi con thieu gio. Soan du, vi du: LOP MOI vneid-1 5/12 19h nha ba Lan 12 gui 8499."
    ]
    (said,) = phone.text("LOP MOI VNEID-1 8/12 19h nha van hoa 25 gui 8499")
    assert "Da gui de nghi mo lop 10" in said, "our own example is good as it is"


def test_what_cannot_be_is_told_and_nothing_is_proposed(timed: TimedWorld) -> None:
    course(timed)
    phone = timed.phone(LEADER)
    for wish, told in (
        ("LOP MOI VNEID 31/11 19h nha van hoa", "Lich khong co ngay 31/11"),
        ("LOP MOI VNEID 30/11 19h nha van hoa", "30/11: ngay gio do qua roi"),
        ("LOP MOI VNEID 1/12 8h nha van hoa", "1/12: ngay gio do qua roi"),
        ("LOP MOI VNEID 5/12/2027 19h nha van hoa", "5/12/2027 xa qua"),
        ("LOP MOI VNEID 5/12 23h nha van hoa", "Lop hoc tu 6h den 21h, 23h khong duoc"),
        ("LOP MOI VNEID 5/12 19h nha van hoa 300", "So cho tu 5 den 100, 300 khong duoc"),
        ("LOP MOI BAN HANG 5/12 19h nha van hoa", "Lop gi? Co: vneid-1"),
    ):
        (said,) = phone.text(wish)
        assert said.startswith(told)
    assert timed.one("SELECT count(*) AS n FROM trainings").n == 0
    assert alarms(timed) == []


def test_of_several_courses_about_one_thing_it_is_asked_which(timed: TimedWorld) -> None:
    course(timed)
    course(timed, "vneid-2", title="VNeID nâng cao")
    (said,) = timed.phone(LEADER).text(WISH)
    assert (
        said == "Lop nao? 1 VNeID cho nguoi lon tuoi, 2 VNeID nang cao. Soan so cua lop gui 8499."
    )
    (said,) = timed.phone(LEADER).text("2")
    assert "Da gui de nghi mo lop 10 VNeID nang cao, toi thu 7, 5/12, 19h" in said


def test_five_proposals_wait_and_the_sixth_must(timed: TimedWorld) -> None:
    course(timed)
    phone = timed.phone(LEADER)
    for hour in (7, 9, 11, 13, 15):
        assert "Da gui de nghi" in phone.text(f"LOP MOI VNEID 5/12 {hour}h nha van hoa")[0]
    assert "5 lop cua minh con doi duyet" in phone.text("LOP MOI VNEID 5/12 17h nha van hoa")[0]
    answered(timed, 10)
    assert "Da gui de nghi mo lop 15" in phone.text("LOP MOI VNEID 5/12 17h nha van hoa")[0]


def test_a_code_there_is_none_of_does_not_end_up_in_the_house(timed: TimedWorld) -> None:
    course(timed)
    timed.phone(LEADER).text("LOP MOI vneid-9 5/12 19h nha van hoa 25")
    assert timed.one("SELECT place FROM trainings").place == "nha van hoa"


def test_others_do_not_propose(timed: TimedWorld) -> None:
    course(timed)
    (said,) = timed.phone(NEIGHBOUR).text(WISH)
    assert "Da gui" not in said
    assert timed.phone(VILLAGER).text(WISH) != []
    timed.do("UPDATE memberships SET role = 'helper' WHERE role = 'member'")
    (said,) = timed.phone(MEMBER).text(WISH)
    assert said.startswith("Mo lop moi do to truong, to pho hoac to vien soan.")
    timed.do("UPDATE memberships SET until = clock_timestamp() WHERE role = 'deputy'")
    assert "Da gui" not in timed.phone(DEPUTY).text(WISH)[0]
    assert timed.one("SELECT count(*) AS n FROM trainings").n == 0


def test_a_class_a_coordinator_entered_has_the_house_too(timed: TimedWorld) -> None:
    training(timed, in_days=4)
    when = timed.one(
        "SELECT to_char(starts_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'FMDD/FMMM FMHH24hMI') AS said "
        "FROM trainings"
    ).said
    (said,) = timed.phone(LEADER).text(f"LOP MOI VNEID {when} nha van hoa")
    assert "da co lop 12" in said
