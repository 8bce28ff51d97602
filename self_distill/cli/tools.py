"""self-distill tools: the programs, their cards, their life."""

from __future__ import annotations

from collections.abc import Collection
from difflib import unified_diff
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Column, Table

from self_distill import wire
from self_distill.certificates.certificate import Certificate
from self_distill.certificates.watches import Watches
from self_distill.cli.console import AsJson, Tools, err, existing, out, write_json
from self_distill.distill.program import measure
from self_distill.errors import DataError
from self_distill.rules.finder import KIND, unfit
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Tools: programs that models wrote, with their cards.")


def open_store(tools: Tools) -> Store:
    return Store(load_settings(tools=existing(tools)).tool_folders)


def problems(store: Store) -> tuple[str, ...]:
    """Why tools do not act: rules, those of every task under its own mask, and macros."""
    settings = load_settings(tools=store.folders)
    macros = [rule for rule in store.rules() if rule.task.startswith(KIND)]
    masks: dict[str, Collection[str]] = {rule.task: () for rule in store.rules() if rule not in macros}
    masks |= {name: task.mask for name, task in wire.make_tasks(settings).items()}
    rules = wire.make_trust(settings, store, wire.macros_in_use(settings)).problems(masks)
    return (*rules, *(f"{rule.name}: {why}" for rule in macros if rule.status == "certified" and (why := unfit(rule))))


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
    names = Column("tool", overflow="fold"), Column("task, if not its folder", overflow="fold")
    table = Table(*names, "status", "error below", "maker", Column("tokens of making", justify="right"), box=None)
    for rule in store.rules():
        task = "" if rule.name.startswith(f"{rule.task}/") else rule.task
        cells = (rule.name, task, rule.status, error_below(rule), rule.card.maker)
        table.add_row(*map(escape, cells), f"{rule.card.tokens_making:,}")
    out.print(table)
    for problem in problems(store):
        out.print(f"[red]does not act:[/] {escape(problem)}", highlight=False, soft_wrap=True)


def error_below(rule: Rule) -> str:
    """The bound of the certificate of its cascade; a macro's card, or a damaged one, has none of this kind."""
    try:
        return f"{Certificate.from_json(rule.card.certificate or {}).verdict.risk.bound:.1%}"
    except DataError:
        return "–"


@app.command()
def show(name: Annotated[str, typer.Argument()], tools: Tools = None, as_json: AsJson = False) -> None:
    """A tool's code, card and watch."""
    rule = named(open_store(tools), name)
    document = {"name": rule.name, "code": rule.code, "card": rule.card.as_json(), "figures": figures(rule)}
    if as_json:
        write_json(document)
        return
    out.print(Syntax(rule.code, "python", background_color="default"))
    out.print_json(data={"card": document["card"], "figures": document["figures"]})


def figures(rule: Rule) -> dict[str, Any]:
    """What is known of a tool in numbers; those of certificate and watch are of its whole cascade."""
    size = measure(rule.code)
    found: dict[str, Any] = {"status": rule.status, "tokens_making": rule.card.tokens_making, "lines": size.lines}
    if rule.card.certificate:
        certificate = Certificate.from_json(rule.card.certificate)
        watch = wire.make_watches(load_settings()).watch(certificate)
        found |= {"claim": certificate.claim, "certify": certificate.verdict.figures, "date": certificate.date}
        errors = watch.errors
        audits = {"n": errors.n, "wrong": errors.hits, "evidence": errors.evidence, "rings_at": 1 / errors.delta}
        found |= {"audits": audits, "requests": watch.talking.n, "notices": list(watch.notices)}
    return found


@app.command()
def diff(
    one: Annotated[str, typer.Argument()],
    other: Annotated[str, typer.Argument()],
    tools: Tools = None,
    as_json: AsJson = False,
) -> None:
    """Two tools side by side: code and figures."""
    store = open_store(tools)
    pair = [named(store, name) for name in (one, other)]
    before, after = (rule.code.splitlines() for rule in pair)
    changed = list(unified_diff(before, after, one, other, lineterm=""))
    if as_json:
        write_json({"diff": changed, "figures": {rule.name: figures(rule) for rule in pair}})
        return
    out.print(Syntax("\n".join(changed) or "the same code", "diff", background_color="default"))
    table = Table("", one, other, box=None)
    first, second = map(figures, pair)
    for key in dict.fromkeys([*first, *second]):
        table.add_row(key, *(escape(str(figure.get(key, "–"))) for figure in (first, second)))
    out.print(table)


Why = Annotated[str, typer.Option("--why", help="Kept in its history.")]


@app.command()
def approve(name: Annotated[str, typer.Argument()], tools: Tools = None, why: Why = "approved by hand") -> None:
    """Let the cascade act that a tool was certified in; what it replaces is retired."""
    store = open_store(tools)
    for rule in approved(store, named(store, name), wire.make_watches(load_settings()), why):
        told(rule)


def approved(store: Store, rule: Rule, watches: Watches, why: str) -> list[Rule]:
    """Raises `DataError` where figures are missing, or audits speak against it."""
    if not rule.card.certificate:
        raise DataError(f"{rule.name} has no certificate: certify it first")
    certificate = Certificate.from_json(rule.card.certificate)
    if watches.watch(certificate).demoted:
        raise DataError(f"{rule.name} was demoted by its audits: certify it again, on new examples")
    mine = [one for one in store.rules() if one.task == rule.task and one.card.certificate == rule.card.certificate]
    mine = sorted((one for one in mine if one.status != "retired"), key=lambda one: (one.card.order, one.name))
    if tuple(one.hash for one in mine) != certificate.rules:
        raise DataError(f"{rule.name} was certified in a cascade that is not whole any more: certify it again")
    for old in store.cascade(rule.task):
        if old.name not in {one.name for one in mine}:
            store.enter(old.name, "retired", f"replaced by {', '.join(one.name for one in mine)}")
    return [store.enter(one.name, "certified", why) for one in mine if one.status != "certified"]


@app.command()
def demote(name: Annotated[str, typer.Argument()], tools: Tools = None, why: Why = "demoted by hand") -> None:
    """Stop a certified tool, and with it its cascade; `approve` lets both act again."""
    store = open_store(tools)
    if named(store, name).status != "certified":
        raise DataError(f"{name} is {named(store, name).status}: only a certified tool can be demoted")
    told(store.enter(name, "demoted", why))


@app.command()
def retire(name: Annotated[str, typer.Argument()], tools: Tools = None, why: Why = "retired by hand") -> None:
    """Take a tool out of its cascade for good; what was certified with it does not act any more."""
    store = open_store(tools)
    named(store, name)
    told(store.enter(name, "retired", why))


def told(rule: Rule) -> None:
    err.print(f"{rule.name} is {rule.status}: {rule.card.history[-1][2]}", markup=False, highlight=False)
