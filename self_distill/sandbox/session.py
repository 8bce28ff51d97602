"""Sessions that are fed cell by cell: what a loop's REPL stands on. A cell may call the host, which answers it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pydantic_monty import (
    AsyncFunctionSnapshot,
    AsyncMonty,
    AsyncMontySession,
    AsyncNameLookupSnapshot,
    AsyncSnapshot,
    MontyComplete,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySyntaxError,
)

from self_distill.errors import SandboxBroken
from self_distill.sandbox.limits import OS_POLICY, Limits

CELL = Limits(seconds=30.0, memory=2 << 30)
TRIPS = 10_000
"""Calls to the host of one cell: an endless loop of calls that a cache answers ends here."""
KEPT = 200_000
"""Characters of output that are kept from its start, and as many from its end."""
WORKERS = 256
_STOPPED = "feed time limit exceeded"
"""How Monty begins to say that it stopped a program, whose heap is not to be trusted then."""

Host = Callable[[str, tuple[Any, ...], dict[str, Any]], Awaitable[Any]]
"""Answers a call of a name that the program does not define. Its exceptions are raised in the program, except
for those that `Session.feed` is told to let through."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a cell ended early. `line` and `source` say where in the cell (0 and "" where nobody knows); with
    `lost`, what the cell itself assigned is gone."""

    kind: str
    message: str
    line: int = 0
    source: str = ""
    lost: bool = False

    def __str__(self) -> str:
        where = f"line {self.line}: {self.source.strip()}\n" if self.line else ""
        tail = "\nWhat this block assigned is lost; what was there before it is kept." if self.lost else ""
        return f"{where}{self.kind}: {self.message}{tail}"


@dataclass(frozen=True, slots=True)
class Ran:
    """`output` is what was printed, its middle left out when it was too much; `printed` counts all of it."""

    output: str
    printed: int
    value: Any = None
    trouble: Trouble | None = None


class _Output:
    def __init__(self) -> None:
        self.head: list[str] = []
        self.tail = ""
        self.printed = 0

    def __call__(self, stream: str, text: str) -> None:
        room = max(0, KEPT - self.printed)
        self.printed += len(text)
        if room:
            self.head.append(text[:room])
        if len(text) > room:
            self.tail = (self.tail + text[room:])[-KEPT:]

    @property
    def text(self) -> str:
        left_out = self.printed - sum(map(len, self.head)) - len(self.tail)
        gap = f"\n[… {left_out:,} characters …]\n" if left_out else ""
        return "".join(self.head) + gap + self.tail


class Cells:
    """Worker processes for sessions; they start on the first use. Raises `SandboxBroken`."""

    def __init__(self, limits: Limits = CELL, trips: int = TRIPS) -> None:
        self.limits = limits
        self.trips = trips
        self._pool: AsyncMonty | None = None
        self._starting = asyncio.Lock()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        session = Session(self)
        try:
            await session.restore(b"")
            yield session
        finally:
            await session.close()

    async def checkout(self) -> AsyncMontySession:
        async with self._starting:
            if self._pool is None:
                pool = AsyncMonty(max_processes=WORKERS)
                try:
                    await pool.__aenter__()
                except Exception as error:  # no binary, no process to be had
                    raise _broken(error) from None
                self._pool = pool
        return self._pool.checkout(
            script_name="repl.py", limits=self.limits.resources(), os_policy=OS_POLICY, print_flush_interval=0.05
        )

    async def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.__aexit__(None, None, None)


class Session:
    """One program's world. A cell that is stopped from outside leaves the world as it was before the cell."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._worker: AsyncMontySession | None = None
        self._dumped = b""

    async def feed(
        self,
        code: str,
        host: Host,
        names: Mapping[str, Any] | None = None,
        let_through: tuple[type[BaseException], ...] = (),
    ) -> Ran:
        """Runs a cell with `names` bound before it; its value is that of a last expression."""
        output = _Output()
        before = await self.dump()
        try:
            value = await self._drive(code, host, names, output, let_through)
            return Ran(output.text, output.printed, value)
        except MontyError as error:
            trouble = _trouble(error)
        except _TooMany:
            trouble = Trouble("RuntimeError", f"more than {self._cells.trips:,} calls in one block", lost=True)
        except BaseException:
            await self._settle(before)
            raise
        if trouble.lost:
            await self._settle(before)
        return Ran(output.text, output.printed, trouble=trouble)

    async def value(self, code: str, names: Mapping[str, Any] | None = None) -> Any:
        """The value of code of our own; raises `SandboxBroken` when it fails."""
        try:
            return await self._drive(code, _nobody, names, _Output(), ())
        except MontyError as error:
            raise _broken(error) from None

    async def _drive(
        self,
        code: str,
        host: Host,
        names: Mapping[str, Any] | None,
        output: _Output,
        let_through: tuple[type[BaseException], ...],
    ) -> Any:
        assert self._worker is not None
        self._dumped = b""
        inputs = dict(names) if names else None
        snapshot: AsyncSnapshot = await self._worker.feed_start(code, inputs=inputs, print_callback=output)
        for _ in range(self._cells.trips):
            if isinstance(snapshot, MontyComplete):
                return snapshot.output
            if isinstance(snapshot, AsyncFunctionSnapshot):
                snapshot = await _answered(snapshot, host, let_through)
            elif isinstance(snapshot, AsyncNameLookupSnapshot):
                snapshot = await snapshot.resume()
            else:
                raise SandboxBroken("the sandbox waits for what nobody promised: report this program")
        raise _TooMany

    async def dump(self) -> bytes:
        assert self._worker is not None
        self._dumped = self._dumped or await self._worker.dump()
        return self._dumped

    async def restore(self, state: bytes) -> None:
        """Goes on from a dump, in a fresh worker; without one the world is empty."""
        await self.close()
        worker = await self._cells.checkout()
        try:
            await worker.__aenter__()
            self._worker = worker
            if state:
                await worker.load_session(state)
            self._dumped = state
        except (MontyError, OSError) as error:
            raise _broken(error) from None

    async def _settle(self, before: bytes) -> None:
        await asyncio.shield(asyncio.ensure_future(self.restore(before)))

    async def close(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.__aexit__(None, None, None)


class _TooMany(Exception):
    pass


async def _nobody(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    raise NameError(f"name {name!r} is not defined")


async def _answered(
    call: AsyncFunctionSnapshot, host: Host, let_through: tuple[type[BaseException], ...]
) -> AsyncSnapshot:
    if call.is_os_function:
        return await call.resume_not_handled()
    try:
        value = await host(str(call.function_name), call.args, call.kwargs)
    except let_through:
        raise
    except Exception as error:
        known = isinstance(error, NameError | TypeError | ValueError)
        return await call.resume({"exception": error if known else RuntimeError(str(error))})
    return await call.resume({"return_value": value})


def _trouble(error: MontyError) -> Trouble:
    if isinstance(error, MontyCrashedError):
        kind = "TimeoutError" if error.timed_out else "MemoryError"
        return Trouble(kind, "the block was stopped: it took too long or too much memory", lost=True)
    if not isinstance(error, MontyRuntimeError | MontySyntaxError):
        return Trouble(type(error).__name__, str(error), lost=True)
    frames = error.traceback()
    own = [frame for frame in frames if frame.filename == frames[0].filename]
    kind, message = type(error.exception()).__name__, error.display("msg")
    line, source = (own[-1].line, own[-1].source_line or "") if own else (0, "")
    stopped = kind == "TimeoutError" and message.startswith(_STOPPED)
    return Trouble(kind, message, line, source, lost=stopped)


def _broken(error: BaseException) -> SandboxBroken:
    return SandboxBroken(f"no sandbox for the loop ({type(error).__name__}: {error}): reinstall pydantic-monty")
