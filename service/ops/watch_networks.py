"""Whether fewer phones of a network are reached than usual; what is usual is learnt as we go.

Delivery reports are kept for long but must not be counted again and again, so the usual share is
one row a network, which follows what is seen with the inertia of a week.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from .room_facts import Room
from .watch_room import Value

FEWEST_REPORTS = 50
LEARN_MINUTES, WEEK_MINUTES = 5, 7 * 24 * 60
HUNDRED = 100.0

LEARN = text("""
    INSERT INTO gauges AS g (name, value) VALUES (:name, :share)
    ON CONFLICT (name) DO UPDATE
    SET value = g.value + CAST(:weight AS float) * (excluded.value - g.value),
        read_at = clock_timestamp()
    WHERE g.read_at < clock_timestamp() - make_interval(mins => :minutes)
""")
USUAL = text("SELECT name, value FROM gauges WHERE name = ANY(:names)")


def values_of(connection: Connection, room: Room) -> Iterator[Value]:
    """Yield how many points each network lies below its usual share, and learn from this hour."""
    shares = {
        f"delivered:{share.carrier} {share.network}": share
        for share in room.shares
        if share.of == "reports_hour" and share.taken >= FEWEST_REPORTS
    }
    usual = {row.name: row.value for row in connection.execute(USUAL, {"names": list(shares)})}
    for name, share in shares.items():
        now = share.share or 0.0
        fallen = HUNDRED * (usual.get(name, now) - now)
        about = name.partition(":")[2].strip()
        yield Value("delivered_fallen", about, fallen, f"{HUNDRED * now:.0f} %")
    learnt = [{"name": name, "share": share.share} for name, share in shares.items()]
    if learnt:
        weight = {"weight": LEARN_MINUTES / WEEK_MINUTES, "minutes": LEARN_MINUTES}
        connection.execute(LEARN, [{**row, **weight} for row in learnt])
