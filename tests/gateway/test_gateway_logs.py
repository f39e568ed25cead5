"""What a whole run leaves in the log, at its most talkative: ids, and nothing of people."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.gateway.live import Live, all_at_once, running
from tests.village import HAMLET, LEADER, NEIGHBOUR, SECRET, VILLAGER, Phone, World

WORDS = "thua ruong cua toi mat so hong"
TALE = "vuon cam nha Pao"


def walk(live: Live, world: World) -> None:
    """A villager calls for help, the leader takes it; and much goes wrong on the way."""
    villager = Phone(world, VILLAGER, session="ATUid_walk")
    live.post("ussd", villager.fields())
    for typed in ("1", HAMLET, "1", "1", "1", WORDS, "1"):
        villager.history.append(typed)
        assert live.post("ussd", villager.fields()).status == 200
    for n, (sender, text) in enumerate(
        [(LEADER, "NV 1"), (LEADER, f"XONG 1 {TALE}"), (VILLAGER, f"2 {TALE}"), (NEIGHBOUR, TALE)]
    ):
        fields = {"from": sender, "to": "8499", "text": text, "id": f"{sender}-{n}"}
        assert live.post("sms", fields).status == 200
    live.post("sms", {"to": "8499", "text": TALE})
    live.post("ussd", b"a=1&a=2&" + TALE.encode())
    live.post("sms", {"text": TALE}, secret="guessed-" + SECRET[:9])
    live.send("GET", f"/gateway/africastalking/{SECRET}/ussd?phoneNumber={VILLAGER}")
    live.send("POST", f"/gateway/africastalking/{SECRET}/{VILLAGER}", b"x")
    live.post("receipts", {"id": "ATXid_1", "status": "Success", "phoneNumber": VILLAGER})


def break_things(live: Live, world: World) -> None:
    """Statements that fail with the row in their complaint, and locks nobody gives back."""
    world.do("ALTER TABLE help_requests ADD CONSTRAINT broken CHECK (words IS NULL) NOT VALID")
    world.do("ALTER TABLE messages_in ADD CONSTRAINT broken CHECK (body = '') NOT VALID")
    try:
        caller = Phone(world, NEIGHBOUR, session="ATUid_broken")
        live.post("ussd", caller.fields())
        for typed in ("1", "2", "2", WORDS, "1"):
            caller.history.append(typed)
            assert live.post("ussd", caller.fields()).status == 200
        fields = {"from": NEIGHBOUR, "to": "8499", "text": TALE, "id": "broken"}
        assert live.post("sms", fields).status == 503
    finally:
        world.do("ALTER TABLE help_requests DROP CONSTRAINT broken")
        world.do("ALTER TABLE messages_in DROP CONSTRAINT broken")
    fields = Phone(world, NEIGHBOUR, session="ATUid_last").fields()
    all_at_once([lambda: live.post("ussd", fields) for _ in range(8)])
    world.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'caunoi web%'"
    )
    live.post("ussd", fields)


def test_no_number_name_word_or_secret_is_in_the_log_of_a_whole_run(
    world: World, database_url: str
) -> None:
    names = [row.name for row in world.rows("SELECT name FROM people WHERE name IS NOT NULL")]
    with tempfile.TemporaryDirectory(prefix="caunoi-web-") as folder:
        with running(database_url, Path(folder)) as live:
            walk(live, world)
            break_things(live, world)
        log = live.logs()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    events = {line["event"] for line in lines}
    assert {"hop_failed", "door_failed", "malformed", "not_understood"} <= events, events
    secrets = [SECRET, "k" * 32, "test-key", "guessed-" + SECRET[:9]]
    numbers = [m[-9:] for m in (VILLAGER, LEADER, NEIGHBOUR)]
    for kept in [*secrets, *numbers, *names, *WORDS.split()[:3], *TALE.split(), WORDS, TALE]:
        assert kept not in log, kept


TALKATIVE = """
import logging, structlog
from pathlib import Path
from service.logs import start_logging

start_logging("DEBUG")
log, number, secret = structlog.get_logger("any"), "+84900001234", {secret!r}
log.info("plain", msisdn=number, text="words", note=f"from {{number}}")
log.info("inside", rows=[{{"to": number, "body": "words"}}], pair=(number, 84900001234))
log.info("objects", path=Path(f"/{{number}}"), many={{number}}, count=12, share=0.5, none=None)
log.info(f"/gateway/africastalking/{{secret}}/ussd was asked by {{number}}")
logging.getLogger("library").error("POST /gateway/x/%s/sms for %s", secret, number)
try:
    raise ValueError(f"row ({{number}}, words) violates")
except ValueError:
    log.exception("failed")
"""


def test_whatever_shape_a_number_has_in_a_log_call_it_is_masked() -> None:
    code = TALKATIVE.format(secret=SECRET)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert len(lines) == 6
    for kept in ("00001234", "900001234", "words", SECRET):
        assert kept not in ran.stderr
    assert (lines[2]["count"], lines[2]["share"], lines[2]["none"]) == (12, 0.5, None)
    assert lines[-1]["error"] == "ValueError"
