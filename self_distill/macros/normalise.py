"""Text as the scan sees it: one byte per character, so that byte offsets are character offsets.

What evasion writes differently becomes plain: full-width and other digits, homoglyph dots, at-signs and letters, odd
spaces and dashes; zero-width characters go. Any other letter becomes `LETTER` and any other character `OTHER`, lone
surrogates included, so nothing here can fail to encode.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

LETTER, OTHER = "\xe9", "\xa6"
GAP = "\0\x01\0"
"""Stands between texts that are scanned together; no run and no context crosses it."""

_LOOKALIKE = str.maketrans("АВЕЅІЈКМНОРСТХаеорсухѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABESIJKMHOPCTXaeopcyxsijABEZHIKMNOPTYXo")
_DOTS = "。｡۔܁"
_QUOTES = "‘’“”"


class _Plain(dict[int, str | None]):
    """Only characters that occur are worked out, each once."""

    def __missing__(self, code: int) -> str | None:
        self[code] = found = _plain(code)
        return found


def _plain(code: int) -> str | None:
    char = chr(code)
    if code < 128:
        return char
    if code in _LOOKALIKE:
        return chr(_LOOKALIKE[code])
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me"):
        return None
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Pd" or char == "−":
        return "-"
    if category == "Zs":
        return " "
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) == 1 and " " <= folded < "\x7f":
        return folded
    if char in _DOTS or char in _QUOTES:
        return "." if char in _DOTS else "'"
    return LETTER if char.isalpha() else OTHER


_PLAIN = _Plain()


@dataclass(frozen=True, slots=True)
class Subject:
    """`places[i]` is where byte i stood in the text; None when it is i."""

    data: bytes
    places: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def subject(text: str) -> Subject:
    if text.isascii():
        return Subject(text.encode("ascii"))
    plain = text.translate(_PLAIN)
    data = plain.encode("latin-1")
    if len(plain) == len(text):
        return Subject(data)
    return Subject(data, [i for i, c in enumerate(text) if _PLAIN[ord(c)] is not None])
