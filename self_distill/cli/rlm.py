"""self-distill rlm: a question about a long context, answered by a recursive loop."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

import typer

from self_distill.budget import Limits
from self_distill.cli.console import AsJson, Model, err, read_text, write_json, write_text
from self_distill.cli.live import watched
from self_distill.errors import DataError, SelfDistillError, SettingsError
from self_distill.recursion import Asked, Context, Solved
from self_distill.rlm.loop import Options
from self_distill.rlm.spans import spans
from self_distill.rlm.trajectory import Event
from self_distill.tracking.mlflow import log_trace
from self_distill.wire import Pipeline

TOKENS = 1_000_000
"""Tokens that a run may spend if nobody says otherwise."""
Direct = Literal["auto", "never", "always"]


def command(
    question: Annotated[str | None, typer.Argument(help="The question; not needed with --resume.")] = None,
    context: Annotated[
        Path | None, typer.Option("--context", help="A text, .json or .jsonl file; - reads stdin.")
    ] = None,
    model: Model = None,
    depth: Annotated[int, typer.Option(min=1, help="How many loops may stand inside one another.")] = 2,
    task: Annotated[str | None, typer.Option("--task", "-t", help="The task whose answers are accepted.")] = None,
    limit: Annotated[
        list[str] | None, typer.Option(help="NAME=NUMBER: tokens, money, calls, turns, seconds …; may be repeated.")
    ] = None,
    direct: Annotated[str, typer.Option(help="Plain call instead of a loop: auto, never or always.")] = "auto",
    resume: Annotated[Path | None, typer.Option("--resume", help="Folder of a run that was ended.")] = None,
    mlflow: Annotated[bool, typer.Option("--mlflow", help="Write the run as a trace to MLflow too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question about a text that may be far longer than the model can read."""
    if direct not in get_args(Direct):
        raise SettingsError(f"--direct is one of {', '.join(get_args(Direct))}")
    if (question is None) == (resume is None):
        raise SettingsError("give a question, or --resume RUN")
    with Pipeline(model) as pipeline, watched(err, pipeline.parts.door.client.name) as view:
        folder = resume or new_folder(pipeline.settings.state)
        try:
            if resume:
                solved = pipeline.resume(resume, task, view)
            else:
                options = Options(direct=cast(Direct, direct))
                limits = parse_limits(limit or [], depth)
                asked = Asked(question or "", read_context(context), pipeline.task(task), limits, options)
                solved = pipeline.rlm(asked, folder, view)
        except (SelfDistillError, KeyboardInterrupt):
            if (folder / "state").exists():
                err.print(
                    f"go on with: self-distill rlm --resume {folder}", style="dim", highlight=False, soft_wrap=True
                )
            raise
        if mlflow and solved.run:
            traced(solved, pipeline.parts.door.client.name)
    shown(solved, as_json)


def traced(solved: Solved, model: str) -> None:
    """The run's trajectory as a trace."""
    assert solved.run
    lines = (solved.run / "trajectory.jsonl").read_text(encoding="utf-8").splitlines()
    found = spans((Event.from_json(json.loads(line)) for line in lines), model)
    facts = {"model": model, "run": str(solved.run), "trace": solved.answer.trace}
    err.print(f"in MLflow: trace {log_trace('rlm', found, facts)}", style="dim", highlight=False)


def new_folder(state: Path) -> Path:
    return state / "runs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def read_context(path: Path | None) -> Context:
    """The text of a file; JSON and JSON lines as what they hold."""
    if path is None:
        return ""
    text = read_text(None if str(path) == "-" else path)
    try:
        if path.suffix == ".json":
            return cast(Context, json.loads(text))
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise DataError(f"{path} is not {path.suffix[1:].upper()}: {error}") from None
    return text


def parse_limits(given: list[str], depth: int) -> Limits:
    """`tokens=100000` and the like; raises `SettingsError`."""
    known = {field.name for field in fields(Limits)} - {"depth"}
    values: dict[str, Any] = {"tokens": TOKENS, "depth": depth}
    for item in given:
        name, _, number = item.partition("=")
        if name not in known:
            raise SettingsError(f"--limit {item}: give NAME=NUMBER with one of {', '.join(sorted(known))}")
        try:
            value = float(number.replace("_", ""))
            if not 0 <= value < float("inf"):
                raise ValueError
        except ValueError:
            raise SettingsError(f"--limit {item}: {number!r} is not a number of zero or more") from None
        values[name] = value if name in ("money", "seconds") else int(value)
    return Limits(**values)


def shown(solved: Solved, as_json: bool) -> None:
    answer, spent = solved.answer, solved.budget.spent
    document = {
        "answer": answer.value,
        "complete": solved.complete,
        "reason": solved.reason,
        "by": answer.by,
        "turns": solved.turns,
        "calls": solved.budget.calls,
        "tokens_in": spent.tokens_in,
        "tokens_out": spent.tokens_out,
        "money": solved.budget.money,
        "seconds": round(answer.latency_ms / 1000, 3),
        "lost": answer.lost,
        "withheld": answer.withheld,
        "trace": answer.trace,
        "run": str(solved.run) if solved.run else None,
    }
    if as_json:
        write_json(document)
    elif isinstance(answer.value, str):
        write_text(answer.value + "\n")
    elif answer.value is not None:
        write_json(answer.value)
    for kind, names in (("not restored", answer.lost), ("left in place", answer.withheld)):
        if names:
            typer.echo(f"self-distill: {kind}: {', '.join(names)}", err=True)
    if not as_json and solved.run:
        totals = f"{solved.turns} turns, {solved.budget.calls} calls, {spent.tokens_in:,} + {spent.tokens_out:,} tokens"
        err.print(
            f"{answer.by}: {totals}; {solved.run / 'trajectory.html'}", style="dim", highlight=False, soft_wrap=True
        )
    if not solved.complete:
        typer.echo(f"self-distill: incomplete: {solved.reason}", err=True)
        raise typer.Exit(1)
