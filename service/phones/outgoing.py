"""The carrier's decisions about a send: who is taken, under which id, at what price."""

from __future__ import annotations

import functools
import secrets
import threading
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from service.phones.ladder import Ladder, Message
from service.text import gsm7
from service.text.phones import InvalidNumber, from_carrier

if TYPE_CHECKING:
    from service.phones.faults import Rule
    from service.phones.parts import Parts

TAKEN = {100: "Success", 101: "Success", 102: "Success"}
STATUS = {
    **TAKEN,
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
INVALID_NUMBER, NO_CREDIT = 403, 405
DEFAULT_SENDER = "AFRICASTKNG"


@dataclass(frozen=True)
class Batch:
    """One request to send."""

    request: str
    numbers: list[str]
    text: str
    sender: str = ""
    code: int = 102
    premium: bool = False

    @functools.cached_property
    def count(self) -> gsm7.Count:
        """Give the size of the text as the carrier counts it."""
        return gsm7.count(self.text)


@dataclass
class Outcome:
    """What the carrier decided about a batch."""

    said: str
    recipients: list[dict[str, Any]] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)


class Outgoing:
    """Takes batches to send. `balance` is what the account still holds."""

    def __init__(self, parts: Parts, ladder: Ladder) -> None:
        self._parts = parts
        self._ladder = ladder
        self._lock = threading.Lock()
        self.balance = Decimal(1_000_000)

    def take(self, batch: Batch) -> Outcome:
        """Decide about every recipient; each has its `send` line in the journal on return."""
        rules = self._draw("batch", batch.numbers)
        settings = self._parts.settings.now
        if "invalid_sender" in rules or (
            settings.sender_ids and batch.sender not in settings.sender_ids
        ):
            return self._refuse(batch, 402, "InvalidSenderId")
        broke = rules.get("no_balance")
        if broke is not None and broke.text == "empty":
            return self._refuse(batch, NO_CREDIT, "InsufficientBalance")
        outcome = Outcome("")
        for number in batch.numbers:
            code = NO_CREDIT if broke is not None else batch.code
            self._take_one(batch, number, code, outcome)
        outcome.said = self._summary(batch, outcome)
        return outcome

    def begin(self, outcome: Outcome) -> None:
        """Send what was taken on its way."""
        for message in outcome.taken:
            self._ladder.begin(message)

    def _draw(self, stage: str, numbers: list[str]) -> dict[str, Rule]:
        """Throw the dice; the first rule of a kind counts."""
        rules: dict[str, Rule] = {}
        for rule in self._parts.faults.draw("send", stage, numbers):
            self._parts.harm.note(rule, numbers[0] if numbers else "")
            rules.setdefault(rule.kind, rule)
        return rules

    def _refuse(self, batch: Batch, code: int, said: str) -> Outcome:
        """Refuse the batch as a whole: a 201 without recipients."""
        for number in batch.numbers:
            self._journal(batch, number, None, code)
        return Outcome(said)

    def _take_one(self, batch: Batch, number: str, code: int, outcome: Outcome) -> None:
        """Decide about one recipient: journal first, then the list of the answer."""
        rules = self._draw("each", [number])
        partial = rules.get("partial")
        if "status" in rules:
            code = rules["status"].code
        try:
            msisdn = from_carrier(number) if number.startswith("+") else None
        except InvalidNumber:
            msisdn = None
        if code in TAKEN and msisdn is None:
            code = INVALID_NUMBER
        if partial is not None and partial.when == "before":
            self._journal(batch, number, None, code)
            return
        if code in TAKEN and not self._pay(batch):
            code = NO_CREDIT
        id_ = f"ATXid_{secrets.token_hex(16)}" if code in TAKEN else None
        self._journal(batch, number, id_, code)
        if id_ is not None and msisdn is not None:
            handset = self._parts.book.need(msisdn)
            sender = batch.sender or DEFAULT_SENDER
            outcome.taken.append(Message(id_, handset, sender, batch.text))
        if partial is None:
            wrong = rules.get("wrong_number")
            outcome.recipients.append(
                {
                    "cost": self._cost(self._price(batch)) if id_ else "0",
                    "messageId": id_ or "None",
                    "number": wrong.text if wrong is not None else number,
                    "status": STATUS.get(code, "Unknown"),
                    "statusCode": code,
                }
            )

    def _price(self, batch: Batch) -> Decimal:
        if batch.premium:
            return Decimal(0)
        return Decimal(str(self._parts.settings.now.price)) * batch.count.segments

    def _pay(self, batch: Batch) -> bool:
        price = self._price(batch)
        with self._lock:
            if self.balance < price:
                return False
            self.balance -= price
            return True

    def _cost(self, amount: Decimal) -> str:
        return f"{self._parts.settings.now.currency} {amount:.4f}" if amount else "0"

    def _summary(self, batch: Batch, outcome: Outcome) -> str:
        done = sum(1 for entry in outcome.recipients if entry["messageId"] != "None")
        said = f"Sent to {done}/{len(outcome.recipients)}"
        if batch.premium:
            return said
        said += f" Total Cost: {self._cost(self._price(batch) * done)}"
        if done and self._parts.settings.now.message_parts:
            said += f" Message parts: {batch.count.segments}"
        return said

    def _journal(self, batch: Batch, number: str, id_: str | None, code: int) -> None:
        self._parts.journal.write(
            "send",
            request=batch.request,
            id=id_,
            msisdn=number,
            **{"from": batch.sender or DEFAULT_SENDER},
            text=batch.text,
            encoding=str(batch.count.encoding),
            parts=batch.count.segments,
            code=code,
            status=STATUS.get(code, "Unknown"),
            accepted=id_ is not None,
        )
