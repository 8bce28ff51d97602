from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from self_distill.certificates.economics import VOLUMES, break_even, saving, savings


@given(st.integers(0, 10**6), st.integers(1, 1000), st.integers(0, 1000))
def test_at_break_even_the_saving_turns(making: int, baseline: int, rules: int) -> None:
    even = break_even(making, baseline, rules)
    if even is None:
        assert rules >= baseline
    else:
        assert saving(making, baseline, rules, even) >= 0
        assert even == 0 or saving(making, baseline, rules, even - 1) < 0
    assert savings(making, baseline, rules)["100"] == saving(making, baseline, rules, 100)


@pytest.mark.parametrize(
    ("making", "baseline", "rules", "even"),
    [
        (4229, 99, 0, 43),
        (100, 10, 10, None),
        (100, 10, 11, None),
        (0, 10, 10, 0),
        (0, 10, 11, None),
        (100, 10, 5, 20),
        (101, 10, 5, 21),
        (1, 10.5, 10, 2),
    ],
)
def test_when_a_rule_has_paid_for_its_making(making: float, baseline: float, rules: float, even: int | None) -> None:
    assert break_even(making, baseline, rules) == even


@example(407219.0, 2.3e-303, 0.0)
@given(st.floats(0, 1e9), st.floats(0, 1e5), st.floats(0, 1e5))
def test_dearer_making_never_pays_earlier(making: float, baseline: float, rules: float) -> None:
    first, later = break_even(making, baseline, rules), break_even(making * 2 + 1, baseline, rules)
    assert later is None or (first is not None and first <= later)


def test_savings_are_told_at_every_volume() -> None:
    found = savings(1000, 10, 4)
    assert list(found) == [str(n) for n in VOLUMES]
    assert found == {"100": -400, "1000": 5000, "10000": 59_000, "1000000": 5_999_000}
