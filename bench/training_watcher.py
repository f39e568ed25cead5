"""Somebody who counts the seats of a class all the time, on a connection of their own."""

from __future__ import annotations

import threading

from sqlalchemy import Connection, text

STANDING = text("""
    SELECT count(*) FILTER (WHERE state IN ('seated', 'offered')) AS held,
           count(*) FILTER (WHERE state = 'waiting') AS waiting
    FROM enrolments WHERE training_id = :id
""")


class Watcher:
    """Somebody who counts the seats all the time, on a connection of their own."""

    def __init__(self, connection: Connection, training_id: int) -> None:
        self._connection, self._id = connection, training_id
        self._over = threading.Event()
        self.looks, self.most_held, self.most_waiting = 0, 0, 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.005):
            row = self._connection.execute(STANDING, {"id": self._id}).one()
            self.looks += 1
            self.most_held = max(self.most_held, row.held)
            self.most_waiting = max(self.most_waiting, row.waiting)

    def stop(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()
        self._connection.close()
