"""Which characters of a text must go: what detectors found and every other place where such a value stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from self_distill.macros.needles import BREAK, Hit
from self_distill.macros.resolve import Region, resolve
from self_distill.macros.vault import Vault
from self_distill.types import Span

VAULT = "vault"
"""Detector of spans that no detector found: the value was known from elsewhere."""
WINDOW = 1024


Place = tuple[int, int]


def covered(
    text: str, spans: Iterable[Span], vault: Vault, in_time: Callable[[], None], literals: Sequence[Place] = ()
) -> list[Region]:
    """The regions of `spans` and of every other place where a value of theirs or of the vault stands, in any
    shape. A value found inside a longer one counts by itself. What is replaced, `literals` too, becomes a border:
    what only that sets free is looked for as well."""
    found = list(spans)
    while True:
        regions = resolve(found)
        for region in regions:
            vault.note(text[region.start : region.end], region.best.type)
            for part in region.parts:
                vault.note(text[part.start : part.end], part.type)
        in_time()
        new = _uncovered(regions, vault.needles.find(text))
        if not new:
            rest = blanked(text, sorted([*((region.start, region.end) for region in regions), *literals]))
            new = _uncovered(regions, vault.needles.find(rest)) if rest is not text else []
            in_time()
            new = new or _hidden(rest, vault)
        if not new:
            return regions
        found += new


def blanked(text: str, places: Iterable[Place]) -> str:
    """`text`, as long as before, with `BREAK` in these places, which are in order."""
    parts, at = [], 0
    for start, end in places:
        parts += [text[at:start], BREAK * (end - max(start, at))]
        at = max(end, at)
    return "".join(parts) + text[at:] if at else text


def between_blanks(text: str, span: Span) -> Iterator[Span]:
    """The parts of a span that lie between blanks."""
    at = span.start
    for part in text[span.start : span.end].split(BREAK):
        if part.strip():
            yield replace(span, start=at, end=at + len(part))
        at += len(part) + 1


def _uncovered(regions: Sequence[Region], hits: Iterable[Hit]) -> list[Span]:
    spans = []
    for hit in hits:
        at = bisect_right(regions, hit.start, key=lambda region: region.start) - 1
        if at < 0 or regions[at].end < hit.end:
            spans.append(Span(hit.start, hit.end, hit.type, 1.0, VAULT))
    return spans


def _hidden(text: str, vault: Vault) -> list[Span]:
    """Short stretches that have a value in an encoded form; a long one only if there is no short one."""
    hidden = vault.needles.hidden
    whole = hidden(text)
    if whole is None:
        return []
    spans: list[Span] = []
    at = 0
    while at < len(text):
        stop = min(at + WINDOW, len(text))
        type_ = hidden(text[at:stop])
        if type_ is None:
            at += WINDOW // 2
        else:
            spans.append(_narrowed(text, at, stop, type_, vault))
            at = spans[-1].end
    return spans or [_narrowed(text, 0, len(text), whole, vault)]


def _narrowed(text: str, low: int, high: int, type_: str, vault: Vault) -> Span:
    hidden = vault.needles.hidden
    end = bisect_left(range(high), True, lo=low, key=lambda e: hidden(text[low:e]) is not None)
    start = bisect_left(range(end), True, lo=low, key=lambda s: hidden(text[s:end]) is None) - 1
    return Span(max(start, low), end, type_, 1.0, VAULT)
