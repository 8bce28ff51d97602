"""The one background event loop behind the synchronous API."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, wait
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
LOOK = 0.2
"""Seconds after which a waiting thread looks for an interrupt: where polars is loaded, the signal does not wake it."""


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
    An interrupt (Ctrl-C) cancels the work and is raised again."""
    future = begin(work)
    try:
        while not future.done():
            wait([future], timeout=LOOK)
        return future.result()
    except KeyboardInterrupt:
        future.cancel()
        raise
