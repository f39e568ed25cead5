"""A talk with a mail server that ends in time, however the other side spins it out.

Time-outs of a socket begin again with every byte, and a reply may have lines without end.
"""

from __future__ import annotations

import smtplib
import socket
import threading
from contextlib import suppress
from typing import Any

TALK_SECONDS = 30.0
"""From the connection to the end."""


class _Timed(smtplib.SMTP):
    """Breaks off when time is up; whoever waits for a reply gets an error then."""

    _over = False
    _timer: threading.Timer | None = None

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Connect; the time begins."""
        self._timer = threading.Timer(TALK_SECONDS, self._cut)
        self._timer.daemon = True
        self._timer.start()
        return super().connect(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's reply."""
        if self._over:  # time was up while the socket was being made a safe one
            self.close()
            raise smtplib.SMTPServerDisconnected("time is up")
        return super().getreply()

    def close(self) -> None:
        """Close the connection."""
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    def _cut(self) -> None:
        self._over = True
        connected: socket.socket | None = self.sock
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


class Talk(_Timed, smtplib.SMTP):
    """In the open, until STARTTLS."""


class SecretTalk(_Timed, smtplib.SMTP_SSL):
    """With TLS from the beginning."""
