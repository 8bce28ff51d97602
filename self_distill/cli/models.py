"""self-distill models: what an Ollama server has, and how it gets more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from self_distill.background import run_sync
from self_distill.cli.console import AsJson, err, write_json
from self_distill.clients.ollama import Ollama

app = typer.Typer(no_args_is_help=True, help="Models of an Ollama server (OLLAMA_HOST, else this machine).")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """The models that the server has, one a line, as --model takes them."""
    names = run_sync(_names())
    if as_json:
        write_json(names)
        return
    for name in names:
        typer.echo(name)
    if not names:
        typer.echo("self-distill: the server has no models yet: self-distill models pull llama3.2:3b", err=True)


@app.command()
def pull(model: Annotated[str, typer.Argument(help="As in Ollama's library: llama3.2:3b.")]) -> None:
    """Have the server download a model; one that broke off goes on where it was."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        task = bars.add_task(model, total=None)

        def notice(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total or None)

        run_sync(_pulled(model, notice))
    typer.echo(f"{model} is there: self-distill ask --model {model} …", err=True)


async def _names() -> list[str]:
    client = Ollama("ollama")
    try:
        return await client.models()
    finally:
        await client.close()


async def _pulled(model: str, notice: Callable[[str, int, int], None]) -> None:
    client = Ollama(model)
    try:
        await client.pull(notice)
    finally:
        await client.close()
