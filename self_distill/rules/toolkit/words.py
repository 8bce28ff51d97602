"""Words, sentences, numbers in words, distance between strings."""

from __future__ import annotations

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = [("hundred", 100), ("thousand", 1000), ("million", 1000000), ("billion", 1000000000)]
PRONOUNS = ["i", "you", "he", "she", "it", "we", "they", "me", "him", "her", "us", "them"]
ARTICLES = ["a", "an", "the"]
BE_FORMS = ["am", "is", "are", "was", "were", "be", "been", "being"]


def words_of(text: str) -> list[str]:
    """Words with inner apostrophes and hyphens, as written."""
    return re.findall(r"[A-Za-z\u00c0-\u024f]+(?:['\u2019-][A-Za-z\u00c0-\u024f]+)*|\d+(?:[.,]\d+)*", text)


def sentences_of(text: str) -> list[str]:
    """Pieces that end with . ! or ? before a blank, stripped."""
    pieces, start = [], 0
    for m in re.finditer(r"[.!?]+[\"')\]]*\s+", text):
        pieces.append(text[start : m.end()].strip())
        start = m.end()
    rest = text[start:].strip()
    return [*pieces, rest] if rest else pieces


def numbers_of(text: str) -> list[int | float]:
    """The numbers of a text in order, with signs, thousands commas and decimals, as int or float."""
    found = []
    for m in re.finditer(r"(?<![\w.])-?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?", text):
        plain = m.group(0).replace(",", "")
        whole = plain.split(".")[0] if plain.rstrip("0").endswith(".") else plain
        found.append(float(whole) if "." in whole or len(whole) > 300 else int(whole))
    return found


def word_number(phrase: str) -> int | None:
    """The number that English words say ("two hundred and five" is 205), else None."""
    total, part, seen = 0, 0, False
    for word in re.split(r"[\s-]+", phrase.lower().strip()):
        scale = [size for name, size in _SCALES if name == word]
        if word in _ONES:
            part += _ONES.index(word)
        elif word in _TENS:
            part += 10 * _TENS.index(word) + 20
        elif scale and scale[0] == 100:
            part = max(1, part) * 100
        elif scale:
            total, part = total + max(1, part) * scale[0], 0
        elif word != "and":
            return None
        seen = seen or word != "and"
    return total + part if seen else None


def edit_distance(a: str, b: str) -> int:
    """Insertions, deletions and replacements that make `a` into `b` (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        left, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            left, row[j + 1] = row[j + 1], min(row[j + 1] + 1, row[j] + 1, left + (x != y))
    return row[-1]
