"""`caunoi users`: who may use the console; made here, so that no password is ever handed out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from service.cli_options import decided, operator
from service.ops.environment import console_address

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.console.secret_words import Keys
    from service.settings import Settings

ROLES = ("operator", "province", "commune", "viewer")
name_of = click.argument("name", callback=lambda _c, _p, name: name.strip().lower())


@contextmanager
def _console() -> Iterator[tuple[Connection, Keys, Settings]]:
    """Lend a transaction and the console's keys; what cannot be done is one sentence."""
    from service.console.secret_words import Keys
    from service.console.users import UserFault
    from service.runtime import open_runtime

    with open_runtime() as runtime:
        keys = Keys(runtime.settings.secret_key.get_secret_value())
        try:
            with runtime.engine.begin() as connection:
                yield connection, keys, runtime.settings
        except UserFault as fault:
            sys.exit(str(fault))


def _say_link(settings: Settings, name: str, token: str) -> None:
    click.echo(f"Give {name} this link, by a way only they see; it is good once, for 24 hours:")
    click.echo(f"{console_address(settings)}/join/{token}")


@click.group()
def users() -> None:
    """Let people use the console, or not any more."""


@users.command()
@name_of
@click.option("--role", required=True, type=click.Choice(ROLES), help="What they do.")
@click.option("--commune", metavar="CODE", help="The commune of a coordinator or viewer.")
@click.option("--province", metavar="CODE", help="The province; needed where there are several.")
@decided
def add(name: str, role: str, commune: str | None, province: str | None, by: str) -> None:
    """Make a user and print their link to begin with.

    NAME is what they sign in with, such as nong.an. By the link they choose a password.
    """
    from service.console.users import add_user
    from service.records.console import Role

    if province and role != "province":
        sys.exit("--province is for --role province.")
    if commune and role == "province":
        sys.exit("A coordinator of the province has no --commune.")
    with _console() as (connection, keys, settings):
        code = commune or province
        token = add_user(connection, keys, name, Role(role), code, by=operator(by))
    _say_link(settings, name, token)


@users.command("list")
def list_users() -> None:
    """List who may sign in, and who may not yet or no more."""
    from service.console.users import all_users

    with _console() as (connection, _keys, _settings):
        found = all_users(connection)
    if not found:
        click.echo("There is nobody yet: `caunoi users add NAME --role operator --by NAME`.")
    for user in found:
        state = "may sign in"
        if user.disabled_at:
            state = "disabled"
        elif not user.has_password:
            state = "link not used yet" if user.link_until else "link too old: caunoi users reset"
        seen = f", last seen {user.seen_at:%Y-%m-%d %H:%M} UTC" if user.seen_at else ""
        click.echo(f"{user.name:<20} {user.role:<9} {user.area or 'everywhere'}: {state}{seen}")


@users.command()
@name_of
@decided
def disable(name: str, by: str) -> None:
    """Let somebody in no more, at once; `reset` lets them in again."""
    from service.console.users import disable_user

    with _console() as (connection, _keys, _settings):
        disable_user(connection, name, by=operator(by))
    click.echo(f"{name} is signed out everywhere and cannot sign in.")


@users.command()
@name_of
@decided
def reset(name: str, by: str) -> None:
    """Print a new link; the password and phone key are void."""
    from service.console.users import reset_user

    with _console() as (connection, keys, settings):
        token = reset_user(connection, keys, name, by=operator(by))
    _say_link(settings, name, token)


@users.command("end-sessions")
@name_of
@decided
def end_sessions(name: str, by: str) -> None:
    """Sign somebody out everywhere; they may sign in again."""
    from service.console import users as console_users

    with _console() as (connection, _keys, _settings):
        ended = console_users.end_sessions(connection, name, by=operator(by))
    click.echo(f"{ended} sessions ended." if ended != 1 else "1 session ended.")
