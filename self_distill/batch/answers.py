"""The rules of a task at work on a file: many requests at once, each through the pipeline like any other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from self_distill.batch.part import Part, digest
from self_distill.datasets.files import numbered
from self_distill.errors import AnswerError, BadReply, DataError, ModelRefused, SafetyError, SelfDistillError
from self_distill.pipeline import Request
from self_distill.task import Task
from self_distill.wire import Pipeline

OF_ONE_LINE = (AnswerError, SafetyError, ModelRefused, BadReply)
"""What goes wrong with one text and is no reason to leave the others."""
TOGETHER = 200
"""Answers of rules that are written together at most."""
REFUSED = 10
"""So many requests in a row that a model refuses, and it is not the texts."""

Tick = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`by` counts lines by who answered them: "rule", "model" or "error"."""

    lines: int
    by: dict[str, int]
    tokens_in: int
    tokens_out: int


@dataclass(slots=True)
class Answers:
    """From `source`, lines with a `text`, to a part file. What is under way survives `run` being cancelled: `settle`
    waits for it. At most `at_once` requests are under way."""

    pipeline: Pipeline
    task: Task
    source: Path
    part: Part
    at_once: int
    _kept: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """Answers of rules that are written together, after their rows in the ledger."""
    _writes: int = 0
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _stop: SelfDistillError | None = None
    _refused: int = 0

    async def run(self, tick: Tick = lambda done: None) -> None:
        """Answers every line that has no answer yet. Raises what makes going on pointless, when the requests under
        way have ended."""
        self.pipeline.ledger.hold()
        done = frozenset(self.part.done)
        tick(len(done))
        for number, (_, row) in enumerate(numbered(self.source)):
            if number in done:
                continue
            while len(self._under_way) >= self.at_once and not self._stop:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            if self._stop:
                break
            task = asyncio.create_task(self._one(number, row, tick))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        await self.settle()

    async def settle(self) -> None:
        """Waits for what is under way; raises what stopped the run."""
        while self._under_way:
            await asyncio.wait(self._under_way)
        self._write()
        self.pipeline.ledger.hold(False)
        if self._stop:
            raise self._stop

    async def _one(self, number: int, row: Mapping[str, Any], tick: Tick) -> None:
        """A line without an id is known by its trace only: line 3 of one file is not line 3 of another."""
        name = row.get("id", number)
        request = Request(row["text"], self.task, item=str(row.get("id", "")))
        try:
            answer = await self.pipeline.solve(request)
            used = {"tokens_in": answer.usage.tokens_in, "tokens_out": answer.usage.tokens_out}
            line = {"id": name, "answer": answer.value, "by": answer.by, **used, "trace": answer.trace}
            self._refused = 0
        except OF_ONE_LINE as error:
            line = {"id": name, "answer": None, "by": "", "tokens_in": 0, "tokens_out": 0, "trace": request.trace}
            line["error"] = type(error).__name__
            self._refused = self._refused + 1 if isinstance(error, ModelRefused | BadReply) else 0
            if self._refused >= REFUSED:
                self._stop = error
        except SelfDistillError as error:
            self._stop = error
            return
        self._kept.append((number, line))
        paid = line["by"].partition(":")[0] != "rule" or self.pipeline.ledger.writes != self._writes
        if paid or len(self._kept) >= TOGETHER:
            self._write()
        tick(len(self.part.done) + len(self._kept))

    def _write(self) -> None:
        """A kill costs answers that cost nothing: what a model said, or was asked to audit, is written at once, with
        what waits."""
        try:
            self.pipeline.ledger.flush()
            self._writes = self.pipeline.ledger.writes
            while self._kept:
                self.part.write(*self._kept[0])
                del self._kept[0]
        except OSError as error:
            self._stop = DataError(f"{self.part.path}: {error.strerror or error}")
        except SelfDistillError as error:
            self._stop = error


def count(source: Path) -> int:
    """Lines to answer. Raises `DataError` for one without a text, before anything is paid for."""
    total = 0
    for number, row in numbered(source):
        if not isinstance(row.get("text"), str):
            raise DataError(f"{source}, row {number}: no field `text` that is a string")
        total += 1
    return total


def opened(pipeline: Pipeline, task: Task, source: Path, target: Path, resume: bool) -> Answers:
    head = {"source": digest(source), "task": task.name, "model": pipeline.parts.door.client.name}
    return Answers(pipeline, task, source, Part(target, head, resume), pipeline.settings.at_once)


def sheet(lines: Iterable[Mapping[str, Any]]) -> Sheet:
    by: Counter[str] = Counter()
    tokens_in = tokens_out = 0
    for line in lines:
        by[line["by"].partition(":")[0] or "error"] += 1
        tokens_in += line["tokens_in"]
        tokens_out += line["tokens_out"]
    return Sheet(sum(by.values()), dict(by), tokens_in, tokens_out)
