"""What a placeholder looks like, and what models make of it.

Exact: `[EMAIL_1]`, `[EMAIL_3F9A0C11D2E4]` (keyed hash). Declared tolerance, and nothing beyond it: any case; one
space inside the brackets or beside an underscore; a space or hyphen instead of an underscore; Markdown escapes
`\\[EMAIL\\_1\\]`; full-width brackets; one bracket missing; both missing if the name stands alone in capitals.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

Kind = Literal["escaped", "whole", "unclosed", "unopened", "bare"]

_LOOSE = r"[A-Za-z][A-Za-z0-9]{0,30}(?:(?: ?\\?_ ?|[ -])[A-Za-z0-9]{1,40}){1,8}"
_TIGHT = r"[A-Za-z][A-Za-z0-9]{0,30}(?:\\?_[A-Za-z0-9]{1,40}){1,8}"
_MARK = re.compile(r"[\[［_]")
_WORD_BEFORE = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z][A-Za-z0-9]{0,30}\\?\Z")
_Readings = tuple[tuple[Kind, re.Pattern[str]], ...]
_ESCAPED: _Readings = (("escaped", re.compile(rf"\\[\[［] ?({_LOOSE}) ?\\[\]］]")),)
_OPENED: _Readings = (
    ("whole", re.compile(rf"[\[［] ?({_LOOSE}) ?\\?[\]］]")),
    ("unclosed", re.compile(rf"[\[［] ?({_TIGHT})(?![A-Za-z0-9_])")),
)
_BARE: _Readings = (
    ("unopened", re.compile(rf"({_TIGHT}) ?\\?[\]］]")),
    ("bare", re.compile(rf"({_TIGHT})(?![A-Za-z0-9_])")),
)
_KINDS = {"\\": _ESCAPED, "[": _OPENED, "［": _OPENED}
_EXACT = re.compile(r"\[([A-Z][A-Z0-9_]{0,30}_(?:\d{1,9}|[0-9A-F]{12,40}))\]")
_NAME = re.compile(r"[A-Z][A-Z0-9_]*_(?:\d{1,9}|[0-9A-F]{12,40})")
_GAP = re.compile(r"[ _\\-]+")
_PARTIAL = re.compile(r"\\?[\[［]? ?([A-Za-z0-9_ \\-]*)")
_START = re.compile(r"\\?[\[［]|(?<![A-Za-z0-9_])[A-Za-z]|\\\Z")
_NOT_LABEL = re.compile(r"[^A-Z0-9]+")


class Form(NamedTuple):
    """Characters `start` to `end` of a text look like the placeholder `name`."""

    start: int
    end: int
    name: str
    kind: Kind


class Beginnings:
    """Does one of `words` begin like that? Takes one look-up, however many there are."""

    def __init__(self, words: Iterable[str]) -> None:
        self.whole = frozenset(words)
        self.longest = max(map(len, self.whole), default=0)
        self._sorted = sorted(self.whole)

    def __contains__(self, start: str) -> bool:
        at = bisect_left(self._sorted, start)
        return at < len(self._sorted) and self._sorted[at].startswith(start)


def label(type_: str) -> str:
    """The type as it stands in a placeholder: at most five words of capitals and digits, 30 characters."""
    parts = [part for part in _NOT_LABEL.split(type_.upper()) if part]
    text = "_".join(parts[:5])[:30].strip("_")
    return text if text[:1].isalpha() else f"V{text}"


def masked(type_: str) -> str:
    return f"[{label(type_)}_MASKED]"


def canonical(body: str) -> str:
    return _GAP.sub("_", body).upper()


def candidates(text: str, start: int = 0) -> Iterator[int]:
    """Where a form may begin: at a bracket, or where a word begins that has an underscore behind it. Forms may
    begin inside forms: who takes one skips what lies in it."""
    for match in _MARK.finditer(text, start):
        at = match.start()
        if match[0] == "_":
            if word := _WORD_BEFORE.search(text, max(start, at - 32), at):
                yield word.start()
        else:
            if at > start and text[at - 1] == "\\":
                yield at - 1
            yield at


def forms_at(text: str, start: int) -> Iterator[Form]:
    """All readings of `text` from `start` as a placeholder, the most complete first."""
    if exact := _EXACT.match(text, start):
        yield Form(start, exact.end(), exact[1], "whole")
        return
    for kind, pattern in _KINDS.get(text[start], _BARE):
        match = pattern.match(text, start)
        if match is None:
            continue
        name = canonical(match[1])
        if _NAME.fullmatch(name) and (kind != "bare" or match[1].replace("\\", "") == name):
            yield Form(start, match.end(), name, kind)


def unfinished(text: str, start: int, names: Beginnings) -> int:
    """From where the end of `text` may still become a form of one of `names`; `len(text)` if nowhere."""
    window = max(start, len(text) - 2 * names.longest - 8)
    for match in _START.finditer(text, window) if names.longest else ():
        partial = _PARTIAL.fullmatch(text, match.start())
        if partial is None:
            continue
        body = canonical(partial[1])
        if body in names or body.rstrip("_") in names.whole:
            return match.start()
    return len(text)
