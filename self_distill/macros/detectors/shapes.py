"""Which stretches of digits are worth reading: those whose shape alone can make them a value, and those near words
that speak of a number. Prices, dates, versions and numbers of orders are neither, and the engine passes over them."""

from __future__ import annotations

from collections.abc import Iterator

from self_distill.macros.detectors.context import ANY_NUMBER, BEFORE, BEHIND
from self_distill.macros.detectors.family import pattern, searcher
from self_distill.macros.scan import Anchors, EngineName, engine, run_end, run_start

CHARS = b"0123456789 ().+/-"
ANY = rb"\d(?:[ ().+/-]{0,3}\d){6}"
"""Seven digits, the fewest that are read."""
WIDE = 25
"""Bytes that `ANY` may take."""
TABLE = 1024
"""Bytes: a longer run is a table, of which only parts are read."""
_FIRST = rb"(?:[^0-9]|^)"
_LAST = rb"(?:[^0-9]|\z)"
_GAP = rb"[ ().\/-]{1,3}"
_NUMBERS = (
    rb"\+\(?\d(?:[ ().\/-]{0,3}\d){6}",  # international
    _FIRST + rb"00(?:[ ().\/-]{0,3}\d){8}",
    rb"\(\d(?:[ ().\/-]{0,3}\d){6}",  # an area code
    _FIRST + rb"0\d{1,5}" + _GAP + rb"\d(?:[ ().\/-]{0,3}\d){3}",
    rb"\d{3}" + _GAP + rb"\d{3}" + _GAP + rb"\d{4}" + _LAST,  # North America
    _FIRST + rb"1?[ ().\/-]{0,3}[2-9]\d\d(?:" + _GAP + rb"[2-9]\d{6}|[2-9]\d\d" + _GAP + rb"\d{4})",
    _FIRST + rb"\d{12,19}" + _LAST,  # cards and identities
    _FIRST + rb"\d{4}[ -]\d{4}[ -]\d{4}[ -]\d",
    _FIRST + rb"\d{4}[ -]\d{6}[ -]\d{4}",
    _FIRST + rb"\d{3}[ -]\d\d[ -]\d{4}",
    _FIRST + rb"\d{3}[ .\/+-]\d{3}[ .\/+-]\d{3}[ .\/+-]\d\d" + _LAST,
    _FIRST + rb"\d{6}[ .\/+-]\d{4}",
    _FIRST + rb"[12](?:[ .\/+-]\d\d){3}(?:[ .\/+-]\d{3}){2}",
)
STRONG = (
    *_NUMBERS,
    *(_FIRST + rb"\d{2,6}(?:" + gap + rb"\d{2,6}){3}" for gap in (rb"[ ]{1,2}", rb"\.", rb" ?/ ?", rb" ?- ?")),
    rb"(?:[\n\0\r\t]|^)[ ().+/-]{0,9}\d(?:[ ().+/-]{0,3}\d){7,18}[ ().+/-]{0,9}(?:[\n\0\r\t]|\z)",  # fills its line
)
IN_TABLE = pattern(b"|".join(b"(?:%s)" % number for number in _NUMBERS))
_ANY, _ANY_THERE = pattern(ANY), searcher(ANY)


class Stretches:
    """One more scan, of a text that has a number at all."""

    def __init__(self, engine_name: EngineName | None) -> None:
        self._engine = engine(engine_name, [Anchors(STRONG, CHARS), Anchors((ANY_NUMBER.source,), b"")])

    def of(self, data: bytes) -> Iterator[tuple[int, int]]:
        done = -1
        for family, low, high in self._engine.runs(data):
            if family == 0:
                yield from parts(data, low, high)
                continue
            for start, end in _near(data, high, done):
                done = end
                yield start, end


def parts(data: bytes, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Of a run: itself, or the stretches of a table that look like values."""
    if high - low <= TABLE:
        yield low, high
        return
    begin = end = low
    for match in IN_TABLE.finditer(data[low:high]):
        start = _border(data, low + match.start() - WIDE, low, -1)
        if start > end:
            if end > begin:
                yield begin, end
            begin = start
        end = max(end, _border(data, low + match.end() + WIDE, high, 1))
    if end > begin:
        yield begin, end


def _near(data: bytes, word: int, done: int) -> Iterator[tuple[int, int]]:
    """Runs behind `done`, or the parts of tables, near enough to the word that ends at `word`."""
    low = max(0, word - BEHIND - WIDE)
    around = data[low : word + BEFORE + WIDE]
    if not _ANY_THERE.Match(around):
        return
    for number in _ANY.finditer(around):
        at = low + number.end()
        if at > done:
            start, end = run_start(data, at, CHARS), run_end(data, at, CHARS)
            if end - start > TABLE:
                start = _border(data, low - WIDE, start, -1)
                end = _border(data, low + len(around) + WIDE, end, 1)
            done = end
            yield start, end


def _border(data: bytes, at: int, limit: int, step: int) -> int:
    """`at`, moved out of a group of digits, at most to `limit`, which is also where it ends beyond."""
    if (at - limit) * step >= 0:
        return limit
    digits = run_start(data, at, b"0123456789") if step < 0 else run_end(data, at, b"0123456789")
    return max(digits, limit) if step < 0 else min(digits, limit)
