"""Texts as a maker of macros may see them: other values masked, the wanted ones replaced by look-alikes.

A look-alike has the shape of its value, character class by character class, and is drawn by a key that is made from all
of the data: the same data gives the same look-alikes, so that recorded replies are found again.
"""

from __future__ import annotations

import hashlib
import random
import string
from collections.abc import Sequence
from dataclasses import replace

from self_distill.macros.scrub import Macros, NoMacros
from self_distill.types import Example, Span

_CLASSES = (string.digits, string.ascii_uppercase, string.ascii_lowercase)


def shown(examples: Sequence[Example], macros: Macros | NoMacros) -> list[Example]:
    """Each example with its spans where they now stand. Raises `MacroFailed`."""
    key = hashlib.sha256("\n".join(sorted(example.text for example in examples)).encode("utf-8", "surrogatepass"))
    scrubbed = macros.scrub_many([example.text for example in examples])
    return [
        _shown(example, [span for span in one.spans if not _overlaps(span, example.spans)], key.digest())
        for example, one in zip(examples, scrubbed, strict=True)
    ]


def _overlaps(span: Span, spans: Sequence[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in spans)


def _shown(example: Example, others: Sequence[Span], key: bytes) -> Example:
    text, parts, at = example.text, [], 0
    length, spans, counts = 0, [], dict[str, int]()
    wanted = {(span.start, span.end) for span in example.spans}
    for span in sorted([*example.spans, *others]):
        if span.start < at:
            continue  # within one before it
        parts.append(text[at : span.start])
        length += span.start - at
        value = text[span.start : span.end]
        if (span.start, span.end) in wanted:
            value = lookalike(value, key)
            spans.append(Span(length, length + len(value), span.type, detector="gold"))
        else:
            counts[span.type] = counts.get(span.type, 0) + 1
            value = f"[{span.type}_{counts[span.type]}]"
        parts.append(value)
        length, at = length + len(value), span.end
    parts.append(text[at:])
    return replace(example, text="".join(parts), spans=tuple(spans), label=[[s.start, s.end] for s in spans])


def lookalike(value: str, key: bytes) -> str:
    """Another value of the same shape; the same for the same value and key."""
    seed = hashlib.sha256(key + value.encode("utf-8", "surrogatepass")).digest()
    rng = random.Random(seed)
    while True:
        made = "".join(_like(c, rng) for c in value)
        if made != value or not any(map(_changes, value)):
            return made


def _changes(c: str) -> bool:
    return c.isalpha() or c in string.digits


def _like(c: str, rng: random.Random) -> str:
    for chars in _CLASSES:
        if c in chars:
            return rng.choice(chars)
    return rng.choice("éüñ") if c.isalpha() else c
