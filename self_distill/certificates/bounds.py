"""What counts of right and wrong answers prove. Pure functions, standard library only; every bound is exact.

`delta` is the probability with which a claim may be wrong, `alpha` the error rate that is claimed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, pi

NEGLIGIBLE = 1e-17
"""A term below this share of the sum changes no bit of it."""


def binomial_tail(k: int, n: int, p: float) -> float:
    """P[Bin(n, p) ≤ k], with a relative error below 1e-7 up to n = 10⁶ (terms from `lgamma`, summed outwards
    from the largest, about √n of them)."""
    if not (n >= 0 and 0 <= p <= 1):
        raise ValueError(f"a binomial needs n >= 0 and 0 <= p <= 1, not n={n}, p={p}")
    if k < 0:
        return 0.0
    if k >= n or p == 0:
        return 1.0
    if p == 1:
        return 0.0
    if k <= n * p:
        return _falling(k, n, p)
    return max(0.0, 1.0 - _falling(n - k - 1, n, 1 - p))


def _falling(k: int, n: int, p: float) -> float:
    """The tail where its largest term is the one at k (k at most the mean)."""
    term = exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p))
    total, odds = 0.0, (1 - p) / p
    while k >= 0 and term > total * NEGLIGIBLE:
        total += term
        term *= k / (n - k + 1) * odds
        k -= 1
    return min(total, 1.0)


def upper_bound(wrong: int, n: int, delta: float) -> float:
    """The error rate is below this with confidence 1 − delta, for `wrong` of `n` independent items
    (Clopper & Pearson, Biometrika 26, 1934). Without items it is 1."""
    _check(wrong, n)
    if wrong == n:
        return 1.0
    low, high = wrong / n, 1.0
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if binomial_tail(wrong, n, middle) > delta else (low, middle)
    return high


def lower_bound(right: int, n: int, delta: float) -> float:
    """The rate is above this with confidence 1 − delta."""
    return 1.0 - upper_bound(n - right, n, delta)


def interval(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Two-sided interval of k / n by Clopper and Pearson: covers at least at `confidence`; (0, 1) without
    items."""
    _check(k, n)
    tail = (1 - confidence) / 2
    low = lower_bound(k, n, tail) if k else 0.0
    return low, upper_bound(k, n, tail)


def certified(wrong: int, n: int, alpha: float, delta: float) -> bool:
    """Whether `wrong` of `n` answers prove an error rate of at most `alpha`: P[Bin(n, α) ≤ wrong] ≤ δ.

    Also the test of a critical label: `wrong` of its `n` items missed, abstaining being no miss."""
    _check(wrong, n)
    return binomial_tail(wrong, n, alpha) <= delta


def smallest_n(wrong: int, alpha: float, delta: float) -> int:
    """How many answers it takes to certify `alpha` when `wrong` of them are wrong."""
    if not (wrong >= 0 and 0 < alpha < 1 and 0 < delta < 1):
        raise ValueError("needs wrong >= 0, and alpha and delta between 0 and 1")
    top = wrong + 1
    while not certified(wrong, top, alpha, delta):
        top *= 2
    return bisect_left(range(top), True, lo=wrong, key=lambda n: certified(wrong, n, alpha, delta))


def spend(delta: float, j: int) -> float:
    """What the j-th test (from 1) on the same items may spend: 6δ/(π²j²), so that all tests together keep δ
    (union bound; Σ 1/j² = π²/6, Euler 1735)."""
    if j < 1:
        raise ValueError("tests are counted from 1")
    return 6 * delta / (pi * j) ** 2


def labels_certified(counts: Mapping[str, tuple[int, int]], labels: int, alpha: float, delta: float) -> dict[str, bool]:
    """Per answered label, from its (wrong, answered): whether it proves `alpha` at δ / L, L = `labels` being
    how many labels the task has (known before the items are looked at; Bonferroni)."""
    if labels < len(counts):
        raise ValueError(f"{len(counts)} labels were answered, the task has {labels}")
    return {label: certified(wrong, n, alpha, delta / labels) for label, (wrong, n) in counts.items()}


def sign_test(wins: int, losses: int) -> float:
    """p-value against "no better than the other" on discordant pairs: P[Bin(wins + losses, ½) ≥ wins]
    (McNemar's test, exact and one-sided). `wins`: rule right and the constant wrong."""
    return binomial_tail(losses, wins + losses, 0.5)


def prevalence_test(right: int, n: int, prevalence: float) -> float:
    """p-value against "no better than chance picks of its one label": P[Bin(n, prevalence) ≥ right].

    For a cascade that answers one label only, which on its part is the constant itself."""
    _check(right, n)
    return binomial_tail(n - right, n, 1 - prevalence)


@dataclass(frozen=True, slots=True)
class Paired:
    """Accuracy given up by a rule against a model on the same items: (losses − wins) / n; `bound` is above
    its true value with the asked confidence. Negative is in the rule's favour."""

    difference: float
    bound: float
    n: int


def paired(losses: int, wins: int, n: int, delta: float) -> Paired:
    """`losses`: rule wrong and model right; `wins`: the reverse; of n items. The bound joins two exact ones
    at δ/2 each (Bonferroni): conservative, whatever the dependence. Non-inferior at a margin m: bound ≤ m."""
    _check(losses + wins, n)
    if n == 0:
        return Paired(0.0, 1.0, 0)
    bound = upper_bound(losses, n, delta / 2) - lower_bound(wins, n, delta / 2)
    return Paired((losses - wins) / n, bound, n)


def power(test: Callable[[int, int], bool], n: int, risk: float) -> float:
    """The probability that a rule of error rate `risk` passes `test(wrong, n)`, a test that fewer errors
    can only help."""
    most = bisect_left(range(n + 1), True, key=lambda wrong: not test(wrong, n)) - 1
    return binomial_tail(most, n, risk)


def _check(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no count")
