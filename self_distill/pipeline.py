"""The way of one request: scrub, rules, model, restore, ledger. `solve` is the whole order of processing."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from self_distill.budget import Budget
from self_distill.door import Door, Errand
from self_distill.errors import AnswerError, SelfDistillError
from self_distill.macros.scrub import Macros, NoMacros, Scrubbed
from self_distill.macros.vault import Vault
from self_distill.protocols import Ledger
from self_distill.rules.dispatch import Dispatched
from self_distill.rules.router import Routed
from self_distill.task import Task
from self_distill.types import Answer, AnswerRow, Json, Reply, Ruled, Sampling, Usage
from self_distill.watcher import NoWatch, Ruling, Watching

FREE = Task("free", "Do what the user asks.", answer="string")
"""What a text is taken for when nobody says which task it is: the model answers it as it stands."""


@dataclass(frozen=True, slots=True)
class Request:
    """One text to answer. `conversation` is the vault that messages share; `item` names a data row in the
    ledger, `trace` all that happens for it; without a `task` the router chooses, and where it does not know,
    `otherwise` is done."""

    text: str
    task: Task | None = None
    conversation: Vault | None = None
    item: str = ""
    sampling: Sampling | None = None
    budget: Budget = field(default_factory=Budget)
    otherwise: Task = FREE
    trace: str = field(default_factory=lambda: secrets.token_hex(8))


class Rules(Protocol):
    """Decides by rules; see `rules.dispatch.Dispatcher`."""

    async def decide(self, task_name: str, text: str, many: bool = False, mask: Collection[str] = ()) -> Dispatched: ...


class Routing(Protocol):
    """Says which task a text is; see `rules.router`."""

    async def route(self, text: str) -> Routed: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What a request passes, already built. `tasks` are those a router may choose among."""

    macros: Macros | NoMacros
    rules: Rules
    router: Routing
    door: Door
    ledger: Ledger
    tasks: dict[str, Task] = field(default_factory=dict)
    watcher: Watching = field(default_factory=NoWatch)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer on its way back: still scrubbed."""

    value: Json
    by: str
    usage: Usage = field(default_factory=Usage)


async def solve(parts: Parts, request: Request) -> Answer:
    """The restored answer; raises `SafetyError`, `ModelError`, `LimitError` or `AnswerError`, and the ledger
    has a row in every case."""
    started, trace = time.perf_counter(), request.trace
    task = request.task or request.otherwise
    scrubbed: Scrubbed | None = None
    try:
        scrubbed = parts.macros.scrub(request.text, request.conversation, only=task.mask or None)
        task = request.task or await _route(parts, scrubbed.text, trace) or request.otherwise
        errand = Errand(trace, scrubbed.vault, budget=request.budget)
        mask = (request.task or request.otherwise).mask
        found = await by_rules(parts, task, scrubbed.text, errand, mask, request.item)
        found = found or await _model(parts, task, scrubbed.text, errand, request.sampling)
        restored = parts.macros.restore_json(found.value, scrubbed.vault)
    except SelfDistillError as error:
        _record(parts, request, task, scrubbed, Found(None, ""), trace, started, type(error).__name__)
        raise
    latency = _record(parts, request, task, scrubbed, found, trace, started)
    return Answer(restored.value, found.by, trace, found.usage, latency, restored.lost, restored.withheld)


async def solve_part(parts: Parts, request: Request, text: str, errand: Errand, mask: Collection[str] = ()) -> Found:
    """The middle of the way, rules and model, for a part of a larger request: `text` is scrubbed (of the types of
    `mask`, if there are any), the answer stays so, and nobody guesses a task. Raises as `solve` does, and the ledger
    has a row in every case."""
    started, task = time.perf_counter(), request.task or request.otherwise
    scrubbed = Scrubbed(text, (), errand.vault)
    try:
        found = request.task and await by_rules(parts, task, text, errand, mask)
        found = found or await _model(parts, task, text, errand, request.sampling)
    except SelfDistillError as error:
        _record(parts, request, task, scrubbed, Found(None, ""), errand.trace, started, type(error).__name__)
        raise
    _record(parts, request, task, scrubbed, found, errand.trace, started)
    return found


async def _route(parts: Parts, text: str, trace: str) -> Task | None:
    routed = await parts.router.route(text)
    parts.ledger.record(*(replace(row, trace=trace) for row in routed.rows))
    return parts.tasks.get(routed.task or "")


async def by_rules(
    parts: Parts, task: Task, text: str, errand: Errand, mask: Collection[str], item: str = ""
) -> Found | None:
    """The answer of the task's rules to a text scrubbed under `mask`, or None where they abstain, answer outside the
    answer space, or may not act. Who watches them sees it either way."""
    dispatched = await parts.rules.decide(task.name, text, many=task.many, mask=mask)
    parts.ledger.record(*(replace(row, trace=errand.trace) for row in dispatched.rows))
    found = None
    if isinstance(dispatched.decision, Ruled):
        with suppress(AnswerError):
            found = Found(task.checked(dispatched.decision.value), f"rule:{dispatched.decision.by}")
    if dispatched.certificate:
        value = found.value if found else None
        ruling = Ruling(task, dispatched.certificate, text, errand, item, found is not None, value)
        await parts.watcher.see(ruling)
    return found


async def _model(parts: Parts, task: Task, text: str, errand: Errand, sampling: Sampling | None) -> Found:
    request = task.request(parts.door.client.name, text, sampling)
    reply: Reply = await parts.door.ask(request, errand)
    return Found(task.parse(reply.text), f"model:{parts.door.client.name}", reply.usage)


def _record(
    parts: Parts,
    request: Request,
    task: Task,
    scrubbed: Scrubbed | None,
    found: Found,
    trace: str,
    started: float,
    error: str = "",
) -> float:
    """Writes the answer's row and returns the latency in milliseconds. A text that was not scrubbed is not
    written."""
    latency = (time.perf_counter() - started) * 1000
    parts.ledger.record(
        AnswerRow(
            trace=trace,
            task=task.name,
            by=found.by,
            text=scrubbed.text if scrubbed else "",
            value=found.value,
            usage=found.usage,
            latency_ms=latency,
            masked=dict(Counter(span.type for span in scrubbed.spans)) if scrubbed else {},
            item=request.item,
            error=error,
        )
    )
    return latency
