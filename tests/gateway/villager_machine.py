"""Villagers at their phones, doing anything in any order; what they are owed holds throughout.

What a phone shows is compared with what this machine remembers of it: nothing typed is lost, nothing
happens twice, and nobody ever reads another's words.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from service.menus import read_menus
from tests.village import LEADER, NEIGHBOUR, VILLAGER, Phone, World, demo_village, empty_tables

PEOPLE = (VILLAGER, NEIGHBOUR, LEADER)
FILED = re.compile(r"Da ghi viec so (\d{4})")
KEYS = (
    "1",
    "1",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "0",
    "99",
    "00018",
    "",
    "x",
    "1*1",
    "😀",
)
TEXTS = (
    *("GIUP", "GIUP VNEID", "GIUP 00018 VSSID", "YC", "HUY", "1", "2", "1 0", "MENU", "TIN", "DL"),
    *(
        "xin chao",
        "giup toi voi",
        "NV 1",
        "XONG 1",
        "NV",
        "TC",
        "DK TIN",
        "HD VNEID",
        "NN",
        "?",
        "",
    ),
)
MENU = read_menus().dialogue.menu
SAID = "tu rieng cua "
"""Begins the words each person types, with their own number behind it."""
DATA = "help_requests", "request_events", "messages_out", "consents", "people"


@dataclass
class Owed:
    """What each person is owed."""

    left: dict[str, str] = field(default_factory=dict)
    """Screen on which a person's last call dropped."""
    filed: Counter[str] = field(default_factory=Counter)
    """Number of a request -> how often a last screen named it as new."""


class VillagerMachine(RuleBasedStateMachine):
    """Three phones on one village."""

    world: ClassVar[World]
    steps: ClassVar[Counter[str]] = Counter()

    @initialize()
    def first_day(self) -> None:
        empty_tables(self.world.engine)
        demo_village(self.world)
        self.world.refresh()
        self.owed = Owed()

    def phone(self, who: int) -> Phone:
        return self.world.phone(PEOPLE[who])

    # -- what people do

    @rule(who=st.integers(0, 2))
    def dial(self, who: int) -> None:
        self.steps["dial"] += 1
        phone = self.phone(who)
        if phone.open:
            self._drop(phone, told=False)
        left = self.owed.left.pop(phone.msisdn, None)
        phone.dial()
        screen = self._screen_of(phone)
        if left is None or MENU.screens[left].redial != "ask":
            return
        assert screen == "resume", f"{left} was not found again: {phone.screen}"
        self.steps["resumed"] += 1
        phone.key("1")
        assert self._screen_of(phone) == left

    @rule(who=st.integers(0, 2), typed=st.sampled_from(KEYS))
    def key(self, who: int, typed: str) -> None:
        phone = self.phone(who)
        if not phone.open:
            return
        self.steps["key"] += 1
        phone.key(typed)
        self._note_filed(phone)

    @rule(who=st.integers(0, 2), keys=st.lists(st.sampled_from(["1", "1", "2", "5"]), max_size=5))
    def on_towards_a_request(self, who: int, keys: list[str]) -> None:
        """Chance alone seldom gets through a form."""
        if not self.phone(who).open:
            self.dial(who)
        for typed in ["1", *keys]:
            self.key(who, typed)

    @rule(who=st.integers(0, 2))
    def say(self, who: int) -> None:
        """Type words of one's own, where the screen asks for any."""
        phone = self.phone(who)
        if phone.open and MENU.screens[self._screen_of(phone)].check == "words":
            self.steps["key"] += 1
            phone.key(f"{SAID}{phone.msisdn[-2:]}")

    @rule(who=st.integers(0, 2), told=st.booleans())
    def drop(self, who: int, told: bool) -> None:
        if self.phone(who).open:
            self._drop(self.phone(who), told=told)

    def _drop(self, phone: Phone, *, told: bool) -> None:
        self.steps["drop"] += 1
        screen = self._screen_of(phone)
        if screen != "resume":
            self.owed.left[phone.msisdn] = screen
        if told:
            ended = {**phone.fields(), "status": "Incomplete", "date": "2026-11-24 06:04:45"}
            del ended["text"]
            assert self.world.post("ussd-events", ended).status_code == 200
        phone.open = False

    @rule(who=st.integers(0, 2))
    def again(self, who: int) -> None:
        """The carrier delivers the last hop once more."""
        phone = self.phone(who)
        if not phone.session or not phone.open:
            return
        self.steps["duplicate"] += 1
        before = self._rows()
        answer = self.world.post("ussd", phone.fields())
        assert answer.text.partition(" ")[2] == phone.screen
        assert self._rows() == before, "the same hop had another effect"

    @rule(who=st.integers(0, 2), words=st.sampled_from(TEXTS))
    def text(self, who: int, words: str) -> None:
        self.steps["text"] += 1
        phone = self.phone(who)
        name = f"m-{phone.msisdn}-{self.steps['text']}"
        phone.text(words, id=name)
        before = self._rows()
        phone.text(words, id=name)
        assert self._rows() == before, "the same SMS had another effect"

    # -- what must hold

    @invariant()
    def nothing_is_lost_doubled_or_crossed(self) -> None:
        for number, times in self.owed.filed.items():
            rows = self.world.rows(
                "SELECT state FROM help_requests WHERE number = :n", n=int(number)
            )
            # The number of one that has ended may be drawn again, one time in nine thousand.
            live = [row for row in rows if row.state in {"open", "accepted", "done"}]
            assert len(rows) == times, f"request {number}"
            assert len(live) <= 1, f"request {number}"
        crossed = self.world.rows(
            """
            SELECT FROM messages_out m JOIN help_requests r ON r.id = m.request_id
            JOIN phones p ON p.id = r.phone_id
            WHERE m.class = 'reply' AND m.msisdn <> p.msisdn
            """
        )
        assert not crossed, "somebody else was answered"
        for msisdn in PEOPLE:
            shown = self.world.phone(msisdn).screen
            mine = f"{SAID}{msisdn[-2:]}"
            assert SAID not in shown.replace(mine, "") or msisdn == LEADER, "another's words"

    def _screen_of(self, phone: Phone) -> str:
        return str(
            self.world.one(
                "SELECT state->>'s' AS screen FROM ussd_sessions "
                "WHERE session_id = :session AND msisdn = :msisdn",
                session=phone.session,
                msisdn=phone.msisdn,
            ).screen
        )

    def _note_filed(self, phone: Phone) -> None:
        found = None if phone.open else FILED.search(phone.screen)
        if found:
            self.owed.filed[found[1]] += 1
            self.steps["filed"] += 1

    def _rows(self) -> list[int]:
        return [self.world.one(f"SELECT count(*) AS n FROM {table}").n for table in DATA]
