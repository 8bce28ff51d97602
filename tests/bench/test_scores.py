from __future__ import annotations

import numpy as np
import pytest

from bench.corpora import Doc
from bench.scores import FIELDS, METRICS, chosen, counted, rates, surest
from self_distill.types import Span

TEXT = "ann@x.org and Ann of Kiel"
DOC = Doc(TEXT, (Span(0, 9, "EMAIL"), Span(14, 17, "PERSON"), Span(21, 25, "LOCATION")), "t1")


def counts(*spans: Span) -> dict[str, float]:
    return dict(zip(FIELDS, counted(DOC, spans), strict=True))


def test_a_value_is_masked_only_if_all_its_characters_are() -> None:
    assert counts(Span(0, 8, "EMAIL"), Span(14, 17, "X"))["masked"] == 1
    assert counts(Span(0, 5, "EMAIL"), Span(5, 9, "X"))["core masked"] == 1


def test_a_strict_find_has_the_very_span_and_type() -> None:
    assert counts(Span(0, 9, "EMAIL"))["core right"] == 1
    assert counts(Span(0, 9, "PHONE"))["core right"] == counts(Span(0, 10, "EMAIL"))["core right"] == 0


def test_characters_outside_of_values_are_wrong_and_counted_once() -> None:
    found = counts(Span(9, 13, "X"), Span(10, 17, "Y"))
    assert (found["characters"], found["characters right"]) == (8, 3)


def test_of_overlapping_finds_one_is_chosen() -> None:
    wide, sure = Span(0, 9, "URL", 0.5), Span(2, 8, "EMAIL", 0.9)
    assert surest([wide, sure]) == [sure]
    assert [(s.start, s.end) for s in chosen([wide, sure])] == [(0, 9)]


def test_rates_are_shares_with_intervals_around_them() -> None:
    docs = [Doc(TEXT, DOC.golds, str(i)) for i in range(20)]
    rows = [counted(d, [Span(0, 9, "EMAIL")] if i % 2 else []) for i, d in enumerate(docs)]
    rate = rates(docs, rows, ["core", "masked"])["core"]
    assert (rate.value, rate.n) == (0.5, 20)
    assert 0.2 < rate.low < 0.5 < rate.high < 0.8


def test_texts_of_one_template_count_as_one_draw() -> None:
    docs = [Doc(TEXT, DOC.golds, "the same") for _ in range(20)]
    rate = rates(docs, [counted(d, []) for d in docs], ["masked"])["masked"]
    assert rate.low == rate.high == 0


@pytest.mark.parametrize("key", METRICS)
def test_nothing_found_in_nothing_is_no_error(key: str) -> None:
    assert METRICS[key].of(np.zeros(len(FIELDS))) == 0
