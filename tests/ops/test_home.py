from __future__ import annotations

import concurrent.futures
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.ops.attach import attached
from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.errors import StartError
from service.ops.home import Home
from service.settings import Settings


@pytest.fixture
def home(place: Path) -> Home:
    return Home(place / "var")


def settings(**fields: object) -> Settings:
    return Settings.model_construct(**fields)


def test_is_private_and_so_are_its_secrets(home: Home) -> None:
    home.completed(settings())
    allowed = 0o711 if os.geteuid() == 0 else 0o700
    assert stat.S_IMODE(home.path.stat().st_mode) == allowed
    assert stat.S_IMODE(home.logs.stat().st_mode) == 0o700
    assert stat.S_IMODE((home.path / "secrets.json").stat().st_mode) == 0o600


def test_takes_back_rights_that_others_were_given(home: Home) -> None:
    home.completed(settings())
    home.path.chmod(0o777)
    (home.path / "secrets.json").chmod(0o644)
    home.completed(settings())
    assert stat.S_IMODE(home.path.stat().st_mode) & 0o066 == 0
    assert stat.S_IMODE((home.path / "secrets.json").stat().st_mode) == 0o600


def test_makes_secrets_once_and_they_are_strong_enough(home: Home) -> None:
    first = home.completed(settings())
    again = Home(home.path).completed(settings())
    assert again == first
    [secret] = first.gateway_secrets
    assert len(secret.get_secret_value()) >= 22  # 128 bits in base 64
    assert len(first.secret_key.get_secret_value()) >= 32
    assert len(first.carrier_api_key.get_secret_value()) >= 32
    assert first.carrier_url == "http://127.0.0.1:8001"


def test_two_homes_have_different_secrets(place: Path) -> None:
    one, two = (Home(place / name).completed(settings()) for name in ("one", "two"))
    assert one.gateway_secrets != two.gateway_secrets
    assert one.secret_key != two.secret_key
    assert one.carrier_api_key != two.carrier_api_key


def test_leaves_alone_what_is_given(home: Home) -> None:
    given = settings(
        gateway_secrets=(SecretStr("g" * 32),),
        secret_key=SecretStr("s" * 32),
        carrier_api_key=SecretStr("key"),
        carrier_url="https://carrier.invalid",
    )
    completed = home.completed(given)
    for name in ("gateway_secrets", "secret_key", "carrier_api_key", "carrier_url"):
        assert getattr(completed, name) == getattr(given, name)


def test_makes_no_key_for_a_real_carrier(home: Home) -> None:
    completed = home.completed(settings(carrier_url="https://carrier.invalid"))
    assert completed.carrier_api_key.get_secret_value() == ""


def test_the_new_secret_and_the_one_before_are_valid_and_no_older_one(home: Home) -> None:
    [first] = home.completed(settings()).gateway_secrets
    second = home.rotate_gateway_secret()
    assert _values(home) == [second, first.get_secret_value()]
    third = home.rotate_gateway_secret()
    assert _values(home) == [third, second]
    assert stat.S_IMODE((home.path / "secrets.json").stat().st_mode) == 0o600


def _values(home: Home) -> list[str]:
    return [s.get_secret_value() for s in home.completed(settings()).gateway_secrets]


def test_first_runs_at_the_same_moment_agree_on_the_secrets(home: Home) -> None:
    home.make()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Home(home.path).completed(settings()), range(16)))
    assert len({one.secret_key for one in found}) == 1
    assert sorted(p.name for p in home.path.iterdir()) == ["logs", "secrets.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"gateway_secrets": ["a"]}'])
def test_a_damaged_secrets_file_is_said_and_kept(home: Home, text: str) -> None:
    home.make()
    (home.path / "secrets.json").write_text(text)
    with pytest.raises(StartError, match=r"secrets\.json is damaged"):
        home.completed(settings())
    assert (home.path / "secrets.json").read_text() == text


HOLDS = """
import sys
from pathlib import Path
from service.ops.home import Home
home = Home(Path(sys.argv[1]))
home.make()
with home.locked("phones at http://127.0.0.1:8001/"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_run_at_a_time_and_a_killed_one_holds_nothing(home: Home) -> None:
    home.make()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StartError) as refused, home.locked("here"):
            pass
        assert str(refused.value) == (
            f"Cau Noi already runs here (pid {other.pid}), phones at http://127.0.0.1:8001/"
        )
        other.kill()
    with home.locked("here"):
        pass


def test_a_home_that_cannot_be_made_is_one_sentence(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(StartError, match=r"^CAUNOI_HOME: cannot use .*file"):
        Home(place / "file" / "var").make()


def test_a_command_beside_a_run_finds_its_database(home: Home) -> None:
    server = EmbeddedPostgres(home.postgres, fsync=False)
    server.start()
    try:
        beside = attached(settings(caunoi_home=home.path))
        assert beside.database_url == server.plain_url
        assert beside.redis_url.startswith("unix:///")
        assert beside.gateway_secrets == home.completed(settings()).gateway_secrets
    finally:
        server.stop()


def test_a_command_beside_a_run_leaves_given_addresses_alone(home: Home) -> None:
    given = settings(
        caunoi_home=home.path, database_url="postgresql://db/x", redis_url="redis://cache/0"
    )
    beside = attached(given)
    assert (beside.database_url, beside.redis_url) == ("postgresql://db/x", "redis://cache/0")
