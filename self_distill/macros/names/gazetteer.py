"""What is known of a word: is it a given name, a surname, a place, a street word, or plain language?

The list is baked by `scripts/bake_names.py`; `SOURCES.md` beside it names the sources.
One look-up per word.
"""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import re2

FIRST, LAST, PLACE, BIG, PART, STREET, WORD, COMMON, NATION = (1 << bit for bit in range(9))
LETTERS = "flpbaswcn"
"""One letter per bit, for the features of the tagger."""
HARMLESS = WORD | COMMON
PARTS = re2.compile("[-'’]")


@cache
def words() -> Mapping[str, int]:
    """Lower-case word -> bits. A place of several words is known by its words (`PART`)."""
    raw = lzma.decompress(files(__package__).joinpath("words.xz").read_bytes()).decode()
    known: dict[str, int] = {}
    for line in raw.splitlines():
        bits, _, row = line.partition("\t")
        known.update(dict.fromkeys(row.split(" "), int(bits)))
    return known


def bits_of(word: str) -> int:
    """Bits of a word in any case; those of its parts for an unlisted one with a hyphen or an apostrophe."""
    known = words()
    lower = word.lower()
    found = known.get(lower)
    if found is not None:
        return found
    if lower.isalnum():
        return 0
    together = 0
    for part in PARTS.split(lower):
        together |= known.get(part, 0)
    return together


@cache
def letters(bits: int) -> str:
    return "".join(letter for index, letter in enumerate(LETTERS) if bits >> index & 1) or "-"
