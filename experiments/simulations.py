"""What the statistics promise, tried on simulated rules of known risk: `python -m experiments.simulations`.

False certificates and false alarms stay below delta; how fast the watch finds a rule that got worse; how many items
it takes to certify a rule of a given risk. Tests run it small, the command in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from self_distill.certificates.bounds import certified, interval, power, spend
from self_distill.certificates.watch import BETS, RESTART, fresh, grown

ALPHA = DELTA = 0.05
SIZES = (60, 125, 250, 500, 1_000, 2_000, 5_000)
CANDIDATES = 5
JUMPS = tuple((good, bad) for good in (0, 500, 2_000) for bad in (0.10, 0.30))

_passes = cache(certified)


@dataclass(frozen=True, slots=True)
class Share:
    """`k` of `n` simulated cases, with its interval at 99 %."""

    k: int
    n: int

    @property
    def low(self) -> float:
        return interval(self.k, self.n, 0.99)[0]

    def __str__(self) -> str:
        low, high = interval(self.k, self.n, 0.99)
        return f"{self.k / self.n:.4f} [{low:.4f}, {high:.4f}]"


def falsely_certified(
    n: int, risk: float, sets: int, seed: int = 0, candidates: int = CANDIDATES, shared: bool = True
) -> Share:
    """In how many of the item sets at least one of several candidates passes, each of them with error rate `risk`
    on the 40 to 100 % of the items that it answers. With `shared`, an item is easy or hard for all of them."""
    rng = np.random.default_rng(seed)
    passed = 0
    for _ in range(sets):
        easy = rng.random(n)
        for j in range(1, candidates + 1):
            answers = rng.random(n) < rng.uniform(0.4, 1.0)
            wrong = (easy if shared else rng.random(n)) < risk
            if _passes(int((wrong & answers).sum()), int(answers.sum()), ALPHA, spend(DELTA, j)):
                passed += 1
                break
    return Share(passed, sets)


def rings(rates: Sequence[float] | NDArray[np.float64], runs: int, seed: int = 0) -> NDArray[np.int64]:
    """For each run the number of the audit at which it is demoted, 0 for never; `rates` has the error rate at each
    audit. One array step is `Alarm.after` for all runs."""
    rng = np.random.default_rng(seed)
    wealth = [np.zeros(runs) for _ in BETS]
    rang = np.zeros(runs, dtype=np.int64)
    for t, rate in enumerate(rates):
        new = fresh(t // RESTART + 1) if t % RESTART == 0 else 0.0
        loss = (rng.random(runs) < rate).astype(float)
        wealth = [
            grown(old + share * new, loss, ALPHA, factor) for old, (factor, share) in zip(wealth, BETS, strict=True)
        ]
        rang[(rang == 0) & (sum(wealth) >= 1 / DELTA)] = t + 1
        if rang.all():
            break
    return rang


def false_alarms(runs: int, steps: int, seed: int = 0) -> Share:
    """Runs in which a rule whose error rate is exactly the tolerated one is ever demoted, looked at each step."""
    return Share(int((rings(np.full(steps, ALPHA), runs, seed) > 0).sum()), runs)


@dataclass(frozen=True, slots=True)
class Delay:
    """Audits from the jump to the demotion, in runs that were not demoted before it; `missed` within the horizon."""

    median: float
    p90: float
    missed: int


def delay(good: int, bad: float, runs: int, seed: int = 0, before: float = 0.02, horizon: int = 4_000) -> Delay:
    """How long a rule acts whose error rate jumps from `before` to `bad` after `good` audits."""
    rang = rings(np.r_[np.full(good, before), np.full(horizon, bad)], runs, seed)
    late = np.where(rang == 0, horizon, rang - good)[(rang == 0) | (rang > good)]
    return Delay(float(np.median(late)), float(np.quantile(late, 0.9)), int((rang == 0).sum()))


def powers(risks: Sequence[float] = (0.0, 0.01, 0.02, 0.03, 0.04)) -> list[tuple[int, list[float]]]:
    """For each number of answers, how likely a rule of each risk is certified by the first test."""
    level = spend(DELTA, 1)
    return [(n, [power(lambda wrong, m: _passes(wrong, m, ALPHA, level), n, risk) for risk in risks]) for n in SIZES]


def main() -> None:
    print(f"falsely certified (alpha = delta = {DELTA}, {CANDIDATES} candidates a set)")
    for risk in (ALPHA, ALPHA * 1.01, ALPHA * 1.1):
        for n in SIZES:
            print(f"  n {n:5}  risk {risk:.4f}  {falsely_certified(n, risk, 10_000)}", flush=True)
    print("certified by the first test, by number of answers and true risk 0, 1, 2, 3, 4 %")
    for n, row in powers():
        print(f"  n {n:5}  " + "  ".join(f"{p:.3f}" for p in row))
    print("audits until demotion, error 2 % -> bad after so many good audits: median, 90 %")
    for good, bad in JUMPS:
        found = delay(good, bad, 5_000)
        print(
            f"  {good:5} good, then {bad:.0%}: {found.median:5.0f} {found.p90:5.0f}  ({found.missed} missed)",
            flush=True,
        )
    print(f"false alarms over 100,000 audits at exactly {ALPHA}: {false_alarms(10_000, 100_000)}")


if __name__ == "__main__":
    main()
