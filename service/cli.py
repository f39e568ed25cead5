"""The `caunoi` command. Each part loads only what it needs, so that none makes one wait."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from service.cli_areas import areas
from service.cli_backup import backup
from service.cli_classes import classes
from service.cli_menus import menus
from service.cli_numbers import do_not_call
from service.cli_people import numbers, pin
from service.cli_report import report
from service.cli_requests import requests
from service.cli_sending import callback_urls, resume_carrier, sending
from service.cli_status import status
from service.cli_teams import teams
from service.cli_texts import texts
from service.cli_users import users
from service.ops.errors import StartError
from service.ops.home import Home
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.runtime import Runtime

SECTIONS = {
    "Run": ("up", "clock"),
    "Prepare": (
        *("migrate", "seed", "areas", "teams", "classes"),
        *("users", "do-not-call", "callback-urls", "rotate-secret"),
    ),
    "Look": ("status", "requests", "report", "demo"),
    "Help at the counter": ("pin", "numbers"),
    "Write menus": ("menus", "texts", "play"),
    "Stop and go on": ("sending", "resume-carrier"),
    "Keep safe": ("backup",),
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


for group in (
    *(areas, backup, classes, do_not_call, menus, numbers),
    *(pin, report, requests, status, teams, texts, users),
    *(callback_urls, resume_carrier, sending),
):
    caunoi.add_command(group)


def main() -> None:
    """Run the command; a fault that has a sentence is one sentence, not a traceback."""
    try:
        caunoi(prog_name="caunoi")
    except (SettingsError, StartError) as error:
        sys.exit(str(error))


def _runtime(name: str = "cli") -> AbstractContextManager[Runtime]:
    from service.runtime import open_runtime

    return open_runtime(name)


@caunoi.command()
def up() -> None:
    """Run the whole service here, with a page of phones to try it."""
    try:
        from service.ops.up import run_up

        code = run_up(Settings.from_environment())
    except KeyboardInterrupt:
        # Ctrl-C before the signals are minded, or after: click would call that "Aborted!".
        click.echo("Stopped (SIGINT).")
        code = 0
    sys.exit(code)


@caunoi.command()
def clock() -> None:
    """Do what is due by the timetable; several clocks do no harm."""
    from service.jobs import timetable
    from service.ops.clock import Clock

    with _runtime("clock") as runtime:
        works = timetable(runtime)
        with runtime.watchman(works).at_work():
            Clock(runtime.engine, works).run()


@caunoi.command()
@click.argument("revision", default="head")
def migrate(revision: str) -> None:
    """Bring the database to the schema this version needs.

    REVISION is another schema to bring it to, older or newer: the number of a file in
    migrations/versions, like 0003, or base for none at all. An older one loses what it has no
    room for.
    """
    from service.ops.schema import current_revision, needed_revision

    with _runtime() as runtime:
        there = current_revision(runtime.engine)
        if revision != "head" or there != needed_revision():
            from service.ops.migrate import migrate as migrate_database

            there = migrate_database(runtime.settings.database_url, revision)
        click.echo(f"The database is at {there}.")


@caunoi.command()
@click.option("--demo", "with_demo", is_flag=True, help="Also an invented village for practice.")
@click.option("--if-changed", is_flag=True, help="Only if these files are not loaded already.")
def seed(*, with_demo: bool, if_changed: bool) -> None:
    """Load the communes and old names; again and again if need be."""
    from service.data_folder import DATA, read_demo
    from service.ops.shipped import digest_of, is_loaded

    name, digest = "demo" if with_demo else "places", digest_of(DATA.glob("*.*"))
    with _runtime() as runtime:
        if if_changed and is_loaded(runtime.engine, name, digest):
            click.echo("Nothing to load: the files are those loaded last.")
        else:
            _load(runtime, name, digest)
        if with_demo:
            from service.demo_cast import handsets
            from service.village.demo_classes import load_demo_classes

            with runtime.units.open() as unit:  # the days go by, though the files stay the same
                load_demo_classes(unit.session, read_demo())
            settings = runtime.settings
            shown = handsets(read_demo(), settings.ussd_code, settings.sms_code)
            Home(settings.caunoi_home).cast.write_text(
                json.dumps(shown, ensure_ascii=False), encoding="utf-8"
            )


def _load(runtime: Runtime, name: str, digest: str) -> None:
    from service.data_folder import DATA, read_demo
    from service.ops.shipped import note_loaded
    from service.village.demo import load_demo
    from service.village.gazetteer import load_places

    with runtime.units.open() as unit:
        communes, old_names = load_places(unit.session, DATA)
        if name == "demo":
            load_demo(unit.session, read_demo(), runtime.settings.secret_key.get_secret_value())
        note_loaded(unit.session.connection(), name, digest)
    click.echo(f"{communes} communes and {old_names} old names are loaded.")
    if name == "demo":
        click.echo("The demo village is loaded.")


@caunoi.command("rotate-secret")
def rotate_secret() -> None:
    """Make a new secret for the callbacks; the old one holds until the next."""
    settings = Settings.from_environment()
    if settings.gateway_secrets:
        raise SettingsError("GATEWAY_SECRETS is set in the environment; change it there: NEW,OLD")
    Home(settings.caunoi_home).rotate_gateway_secret()
    click.echo("Done. Restart the service, then paste the addresses of `caunoi callback-urls`.")


@caunoi.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def demo(*, as_json: bool) -> None:
    """Show the invented people to practise with."""
    from service.data_folder import read_demo
    from service.demo_cast import cast

    settings = Settings.from_environment()
    shown = cast(read_demo(), settings.ussd_code, settings.sms_code)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(f"Dial {shown['short_code']} or text {shown['sms_code']} on the phones page.")
    for role in ("villager", "leader"):
        click.echo(f"{role:<9} {shown[role]['name']}, {shown[role]['msisdn']}")
    click.echo(f"hamlet    {shown['hamlet']['name']}, code {shown['hamlet']['code']}")


@caunoi.command()
@click.option("--as", "who", default="villager", show_default=True, help="A name, or a number.")
@click.option("--language", help="The language they chose in an earlier call.")
@click.option("--by", type=click.Choice(["ussd", "sms"]), default="ussd", help="Call, or text.")
@click.option("--repro", is_flag=True, help="Print a transcript for tests/transcripts at the end.")
@click.option("--database", metavar="URL", help="An empty one, or one named ..._play.")
def play(who: str, language: str | None, by: str, *, repro: bool, database: str | None) -> None:
    """Call and text in the terminal, in a village that is gone afterwards."""
    from service.dialogue.faults import MenuError
    from service.player.people import number_of
    from service.player.run import Wishes, run_play

    try:
        msisdn = number_of(who)
    except ValueError as fault:
        sys.exit(f"--as: {fault}")
    wishes = Wishes(
        msisdn=msisdn, language=language, by_sms=by == "sms", repro=repro, database=database
    )
    try:
        sys.exit(run_play(Settings.from_environment(), wishes))
    except MenuError as error:
        sys.exit(str(error))


@caunoi.command("env-example")
def print_env_example() -> None:
    """Print .env.example as the settings make it."""
    from service.ops.env_example import env_example

    click.echo(env_example(), nl=False)


if __name__ == "__main__":
    main()
