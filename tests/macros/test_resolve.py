from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros.resolve import SPECIFIC, preference, resolve
from self_distill.types import Span

spans = st.builds(
    lambda start, size, type_, score, who: Span(start, start + size, type_, score, who),
    st.integers(0, 30),
    st.integers(1, 9),
    st.sampled_from((*SPECIFIC, "OWN")),
    st.sampled_from((0.5, 0.9, 1.0)),
    st.sampled_from(("a", "b")),
)
many = st.lists(spans, max_size=12)


def covered(found: list[Span]) -> set[int]:
    return {place for span in found for place in range(span.start, span.end)}


@given(many)
def test_regions_lie_apart_in_order_and_cover_exactly_what_was_found(found: list[Span]) -> None:
    regions = resolve(found)
    assert all(a.end <= b.start for a, b in pairwise(regions))
    assert {p for r in regions for p in range(r.start, r.end)} == covered(found)
    assert sorted(part for region in regions for part in region.parts) == sorted(found)
    assert all(region.best in region.parts for region in regions)


@given(many, st.randoms(use_true_random=False))
def test_the_order_of_findings_makes_no_difference(found: list[Span], shuffle: Random) -> None:
    other = list(found)
    shuffle.shuffle(other)
    assert resolve(found) == resolve(other)


@given(many, spans)
def test_one_more_finding_can_only_cover_more(found: list[Span], another: Span) -> None:
    regions = resolve([*found, another])
    assert covered(found) <= {p for r in regions for p in range(r.start, r.end)}


def test_the_longest_names_the_region_then_the_most_specific_then_the_surest() -> None:
    def best(*found: Span) -> Span:
        (region,) = resolve(found)
        return region.best

    phone, card = Span(0, 9, "PHONE"), Span(0, 9, "CREDIT_CARD", 0.5)
    assert best(phone, card) == card
    assert best(card, Span(2, 12, "PHONE")) == Span(2, 12, "PHONE")
    assert best(card, Span(0, 9, "OWN", 0.5)).type == "OWN"
    assert best(Span(0, 9, "SSN", 0.5, "a"), Span(0, 9, "SSN", 0.9, "b")).detector == "b"
    assert preference(card) < preference(phone)


def test_findings_that_only_touch_stay_two() -> None:
    assert [(r.start, r.end) for r in resolve([Span(0, 3, "SSN"), Span(3, 5, "IP")])] == [(0, 3), (3, 5)]
    assert resolve([]) == []
