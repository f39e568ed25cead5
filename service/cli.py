"""The `caunoi` command. Each part loads only what it needs, so that none makes one wait."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.ops.errors import StartError
from service.ops.home import Home
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.runtime import Runtime

DATA = Path(__file__).resolve().parents[1] / "data"
SECTIONS = {
    "Run": ("up", "clock"),
    "Prepare": ("migrate", "seed", "callback-urls", "rotate-secret"),
    "Look": ("status", "demo", "check-menus"),
    "Stop and go on": ("sending", "resume-carrier"),
    "For engineers": ("env-example",),
}


class Contents(click.Group):
    """A command whose help reads like a table of contents."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings."""
        for heading, names in SECTIONS.items():
            with formatter.section(heading):
                commands = [(name, self.get_command(ctx, name)) for name in names]
                formatter.write_dl(
                    [
                        (name, command.get_short_help_str(90).rstrip("."))
                        for name, command in commands
                        if command
                    ]
                )


@click.group(cls=Contents, context_settings={"help_option_names": ["-h", "--help"]})
def caunoi() -> None:
    """Cầu Nối: people with a basic phone reach their village's digital team."""


def main() -> None:
    """Run the command; a fault that has a sentence is one sentence, not a traceback."""
    try:
        caunoi(prog_name="caunoi")
    except (SettingsError, StartError) as error:
        sys.exit(str(error))


@contextmanager
def _runtime(name: str = "cli") -> Iterator[Runtime]:
    from service.logs import start_logging
    from service.runtime import runtime_from_environment

    runtime = runtime_from_environment(name)
    start_logging(runtime.settings.log_level)
    try:
        yield runtime
    finally:
        runtime.close()


def _demo() -> dict[str, Any]:
    import yaml

    return dict(yaml.safe_load((DATA / "demo.yaml").read_text(encoding="utf-8")))


@caunoi.command()
def up() -> None:
    """Run the whole service here, with a page of phones to try it."""
    from service.ops.up import run_up

    sys.exit(run_up(Settings.from_environment()))


@caunoi.command()
def clock() -> None:
    """Do what is due by the timetable; several clocks do no harm."""
    from service.jobs import timetable
    from service.ops.clock import Clock

    with _runtime("clock") as runtime:
        Clock(runtime.engine, timetable(runtime)).run()


@caunoi.command()
@click.argument("revision", default="head")
def migrate(revision: str) -> None:
    """Bring the database to the schema this version needs."""
    from service.ops.schema import current_revision, needed_revision

    with _runtime() as runtime:
        there = current_revision(runtime.engine)
        if revision != "head" or there != needed_revision():
            from service.ops.migrate import migrate as migrate_database

            there = migrate_database(runtime.settings.database_url, revision)
        click.echo(f"The database is at {there}.")


@caunoi.command()
@click.option("--demo", "with_demo", is_flag=True, help="Also an invented village for practice.")
def seed(*, with_demo: bool) -> None:
    """Load the communes and old names; again and again if need be."""
    from service.village.demo import handsets, load_demo
    from service.village.gazetteer import load_places

    with _runtime() as runtime:
        with runtime.units.open() as unit:
            communes, old_names = load_places(unit.session, DATA)
            if with_demo:
                load_demo(unit.session, _demo())
        click.echo(f"{communes} communes and {old_names} old names are loaded.")
        if with_demo:
            settings = runtime.settings
            shown = handsets(_demo(), settings.ussd_code, settings.sms_code)
            Home(settings.caunoi_home).cast.write_text(
                json.dumps(shown, ensure_ascii=False), encoding="utf-8"
            )
            click.echo("The demo village is loaded.")


@caunoi.command("callback-urls")
def callback_urls() -> None:
    """Print the addresses to paste at the carrier; they hold a secret."""
    from service.runtime import runtime_from_environment

    runtime = runtime_from_environment("cli")
    settings = runtime.settings
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    secret = settings.gateway_secrets[0].get_secret_value()
    for what, door in {
        "USSD callback": "ussd",
        "USSD events": "ussd-events",
        "Incoming SMS": "sms",
        "Delivery reports": "receipts",
    }.items():
        click.echo(f"{what:<17} {base}/gateway/{runtime.carrier_name}/{secret}/{door}")
    if not settings.public_url:
        click.echo(
            "Set PUBLIC_URL to the address at which the carrier reaches this service.", err=True
        )


@caunoi.command("rotate-secret")
def rotate_secret() -> None:
    """Make a new secret for the callbacks; the old one holds until the next."""
    settings = Settings.from_environment()
    if settings.gateway_secrets:
        raise SettingsError("GATEWAY_SECRETS is set in the environment; change it there: NEW,OLD")
    Home(settings.caunoi_home).rotate_gateway_secret()
    click.echo("Done. Restart the service, then paste the addresses of `caunoi callback-urls`.")


@caunoi.command()
def status() -> None:
    """Say what waits, what is stuck and what an operator should do."""
    from service.ops.overview import overview

    with _runtime() as runtime:
        for line in overview(runtime.engine):
            click.echo(line)


@caunoi.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def demo(*, as_json: bool) -> None:
    """Show the invented people to practise with."""
    from service.village.demo import cast

    settings = Settings.from_environment()
    shown = cast(_demo(), settings.ussd_code, settings.sms_code)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(f"Dial {shown['short_code']} or text {shown['sms_code']} on the phones page.")
    for role in ("villager", "leader"):
        click.echo(f"{role:<9} {shown[role]['name']}, {shown[role]['msisdn']}")
    click.echo(f"hamlet    {shown['hamlet']['name']}, code {shown['hamlet']['code']}")


@caunoi.command("check-menus")
def check_menus() -> None:
    """Check every screen in every language, with the longest names."""
    from service.dialogue.loader import MenuError
    from service.menus import read_menus

    try:
        menus = read_menus()
    except MenuError as error:
        sys.exit(f"{len(error.faults)} faults in the menus:\n{error}")
    screens = len(menus.dialogue.menu.screens)
    languages = ", ".join(menus.texts.languages)
    click.echo(f"{screens} screens fit in: {languages}.")


@caunoi.command()
@click.argument("state", type=click.Choice(["on", "off"]))
@click.option("--by", required=True, help="Who decides this.")
@click.option("--reason", default="", help="Why, for whoever looks later.")
def sending(state: str, by: str, reason: str) -> None:
    """Stop all outbound messages, or let them go again."""
    from service.outbox.brakes import switch

    with _runtime() as runtime, runtime.engine.begin() as connection:
        switch(connection, on=state == "on", by=by, reason=reason)
    click.echo("Messages go out." if state == "on" else "Nothing is sent; messages wait.")


@caunoi.command("resume-carrier")
def resume_carrier() -> None:
    """Try the carrier again now, after topping up or a new key."""
    from service.outbox.brakes import resume

    with _runtime() as runtime, runtime.engine.begin() as connection:
        resume(connection, runtime.carrier_name)
    click.echo("The next message will try.")


@caunoi.command("env-example")
def print_env_example() -> None:
    """Print .env.example as the settings make it."""
    from service.ops.env_example import env_example

    click.echo(env_example(), nl=False)


if __name__ == "__main__":
    main()
