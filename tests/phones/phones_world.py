"""The running phones as tests talk to them, and the real SDK pointed at them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import requests
from africastalking.SMS import SMSService

from service.phones import server
from service.phones.network import Network
from service.phones.options import Options
from service.phones.pages import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VILLAGER, LEADER = "+84900000001", "+84900000002"


class Sdk(SMSService):
    """The real SDK class, pointed at the phones."""

    def __init__(self, base: str, key: str = "key", username: str = "sandbox") -> None:
        self.base = base
        super().__init__(username, key)

    def _init_service(self) -> None:
        super()._init_service()
        self._baseUrl = self._contentUrl = f"{self.base}/version1"


@dataclass
class Phones:
    """The running phones, as a test talks to them."""

    network: Network
    url: str

    def __post_init__(self) -> None:
        self.sdk = Sdk(self.url)

    def get(self, path: str) -> Any:
        return requests.get(self.url + path, timeout=40).json()

    def post(self, path: str, **body: Any) -> Any:
        return requests.post(self.url + path, json=body, timeout=40).json()

    def hand(self, what: str, msisdn: str = VILLAGER, **body: Any) -> Any:
        return self.post(f"/api/handsets/{msisdn}/{what}", **body)

    def dial(self, code: str = "*384*1909#", msisdn: str = VILLAGER) -> Any:
        return self.hand("dial", msisdn, code=code)

    def keys(self, text: str, msisdn: str = VILLAGER) -> Any:
        return self.hand("keys", msisdn, input=text)

    def fault(self, place: str, kind: str, **fields: Any) -> Any:
        answer = self.post("/api/faults", place=place, kind=kind, **fields)
        assert "error" not in answer, answer
        return answer["rules"][0]

    def settings(self, **wanted: Any) -> None:
        answer = self.post("/api/settings", **wanted)
        assert "error" not in answer, answer

    def inbox(self, msisdn: str = VILLAGER, since: int = 0, wait: float = 20) -> list[Any]:
        answer = self.get(f"/api/handsets/{msisdn}/inbox?since={since}&wait={wait}")
        return answer["messages"]

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        return self.get(f"/api/journal?kind={','.join(kinds)}")["events"]

    def eventually(self, kind: str, count: int = 1, **facts: Any) -> list[dict[str, Any]]:
        """Wait for `count` events of this kind with these facts."""

        def found() -> list[dict[str, Any]]:
            all_ = self.events(kind)
            return [each for each in all_ if facts.items() <= each.items()]

        return until(lambda: (some := found()) and len(some) >= count and some)


def until(check: Callable[[], Any], seconds: float = 20) -> Any:
    """Ask again and again until the answer is true; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
    return answer


def run(options: Options, **changes: Any) -> Iterator[Phones]:
    network = Network(replace(options, **changes))
    http = server.make(create_app(network), server.bind("127.0.0.1", 0))
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    yield Phones(network, f"http://127.0.0.1:{http.port}")
    http.shutdown()
    thread.join()
    network.close()
