"""A family: where to look (anchors), how far (its run of characters), and how to read what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import re2

ALNUM = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTER = b"\xe9"
"""Any letter beyond ASCII, as `normalise` writes it."""
LONGEST = 4096
"""Bytes of a run; a longer one is a storm and is masked whole, without being read."""


class Find(NamedTuple):
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
    """All characters of an anchor, but for the outermost, are among `chars`. Without `chars` the run is the anchor's
    end alone, and the reader looks around it. A run longer than `longest` is masked whole, as `storm`. `once`: the
    reader is called once for a text that has an anchor, and looks for the places itself."""

    name: str
    anchors: tuple[bytes, ...]
    chars: bytes
    read: Reader
    storm: str
    longest: int = LONGEST
    once: bool = False


def pattern(text: bytes, *, case: bool = False) -> Any:
    """An RE2 pattern over bytes, linear in time whatever it is searched in."""
    return re2.compile(text, _options(case))


def searcher(text: bytes) -> Any:
    """Only says whether the pattern is there (`Match`), in a third of the time."""
    one = re2.Set.SearchSet(_options(False))
    one.Add(text)
    one.Compile()
    return one


def _options(case: bool) -> Any:
    options = re2.Options()
    options.case_sensitive = case
    options.encoding = re2.Options.Encoding.LATIN1
    options.dot_nl = True
    return options


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
