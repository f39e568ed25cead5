"""The handsets' interface for tests, demonstrations and the page: JSON in, JSON out.

A refusal is 4xx with `error` (a word) and `says` (a sentence that helps). A call or an SMS that
the *phone* would refuse is 200 with an `error`: the request was fine, the network was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint

from service.phones import asked
from service.phones.asked import AskedError
from service.phones.ussd import NoSessionError

if TYPE_CHECKING:
    from service.phones.handsets import Handset
    from service.phones.network import Network

Json = dict[str, Any]
ROLES = 40  # characters of a role or name that fit above a handset


def make(network: Network) -> Blueprint:
    """Make the routes under /api/handsets, and /api/news."""
    routes = Blueprint("handsets", __name__, url_prefix="/api")
    desk = _Desk(network)
    one = "/handsets/<msisdn>"
    routes.get("/news")(desk.news)
    routes.get("/handsets")(desk.all)
    routes.post("/handsets")(desk.add)
    routes.get(one)(desk.one)
    routes.get(f"{one}/inbox")(desk.inbox)
    for name in ("dial", "keys", "hang-up", "sms", "coverage", "read"):
        routes.post(f"{one}/{name}", endpoint=name)(getattr(desk, name.replace("-", "_")))
    return routes


class _Desk:
    def __init__(self, network: Network) -> None:
        self._net = network

    def all(self) -> Json:
        """List the handsets on the page, and the codes they call."""
        cast = self._net.cast
        return {
            "short_code": cast.short_code,
            "sms_code": cast.sms_code,
            "handsets": [handset.shown() for handset in self._net.book.on_page()],
        }

    def add(self) -> tuple[Json, int]:
        """Put a handset on the page."""
        optional = {"name": str, "role": str, "note": str}
        data = asked.fields({"msisdn": str}, optional)
        words = {name: data.get(name, "")[:ROLES] for name in optional}
        handset = self._net.book.put(asked.number(data["msisdn"]), **words)
        return handset.shown(), 201

    def news(self) -> Json:
        """Give the page's handsets that changed after version `since`, waiting `wait` seconds."""
        return self._net.book.hear(asked.count("since", 0), asked.seconds("wait"))

    def one(self, msisdn: str) -> Json:
        """Show one handset."""
        return self._known(msisdn).shown()

    def dial(self, msisdn: str) -> Json:
        """Dial a code and wait for the screen."""
        data = asked.fields({"code": str})
        return self._net.ussd.dial(self._any(msisdn), data["code"])

    def keys(self, msisdn: str) -> tuple[Json, int]:
        """Answer the screen and wait for the next."""
        data = asked.fields({"input": str})
        handset = self._known(msisdn)
        try:
            return self._net.ussd.keys(handset, data["input"]), 200
        except NoSessionError as none:
            says = {
                "no_session": "no call is open on this handset; dial first",
                "busy": "this handset still waits for an answer",
            }[none.error]
            shown = {**handset.screen.shown(), "error": none.error, "says": says}
            return shown, 409

    def hang_up(self, msisdn: str) -> Json:
        """End the call, or clear what is left of one."""
        return self._net.ussd.end(self._known(msisdn), "hung_up")

    def sms(self, msisdn: str) -> Json:
        """Send an SMS from the handset."""
        data = asked.fields({"to": str, "text": str})
        return self._net.inbox.send(self._any(msisdn), data["to"].strip(), data["text"])

    def inbox(self, msisdn: str) -> Json:
        """List the SMS received after id `since`, waiting up to `wait` seconds for the first."""
        handset = self._known(msisdn)
        since = asked.count("since", 0)
        messages = self._net.book.inbox(handset, since, asked.seconds("wait"))
        return {"messages": messages, "last": messages[-1]["id"] if messages else since}

    def coverage(self, msisdn: str) -> Json:
        """Give or take the handset's coverage."""
        data = asked.fields({"on": bool})
        handset = self._any(msisdn)
        self._net.set_coverage(handset, on=data["on"])
        return handset.shown()

    def read(self, msisdn: str) -> Json:
        """Take the unread mark off SMS."""
        data = asked.fields({"ids": list})
        handset = self._known(msisdn)
        self._net.book.mark_read(handset, [id_ for id_ in data["ids"] if isinstance(id_, int)])
        return handset.shown()

    def _any(self, msisdn: str) -> Handset:
        return self._net.book.need(asked.number(msisdn))

    def _known(self, msisdn: str) -> Handset:
        handset = self._net.book.find(asked.number(msisdn))
        if handset is None:
            says = f"no handset {msisdn} yet; dial or text from it, or POST it to /api/handsets"
            raise AskedError(404, "unknown_handset", says)
        return handset
