"""Known values found again in any shape. Scrubbing masks what this finds and the egress guard refuses what this
finds: one rule for both, so that text which was scrubbed with a vault is never refused for it.

A text is searched folded (compatibility form, no case, accents or separators), with its URL-, HTML- and
JSON-escapes undone up to three times, in base64 at its three alignments and in hex. Each value has a rule:

- loose:  everything but the following. Found anywhere, also inside longer words.
- weak:   letters only and fewer than 12, or digits only and fewer than 9 (Martin, 555-0142). Found folded, but only
          whole, at token borders, digits only across the separators that numbers are written with. So Martin
          does not hit Martinique, nor 555-0142 a time stamp or a list 5, 5, 5, 0, 1, 4, 2.
- short:  fewer than six alphanumeric characters (May, US). Found whole, at token borders, in exactly this spelling,
          so that "may" and "us" stay words.
- silent: fewer than two. Not looked for again: one letter tells nothing and stands everywhere.
"""

from __future__ import annotations

import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

Rule = Literal["loose", "weak", "short", "silent"]
SHORT, WEAK_LETTERS, WEAK_DIGITS = 6, 12, 9
GRAM = 6
FEW = 48
"""Up to so many needles, `in` for each is faster than one pass over all substrings of `GRAM` characters."""
BREAK = "\0"
"""Stands for what must not be searched (placeholders, frames); folding keeps it, so nothing matches across."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
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
    """Needles of at least `GRAM` characters, each with the value it stands for."""

    def __init__(self) -> None:
        self.value: dict[str, str] = {}
        self._by_gram: dict[str, list[str]] = {}

    def add(self, needle: str, value: str) -> None:
        if needle not in self.value:
            self.value[needle] = value
            self._by_gram.setdefault(needle[:GRAM], []).append(needle)

    def present(self, text: str) -> list[str]:
        if len(self.value) <= FEW:
            return [needle for needle in self.value if needle in text]
        grams = {text[i : i + GRAM] for i in range(len(text) - GRAM + 1)}
        return [n for gram in grams & self._by_gram.keys() for n in self._by_gram[gram] if n in text]


class Needles:
    """All values of one vault. Not locked: its vault is."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self._short: dict[str, str] = {}
        self._weak: set[str] = set()
        self._folded, self._coded, self._hex = _Bag(), _Bag(), _Bag()
        self._pending: list[str] = []

    def add(self, value: str, type_: str) -> None:
        if value in self._types:
            return
        self._types[value] = type_
        rule = rule_of(value)
        if rule == "short":
            self._short[value] = type_
        elif rule != "silent":
            folded = fold(value).strip(BREAK)
            self._folded.add(folded, value)
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
            folded = fold(text)
            if found := self._folded.present(folded):
                hits.extend(self._placed(text, folded, found, weak))
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
            for needle in bag.present(text.translate(table)):
                return self._types[bag.value[needle]]
        return None

    def _encode_pending(self) -> None:
        for value in self._pending:
            data = value.encode("utf-8", "surrogatepass")
            self._hex.add(data.hex(), value)
            for needle in _base64(data):
                self._coded.add(needle, value)
        self._pending.clear()

    def _placed(self, text: str, folded: str, needles: list[str], weak: bool) -> Iterator[Hit]:
        place = [i for i, c in enumerate(text) for _ in _FOLD[ord(c)] or ""]
        for needle in needles:
            value, whole = self._folded.value[needle], needle in self._weak
            if whole and not weak:
                continue
            at = folded.find(needle)
            while at >= 0:
                start, end = place[at], place[at + len(needle) - 1] + 1
                if not whole or _stands_alone(text, start, end, value):
                    yield Hit(start, end, self._types[value], value)
                at = folded.find(needle, at + 1)

    def _whole(self, text: str) -> Iterator[Hit]:
        for value, type_ in self._short.items():
            at = text.find(value)
            while at >= 0:
                if _bordered(text, at, at + len(value)):
                    yield Hit(at, at + len(value), type_, value)
                at = text.find(value, at + 1)


def _bordered(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


def _stands_alone(text: str, start: int, end: int, value: str) -> bool:
    inner = text[start:end]
    spread = inner != value and inner[:1].isdigit() and _SPREAD.search(inner)
    return not spread and _bordered(text, start, end)
