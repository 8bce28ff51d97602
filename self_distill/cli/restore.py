"""self-distill restore: placeholders back to values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from self_distill import wire
from self_distill.cli.console import read_text, write_text
from self_distill.errors import DataError
from self_distill.macros import vaultfile
from self_distill.settings import load_settings


def command(
    file: Annotated[Path | None, typer.Argument(help="A text; without it, stdin.")] = None,
    vault: Annotated[Path, typer.Option("--vault", help="The vault that `scrub --vault` wrote.")] = ...,  # type: ignore[assignment]  # typer's sign for "required"
) -> None:
    """Put the original values back into a text."""
    settings = load_settings()
    opened = vaultfile.load(vault, settings.state)
    macros, text = wire.make_macros(settings.macros), read_text(file)
    if file and file.suffix == ".jsonl":
        found = [macros.restore_json(row, opened) for row in rows(text, file)]
        write_text("".join(json.dumps(one.value) + "\n" for one in found))
        lost = dict.fromkeys(name for one in found for name in one.lost)
        withheld = dict.fromkeys(name for one in found for name in one.withheld)
    else:
        restored = macros.restore(text, opened)
        write_text(restored.text)
        lost, withheld = dict.fromkeys(restored.lost), dict.fromkeys(restored.withheld)
    for kind, names in (("could not restore", lost), ("left in place", withheld)):
        if names:
            typer.echo(f"self-distill: {kind}: {', '.join(names)}", err=True)


def rows(text: str, path: Path) -> Iterator[Any]:
    """The objects of JSON lines, so that a value with quotes in it goes back as JSON has it."""
    for number, line in enumerate(text.splitlines(), 1):
        try:
            if line.strip():
                yield dict(json.loads(line))
        except (ValueError, TypeError):
            raise DataError(f"{path}, line {number}: not a JSON object") from None
