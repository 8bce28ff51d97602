"""Programs run in Monty's worker processes, each call in a session that knows nothing of any other call."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from pydantic_monty import Monty, MontyError, MontySession

from self_distill.errors import SandboxBroken
from self_distill.sandbox.faults import fault
from self_distill.sandbox.limits import OS_POLICY, Limits
from self_distill.sandbox.prelude import PRELUDE
from self_distill.types import Abstain, Decision, Fault, Ruled

CHUNK = 64
"""Texts of one feed: they share one call's time, so a chunk that runs out of it is run text by text."""
PATIENCE = 8
"""So many texts in a row without an answer in time, and the program is not tried on the rest."""
REMEMBERED = 256
"""Programs whose loaded state is kept."""
FILE = "<python-input-2>"
"""Monty's name for the third thing it is fed: after prelude and toolkit comes the program."""


class Sandbox:
    """Fits `protocols.Interpreter`. `toolkit` is Python source that programs may use. Workers start on the
    first use; any thread and any event loop may call. Raises `SandboxBroken` when no worker can be had."""

    def __init__(self, toolkit: str = "", limits: Limits | None = None, workers: int | None = None) -> None:
        self.limits = limits or Limits()
        self._toolkit = toolkit
        self._workers = workers or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._base: bytes = b""
        self._loaded: OrderedDict[str, bytes | Fault] = OrderedDict()

    async def run(self, code: str, text: str) -> Decision:
        return (await self.run_many(code, [text]))[0]

    async def run_many(self, code: str, texts: Sequence[str]) -> list[Decision]:
        """One decision for each text, in order."""
        return await asyncio.to_thread(self._run_many, code, list(texts))

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _run_many(self, code: str, texts: list[str]) -> list[Decision]:
        state = self._state(code)
        if isinstance(state, Fault):
            return [state] * len(texts)
        by = hash_of(code)[:12]
        found: list[Decision] = []
        late = 0
        for at in range(0, len(texts), CHUNK):
            chunk = texts[at : at + CHUNK]
            if late >= PATIENCE:
                found += [Fault("TimeoutError", "not run: too slow on the texts before")] * len(chunk)
                continue
            packed = self._chunk(state, chunk) if len(chunk) > 1 else None
            for place, text in enumerate(chunk):
                one = packed[place] if packed else None
                decision = _decided(one, by) if one is not None else None
                if decision is None and late < PATIENCE:
                    decision = self._alone(state, code, text, by)
                decision = decision or Fault("TimeoutError", "not run: too slow on the texts before")
                late = late + 1 if isinstance(decision, Fault) and decision.kind == "TimeoutError" else 0
                found.append(decision)
        return found

    def _chunk(self, state: bytes, texts: list[str]) -> list[Any] | None:
        """What the program returned, packed, None for each text it failed on; None when all were too much."""
        try:
            with self._session() as session:
                session.load_session(state)
                names = {"texts": [_plain(text) for text in texts], "room": self.limits.answer}
                result: list[Any] = session.feed_run("_sd_many(run, texts, room)", inputs=names)
                return result
        except MontyError:
            return None

    def _alone(self, state: bytes, code: str, text: str, by: str) -> Decision:
        try:
            with self._session() as session:
                session.load_session(state)
                names = {"text": _plain(text), "room": self.limits.answer}
                packed = session.feed_run("_sd_pack(run(text), room)", inputs=names)
        except MontyError as error:
            return fault(error, code, FILE)
        return _decided(packed, by) or Fault("Crash", "no answer could be read")

    def _state(self, code: str) -> bytes | Fault:
        """The session after the program was loaded, or why it cannot be."""
        key = hash_of(code)
        with self._lock:
            if key in self._loaded:
                self._loaded.move_to_end(key)
                return self._loaded[key]
        state = self._load(code)
        with self._lock:
            self._loaded[key] = state
            while len(self._loaded) > REMEMBERED:
                self._loaded.popitem(last=False)
        return state

    def _load(self, code: str) -> bytes | Fault:
        base = self._prepared()
        try:
            with self._session() as session:
                session.load_session(base)
                session.feed_run(code)
                session.feed_run("run")
                return session.dump()
        except MontyError as error:
            found = fault(error, code, FILE)
            return found if found.detail else Fault(found.kind, "the program cannot be loaded")

    def _prepared(self) -> bytes:
        with self._lock:
            if self._base:
                return self._base
        try:
            with self._session() as session:
                session.feed_run(PRELUDE)
                session.feed_run(self._toolkit)
                base = session.dump()
        except MontyError as error:
            raise SandboxBroken(f"the sandbox cannot load its own code ({error}): reinstall pydantic-monty") from None
        with self._lock:
            self._base = base
        return base

    def _session(self) -> MontySession:
        with self._lock:
            if self._pool is None:
                pool = Monty(min_processes=1, max_processes=self._workers)
                try:
                    pool.__enter__()
                except Exception as error:  # no binary, no process to be had
                    raise SandboxBroken(
                        f"no sandbox process can be started ({type(error).__name__}): reinstall pydantic-monty"
                    ) from None
                self._pool = pool
            return self._pool.checkout(
                script_name="rule.py",
                limits=self.limits.resources(),
                os_policy=OS_POLICY,
                assert_message_annotations=False,
            )

    def _close(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
            self._loaded.clear()
            self._base = b""
        if pool is not None:
            pool.__exit__(None, None, None)


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


def _decided(packed: Any, by: str) -> Decision | None:
    """A packed answer is (value, reason); a string names the type of one that is no JSON."""
    if isinstance(packed, str):
        return Fault("AnswerError", f"returned {packed}, or too much of it")
    if isinstance(packed, tuple | list) and len(packed) == 2:
        value, reason = packed
        return Abstain(reason) if value is None else Ruled(value, by, reason)
    return None
