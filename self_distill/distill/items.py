"""What makes two texts the same item, in every file and for ever: names that are hashes."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable

from self_distill.types import Example, Json

HASH = 16
"""Hex digits of an item's name: 64 bits. Two items that shared one would only cost confidence."""


def normalised(text: str) -> str:
    """What makes two texts the same item: compatibility forms, case and blanks aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def item_hash(example: Example) -> str:
    """The same in every file: of the text, not of its id, its label or its place."""
    return _hash(f"item\n{normalised(example.text)}")


def unit_hash(example: Example) -> str:
    """Of what goes to one part as a whole: the group where there is one."""
    return _hash(f"group\n{example.group}") if example.group else item_hash(example)


def names_of(row: Example) -> set[str]:
    """Item and unit: whoever shares one of them shares evidence."""
    return {item_hash(row), unit_hash(row)}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH]


def digest_of(lines: Iterable[str]) -> str:
    """One name for many lines, whatever their order."""
    return hashlib.sha256("\n".join(sorted(lines)).encode("utf-8", "surrogatepass")).hexdigest()


def label_key(label: Json) -> str:
    """Equal for equal labels."""
    return json.dumps(label, sort_keys=True)


def skeleton(text: str) -> str:
    """The words without punctuation, every number alike; a text of fewer than two words as it is."""
    plain = "".join(c if c.isalpha() else "0" if c.isdigit() else " " for c in normalised(text))
    words = ["0" if word[0] == "0" else word for word in plain.split()]
    return " ".join(words) if len(words) > 1 else text
