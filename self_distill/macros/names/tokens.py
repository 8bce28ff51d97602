"""Words, numbers, signs and line ends of a piece of text, with their places."""

from __future__ import annotations

from dataclasses import dataclass

import re2

TOKEN = re2.compile(r"\pL[\pL\pM\d]*(?:[-'’]\pL[\pL\pM]+)*|\d+|\n|[^\s\pL\d]")


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int


def tokens(text: str, offset: int = 0) -> list[Token]:
    """Tokens of `text`; places are shifted by `offset`. Blanks are no tokens, line ends are."""
    places = [m.span() for m in TOKEN.finditer(text)]
    return [Token(text[start:end], start + offset, end + offset) for start, end in places]


def scannable(text: str) -> str:
    """The same length, with "?" for each lone surrogate, which re2 does not take."""
    return text.encode("utf-8", "replace").decode("utf-8")
