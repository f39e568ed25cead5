from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from service.settings import Settings

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"
HEAD = """\
# Every variable of the service with its default; an empty one means its default too.
# A value is read from the environment only: load this file with your process manager.
# Made from service/settings.py: `caunoi env-example` prints it, and a test keeps the two alike.
"""


def env_example() -> str:
    """Make the text of .env.example: each setting's help, name and default, in groups."""
    fields = Settings.model_fields
    lines = [HEAD]
    for group, names in _groups():
        lines.append(f"\n# -- {group}\n")
        for name in names:
            lines.extend(
                f"{line}\n"
                for line in textwrap.wrap(
                    f"# {fields[name].description}.", 98, subsequent_indent="# "
                )
            )
            lines.append(f"{name.upper()}={_text(fields[name].default)}\n")
    return "".join(lines)


def _groups() -> Iterator[tuple[str, list[str]]]:
    """Read the group headings of service/settings.py, which are its comments `# -- heading`."""
    source = inspect.getsource(Settings)
    for part in source.split("    # -- ")[1:]:
        heading, _, body = part.partition("\n")
        names = re.findall(r"^    ([a-z_]+): Annotated\[", body, re.MULTILINE)
        yield heading, names


def _text(default: object) -> str:
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, tuple):
        return ",".join(_text(part) for part in default)
    return str(default)
