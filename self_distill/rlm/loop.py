"""The loop: a model writes code, sees what it prints, and sets its answer. Children are the same loop."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, TypeVar

from self_distill.errors import AnswerError, LimitError, SelfDistillError
from self_distill.rlm import prompts
from self_distill.rlm.blocks import blocks
from self_distill.rlm.repl import STOPS, Repl, plain
from self_distill.rlm.trajectory import ROOT, Event, Kind, Listener
from self_distill.rlm.way import Heard, Outcome, Save, State, Way
from self_distill.sandbox.session import Cells, Session
from self_distill.task import Task
from self_distill.types import Json, Message, ModelRequest, Sampling

T = TypeVar("T")
BATCH = 1_000
"""Prompts of one batch at most."""
PROMPT = 2_000_000
"""Characters of one prompt at most."""
SMALL = 13_000
"""Characters of a context that cost as much to read once as a loop costs that looks at it: measured with three turns
that print 2,000 characters each."""
TOLD = 50_000
"""Characters of one text in an event at most."""
SHARE = 0.75
"""Part of what is left that the children of one call may spend together: their parent has to come to an end."""
REPLY = Sampling(max_tokens=2_048)
SHORT = 2_000
"""Up to so many characters, a child's whole request is shown to it as its question."""


@dataclass(frozen=True, slots=True)
class Options:
    """`turns` of one loop; `shown` characters of a turn's output go back to the model; after `idle` turns in a row
    without a block that ran to its end the loop gives up. `direct` says whether a context of at most `small`
    characters is answered by one plain call; "always" does so with every context."""

    turns: int = 30
    shown: int = 8_000
    idle: int = 6
    direct: Literal["auto", "never", "always"] = "auto"
    small: int = SMALL
    sampling: Sampling = REPLY
    sub_tokens: int = 1_024
    system: str = ""


@dataclass(frozen=True, slots=True)
class Grove:
    """What all loops of one tree share. At most `at_once` children of one depth run at the same time; a parent
    never waits for a place of its own depth, so nothing can stand still."""

    cells: Cells
    options: Options = Options()
    listen: Listener | None = None
    save: Save | None = None
    at_once: int = 4
    places: dict[int, asyncio.Semaphore] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    def place(self, depth: int) -> asyncio.Semaphore:
        return self.places.setdefault(depth, asyncio.Semaphore(self.at_once))


@dataclass(slots=True)
class Loop:
    """One loop of a tree; `task` says which answers are accepted."""

    grove: Grove
    way: Way
    task: Task | None = None
    node: str = ROOT

    async def run(self, question: str, context: Json) -> Outcome:
        """Raises `ModelError`, `SafetyError`, `SandboxBroken`, or `DataError` when state cannot be saved; a budget
        that is spent is an outcome."""
        text = context if isinstance(context, str) else json.dumps(context, ensure_ascii=False)
        direct = prompts.direct(question, text, self.task) if self._small(text) else ()
        state = State([self._system(), Message("user", prompts.first(question, context))], direct)
        self._tell("start", text=question)
        if state.direct and not self._saving and (outcome := await self._directly(state)):
            return outcome
        async with self.grove.cells.session() as session:
            repl = self._repl(session, state)
            await repl.start(context)
            await self._save(state, repl)
            return await self._from(state, repl)

    async def resume(self, state: State, dump: bytes) -> Outcome:
        """Goes on from what was saved."""
        async with self.grove.cells.session() as session:
            repl = self._repl(session, state)
            await repl.restore(dump)
            return await self._from(state, repl)

    async def _from(self, state: State, repl: Repl) -> Outcome:
        if state.direct and (outcome := await self._directly(state)):
            return outcome
        while not repl.ready:
            if state.turn >= self.options.turns:
                return self._stopped(state, f"the limit of {self.options.turns} turns is reached")
            if state.idle >= self.options.idle:
                return self._stopped(state, f"{state.idle} turns in a row brought nothing")
            try:
                await self._turn(state, repl)
            except LimitError as error:
                return self._stopped(state, str(error))
        return self._end(Outcome(state.value, True, f"rlm:{self.way.model}", state.turn))

    async def _directly(self, state: State) -> Outcome | None:
        """The plain call's answer, or None where it has none in the answer space."""
        request = self._request(state.direct, "direct")
        state.direct = ()
        try:
            heard = await self._heard(request, 0)
            value = self._accepted(heard.text)
        except AnswerError:
            return None
        except LimitError as error:
            return self._stopped(state, str(error))
        return self._end(Outcome(value, True, f"model:{self.way.model}", 0))

    async def _turn(self, state: State, repl: Repl) -> None:
        """One reply and its blocks. An answer that is not accepted is not ready any more."""
        self.way.budget.turn()
        state.turn += 1
        self._tell("turn", turn=state.turn)
        heard = await self._heard(self._request(state.messages, f"turn at depth {self.depth}"), state.turn)
        code = blocks(heard.text)
        parts, ran = await self._blocks(code, repl, state.turn)
        value, problem = self._judged(repl.answer, repl.ready)
        if problem and repl.ready:
            await repl.take_back()
            parts.append(problem)
        state.value = state.value if problem else value
        state.idle = 0 if ran else state.idle + 1
        reply = Message("assistant", heard.text)
        feedback = Message("user", prompts.told(parts or [prompts.NO_CODE], state.turn, self.options.turns))
        state.messages += [reply, feedback]
        await self._save(state, repl)

    async def _blocks(self, code: Sequence[str], repl: Repl, turn: int) -> tuple[list[str], bool]:
        """What the model is told of its blocks, and whether one ran to its end. They run in order, until one fails
        or the answer is there."""
        parts: list[str] = []
        good = False
        room = self.options.shown // max(1, len(code))
        for number, block in enumerate(code, 1):
            started = time.perf_counter()
            ran = await self._in_time(repl.run(block))
            seconds = time.perf_counter() - started
            trouble = f"Error in {ran.trouble}" if ran.trouble else ""
            output = prompts.cut(ran.output, room)
            self._tell("cell", turn=turn, text=block, output=output, error=str(ran.trouble or ""), seconds=seconds)
            name = f"Output of block {number}:" if len(code) > 1 else "Output:"
            parts.append("\n".join(part for part in (name, output.strip("\n") or "(nothing)", trouble) if part))
            good = good or ran.trouble is None
            if ran.trouble and number < len(code):
                parts.append(f"Blocks {number + 1} to {len(code)} were not run.")
            if ran.trouble or repl.ready:
                break
        return parts, good

    def _judged(self, answer: Json, ready: bool) -> tuple[Json, str]:
        """The answer as it will be returned, and what is wrong with it. One that is not said to be ready counts
        as the best so far when there is nothing wrong with it."""
        if answer in (None, "") or (answer in ([], {}) and not ready):
            return None, prompts.EMPTY
        try:
            return self._accepted(answer), ""
        except AnswerError as error:
            return None, f'The answer was not accepted: {error}. Correct answer["content"].'

    def _accepted(self, value: Json) -> Json:
        if self.task is None:
            return value
        return self.task.parse(value) if isinstance(value, str) else self.task.checked(value)

    async def _heard(self, request: ModelRequest, turn: int) -> Heard:
        started = time.perf_counter()
        heard = await self._in_time(self.way.ask(request))
        seconds = time.perf_counter() - started
        self._tell("reply", turn=turn, text=heard.text, by=heard.by, usage=heard.usage, seconds=seconds)
        return heard

    async def _calls(self, state: State, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What the code in the REPL calls."""
        match name:
            case "_sd_llm":
                texts, task = [_text(item) for item in args[0]], str(args[1] or "")
                if task and task not in self.way.tasks:
                    raise ValueError(f"no task {task!r}; there are: {', '.join(self.way.tasks) or 'none'}")
                return await self._batch(state, "llm", [(text, partial(self._sub, text, task)) for text in texts])
            case "_sd_rlm":
                return await self._children(state, [_text(item) for item in args[0]], list(args[1]))
            case "_sd_rule":
                many = isinstance(args[1], list | tuple)
                asked = [_text(item) for item in (args[1] if many else [args[1]])]
                shown = asked[0] if len(asked) == 1 else f"{len(asked):,} texts"
                call = partial(self._ruled, str(args[0]), asked)
                [found] = await self._batch(state, "rule", [(f"{args[0]}: {shown}", call)])
                return found if many else found[0]
        raise NameError(f"name {name!r} is not defined")

    async def _sub(self, text: str, task: str, node: str) -> tuple[Json, Heard]:
        heard = await self.way.sub(text, task, self.options.sub_tokens)
        return heard.value if task else heard.text, heard

    async def _ruled(self, task: str, texts: list[str], node: str) -> tuple[list[Json], Heard]:
        """One node of the trajectory for all texts of a call."""
        found = [await self.way.rule(task, text) for text in texts]
        values: list[Json] = [one.value if one else None for one in found]
        by = ", ".join(dict.fromkeys(one.by for one in found if one))
        known = sum(one is not None for one in found)
        told = values[0] if len(texts) == 1 else f"{known:,} of {len(texts):,} answered"
        return values, Heard(told, by)

    async def _children(self, state: State, questions: list[str], contexts: list[Any]) -> list[Json]:
        if len(questions) != len(contexts):
            raise ValueError(f"{len(questions)} questions and {len(contexts)} contexts")
        deepest = self.way.budget.limits.depth
        if deepest is not None and self.depth + 1 >= deepest:
            texts = [q if c is None else f"{_text(c)}\n\n{q}" for q, c in zip(questions, contexts, strict=True)]
            return await self._batch(state, "llm", [(text, partial(self._sub, text, "")) for text in texts])
        way = self.way.inner(self.way.budget.share(SHARE))
        pairs = zip(questions, contexts, strict=True)
        return await self._batch(state, "rlm", [(q, partial(self._child, way, q, plain(c))) for q, c in pairs])

    async def _child(self, way: Way, question: str, context: Json, node: str) -> tuple[Json, Heard]:
        async with self.grove.place(self.depth + 1):
            if context is None:
                context, question = question, _short(question)
            child = Loop(replace(self.grove, save=None), way, node=node)
            outcome = await child.run(question, context)
        if not outcome.complete:
            best = f"; its best answer so far: {outcome.value}" if outcome.value is not None else ""
            raise LimitError(f"the helper did not finish: {outcome.reason}{best}")
        value = outcome.value if isinstance(outcome.value, str) else json.dumps(outcome.value, ensure_ascii=False)
        return value, Heard(value, outcome.by)

    async def _batch(
        self, state: State, kind: str, calls: Sequence[tuple[str, Callable[[str], Awaitable[tuple[Any, Heard]]]]]
    ) -> list[Any]:
        """All answers in order, or one error after all calls have ended. Equal prompts are asked once."""
        if len(calls) > BATCH:
            raise ValueError(f"a batch has at most {BATCH:,} prompts, this one {len(calls):,}: split it")
        places: dict[str, list[int]] = defaultdict(list)
        for place, (text, _) in enumerate(calls):
            places[text if kind == "llm" else f"{place}"].append(place)
        firsts = [found[0] for found in places.values()]
        nodes = [f"{self.node}.{state.calls + number}" for number in range(1, len(firsts) + 1)]
        state.calls += len(firsts)
        under_way = [self._one(kind, node, *calls[place]) for node, place in zip(nodes, firsts, strict=True)]
        found = await asyncio.gather(*under_way, return_exceptions=True)
        if failed := [one for one in found if isinstance(one, BaseException)]:
            raise _worst(failed, len(calls))
        answers: list[Any] = [None] * len(calls)
        for one, same in zip(found, places.values(), strict=True):
            for place in same:
                answers[place] = one
        return answers

    async def _one(self, kind: str, node: str, text: str, call: Callable[[str], Awaitable[tuple[Any, Heard]]]) -> Any:
        started = time.perf_counter()
        self._tell("call", node=node, text=text, output=kind)
        try:
            value, heard = await call(node)
        except Exception as error:
            seconds = time.perf_counter() - started
            self._tell("answer", node=node, error=f"{type(error).__name__}: {error}", seconds=seconds)
            raise
        seconds = time.perf_counter() - started
        self._tell("answer", node=node, text=heard.text, by=heard.by, usage=heard.usage, seconds=seconds)
        return value

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        """Ends what outlasts the budget's time."""
        left = self.way.budget.seconds_left
        if left is None:
            return await work
        try:
            async with asyncio.timeout(left):
                return await work
        except TimeoutError:
            raise LimitError(f"the budget of {self.way.budget.limits.seconds:g} s is spent") from None

    @property
    def options(self) -> Options:
        return self.grove.options

    @property
    def depth(self) -> int:
        return self.node.count(".")

    @property
    def _saving(self) -> bool:
        return self.grove.save is not None

    async def _save(self, state: State, repl: Repl) -> None:
        if self.grove.save is not None:
            await self.grove.save(state, await repl.dump())

    def _small(self, text: str) -> bool:
        direct = self.options.direct
        return direct == "always" or (direct == "auto" and len(text) <= self.options.small)

    def _system(self) -> Message:
        own = self.options.system or prompts.system(self.way.tasks, self.options.shown)
        return Message("system", own + prompts.typed(self.task))

    def _request(self, messages: Sequence[Message], label: str) -> ModelRequest:
        """The constant part of the prompt is no text of a user, so the guard need not search it."""
        frames = () if self.options.system else (messages[0].content,)
        return ModelRequest(self.way.model, tuple(messages), self.options.sampling, None, f"rlm {label}", frames)

    def _repl(self, session: Session, state: State) -> Repl:
        return Repl(session, partial(self._calls, state), self.way.tasks)

    def _stopped(self, state: State, reason: str) -> Outcome:
        return self._end(Outcome(state.value, False, f"rlm:{self.way.model}", state.turn, reason))

    def _end(self, outcome: Outcome) -> Outcome:
        self._tell("end", text=_text(outcome.value or ""), by=outcome.by, error=outcome.reason, turn=outcome.turns)
        return outcome

    def _tell(
        self, kind: Kind, *, node: str = "", text: str = "", output: str = "", error: str = "", **more: Any
    ) -> None:
        """An event, scrubbed as a whole."""
        if self.grove.listen is None:
            return

        def clean(text: str, own: bool = False) -> str:
            return self.way.clean(prompts.cut(text, TOLD), own)

        own = kind in ("reply", "cell")
        at = time.perf_counter() - self.grove.started
        told = Event(
            kind,
            node or self.node,
            text=clean(text, own),
            output=clean(output),
            error=clean(error),
            at=round(at, 6),
            **more,
        )
        self.grove.listen(told)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)
    if len(text) > PROMPT:
        raise ValueError(f"a prompt has at most {PROMPT:,} characters, this one {len(text):,}: pass a slice")
    return text


def _short(text: str) -> str:
    if len(text) <= SHORT:
        return text
    return f"{text[: SHORT // 2]} [… the whole request is in `context` …] {text[-SHORT // 2 :]}"


def _worst(failed: list[BaseException], calls: int) -> BaseException:
    """The error of a batch: one that stops the run before any other."""
    for error in failed:
        if isinstance(error, STOPS) or not isinstance(error, Exception):
            return error
    first = failed[0]
    if calls == 1:
        return first
    kind = "" if isinstance(first, SelfDistillError) else f"{type(first).__name__}: "
    return RuntimeError(
        f"{len(failed)} of {calls} sub-calls failed, the first with: {kind}{first}. The other answers are kept: "
        "asking for them again costs nothing"
    )
