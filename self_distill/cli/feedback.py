"""self-distill feedback: gold for the answers that the coin chose."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from self_distill import wire
from self_distill.cli.console import AsJson, Tools, err, existing, known_task, write_json
from self_distill.feedback import Feedback, read_feedback
from self_distill.rules.store import Store
from self_distill.settings import load_settings


def command(
    task: Annotated[str, typer.Option("--task", "-t", help="A task file, or the name of a known task.")],
    source: Annotated[
        Path | None, typer.Option("--in", help="JSONL of {trace or id, label}; without it, what waits is listed.")
    ] = None,
    tools: Tools = None,
    as_json: AsJson = False,
) -> None:
    """Say what was right: evidence where the coin chose the answer, else a notice."""
    settings = load_settings(tools=existing(tools))
    what = known_task(task, settings)
    ledger, store = wire.make_ledger(settings), Store(settings.tool_folders)
    try:
        watcher = wire.make_watcher(settings, store, ledger)
        feedback = Feedback(what, store, watcher, ledger, settings.state / "watch" / "feedback.lock")
        if source is None:
            for row in feedback.waiting():
                write_json({"trace": row.trace, "id": row.item, "text": row.text, "answer": row.value, "by": row.by})
            sys.stdout.flush()
            return
        said = read_feedback(source, what, wire.macros_in_use(settings))
        found = feedback.take(said)
        waiting = len(feedback.waiting())
    finally:
        ledger.close()
    if as_json:
        write_json({"task": what.name, "lines": len(said), **found, "waiting": waiting})
        return
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in found.items() if count)
    err.print(f"{len(said):,} verdicts: {told or 'nothing'}; {waiting:,} answers wait for one", highlight=False)
