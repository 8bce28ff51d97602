"""self-distill tasks: what is asked again and again could be a task of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from self_distill import wire
from self_distill.cli.console import AsJson, err, out, write_beside, write_json
from self_distill.datasets.files import read_examples
from self_distill.distill.newtask import new_task
from self_distill.errors import DataError
from self_distill.pipeline import FREE
from self_distill.rlm.shapes import Shape, shapes
from self_distill.settings import load_settings
from self_distill.task import task_file
from self_distill.types import AnswerRow

app = typer.Typer(no_args_is_help=True, help="Tasks: named sub-tasks that rules can learn.")
THOUSAND = 1_000


@app.command()
def new(
    name: Annotated[str, typer.Option("--name", help="A word; GROUP/WORD is a word too.")],
    instructions: Annotated[str, typer.Option("--instructions", help="What is to be done, as one would tell a model.")],
    examples: Annotated[Path, typer.Option("--examples", help="JSONL, CSV or Parquet with text and label.")],
    target: Annotated[Path | None, typer.Option("--out", help="The task file; default NAME.toml.")] = None,
    force: Annotated[bool, typer.Option(help="Write over a file that is there.")] = False,
) -> None:
    """A task file whose answer space is what the examples' labels show."""
    path = target or Path(f"{name.rpartition('/')[2]}.toml")
    if path.exists() and not force:
        raise DataError(f"{path} is there already: give another --out, or --force")
    task = new_task(name, instructions, read_examples(examples))
    write_beside(path, task_file(task))
    shown = f"{len(task.labels)} labels" if task.labels else task.kind
    err.print(f"{path}: answers are {shown}; look at it, then", highlight=False, soft_wrap=True)
    err.print(f"self-distill distill --task {path} --examples {examples}", highlight=False, soft_wrap=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """The tasks that are known by name."""
    known = wire.make_tasks(load_settings())
    tasks = [known[name] for name in sorted(known)]
    if as_json:
        write_json([{"name": t.name, "answer": t.kind, "labels": t.labels, "risk": t.risk} for t in tasks])
        return
    table = Table("task", "answers", "risk", "instructions", box=None)
    for task in tasks:
        answers = f"{len(task.labels)} labels" if len(task.labels) > 3 else ", ".join(task.labels) or task.kind
        table.add_row(*map(escape, (task.name, answers, f"{task.risk:.0%}", " ".join(task.instructions.split())[:70])))
    out.print(table)


@app.command()
def suggest(
    write: Annotated[Path | None, typer.Option("--write", help="Folder for task files and their examples.")] = None,
    as_json: AsJson = False,
) -> None:
    """Sub-calls of the same shape in the ledger: how many, what they cost, what a rule could save at most."""
    ledger = wire.make_ledger(load_settings())
    rows = [entry.row for entry in ledger.entries(kinds=(AnswerRow,))]
    ledger.close()
    found = shapes(row for row in rows if isinstance(row, AnswerRow) and row.task == FREE.name)
    if write:
        written(found, write)
    if as_json:
        write_json([told(shape) for shape in found])
        return
    table = Table("task", "prompt", "answers", "calls", "texts", "tokens", "saves per 1,000 calls, at most", box=None)
    for shape in found:
        answers = ", ".join(shape.task.labels) or shape.task.kind
        cells = (shape.task.name, " ".join(shape.task.prompt.split())[:60], answers[:40])
        figures = (shape.calls, len(shape.examples), shape.tokens, round(shape.per_call * THOUSAND))
        table.add_row(*map(escape, cells), *(f"{figure:,}" for figure in figures))
    out.print(table if found else "no shape with enough different texts yet", highlight=False)


def told(shape: Shape) -> dict[str, object]:
    return {
        "name": shape.task.name,
        "prompt": shape.task.prompt,
        "labels": shape.task.labels,
        "answer": shape.task.kind,
        "calls": shape.calls,
        "texts": len(shape.examples),
        "tokens": shape.tokens,
        "saving_per_1000": round(shape.per_call * THOUSAND),
    }


def written(found: list[Shape], folder: Path) -> None:
    """For each shape a task file and its examples, as `distill` takes them. The labels are the model's answers."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for shape in found:
            (folder / f"{shape.task.name}.toml").write_text(task_file(shape.task), encoding="utf-8")
            (folder / f"{shape.task.name}.jsonl").write_text(shape.lines(), encoding="utf-8")
            task, examples = (folder / f"{shape.task.name}.{end}" for end in ("toml", "jsonl"))
            err.print(f"self-distill distill --task {task} --examples {examples}", highlight=False, soft_wrap=True)
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror or error}") from None
