"""Many people want the same seat at the same moment, through the real gateway."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable

from service.village.seat_offers import offer_seats
from tests.gateway.live import Live, Said
from tests.village import LEADER, NEIGHBOUR, Phone, World
from tests.village_work.classes import states, training
from tests.village_work.test_work_hammer import TRIES, deadlocks

CROWD = [f"+849000020{n:02}" for n in range(50)]
ROW = re.compile(r"xep hang thu (\d+)\.")
ROUNDS = 12


def text(live: Live, msisdn: str, words: str, id_: str) -> Said:
    """Text as a carrier hands it over: again, where the service was too busy."""
    for _ in range(TRIES):
        answer = live.post("sms", {"from": msisdn, "to": "8499", "text": words, "id": id_})
        if answer.status != 503:
            break
        time.sleep(0.2)
    assert answer.status == 200, answer
    return answer


def at_once(*jobs: Callable[[], object]) -> None:
    """Do all of these at the same moment; raise what any of them raised."""
    failed: list[BaseException] = []
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        barrier.wait(30)
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(110)
    assert failed == []


def inbox(world: World, msisdn: str) -> list[str]:
    return world.phone(msisdn).inbox()


def test_fifty_who_want_the_last_seat_at_once(live: Live, world: World) -> None:
    training(world, seats=1)
    before = deadlocks(world)
    at_once(*(lambda m=m: text(live, m, "LOP 12", f"in-{m}") for m in CROWD))
    assert Counter(states(world)) == {"seated": 1, "waiting": 49}
    first = {m: inbox(world, m)[0] for m in CROWD}
    seated = [said for said in first.values() if "co cho lop 12" in said]
    assert len(seated) == 1
    told = sorted(int(found[1]) for said in first.values() if (found := ROW.search(said)))
    assert told == list(range(1, 50)), "each has a place in the row of their own"
    assert all(len(inbox(world, m)) == 2 for m in CROWD), "that, and whether they are remembered"
    real = world.rows(
        """
        SELECT f.msisdn, row_number() OVER (ORDER BY e.rank, e.id) AS place
        FROM enrolments e JOIN phones f ON f.id = e.phone_id WHERE e.state = 'waiting'
        """
    )
    assert all(f"xep hang thu {row.place}." in first[row.msisdn] for row in real)
    assert deadlocks(world) == before


def test_everybody_gives_up_and_takes_at_once_and_no_seat_is_doubled(
    live: Live, world: World
) -> None:
    training(world, seats=5)
    crowd = CROWD[:16]
    before = deadlocks(world)
    for words in ("LOP 12", "HUY LOP 12", "LOP 12", "1"):
        jobs = [lambda m=m, w=words: text(live, m, w, f"in-{m}-{time.monotonic()}") for m in crowd]
        at_once(*jobs, lambda: offer_seats(world.runtime.units, world.runtime.words))
        held = [state for state in states(world) if state in {"seated", "offered"}]
        assert len(held) <= 5, words
    offer_seats(world.runtime.units, world.runtime.words)
    counted = Counter(states(world))
    assert counted["seated"] + counted["offered"] == 5, "and none is forgotten while people wait"
    assert counted["waiting"] > 0
    assert deadlocks(world) == before


def test_an_offer_is_accepted_in_the_moment_in_which_it_lapses(live: Live, world: World) -> None:
    came_of_it, units = Counter[str](), world.runtime.units
    for n in range(ROUNDS):
        number = 12 + n
        training(world, number, seats=1, in_days=2 + n)
        for msisdn in (LEADER, CROWD[2 * n], CROWD[2 * n + 1]):
            text(live, msisdn, f"LOP {number}", f"in-{number}-{msisdn}")
        text(live, LEADER, f"HUY LOP {number}", f"out-{number}")
        me, other = CROWD[2 * n], CROWD[2 * n + 1]
        before = len(inbox(world, me))
        world.do(
            """
            UPDATE enrolments SET offered_until = clock_timestamp() + :soon * interval '1 ms'
            WHERE state = 'offered'
            """,
            soon=(soon := 5 + 12 * n),
        )
        at_once(
            lambda m=me, k=number: text(live, m, "1", f"yes-{k}"),
            lambda s=soon: (time.sleep(s / 1000), offer_seats(units, world.runtime.words)),
        )
        offer_seats(units, world.runtime.words)
        held = [state for state in states(world, number) if state in {"seated", "offered"}]
        said = inbox(world, me)[before:]
        assert len(held) == 1, states(world, number)
        if any(f"co cho lop {number}" in body for body in said):
            came_of_it["taken"] += 1
            assert len(said) == 1, "who has the seat is told nothing else"
            assert states(world, number)[1:] == ["seated", "waiting"]
            assert not any("Co cho cho" in body for body in inbox(world, other))
        else:
            came_of_it["passed on"] += 1
            assert sum("van xep hang" in body for body in said) == 1
            assert sum("Co cho cho" in body for body in inbox(world, other)) == 1
            assert states(world, number)[2:] == ["offered", "waiting"]
        world.do("UPDATE trainings SET state = 'cancelled' WHERE number = :n", n=number)
    assert sum(came_of_it.values()) == ROUNDS


def test_the_same_callback_twice_at_once_registers_once(live: Live, world: World) -> None:
    training(world, seats=5)
    phone = Phone(world, NEIGHBOUR, session="ATUid_twice")
    for typed in (None, "4", "1"):
        phone.history += [typed] if typed else []
        page = live.post("ussd", phone.fields())
    assert "Toi dang ky" in page.text
    phone.history.append("1")
    answers: list[str] = []
    at_once(*(lambda: answers.append(live.post("ussd", phone.fields()).text) for _ in range(6)))
    assert set(answers) == {answers[0]}
    assert answers[0].startswith("END Mai Thu co cho lop 12")
    at_once(*(lambda: text(live, LEADER, "LOP 12", "the-same") for _ in range(6)))
    assert states(world) == ["seated", "seated"]
    for msisdn in (NEIGHBOUR, LEADER):
        assert len([said for said in inbox(world, msisdn) if "co cho lop 12" in said]) == 1


def test_a_call_that_drops_on_the_page_of_a_class_registers_nobody(world: World) -> None:
    training(world, seats=5)
    phone = world.phone(NEIGHBOUR)
    phone.dial()
    phone.keys("4", "1")
    phone.hang_up()
    phone.dial()
    assert "4 Lop hoc" in phone.screen
    assert states(world) == []
    phone.keys("4", "1", "2")
    phone.hang_up()
    phone.dial()
    assert "dang ky lop 12" in phone.screen
    phone.keys("1", "Nong Thi A")
    assert phone.screen.startswith("Nong Thi A co cho lop 12")
    assert states(world) == ["seated"]
