"""Programs run in Monty's worker processes, each call as if no other had been."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_monty import MontyCrashedError, MontyError

from self_distill.sandbox.faults import fault
from self_distill.sandbox.limits import Limits
from self_distill.sandbox.prelude import CALL, PRELUDE
from self_distill.sandbox.purity import watched
from self_distill.sandbox.workers import Worker, Workers, broken
from self_distill.types import Abstain, Decision, Fault, Ruled

PATIENCE = 8
"""So many texts in a row without an answer in time, and the program is not tried on the rest."""
REMEMBERED = 256
"""Programs whose loaded state is kept."""
SHARE = 50
"""Texts that are worth a further worker."""
CALLS = 500
"""Calls after which a session ends, for it keeps a line of each."""
LARGE = 100_000
"""Characters of a text after which a session ends, for it keeps the text."""
WATCHED = 20_000
"""Characters of the `repr` of all variables, above which looking at them costs more than a new session."""
FILE = "<python-input-2>"
"""Monty's name for the third thing it is fed: after prelude and toolkit comes the program."""
_PASSING = ("TimeoutError", "Crash")
"""Faults that say as much of the machine as of the program."""


@dataclass(frozen=True, slots=True)
class Program:
    """`shares`: calls may share a session, since what one of them keeps would be seen."""

    code: str
    key: str
    state: bytes
    call: str
    shares: bool


class Sandbox:
    """Fits `protocols.Interpreter`. `toolkit` is Python source that programs may use. Workers start on the
    first use; any thread and any event loop may call. Raises `SandboxBroken` when no worker can be had."""

    def __init__(self, toolkit: str = "", limits: Limits | None = None, workers: int | None = None) -> None:
        self.limits = limits or Limits()
        self._toolkit = toolkit
        self._common = watched(toolkit)
        self._at_once = workers or os.cpu_count() or 1
        self._workers = Workers(self.limits, self._at_once)
        self._lock = threading.Lock()
        self._base: bytes = b""
        self._programs: OrderedDict[str, Program | Fault] = OrderedDict()

    async def run(self, code: str, text: str) -> Decision:
        return (await self.run_many(code, [text]))[0]

    async def run_many(self, code: str, texts: Sequence[str]) -> list[Decision]:
        """One decision for each text, in order; many texts are spread over the workers."""
        stop = threading.Event()
        pieces = max(1, min(self._at_once, len(texts) // SHARE))
        size = -(-len(texts) // pieces)
        parts = [list(texts[start : start + size]) for start in range(0, len(texts), size or 1)]
        try:
            work = (asyncio.to_thread(self._run_many, code, part, stop) for part in parts)
            found = await asyncio.gather(*work, return_exceptions=True)
        finally:
            stop.set()
        for part in found:
            if isinstance(part, BaseException):
                raise part
        return [decision for part in found if not isinstance(part, BaseException) for decision in part]

    def run_now(self, code: str, texts: Sequence[str]) -> list[Decision]:
        """The same for who has no event loop, or may not leave it; blocks."""
        return self._run_many(code, list(texts), threading.Event())

    async def close(self) -> None:
        await asyncio.to_thread(self._workers.close)

    def _run_many(self, code: str, texts: list[str], stop: threading.Event) -> list[Decision]:
        program = self._program(code)
        if isinstance(program, Fault):
            return [program] * len(texts)
        found: list[Decision] = []
        worker = self._workers.take(program.key)
        late = 0
        for text in texts:
            if stop.is_set():
                break
            if late >= PATIENCE:
                found.append(Fault("TimeoutError", "not run: too slow on the texts before"))
                continue
            decision, worker = self._called(program, text, worker)
            late = late + 1 if isinstance(decision, Fault) and decision.kind == "TimeoutError" else 0
            found.append(decision)
        if worker:
            self._workers.give(program.key, worker)
        return found

    def _called(self, program: Program, text: str, worker: Worker | None) -> tuple[Decision, Worker | None]:
        """The decision, and the session if the next call may have it. What fails in a session that has seen other
        calls, or crashes, is tried in a new one."""
        if worker:
            result = self._fed(program, text, worker)
            if not isinstance(result, MontyError):
                return self._kept(program, text, worker, result)
        for again in (True, False):
            worker = self._workers.open(program.state)
            result = self._fed(program, text, worker)
            if not isinstance(result, MontyError):
                return self._kept(program, text, worker, result)
            if not (again and isinstance(result, MontyCrashedError) and not result.timed_out):
                break
        return fault(result, program.code, FILE, text), None

    def _fed(self, program: Program, text: str, worker: Worker) -> Any:
        """What the call returned, or Monty's error, after which the session is of no more use."""
        try:
            names = {"text": _plain(text), "room": self.limits.answer}
            return worker.session.feed_run(program.call, inputs=names, print_callback=_nowhere)
        except MontyError as error:
            self._workers.end(worker)
            return error

    def _kept(self, program: Program, text: str, worker: Worker, result: Any) -> tuple[Decision, Worker | None]:
        decision, clean = _read(result, program.key[:12])
        worker.calls += 1
        if clean and program.shares and worker.calls < CALLS and len(text) < LARGE:
            return decision, worker
        self._workers.end(worker)
        return decision, None

    def _program(self, code: str) -> Program | Fault:
        """The program ready to be called, or why it cannot be."""
        key = hash_of(code)
        with self._lock:
            if key in self._programs:
                self._programs.move_to_end(key)
                return self._programs[key]
        program = self._loaded(code, key)
        if isinstance(program, Fault) and program.kind == "Crash":
            program = self._loaded(code, key)
        if isinstance(program, Fault) and program.kind in _PASSING:
            return program
        with self._lock:
            self._programs[key] = program
            while len(self._programs) > REMEMBERED:
                self._programs.popitem(last=False)
        return program

    def _loaded(self, code: str, key: str) -> Program | Fault:
        worker = self._workers.open(self._prepared())
        try:
            worker.session.feed_run(code, print_callback=_nowhere)
            worker.session.feed_run("run")
            names = self._watched(code, worker)
            call = CALL.format(watched=", ".join(names or ()))
            return Program(code, key, worker.session.dump(), call, names is not None)
        except MontyError as error:
            found = fault(error, code, FILE)
            return found if found.detail else Fault(found.kind, "the program cannot be loaded")
        finally:
            self._workers.end(worker)

    def _watched(self, code: str, worker: Worker) -> list[str] | None:
        """The variables to watch, those of the toolkit that the program names among them."""
        own = watched(code)
        if own is None or self._common is None:
            return None
        names = sorted({*own, *(name for name in self._common if name in code)})
        try:
            size = worker.session.feed_run(f"len(repr([{', '.join(names)}]))")
        except MontyError:  # a variable that loading did not reach
            return None
        return names if isinstance(size, int) and size < WATCHED else None

    def _prepared(self) -> bytes:
        with self._lock:
            if self._base:
                return self._base
        worker = self._workers.open(b"")
        try:
            worker.session.feed_run(PRELUDE)
            worker.session.feed_run(self._toolkit)
            base = worker.session.dump()
        except MontyError as error:
            raise broken(error) from None
        finally:
            self._workers.end(worker)
        with self._lock:
            self._base = base
        return base


def hash_of(code: str) -> str:
    """SHA-256 in hex: what names a program, here and in its certificate."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(text: str) -> str:
    """Lone surrogates cannot cross into the sandbox; they go as U+FFFD, one for one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def _nowhere(stream: str, text: str) -> None:
    """Where a program prints to."""


def _read(result: Any, by: str) -> tuple[Decision, bool]:
    """The decision, and whether the call left everything as it was. A program may replace what packs its answer,
    so nothing of it is believed."""
    packed, clean = result if isinstance(result, list) and len(result) == 2 else ("", False)
    if not isinstance(packed, str):
        return Fault("AnswerError", "returned what is no JSON"), False
    try:
        value, reason = json.loads(packed)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError):
        kind = packed if packed.isidentifier() and len(packed) < 40 else "what is no JSON"
        return Fault("AnswerError", f"returned {kind}, or too much of it"), clean is True
    if not isinstance(reason, str):
        return Fault("AnswerError", "returned a reason that is no text"), False
    return Abstain(reason) if value is None else Ruled(value, by, reason), clean is True
