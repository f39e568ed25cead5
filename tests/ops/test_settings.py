"""What is wrong with the environment is told in words for whoever sets it."""

from __future__ import annotations

import pytest

from service.ops.env_example import env_example
from service.settings import Settings, SettingsError


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch):
    """Tells what is said of one variable."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def told(name: str, value: str) -> str:
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            try:
                Settings.from_environment()
            except SettingsError as error:
                return str(error)
        return ""

    return told


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "many", "should be a whole number"),
        ("PORT", "8.5", "should be a whole number"),
        ("PORT", "0", "should be 1 or more"),
        ("PORT", "65536", "should be 65535 or less"),
        ("POLL_SECONDS", "soon", "should be a number"),
        ("POLL_SECONDS", "0", "should be 0.05 or more"),
        ("LOG_LEVEL", "loud", "should be DEBUG, INFO, WARNING or ERROR"),
        ("SMS_CODE", "12", "should be 3 to 10 digits"),
        ("SMS_CODE", "8499\n", "should be 3 to 10 digits"),
        ("ALLOWED_COUNTRIES", "VN", "should be country calling codes with a comma between, like 84,856"),
    ],
)  # fmt: skip
def test_a_malformed_variable_is_told_plainly(fault, name: str, value: str, said: str) -> None:
    assert fault(name, value) == f"{name}: {said}"


UNCLEAR = (
    "should have a host and a port from 1 to 65535"
    " (in a password / ? # @ [ are written %2F %3F %23 %40 %5B)"
)


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://u:hush@127.0.0.1:abc/x",
        "postgresql://u:hush@127.0.0.1:0/x",
        "postgresql://u:hush@127.0.0.1:65536/x",
        "postgresql://u:hush@[::1/x",
        "postgresql://u:hu/sh@h/x",
        "postgresql://u:1/hush@h/x",
        "postgresql://u:hu#sh@h/x",
        "postgresql://u:hu@sh@h/x",
        "postgresql://one:5432,two:5432/x",
    ],
)
def test_an_address_without_a_port_that_can_be_is_told_without_its_password(
    fault, value: str
) -> None:
    assert fault("DATABASE_URL", value) == f"DATABASE_URL: {UNCLEAR}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://u:p%40w@[::1]:5432/x"),
        ("DATABASE_URL", "postgresql://u@/x?host=/tmp/nh%C3%A0"),
        ("DATABASE_URL", "postgresql:///x"),
        ("REDIS_URL", "redis://:p@w@h:6379/0"),
        ("REDIS_URL", "unix:///nhà của Mế/valkey.sock"),
        ("CARRIER_URL", "https://carrier.invalid/path"),
        ("PUBLIC_URL", ""),
    ],
)
def test_an_address_that_can_be_is_taken(fault, name: str, value: str) -> None:
    assert fault(name, value) == ""


def test_other_addresses_are_looked_at_too(fault) -> None:
    assert fault("REDIS_URL", "redis://:hush@h:port/0") == f"REDIS_URL: {UNCLEAR}"
    assert fault("CARRIER_URL", "https://") == "CARRIER_URL: should name a host"
    assert fault("DATABASE_URL", "mysql://u:hush@h/x") == (
        "DATABASE_URL: should start with postgresql://"
    )


def test_the_example_says_what_an_empty_variable_means() -> None:
    head = env_example().partition("# --")[0]
    assert "an empty one means its default too" in head
    assert "`caunoi env-example` prints it" in head


def test_a_token_that_could_be_guessed_is_refused_and_not_quoted(fault) -> None:
    assert fault("METRICS_TOKEN", "a-short-token") == (
        "METRICS_TOKEN needs 22 characters (128 bits) or more"
    )
    assert fault("METRICS_TOKEN", "") == ""
    assert fault("METRICS_TOKEN", "f" * 22) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALARM_WEBHOOK_URL", "ftp://hush.example/x"),
        ("ALARM_SMTP_URL", "smtp://hush:hush@mail.example:0"),
        ("DEADMAN_URL", "hush"),
        ("ALARM_NUMBERS", "hush"),
        ("ALARM_NUMBERS", "0900000001;0900000002"),
        ("ALARM_MAIL_TO", "hush"),
    ],
)
def test_where_alarms_go_is_checked_and_never_quoted(fault, name: str, value: str) -> None:
    said = fault(name, value)
    assert said.startswith(f"{name}: should ")
    assert "hush" not in said


def test_mail_needs_an_address_and_a_server(fault) -> None:
    assert "needed together" in fault("ALARM_MAIL_TO", "truc@example.invalid")
    assert "needed together" in fault("ALARM_SMTP_URL", "smtp://mail.example")
    assert fault("ALARM_NUMBERS", "0900000001, +84900000002") == ""
