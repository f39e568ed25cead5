"""What may have happened to classes: lines of transcripts, and how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from service.text.local_time import VIETNAM
from tests.village import NEIGHBOUR, World
from tests.village_work.classes import course, training

THURSDAY = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
ROW_OF_A_HUNDRED = """
    WITH made AS (INSERT INTO phones (msisdn)
                  SELECT '+8490000' || (1000 + n) FROM generate_series(1, 100) AS n RETURNING id)
    INSERT INTO enrolments (training_id, phone_id, state)
    SELECT t.id, made.id, 'waiting' FROM made, trainings t WHERE number = 14
"""
SIX_PEOPLE = """
    INSERT INTO enrolments (training_id, phone_id, state, name, who)
    SELECT t.id, f.id, 'seated', 'Nông Văn ' || n, 'nong van ' || n
    FROM generate_series(1, 6) AS n, trainings t, phones f
    WHERE t.number = 12 AND f.msisdn = :msisdn
"""
LAPSED = """
    UPDATE enrolments SET offered_until = clock_timestamp() - interval '1 second'
    WHERE state = 'offered'
"""


def _classes(world: World) -> None:
    training(world, 12, starts_at=THURSDAY)
    course(world, "vssid-1", title="VssID", topic="vssid", bring="")
    training(world, 14, seats=1, of="vssid-1", starts_at=THURSDAY + timedelta(minutes=30))
    course(world, "to-1", title="Cho tổ", topic="dvc", audience="members", bring="")
    training(world, 15, of="to-1", starts_at=THURSDAY + timedelta(days=2))


def _do(sql: str, **values: str) -> Callable[[World], None]:
    return lambda world: world.do(sql, **values)


CLASS_CIRCUMSTANCES: dict[str, Callable[[World], None]] = {
    "(classes in Cốc Phia: 12 on Thursday evening, 14 half an hour later, 15 for teams)": _classes,
    "(the row of class 14 is full)": _do(ROW_OF_A_HUNDRED),
    "(the neighbour has registered six people for class 12)": _do(SIX_PEOPLE, msisdn=NEIGHBOUR),
    "(an offered seat was not answered in time)": _do(LAPSED),
    "(class 12 is cancelled)": _do("UPDATE trainings SET state = 'cancelled' WHERE number = 12"),
    "(class 14 has two seats)": _do("UPDATE trainings SET seats = 2 WHERE number = 14"),
}
