"""Overlapping findings become regions: every character anybody found is covered; one type names the region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from self_distill.types import Span

SPECIFIC = (
    "URL_CREDENTIALS API_KEY CRYPTO_ADDRESS IBAN CREDIT_CARD EMAIL SSN MAC IP BANK_ROUTING NATIONAL_ID"
    " DATE_OF_BIRTH PHONE PERSON ADDRESS ORGANISATION LOCATION"
).split()
"""Most specific first; types of one's own come before all of them, for somebody asked for them by name."""

_RANK = {type_: rank for rank, type_ in enumerate(SPECIFIC)}


@dataclass(frozen=True, slots=True)
class Region:
    """`best` names the type; `parts` are all findings it unites, `best` among them."""

    start: int
    end: int
    best: Span
    parts: tuple[Span, ...]


def preference(span: Span) -> tuple[int, int, float, int, str, str]:
    """Smaller is better: longest, then most specific, then score; the rest makes the order total."""
    rank = _RANK.get(span.type, -1)
    return (span.start - span.end, rank, -span.score, span.start, span.type, span.detector)


def resolve(spans: Iterable[Span]) -> list[Region]:
    """Regions in order, apart from each other. Spans that share a character are united, so that no
    replacement leaves a part of a finding behind and one more finding can only cover more."""
    regions: list[Region] = []
    cluster: list[Span] = []
    end = 0
    for span in sorted(spans):
        if cluster and span.start >= end:
            regions.append(_unite(cluster, end))
            cluster = []
        end = max(end, span.end) if cluster else span.end
        cluster.append(span)
    if cluster:
        regions.append(_unite(cluster, end))
    return regions


def _unite(cluster: Sequence[Span], end: int) -> Region:
    best = cluster[0] if len(cluster) == 1 else min(cluster, key=preference)
    return Region(cluster[0].start, end, best, tuple(cluster))
