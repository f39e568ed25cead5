"""The list of a hamlet's people in a call: names, masked numbers, and what the PIN opens."""

from __future__ import annotations

from tests.village import DEPUTY, LEADER, MEMBER, NEIGHBOUR, Phone, World
from tests.village_work.people_words import PIN, area_of, audits, choose_pin, people_menu
from tests.village_work.words import say

NEW = "+84900000031"


def open_person(phone: Phone, name: str) -> str:
    """Walk to the page of somebody by typing their name."""
    people_menu(phone)
    phone.keys("1", name)
    return phone.key("1") if phone.screen.startswith("Tim thay") else phone.screen


def test_people_are_listed_by_the_name_they_are_called_by(world: World) -> None:
    leader = world.phone(LEADER)
    people_menu(leader)
    lines = leader.key("1").splitlines()
    assert lines[1:3] == ["1 Hoang Van Mau", "2 Mai Thu"]
    assert open_person(leader, "thu").startswith("Mai Thu, xom Coc Phia. May 090*****07.")
    assert "0900000007" not in leader.screen
    people_menu(leader)
    assert leader.keys("1", "xyz").startswith(say(world, "error.person_unknown"))


def test_a_full_number_takes_the_pin_is_on_record_and_ten_an_hour(world: World) -> None:
    leader = world.phone(LEADER)
    open_person(leader, "thu")
    assert leader.key("1").startswith(say(world, "pin.first"))
    choose_pin(leader)
    for _ in range(10):
        open_person(leader, "thu")
        leader.key("1")
        assert "So may minh muon xem cua Mai Thu, xom Coc Phia: 0900000007." in leader.key(PIN)
        assert not leader.open
    read = world.rows("SELECT actor, about, detail FROM audit WHERE action = 'read_number'")
    assert len(read) == 10
    assert read[0].detail == {"number": "+8490*****07"}
    open_person(leader, "thu")
    leader.key("1")
    assert say(world, "sms.act_read_enough") in leader.key(PIN)
    world.do("UPDATE audit SET at = at - interval '1 hour'")
    open_person(leader, "thu")
    leader.key("1")
    assert "0900000007" in leader.key(PIN)


def test_everything_of_the_texts_can_be_done_in_a_call(world: World) -> None:
    leader = world.phone(LEADER)
    choose_pin(leader)
    people_menu(leader)
    leader.keys("2", "0900 000 031", "Nông Văn Thử")
    assert "Hoi Nong Van Thu (0900000031) vao xom Coc Phia." in leader.screen
    assert "Da gui tin hoi Nong Van Thu" in leader.key(PIN)
    world.phone(NEW).text("1")
    assert area_of(world, NEW) == "Cốc Phia"
    people_menu(leader)
    leader.keys("3", "bà Lan")
    assert leader.key("0900000099").startswith(say(world, "error.contact"))
    leader.key("0900000007")
    assert "Da ghi ho ba Lan o xom Coc Phia, lien lac qua Mai Thu" in leader.key(PIN)
    people_menu(leader)
    assert "ba Lan" in leader.key("1")
    open_person(leader, "nong van")
    leader.key("2")
    assert leader.key("12").startswith(say(world, "error.number"))
    leader.key("0900000032")
    assert "Da gui tin hoi so moi 0900000032" in leader.key(PIN)
    open_person(leader, "nong van")
    leader.key("3")
    assert "Da bot Nong Van Thu" in leader.key(PIN)
    open_person(leader, "lan")
    leader.key("3")
    assert "Da bot ho ba Lan" in leader.key(PIN)
    done = {"invited", "added_household", "removed_person", "removed_household", "joined"}
    assert done <= set(audits(world))


def test_a_member_is_taken_out_of_the_team_in_a_call(world: World) -> None:
    leader = world.phone(LEADER)
    choose_pin(leader)
    people_menu(leader, "3")
    leader.keys("1", "1")
    assert say(world, "person.remove_member") in leader.screen
    leader.key("3")
    assert "Da cho Trieu Van Nhap ra khoi" in leader.key(PIN)
    assert world.phone(MEMBER).text("VIEC") != []
    assert world.one("SELECT count(*) AS n FROM memberships WHERE until IS NULL").n == 4


def test_who_may_not_is_told_before_the_pin_is_asked(world: World) -> None:
    deputy = world.phone(DEPUTY)
    people_menu(deputy, "3")
    deputy.keys("1", "1")
    refused = say(world, "sms.act_by_commune", name="Trieu Van Nhap")
    assert refused in deputy.key("3")


def test_a_list_of_many_is_narrowed_by_letters(world: World) -> None:
    world.do(
        "INSERT INTO people (name, area_id) SELECT 'Thử Giả ' || chr(64 + n % 26 + 1) || n, a.id "
        "FROM areas a, generate_series(1, 200) AS n WHERE a.code = '00018'"
    )
    leader = world.phone(LEADER)
    people_menu(leader)
    leader.key("1")
    assert "99 Xem tiep" in leader.screen
    assert leader.key("gia b1").startswith(say(world, "roster.found"))
    assert "Thu Gia" in leader.screen


def test_removed_meanwhile_a_leader_sees_nothing_more(world: World) -> None:
    leader = world.phone(LEADER)
    choose_pin(leader)
    open_person(leader, "thu")
    leader.key("1")
    world.do("UPDATE memberships SET until = now()")
    assert "0900000007" not in leader.key(PIN)
    assert world.phone(NEIGHBOUR).inbox() == []
