"""self-distill tools: the programs, their cards, their life."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from self_distill import wire
from self_distill.cli.console import AsJson, Tools, err, out, write_json
from self_distill.errors import DataError
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Tools: programs that models wrote, with their cards.")


def open_store(tools: Tools) -> Store:
    return Store(load_settings(tools=tuple(tools) if tools else None).tool_folders)


def problems(store: Store) -> tuple[str, ...]:
    """Why tools do not act, those of every task under its own mask."""
    settings = load_settings()
    masks = {rule.task: () for rule in store.rules()} | {n: t.mask for n, t in wire.make_tasks(settings).items()}
    return wire.make_trust(settings, store, wire.make_macros(settings.macros)).problems(masks)


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
        for problem in problems(store):
            err.print(f"does not act: {problem}", markup=False, highlight=False, soft_wrap=True)
        return
    table = Table("tool", "task", "status", "code", "maker", "tokens of making", box=None)
    for rule in store.rules():
        cells = (rule.name, rule.task, rule.status, rule.hash[:12], rule.card.maker)
        table.add_row(*map(escape, cells), f"{rule.card.tokens_making:,}")
    out.print(table)
    for problem in problems(store):
        out.print(f"[red]does not act:[/] {escape(problem)}", highlight=False, soft_wrap=True)


@app.command()
def show(name: Annotated[str, typer.Argument()], tools: Tools = None, as_json: AsJson = False) -> None:
    """A tool's code and card."""
    rule = named(open_store(tools), name)
    if as_json:
        write_json({"name": rule.name, "code": rule.code, "card": rule.card.as_json()})
        return
    out.print(Syntax(rule.code, "python", background_color="default"))
    out.print_json(data=rule.card.as_json())
