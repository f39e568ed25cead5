"""`caunoi backup`: the database into one file, and the note that there is a backup."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--done", is_flag=True, help="Only note that a backup was made by other means.")
def backup(folder: Path | None, *, done: bool) -> None:
    """Back the database up into a new file of FOLDER, and note that there is one.

    FOLDER is CAUNOI_HOME/backups when it is not named; one on another disk, copied to another
    machine, is better. The newest 14 files made so are kept.
    """
    from service.ops.backup import back_up
    from service.ops.gauges import note
    from service.runtime import open_runtime

    if done and folder:
        raise click.UsageError("--done makes no file; leave FOLDER out")
    with open_runtime() as runtime:
        size, said = 0.0, "Noted: the database is backed up."
        if not done:
            where = folder or runtime.settings.caunoi_home / "backups"
            made = back_up(runtime.settings.database_url, where)
            size = float(made.stat().st_size)
            said = f"{made} ({size / 1_000_000:.1f} MB)"
        with runtime.engine.begin() as connection:
            note(connection, "backup", size, "by other means" if done else "caunoi backup")
        click.echo(said)
