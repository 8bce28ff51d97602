"""The scan engine: the stretches of a text that may hold a value, in one pass over all bytes, with Vectorscan or RE2.

An anchor is a cheap pattern; a run is a longest stretch of its family's characters. All characters of an anchor but
the outermost are among those of the run, so a run holds an anchor for one engine exactly if it does for the other, and
no engine need say where an anchor begins. Whatever is in a run is then read once. Both steps are linear: an anchor in
a run that is known already costs one comparison.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import re2

try:
    import hyperscan
except ImportError:  # no wheel for this platform
    hyperscan = None  # type: ignore[assignment]  # its absence

EngineName = Literal["hyperscan", "re2"]
STEP = 64


class Run(NamedTuple):
    """Bytes `low` to `high` hold an anchor of the family of this number."""

    family: int
    low: int
    high: int


class Anchors(NamedTuple):
    """What one family looks for, and the characters of its runs; without any, a run is the place behind an anchor.
    With `once`, all that is said is whether there is an anchor."""

    patterns: Sequence[bytes]
    chars: bytes
    once: bool = False


class Engine(Protocol):
    def runs(self, data: bytes) -> list[Run]:
        """Each run once."""


class Vectorscan:
    """Scratch space is per thread: Vectorscan's must not be shared."""

    def __init__(self, families: Sequence[Anchors]) -> None:
        self._chars = [family.chars for family in families]
        self._once = [family.once for family in families]
        self._owner = [number for number, family in enumerate(families) for _ in family.patterns]
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        patterns = [pattern for family in families for pattern in family.patterns]
        usual = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_DOTALL
        flags = [usual | family.once * hyperscan.HS_FLAG_SINGLEMATCH for family in families for _ in family.patterns]
        self._database.compile(expressions=patterns, ids=list(range(len(patterns))), flags=flags)
        self._local = threading.local()

    def runs(self, data: bytes) -> list[Run]:
        try:
            scratch = self._local.scratch
        except AttributeError:
            scratch = self._local.scratch = hyperscan.Scratch(self._database)
        found: list[Run] = []
        owner, chars, once = self._owner, self._chars, self._once
        done = [-1] * len(chars)

        def handler(anchor: int, _start: int, end: int, _flags: int, _context: object) -> None:
            family = owner[anchor]
            if once[family]:
                found.append(Run(family, 0, 0))
            elif end > done[family]:
                run = run_at(data, end, family, chars[family])
                done[family] = run.high + (chars[family] != b"")
                found.append(run)

        self._database.scan(data, match_event_handler=handler, scratch=scratch)
        return found


class Re2:
    def __init__(self, families: Sequence[Anchors]) -> None:
        options = re2.Options()
        options.case_sensitive = False
        options.dot_nl = True
        options.encoding = re2.Options.Encoding.LATIN1
        self._families = [
            (family.once, family.chars, [re2.compile(pattern, options) for pattern in family.patterns])
            for family in families
        ]

    def runs(self, data: bytes) -> list[Run]:
        found: dict[Run, None] = {}
        for family, (once, chars, patterns) in enumerate(self._families):
            if once:
                if any(pattern.search(data) for pattern in patterns):
                    found[Run(family, 0, 0)] = None
                continue
            for pattern in patterns:
                done = -1
                for match in pattern.finditer(data):
                    if match.end() > done:
                        run = run_at(data, match.end(), family, chars)
                        done = run.high + (chars != b"")
                        found[run] = None
        return list(found)


def engine(name: EngineName | None, families: Sequence[Anchors]) -> Engine:
    """The engine by that name; without one, the fastest that is installed."""
    if name == "re2" or (name is None and hyperscan is None):
        return Re2(families)
    return Vectorscan(families)


def run_at(data: bytes, end: int, family: int, chars: bytes) -> Run:
    """The run of an anchor that ends at `end`, the last byte of which may lie outside."""
    if not chars:
        return Run(family, end, end)
    if data[end - 1] not in chars:
        end -= 1
    return Run(family, run_start(data, end, chars), run_end(data, end, chars))


def run_end(data: bytes, at: int, chars: bytes) -> int:
    """The end of the stretch of `chars` that begins at `at`."""
    step = STEP
    while at < len(data):
        part = data[at : at + step]
        rest = len(part.lstrip(chars))
        at += len(part) - rest
        if rest:
            return at
        step *= 4
    return at


def run_start(data: bytes, at: int, chars: bytes) -> int:
    """The start of the stretch of `chars` that ends at `at`."""
    step = STEP
    while at > 0:
        low = max(0, at - step)
        rest = len(data[low:at].rstrip(chars))
        if rest:
            return low + rest
        at, step = low, step * 4
    return 0
