"""Patterns and words of the user's own. Patterns are RE2's: one that needs backtracking is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import re2

from self_distill.errors import SettingsError
from self_distill.macros.detectors.family import Family, Find, bordered
from self_distill.macros.normalise import LETTER, OTHER, subject


class Own(NamedTuple):
    """A pattern over the text itself; with `whole`, only what stands at token borders."""

    type: str
    pattern: Any
    rule: str
    whole: bool


def own(patterns: Mapping[str, Sequence[str]], words: Mapping[str, Sequence[str]]) -> list[Own]:
    """The user's patterns, and those words that the scan engine cannot tell from others, for it takes every foreign
    letter as one. Raises `SettingsError` with type, pattern and reason."""
    made = [
        Own(type_, _compiled(type_, text), "pattern of your own", False)
        for type_, texts in patterns.items()
        for text in texts
    ]
    for type_, listed in words.items():
        if foreign := [word for word in listed if not _plain(word)]:
            text = "(?i)(?:" + "|".join(map(re2.escape, sorted(foreign, key=len, reverse=True))) + ")"
            made.append(Own(type_, _compiled(type_, text), "word list", True))
    return made


def _compiled(type_: str, text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        one = re2.compile(text, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise SettingsError(f"macros.patterns.{type_}: {text!r} is no RE2 pattern: {reason}") from None
    if one.search("") is not None:
        raise SettingsError(f"macros.patterns.{type_}: {text!r} matches the empty text, so everywhere")
    return one


def matches(patterns: Sequence[Own], text: str) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, type, rule) in characters of the text itself, with "?" for each lone surrogate."""
    if not patterns:
        return
    plain = text.encode("utf-8", "replace").decode()
    for type_, one, rule, whole in patterns:
        for match in one.finditer(plain):
            start, end = match.span()
            if start < end and not (whole and _glued(plain, start, end)):
                yield start, end, type_, rule


def _glued(text: str, start: int, end: int) -> bool:
    return text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum()


def _plain(word: str) -> bool:
    seen = subject(word).data.decode("latin-1")
    return LETTER not in seen and OTHER not in seen


def word_family(type_: str, words: Sequence[str]) -> Family | None:
    """Words through the scan engine, however many; found whole, at token borders, in any case."""
    plain = {subject(word).data.lower() for word in words if _plain(word)}
    if b"" in plain:
        raise SettingsError(f"macros.deny.{type_}: an empty word stands everywhere")
    sizes = sorted({len(word) for word in plain})

    def read(data: bytes, low: int, high: int) -> Iterator[Find]:
        for size in sizes:
            start = high - size
            if start >= 0 and data[start:high].lower() in plain and bordered(data, start, high):
                yield Find(start, high, type_, 1.0, "word list")

    return Family(f"words {type_}", tuple(map(_escaped, sorted(plain))), b"", read, type_) if plain else None


def _escaped(word: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in word)
