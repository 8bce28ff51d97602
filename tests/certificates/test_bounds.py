from __future__ import annotations

from fractions import Fraction
from math import comb, nextafter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.certificates import bounds

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


@pytest.mark.parametrize("n", [1_000, 100_000, 1_000_000])
def test_the_tail_of_many_items_is_that_of_scipy(n: int) -> None:
    binom = pytest.importorskip("scipy.stats").binom
    for p in (1e-4, 0.01, 0.05, 0.5, 0.97):
        for k in {int(n * p * share) for share in (0.8, 0.95, 1.0, 1.05)}:
            exact = float(binom.cdf(k, n, p))
            assert bounds.binomial_tail(k, n, p) == pytest.approx(exact, rel=1e-7, abs=1e-12), (k, n, p)


@given(st.integers(1, 10**6), st.data(), st.floats(1e-6, 1 - 1e-6))
def test_the_tail_rises_with_k_and_falls_with_p(n: int, data: st.DataObject, p: float) -> None:
    k = data.draw(st.integers(0, n - 1))
    here = bounds.binomial_tail(k, n, p)
    assert 0 <= here <= 1
    assert bounds.binomial_tail(k + 1, n, p) >= here * (1 - 1e-6)
    assert bounds.binomial_tail(k, n, nextafter(p, 1) + 1e-7) <= here * (1 + 1e-6) + 1e-12


@given(st.integers(1, 300), st.sampled_from([0.01, 0.05, 0.2]), DELTAS)
def test_a_rule_at_the_claimed_rate_is_certified_with_probability_delta_at_most(
    n: int, alpha: float, delta: float
) -> None:
    passing = [wrong for wrong in range(n + 1) if bounds.certified(wrong, n, alpha, delta)]
    chance = sum(comb(n, wrong) * alpha**wrong * (1 - alpha) ** (n - wrong) for wrong in passing)
    assert chance <= delta * (1 + 1e-9)
    assert passing == list(range(len(passing)))  # fewer errors can only help


def test_several_candidates_on_the_same_items_are_falsely_certified_with_delta_at_most() -> None:
    """20 candidates, all just worse than alpha, judged on the same 400 items; 2,000 times."""
    rng, alpha, delta, n = Random(5), 0.05, 0.05, 400
    limits = [
        max((w for w in range(60) if bounds.certified(w, n, alpha, bounds.spend(delta, j))), default=-1)
        for j in range(1, 21)
    ]
    by_chance = [bounds.binomial_tail(wrong, n, 0.0501) for wrong in range(60)]

    def errors() -> int:
        draw = rng.random()
        return next((wrong for wrong, share in enumerate(by_chance) if share >= draw), 60)

    false = sum(any(errors() <= limit for limit in limits) for _ in range(2_000))
    low, _ = bounds.interval(false, 2_000, 0.999)
    assert 0 < false and low <= delta


@given(st.integers(0, 12), st.sampled_from([0.01, 0.05, 0.3]), DELTAS)
def test_the_smallest_number_of_answers_is_enough_and_one_less_is_not(wrong: int, alpha: float, delta: float) -> None:
    n = bounds.smallest_n(wrong, alpha, delta)
    assert bounds.certified(wrong, n, alpha, delta)
    assert n == wrong or not bounds.certified(wrong, n - 1, alpha, delta)


def test_250_examples_allow_one_error_in_the_first_test_and_none_in_the_next_two() -> None:
    """About 112 of them certify (design.md)."""
    most = [
        max((w for w in range(9) if bounds.certified(w, 112, 0.05, bounds.spend(0.05, j))), default=None)
        for j in (1, 2, 3, 4)
    ]
    assert most == [1, 0, 0, None]


@given(st.integers(0, 200), st.data(), DELTAS)
def test_lower_and_upper_bound_mirror_each_other(n: int, data: st.DataObject, delta: float) -> None:
    right = data.draw(st.integers(0, n))
    low = bounds.lower_bound(right, n, delta)
    assert 0 <= low <= (right / n if n else 1)
    assert low == pytest.approx(1 - bounds.upper_bound(n - right, n, delta))


def test_each_label_must_prove_its_own_rate_with_its_part_of_delta() -> None:
    counts = {"yes": (0, 90), "no": (0, 70), "maybe": (0, 0)}
    assert bounds.labels_certified(counts, 3, 0.05, 0.05) == {"yes": True, "no": False, "maybe": False}
    assert bounds.labels_certified({"no": (0, 70)}, 1, 0.05, 0.05) == {"no": True}
    with pytest.raises(ValueError, match="3 labels were answered, the task has 2"):
        bounds.labels_certified(counts, 2, 0.05, 0.05)


@pytest.mark.parametrize(("lost", "won"), [(0.04, 0.04), (0.10, 0.02), (0.0, 0.3)])
def test_a_paired_bound_is_above_the_truth_as_often_as_it_says(lost: float, won: float) -> None:
    rng, n, times = Random(3), 150, 400
    above = 0
    for _ in range(times):
        draws = [rng.random() for _ in range(n)]
        losses = sum(draw < lost for draw in draws)
        wins = sum(lost <= draw < lost + won for draw in draws)
        above += bounds.paired(losses, wins, n, 0.05).bound >= lost - won
    assert bounds.interval(above, times, 0.999)[1] >= 0.95


@given(st.integers(1, 300), st.sampled_from([0.05, 0.1]), RATES)
def test_power_is_that_of_the_most_errors_that_pass(n: int, alpha: float, risk: Fraction) -> None:
    found = bounds.power(lambda wrong, n: bounds.certified(wrong, n, alpha, 0.05), n, float(risk))
    most = max((wrong for wrong in range(n + 1) if bounds.certified(wrong, n, alpha, 0.05)), default=-1)
    assert found == bounds.binomial_tail(most, n, float(risk))
