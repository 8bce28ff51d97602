"""self-distill restore: placeholders back to values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from self_distill import wire
from self_distill.cli.console import read_text, write_text
from self_distill.macros import vaultfile
from self_distill.settings import load_settings


def command(
    file: Annotated[Path | None, typer.Argument(help="A text; without it, stdin.")] = None,
    vault: Annotated[Path, typer.Option("--vault", help="The vault that `scrub --vault` wrote.")] = ...,  # type: ignore[assignment]  # typer's sign for "required"
) -> None:
    """Put the original values back into a text."""
    settings = load_settings()
    opened = vaultfile.load(vault, settings.state)
    restored = wire.make_macros(settings.macros).restore(read_text(file), opened)
    write_text(restored.text)
    for kind, names in (("could not restore", restored.lost), ("left in place", restored.withheld)):
        if names:
            typer.echo(f"self-distill: {kind}: {', '.join(names)}", err=True)
