"""self-distill tools: the programs, their cards, their life."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from self_distill.cli.console import AsJson, Tools, out, write_json
from self_distill.errors import DataError
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Tools: programs that models wrote, with their cards.")


def open_store(tools: Tools) -> Store:
    return Store(load_settings(tools=tuple(tools) if tools else None).tool_folders)


def named(store: Store, name: str) -> Rule:
    rule = store.named(name)
    if rule is None:
        raise DataError(f"no tool {name!r}; `self-distill tools list` shows what there is")
    return rule


@app.command("list")
def list_(tools: Tools = None, as_json: AsJson = False) -> None:
    """All tools with their status."""
    store = open_store(tools)
    if as_json:
        write_json([{"name": r.name, "task": r.task, "status": r.status, "hash": r.hash} for r in store.rules()])
        return
    table = Table("tool", "task", "status", "code", "maker", "tokens of making", box=None)
    for rule in store.rules():
        cells = (rule.name, rule.task, rule.status, rule.hash[:12], rule.card.maker)
        table.add_row(*map(escape, cells), f"{rule.card.tokens_making:,}")
    out.print(table)
    for problem in store.problems:
        out.print(f"[red]does not act:[/] {escape(problem)}")


@app.command()
def show(name: Annotated[str, typer.Argument()], tools: Tools = None, as_json: AsJson = False) -> None:
    """A tool's code and card."""
    rule = named(open_store(tools), name)
    if as_json:
        write_json({"name": rule.name, "code": rule.code, "card": rule.card.as_json()})
        return
    out.print(Syntax(rule.code, "python", background_color="default"))
    out.print_json(data=rule.card.as_json())
