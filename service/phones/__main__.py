"""Run the phones: `python -m service.phones`.

A stand-in Africa's Talking with keypad handsets in the browser, for practice, demonstrations and
tests. Configured by the environment alone:

PHONES_GATEWAY       address of the service's callbacks with its secret, needed; for example
                     http://127.0.0.1:8000/gateway/africastalking/SECRET
                     (/ussd, /sms, /receipts and /ussd-events are put behind it)
PHONES_API_KEY       the key that senders must present, needed
PHONES_USERNAME      the user name that senders must present (sandbox)
PHONES_HOST          address to listen on (127.0.0.1)
PHONES_PORT          port to listen on (8001); 0 takes any free one and prints it
PHONES_CAST          path of a JSON file {"short_code", "sms_code", "handsets": [{"name", "role",
                     "msisdn", "note"} ...]} (two invented handsets, *384*1909# and 8499)
PHONES_JOURNAL       path of the append-only journal (none); its lines: service/phones/journal.py
PHONES_TIME_FACTOR   multiplies retry times and report delays (1.0)
PHONES_REPORT_DELAY  seconds before each delivery report (0.3)

SIGTERM or Ctrl-C ends it.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from typing import NoReturn

from service.phones import server
from service.phones.network import Network
from service.phones.options import Options, OptionsError, from_env
from service.phones.pages import create_app


def main() -> None:
    """Serve until told to stop."""
    try:
        options = from_env(os.environ)
    except OptionsError as error:
        _fail(f"The phones cannot start: {error}.")
    try:
        listener = server.bind(options.host, options.port)
    except OSError as error:
        _fail(_why_not(options, error))
    try:
        network = Network(options)
    except OSError as error:
        _fail(f"The journal cannot be written: {error.strerror}.")
    http = server.make(create_app(network), listener)

    def stop(*_: object) -> None:
        threading.Thread(target=http.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"Phones: http://{options.host}:{http.port}/", flush=True)  # noqa: T201  its only word
    http.serve_forever(poll_interval=0.1)
    network.close()


def _why_not(options: Options, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {options.port} is taken by another program; "
            "stop that one or set PHONES_PORT to another."
        )
    return f"The phones cannot listen on {options.host}:{options.port}: {error.strerror}."


def _fail(says: str) -> NoReturn:
    print(says, file=sys.stderr)  # noqa: T201  the reason goes to whoever started it
    sys.exit(1)


if __name__ == "__main__":
    main()
