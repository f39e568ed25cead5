"""What arrives at the doors and should not: nobody sees a 500, nobody's call is lost or crossed."""

from __future__ import annotations

import itertools
from urllib.parse import quote_from_bytes, urlencode

import pytest

from service.text.gsm7 import USSD_PAGE, is_gsm7, septets
from tests.gateway.live import FORM, Live
from tests.village import HAMLET, NEIGHBOUR, SECRET, VILLAGER, World

ODD = {
    "a wrong digit": "9",
    "letters": "abc",
    "nothing": "",
    "spaces": "   ",
    "300 characters": "x" * 300,
    "emoji": "👩‍🌾🏔️",
    "a star": "*",
    "stars": "****",
    "a hash": "#",
    "NUL": "\0",
    "a NUL before the digit": "\0" + "9",
    "bidi": "\u202e9\u2066",
    "a newline": "9\r\n1",
    "other digits": "١",
    "a fraction": "½",
    "the next page": "99",
    "a number too long for a number": "9" * 5000,
    "markup": "<b>1</b>{number}%s",
}


@pytest.mark.parametrize("way", [[], ["1"], ["1", "1", "2"]], ids=["root", "topics", "words"])
def test_an_odd_answer_gets_a_screen_and_the_call_goes_on(world: World, way: list[str]) -> None:
    caller = world.phone(NEIGHBOUR)
    for what, typed in ODD.items():
        caller.dial()
        if "1 Nho giup" not in caller.screen:  # the last call was cut off: the offer comes first
            caller.key("2")
        before = caller.keys(*way) or caller.screen
        caller.key(typed)
        assert caller.open, what
        assert is_gsm7(caller.screen), what
        assert septets(caller.screen) <= USSD_PAGE, what
        assert before.split("\n")[-1] in caller.screen or way == ["1", "1", "2"], what
    assert world.one("SELECT count(*) AS n FROM help_requests WHERE state = 'open'").n == 0


def test_an_answer_that_is_no_utf8_is_a_wrong_answer(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    root = caller.dial()
    fields = caller.fields()
    fields.pop("text")
    for broken in (b"%ff%fe", b"\xff\xfe", b"%ed%a0%80", b"%f0%9f%98", b"\xed\xa0\x80", b"1%00"):
        answer = world.post("ussd", urlencode(fields).encode() + b"&text=" + broken)
        assert answer.status_code == 200
        assert answer.data.startswith(b"CON ")
        assert answer.text.removeprefix("CON ").split("\n")[-2] in root or b"1 " in answer.data


def test_words_in_raw_utf8_are_read(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.keys("1", "1", "2")
    fields = caller.fields()
    fields.pop("text")
    raw = urlencode(fields).encode() + b"&text=1*1*2*" + "không mở được".encode()
    assert world.post("ussd", raw).status_code == 200
    assert world.one("SELECT words FROM help_requests").words == "không mở được"


def test_another_callers_session_id_opens_no_door(world: World) -> None:
    villager = world.phone(VILLAGER)
    villager.dial()
    villager.keys("1", HAMLET)
    stolen = {**villager.fields(), "phoneNumber": NEIGHBOUR}
    answer = world.post("ussd", stolen)
    assert answer.status_code == 200
    assert answer.text != f"CON {villager.screen}"
    assert "Phai khong" not in answer.text or "Coc Phia" not in answer.text
    assert villager.key("1"), "the call it was taken from goes on"
    assert villager.open


FIELDS = ("phoneNumber", "serviceCode", "sessionId")


def test_a_callback_that_lacks_what_makes_it_one_is_refused(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    for field, given in itertools.product(FIELDS, (None, "", " ", "\0")):
        fields = caller.fields()
        del fields[field]
        if given is not None:
            fields[field] = given
        assert world.post("ussd", fields).status_code in {400, 404}, (field, given)
    assert "1 VNeID" in caller.key("1"), "and the call is still where it was"


def test_a_field_given_twice_is_refused(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    body = urlencode(caller.fields()) + f"&phoneNumber={quote_from_bytes(VILLAGER.encode())}"
    assert world.post("ussd", body.encode()).status_code == 400


def test_a_missing_text_is_a_fresh_call(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    root = caller.dial()
    fields = caller.fields()
    del fields["text"]
    assert world.post("ussd", fields).text == f"CON {root}"


def test_a_number_that_lost_its_plus_is_the_same_caller(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.history.append("1")
    for written in ("84900000007", " 84900000007", "+84900000007 "):
        answer = world.post("ussd", {**caller.fields(), "phoneNumber": written})
        assert answer.text.startswith("CON ")
        assert "1 VNeID" in answer.text
    assert world.one("SELECT count(*) AS n FROM ussd_sessions").n == 1


def test_a_number_that_is_none_is_refused(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    for number in ("0900000007", "8499", "VIETTEL", "+84900000007\n1", "+" + "9" * 90):
        assert world.post("ussd", {**caller.fields(), "phoneNumber": number}).status_code == 400


def test_a_foreign_caller_gets_screens_and_no_sms(world: World) -> None:
    guest = world.phone("+85620900001")
    guest.dial()
    guest.keys("2", HAMLET, "1", "1")
    screen = guest.key("1")
    assert not guest.open
    number = world.one("SELECT number FROM help_requests WHERE state = 'open'").number
    assert str(number) in screen
    assert guest.inbox() == []


def test_a_code_that_is_not_ours_is_refused(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    assert world.post("ussd", {**caller.fields(), "serviceCode": "*384*1#"}).status_code == 404
    sms = {"from": NEIGHBOUR, "to": "9999", "text": "HD", "id": "x"}
    assert world.post("sms", sms).status_code == 404
    assert world.rows("SELECT FROM messages_in") == []


def test_a_stranger_learns_of_no_door_by_any_method(session_world: World) -> None:
    path = f"/gateway/africastalking/{SECRET}/ussd"
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"):
        strange = session_world.client.open(path.replace(SECRET, "guess"), method=method)
        assert (strange.status_code, strange.data) == (404, b""), method
        assert "Allow" not in strange.headers
        if method != "POST":
            known = session_world.client.open(path, method=method)
            assert known.status_code in {404, 405}, method


def test_a_body_that_is_no_form_is_refused(session_world: World) -> None:
    body = urlencode(session_world.phone(NEIGHBOUR).fields()).encode()
    for kind in ("application/json", "multipart/form-data; boundary=x", "", "text/plain"):
        answer = session_world.post("ussd", body, content_type=kind)
        assert (answer.status_code, answer.data) == (400, b""), kind


def test_a_path_that_is_not_a_door_leads_nowhere(session_world: World) -> None:
    for path in ("", "/", "/ussd/", "/ussd/more", "/nothing", "/ussd%00", "/USSD", "/../ussd"):
        for secret in (SECRET, "guess"):
            answer = session_world.client.post(
                f"/gateway/africastalking/{secret}{path}", data="text=", content_type=FORM
            )
            assert answer.status_code == 404, path


def test_another_carriers_name_leads_nowhere(session_world: World) -> None:
    for carrier in ("AfricasTalking", "other", "base", "%2e%2e"):
        answer = session_world.client.post(f"/gateway/{carrier}/{SECRET}/sms", data={"text": "HD"})
        assert answer.status_code == 404


def test_ten_thousand_fields_are_refused(session_world: World) -> None:
    for door in ("ussd", "sms", "receipts", "ussd-events"):
        few_bytes = "&".join(["a="] * 5000)
        assert session_world.post(door, few_bytes.encode()).status_code == 400
        body = "&".join(f"field{n}=x" for n in range(10_000))
        assert session_world.post(door, body.encode()).status_code == 413


def test_ten_megabytes_are_refused_with_and_without_a_length(live: Live) -> None:
    path = f"/gateway/africastalking/{SECRET}/ussd"
    body = b"text=" + b"x" * 10_000_000
    headers = {"Content-Type": FORM}

    def outcome(method: str, *args: object) -> int:
        try:
            return live.send(method, *args).status  # type: ignore[arg-type]
        except (ConnectionError, OSError):
            return 0  # hung up on, which is an answer too

    assert outcome("POST", path, body, headers) in {413, 0}
    pieces = (body[at : at + 50_000] for at in range(0, len(body), 50_000))
    assert outcome("POST", path, pieces, headers) in {400, 413, 0}
    assert live.get("/healthz").status == 200


def test_a_small_chunked_callback_is_read(live: Live, world: World) -> None:
    fields = world.phone(NEIGHBOUR)
    fields.session = "ATUid_chunked"
    body = urlencode(fields.fields()).encode()
    path = f"/gateway/africastalking/{SECRET}/ussd"
    answer = live.send("POST", path, iter([body[:20], body[20:]]), {"Content-Type": FORM})
    assert answer.status == 200
    assert answer.text.startswith("CON ")


def test_a_nul_in_a_report_is_no_failure_of_ours(world: World) -> None:
    fields = {
        "id": "ATXid_\0" + "1", "status": "Suc\0cess", "phoneNumber": NEIGHBOUR,
        "failureReason": "\0", "networkCode": "\0", "sessionId": "ATUid_1",
    }  # fmt: skip
    for door in ("receipts", "ussd-events"):
        assert world.post(door, fields).status_code == 200


def test_a_call_of_forty_answers_as_long_as_a_network_takes_goes_on(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    for n in range(39):
        caller.key(f"{n}" + "x" * 180)
        assert caller.open, f"after {n + 1} answers: {caller.screen}"
    assert "1 " in caller.screen
    caller.key("1")
    assert not caller.open
