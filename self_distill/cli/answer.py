"""self-distill answer: the rules at work on a file; what they leave goes to the model."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from self_distill.background import run_sync
from self_distill.batch.answers import Answers, Tick, count, opened, sheet
from self_distill.batch.part import part_of
from self_distill.cli.console import AsJson, Model, Tools, apart, err, existing, known_task, progress, write_json
from self_distill.datasets.files import read_rows
from self_distill.wire import Pipeline

AUDITS = {"passed": "not chosen", "waits": "wait for a verdict (`self-distill feedback`, if nobody else gives it)"}


def command(
    task: Annotated[str, typer.Option("--task", "-t", help="A task file, or the name of a known task.")],
    source: Annotated[Path, typer.Option("--in", help="JSONL, CSV or Parquet with a field `text`.")],
    target: Annotated[Path, typer.Option("--out", help="JSONL: id, answer, by, tokens, trace; in order.")],
    model: Model = None,
    tools: Tools = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier run ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer every line: certified rules first, else the model; both see scrubbed text only."""
    started = time.perf_counter()
    apart(source, target)
    total = count(source)
    with Pipeline(model, tools=existing(tools)) as pipeline, progress() as bars:
        what = known_task(task, pipeline.settings)
        if resume and target.exists() and not part_of(target).exists():
            found, audits = sheet(read_rows(target)), {}
        else:
            work = opened(pipeline, what, source, target, resume)
            bar = bars.add_task(source.name, total=total)
            answered(work, lambda done: bars.update(bar, completed=done))
            run_sync(pipeline.parts.watcher.close())
            found, audits = sheet(work.part.lines()), dict(pipeline.parts.watcher.counts)
            work.part.finish()
    seconds = time.perf_counter() - started
    if as_json:
        about = {"task": what.name, "model": pipeline.parts.door.client.name, "out": str(target)}
        write_json({**about, **asdict(found), "audits": audits, "seconds": round(seconds, 3)})
        return
    told = ", ".join(f"{n:,} by {who}" if who != "error" else f"{n:,} failed" for who, n in found.by.items())
    told += f"; {found.tokens_in:,} + {found.tokens_out:,} tokens" if found.tokens_in else ""
    err.print(f"{found.lines:,} lines in {target}: {told or 'none'}", highlight=False, soft_wrap=True)
    if audits:
        told = ", ".join(f"{n:,} {AUDITS.get(outcome, outcome)}" for outcome, n in sorted(audits.items()))
        err.print(f"audits of answers by rules: {told}", highlight=False)


def answered(work: Answers, tick: Tick) -> None:
    """Ctrl-C leaves nothing that is paid for, unless it comes twice."""
    try:
        run_sync(work.run(tick))
    except KeyboardInterrupt:
        err.print("waiting for the answers under way; once more to leave them", style="dim")
        run_sync(work.settle())
        raise
    finally:
        if sys.exc_info()[0]:
            work.part.close()
            err.print("what is done is kept: go on with --resume", style="dim")
