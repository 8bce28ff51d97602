"""A family: where to look (anchors), how far (its run of characters), and how to read what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import re2

ALNUM = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTER = b"\xe9"
"""Any letter beyond ASCII, as `normalise` writes it."""
LONGEST = 4096
"""A longer run is not taken apart: it is masked whole."""


@dataclass(frozen=True, slots=True)
class Find:
    """Bytes `start` to `end` of the subject. `score` counts before context is looked at; `rule` says why."""

    start: int
    end: int
    type: str
    score: float
    rule: str


Reader = Callable[[bytes, int, int], Iterable[Find]]
"""Takes the subject and the run's borders."""


@dataclass(frozen=True, slots=True)
class Family:
    """All characters of an anchor are among `chars`. Without `chars` the run is the anchor's end alone, and the
    reader looks around it. `storm` is the type of a run that is too long to be read."""

    name: str
    anchors: tuple[bytes, ...]
    chars: bytes
    read: Reader
    storm: str


def pattern(text: bytes, *, case: bool = False) -> Any:
    """An RE2 pattern over bytes, linear in time whatever it is searched in."""
    options = re2.Options()
    options.case_sensitive = case
    options.encoding = re2.Options.Encoding.LATIN1
    options.dot_nl = True
    return re2.compile(text, options)


def found(compiled: Any, data: bytes, low: int, high: int) -> Iterator[tuple[int, int, bytes]]:
    """(start, end, bytes) of matches in a stretch, apart from each other."""
    part = data[low:high]
    for match in compiled.finditer(part):
        start, end = match.span()
        yield low + start, low + end, part[start:end]


def wordy(data: bytes, at: int) -> bool:
    """Whether a letter, digit or underscore stands at `at`."""
    return 0 <= at < len(data) and (data[at : at + 1].isalnum() or data[at] in b"_\xe9")


def bordered(data: bytes, start: int, end: int) -> bool:
    return not (wordy(data, start - 1) and wordy(data, start)) and not (wordy(data, end) and wordy(data, end - 1))
