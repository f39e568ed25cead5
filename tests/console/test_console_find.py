"""Looking something up: found however it is written, told in order, and never by its number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from service.console.handles import seal, unseal
from service.console.secret_words import Keys
from service.records.console import Role
from tests.console.office import Browser, Office
from tests.village import LEADER, NEIGHBOUR, World

STRANGER = "+84900001234"
ATTEMPT = """
    INSERT INTO attempts (message_id, no, token, carrier, msisdn, outcome, carrier_message_id, code,
                          detail, cost, started_at, finished_at)
    SELECT id, :no, gen_random_uuid(), 'africastalking', msisdn, :outcome, :its_id, :code, :detail,
           :cost, created_at + make_interval(secs => :at),
           created_at + make_interval(secs => :at + 1)
    FROM messages_out WHERE id = :message RETURNING id
"""
REPORT = """
    INSERT INTO receipts (carrier, carrier_message_id, fingerprint, msisdn, status, rank, reason,
                          network, received_at, attempt_id)
    SELECT carrier, carrier_message_id, :status, msisdn, :status, :rank, :reason, '45204',
           finished_at + make_interval(secs => :at), id
    FROM attempts WHERE carrier_message_id = :its_id
"""


@pytest.fixture
def operator(office: Office) -> Browser:
    return office.somebody(Role.OPERATOR)


def message_to(world: World, msisdn: str = LEADER) -> int:
    """A message of the service's own to somebody; its id."""
    world.phone(msisdn).text("TRO GIUP")
    row = world.one("SELECT max(id) AS id FROM messages_out WHERE msisdn = :msisdn", msisdn=msisdn)
    return int(row.id)


def put(world: World, **changes: Any) -> None:
    """Change the newest message."""
    columns = ", ".join(f"{name} = :{name}" for name in changes)
    world.do(
        f"UPDATE messages_out SET {columns} WHERE id = (SELECT max(id) FROM messages_out)",
        **changes,
    )


def tried(world: World, message: int, no: int, outcome: str, **told: Any) -> None:
    told = {"its_id": None, "code": None, "detail": None, "cost": None, "at": no * 60} | told
    world.do(ATTEMPT.replace("RETURNING id", ""), message=message, no=no, outcome=outcome, **told)


def look(browser: Browser, typed: str) -> Any:
    browser.get("/find")
    return browser.submit("/find", typed=typed)


def steps(page: str) -> list[str]:
    """The steps of a life, in the order they stand on the page."""
    listed = re.search(r'<ol class="life">(.*?)</ol>', page, re.DOTALL)
    assert listed
    plain = (re.sub(r"<[^>]+>", " ", one) for one in listed[1].split("<li")[1:])
    return [" ".join(one.partition(">")[2].split()) for one in plain]


WRITTEN = (
    "0900000002", "+84900000002", "84900000002", "0900 000 002", " 0900.000.002 ",
    "0084900000002", "(+84) 900-000-002", "tel:+84900000002",
)  # fmt: skip


def test_a_number_is_found_however_it_is_written(operator: Browser, world: World) -> None:
    phone = world.one("SELECT id FROM phones WHERE msisdn = :msisdn", msisdn=LEADER).id
    for typed in WRITTEN:
        answer = look(operator, typed)
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/find/phone/{phone}", typed


def test_a_message_is_found_by_its_number_and_by_the_carriers_id(
    operator: Browser, world: World
) -> None:
    message = message_to(world)
    tried(world, message, 1, "accepted", its_id="ATXid_0123abc")
    for typed in (f"#{message}", f"# {message}", "ATXid_0123abc"):
        assert look(operator, typed).headers["Location"] == f"/find/message/{message}"


def test_what_went_by_the_second_account_is_found_by_its_id_too(
    operator: Browser, world: World
) -> None:
    message = message_to(world)
    tried(world, message, 1, "accepted", its_id="ATXid_second")
    world.do("UPDATE attempts SET carrier = 'africastalking-2'")
    assert look(operator, "ATXid_second").headers["Location"] == f"/find/message/{message}"


def test_an_alarms_own_message_says_what_it_is(operator: Browser, world: World) -> None:
    message = message_to(world)
    put(world, idem_key="alarm:alarm-7-opened:0123456789abcdef")
    page = operator.get(f"/find/message/{message}").text
    assert "Được viết để báo động cho người trực" in page
    assert "cause." not in page


def test_a_text_is_found_by_the_carriers_id_and_leads_to_its_answer(
    operator: Browser, world: World
) -> None:
    message = message_to(world)
    came = world.one("SELECT id, dedupe_key FROM messages_in")
    assert look(operator, came.dedupe_key).headers["Location"] == f"/find/text/{came.id}"
    page = operator.get(f"/find/text/{came.id}").text
    assert f'href="/find/message/{message}"' in page
    assert "TRO GIUP" not in page
    assert f'href="/find/text/{came.id}"' in operator.get(f"/find/message/{message}").text


def test_a_request_is_found_by_its_number_with_those_that_had_it_before(
    operator: Browser, world: World
) -> None:
    world.phone(NEIGHBOUR).text("GIUP VNEID khong mo duoc")
    now = world.one("SELECT id, number FROM help_requests")
    assert look(operator, str(now.number)).headers["Location"] == f"/find/request/{now.id}"
    assert f'href="/work/requests/{now.id}"' in operator.get(f"/find/request/{now.id}").text
    assert f'href="/find/request/{now.id}"' in operator.get(f"/work/requests/{now.id}").text
    world.do("UPDATE help_requests SET state = 'closed'")
    world.do(
        """INSERT INTO help_requests (number, state, topic, area_id, phone_id, language, channel,
                                      idem_key)
           SELECT number, 'cancelled', topic, area_id, phone_id, language, channel, 'before'
           FROM help_requests"""
    )
    page = look(operator, str(now.number)).text
    assert "Có nhiều kết quả" in page
    assert page.count('href="/find/request/') == 2


SAID = {
    "": "Bạn chưa gõ gì",
    "   ": "Bạn chưa gõ gì",
    "#999999999": "Không có tin nhắn nào mang số này",
    "#9999999999999999999": "Không có tin nhắn nào mang số này",
    "777": "Không có tin nhắn hoặc yêu cầu nào mang số này",
    "ATXid_nobody": "Không có tin nhắn nào mang mã này",
    "0900 009 999": "Hệ thống không có gì về số điện thoại này",
    "0900 009": "thiếu chữ số",
    "0900 009 999 999": "thừa chữ số",
    "(024) 3825 1234": "máy bàn",
    "1900-1234": "tổng đài",
    "*123#": "tổng đài",
    "0100 000 000": "Không mạng di động nào",
    "không phải số": "Đây không phải số tin",
    "x\0y": "Có ký tự không đọc được",
    "<script>alert(1)</script>": "Đây không phải số tin",
    "9" * 500: "thừa chữ số",
}


def test_what_is_not_found_is_said_in_a_sentence(operator: Browser) -> None:
    for typed, said in SAID.items():
        answer = look(operator, typed)
        assert answer.status_code == 200
        assert said in answer.text, typed
        assert "<script>" not in answer.text


def test_a_report_about_no_message_of_ours_is_said(operator: Browser, world: World) -> None:
    world.do(
        """INSERT INTO receipts (carrier, carrier_message_id, fingerprint, status, rank)
           VALUES ('africastalking', 'ATXid_stray', 'x', 'Success', 4)"""
    )
    assert "không tin nào của ta mang mã đó" in look(operator, "ATXid_stray").text


def test_a_messages_life_is_told_in_order(operator: Browser, world: World) -> None:
    message = message_to(world)
    tried(world, message, 1, "not_taken", code="throttled", detail="slow down +84900000002")
    tried(world, message, 2, "accepted", its_id="ATXid_1", cost="VND 450")
    for status, rank, at in (("Sent", 1, 5), ("Success", 4, 9)):
        world.do(REPORT, its_id="ATXid_1", status=status, rank=rank, reason=None, at=at)
    put(world, state="delivered", attempts=2, report_rank=4)
    page = operator.get(f"/find/message/{message}").text
    told = [
        "trả lời một tin đến", "Lần 1: giao cho", "Lần 1: africastalking chưa nhận",
        "Lần 2: giao cho", "Lần 2: africastalking đã nhận", "Báo phát: đang trên đường",
        "Báo phát: đã tới máy",
    ]  # fmt: skip
    found = steps(page)
    assert len(found) == len(told)
    for step, said in zip(found, told, strict=True):
        assert said in step
    assert "yêu cầu gửi chậm lại" in found[2], "the code in words"
    assert "VND 450" in found[4]
    assert "45204" in found[5]
    assert "Không còn gì phải chờ" in page
    assert "900000002" not in page


NEXT = [
    ({"state": "queued"}, "Gửi ngay khi đến lượt"),
    ({"state": "held"}, "Đang giữ lại"),
    ({"state": "held", "code": "operator"}, "Người trực đang giữ lại"),
    ({"state": "accepted"}, "Chờ báo phát của nhà mạng"),
    ({"state": "unknown", "resends": 1}, "người trực quyết định"),
    ({"state": "unknown"}, "máy gửi lại một lần"),
    ({"state": "cancelled", "code": "gone"}, "điều tin này nói không còn đúng nữa"),
    ({"state": "expired", "code": "too_late"}, "quá giờ còn đáng gửi"),
    ({"state": "rejected", "code": "bad_number"}, "không có số này"),
    ({"state": "failed", "code": "a_new_code"}, "a_new_code"),
]


def test_what_comes_next_is_said(operator: Browser, world: World) -> None:
    message = message_to(world)
    for stands, said in NEXT:
        put(world, **{"code": None, "resends": 0, **stands})
        assert said in operator.get(f"/find/message/{message}").text, stands


def test_when_it_is_tried_again_and_what_holds_it_up(operator: Browser, world: World) -> None:
    message = message_to(world)
    path = f"/find/message/{message}"
    world.do("UPDATE messages_out SET due_at = '2099-11-28 07:05:00Z', valid_until = '2099-12-01'")
    assert "Sẽ gửi lúc 14:05:00 28/11/2099" in operator.get(path).text
    put(world, attempts=1)
    assert "Sẽ thử lại lúc 14:05:00 28/11/2099" in operator.get(path).text
    put(world, **{"class": "notice", "lane": "bulk", "recipient_digest": "x"})
    world.do("UPDATE messages_out SET due_at = '2099-11-28 16:00:00Z'")
    assert "chờ đến 07:00:00 29/11/2099" in operator.get(path).text
    world.do(
        """INSERT INTO carrier_pauses (carrier, code, until)
           VALUES ('africastalking', 'no_balance', clock_timestamp() + interval '1 hour')"""
    )
    assert "tạm ngừng gửi qua africastalking" in operator.get(path).text
    for name, said in (
        ("carrier:africastalking", "Người trực đang tạm dừng gửi qua africastalking"),
        ("lane:bulk", "đang bị người trực tạm dừng"),
        ("sending", "Toàn bộ việc gửi đang tắt"),
    ):
        world.do(
            "INSERT INTO switches (name, is_on, changed_by) VALUES (:name, false, 'x')", name=name
        )
        assert said in operator.get(path).text


def test_what_was_said_again_leads_there_and_back(operator: Browser, world: World) -> None:
    first = message_to(world)
    put(world, state="failed", code="refused")
    ids = [first]
    for times in (1, 2):
        world.do(
            """INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments,
                                         state, valid_until)
               SELECT 'resend:' || id || ':' || :times, class, lane, priority, msisdn, body, segments,
                      'queued', valid_until FROM messages_out WHERE id = :id""",
            id=first,
            times=times,
        )
        ids.append(world.one("SELECT max(id) AS id FROM messages_out").id)
    links = {one: operator.get(f"/find/message/{one}").text for one in ids}
    assert "Người trực cho gửi lại nội dung này, nay: đang chờ" in links[ids[0]]
    assert "Được gửi lại theo lệnh của người trực" in links[ids[1]]
    for here, there in ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0)):
        assert f'href="/find/message/{ids[there]}"' in links[ids[here]], (here, there)
    assert f'href="/find/message/{ids[1]}"' not in links[ids[2]]


def test_a_numbers_life_newest_first(operator: Browser, world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.dial()
    neighbour.hang_up()
    neighbour.text("GIUP VNEID khong mo duoc")
    neighbour.text("TC")
    phone = world.one("SELECT id FROM phones WHERE msisdn = :msisdn", msisdn=NEIGHBOUR).id
    page = operator.get(f"/find/phone/{phone}").text
    found = steps(page)
    for said in ("Tin #", "Tin đến số", "Cuộc gọi", "Yêu cầu", "Nhận tin của xóm: từ chối"):
        assert any(said in step for step in found), said
    moments = [re.search(r'datetime="([^"]+)"', one) for one in page.split("<li")[1:]]
    at = [moment[1] for moment in moments if moment]
    assert at == sorted(at, reverse=True)
    assert "Từ chối nhận tin (TC) từ" in page
    assert "khong mo duoc" not in page


def test_a_members_number_says_of_which_team_and_names_nobody(
    operator: Browser, world: World
) -> None:
    row = world.one(
        """SELECT f.id, p.name, t.name AS team FROM phones f JOIN people p ON p.phone_id = f.id
           JOIN memberships m ON m.person_id = p.id JOIN teams t ON t.id = m.team_id
           WHERE f.msisdn = :msisdn LIMIT 1""",
        msisdn=LEADER,
    )
    page = operator.get(f"/find/phone/{row.id}").text
    assert "Tổ trưởng" in page
    assert row.team in page
    assert row.name not in page


def test_a_long_life_is_paged_by_key_and_nothing_is_lost_or_told_twice(
    operator: Browser, world: World
) -> None:
    message_to(world)
    world.do(
        """INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                                     valid_until, created_at)
           SELECT 'many:' || n, 'reply', 'reply', 0, :msisdn, 'x', 1, 'delivered', clock_timestamp(),
                  '2026-11-01'::timestamptz + make_interval(hours => n / 7)
           FROM generate_series(1, 130) AS n""",
        msisdn=LEADER,
    )
    ids = [row.id for row in world.rows(
        "SELECT id FROM messages_out WHERE msisdn = :msisdn", msisdn=LEADER
    )]  # fmt: skip
    path = f"/find/phone/{world.one('SELECT id FROM phones WHERE msisdn = :m', m=LEADER).id}"
    seen: list[int] = []
    pages = 0
    while path:
        page = operator.get(path).text
        seen += [int(one) for one in re.findall(r'href="/find/message/(\d+)"', page)]
        onward = re.search(r'href="([^"]+)">Xem phần cũ hơn', page)
        path = onward[1].replace("&amp;", "&") if onward else ""
        pages += 1
    assert pages == 3
    assert len(seen) == len(set(seen))
    assert set(seen) == set(ids)


def test_a_number_without_a_row_is_reached_by_a_sealed_handle(
    operator: Browser, office: Office, world: World
) -> None:
    world.phone(STRANGER).dial()
    assert not world.rows("SELECT FROM phones WHERE msisdn = :msisdn", msisdn=STRANGER)
    there = look(operator, "0900 001 234").headers["Location"]
    assert there == f"/find/number/{seal(office.keys, STRANGER)}"
    page = operator.get(there).text
    assert "người lạ" in page
    assert "+84900" not in page.replace("+8490*****34", "")
    assert len(steps(page)) == 1
    for wrong in (there[:-1], f"{there}A", there.replace(there[-5], "x", 1), "/find/number/é"):
        assert operator.get(wrong).status_code == 404


def test_a_number_from_abroad_that_wrote_to_us_is_found(operator: Browser, world: World) -> None:
    world.phone("+8562055512345").text("TRO GIUP")
    for typed in ("+856 20 5551 2345", "00856-20-55512345"):
        answer = look(operator, typed)
        assert answer.status_code == 303, typed
        assert "Tin đến số" in operator.get(answer.headers["Location"]).text


def test_a_handle_opens_with_its_own_key_only(office: Office) -> None:
    handle = seal(office.keys, STRANGER)
    assert unseal(office.keys, handle) == STRANGER
    assert "1234" not in handle
    other = Keys("x" * 32)
    assert unseal(other, handle) is None
    assert seal(office.keys, LEADER) != handle


def test_what_there_is_not_is_a_404(operator: Browser, world: World) -> None:
    ids = ("0", "999999999", "9223372036854775807", "9223372036854775808", "9" * 5000, "-1", "x")
    for kind in ("message", "text", "request", "phone", "number"):
        for its_id in (*ids, "٣", "1%00", "%ED%A0%80", "é"):
            assert operator.get(f"/find/{kind}/{its_id}").status_code == 404, (kind, its_id)
    phone = world.one("SELECT id FROM phones WHERE msisdn = :msisdn", msisdn=LEADER).id
    huge = ("99999999999999999.a.1", "1.message.99999999999999999999")
    for after in ("x", "1.message", "1.'.1", "-1.message.1", *huge):
        assert operator.get(f"/find/phone/{phone}?after={after}").status_code == 404, after
    assert operator.get(f"/find/phone/{phone}?after=0.message.1").status_code == 200


def test_somebody_who_erased_themselves_is_gone_and_the_page_says_so(
    operator: Browser, world: World
) -> None:
    message = message_to(world, NEIGHBOUR)
    phone = world.one("SELECT id FROM phones WHERE msisdn = :msisdn", msisdn=NEIGHBOUR).id
    erase(world, NEIGHBOUR)
    page = operator.get(f"/find/phone/{phone}").text
    assert "đã xóa dữ liệu của mình" in page
    assert "Xem phần đang che" not in page
    assert "đã xóa dữ liệu của mình" in operator.get(f"/find/message/{message}").text
    there = look(operator, "0900 000 007").headers["Location"]
    assert there.startswith("/find/number/")
    assert "Đã xóa dữ liệu của mình lúc" in operator.get(there).text


def erase(world: World, msisdn: str) -> None:
    phone = world.phone(msisdn)
    code = phone.text("XOA")[-1].split("XOA ")[1].split()[0]
    phone.text(f"XOA {code}")


@pytest.fixture
def asked(world: World) -> Iterator[list[str]]:
    found: list[str] = []

    def note(*told: Any) -> None:
        found.append(told[2])

    event.listen(world.engine, "before_cursor_execute", note)
    yield found
    event.remove(world.engine, "before_cursor_execute", note)


def test_every_page_asks_the_database_a_dozen_times_at_most(
    operator: Browser, world: World, asked: list[str]
) -> None:
    world.phone(NEIGHBOUR).text("GIUP VNEID khong mo duoc")
    message = message_to(world)
    tried(world, message, 1, "accepted", its_id="ATXid_1")
    ids = {
        "message": message,
        "text": world.one("SELECT max(id) AS id FROM messages_in").id,
        "request": world.one("SELECT id FROM help_requests").id,
        "phone": world.one("SELECT id FROM phones WHERE msisdn = :m", m=LEADER).id,
    }
    for kind, its_id in ids.items():
        asked.clear()
        assert operator.get(f"/find/{kind}/{its_id}").status_code == 200
        assert 0 < len(asked) <= 12, asked
        for _ in range(3):
            message_to(world)
        before = len(asked)
        asked.clear()
        assert operator.get(f"/find/{kind}/{its_id}").status_code == 200
        assert len(asked) <= before
    for typed in ("1234", "0900000002", "ATXid_1", "#1"):
        asked.clear()
        look(operator, typed)
        assert len(asked) <= 12


def test_no_full_number_stands_on_a_page_in_an_address_or_in_a_log(
    operator: Browser, world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    """All pages of a life that anything happened in; the digits are those of the tests' numbers."""
    world.phone(NEIGHBOUR).text("GIUP VNEID goi so 0900000007")
    world.phone(NEIGHBOUR).dial()
    message_to(world, STRANGER)
    digits = re.compile(r"(?:84|0)90000\d{4}")
    capfd.readouterr()
    paths = [f"/find/message/{row.id}" for row in world.rows("SELECT id FROM messages_out")]
    paths += [f"/find/text/{row.id}" for row in world.rows("SELECT id FROM messages_in")]
    paths += [f"/find/phone/{row.id}" for row in world.rows("SELECT id FROM phones")]
    paths += [f"/find/request/{row.id}" for row in world.rows("SELECT id FROM help_requests")]
    assert len(paths) > 12
    for typed in (STRANGER, NEIGHBOUR, "0900000002"):
        paths.append(look(operator, typed).headers["Location"])
    pages = [operator.get(path) for path in paths]
    pages += [look(operator, "0900009999"), look(operator, "+1 0900000002")]
    for answer in pages:
        assert answer.status_code == 200
        assert not digits.search(re.sub(r"[ .]", "", answer.text))
    assert not any(digits.search(path) for path in paths)
    assert not digits.search("".join(capfd.readouterr()))
