"""Arbitrary callbacks at every door: whatever comes, nobody sees a failure or another's call."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.text.gsm7 import USSD_PAGE, is_gsm7, septets
from tests.gateway.live import FORM
from tests.village import (
    HAMLET,
    LEADER,
    NEIGHBOUR,
    SECRET,
    VILLAGER,
    Phone,
    World,
    demo_village,
    empty_tables,
)

CASES = max(1_000, 10 * settings.default.max_examples)
DOORS = ("ussd", "sms", "receipts", "ussd-events")
WITNESS = "+84900000008"
"""Somebody in the middle of a call, who must not notice."""

wild = st.text(st.characters(), max_size=60) | st.sampled_from(
    ["", " ", "\0", "\u202e", "\ud800", "é" * 200, "9" * 400, "*" * 300, "{number}", "%s%n", "\r\n"]
)
numbers = st.sampled_from([NEIGHBOUR, VILLAGER, LEADER, "+85620900001", " 84900000007", "8499"])
keys = st.sampled_from([*"1112234", "0", "5", "9", "", "99", HAMLET, "may hong", "2*1"]) | wild
typed = st.sampled_from([*"111223", "", "0", "4", "5", "9", "99", HAMLET, "x"]) | wild
history = st.lists(typed, max_size=4).map("*".join)
said = st.one_of(
    wild,
    st.tuples(
        st.sampled_from(["GIUP", "NV", "XONG", "HUY", "YC", "1", "2", "HD", "nho giup", "XOA"]),
        st.sampled_from(["", " ", ".", ":"]),
        st.sampled_from(["1", "2", "99", "1234", HAMLET, "012345678901", "VNEID"]) | wild,
    ).map("".join),
)
PLAUSIBLE = {
    "ussd": {
        "phoneNumber": numbers, "sessionId": st.sampled_from(["ATUid_a", "ATUid_b"]),
        "serviceCode": st.just("*384*1909#"), "text": history,
    },
    "sms": {
        "from": numbers, "to": st.sampled_from(["8499", "+8499"]), "text": said,
        "id": st.sampled_from(["", "1", "2"]) | st.integers().map(str),
        "date": st.sampled_from(["2026-05-03T06:04:45Z", "2026-05-03 06:04:45", "soon", ""]),
    },
    "receipts": {
        "id": st.sampled_from(["ATXid_1", "ATXid_2"]), "phoneNumber": numbers,
        "status": st.sampled_from(["Success", "Failed", "Sent", "Submitted", "Vanished"]),
        "failureReason": st.sampled_from(["", "AbsentSubscriber"]), "networkCode": st.just("45204"),
    },
    "ussd-events": {
        "sessionId": st.sampled_from(["ATUid_a", "ATUid_b"]), "phoneNumber": numbers,
        "status": st.sampled_from(["Success", "Incomplete", "Failed"]),
    },
}  # fmt: skip


def encoded(fields: dict[str, str]) -> bytes:
    return "&".join(
        f"{quote(name, safe='', errors='surrogatepass')}="
        f"{quote(value, safe='', errors='surrogatepass')}"
        for name, value in fields.items()
    ).encode()


@st.composite
def callbacks(draw: st.DrawFn) -> tuple[str, bytes, str]:
    """A door and a body for it: as the carrier sends it, with a field or two turned wild, or raw."""
    door = draw(st.sampled_from(DOORS))
    kind = draw(st.sampled_from([*[FORM] * 8, FORM.partition(";")[0], "application/json"]))
    if draw(st.integers(0, 9)) == 9:
        return door, draw(st.binary(max_size=200)), kind
    fields = {name: draw(values) for name, values in PLAUSIBLE[door].items()}
    if draw(st.integers(0, 2)) == 2:
        name = draw(st.sampled_from(sorted(fields)))
        if draw(st.booleans()):
            fields[name] = draw(wild)
        else:
            del fields[name]
    fields.update(draw(st.dictionaries(wild, wild, max_size=1)))
    return door, encoded(fields), kind


@pytest.fixture(scope="module")
def village(session_world: World) -> World:
    empty_tables(session_world.engine)
    demo_village(session_world)
    session_world.refresh()
    return session_world


@settings(
    max_examples=CASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(callback=callbacks())
@example(
    callback=(
        "sms",
        encoded(
            {"from": NEIGHBOUR, "to": "8499", "text": "x", "date": "0001-01-01T00:00:00+14:00"}
        ),
        FORM,
    )
)
@example(
    callback=("sms", encoded({"from": NEIGHBOUR, "to": "8499", "text": "x", "id": "\x01"}), FORM)
)
@example(callback=("receipts", encoded({"id": "\ud800", "status": "\udfff"}), FORM))
def test_whatever_arrives_is_answered_and_nobody_fails(
    village: World, callback: tuple[str, bytes, str]
) -> None:
    door, body, kind = callback
    answer = village.post(door, body, content_type=kind)
    assert answer.status_code in {200, 400, 404, 413}
    if door == "ussd" and answer.status_code == 200:
        verb, _, screen = answer.text.partition(" ")
        assert verb in {"CON", "END"}
        assert is_gsm7(screen)
        assert septets(screen) <= USSD_PAGE
        assert village.runtime.words.say("error.busy", "vi", {}) != screen, "our own failure"
        again = village.post(door, body, content_type=kind)
        assert again.data == answer.data
    else:
        assert answer.data == b""
    if len(body) % 4 == 0:
        strange = village.post(door, body, content_type=kind, secret=SECRET[::-1])
        assert (strange.status_code, strange.data) == (404, b"")


@settings(max_examples=CASES // 8, suppress_health_check=[HealthCheck.too_slow])
@given(
    msisdn=numbers, answers=st.lists(keys, min_size=5, max_size=14), number=st.integers(0, 10**9)
)
def test_a_call_of_any_answers_shows_a_screen_each_time(
    village: World, msisdn: str, answers: list[str], number: int
) -> None:
    if not msisdn.startswith("+"):
        return
    caller = Phone(village, msisdn, session=f"ATUid_walk_{number}")
    caller._hop()
    for typed in answers:
        if not caller.open:
            break
        caller.key(typed.encode("utf-8", "replace").decode())
        assert caller.screen != village.runtime.words.say("error.busy", "vi", {})


def test_after_all_that_nothing_unsafe_is_stored_and_nobody_noticed(village: World) -> None:
    caller = village.phone(WITNESS)
    caller.dial()
    caller.keys("1", "1", "2")
    settings_of = settings(max_examples=200, suppress_health_check=list(HealthCheck))

    @settings_of
    @given(callback=callbacks())
    def flood(callback: tuple[str, bytes, str]) -> None:
        door, body, kind = callback
        assert village.post(door, body, content_type=kind).status_code < 500

    flood()
    caller.keys("may hong", "1")
    assert not caller.open
    texts = village.rows("""
        SELECT body FROM messages_in UNION ALL SELECT sender FROM messages_in
        UNION ALL SELECT dedupe_key FROM messages_in UNION ALL SELECT words FROM help_requests
        UNION ALL SELECT note FROM request_events UNION ALL SELECT body FROM messages_out
        UNION ALL SELECT state::text FROM ussd_sessions UNION ALL SELECT reply FROM ussd_sessions
    """)
    for (text,) in texts:
        assert not set(text or "") & set(map(chr, [*range(9), *range(11, 32), *range(127, 160)]))
        assert not set(text or "") & set("\u202e\u200b\u2066\ufeff")
    crossed = village.rows("""
        SELECT r.id FROM help_requests r JOIN phones p ON p.id = r.phone_id
        JOIN messages_out m ON m.request_id = r.id AND m.class = 'reply'
        WHERE m.msisdn <> p.msisdn
    """)
    assert crossed == []
