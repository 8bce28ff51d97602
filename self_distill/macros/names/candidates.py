"""The cheap pre-pass: where in a text could there be a name? The tagger looks nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import re2

from self_distill.macros.names.gazetteer import FIRST, HARMLESS, NATION, STREET, words

REACH = 32  # characters of context that the tagger sees on either side of a candidate
SNAP = 16  # how far a window may grow to end at a blank
CHUNK = 2048  # characters per look for names written small
SHORTEST_SMALL = 4  # letters of a name that counts when written small

RUN = re2.compile(r"\p{Lu}[\pL\pM\d'’&-]*(?:[ \t]\p{Lu}[\pL\pM\d'’&-]*)*")
PHRASE = re2.compile(
    r"(?i)\b(?:my name(?: is|'s)|i am|i'm|this is|call me|name\s?[:=]|name is|named|surname|apt|suite|"
    r"\d+\w? (?:\pL+ ){0,3}(?:street|st|avenue|ave|road|rd|blvd|lane|drive)|"
    r"po box|address|lives? (?:at|in|on)|moved (?:to|from)|based in|born in|"
    r"works? (?:for|at)|worked (?:for|at)|inc|llc|ltd|gmbh)\b"
)
OPENERS = frozenset(".!?:;\n\r\t\"“”'‘’([{–—•*#>|/-")
PLAIN = HARMLESS | STREET | NATION
DIGITS = "0123456789"
SIGNS = str.maketrans(dict.fromkeys(",.;:!?()\"'", " "))


def opens(text: str, start: int) -> bool:
    """Is the capital at `start` explained by a sentence, line or quotation that begins there?"""
    at = start - 1
    while at >= 0 and text[at] == " ":
        at -= 1
    return at < 0 or text[at] in OPENERS


def capitals(text: str) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, without a plain word that only opens a sentence."""
    known = words()
    for run in RUN.finditer(text):
        word = run.group().lower()
        if len(word) < 2 or word.startswith(("i'", "i’")):
            continue
        if any(map(word.__contains__, DIGITS)) and " " not in word:
            continue
        bits = known.get(word, 0)
        if bits and not bits & ~PLAIN and (bits == NATION or opens(text, run.start())):
            continue
        yield run.start(), run.end()


@cache
def given_names() -> frozenset[str]:
    """Given names that are no plain word of any language we list."""
    return frozenset(w for w, b in words().items() if b & FIRST and not b & HARMLESS and len(w) >= SHORTEST_SMALL)


def small(text: str) -> Iterator[tuple[int, int]]:
    """Given names written small ("ask patricia")."""
    names = given_names()
    for base in range(0, len(text), CHUNK):
        chunk = text[base : base + CHUNK].translate(SIGNS)
        row = chunk.split()
        if names.isdisjoint(row):
            continue
        at = 0
        for word in row:
            at = chunk.index(word, at)
            if word in names:
                yield base + at, base + at + len(word)
            at += len(word)


def windows(text: str) -> list[tuple[int, int]]:
    """Pieces of text around the candidates, in order and apart."""
    found = [*capitals(text), *small(text), *((m.start(), m.end()) for m in PHRASE.finditer(text))]
    return merged(text, sorted(found))


def merged(text: str, found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in found:
        low, high = max(0, start - REACH), min(len(text), end + REACH)
        if out and low - SNAP <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return [snapped(text, low, high) for low, high in out]


def snapped(text: str, low: int, high: int) -> tuple[int, int]:
    """Grown to the next blank on both sides, if there is one near."""
    cut = text.rfind(" ", max(0, low - SNAP // 2), low + 1)
    low = cut + 1 if cut >= 0 else low
    cut = text.find(" ", high, high + SNAP // 2)
    return low, cut if cut >= 0 else high
