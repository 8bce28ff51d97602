"""The main job in small: a baseline, the pipeline, three requests step by step. Offline, on generated texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from experiments import command, table
from experiments.harness import Arm, Experiment, SpansDispatcher
from experiments.mix import Share
from self_distill import wire
from self_distill.background import run_sync
from self_distill.errors import AnswerError
from self_distill.pipeline import FREE, Parts, Request, solve
from self_distill.rules.store import Store
from self_distill.settings import load_settings
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import AnswerRow, CallRow

EXPERIMENT = Experiment(
    "demo",
    "The same requests, answered by the model alone and by the pipeline (generated texts)",
    shares=(
        Share(("--sentences",), "acceptability", "acceptability", 16),
        Share(("--pii",), "pii", "pii", 12),
    ),
    arms=(
        Arm("baseline"),
        Arm("pipeline", baseline="baseline", macros=True, rules="uncertified", routed=True, spans=True),
    ),
)

REQUESTS = (
    ("acceptability", "The nurse have cleaned the windows."),
    ("pii", "Please call Jo on +1 415 555 0132 or write to jo.marsh@example.org about ticket 4711."),
    (None, "Please send the invoice to ada.byron@example.net by Friday. Rewrite this sentence politely."),
)
"""(task, text); without a task the model just answers."""
SHOWN_TOOL = "pii/email_detector"
NEXT = """\
What to type next:
  self-distill ask "Write a short reply to ada@example.org" --model local/smollm2     what the model sees has no address
  echo "Call +44 20 7946 0958" | self-distill scrub                                   the macros alone
  self-distill distill --task T.toml --examples E.jsonl --report r.html               rules from your own examples
  self-distill tools list                                                             the programs and their cards
  self-distill ledger show                                                            who answered what
  self-distill run exp003 --model local/smollm2 --data DIR                            the experiment on public data
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One request as it went: `seen` is what a model was shown of the text, "" when none was asked."""

    text: str
    scrubbed: str
    by: str
    seen: str
    answer: str
    latency_ms: float


def main(args: Sequence[str] | None = None, prog: str = "") -> dict[str, Any]:
    given = command.parser(EXPERIMENT, prog).parse_args(args)
    document = command.conduct(EXPERIMENT, given)
    steps = run_sync(_steps(given.model))
    document["requests"] = [{field: getattr(step, field) for field in step.__slots__} for step in steps]
    if given.json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        _show(document, steps, table.console())
    return document


async def _steps(model: str) -> list[Step]:
    """Three requests through the pipeline; what is shown of each comes from the ledger."""
    settings = load_settings()
    ledger, sandbox = SqlLedger(), wire.make_sandbox()
    door = wire.make_door(settings, wire.make_client(settings, model), ledger)
    parts = wire.make_parts(settings, door, tools=wire.Tools(Store(settings.tool_folders), sandbox, True))
    parts = replace(parts, rules=SpansDispatcher(parts.rules, parts.tasks))
    try:
        return [await _step(parts, ledger, task, text) for task, text in REQUESTS]
    finally:
        await door.close()
        await sandbox.close()
        ledger.close()


async def _step(parts: Parts, ledger: SqlLedger, task: str | None, text: str) -> Step:
    try:
        answer = await solve(parts, Request(text, parts.tasks[task] if task else FREE))
        value = answer.value
    except AnswerError as error:
        value = f"no answer: {error}"
    trace = ledger.recent(1)[0].row.trace
    rows = [entry.row for entry in ledger.trace(trace)]
    row = next(row for row in rows if isinstance(row, AnswerRow))
    asked = any(isinstance(r, CallRow) for r in rows)
    shown = value if isinstance(value, str) else json.dumps(value)
    by = row.by or f"model:{parts.door.client.name}"
    return Step(text, row.text, by, row.text if asked else "", shown, row.latency_ms)


def _show(document: Mapping[str, Any], steps: Sequence[Step], console: Console) -> None:
    table.show(document, console)
    for number, step in enumerate(steps, 1):
        grid = Table.grid(padding=(0, 2))
        for name, value in (
            ("text", step.text),
            ("after the macros", step.scrubbed),
            ("who answered", f"{step.by}, in {step.latency_ms:.1f} ms"),
            ("what a model saw", step.seen or "nothing: no model was asked"),
            ("answer, restored", step.answer),
        ):
            grid.add_row(f"[dim]{name}", escape(value))
        console.print(Panel(grid, title=f"request {number}", title_align="left"))
    tool = Store(load_settings().tool_folders).named(SHOWN_TOOL)
    if tool:
        title = f"{SHOWN_TOOL}, written by {tool.card.maker}"
        console.print(Panel(Syntax(tool.code, "python", background_color="default"), title=escape(title)))
    console.print(NEXT, highlight=False)
