"""What a placeholder looks like, and what models make of it.

Exact: `[EMAIL_1]`, `[EMAIL_3F9A0C11D2E4]` (keyed hash). Declared tolerance, and nothing beyond it: any case; one
space inside the brackets or beside an underscore; a space or hyphen instead of an underscore; Markdown escapes
`\\[EMAIL\\_1\\]`; full-width brackets; one bracket missing; both missing if the name stands alone in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["escaped", "whole", "unclosed", "unopened", "bare"]

_LOOSE = r"[A-Za-z][A-Za-z0-9]{0,30}(?:(?: ?\\?_ ?|[ -])[A-Za-z0-9]{1,40}){1,8}"
_TIGHT = r"[A-Za-z][A-Za-z0-9]{0,30}(?:\\?_[A-Za-z0-9]{1,40}){1,8}"
_CANDIDATE = re.compile(rf"\\(?=[\[［])|[\[［]|(?<![A-Za-z0-9_])(?={_TIGHT})")
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("escaped", re.compile(rf"\\[\[［] ?({_LOOSE}) ?\\[\]］]")),
    ("whole", re.compile(rf"[\[［] ?({_LOOSE}) ?\\?[\]］]")),
    ("unclosed", re.compile(rf"[\[［] ?({_TIGHT})(?![A-Za-z0-9_])")),
    ("unopened", re.compile(rf"({_TIGHT}) ?\\?[\]］]")),
    ("bare", re.compile(rf"({_TIGHT})(?![A-Za-z0-9_])")),
)
_NAME = re.compile(r"[A-Z][A-Z0-9_]*_(?:\d{1,9}|[0-9A-F]{12,40})")
_GAP = re.compile(r"[ _\\-]+")
_PARTIAL = re.compile(r"\\?[\[［]? ?([A-Za-z0-9_ \\-]*)")
_START = re.compile(r"\\?[\[［]|(?<![A-Za-z0-9_])[A-Za-z]|\\\Z")
_NOT_LABEL = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Form:
    """Characters `start` to `end` of a text look like the placeholder `name`."""

    start: int
    end: int
    name: str
    kind: Kind


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
    """Where a form may begin. Forms may begin inside forms: who takes one skips what lies in it."""
    if "_" in text or "[" in text or "［" in text:
        for match in _CANDIDATE.finditer(text, start):
            yield match.start()


def forms_at(text: str, start: int) -> Iterator[Form]:
    """All readings of `text` from `start` as a placeholder, the most complete first."""
    for kind, pattern in _KINDS:
        match = pattern.match(text, start)
        if match is None:
            continue
        name = canonical(match[1])
        if _NAME.fullmatch(name) and (kind != "bare" or match[1].replace("\\", "") == name):
            yield Form(start, match.end(), name, kind)


def unfinished(text: str, start: int, names: tuple[str, ...]) -> int:
    """From where the end of `text` may still become a form of one of `names`; `len(text)` if nowhere."""
    if not names:
        return len(text)
    window = max(start, len(text) - 2 * max(map(len, names)) - 8)
    for match in _START.finditer(text, window):
        partial = _PARTIAL.fullmatch(text, match.start())
        if partial is None:
            continue
        body = canonical(partial[1])
        if any(name.startswith(body) or name == body.rstrip("_") for name in names):
            return match.start()
    return len(text)
