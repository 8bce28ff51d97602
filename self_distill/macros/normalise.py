"""Text as the scan sees it: one byte per character, so that byte offsets are character offsets.

What evasion writes differently becomes plain: full-width and other digits, homoglyph dots, at-signs and letters, odd
spaces and dashes; zero-width characters go. Any other letter becomes `LETTER` and any other character `OTHER`, lone
surrogates included, so nothing here can fail to encode.
"""

from __future__ import annotations

import codecs
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

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
_LATIN = bytes(ord(_PLAIN[code] or "\0") for code in range(256))
_GONE = bytes(code for code in range(256) if _PLAIN[code] is None)
OFTEN = 16
"""One character in so many beyond Latin-1, and it is faster to look at each."""
_BEYOND_LATIN = "self_distill.plain"


def _beyond_latin(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return error.object[error.start : error.end].translate(_PLAIN).encode("latin-1"), error.end


codecs.register_error(_BEYOND_LATIN, _beyond_latin)


class Subject(NamedTuple):
    """`gone` has, for each character that left no byte, in order, the byte that follows it."""

    data: bytes
    gone: Sequence[int] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where bytes stood in the text; what is gone in between belongs to them."""
        if not self.gone:
            return start, end
        return start + bisect_right(self.gone, start), end + bisect_right(self.gone, end - 1)


def subject(text: str) -> Subject:
    if text.isascii():
        return Subject(text.encode("ascii"))
    beyond = len(text) - len(text.encode("latin-1", "ignore"))
    if beyond * OFTEN < len(text):
        data = text.encode("latin-1", _BEYOND_LATIN).translate(_LATIN, _GONE)
    else:
        data = text.translate(_PLAIN).encode("latin-1")
    if len(data) == len(text):
        return Subject(data)
    places = sorted(at for char in set(text) if _PLAIN[ord(char)] is None for at in _all(text, char))
    return Subject(data, [at - before for before, at in enumerate(places)])


def _all(text: str, char: str) -> Iterator[int]:
    at = text.find(char)
    while at >= 0:
        yield at
        at = text.find(char, at + 1)
