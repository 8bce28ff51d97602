"""How sure a rule must be to answer: chosen on the select part for what the certify part will ask of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma

from self_distill.certificates.bounds import certified, spend
from self_distill.distill.evidence import SHARES

RATIO = SHARES[2] / SHARES[1]
"""Certify items for each select item."""


@dataclass(frozen=True, slots=True)
class Scored:
    """How sure a rule is of its answer to one select item, and whether that is right."""

    sure: float
    right: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """Answers that are at least so `sure` are given; `chance` is that of being certified."""

    sure: float
    answered: int
    wrong: int
    chance: float


def best_cut(scored: Sequence[Scored], alpha: float, delta: float, care: int = 1) -> Cut | None:
    """The cut that can expect to answer most, the chance of passing taken `care` times; where no cut is worth its
    wrong answers, the strictest. None where nothing was scored."""
    cuts = []
    ordered = sorted(scored, key=lambda item: -item.sure)
    wrong = 0
    for answered, item in enumerate(ordered, 1):
        wrong += not item.right
        if answered == len(ordered) or ordered[answered].sure < item.sure:
            cuts.append(Cut(item.sure, answered, wrong, chance(answered, wrong, alpha, delta)))
    best = max(cuts, key=lambda c: (c.answered * c.chance**care, c.answered - c.wrong / alpha), default=None)
    return best if best is None or best.answered > best.wrong / alpha else cuts[0]


def chance(answered: int, wrong: int, alpha: float, delta: float) -> float:
    """That a rule with these figures on select passes the first test on certify: beta-binomial, every error rate
    being as likely as any other before select was seen (Laplace 1774)."""
    n, level = round(answered * RATIO), spend(delta, 1)
    most = bisect_left(range(n + 1), True, key=lambda k: not certified(k, n, alpha, level)) - 1
    a, b = wrong + 1, answered - wrong + 1
    base = lgamma(a + b) - lgamma(a) - lgamma(b) + lgamma(n + 1) - lgamma(a + b + n)
    return sum(
        exp(base - lgamma(k + 1) - lgamma(n - k + 1) + lgamma(a + k) + lgamma(b + n - k)) for k in range(most + 1)
    )
