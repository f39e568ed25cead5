"""Who refuses news gets none from that moment on, however many are on their way; rescue still comes."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import IntegrityError

from service.menus import read_menus
from service.outbox import claim as claims
from service.outbox.promos import NotAllowed
from service.outbox.put import Message, put
from service.outbox.sweep import sweep
from service.records.messages import MessageClass
from service.text.phones import Msisdn
from service.village.suppressions import digest
from tests.village import NEIGHBOUR, VILLAGER, World
from tests.village_work.traces import Carrier, deliver, sender
from tests.village_work.words import forget_answers, say

ALIASES = (
    "TC", "tc.", "Từ chối", "TU CHOI", "STOP", "Stop!", "NGUNG", "NGUNG TIN", "HUY TIN", "KHONG NHAN",
    "KHONG NHAN TIN", "TUWF CHOOIS", "khong muon nhan tin", "T C",
)  # fmt: skip
QC = "[QC] Cho phien thu 7 o xa. Tu choi: soan TC gui 8499."


def news(
    world: World, to: str, key: str, kind: MessageClass = MessageClass.NOTICE, **more
) -> int | None:
    with world.runtime.units.open() as unit:
        its = digest(world.runtime.words.key, to)
        message = Message(
            key, kind, Msisdn(to), more.pop("body", f"Hop xom {key}"), recipient_digest=its, **more
        )
        return put(unit, message)


def states(world: World, to: str) -> list[str]:
    return [
        r.state
        for r in world.rows(
            "SELECT state FROM messages_out WHERE msisdn = :to AND class IN ('notice', 'promo') ORDER BY id",
            to=to,
        )
    ]


def confirmations(world: World, to: str) -> list[str]:
    return [body for body in world.phone(to).inbox() if "Da ngung gui tin luc" in body]


@pytest.mark.parametrize("word", ALIASES)
def test_every_way_to_say_it_stops_at_once_and_is_confirmed_once(world: World, word: str) -> None:
    news(world, NEIGHBOUR, "a")
    (answer,) = world.phone(NEIGHBOUR).text(word)
    now = world.one(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY') AS day"
    )
    assert answer == confirmations(world, NEIGHBOUR)[0]
    assert now.day in answer
    assert states(world, NEIGHBOUR) == ["cancelled"]
    forget_answers(world)
    assert world.phone(NEIGHBOUR).text(word) == []
    assert news(world, NEIGHBOUR, "b") is None
    assert states(world, NEIGHBOUR) == ["cancelled"]


@pytest.mark.parametrize(
    "before", [["MENU"], ["MENU", "1", "1", "2"], ["HUY"], ["XOA"], ["GIUP"], ["CUU"]]
)
def test_it_stops_in_the_middle_of_anything(world: World, before: list[str]) -> None:
    neighbour = world.phone(NEIGHBOUR)
    for text in before:
        neighbour.text(text)
        forget_answers(world)
    news(world, NEIGHBOUR, "a")
    neighbour.text("TC")
    assert states(world, NEIGHBOUR) == ["cancelled"]
    assert len(confirmations(world, NEIGHBOUR)) == 1


def test_a_number_nobody_knows_may_refuse_and_nothing_is_kept_of_it(world: World) -> None:
    world.phone(VILLAGER).text("TC")
    assert len(confirmations(world, VILLAGER)) == 1
    assert world.rows("SELECT FROM phones WHERE msisdn = :n", n=VILLAGER) == []
    assert news(world, VILLAGER, "a") is None


def test_a_number_that_wants_news_again_gets_it(world: World) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.text("TC")
    assert neighbour.text("DK TIN") == [say(world, "sms.opted_in")]
    assert news(world, NEIGHBOUR, "a") is not None
    kinds = world.rows("SELECT kind, given, channel FROM consents WHERE kind = 'news' ORDER BY id")
    assert [tuple(row) for row in kinds] == [("news", False, "sms"), ("news", True, "sms")]


def test_rescue_and_answers_still_come(world: World) -> None:
    world.phone(NEIGHBOUR).text("TC")
    assert news(world, NEIGHBOUR, "e", MessageClass.EMERGENCY) is not None
    assert world.phone(NEIGHBOUR).text("YC")
    assert NEIGHBOUR in dict(deliver(world).taken)


def test_what_a_worker_holds_already_is_not_begun(world: World, monkeypatch) -> None:
    by_any_hour(monkeypatch)
    news(world, NEIGHBOUR, "a")
    with world.engine.begin() as connection:
        leased = claims.claim(connection, "bulk", "africastalking", 10)
    assert len(leased) == 1
    world.phone(NEIGHBOUR).text("TC")
    with world.engine.begin() as connection:
        assert claims.begin(connection, leased, "africastalking") == []
        claims.release(connection, leased)
    assert states(world, NEIGHBOUR) == ["cancelled"]


def test_what_a_transaction_puts_that_did_not_see_the_refusal_never_leaves(
    world: World, monkeypatch
) -> None:
    by_any_hour(monkeypatch)
    with world.runtime.units.open() as unit:
        its = digest(world.runtime.words.key, NEIGHBOUR)
        assert (
            put(
                unit,
                Message(
                    "late", MessageClass.NOTICE, Msisdn(NEIGHBOUR), "Hop", recipient_digest=its
                ),
            )
            is not None
        )
        world.phone(NEIGHBOUR).text("TC")
    assert states(world, NEIGHBOUR) == ["queued"]
    assert sender(world, carrier := Carrier()).drain("bulk", lambda: False) == 0
    assert carrier.taken == []
    assert sweep(world.engine)["refused"] == 1
    assert states(world, NEIGHBOUR) == ["cancelled"]


def by_any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let news leave at the hour the test happens to run."""
    monkeypatch.setattr(claims, "BY_DAY_ONLY", [])


def test_refusing_while_a_broadcast_is_being_sent(world: World, monkeypatch) -> None:
    """500 messages, four senders, ten people who refuse meanwhile: nothing after the confirmation."""
    by_any_hour(monkeypatch)
    world.nothing_leaves = True  # but by the workers below
    everybody = [f"+849000{n:05d}" for n in range(1000, 1500)]
    refusing = everybody[250:500:25]
    with world.runtime.units.open() as unit:
        for to in everybody:
            its = digest(world.runtime.words.key, to)
            put(
                unit,
                Message(
                    f"tb:{to}", MessageClass.NOTICE, Msisdn(to), f"Hop {to}", recipient_digest=its
                ),
            )
    carrier, done = Carrier(), threading.Event()

    def send(lane: str) -> None:
        mine = sender(world, carrier)
        while not done.is_set():
            mine.drain(lane, done.is_set)

    threads = [
        threading.Thread(target=send, args=(lane,)) for lane in ("bulk", "bulk", "bulk", "reply")
    ]
    for thread in threads:
        thread.start()
    for to in refusing:
        world.phone(to).text("TC")
        news(world, to, f"rescue:{to}", MessageClass.EMERGENCY)
    waiting = "SELECT count(*) AS n FROM messages_out WHERE state IN ('queued', 'leased', 'sending') AND class = 'notice'"
    while world.one(waiting).n:
        done.wait(0.05)
    world.do(
        "UPDATE messages_out SET due_at = clock_timestamp() WHERE class = 'reply' AND state = 'queued'"
    )
    done.set()
    for thread in threads:
        thread.join()
    deliver(world, carrier)
    for to in refusing:
        heard = [body for number, body in carrier.taken if number == to]
        told = [n for n, body in enumerate(heard) if "Da ngung gui tin" in body]
        assert len(told) == 1
        assert not any(body.startswith("Hop +") for body in heard[told[0] :]), heard
        assert "Hop xom rescue" in " ".join(heard)
    assert sum(body.startswith("Hop +") for _, body in carrier.taken) + sum(
        row.state == "cancelled"
        for row in world.rows("SELECT state FROM messages_out WHERE class = 'notice'")
    ) == len(everybody)


def test_the_confirmation_waits_for_what_is_leaving_this_moment(world: World, monkeypatch) -> None:
    by_any_hour(monkeypatch)
    news(world, NEIGHBOUR, "a")
    with world.engine.begin() as connection:
        leased = claims.claim(connection, "bulk", "africastalking", 10)
        assert claims.begin(connection, leased, "africastalking")
    world.phone(NEIGHBOUR).text("TC")
    told = world.one(
        "SELECT due_at > clock_timestamp() + interval '9 seconds' AS waits "
        "FROM messages_out WHERE class = 'reply'"
    )
    assert told.waits
    assert states(world, NEIGHBOUR) == ["sending"]


# -- advertising


def agreed(world: World) -> int:
    phone = world.one("SELECT id FROM phones WHERE msisdn = :n", n=NEIGHBOUR).id
    world.do(
        "INSERT INTO consents (phone_id, kind, given, wording, channel) "
        "VALUES (:p, 'promo', true, 'test', 'sms')",
        p=phone,
    )
    return phone


@pytest.mark.parametrize(
    "body",
    ["Cho phien. Tu choi: soan TC gui 8499.", "[QC] Cho phien thu 7.", "[QC]Cho. TC gui 8499"],
)
def test_advertising_without_its_label_or_its_refusal_is_refused(world: World, body: str) -> None:
    phone = agreed(world)
    with pytest.raises(NotAllowed):
        news(world, NEIGHBOUR, "qc", MessageClass.PROMO, body=body, phone_id=phone)


def test_advertising_needs_a_consent_of_its_own(world: World) -> None:
    phone = world.one("SELECT id FROM phones WHERE msisdn = :n", n=NEIGHBOUR).id
    for phone_id in (None, phone):
        with pytest.raises(NotAllowed):
            news(world, NEIGHBOUR, "qc", MessageClass.PROMO, body=QC, phone_id=phone_id)


def test_the_fourth_advertisement_of_a_day_is_held_until_it_may_go(world: World) -> None:
    phone = agreed(world)
    for n in range(4):
        assert news(world, NEIGHBOUR, f"qc{n}", MessageClass.PROMO, body=QC, phone_id=phone)
    assert states(world, NEIGHBOUR) == ["queued"] * 3 + ["held"]
    assert "promo_released" not in sweep(world.engine)
    world.do("UPDATE messages_out SET state = 'expired' WHERE state = 'queued'")
    assert sweep(world.engine)["promo_released"] == 1
    assert states(world, NEIGHBOUR) == ["expired"] * 3 + ["queued"]


def test_news_without_what_a_refusal_is_looked_up_by_is_a_fault(world: World) -> None:
    with pytest.raises(ValueError, match="digest"), world.runtime.units.open() as unit:
        put(unit, Message("n", MessageClass.NOTICE, Msisdn(NEIGHBOUR), "Hop"))


def test_news_put_past_the_door_without_it_is_refused_by_the_database(world: World) -> None:
    with pytest.raises(IntegrityError, match="refusable"):
        world.do(
            """
            INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments,
                                      state, valid_until)
            VALUES ('raw', 'notice', 'bulk', 1, :n, 'Hop', 1, 'queued',
                    clock_timestamp() + interval '1 hour')
            """,
            n=NEIGHBOUR,
        )


def test_every_word_of_the_file_that_refuses_is_understood(world: World) -> None:
    keywords = read_menus().inbox.keywords
    for word in ALIASES:
        assert keywords.understand(word, leads=False).intent == "opt_out", word
