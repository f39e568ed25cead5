"""The ways by which people hear of an alarm, and what each needs; every wait is bounded."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from service.carriers.base import SendError
from service.records.watching import Severity
from service.settings import Settings
from service.text.phones import InvalidNumber, Msisdn, parse

from .alarm_words import Told, mail, webhook
from .environment import console_address
from .smtp_talk import SecretTalk, Talk

SMS, MAIL, WEBHOOK = "sms", "mail", "webhook"
BY_SEVERITY = {
    Severity.PAGE: (SMS, MAIL, WEBHOOK),
    Severity.TICKET: (MAIL, WEBHOOK),
    Severity.NOTE: (),
}
"""Who is asleep is woken by what is worth it only."""
SMTP_SECONDS = 10.0
SMTP_PORTS = {"smtp": 25, "smtps": 465}
HERE = ("localhost", "127.0.0.1", "::1")
GOOD = range(200, 300)
UNSET = SecretStr("")


class NotTold(Exception):
    """A word did not get through; `args[0]` says why in a stable word, and names no secret."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Where alarms are told."""

    numbers: tuple[Msisdn, ...] = ()
    mail_to: tuple[str, ...] = ()
    smtp: SecretStr = UNSET
    webhook: SecretStr = UNSET
    console: str = ""
    """Where people find the console."""

    @property
    def open(self) -> tuple[str, ...]:
        """The ways that are set."""
        found = {SMS: self.numbers, MAIL: self.mail_to, WEBHOOK: self.webhook.get_secret_value()}
        return tuple(way for way, where in found.items() if where)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield each severity with each way it is told by."""
        for severity, ways in BY_SEVERITY.items():
            yield from ((str(severity), way) for way in ways if way in self.open)

    def runbook(self, name: str) -> str:
        """Return the address of an alarm's page."""
        return f"{self.console}/alarms/{name}/runbook"


def ways_of(settings: Settings) -> Ways:
    """Read the ways from the settings; a number nobody can have is left out."""
    return Ways(
        numbers=tuple(_numbers(settings.alarm_numbers)),
        mail_to=tuple(_parts(settings.alarm_mail_to)),
        smtp=settings.alarm_smtp_url,
        webhook=settings.alarm_webhook_url,
        console=console_address(settings),
    )


def tell_by(ways: Ways, way: str, told: Told) -> None:
    """Tell by mail or webhook, at once; raises NotTold."""
    try:
        (_mail if way == MAIL else _post)(ways, told)
    except ValueError as error:  # an address that is none, such as a host of a hundred letters
        raise NotTold(type(error).__name__) from None


def _post(ways: Ways, told: Told) -> None:
    # Loaded with the first word: most processes never tell one, and would hold 5 MB for it.
    from service.carriers.http import post_json  # noqa: PLC0415

    data = webhook(told, ways.runbook(told.name))
    try:
        answer = post_json(ways.webhook.get_secret_value(), data, {"Idempotency-Key": told.id})
    except SendError as error:
        raise NotTold(error.code) from None
    if answer.status not in GOOD:
        raise NotTold(f"http_{answer.status}")


def _mail(ways: Ways, told: Told) -> None:
    parts = urlsplit(ways.smtp.get_secret_value())
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    message = EmailMessage()
    message["From"] = user if "@" in user else f"caunoi@{parts.hostname}"
    message["To"] = ", ".join(ways.mail_to)
    message["Message-ID"] = f"<{told.id}@{parts.hostname}>"
    message["Date"] = formatdate()
    subject, text = mail(told, ways.runbook(told.name))
    message["Subject"] = subject
    message.set_content(text)
    host, port = parts.hostname or "", parts.port or SMTP_PORTS[parts.scheme]
    try:
        _send(parts.scheme, host, port, (user, password), message)
    except (smtplib.SMTPException, OSError) as error:
        raise NotTold(type(error).__name__) from None


def _send(
    scheme: str, host: str, port: int, account: tuple[str, str], message: EmailMessage
) -> None:
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if scheme == "smtps":
        server = SecretTalk(host, port, timeout=SMTP_SECONDS, context=context)
    else:
        server = Talk(host, port, timeout=SMTP_SECONDS)
    try:
        server.ehlo()
        is_safe = scheme == "smtps" or host in HERE
        if scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            is_safe = True
        if account[0]:
            if not is_safe:
                raise NotTold("not_encrypted")  # the password would be read on the way
            server.login(*account)
        server.send_message(message)
        with suppress(smtplib.SMTPException, OSError):  # the letter is taken, whatever comes now
            server.quit()
    finally:
        server.close()


def _parts(text: str) -> Iterator[str]:
    yield from filter(None, (part.strip() for part in text.split(",")))


def _numbers(text: str) -> Iterator[Msisdn]:
    for part in _parts(text):
        try:
            yield parse(part)
        except InvalidNumber:
            continue
