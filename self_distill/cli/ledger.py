"""self-distill ledger: what was asked, who answered, and whether anybody touched the record."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from self_distill import wire
from self_distill.cli.console import AsJson, out, write_json
from self_distill.settings import load_settings
from self_distill.types import AnswerRow

app = typer.Typer(no_args_is_help=True, help="The record of every answer; it holds scrubbed text only.")


@app.command()
def show(
    trace: Annotated[str | None, typer.Argument(help="A trace: everything that happened for it.")] = None,
    n: Annotated[int, typer.Option("-n", help="How many answers, latest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """The latest answers, or all rows of one trace."""
    ledger = wire.make_ledger(load_settings())
    entries = ledger.trace(trace) if trace else ledger.recent(n)
    if as_json:
        write_json([entry.as_json() for entry in entries])
    elif trace:
        for entry in entries:
            out.print_json(data=entry.as_json())
    else:
        table = Table("time", "trace", "task", "by", "masked", "tokens", "value", box=None)
        for entry in entries:
            row = entry.row
            assert isinstance(row, AnswerRow)
            when = datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
            masked = " ".join(f"{kind}:{count}" for kind, count in row.masked.items())
            value = row.error or str(row.value)
            cells = (when, row.trace, row.task, row.by, masked, str(row.usage.total), value[:60])
            table.add_row(*map(escape, cells))
        out.print(table)
    ledger.close()


@app.command()
def verify() -> None:
    """Whether rows were changed or removed behind the program's back; exit 1 if so."""
    ledger = wire.make_ledger(load_settings())
    verdict = ledger.verify()
    ledger.close()
    typer.echo(str(verdict))
    if not verdict.ok:
        raise typer.Exit(1)


@app.command()
def export(trace: Annotated[str | None, typer.Argument()] = None) -> None:
    """All rows as JSONL on stdout."""
    ledger = wire.make_ledger(load_settings())
    ledger.export(sys.stdout, trace=trace)
    ledger.close()
