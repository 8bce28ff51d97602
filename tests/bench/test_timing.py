from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.timing import exponent, growth, paired


@given(st.floats(0.2, 3), st.floats(1e-6, 10))
def test_the_exponent_of_a_power_is_its_power(power: float, factor: float) -> None:
    sizes = [10, 100, 1000]
    assert exponent(sizes, [factor * s**power for s in sizes]) == pytest.approx(power)


def test_no_larger_text_is_tried_when_one_took_too_long() -> None:
    tried: list[int] = []
    grown, n = growth(lambda text: tried.append(len(text)), "x".__mul__, (1, 2, 3), 1, patience=0.0)
    assert (tried, n, grown) == ([1], 1, float("inf"))


def test_two_things_are_timed_in_turns() -> None:
    order: list[str] = []

    def work(name: str) -> None:
        sum(range(200_000))
        order.append(name)

    found = paired(lambda: work("a"), lambda: work("b"), rounds=2)
    assert (order[0], order[1], order[-1], found.n) == ("a", "b", "b", 2)
    assert 0 < found.low <= found.ratio <= found.high
