"""The pipeline as a recursive loop sees it, and the way of one such request: scrub, loop, restore, ledger."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from self_distill.budget import Budget, Limits, Price
from self_distill.clients.cassette import request_key
from self_distill.door import Errand
from self_distill.errors import DataError, SelfDistillError
from self_distill.macros.vault import Vault
from self_distill.pipeline import Parts, Request, by_rules, solve_part
from self_distill.rlm.loop import Grove, Loop, Options
from self_distill.rlm.page import page
from self_distill.rlm.runs import Book, Entry, Run, Saved
from self_distill.rlm.shapes import FRAME
from self_distill.rlm.trajectory import Event, Listener
from self_distill.rlm.way import CACHE, Heard, Outcome, State
from self_distill.sandbox.session import Cells
from self_distill.task import Task
from self_distill.types import Answer, AnswerRow, CallRow, Json, Message, ModelRequest, Sampling, Usage

Context = str | bytes | Mapping[str, Any] | Sequence[Any]
"""Text, UTF-8 bytes, or lists and dicts of what JSON can hold. In the REPL it is a str, a list or a dict."""
AT_ONCE, CHILDREN = 16, 4
"""Calls under way, and children of one depth, where the limits say nothing."""
_LONE = re.compile("[\ud800-\udfff]")
KNOWN, LONG = 1_000, 20_000
"""So many texts that were scrubbed once more are remembered, and so many characters of one at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about a context. `task` says which answers are accepted; `conversation` is a vault to share."""

    question: str
    context: Context = ""
    task: Task | None = None
    limits: Limits = field(default_factory=Limits)
    options: Options = field(default_factory=Options)
    conversation: Vault | None = None
    item: str = ""


@dataclass(frozen=True, slots=True)
class Solved:
    """Without `complete`, the answer is the best there was (None if there was none), and `reason` says why."""

    answer: Answer
    complete: bool
    reason: str
    turns: int
    budget: Budget
    run: Path | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Fits `rlm.way.Way`."""

    parts: Parts
    vault: Vault
    trace: str
    budget: Budget
    book: Book
    tasks: Mapping[str, Task]
    slots: asyncio.Semaphore
    only: Collection[str] | None = None
    depth: int = 0
    known: dict[tuple[str, bool, int], str] = field(default_factory=dict)

    @property
    def model(self) -> str:
        return self.parts.door.client.name

    def clean(self, text: str, own: bool = False) -> str:
        if len(text) > LONG:
            return self.parts.macros.again(text, self.vault, () if own else self.only)
        key = (text, own, len(self.vault.needles))
        if text and key not in self.known:
            if len(self.known) >= KNOWN:
                self.known.clear()
            self.known[key] = self.parts.macros.again(text, self.vault, () if own else self.only)
        return self.known.get(key, "")

    async def ask(self, request: ModelRequest) -> Heard:
        entry = self.book.entry(request_key(request))
        messages = tuple(
            m if m.content in request.frames else replace(m, content=self.clean(m.content, m.role == "assistant"))
            for m in request.messages
        )
        async with self.slots:
            reply = await self.parts.door.ask(replace(request, messages=messages), self._errand(entry))
        return self._heard(reply.text, f"model:{self.model}", reply.usage, entry.bought)

    async def sub(self, text: str, task: str, max_tokens: int) -> Heard:
        if not task and (ruled := await self._by_shape(text)):
            return ruled
        known = self.tasks[task] if task else None
        sampling = Sampling(max_tokens=max_tokens)
        entry = self.book.entry(request_key(ModelRequest(f"sub {task}", (Message("user", text),), sampling)))
        request = Request(text, known, budget=self.budget, sampling=sampling)
        async with self.slots:
            found = await solve_part(self.parts, request, self.clean(text), self._errand(entry), self.only or ())
        if found.by.startswith("rule:"):
            return Heard(found.value, found.by)
        return self._heard(found.value, found.by, found.usage, entry.bought)

    async def _by_shape(self, text: str) -> Heard | None:
        """A prompt that has the words of a task around its text is that task, and its rules may answer."""
        for name, task in self.tasks.items():
            before, after = task.parts
            fits = len(before.strip()) + len(after.strip()) >= FRAME and len(text) > len(before) + len(after)
            if fits and text.startswith(before) and text.endswith(after):
                ruled = await self.rule(name, text[len(before) : len(text) - len(after)])
                return replace(ruled, value=str(ruled.value)) if ruled else None
        return None

    async def rule(self, task: str, text: str) -> Heard | None:
        errand = Errand(self.trace, self.vault, depth=self.depth)
        found = await by_rules(self.parts, self.tasks[task], self.clean(text), errand, self.only or ())
        return Heard(found.value, found.by) if found else None

    def inner(self, budget: Budget) -> Reach:
        return replace(self, budget=budget, depth=self.depth + 1)

    def _errand(self, entry: Entry) -> Errand:
        return Errand(self.trace, self.vault, depth=self.depth, budget=self.budget, journal=entry)

    def _heard(self, value: Json, by: str, usage: Usage, bought: bool) -> Heard:
        return Heard(value, by, usage) if bought else Heard(value, CACHE)


@dataclass(frozen=True, slots=True)
class Places:
    """Where runs are kept: `key` is the folder of the vault's key, `hours` how long a vault may be opened."""

    key: Path
    hours: float


@dataclass(frozen=True, slots=True)
class Recursion:
    """`tasks` are those that a rule may answer, by the name they have in code."""

    parts: Parts
    cells: Cells
    places: Places
    tasks: Mapping[str, Task] = field(default_factory=dict)
    price: Price = field(default_factory=Price)

    async def solve(self, asked: Asked, folder: Path | None = None, listen: Listener | None = None) -> Solved:
        """The restored answer. With a `folder` the run can be killed and resumed. Raises `SafetyError`,
        `ModelError`, `SandboxBroken` or `DataError`; a budget that is spent is an incomplete answer."""
        vault = asked.conversation or Vault()
        only = (asked.task.mask or None) if asked.task else None
        question, context = await asyncio.to_thread(self._scrubbed, asked, vault, only)
        budget = Budget(asked.limits, price=self.price)
        run = None
        trace = secrets.token_hex(8)
        if folder is not None:
            head: dict[str, Any] = {
                "question": question,
                "model": self.parts.door.client.name,
                "trace": trace,
                "item": asked.item,
            }
            head |= {"task": asked.task.name if asked.task else "", "limits": asdict(asked.limits)}
            head |= {"options": asdict(asked.options)}
            run = Run.create(folder, self.places.key, self.places.hours, head, vault)
        work = _Work(self, question, asked.task, asked.options, vault, budget, trace, only, run, listen, asked.item)
        return await work.done(context, None)

    async def resume(
        self,
        folder: Path,
        task: Task | None = None,
        listen: Listener | None = None,
        rows: Callable[[str], Sequence[CallRow]] = lambda trace: (),
    ) -> Solved:
        """Goes on with a run. `rows` are the ledger's calls of a trace: those that a kill took from the ledger
        are written to it. A run that is done gives its answer again."""
        run = Run.open(folder, self.places.key, self.places.hours)
        head = run.head
        if (task.name if task else "") != head["task"]:
            raise DataError(f"{folder} is a run of task {head['task'] or '(none)'}: give the same")
        if self.parts.door.client.name != head["model"]:
            raise DataError(f"{folder} is a run of the model {head['model']}: give the same")
        options = Options(**{**head["options"], "sampling": Sampling(**head["options"]["sampling"])})
        budget = Budget(Limits(**head["limits"]), price=self.price)
        budget.charge(run.book.spent, calls=len(run.book.calls))
        only = (task.mask or None) if task else None
        work = _Work(
            self, head["question"], task, options, run.vault, budget, head["trace"], only, run, listen, head["item"]
        )
        if run.answer is not None:
            return work.again(run.answer)
        saved = run.saved()
        budget.charge(Usage(), turns=saved.turns)
        budget.started = time.monotonic() - saved.seconds
        self._missing(run, rows(head["trace"]))
        return await work.done("", saved)

    async def stream(self, asked: Asked, folder: Path | None = None) -> AsyncIterator[Event | Solved]:
        """Events as they happen, and the answer last."""
        queue: asyncio.Queue[Event | Solved] = asyncio.Queue()
        work = asyncio.create_task(self.solve(asked, folder, queue.put_nowait))
        work.add_done_callback(lambda _: queue.put_nowait(END))
        try:
            while (event := await queue.get()) is not END:
                yield event
            yield await work
        finally:
            work.cancel()

    def _missing(self, run: Run, rows: Sequence[CallRow]) -> None:
        """Rows of calls that were on their way when the process was killed."""
        asked = run.book.asked()
        asked.subtract(row.key for row in rows if row.status in ("ok", "failed"))
        for call in run.book.calls:
            if call.usage is None and not call.dropped and asked[call.row] > 0:
                asked[call.row] -= 1
                row = CallRow(run.head["trace"], run.head["model"], "rlm", call.row, "failed", usage=call.most)
                self.parts.ledger.record(replace(row, error="Killed"))

    def _scrubbed(self, asked: Asked, vault: Vault, only: Collection[str] | None) -> tuple[str, Json]:
        """Question and context, each knowing the values of the other."""
        macros, question = self.parts.macros, _plain(asked.question)
        macros.scrub(question, vault, only)
        context = _walk(asked.context, _plain)
        texts = list(dict.fromkeys(_texts(context)))
        shown = [one.text for one in macros.scrub_many(texts, [vault] * len(texts), only)]
        if len(texts) > 1:
            shown = [macros.again(text, vault, ()) for text in shown]
        table = dict(zip(texts, shown, strict=True))
        return macros.scrub(question, vault, only).text, _walk(context, table.__getitem__)


END: Any = object()


@dataclass(frozen=True, slots=True)
class _Work:
    """One request under way."""

    recursion: Recursion
    question: str
    task: Task | None
    options: Options
    vault: Vault
    budget: Budget
    trace: str
    only: Collection[str] | None
    run: Run | None
    listen: Listener | None
    item: str

    async def done(self, context: Json, saved: Saved | None) -> Solved:
        recursion, limits = self.recursion, self.budget.limits
        started = time.perf_counter()
        book = self.run.book if self.run else Book()
        slots = asyncio.Semaphore(limits.at_once or AT_ONCE)
        parts = recursion.parts
        reach = Reach(parts, self.vault, self.trace, self.budget, book, recursion.tasks, slots, self.only)
        children = min(CHILDREN, limits.at_once or CHILDREN)
        save = self._save if self.run else None
        at = time.perf_counter() - (saved.seconds if saved else 0.0)
        grove = Grove(recursion.cells, self.options, self._hear(), save, children, started=at)
        loop = Loop(grove, reach, self.task)
        try:
            if saved is None:
                outcome = await loop.run(self.question, context)
            else:
                outcome = await loop.resume(saved.state, saved.dump)
        except SelfDistillError as error:
            self._record(Outcome(None, False, "", 0, type(error).__name__), started)
            raise
        latency = self._record(outcome, started)
        if self.run:
            shown = {**asdict(outcome), "latency_ms": latency}
            self.run.finish(shown, page(self.run.head, self.run.events(), outcome))
        return self._restored(outcome, latency)

    def again(self, answer: dict[str, Any]) -> Solved:
        latency = answer.pop("latency_ms")
        return self._restored(Outcome(**answer), latency)

    def _restored(self, outcome: Outcome, latency: float) -> Solved:
        restored = self.recursion.parts.macros.restore_json(outcome.value, self.vault)
        answer = Answer(
            restored.value, outcome.by, self.trace, self.budget.spent, latency, restored.lost, restored.withheld
        )
        folder = self.run.folder if self.run else None
        return Solved(answer, outcome.complete, outcome.reason, outcome.turns, self.budget, folder)

    def _hear(self) -> Listener | None:
        run, listen = self.run, self.listen
        if run is None:
            return listen

        def hear(event: Event) -> None:
            run.record(event)
            if listen is not None:
                listen(event)

        return hear

    async def _save(self, state: State, dump: bytes) -> None:
        assert self.run is not None
        seconds = time.monotonic() - self.budget.started
        await asyncio.to_thread(self.run.save, state, dump, seconds, self.budget.turns)

    def _record(self, outcome: Outcome, started: float) -> float:
        latency = (time.perf_counter() - started) * 1000
        row = AnswerRow(
            trace=self.trace,
            task=self.task.name if self.task else "rlm",
            by=outcome.by,
            text=self.question,
            value=outcome.value,
            usage=self.budget.spent,
            latency_ms=latency,
            masked=dict(Counter(entry.type for entry in self.vault.entries if not entry.literal)),
            item=self.item,
            error="" if outcome.complete else outcome.reason,
        )
        self.recursion.parts.ledger.record(row)
        return latency


def _walk(value: Any, say: Callable[[str], str]) -> Json:
    """`value` as JSON, each string as `say` says it; raises `DataError` for what has no place in a REPL."""
    match value:
        case str():
            return say(value)
        case bytes():
            return say(value.decode("utf-8", "replace"))
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {say(str(key)): _walk(item, say) for key, item in value.items()}
        case Sequence() | set() | frozenset():
            return [_walk(item, say) for item in value]
    raise DataError(
        f"a context is text, UTF-8 bytes, or lists and dicts of what JSON holds, not {type(value).__name__}"
    )


def _plain(text: str) -> str:
    """Lone surrogates, which the sandbox cannot hold, become U+FFFD."""
    return text if text.isascii() else _LONE.sub("\ufffd", text)


def _texts(value: Json) -> list[str]:
    match value:
        case str():
            return [value]
        case Mapping():
            return [text for key, item in value.items() for text in (key, *_texts(item))]
        case list():
            return [text for item in value for text in _texts(item)]
    return []
