"""Every setting of the service, read from the environment once.

`.env.example` is made from this file and a test keeps the two alike.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class SettingsError(Exception):
    """Some variables of the environment are missing or malformed; says which, all at once."""


def _short_code(value: str) -> str:
    if not (
        value.startswith("*") and value.endswith("#") and value[1:-1].replace("*", "").isdigit()
    ):
        raise ValueError("should look like *384*1234#")
    return value


def check_address(value: str, *schemes: str) -> str:
    """Return the address of a server; raise ValueError, which never quotes it, when it is none."""
    if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise ValueError(f"should start with {' or '.join(f'{s}://' for s in schemes)}")
    try:
        parts = urlsplit(value)
        # A password that ends the host too early would be shown as a part of it.
        torn = parts.scheme == "postgresql" and "@" in parts.netloc.partition("@")[2] + parts.path
        unclear = torn or parts.port == 0
    except ValueError:
        unclear = True
    if unclear:
        raise ValueError(
            "should have a host and a port from 1 to 65535"
            " (in a password / ? # @ [ are written %2F %3F %23 %40 %5B)"
        )
    if parts.scheme in {"http", "https", "smtp", "smtps"} and not parts.hostname:
        raise ValueError("should name a host")
    return value


def _address(*schemes: str) -> AfterValidator:
    return AfterValidator(lambda value: value and check_address(value, *schemes))


def _secret_address(*schemes: str) -> AfterValidator:
    """Check an address that holds a password or token; what is told of it never quotes it."""

    def check(value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            check_address(value.get_secret_value(), *schemes)
        return value

    return AfterValidator(check)


def _written(pattern: str, wanted: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(f"should be {wanted}")
        return value

    return AfterValidator(check)


PLAINLY = {
    "int_parsing": "should be a whole number",
    "int_parsing_size": "should be a whole number",
    "float_parsing": "should be a number",
    "greater_than_equal": "should be {ge} or more",
    "less_than_equal": "should be {le} or less",
}
"""What to say of a fault, by pydantic's name for it; its own words are for programmers."""
Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """The service's settings; each field is the environment variable of its name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    # -- where things are
    caunoi_home: Annotated[
        Path, Field(description="Folder for everything the service keeps on this machine")
    ] = Path("var")
    database_url: Annotated[
        str,
        _address("postgresql"),
        Field(description="PostgreSQL 15 or newer; empty runs one inside CAUNOI_HOME"),
    ] = ""
    redis_url: Annotated[
        str,
        _address("redis", "rediss", "unix"),
        Field(description="Redis 6.2 or newer or Valkey; empty runs one inside CAUNOI_HOME"),
    ] = ""
    host: Annotated[str, Field(description="Address the web process listens on")] = "127.0.0.1"
    port: Annotated[Port, Field(description="Port of the web process")] = 8000
    phones_port: Annotated[Port, Field(description="Port of the phones page (practice only)")] = (
        8001
    )
    console_port: Annotated[Port, Field(description="Port of the console for operators")] = 8002
    console_url: Annotated[
        str,
        _address("http", "https"),
        Field(
            description="Address at which operators reach the console (https); empty: this machine"
        ),
    ] = ""
    public_url: Annotated[
        str,
        _address("http", "https"),
        Field(description="Address at which the carrier reaches the web process"),
    ] = ""

    # -- what villagers dial and text
    ussd_code: Annotated[
        str, AfterValidator(_short_code), Field(description="The short code villagers dial")
    ] = "*384*1909#"
    sms_code: Annotated[
        str,
        _written(r"\d{3,10}", "3 to 10 digits"),
        Field(description="The short code villagers text"),
    ] = "8499"

    # -- Africa's Talking
    carrier: Annotated[str, Field(description="Which carrier module sends")] = "africastalking"
    carrier_username: Annotated[str, Field(description="User name at the carrier")] = "sandbox"
    carrier_api_key: Annotated[
        SecretStr, Field(description="Key at the carrier; empty makes one for the phones page")
    ] = SecretStr("")
    carrier_url: Annotated[
        str,
        _address("http", "https"),
        Field(description="Base address of the carrier; empty uses the phones page"),
    ] = ""
    max_recipients: Annotated[
        int, Field(ge=1, le=1000, description="Most numbers in one call to the carrier")
    ] = 100

    # -- a second account, by which messages go while the operator reroutes them
    second_carrier: Annotated[
        str, Field(description="Carrier module of a second account; empty: there is none")
    ] = ""
    second_carrier_username: Annotated[
        str, Field(description="User name of the second account")
    ] = ""
    second_carrier_api_key: Annotated[SecretStr, Field(description="Key of the second account")] = (
        SecretStr("")
    )
    second_carrier_url: Annotated[
        str,
        _address("http", "https"),
        Field(description="Base address of the second account; empty: that of CARRIER_URL"),
    ] = ""
    second_sms_code: Annotated[
        str,
        _written(r"|\d{3,10}", "3 to 10 digits"),
        Field(description="The short code the second account sends under; empty: SMS_CODE"),
    ] = ""

    # -- secrets; made at first run and kept in CAUNOI_HOME when empty
    gateway_secrets: Annotated[
        tuple[SecretStr, ...],
        NoDecode,
        Field(
            description="One or two secrets in the callback addresses, comma between; newest first"
        ),
    ] = ()
    secret_key: Annotated[
        SecretStr, Field(description="Key of the service's own hashes, 32 characters or more")
    ] = SecretStr("")

    # -- how it runs
    web_workers: Annotated[int, Field(ge=1, le=64, description="Web processes")] = 2
    web_threads: Annotated[int, Field(ge=1, le=64, description="Threads in each web process")] = 4
    sender_threads: Annotated[
        int, Field(ge=1, le=64, description="Messages one worker sends at the same time")
    ] = 8
    poll_seconds: Annotated[
        float,
        Field(ge=0.05, le=30, description="How often an idle worker looks into the database"),
    ] = 2.0
    log_level: Annotated[
        str,
        _written("DEBUG|INFO|WARNING|ERROR", "DEBUG, INFO, WARNING or ERROR"),
        Field(description="Least level that is logged"),
    ] = "INFO"

    # -- who may read its figures
    metrics_token: Annotated[
        SecretStr,
        Field(
            description="What Prometheus shows at /metrics, 22 characters or more; empty shuts it"
        ),
    ] = SecretStr("")

    # -- who hears of alarms
    alarm_numbers: Annotated[
        str,
        _written(
            r"((\+84|0)[35789]\d{8}( *, *(\+84|0)[35789]\d{8})*)?",
            "mobile numbers of Vietnam with a comma between, like 0900000001,+84900000002",
        ),
        Field(description="Mobile numbers that alarms are sent to by SMS, comma between"),
    ] = ""
    alarm_webhook_url: Annotated[
        SecretStr,
        _secret_address("http", "https"),
        Field(description="Address that alarms are posted to as JSON"),
    ] = SecretStr("")
    alarm_mail_to: Annotated[
        str,
        _written(
            r"([^@\s,<>]+@[^@\s,<>]+( *, *[^@\s,<>]+@[^@\s,<>]+)*)?",
            "mail addresses with a comma between",
        ),
        Field(description="Mail addresses that alarms are sent to, comma between"),
    ] = ""
    alarm_smtp_url: Annotated[
        SecretStr,
        _secret_address("smtp", "smtps"),
        Field(
            description="Mail server for alarms, like smtps://user:password@host:465; with smtp://"
            " the call is encrypted where the server offers it"
        ),
    ] = SecretStr("")
    deadman_url: Annotated[
        SecretStr,
        _secret_address("http", "https"),
        Field(
            description="Address of an outside monitor that is called each minute while the"
            " watching works; its silence is its alarm"
        ),
    ] = SecretStr("")

    # -- brakes
    allowed_countries: Annotated[
        str,
        _written(r"\d{1,3}(,\d{1,3})*", "country calling codes with a comma between, like 84,856"),
        Field(description="Country calling codes we send to"),
    ] = "84"
    segment_price_vnd: Annotated[
        int, Field(ge=0, description="Price of one SMS segment in dong, for caps and forecasts")
    ] = 400
    cap_vnd_per_hour: Annotated[
        int, Field(ge=0, description="Most dong spent on SMS in an hour, emergencies apart")
    ] = 20_000_000
    cap_vnd_per_day: Annotated[
        int, Field(ge=0, description="Most dong spent on SMS in a day, emergencies apart")
    ] = 100_000_000

    @model_validator(mode="before")
    @classmethod
    def _split_secrets(cls, values: dict[str, object]) -> dict[str, object]:
        raw = values.get("gateway_secrets")
        if isinstance(raw, str):
            values["gateway_secrets"] = tuple(
                part.strip() for part in raw.split(",") if part.strip()
            )
        return values

    @model_validator(mode="after")
    def _strong_secrets(self) -> Self:
        if len(self.gateway_secrets) > 2:  # noqa: PLR2004 - the newest and the one it replaces
            raise ValueError("GATEWAY_SECRETS holds more than two secrets")
        weak = [s for s in self.gateway_secrets if len(s.get_secret_value()) < 22]  # noqa: PLR2004
        if weak:
            raise ValueError("GATEWAY_SECRETS: a secret needs 22 characters (128 bits) or more")
        if 0 < len(self.secret_key.get_secret_value()) < 32:  # noqa: PLR2004
            raise ValueError("SECRET_KEY needs 32 characters or more")
        if 0 < len(self.metrics_token.get_secret_value()) < 22:  # noqa: PLR2004
            raise ValueError("METRICS_TOKEN needs 22 characters (128 bits) or more")
        if bool(self.alarm_mail_to) != bool(self.alarm_smtp_url.get_secret_value()):
            raise ValueError("ALARM_MAIL_TO and ALARM_SMTP_URL are needed together")
        return self

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the environment; raise SettingsError naming every faulty variable in one text."""
        try:
            return cls()
        except ValidationError as error:
            lines = []
            for fault in error.errors(include_url=False, include_input=False):
                name = "_".join(str(part) for part in fault["loc"]).upper()
                plainly = PLAINLY.get(fault["type"], "").format(**fault.get("ctx", {}))
                message = plainly or fault["msg"].removeprefix("Value error, ")
                lines.append(f"{name}: {message}" if name else message)
            raise SettingsError("; ".join(lines)) from None
