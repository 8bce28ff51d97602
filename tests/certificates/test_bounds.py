from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.certificates import bounds
from self_distill.certificates.economics import break_even, saving, savings

RATES = st.fractions(Fraction(1, 200), Fraction(199, 200), max_denominator=200)
DELTAS = st.sampled_from([0.001, 0.01, 0.05, 0.2])


@given(st.integers(0, 60), st.integers(-1, 61), RATES)
def test_the_tail_is_the_exact_sum(n: int, k: int, p: Fraction) -> None:
    exact = sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(min(k, n) + 1)) if k >= 0 else Fraction(0)
    assert bounds.binomial_tail(k, n, float(p)) == pytest.approx(float(exact), rel=1e-9, abs=1e-12)


@given(st.integers(1, 400), st.data(), DELTAS)
def test_a_bound_lies_where_the_tail_is_delta(n: int, data: st.DataObject, delta: float) -> None:
    wrong = data.draw(st.integers(0, n - 1))
    bound = bounds.upper_bound(wrong, n, delta)
    assert wrong / n < bound <= 1
    assert bounds.binomial_tail(wrong, n, bound) == pytest.approx(delta, rel=1e-6)
    assert bounds.upper_bound(wrong + 1, n, delta) > bound
    assert bounds.certified(wrong, n, min(1.0, bound * 1.001), delta) and not bounds.certified(
        wrong, n, bound * 0.999, delta
    )


@given(st.integers(0, 300), st.data())
def test_an_interval_holds_the_rate_and_mirrors(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    low, high = bounds.interval(k, n)
    assert 0 <= low <= (k / n if n else 0.5) <= high <= 1
    assert bounds.interval(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(st.integers(1, 80), RATES)
def test_the_interval_covers_at_least_as_often_as_it_says(n: int, p: Fraction) -> None:
    chance = float(p)
    covered = sum(
        comb(n, k) * chance**k * (1 - chance) ** (n - k)
        for k in range(n + 1)
        if bounds.interval(k, n)[0] <= chance <= bounds.interval(k, n)[1]
    )
    assert covered >= 0.95 - 1e-9


def test_published_values() -> None:
    """Clopper & Pearson for 0 of 10 and 5 of 10 at 95 %, as in any table."""
    assert bounds.interval(0, 10) == pytest.approx((0, 0.30850), abs=1e-5)
    assert bounds.interval(5, 10) == pytest.approx((0.18709, 0.81291), abs=1e-5)


@pytest.mark.parametrize(("alpha", "needed"), [(0.05, (69, 96, 111, 123)), (0.01, (348, 486, 567, 624))])
def test_how_many_answers_without_error_each_test_needs(alpha: float, needed: tuple[int, ...]) -> None:
    found = tuple(bounds.smallest_n(0, alpha, bounds.spend(0.05, j)) for j in (1, 2, 3, 4))
    assert found == needed


def test_all_tests_together_spend_no_more_than_delta() -> None:
    assert sum(bounds.spend(0.05, j) for j in range(1, 100_000)) < 0.05


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_sign_test_is_fair(wins: int, losses: int) -> None:
    p = bounds.sign_test(wins, losses)
    assert 0 < p <= 1
    assert p + bounds.sign_test(losses, wins) >= 1 - 1e-12
    assert bounds.sign_test(wins + 1, losses) <= p


def test_one_label_must_beat_its_share() -> None:
    assert bounds.prevalence_test(70, 100, 0.7) > 0.4
    assert bounds.prevalence_test(85, 100, 0.7) < 0.01


@given(st.integers(0, 30), st.integers(0, 30), st.integers(60, 200))
def test_a_paired_bound_lies_above_its_estimate(losses: int, wins: int, n: int) -> None:
    found = bounds.paired(losses, wins, n, 0.05)
    assert found.difference <= found.bound <= 1


def test_power_is_the_chance_to_pass() -> None:
    found = bounds.power(lambda wrong, n: bounds.certified(wrong, n, 0.05, 0.05), 112, 0.0)
    assert found == 1.0
    assert bounds.power(lambda wrong, n: bounds.certified(wrong, n, 0.05, 0.05), 112, 0.05) <= 0.05


@pytest.mark.parametrize(
    "call",
    [lambda: bounds.upper_bound(3, 2, 0.1), lambda: bounds.spend(0.1, 0), lambda: bounds.binomial_tail(1, 2, 1.5)],
)
def test_nonsense_is_refused(call: object) -> None:
    with pytest.raises(ValueError):
        call()  # type: ignore[operator]  # a function without arguments


@given(st.integers(0, 10**6), st.integers(1, 1000), st.integers(0, 1000))
def test_at_break_even_the_saving_turns(making: int, baseline: int, rules: int) -> None:
    even = break_even(making, baseline, rules)
    if even is None:
        assert rules >= baseline
    else:
        assert saving(making, baseline, rules, even) >= 0
        assert even == 0 or saving(making, baseline, rules, even - 1) < 0
    assert savings(making, baseline, rules)["100"] == saving(making, baseline, rules, 100)
