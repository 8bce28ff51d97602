"""The scan engine: where anchors are, in one pass over all bytes, with Vectorscan or with RE2.

An anchor is a cheap pattern all of whose characters belong to the characters of its family's runs, so a run (a
longest stretch of such characters) holds an anchor for one engine exactly if it does for the other. What surrounds
an anchor is then read without any pattern. Both steps are linear.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import re2

try:
    import hyperscan
except ImportError:  # no wheel for this platform
    hyperscan = None  # type: ignore[assignment]  # its absence

EngineName = Literal["hyperscan", "re2"]
STORM = 4096
"""So many anchors in one run, and the engine goes on behind the run."""
REWIND = 128
"""Longer than any anchor: where the engine starts again, it sees those that lie across."""
STEP = 4096

OnHit = Callable[[int, int], int]
"""Takes the number of the anchor and where it ends; gives the place to go on from, or 0 for right here."""


class Engine(Protocol):
    def scan(self, data: bytes, on_hit: OnHit) -> None: ...


class Vectorscan:
    """Scratch space is per thread: Vectorscan's must not be shared."""

    def __init__(self, anchors: Sequence[bytes]) -> None:
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_DOTALL
        self._database.compile(expressions=list(anchors), ids=list(range(len(anchors))), flags=flags)
        self._local = threading.local()

    def scan(self, data: bytes, on_hit: OnHit) -> None:
        scratch = getattr(self._local, "scratch", None)
        if scratch is None:
            scratch = self._local.scratch = hyperscan.Scratch(self._database)
        base = onward = 0

        def handler(anchor: int, _start: int, end: int, _flags: int, _context: object) -> bool | None:
            nonlocal onward
            onward = on_hit(anchor, base + end)
            return True if onward else None

        view = memoryview(data)
        while base < len(data):
            onward = 0
            try:
                self._database.scan(view[base:], match_event_handler=handler, scratch=scratch)  # type: ignore[type-var]  # the stub knows bytes only
            except hyperscan.ScanTerminated:
                pass
            if not onward:
                return
            base = max(base + 1, onward - REWIND)


class Re2:
    def __init__(self, anchors: Sequence[bytes]) -> None:
        options = re2.Options()
        options.case_sensitive = False
        options.dot_nl = True
        options.encoding = re2.Options.Encoding.LATIN1
        self._patterns = [re2.compile(anchor, options) for anchor in anchors]

    def scan(self, data: bytes, on_hit: OnHit) -> None:
        hits = [(m.end(), i) for i, pattern in enumerate(self._patterns) for m in pattern.finditer(data)]
        for end, anchor in sorted(hits):
            on_hit(anchor, end)


def engine(name: EngineName | None, anchors: Sequence[bytes]) -> Engine:
    """The engine by that name; without one, the fastest that is installed."""
    if name == "re2" or (name is None and hyperscan is None):
        return Re2(anchors)
    return Vectorscan(anchors)


def run_end(data: bytes, at: int, chars: bytes) -> int:
    """The end of the stretch of `chars` that begins at `at`."""
    while at < len(data):
        rest = len(data[at : at + STEP].lstrip(chars))
        if rest:
            return min(at + STEP, len(data)) - rest
        at += STEP
    return len(data)


def run_start(data: bytes, at: int, chars: bytes) -> int:
    """The start of the stretch of `chars` that ends at `at`."""
    while at > 0:
        low = max(0, at - STEP)
        rest = len(data[low:at].rstrip(chars))
        if rest:
            return low + rest
        at = low
    return 0
