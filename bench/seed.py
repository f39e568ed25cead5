"""A province full of invented people: what the database holds while a hop is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from service.text.codes import hamlet_code
from service.text.fold import search_key
from service.village.gazetteer import load_places

DATA = Path(__file__).resolve().parents[1] / "data"
PEOPLE = 100_000
HAMLETS = 2_000
"""About as many as the province has; each gets a leader and a member to tell."""
FIRST_NUMBER = 900_000_000
"""Where invented numbers begin, without the country code."""

PHONES = text("""
    INSERT INTO phones (msisdn) SELECT '+84' || (:first + n) FROM generate_series(0, :last) AS n
""")
PERSONS = text("""
    WITH hamlets AS (SELECT id, row_number() OVER (ORDER BY code) - 1 AS place
                     FROM areas WHERE kind = 'hamlet'),
         callers AS (SELECT id, substring(msisdn FROM 4)::bigint - :first AS n FROM phones)
    INSERT INTO people (name, area_id, phone_id)
    SELECT CASE WHEN n >= :people THEN 'Người ' || n ELSE 'Bà con ' || n END, h.id, c.id
    FROM callers c JOIN hamlets h ON h.place = c.n % :hamlets
    ORDER BY n
""")
AND_THEN = (
    "UPDATE phones p SET holder_id = h.id FROM people h WHERE h.phone_id = p.id",
    """INSERT INTO consents (phone_id, kind, given, wording, channel)
       SELECT id, 'storage', true, 'bench', 'seed' FROM phones""",
    """INSERT INTO teams (name, level) SELECT 'Tổ ' || code, 'hamlet'
       FROM areas WHERE kind = 'hamlet'""",
    """INSERT INTO team_areas (team_id, area_id) SELECT t.id, a.id
       FROM areas a JOIN teams t ON t.name = 'Tổ ' || a.code WHERE a.kind = 'hamlet'""",
)
HISTORY = (
    """INSERT INTO help_requests (number, state, topic, area_id, phone_id, language, channel,
                                  idem_key, created_at, closed_at)
       SELECT 1000 + c.id % 9000, 'closed', 'vneid', h.area_id, c.id, 'vi', 'ussd', 'past:' || c.id,
              now() - interval '30 days', now() - interval '29 days'
       FROM phones c JOIN people h ON h.phone_id = c.id WHERE c.id % 5 = 0""",
    """INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, phone_id, request_id,
                                 body, segments, state, valid_until, created_at)
       SELECT 'past:' || r.id, 'reply', 'reply', 0, c.msisdn, c.id, r.id, 'Xin chao', 1,
              'delivered', r.closed_at, r.created_at
       FROM help_requests r JOIN phones c ON c.id = r.phone_id""",
    """INSERT INTO task_numbers (phone_id, request_id, number, given_at, freed_at)
       SELECT phone_id, id, 1, created_at, closed_at FROM help_requests""",
    """INSERT INTO request_events (request_id, event, at)
       SELECT id, 'opened', created_at FROM help_requests""",
    """INSERT INTO ussd_sessions (carrier, session_id, msisdn, hop, seen_length, seen_digest,
                                  state, reply, open, updated_at)
       SELECT 'africastalking', 'ATUid_past' || id, msisdn, 5, 9, md5(msisdn), '{}', 'Cam on',
              false, now() - interval '1 day' FROM phones WHERE id % 2 = 0""",
)
"""What has happened before: a service that has run for a while, and is planned for as such."""
MEMBERS = text("""
    INSERT INTO memberships (team_id, person_id, role)
    SELECT ta.team_id, h.id, CASE WHEN n < :people + :hamlets THEN 'leader' ELSE 'member' END
    FROM (SELECT id, substring(msisdn FROM 4)::bigint - :first AS n FROM phones) c
    JOIN people h ON h.phone_id = c.id JOIN team_areas ta ON ta.area_id = h.area_id
    WHERE n >= :people
""")
HAMLET = text("""
    INSERT INTO areas (kind, code, title, name, name_key, parent_id)
    VALUES ('hamlet', :code, 'Xóm', :name, :name_key, :parent_id)
""")


@dataclass(frozen=True, slots=True)
class Place:
    """A hamlet as its people are shown it, and who is named to them as the leader."""

    hamlet: str
    commune: str
    leader: str


def vacuum(engine: Engine) -> None:
    """Let the planner know what the tables hold, as it would after a while of running."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def seed(engine: Engine, people: int = PEOPLE, *, with_past: bool = True) -> list[Place]:
    """Fill an empty, migrated database; return the hamlets, person n living in `n % HAMLETS`.

    `with_past` gives it some history; without, nothing has happened yet.
    """
    with Session(engine) as session, session.begin():
        load_places(session, DATA)
    values = {"first": FIRST_NUMBER, "people": people, "hamlets": HAMLETS}
    with engine.begin() as connection:
        communes = connection.execute(
            text("SELECT id, title, name FROM areas WHERE kind = 'commune' ORDER BY code")
        ).all()
        hamlets = [
            (hamlet_code(n + 1), f"Thử {n:04d}", communes[n % len(communes)])
            for n in range(HAMLETS)
        ]
        connection.execute(
            HAMLET,
            [
                {"code": code, "name": name, "name_key": search_key(name), "parent_id": commune.id}
                for code, name, commune in hamlets
            ],
        )
        connection.execute(PHONES, {"first": FIRST_NUMBER, "last": people + 2 * HAMLETS - 1})
        connection.execute(PERSONS, values)
        for statement in AND_THEN:
            connection.execute(text(statement))
        connection.execute(MEMBERS, values)
        for statement in HISTORY if with_past else ():
            connection.execute(text(statement))
    vacuum(engine)
    return [
        Place(f"Xóm {name}", f"{commune.title} {commune.name}", f"Người {people + n}")
        for n, (_, name, commune) in enumerate(hamlets)
    ]
