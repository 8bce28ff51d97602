"""How well values are found: counts per text, rates over all of them, intervals by drawing whole templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.corpora import CORE, NAMES, Doc
from self_distill.macros.resolve import preference, resolve
from self_distill.types import Span

Counts = NDArray[np.float64]
FIELDS = (
    "core right", "core found", "core", "core masked", "values", "masked", "names", "names masked",
    "characters", "characters right",
)  # fmt: skip
RIGHT, FOUND, CORES, CORE_MASKED, VALUES, MASKED, NAMED, NAMED_MASKED, CHARACTERS, CHARACTERS_RIGHT = range(len(FIELDS))
STRICT = slice(RIGHT, CORES + 1)
"""The fields that one span per place is counted for."""
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Rate:
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Metric:
    """`of` maps the summed counts (last axis: FIELDS) to a rate; `n` is the field that it is a share of."""

    name: str
    of: Callable[[Counts], Counts]
    n: int


def _over(part: int, whole: int) -> Callable[[Counts], Counts]:
    return lambda c: c[..., part] / np.maximum(c[..., whole], 1)


def _f1(c: Counts) -> Counts:
    found: Counts = 2 * c[..., RIGHT] / np.maximum(c[..., FOUND] + c[..., CORES], 1)
    return found


METRICS = {
    "f1": Metric(
        "strict F1 of six types", lambda c: 2 * c[..., RIGHT] / np.maximum(c[..., FOUND] + c[..., CORES], 1), CORES
    ),
    "core": Metric("values of six types masked", _over(CORE_MASKED, CORES), CORES),
    "named": Metric("names, places, organisations, addresses masked", _over(NAMED_MASKED, NAMED), NAMED),
    "masked": Metric("all values masked", _over(MASKED, VALUES), VALUES),
    "precision": Metric("masked characters that belong to a value", _over(CHARACTERS_RIGHT, CHARACTERS), CHARACTERS),
}


def counted(doc: Doc, spans: Iterable[Span]) -> Counts:
    """A value is masked if all its characters are; strictly right if exactly its span is named with its type."""
    spans = list(spans)
    covered = {at for s in spans for at in range(s.start, s.end)}
    gold = {at for g in doc.golds for at in range(g.start, g.end)}
    core = {(g.start, g.end, g.type) for g in doc.golds if g.type in CORE}
    named = {(s.start, s.end, s.type) for s in chosen(spans) if s.type in CORE}
    masked = [g for g in doc.golds if covered.issuperset(range(g.start, g.end))]
    row = np.zeros(len(FIELDS))
    row[RIGHT], row[FOUND], row[CORES] = len(core & named), len(named), len(core)
    row[CORE_MASKED] = len({(g.start, g.end, g.type) for g in masked} & core)
    row[VALUES], row[MASKED] = len(doc.golds), len(masked)
    row[NAMED], row[NAMED_MASKED] = (sum(g.type in NAMES for g in part) for part in (doc.golds, masked))
    row[CHARACTERS], row[CHARACTERS_RIGHT] = len(covered), len(covered & gold)
    return row


def chosen(spans: Sequence[Span]) -> list[Span]:
    """One span where several overlap: the one that names the region."""
    return [Span(r.start, r.end, r.best.type, r.best.score, r.best.detector) for r in resolve(spans)]


def surest(spans: Sequence[Span]) -> list[Span]:
    """One span where several overlap: the one with the best score, as Presidio's anonymizer takes it."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (-s.score, preference(s))):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return kept


def rates(docs: Sequence[Doc], rows: Sequence[Counts], keys: Sequence[str], draws: int = DRAWS) -> dict[str, Rate]:
    """With 95 % intervals from seeded draws of whole groups: values of one template are found or missed together."""
    groups: dict[str, Counts] = defaultdict(lambda: np.zeros(len(FIELDS)))
    for doc, row in zip(docs, rows, strict=True):
        groups[doc.group] += row
    table = np.array(list(groups.values()))
    weights = np.random.default_rng(0).multinomial(len(table), np.full(len(table), 1 / len(table)), size=draws)
    sums = weights @ table
    total = table.sum(0)
    found = {}
    for key in keys:
        metric = METRICS[key]
        low, high = np.quantile(metric.of(sums), (0.025, 0.975))
        found[key] = Rate(float(metric.of(total)), float(low), float(high), int(total[metric.n]))
    return found
