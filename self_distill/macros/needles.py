"""Known values found again in any shape. Scrubbing masks what this finds and the egress guard refuses what this
finds: one rule for both, so that text which was scrubbed with a vault is never refused for it.

A text is searched folded (compatibility form, no case, accents or separators), with its URL-, HTML- and
JSON-escapes undone up to three times, in base64 at its three alignments and in hex. Each value has a rule:

- loose:  everything but the following. Found anywhere, also inside longer words.
- weak:   letters only and fewer than 12, or digits only and fewer than 9 (Martin, 555-0142). Found folded, but only
          whole, at token borders, digits only across the separators that numbers are written with. So Martin
          does not hit Martinique, nor 555-0142 a time stamp or a list 5, 5, 5, 0, 1, 4, 2. An address with its @
          needs no border.
- short:  fewer than six alphanumeric characters (May, US). Found whole, at token borders, in exactly this spelling,
          so that "may" and "us" stay words.
- silent: fewer than two. Not looked for again: one letter tells nothing and stands everywhere.
"""

from __future__ import annotations

import binascii
import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal
from urllib.parse import unquote

Rule = Literal["loose", "weak", "short", "silent"]
SHORT, WEAK_LETTERS, WEAK_DIGITS = 6, 12, 9
GRAM = 6
FEW = 48
"""Up to so many needles, one search for each is faster than one pass over all stretches of `GRAM` characters."""
LONGEST = 256
BLOCK = 4096
BREAK = "\0"
"""Stands for what must not be searched (placeholders, frames); folding keeps it, so nothing matches across."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_RUN = re.compile(r"[^\W_]+")
_SPREAD = re.compile(r"[\s,;]{2}|[,;\n]|[^0-9]{3}")


class _Fold(dict[int, str | None]):
    def __missing__(self, code: int) -> str | None:
        kept = [c for c in unicodedata.normalize("NFKD", chr(code)).casefold() if c.isalnum()]
        self[code] = "".join(kept) or None
        return self[code]


class _Base64(dict[int, str | None]):
    """Keeps the alphabet, writes the URL-safe one as the standard one, drops line breaks and all else."""

    def __missing__(self, code: int) -> str | None:
        self[code] = chr(code) if chr(code).isascii() and chr(code).isalnum() else None
        return self[code]


_FOLD = _Fold({0: BREAK})
_BASE64 = _Base64({0: BREAK, **{ord(c): to for c, to in zip("+/-_", "+/+/", strict=True)}})


def fold(text: str) -> str:
    return text.translate(_FOLD)


def rule_of(value: str) -> Rule:
    folded = fold(value).replace(BREAK, "")
    if len(folded) < SHORT:
        return "short" if len(folded) > 1 else "silent"
    weak = (folded.isalpha() and len(folded) < WEAK_LETTERS) or (folded.isdigit() and len(folded) < WEAK_DIGITS)
    return "weak" if weak else "loose"


def decoded(text: str) -> Iterator[str]:
    """`text` with one, two and three layers of URL-, HTML- and JSON-escapes undone; nothing if it has none."""
    for _ in range(3):
        if not ("\\" in text or "%" in text or "&" in text):
            return
        undone = html.unescape(unquote(_ESCAPE.sub(_unescaped, text)))
        if undone == text:
            return
        text = undone
        yield text


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _CONTROL.get(match[2], match[2])


def _base64(data: bytes) -> Iterator[str]:
    """The characters of base64 that `data` alone decides, for each place it may have in a group of three."""
    for before in range(3):
        coded = binascii.b2a_base64(b"\0" * before + data, newline=False).decode()
        yield coded[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]


@dataclass(frozen=True, slots=True)
class Hit:
    start: int
    end: int
    type: str
    value: str = field(repr=False)


class _Bag:
    """Needles of at least `GRAM` characters, each with the value it stands for. All are found in one pass over
    the text, however many there are: by their beginnings, then by the lengths that go with a beginning."""

    def __init__(self) -> None:
        self.value: dict[str, str] = {}
        self._lengths: dict[str, set[int]] = {}

    def add(self, needle: str, value: str) -> None:
        if needle not in self.value:
            self.value[needle] = value
            self._lengths.setdefault(needle[:GRAM], set()).add(len(needle))

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """(place, needle), overlapping ones too, in any order."""
        if len(self.value) <= FEW:
            for needle in self.value:
                yield from ((at, needle) for at in _places(text, needle))
            return
        lengths = self._lengths.get
        for at in range(len(text) - GRAM + 1):
            for length in lengths(text[at : at + GRAM], ()):
                if (needle := text[at : at + length]) in self.value:
                    yield at, needle


class _Origin:
    """A folded text, and where each of its characters stood before: worked out for blocks, when asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        folded = [fold(text[low : low + BLOCK]) for low in range(0, len(text), BLOCK)]
        self.folded = "".join(folded)
        self._ends = list(accumulate(map(len, folded)))
        self._known: dict[int, list[int]] = {}

    def __getitem__(self, at: int) -> int:
        block = bisect_right(self._ends, at)
        places = self._known.get(block)
        if places is None:
            if len(self._known) > 1:
                del self._known[min(self._known)]
            low = block * BLOCK
            chars = enumerate(self._text[low : low + BLOCK], low)
            places = self._known[block] = [i for i, c in chars for _ in _FOLD[ord(c)] or ""]
        return places[at - (self._ends[block - 1] if block else 0)]


class Needles:
    """All values of one vault. Not locked: its vault is."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self._short: set[str] = set()
        self._shapes: dict[str, set[tuple[int, int]]] = {}
        self._weak: set[str] = set()
        self._folded, self._coded, self._hex = _Bag(), _Bag(), _Bag()
        self._pending: list[str] = []

    def add(self, value: str, type_: str) -> None:
        if value in self._types:
            return
        self._types[value] = type_
        rule = rule_of(value)
        if rule == "short":
            if first := _RUN.search(value):
                self._short.add(value)
                self._shapes.setdefault(first[0], set()).add((first.start(), len(value)))
        elif rule != "silent":
            folded = fold(value).strip(BREAK)
            for piece in _cut(folded):
                self._folded.add(piece, value)
            self._pending.append(value)
            if rule == "weak":
                self._weak.add(folded)

    def __len__(self) -> int:
        return len(self._types)

    def values(self) -> list[tuple[str, str]]:
        """(value, type) of each."""
        return list(self._types.items())

    def find(self, text: str, *, weak: bool = True) -> list[Hit]:
        """Where `text` itself (not a decoded form of it) has a value; hits may overlap. Without `weak`, only
        loose values are looked for."""
        hits: list[Hit] = []
        if self._folded.value:
            hits.extend(self._placed(text, weak))
        if weak and self._short:
            hits.extend(self._whole(text))
        return hits

    def hidden(self, text: str) -> str | None:
        """The type of a value that `text` has in an encoded form, if any."""
        if not self._types:
            return None
        coded = self._in_code(text)
        for undone in decoded(text):
            if coded:
                break
            coded = next((hit.type for hit in self.find(undone)), None) or self._in_code(undone)
        return coded

    def _in_code(self, text: str) -> str | None:
        """In base64, then in hex."""
        if not self._folded.value:
            return None
        self._encode_pending()
        for bag, table in ((self._coded, _BASE64), (self._hex, _FOLD)):
            for _, needle in bag.find(text.translate(table)):
                return self._types[bag.value[needle]]
        return None

    def _encode_pending(self) -> None:
        for value in self._pending:
            for piece in _cut(value):
                data = piece.encode("utf-8", "surrogatepass")
                self._hex.add(data.hex(), value)
                for needle in _base64(data):
                    self._coded.add(needle, value)
        self._pending.clear()

    def _placed(self, text: str, weak: bool) -> Iterator[Hit]:
        origin = _Origin(text)
        for low, high, needle in _merged(self._folded.find(origin.folded), self._weak):
            value, whole = self._folded.value[needle], needle in self._weak
            if whole and not weak:
                continue
            start, end = origin[low], origin[high - 1] + 1
            if not whole or _stands_alone(text, start, end, value):
                yield Hit(start, end, self._types[value], value)

    def _whole(self, text: str) -> Iterator[Hit]:
        """Short values: one by one, or by their first words and the shapes that go with these."""
        if len(self._short) <= FEW:
            found = [(at, value) for value in self._short for at in _places(text, value)]
        else:
            words = ((run.start(), shape) for run in _RUN.finditer(text) for shape in self._shapes.get(run[0], ()))
            wanted = ((at - before, text[max(at - before, 0) : at - before + size]) for at, (before, size) in words)
            found = [(at, value) for at, value in wanted if at >= 0 and value in self._short]
        for at, value in found:
            if _bordered(text, at, at + len(value)):
                yield Hit(at, at + len(value), self._types[value], value)


def _places(text: str, needle: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + 1)


def _merged(found: Iterable[tuple[int, str]], alone: Container[str]) -> list[tuple[int, int, str]]:
    """(start, end, needle) in order; places of one needle that overlap are one, but not those of `alone`."""
    rows: list[tuple[int, int, str]] = []
    for at, needle in found:
        start, end, last = rows[-1] if rows else (0, 0, "")
        if last == needle and start <= at < end and needle not in alone:
            rows[-1] = (start, at + len(needle), needle)
        else:
            rows.append((at, at + len(needle), needle))
    return sorted(rows)


def _cut(value: str) -> Iterator[str]:
    """A long value in pieces, so that looking for it takes no longer than looking for a short one. Where the value
    stands, all pieces are found and cover it."""
    yield from (value[low : low + LONGEST] for low in range(0, len(value) - LONGEST, LONGEST))
    yield value[-LONGEST:]


def _bordered(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


def _stands_alone(text: str, start: int, end: int, value: str) -> bool:
    inner = text[start:end]
    if "@" in value and inner.casefold() == value.casefold():
        return True
    if inner != value and (_SPREAD.search(inner) if inner[:1].isdigit() else _two_words(inner, value)):
        return False
    return _bordered(text, start, end)


def _two_words(inner: str, value: str) -> bool:
    """`just in` for Justin, but neither `J.u.s.t.i.n` nor `ann-lee` for Ann Lee."""
    words = [fold(word) for word in _RUN.findall(_visible(inner))]
    return len(words) > 1 and max(map(len, words)) > 1 and words != [fold(w) for w in _RUN.findall(_visible(value))]


def _visible(text: str) -> str:
    """Without accents written apart and what nobody sees; neither parts a word."""
    return text if text.isascii() else "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
