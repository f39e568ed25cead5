"""A leader adds, removes and moves people by text; without the code sent back nothing happens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.village.uninvited import end_invitations
from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    FAR_AWAY,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    PROVINCE_DUTY,
    VILLAGER,
    TimedWorld,
    World,
)
from tests.village_work.people_words import (
    area_of,
    audits,
    code_in,
    people_menu,
    prove,
    wrong,
)
from tests.village_work.traces import deliver, forms_of, found
from tests.village_work.words import ask, events, forget_answers, request, say

NEW, OTHER = "+84900000031", "+84900000032"
THEM = "THEM 0900000031 00018 Nông Văn Thử"
BOT = "BOT 0900000007"
DOI = "DOI 0900000007 0900000031"


def end(world: World) -> int:
    return end_invitations(world.runtime.units, world.runtime.words)


def state(world: World) -> tuple[object, ...]:
    """All that an act would change."""
    return (
        world.rows("SELECT id, name, area_id, phone_id, household_id FROM people ORDER BY id"),
        world.rows("SELECT id, msisdn, holder_id FROM phones ORDER BY id"),
        world.rows("SELECT id, until FROM memberships ORDER BY id"),
        world.rows("SELECT id FROM invitations"),
        world.rows("SELECT id, label, contact_id FROM households ORDER BY id"),
    )


# -- what a text alone may do


@pytest.mark.parametrize("act", [THEM, BOT, DOI, "THEM HO co Lan 0900000007"])
def test_a_forged_text_touches_nobody(world: World, act: str) -> None:
    before = state(world)
    asked = world.phone(LEADER).text(act)
    assert len(asked) == 1
    assert "MA " in asked[0], "all that happens is a code, to the number itself"
    assert state(world) == before
    for somebody in (NEIGHBOUR, NEW, DEPUTY):
        assert world.phone(somebody).inbox() == []


def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    code = code_in(leader.text(BOT)[0])
    timed.let_pass(minutes=16)
    assert leader.text(f"MA {code}") == [say(timed, "sms.code_none")]
    (again,) = leader.text(BOT)
    assert "Da bot" in leader.text(f"ma {code_in(again)}.")[0]
    assert leader.text(f"MA {code_in(again)}") == [say(timed, "sms.code_none")]
    assert area_of(timed, NEIGHBOUR) is None


def test_a_code_alone_without_its_word_is_understood_and_not_kept(world: World) -> None:
    leader = world.phone(LEADER)
    code = code_in(leader.text(BOT)[0])
    assert "Da bot" in leader.text(f"{code[:3]} {code[3:]}")[0]
    assert found(world, [code]) == ["messages_out.body: " + f"{code} 1 times"]


def test_three_wrong_codes_void_the_act_and_lock_nothing(world: World) -> None:
    leader = world.phone(LEADER)
    code = code_in(leader.text(BOT)[0])
    assert leader.text(f"MA {wrong(code)}") == [say(world, "sms.code_wrong")]
    leader.text(f"MA {wrong(code)}")
    assert leader.text(f"MA {wrong(code)}") == [say(world, "sms.code_void")]
    assert leader.text(f"MA {code}") == [say(world, "sms.code_none")]
    assert area_of(world, NEIGHBOUR) == "Cốc Phia"
    assert world.rows("SELECT * FROM pins") == []
    forget_answers(world)
    assert "Da bot" in prove(leader, BOT)[0]


def test_a_new_act_takes_the_place_of_the_old(world: World) -> None:
    leader = world.phone(LEADER)
    old = code_in(leader.text(BOT)[0])
    new = code_in(leader.text(DOI)[0])
    assert leader.text(f"MA {old}") == [say(world, "sms.code_wrong")]
    assert "Da gui tin hoi" in leader.text(f"MA {new}")[0]
    assert area_of(world, NEIGHBOUR) == "Cốc Phia"


def test_whoever_forges_a_leader_makes_us_send_them_a_few_codes_a_day(world: World) -> None:
    leader = world.phone(LEADER)
    for n in range(14):
        leader.text(f"THEM 09000000{40 + n} 00018 Thử Một Hai")
        world.do("UPDATE messages_out SET created_at = created_at - interval '11 minutes'")
    codes = [body for body in leader.inbox() if "soan MA" in body]
    assert len(codes) == 8
    assert leader.inbox()[-1] == say(world, "sms.codes_used_up")
    assert len(leader.inbox()) == 9


@pytest.mark.parametrize("act", [THEM, BOT, DOI, "THEM HO co Lan 0900000007"])
def test_a_helper_takes_requests_and_touches_nobody(world: World, act: str) -> None:
    world.do(
        "UPDATE memberships SET role = 'helper' WHERE person_id = "
        "(SELECT holder_id FROM phones WHERE msisdn = :m)",
        m=MEMBER,
    )
    before = state(world)
    assert world.phone(MEMBER).text(act) == [say(world, "sms.not_allowed")]
    world.phone(MEMBER).dial("4")
    assert world.phone(MEMBER).screen.startswith(say(world, "roster.not_mine"))
    assert world.phone(NEIGHBOUR).text(act) == [say(world, "sms.not_member")]
    assert world.phone(PROVINCE_DUTY).text(act) == [say(world, "sms.not_allowed")]
    assert state(world) == before


# -- adding


def test_a_leader_adds_somebody_who_is_asked_and_is_nobody_before_a_yes(world: World) -> None:
    leader, new = world.phone(LEADER), world.phone(NEW)
    (said,) = prove(leader, THEM)
    assert said.startswith("Da gui tin hoi Nong Van Thu (0900000031).")
    assert new.inbox() == [
        say(
            world,
            "sms.invitation",
            leader="Hoang Van Mau",
            hamlet="xom Coc Phia",
            name="Nong Van Thu",
        )
    ]
    assert world.rows("SELECT id FROM people WHERE name = 'Nông Văn Thử'") == []
    assert new.text("1") == [say(world, "sms.you_joined", hamlet="xom Coc Phia")]
    assert leader.inbox()[-1] == say(
        world, "sms.joined", name="Nong Van Thu", hamlet="xom Coc Phia"
    )
    assert area_of(world, NEW) == "Cốc Phia"
    consent = world.one("SELECT given, wording, channel FROM consents ORDER BY id DESC LIMIT 1")
    assert (consent.given, consent.channel) == (True, "sms")
    assert consent.wording.startswith("sms.invitation:vi:")
    assert {"invited", "joined"} <= set(audits(world))
    assert "Da ghi viec so" in new.text("GIUP VNEID")[0]


@pytest.mark.parametrize("no", ["2", "khong", "Không đồng ý"])
def test_a_no_is_told_and_holds_for_90_days_for_everybody(timed: TimedWorld, no: str) -> None:
    leader, new, deputy = timed.phone(LEADER), timed.phone(NEW), timed.phone(DEPUTY)
    prove(leader, THEM)
    assert new.text(no) == [say(timed, "sms.you_refused")]
    assert leader.inbox()[-1] == say(timed, "sms.not_joined", name="Nong Van Thu")
    timed.let_pass(days=89)
    deputy.text("NV 1")
    not_now = say(timed, "sms.act_not_now", phone="0900000031")
    assert timed.phone(COMMUNE_DUTY).text(THEM) == [not_now]
    timed.let_pass(days=2)
    timed.do("DELETE FROM suppressions WHERE since < clock_timestamp() - interval '90 days'")
    timed.do("UPDATE phones SET last_heard_at = clock_timestamp()")
    assert "Da gui tin hoi" in prove(deputy, THEM)[0]


def test_who_says_no_is_forgotten_name_and_number(world: World) -> None:
    leader, new = world.phone(LEADER), world.phone(NEW)
    prove(leader, THEM)
    new.text("2")
    deliver(world)
    assert found(world, forms_of(NEW)) != []
    world.do("UPDATE invitations SET ended_at = ended_at - interval '2 hours'")
    assert end(world) == 1
    assert end(world) == 0
    assert found(world, [*forms_of(NEW), "Nông Văn Thử"]) == []


def test_who_does_not_answer_in_three_days_is_forgotten_and_the_leader_hears_it(
    timed: TimedWorld,
) -> None:
    leader = timed.phone(LEADER)
    prove(leader, THEM)
    timed.let_pass(days=3, minutes=1)
    assert end(timed) == 1
    assert leader.inbox()[-1] == say(timed, "sms.not_answered", name="Nong Van Thu")
    deliver(timed)
    timed.let_pass(hours=2)
    end(timed)
    assert found(timed, [*forms_of(NEW), "Nông Văn Thử"]) == []
    late = timed.phone(NEW).text("1")
    assert late == [] or "dong y" not in late[0]
    assert timed.rows("SELECT id FROM people WHERE name = 'Nông Văn Thử'") == []


def test_a_leader_of_several_hamlets_is_asked_which(world: World) -> None:
    leader = world.phone(LEADER)
    (which,) = leader.text("THEM 0900 000 031 Nông Văn Thử")
    choices = "1 Coc Phia, 2 Pan Keng, 3 Khuoi Khoang, 4 Dong Sang"
    assert which == say(world, "sms.which_hamlet", choices=choices)
    code = code_in(leader.text("2")[0])
    leader.text(f"MA {code}")
    assert "xom Pan Keng" in world.phone(NEW).inbox()[0]


def test_what_is_missing_or_wrong_is_said(world: World) -> None:
    leader = world.phone(LEADER)
    for typed in ("THEM", "THEM 0900000031", "THEM 0900000031 00018"):
        assert leader.text(typed) == [say(world, "sms.add_how")], typed
        forget_answers(world)
    (foreign,) = leader.text("THEM 0900000031 00059 Thử")
    assert foreign == say(world, "sms.act_not_yours", phone="0900000031"), "not a hamlet of theirs"
    assert leader.text("DOI 0900000007") == [say(world, "sms.move_how")]
    assert leader.text("BOT") == [say(world, "sms.remove_how")]
    assert leader.text("THEM HO") == [say(world, "sms.household_how")]


def test_who_is_on_the_list_is_not_asked_again(world: World) -> None:
    leader = world.phone(LEADER)
    values = {"name": "Mai Thu", "phone": "0900000007", "hamlet": "xom Coc Phia"}
    assert leader.text("THEM 0900000007 00018 Mai Thu") == [say(world, "sms.act_known", **values)]
    assert world.phone(NEIGHBOUR).inbox() == []


def test_somebody_of_another_hamlet_decides_by_themselves(world: World) -> None:
    leader, far = world.phone(LEADER), world.phone(FAR_AWAY)
    assert "Da gui tin hoi" in prove(leader, "THEM 0900000008 00018 Sùng Giả")[0]
    assert area_of(world, FAR_AWAY) == "Lũng Mẫu"
    far.text("Đồng ý")
    assert area_of(world, FAR_AWAY) == "Cốc Phia"
    assert world.one("SELECT count(*) AS n FROM people WHERE name = 'Sùng Giả'").n == 1


def test_two_who_share_a_phone_are_two(world: World) -> None:
    leader, phone = world.phone(LEADER), world.phone(NEIGHBOUR)
    prove(leader, "THEM 0900000007 00018 Mai Hai Giả")
    phone.text("1")
    names = world.rows(
        "SELECT name FROM people p JOIN phones f ON f.id = p.phone_id WHERE f.msisdn = :m ORDER BY p.id",
        m=NEIGHBOUR,
    )
    assert [row.name for row in names] == ["Mai Thử", "Mai Hai Giả"]
    holder = world.one(
        "SELECT name FROM people p JOIN phones f ON f.holder_id = p.id WHERE f.msisdn = :m",
        m=NEIGHBOUR,
    )
    assert holder.name == "Mai Thử"


def test_who_had_themselves_erased_is_not_asked_but_may_come_back(world: World) -> None:
    leader, neighbour = world.phone(LEADER), world.phone(NEIGHBOUR)
    neighbour.dial("7*5")
    neighbour.key("1")
    forget_answers(world)
    them = "THEM 0900000007 00018 Mai Thử"
    not_now = say(world, "sms.act_not_now", phone="0900000007")
    assert leader.text(them) == [not_now]
    assert leader.text("DOI 0900000003 0900000007") == [not_now]
    neighbour.dial()
    neighbour.key("1")  # agrees, by themselves
    assert "Da gui tin hoi" in prove(leader, them)[0]


def test_who_refuses_news_is_not_asked(world: World) -> None:
    world.phone(NEW).text("TC")
    assert world.phone(LEADER).text(THEM) == [say(world, "sms.act_not_now", phone="0900000031")]


def test_the_newest_question_is_the_one_a_digit_answers(timed: TimedWorld) -> None:
    leader, neighbour = timed.phone(LEADER), timed.phone(NEIGHBOUR)
    number = ask(neighbour)
    prove(leader, "THEM 0900000007 00026 Mai Thử")
    timed.let_pass(minutes=5)
    leader.text("NV 1")
    leader.text("XONG 1")
    assert neighbour.text("1") == [say(timed, "sms.solved", number=str(number))]
    assert area_of(timed, NEIGHBOUR) == "Cốc Phia"
    neighbour.text("1")
    assert area_of(timed, NEIGHBOUR) == "Pàn Kèng"


def test_twenty_people_a_day_are_enough(world: World) -> None:
    leader = world.phone(LEADER)
    person = world.one("SELECT holder_id AS id FROM phones WHERE msisdn = :m", m=LEADER).id
    world.do(
        "INSERT INTO invitations (phone_id, name, area_id, invited_by, expires_at, ended_at) "
        "SELECT f.id, '', a.id, :p, now(), now() FROM phones f, areas a, generate_series(1, 20) "
        "WHERE f.msisdn = :m AND a.code = '00018'",
        p=person,
        m=FAR_AWAY,
    )
    assert leader.text(THEM) == [say(world, "sms.act_enough")]


# -- removing


def test_a_villager_off_the_list_hears_it_and_is_not_erased(world: World) -> None:
    leader, neighbour = world.phone(LEADER), world.phone(NEIGHBOUR)
    (said,) = prove(leader, BOT)
    assert said == say(world, "sms.act_removed", name="Mai Thu", hamlet="xom Coc Phia")
    assert neighbour.inbox() == [
        say(
            world,
            "sms.removed_from_list",
            leader="Hoang Van Mau",
            name="Mai Thu",
            hamlet="xom Coc Phia",
        )
    ]
    person = world.one("SELECT area_id, household_id, phone_id FROM people WHERE name = 'Mai Thử'")
    assert (person.area_id, person.household_id) == (None, None)
    assert person.phone_id is not None
    assert "removed_person" in audits(world)
    assert "Xoa" in neighbour.text("DL")[0]


def test_a_member_out_of_the_team_leaves_no_request_behind(timed: TimedWorld) -> None:
    leader, member = timed.phone(LEADER), timed.phone(MEMBER)
    number = ask(timed.phone(NEIGHBOUR))
    timed.let_pass(hours=3)
    timed.let_pass(hours=2)
    member.text("NV 1")
    assert request(timed, number).state == "accepted"
    assert "ra khoi to" in leader.text("BOT 0900000004")[0]
    leader.text(f"MA {code_in(leader.inbox()[-1])}")
    assert request(timed, number).state == "open"
    assert request(timed, number).accepted_by is None
    assert events(timed, number)[-1] == "told"
    assert "NV" in leader.inbox()[-2] + leader.inbox()[-1], "the ladder begins anew"
    assert any("da cho minh ra khoi" in body for body in member.inbox())
    assert member.text("NV 1") == [say(timed, "sms.not_member")]
    assert "removed_member" in audits(timed)
    member.text("THEM 0900000031 00018 Ai Đó")
    assert timed.phone(NEW).inbox() == []


def test_only_who_leads_a_team_takes_a_member_out_and_nobody_themselves(world: World) -> None:
    by_commune = "can to truong"
    assert by_commune in world.phone(DEPUTY).text("BOT 0900000004")[0]
    assert by_commune in world.phone(MEMBER).text("BOT 0900000002")[0]
    assert by_commune in world.phone(LEADER).text("BOT 0900000002")[0]
    assert world.one("SELECT count(*) AS n FROM memberships WHERE until IS NOT NULL").n == 0
    assert "ra khoi" in prove(world.phone(COMMUNE_DUTY), "BOT 0900000002")[0]


def test_strangers_and_people_of_other_hamlets_look_the_same(world: World) -> None:
    leader = world.phone(LEADER)
    for number in ("0900000008", "0900000099"):
        assert leader.text(f"BOT {number}") == [say(world, "sms.act_not_yours", phone=number)]


def test_of_two_who_share_a_phone_the_one_is_meant_who_is_named_or_chosen(world: World) -> None:
    leader = world.phone(LEADER)
    world.do(
        "INSERT INTO people (name, area_id, phone_id) SELECT 'Ông Giả', a.id, f.id "
        "FROM areas a, phones f WHERE a.code = '00018' AND f.msisdn = :m",
        m=NEIGHBOUR,
    )
    assert "Mai Thu" in leader.text("BOT 0900000007 Mai Thu")[0]
    (which,) = leader.text("BOT 0900000007")
    assert which == say(world, "sms.which_person", choices="1 Mai Thu, 2 Ong Gia")
    code = code_in(leader.text("2")[0])
    leader.text(f"MA {code}")
    left = world.rows(
        "SELECT name FROM people WHERE area_id IS NULL AND name LIKE '%i%' ORDER BY 1"
    )
    assert "Ông Giả" in {row.name for row in left}
    assert area_of_named(world, "Mai Thử") == "Cốc Phia"


def area_of_named(world: World, name: str) -> str | None:
    return world.one(
        "SELECT a.name FROM people p LEFT JOIN areas a ON a.id = p.area_id WHERE p.name = :n",
        n=name,
    ).name


# -- households without a phone


def test_a_household_without_a_phone_is_reached_through_a_neighbour(world: World) -> None:
    leader, neighbour = world.phone(LEADER), world.phone(NEIGHBOUR)
    (said,) = prove(leader, "THEM HO bà Lan 0900000007")
    values = {"household": "ba Lan", "hamlet": "xom Coc Phia"}
    assert said == say(world, "sms.act_household", name="Mai Thu", **values)
    assert neighbour.inbox() == [
        say(world, "sms.you_are_contact", leader="Hoang Van Mau", **values)
    ]
    leader.text("GIUP CHO bà Lan VNEID")
    world.phone(DEPUTY).text("NV 1")
    last = request_last(world)
    assert last.topic == "vneid"
    heard = " ".join(world.phone(LEADER).inbox() + world.phone(DEPUTY).inbox())
    assert "ba Lan" in last.beneficiary or "bà Lan" in last.beneficiary
    leader.text("NV 1")
    heard = " ".join(leader.inbox() + world.phone(DEPUTY).inbox())
    assert "Goi 0900000007" in heard


def request_last(world: World):
    return world.one("SELECT * FROM help_requests ORDER BY id DESC LIMIT 1")


def test_a_household_needs_somebody_of_the_hamlet(world: World) -> None:
    leader = world.phone(LEADER)
    for number in ("0900000008", "0900000099"):
        assert leader.text(f"THEM HO Lan {number}") == [
            say(world, "sms.act_no_contact", household="Lan")
        ]
    assert "lien lac qua Hoang Van Mau" in leader.text("THEM HO Lan")[0]


# -- asking for somebody else


@pytest.mark.parametrize(
    ("typed", "for_whom", "topic"),
    [
        ("GIUP CHO 0900000031 VNEID", "0900000031", "vneid"),
        ("GIUP cho 0900 000 031 vssid bi khoa", "0900000031", "vssid"),
        ("GIUP CHO ba Lan VNEID", "ba Lan", "vneid"),
        ("giup cho mẹ em cài VNeID", "mẹ em", "vneid"),
        ("GIUP cho ông Giả, máy không gọi được", "ông Giả", "dienthoai"),
    ],
)
@pytest.mark.parametrize("who", [NEIGHBOUR, LEADER])
def test_asking_for_somebody_else_by_text(
    world: World, who: str, typed: str, for_whom: str, topic: str
) -> None:
    world.phone(who).text(typed)
    asked = request_last(world)
    assert (asked.topic, asked.beneficiary) == (topic, for_whom)


def test_the_hamlet_of_who_is_helped_counts_where_a_leader_asks(world: World) -> None:
    world.do(
        "UPDATE people SET area_id = (SELECT id FROM areas WHERE code = '00026') WHERE name = 'Mai Thử'"
    )
    world.phone(LEADER).text("GIUP CHO 0900000007 VNEID")
    code = world.one(
        "SELECT a.code FROM help_requests r JOIN areas a ON a.id = r.area_id ORDER BY r.id DESC LIMIT 1"
    ).code
    assert code == "00026"


def test_a_stranger_who_asks_for_somebody_has_to_say_where(world: World) -> None:
    assert world.phone(VILLAGER).text("GIUP CHO ba Lan VNEID") == [say(world, "sms.stranger")]


@pytest.mark.parametrize("typed", ["p²", "h²", "p99999999999999999999", "h99999999999999999999"])
def test_what_looks_like_a_line_s_own_name_is_only_a_name(world: World, typed: str) -> None:
    leader = world.phone(LEADER)
    people_menu(leader)
    leader.key("1")
    assert leader.open
    assert "dang ban" not in leader.key(typed)
    assert leader.open


def test_an_invitation_that_cannot_be_ended_keeps_no_other_from_being_forgotten(
    timed: TimedWorld,
) -> None:
    leader = timed.phone(LEADER)
    prove(leader, "THEM 0900000031 00018 Nông Hỏng Thử")
    prove(leader, "THEM 0900000032 00018 Nông Văn Thử")
    timed.do("ALTER TABLE invitations ADD CONSTRAINT broken CHECK "
             "(name NOT LIKE '%Hỏng%' OR ended_at IS NULL)")  # fmt: skip
    try:
        timed.time.let_pass(timedelta(days=4))
        end(timed)
        deliver(timed)
        timed.time.let_pass(timedelta(hours=2))
        end(timed)
        assert found(timed, [*forms_of(OTHER), "Nông Văn Thử"]) == []
        assert found(timed, ["Nông Hỏng Thử"]) != []
    finally:
        timed.do("ALTER TABLE invitations DROP CONSTRAINT broken")


@pytest.mark.parametrize("text", ["GIUP CHO", "giúp cho...", "Nho giup cho"])
def test_help_for_nobody_is_asked_about_and_not_filed(world: World, text: str) -> None:
    assert world.phone(LEADER).text(text) == [say(world, "sms.help_for_how")]
    assert world.rows("SELECT FROM help_requests") == []
