"""self-distill vault: what can be done with a vault file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from self_distill.macros import vaultfile

app = typer.Typer(no_args_is_help=True, help="Vault files: the encrypted original values.")


@app.command()
def forget(vault: Annotated[Path, typer.Argument(help="The vault file.")]) -> None:
    """Delete a vault for good: its placeholders can never be restored again."""
    vaultfile.forget(vault)
    typer.echo(f"{vault}: forgotten", err=True)
