"""Patterns and words of the user's own. Patterns are RE2's: one that needs backtracking is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import re2

from self_distill.errors import SettingsError
from self_distill.macros.detectors.family import Family, Find, bordered
from self_distill.macros.normalise import subject


def compiled(patterns: Mapping[str, Sequence[str]]) -> list[tuple[str, Any]]:
    """(type, pattern) for each; raises `SettingsError` with type, pattern and reason."""
    made = []
    for type_, texts in patterns.items():
        for text in texts:
            options = re2.Options()
            options.log_errors = False
            try:
                one = re2.compile(text, options)
            except re2.error as error:
                reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
                raise SettingsError(f"macros.patterns.{type_}: {text!r} is no RE2 pattern: {reason}") from None
            if one.search("") is not None:
                raise SettingsError(f"macros.patterns.{type_}: {text!r} matches the empty text, so everywhere")
            made.append((type_, one))
    return made


def matches(patterns: Sequence[tuple[str, Any]], text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, type) in characters of the text itself, with "?" for each lone surrogate."""
    if not patterns:
        return
    plain = text.encode("utf-8", "replace").decode()
    for type_, one in patterns:
        for match in one.finditer(plain):
            if match.end() > match.start():
                yield match.start(), match.end(), type_


def word_family(type_: str, words: Sequence[str]) -> Family:
    """A list of words through the scan engine; found whole, at token borders, in any case."""
    plain = {subject(word).data.lower(): word for word in words}
    if b"" in plain:
        raise SettingsError(f"macros.deny.{type_}: an empty word stands everywhere")

    def read(data: bytes, low: int, high: int) -> Iterator[Find]:
        for word in plain:
            start = high - len(word)
            if start >= 0 and data[start:high].lower() == word and bordered(data, start, high):
                yield Find(start, high, type_, 1.0, "word list")

    return Family(f"words {type_}", tuple(map(_escaped, plain)), b"", read, type_)


def _escaped(word: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in word)
