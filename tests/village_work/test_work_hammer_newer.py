"""The newer words, and the clock's newer jobs, all at once on the same few phones."""

from __future__ import annotations

import os
import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from service.dialogue.ladder import Held
from service.outbox.budget import lock_number
from service.records.unit import Unit
from service.text.phones import Msisdn
from service.text.waking import ALWAYS
from service.village import acts
from service.village.climbing import climb_due
from service.village.desk import Desk
from service.village.erasure import erase_all
from service.village.gap_warnings import watch_gaps
from service.village.held import look_after_held
from service.village.managing import manager_at
from service.village.proofs import Act
from service.village.reminders import lapse_swaps, remind_duties
from service.village.uninvited import end_invitations
from tests.gateway.live import Live
from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    FAR_AWAY,
    HAMLET,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    PROVINCE_DUTY,
    VILLAGER,
    World,
)
from tests.village_work.test_work_hammer import Crowd, deadlocks

SECONDS = int(os.environ.get("HAMMER_SECONDS", "0"))
SOON = timedelta(seconds=1)
NEW = "+84900000031"
JOBS = [climb_due, look_after_held, watch_gaps, lapse_swaps, remind_duties, end_invitations]
WORDS = (
    *("NV {n}", "NV {n}", "XONG {n}", "CHUYEN {n}", "CHUYEN {n} xa", "CHUYEN {n} {member}"),
    *("HOI {n} may gio ranh?", "NGHI NGAY {day}", "NGHI 1", "VE", "TRUC {day}", "DOI TRUC {day}"),
    *(
        "NHAN TRUC {day}",
        "DOI TRUC {day} {other}",
        "NHAN TRUC",
        "VIEC",
        "GIO 6-20",
        "BOT 0900000007",
    ),
)
ASKS = ("GIUP {h} VNEID", "GIUP {h} DVC", "TL sang mai", "1", "2", "HUY", "CUU", "NHAM ROI", "YC")


BUSY = ("LockNotAvailable", "QueryCanceled", "lock timeout", "statement timeout")
"""Waiting for longer than a caller may wait, on a machine that is busy: tried again."""


class Newer(Crowd):
    def __init__(self, live: Live, world: World) -> None:
        super().__init__(live, world)
        self.until = time.monotonic() + SECONDS
        self.faults: list[str] = []
        self.done: Counter[str] = Counter()

    def while_there_is_time(self, do: Callable[[random.Random, int], None], seed: int) -> None:
        chance, n = random.Random(seed), 0
        while time.monotonic() < self.until:
            n += 1
            try:
                do(chance, n)
            except Exception:  # noqa: BLE001 - the test says so at its end
                self.faults.append(traceback.format_exc()[-2500:])

    def member_says(self, msisdn: str) -> Callable[[random.Random, int], None]:
        def say(chance: random.Random, n: int) -> None:
            words = chance.choice(WORDS).format(
                n=chance.choice(["", 1, 2, 3, 4, 5]),
                member=chance.choice(["0900000002", "0900000003", "0900000004", "0900000005"]),
                day=self.day(chance),
                other=self.day(chance),
            )
            self.text(msisdn, words, f"{msisdn}-{n}-{chance.random()}")

        return say

    def villager_says(self, msisdn: str) -> Callable[[random.Random, int], None]:
        def say(chance: random.Random, n: int) -> None:
            words = chance.choice(ASKS).format(h=HAMLET)
            self.text(msisdn, words, f"{msisdn}-{n}-{chance.random()}")

        return say

    def day(self, chance: random.Random) -> str:
        row = self.world.one(
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh'"
            " + make_interval(days => :n), 'DD/MM') AS day",
            n=chance.randint(1, 4),
        )
        return str(row.day)

    def desk(self, unit: Unit, msisdn: str, cause: str) -> Desk:
        return Desk(unit, self.world.runtime.words, Msisdn(msisdn), "ussd", f"ussd:{cause}")

    def act(self, chance: random.Random, n: int) -> None:
        who = chance.choice([LEADER, COMMUNE_DUTY])
        with self.world.runtime.units.open() as unit:
            lock_number(unit.session.connection(), who)
            desk = self.desk(unit, who, f"{id(chance)}:{n}")
            manager = manager_at(desk)
            if manager is None:
                return
            people = self.world.rows("SELECT id FROM people WHERE phone_id IS NOT NULL")
            person = str(chance.choice(people).id)
            hamlet = str(manager.hamlets[0].id)
            number = chance.choice([NEW, NEIGHBOUR, MEMBER, FAR_AWAY])
            act = chance.choice([
                Act(acts.MOVE, {"person": person, "number": number}),
                Act(acts.MOVE, {"person": person, "number": number}),
                Act(acts.REMOVE, {"person": person}),
                Act(acts.ADD, {"number": NEW, "name": "Nông Văn Thử", "area": hamlet}),
                Act(acts.HOUSEHOLD, {"name": "co Lan", "person": person}),
            ])  # fmt: skip
            self.done[f"{act.name} {acts.carry_out(desk, manager, act).key}"] += 1

    def again(self, _chance: random.Random, _n: int) -> None:
        """Put whoever was removed into the team again, and let moves be long ago."""
        time.sleep(0.3)
        self.world.do(
            """UPDATE memberships SET until = NULL WHERE id IN (
                   SELECT m.id FROM memberships m JOIN people p ON p.id = m.person_id
                   WHERE m.until IS NOT NULL AND p.phone_id IS NOT NULL FOR UPDATE SKIP LOCKED)"""
        )
        self.world.do("DELETE FROM audit WHERE action = 'moved_number'")
        self.world.do(
            """UPDATE invitations SET asked_at = asked_at - interval '2 days'
               WHERE id IN (SELECT id FROM invitations WHERE ended_at IS NOT NULL
                              AND asked_at > clock_timestamp() - interval '1 day'
                            FOR UPDATE SKIP LOCKED)"""
        )

    def erase(self, chance: random.Random, n: int) -> None:
        time.sleep(0.2)
        who = chance.choice([VILLAGER, NEIGHBOUR, NEW])
        with self.world.runtime.units.open() as unit:
            lock_number(unit.session.connection(), who)
            desk = self.desk(unit, who, f"{id(chance)}:{n}")
            if desk.known_phone() is not None:
                erase_all(desk)
                self.done["erase"] += 1

    def clock(self, chance: random.Random, _n: int) -> None:
        runtime = self.world.runtime
        words = replace(
            runtime.words,
            ladders=replace(runtime.words.ladders, waking=ALWAYS, held=Held(SOON, SOON)),
        )
        self.world.do(
            """UPDATE climbs SET due_at = clock_timestamp() WHERE request_id IN (
                   SELECT request_id FROM climbs WHERE due_at IS NOT NULL FOR UPDATE SKIP LOCKED)"""
        )
        for job in chance.sample(JOBS, 3):
            self.done[job.__name__] += job(runtime.units, words)


def run(crowd: Newer) -> None:
    members = (LEADER, DEPUTY, MEMBER, LEADER, MEMBER, COMMUNE_DUTY, PROVINCE_DUTY)
    doings = [crowd.member_says(member) for member in members]
    doings += [crowd.villager_says(who) for who in (VILLAGER, NEIGHBOUR, FAR_AWAY, NEW)]
    doings += [crowd.act, crowd.act, crowd.erase, crowd.clock, crowd.clock, crowd.again]
    threads = [
        threading.Thread(target=crowd.while_there_is_time, args=(do, seed))
        for seed, do in enumerate(doings)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS + 60)


@pytest.mark.skipif(not SECONDS, reason="takes a machine of its own: make hammer")
def test_the_newer_words_at_once(live: Live, world: World) -> None:
    before, said_before = deadlocks(world), len(live.logs())
    crowd = Newer(live, world)
    run(crowd)
    assert crowd.faults == []
    assert {status for status, _ in crowd.statuses} == {200}, live.logs()[said_before:][-3000:]
    assert deadlocks(world) == before
    errors = [line for line in live.logs()[said_before:].splitlines() if '"level": "error"' in line]
    assert [line for line in errors if not any(busy in line for busy in BUSY)] == []
    assert {"erase", "climb_due", "remove removed_member"} <= set(crowd.done)
    check(world)


def check(world: World) -> None:
    """Nobody waits for nobody, and nobody for somebody who is gone."""
    for wrong in (
        """SELECT r.id FROM help_requests r LEFT JOIN climbs c ON c.request_id = r.id
           WHERE (r.state = 'open') <> (c.due_at IS NOT NULL)""",
        """SELECT r.id FROM help_requests r WHERE r.state = 'accepted' AND NOT EXISTS (
               SELECT FROM memberships m JOIN people p ON p.id = m.person_id
               WHERE m.person_id = r.accepted_by AND m.until IS NULL AND p.phone_id IS NOT NULL)""",
        """SELECT i.id FROM inquiries i JOIN help_requests r ON r.id = i.request_id
           WHERE i.ended_at IS NULL AND r.state NOT IN ('open', 'accepted', 'done')""",
        """SELECT d.day FROM duties d WHERE NOT EXISTS (
               SELECT FROM people p WHERE p.id = d.person_id AND p.phone_id IS NOT NULL)""",
        "SELECT id FROM phones WHERE msisdn LIKE '%*%'",
    ):
        assert world.rows(wrong) == [], wrong
