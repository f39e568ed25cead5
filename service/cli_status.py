"""`caunoi status`: the operators' room at one glance, in a terminal."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.option("--language", type=click.Choice(["vi", "en"]), default="en", help="Of what is said.")
def status(*, as_json: bool, language: str) -> None:
    """Say what waits, what is stuck and since when, why, and what an operator should do."""
    from service.ops.overview import as_data_of, overview
    from service.runtime import open_runtime

    with open_runtime() as runtime:
        if as_json:
            click.echo(json.dumps(as_data_of(runtime.engine, runtime.redis), ensure_ascii=False))
            return
        for line in overview(runtime.engine, language, runtime.redis):
            click.echo(line)
