"""What is masked is shown once, to whoever says why, after it was written down; and not often."""

from __future__ import annotations

from typing import Any

import pytest

from service.console.reveals import MOST_IN_AN_HOUR
from service.records.console import Role
from tests.console.office import Browser, Office
from tests.console.test_console_find import erase, message_to
from tests.village import LEADER, NEIGHBOUR, World

WHY = "Bà con gọi lên hỏi tin chưa đến"


@pytest.fixture
def operator(office: Office) -> Browser:
    return office.somebody(Role.OPERATOR)


def reveal(browser: Browser, path: str, *what: str, reason: str = WHY) -> Any:
    """Ask for something on a page, as the form of that page does."""
    browser.get(path)
    assert f'action="{path}/reveal"' in browser.page
    fields: dict[str, Any] = {"what": list(what), "reason": reason}
    return browser.submit(f"{path}/reveal", **fields)


def phone_page(world: World, msisdn: str) -> str:
    return f"/find/phone/{world.one('SELECT id FROM phones WHERE msisdn = :m', m=msisdn).id}"


def revealed(world: World) -> list[Any]:
    return world.rows("SELECT * FROM audit WHERE action = 'revealed' ORDER BY id")


def test_a_number_is_shown_once_and_the_audit_says_who_what_and_why(
    operator: Browser, world: World
) -> None:
    path = phone_page(world, NEIGHBOUR)
    answer = reveal(operator, path, "number")
    assert answer.status_code == 200
    assert "0900 000 007" in answer.text
    assert "Mai Thử" not in answer.text, "nobody asked for the name"
    assert answer.headers["Cache-Control"] == "no-store"
    (line,) = revealed(world)
    assert (line.actor, line.about) == (
        "console nong.an",
        path.removeprefix("/find/").replace("/", " "),
    )
    assert line.detail == {"what": "number", "reason": WHY}
    assert "0900 000 007" not in operator.get(path).text


def test_names_and_words_are_shown_each_for_itself(operator: Browser, world: World) -> None:
    assert "Mai Thử" in reveal(operator, phone_page(world, NEIGHBOUR), "name").text
    message = message_to(world, NEIGHBOUR)
    body = world.one("SELECT body FROM messages_out WHERE id = :id", id=message).body
    answer = reveal(operator, f"/find/message/{message}", "words")
    assert body.splitlines()[0] in answer.text
    assert "0900 000 007" not in answer.text
    text = world.one("SELECT max(id) AS id FROM messages_in").id
    answer = reveal(operator, f"/find/text/{text}", "number", "words")
    assert "TRO GIUP" in answer.text
    assert "0900 000 007" in answer.text
    assert [line.detail["what"] for line in revealed(world)] == ["name", "words", "number, words"]


def test_the_words_of_a_request_are_masked_and_shown(operator: Browser, world: World) -> None:
    world.phone(NEIGHBOUR).text("GIUP VNEID may hien loi la lam")
    path = f"/find/request/{world.one('SELECT id FROM help_requests').id}"
    assert "may hien loi" not in operator.get(path).text
    assert "may hien loi" in reveal(operator, path, "words").text


def test_what_was_written_is_shown_as_it_is_and_never_as_a_page(
    operator: Browser, world: World
) -> None:
    message = message_to(world)
    world.do("UPDATE messages_out SET body = '<b>x</b> {{ 7 * 7 }}' WHERE id = :id", id=message)
    page = reveal(operator, f"/find/message/{message}", "words").text
    assert "&lt;b&gt;x&lt;/b&gt; {{ 7 * 7 }}" in page


REFUSED = {
    "": "Lý do cần từ 5 đến 200 ký tự",
    "    ": "Lý do cần từ 5 đến 200 ký tự",
    "vì": "Lý do cần từ 5 đến 200 ký tự",
    "dài" * 100: "Lý do cần từ 5 đến 200 ký tự",
    "hỏi\0tin": "ký tự điều khiển",
    "hỏi\ntin": "ký tự điều khiển",
    "hỏi \u202etin": "ký tự điều khiển",
    "hỏi \u200btin": "ký tự điều khiển",
}


def test_without_a_reason_that_can_be_read_nothing_is_shown(
    operator: Browser, world: World
) -> None:
    path = phone_page(world, NEIGHBOUR)
    for reason, said in REFUSED.items():
        answer = reveal(operator, path, "number", reason=reason)
        assert answer.status_code == 200
        assert said in answer.text, reason
        assert "0900 000 007" not in answer.text
    assert "Hãy chọn phần cần xem" in reveal(operator, path).text
    assert "Hãy chọn phần cần xem" in reveal(operator, path, "password", "words").text
    assert revealed(world) == []


def test_a_reason_is_never_interpreted_and_its_numbers_are_masked(
    operator: Browser, world: World
) -> None:
    reason = "<script>x</script> {n} %s ' gọi từ 0900 000 002"
    answer = reveal(operator, phone_page(world, NEIGHBOUR), "number", reason=reason)
    assert "<script>" not in answer.text
    (line,) = revealed(world)
    assert line.detail["reason"].startswith("<script>x</script> {n} %s ' gọi từ 090")
    assert "0900 000 002" not in line.detail["reason"]


def test_what_there_is_not_is_a_404_and_not_in_the_audit(operator: Browser, world: World) -> None:
    operator.get("/find")
    word = operator.page.partition('name="form_word" value="')[2].partition('"')[0]
    asked: dict[str, Any] = {"form_word": word, "what": "number", "reason": WHY}
    for path in ("message/99999", "phone/99999", "text/99999", "request/99999", "number/1", "x/1",
                 "phone/9223372036854775808", "phone/-1", "phone/1%00"):  # fmt: skip
        assert operator.send(f"/find/{path}/reveal", asked).status_code == 404, path
    assert revealed(world) == []


def test_whoever_asks_too_often_has_to_wait_and_an_operator_is_told(
    operator: Browser, office: Office, world: World
) -> None:
    path = phone_page(world, NEIGHBOUR)
    world.do(
        """INSERT INTO audit (actor, action, about, at)
           SELECT 'console nong.an', 'revealed', 'phone 1',
                  clock_timestamp() - make_interval(mins => n)
           FROM generate_series(1, :most) AS n""",
        most=MOST_IN_AN_HOUR - 1,
    )
    assert "0900 000 007" in reveal(operator, path, "number").text
    for times in (1, 2):
        answer = reveal(operator, path, "number")
        assert "Bạn đã xem 30 lần trong một giờ. Hãy đợi đến" in answer.text
        assert "0900 000 007" not in answer.text
        alarm = world.one("SELECT name, about, times FROM alarms")
        assert (alarm.name, alarm.times) == ("console_reveals", times)
        assert alarm.about.startswith("user ")
    assert len(revealed(world)) == MOST_IN_AN_HOUR, "what was refused was not revealed"
    assert "Một người dùng xem phần che quá nhiều lần" in operator.get("/room").text
    other = office.somebody(Role.OPERATOR, "hoang.binh")
    assert "0900 000 007" in reveal(other, path, "number").text, "others go on"
    world.do("UPDATE audit SET at = at - interval '2 hours'")
    assert "0900 000 007" in reveal(operator, path, "number").text


def test_what_the_audit_does_not_take_is_not_shown(operator: Browser, world: World) -> None:
    path = phone_page(world, NEIGHBOUR)
    world.do("ALTER TABLE audit RENAME TO away")
    try:
        answer = reveal(operator, path, "number")
        assert answer.status_code == 503
        assert "0900 000 007" not in answer.text
    finally:
        world.do("ALTER TABLE away RENAME TO audit")


def test_what_was_erased_cannot_be_shown_and_the_page_says_so(
    operator: Browser, world: World
) -> None:
    message = message_to(world, NEIGHBOUR)
    erase(world, NEIGHBOUR)
    page = reveal(operator, f"/find/message/{message}", "number", "words").text
    assert page.count("Không còn, hoặc chưa bao giờ có") == 2
    assert "+999" not in page


def test_revealed_pages_keep_their_numbers_out_of_addresses_and_logs(
    operator: Browser, world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    answer = reveal(operator, phone_page(world, LEADER), "number")
    assert "0900 000 002" in answer.text
    assert "Location" not in answer.headers
    assert "9000" not in "".join(capfd.readouterr())
    assert all("9000" not in cookie for cookie in answer.headers.getlist("Set-Cookie"))
