"""self-distill certify: rules that are there already, put to the test on held-out examples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from self_distill.background import run_sync
from self_distill.certificates.certificate import GOLD
from self_distill.cli.console import AsJson, Data, err, writable, write_beside, write_json
from self_distill.cli.distill import HERE, prices, read, shown, the_task
from self_distill.distill.distillation import Job
from self_distill.distill.figures import figures
from self_distill.distill.report import report as page
from self_distill.distiller import Order, distilled
from self_distill.errors import DataError
from self_distill.rules.rule import Rule
from self_distill.rules.store import as_it_stands
from self_distill.settings import load_settings

BY_HAND = "hand"
"""Maker of a program that nobody's card knows."""


def command(
    names: Annotated[list[str], typer.Argument(help="Tools of one task, in the order of their cascade.")],
    examples: Annotated[str, typer.Option("--examples", help="JSONL, CSV or Parquet, or the name of a data set.")],
    task: Annotated[str | None, typer.Option("--task", "-t", help="A task file or name, if not the card's.")] = None,
    tools: Annotated[Path, typer.Option("--tools", help="Folder that holds them.")] = HERE,
    test: Annotated[str | None, typer.Option("--test", help="A test part that the data keeps for itself.")] = None,
    teacher: Annotated[str, typer.Option(help="Whose answers the labels are: gold, or a model's name.")] = GOLD,
    auditor: Annotated[str, typer.Option(help="A model to compare certified rules with, that may audit them.")] = "",
    risk: Annotated[float | None, typer.Option(help="Share of answers that may be wrong; default: the task's.")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="HTML page with curves and code.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Certify tools that were written before: by hand, by another maker, or refused on fewer examples."""
    settings = load_settings(data=data)
    writable(report)
    rules = given(names, tools, task or "")
    what = the_task(task or rules[0].task, settings, risk, None)
    rules = tuple(rule.with_card(task=what.name) for rule in rules)
    held = read(test, "test", settings) if test else None
    job = Job(what, read(examples, "train", settings), rules[0].card.maker or BY_HAND, held, teacher)
    with err.status("") as status:
        order = Order(
            job,
            tools,
            given=rules,
            auditor=auditor,
            notice=lambda line: status.update(f"[dim]{escape(what.name)}: {escape(line)}"),
        )
        done, kept = run_sync(distilled(order, settings))
    document = figures(done, kept, prices(job.maker, settings))
    if report:
        write_beside(report, page(done, document, kept))
    if as_json:
        write_json(document)
    else:
        shown(document, tools)


def given(names: list[str], folder: Path, task: str) -> tuple[Rule, ...]:
    """The programs as they stand, also such as were changed or never had a card. Raises `DataError`."""
    rules = []
    for name in names:
        try:
            rule = as_it_stands(folder / f"{name}.py", name, task)
        except DataError as error:
            raise DataError(f"{folder / name}.py: {error}; a program without a card needs --task") from None
        if rule.label:
            raise DataError(f"{name} decides about one label of a set; only a program for the whole task is certified")
        rules.append(rule)
    if len({rule.task for rule in rules}) > 1:
        raise DataError(f"{', '.join(names)} answer different tasks: certify those of one task at a time")
    return tuple(rules)
