"""The one door to a model: cache, budget, per attempt egress guard, send, retry; a ledger row in any case."""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakKeyDictionary

from self_distill.budget import Budget
from self_distill.clients.cassette import request_key
from self_distill.errors import ModelUnavailable, SafetyError
from self_distill.macros.egress import EgressGuard
from self_distill.macros.vault import Vault
from self_distill.protocols import Client, Ledger
from self_distill.types import CallRow, ModelRequest, Phase, Reply, Usage


class Tape(Protocol):
    """Where replies are recorded, or not."""

    def recall(self, request: ModelRequest) -> Reply | None: ...

    def keep(self, request: ModelRequest, reply: Reply) -> None: ...


class NoTape:
    def recall(self, request: ModelRequest) -> Reply | None:
        return None

    def keep(self, request: ModelRequest, reply: Reply) -> None: ...


class Journal(Protocol):
    """What a run that can be killed and continued keeps of its calls."""

    def recall(self) -> Reply | None:
        """The reply if this call was answered before."""

    def hold(self, request: ModelRequest) -> None:
        """The call is about to be sent; raises what stops it."""

    def keep(self, reply: Reply) -> None: ...

    def drop(self) -> None:
        """Nothing was sent."""


class NoJournal:
    def recall(self) -> Reply | None:
        return None

    def hold(self, request: ModelRequest) -> None: ...

    def keep(self, reply: Reply) -> None: ...

    def drop(self) -> None: ...


NO_JOURNAL = NoJournal()


@dataclass(frozen=True, slots=True)
class Retry:
    """Exponential backoff with full jitter (Brooker, AWS, 2015); seconds. A server's Retry-After wins."""

    attempts: int = 4
    base: float = 0.5
    cap: float = 20.0

    def pause(self, attempt: int, asked: float | None) -> float:
        if asked is not None:
            return min(asked, self.cap)
        return random.uniform(0, min(self.cap, self.base * 2**attempt))


@dataclass(slots=True)
class Tried:
    """How often one request left: not at all, or several times when a server failed."""

    sent: int = 0


@dataclass(frozen=True, slots=True)
class Errand:
    """On whose behalf a call is made; handed down whole. A `journal` is of one call."""

    trace: str
    vault: Vault
    phase: Phase = "use"
    depth: int = 0
    budget: Budget = field(default_factory=Budget)
    journal: Journal = NO_JOURNAL


class Door:
    """Every call to `client`, at any depth, goes through `ask`. `remembered` replies are kept for exact
    repeats (0: none); at most `at_once` calls are under way (in one event loop)."""

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        *,
        retry: Retry = Retry(),
        remembered: int = 0,
        at_once: int = 16,
        tape: Tape | None = None,
    ) -> None:
        self.client = client
        self.ledger = ledger
        self.retry = retry
        self.tape = tape or NoTape()
        self._guard = EgressGuard()
        self._remembered = remembered
        self._cache: OrderedDict[str, Reply] = OrderedDict()
        self._at_once = at_once
        # A semaphore belongs to the loop that first waits for it; callers may come from one loop after another.
        self._slots: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    async def ask(self, request: ModelRequest, errand: Errand) -> Reply:
        """The model's reply; raises `SafetyError`, `LimitError` or `ModelError`, and then nothing more is
        sent. The ledger gets a row whatever happens."""
        key = request_key(request)
        tried = Tried()
        started = time.perf_counter()
        try:
            if cached := self._cache.get(key):
                self._cache.move_to_end(key)
                self._write(request, errand, key, "cached", Usage(), started)
                return cached
            if kept := errand.journal.recall():
                self._write(request, errand, key, "cached", Usage(), started)
                return kept
            if recorded := self.tape.recall(request):
                self._write(request, errand, key, "ok", recorded.usage, started, latency_ms=recorded.latency_ms)
                return self._keep(key, recorded)
            with errand.budget.reserve(request) as reservation:
                try:
                    async with self._slot():
                        reply = await self._attempt(request, errand, tried)
                finally:
                    if not tried.sent:
                        reservation.settle(Usage())
                reservation.settle(reply.usage)
        except BaseException as error:
            status = "refused" if isinstance(error, SafetyError) else "failed"
            kind = type(error).__name__
            self._write(request, errand, key, status, Usage(), started, max(tried.sent, 1), error=kind)
            raise
        self._write(request, errand, key, "ok", reply.usage, started, tried.sent, reply.latency_ms)
        self.tape.keep(request, reply)
        errand.journal.keep(reply)
        return self._keep(key, reply)

    async def ask_many(self, requests: Sequence[ModelRequest], errand: Errand) -> list[Reply]:
        return list(await asyncio.gather(*(self.ask(request, errand) for request in requests)))

    def _slot(self) -> asyncio.Semaphore:
        return self._slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self._at_once))

    async def _attempt(self, request: ModelRequest, errand: Errand, tried: Tried) -> Reply:
        names = (request.model, self.client.name, self.client.name.partition("/")[2])
        errand.journal.hold(request)
        while True:
            try:
                body = self.client.encode(request)
                self._guard.check(body, errand.vault, request.frames, names)
            except BaseException:
                if not tried.sent:
                    errand.journal.drop()
                raise
            tried.sent += 1
            try:
                return await self.client.send(body)
            except ModelUnavailable as error:
                if tried.sent >= self.retry.attempts:
                    raise
                await asyncio.sleep(self.retry.pause(tried.sent - 1, error.retry_after))

    def _keep(self, key: str, reply: Reply) -> Reply:
        if self._remembered:
            self._cache[key] = reply
            while len(self._cache) > self._remembered:
                self._cache.popitem(last=False)
        return reply

    def _write(
        self,
        request: ModelRequest,
        errand: Errand,
        key: str,
        status: str,
        usage: Usage,
        started: float,
        attempts: int = 1,
        latency_ms: float | None = None,
        error: str = "",
    ) -> None:
        elapsed = (time.perf_counter() - started) * 1000
        self.ledger.record(
            CallRow(
                trace=errand.trace,
                model=self.client.name,
                label=request.label,
                key=key,
                status=status,  # type: ignore[arg-type]  # narrowed by the callers above
                phase=errand.phase,
                usage=usage,
                latency_ms=elapsed if latency_ms is None else latency_ms,
                attempts=attempts,
                depth=errand.depth,
                error=error,
                temperature=request.sampling.temperature,
                seed=request.sampling.seed,
            )
        )

    async def close(self) -> None:
        await self.client.close()
