"""`caunoi sending` and its like: stop all messages, let them go on, and the carrier's addresses."""

from __future__ import annotations

import click

from service.cli_options import decided, operator

DOORS = {
    "USSD callback": "ussd",
    "USSD events": "ussd-events",
    "Incoming SMS": "sms",
    "Delivery reports": "receipts",
}


@click.command()
@click.argument("state", type=click.Choice(["on", "off"]))
@decided
@click.option("--reason", default="", help="Why, for whoever looks later.")
def sending(state: str, by: str, reason: str) -> None:
    """Stop all outbound messages, or let them go again."""
    from service.console.audit import note
    from service.outbox.brakes import switch
    from service.runtime import open_runtime

    with open_runtime() as runtime, runtime.engine.begin() as connection:
        if switch(connection, on=state == "on", by=by, reason=reason):
            note(connection, operator(by), f"sending_{state}", "sending", reason=reason)
    click.echo("Messages go out." if state == "on" else "Nothing is sent; messages wait.")


@click.command("resume-carrier")
@click.option("--by", default="terminal", show_default=True, help="Who decides this.")
def resume_carrier(by: str) -> None:
    """Try the carrier again now, after topping up or a new key."""
    from service.console.audit import note
    from service.ops.carrier_names import carriers_set
    from service.outbox.brakes import resume
    from service.runtime import open_runtime

    with open_runtime() as runtime, runtime.engine.begin() as connection:
        for carrier in carriers_set(runtime.settings):
            if resume(connection, carrier):
                note(connection, operator(by), "carrier_resumed", f"carrier {carrier}")
    click.echo("The next message will try.")


@click.command("callback-urls")
def callback_urls() -> None:
    """Print the addresses to paste at each carrier; they hold a secret."""
    from service.ops.carrier_names import carriers_set
    from service.runtime import runtime_from_environment

    settings = runtime_from_environment("cli").settings
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    secret = settings.gateway_secrets[0].get_secret_value()
    for n, carrier in enumerate(carriers_set(settings)):
        if n:
            click.echo("\nThe second account, by which messages go while they are rerouted:")
        for what, door in DOORS.items():
            click.echo(f"{what:<17} {base}/gateway/{carrier}/{secret}/{door}")
    if not settings.public_url:
        click.echo(
            "Set PUBLIC_URL to the address at which the carrier reaches this service.", err=True
        )
