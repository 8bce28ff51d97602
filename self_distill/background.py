"""The one background event loop behind the synchronous API."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, wait
from functools import cache
from typing import Any, Generic, TypeVar

T = TypeVar("T")
LOOK = 0.2
"""Seconds after which a waiting thread looks for an interrupt: where polars is loaded, the signal does not wake it."""

GRACE = 5.0
"""Seconds that cancelled work may take to end."""


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="self-distill", daemon=True).start()
    return loop


def begin(work: Coroutine[Any, Any, T]) -> Future[T]:
    """`work` on the background loop, whatever loop the caller is in and however long that one lives."""
    return asyncio.run_coroutine_threadsafe(work, _loop())


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, run on the background loop; safe from any thread, also under a running loop.
    An interrupt (Ctrl-C) cancels the work, gives it a moment to put itself in order, and is raised again."""
    call = _Call(work)
    try:
        future = begin(call.run())
        while not future.done():
            wait([future], timeout=LOOK)
        return future.result()
    except KeyboardInterrupt:
        call.stop()
        raise


class _Call(Generic[T]):
    """Work that can be stopped from the first moment on, even before anybody holds its future."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._work = work
        self._task: asyncio.Task[Any] | None = None
        self._stopped = False
        self._ended = threading.Event()

    async def run(self) -> T:
        self._task = asyncio.current_task()
        if self._stopped:
            self._work.close()
            raise asyncio.CancelledError
        try:
            return await self._work
        finally:
            self._ended.set()

    def stop(self) -> None:
        self._stopped = True
        if self._task is not None:
            _loop().call_soon_threadsafe(self._task.cancel)
            self._ended.wait(GRACE)
