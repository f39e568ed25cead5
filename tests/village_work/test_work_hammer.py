"""Everybody does everything at once on the same few phones: no deadlock, nothing lost or doubled."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict

from tests.gateway.live import Live
from tests.village import (
    DEPUTY,
    FAR_AWAY,
    HAMLET,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    VILLAGER,
    Phone,
    World,
)

TEAM = (LEADER, DEPUTY, MEMBER)
VILLAGERS = (VILLAGER, NEIGHBOUR, FAR_AWAY, LEADER)
ROUNDS = 40
TRIES = 6
"""What the service is too busy for the carrier hands over again; it must be taken in the end."""
MOVES = {
    ("unfinished", "started"): "unfinished",
    ("unfinished", "opened"): "open",
    ("unfinished", "cancelled"): "cancelled",
    ("open", "told"): "open",
    ("open", "accepted"): "accepted",
    ("open", "cancelled"): "cancelled",
    ("accepted", "done"): "done",
    ("accepted", "cancelled"): "cancelled",
    ("done", "solved"): "closed",
    ("done", "reopened"): "accepted",
    ("done", "cancelled"): "cancelled",
}
"""The whole life of a request: what may happen in which state."""


class Crowd:
    """Twelve people at it and a clock, each in a thread."""

    def __init__(self, live: Live, world: World) -> None:
        self.live, self.world = live, world
        self.statuses: list[tuple[int, str]] = []

    def member(self, msisdn: str, seed: int) -> None:
        chance = random.Random(seed)
        for n in range(ROUNDS):
            word = chance.choice(["NV", "XONG", "XONG"])
            number = chance.choice(["", "1", "2", "3", "4", "5", "6"])
            self.text(msisdn, f"{word} {number}", f"{seed}-{n}")

    def villager(self, msisdn: str, seed: int) -> None:
        chance = random.Random(seed)
        for n in range(ROUNDS):
            topic = chance.choice(["VNEID", "VSSID", "DVC"])
            word = chance.choice(
                [f"GIUP {HAMLET} {topic}", "HUY", "HUY {n}", "1 {n}", "2 {n}", "1", "2"]
            )
            self.text(msisdn, word.replace("{n}", self.own(msisdn, chance)), f"{seed}-{n}")

    def caller(self, msisdn: str, seed: int) -> None:
        chance = random.Random(seed)
        for n in range(ROUNDS // 4):
            phone = Phone(self.world, msisdn, session=f"ATUid_{seed}_{n}")
            for typed in [None, *chance.choice(["111", "121", "5111", "511", "512", "1", "51"])]:
                if typed:
                    phone.history.append(typed)
                answer = self.live.post("ussd", phone.fields())
                self.statuses.append((answer.status, answer.text))

    def forgetter(self, stop: threading.Event) -> None:
        """Make every number one that was not heard for long, so that hearing it is noted again."""
        while not stop.wait(0.02):
            for (phone_id,) in self.world.rows("SELECT id FROM phones"):
                self.world.do("UPDATE phones SET last_heard_at = NULL WHERE id = :id", id=phone_id)

    def climber(self, stop: threading.Event) -> None:
        """Let whatever nobody has taken move up, over and over, as the clock does."""
        while not stop.wait(0.5):
            self.world.move_up()

    def text(self, msisdn: str, words: str, id_: str) -> None:
        fields = {"from": msisdn, "to": "8499", "text": words, "id": id_}
        for _ in range(TRIES):
            answer = self.live.post("sms", fields)
            if answer.status != 503:
                break
            time.sleep(0.2)
        self.statuses.append((answer.status, words))

    def own(self, msisdn: str, chance: random.Random) -> str:
        rows = self.world.rows(
            "SELECT number FROM help_requests r JOIN phones p ON p.id = r.phone_id "
            "WHERE msisdn = :m AND state IN ('open', 'accepted', 'done')",
            m=msisdn,
        )
        return str(chance.choice(rows).number) if rows else "1"


def run(crowd: Crowd) -> None:
    jobs = [(crowd.member, member) for member in TEAM * 2]
    jobs += [(crowd.villager, villager) for villager in VILLAGERS]
    jobs += [(crowd.caller, villager) for villager in VILLAGERS[:3]]
    threads = [
        threading.Thread(target=job, args=(msisdn, seed)) for seed, (job, msisdn) in enumerate(jobs)
    ]
    stop = threading.Event()
    around = [
        threading.Thread(target=job, args=(stop,)) for job in (crowd.forgetter, crowd.climber)
    ]
    for thread in around:
        thread.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(110)
    stop.set()
    for thread in around:
        thread.join(30)


def deadlocks(world: World) -> int:
    world.do("SELECT pg_stat_force_next_flush()")
    row = world.one("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return int(row.deadlocks)


def test_everybody_at_once(live: Live, world: World) -> None:
    before, said_before = deadlocks(world), len(live.logs())
    crowd = Crowd(live, world)
    run(crowd)
    failed = [s for s in crowd.statuses if s[0] != 200 or "Xin loi" in s[1]]
    assert failed == [], live.logs()[said_before:][-3000:]
    assert deadlocks(world) == before
    assert '"level": "error"' not in live.logs()[said_before:]
    check(world)


def check(world: World) -> None:
    requests = world.rows("SELECT * FROM help_requests ORDER BY id")
    assert len({r.state for r in requests}) >= 3, "the crowd did too little to tell anything"
    history = defaultdict(list)
    for row in world.rows("SELECT request_id, event FROM request_events ORDER BY id"):
        history[row.request_id].append(row.event)
    holders = defaultdict(set)
    for row in world.rows("SELECT request_id, phone_id FROM task_numbers WHERE freed_at IS NULL"):
        holders[row.request_id].add(row.phone_id)
    asked = {
        row.request_id
        for row in world.rows("SELECT request_id FROM questions WHERE closed_at IS NULL")
    }
    phone_of = {row.id: row.phone_id for row in world.rows("SELECT id, phone_id FROM people")}
    for request in requests:
        state = "unfinished"
        for event in history[request.id]:
            assert (state, event) in MOVES, (history[request.id], request.state)
            state = MOVES[state, event]
        assert state == request.state, history[request.id]
        assert history[request.id].count("opened") == (0 if request.number is None else 1)
        assert history[request.id].count("reopened") == request.reopened
        assert (request.id in asked) == (state == "done")
        if state in {"accepted", "done"}:
            assert holders[request.id] == {phone_of[request.accepted_by]}
        elif state == "open":
            assert request.accepted_by is None
            assert holders[request.id]
        else:
            assert not holders[request.id]
    live = [r.number for r in requests if r.state in {"open", "accepted", "done"}]
    assert len(live) == len(set(live))
    told = world.rows("SELECT msisdn, idem_key FROM messages_out GROUP BY 1, 2 HAVING count(*) > 1")
    assert told == []
