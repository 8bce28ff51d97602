"""What the statistics promise, tried on simulated rules of known risk: `python -m experiments.simulations`.

False certificates and false alarms stay below delta; how fast the watch finds a rule that got worse; how many items
it takes to certify a rule of a given risk. Tests run it small, the command in full (minutes on one core).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from self_distill.certificates.bounds import certified, interval, power, spend
from self_distill.certificates.watch import BETS, RESTART, fresh, grown

ALPHA = DELTA = 0.05
SIZES = (60, 125, 250, 500, 1_000, 2_000, 5_000)
CANDIDATES = 5
RISKS = (0.0, 0.01, 0.02, 0.03, 0.04)
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

    @property
    def figures(self) -> dict[str, float]:
        low, high = interval(self.k, self.n, 0.99)
        return {"share": self.k / self.n, "low": low, "high": high, "n": self.n}


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
    """Audits from the jump to the demotion, in the `runs` that were not demoted before it; `low` to `high` is an
    interval of the median at 99 % (order statistics), `missed` were not demoted within the horizon."""

    median: float
    low: float
    high: float
    p90: float
    missed: int
    runs: int


def delay(good: int, bad: float, runs: int, seed: int = 0, before: float = 0.02, horizon: int = 4_000) -> Delay:
    """How long a rule acts whose error rate jumps from `before` to `bad` after `good` audits."""
    late = np.sort(delays(good, bad, runs, seed, before, horizon))
    n = len(late)
    aside = int(2.576 * np.sqrt(n) / 2) + 1
    middle = n // 2
    low, high = late[max(0, middle - aside)], late[min(n - 1, middle + aside)]
    missed = int((late >= horizon).sum())
    return Delay(float(np.median(late)), float(low), float(high), float(np.quantile(late, 0.9)), missed, n)


def delays(
    good: int, bad: float, runs: int, seed: int = 0, before: float = 0.02, horizon: int = 4_000
) -> NDArray[np.int64]:
    """One for each run that was not demoted before the jump; the horizon where it was not demoted at all."""
    rang = rings(np.r_[np.full(good, before), np.full(horizon, bad)], runs, seed)
    found: NDArray[np.int64] = np.where(rang == 0, horizon, rang - good)[(rang == 0) | (rang > good)]
    return found


def powers(risks: Sequence[float] = RISKS, sizes: Sequence[int] = SIZES, j: int = 1) -> list[tuple[int, list[float]]]:
    """For each number of answers, how likely a rule of each risk is certified by the `j`-th test (exact)."""
    level = spend(DELTA, j)
    return [(n, [power(lambda wrong, m: _passes(wrong, m, ALPHA, level), n, risk) for risk in risks]) for n in sizes]


def document(quick: bool, notice: Callable[[str], None]) -> dict[str, Any]:
    """Every figure with its n and its interval at 99 %."""
    sets, runs, steps = (300, 500, 5_000) if quick else (10_000, 10_000, 100_000)
    validity = []
    for risk in (ALPHA, ALPHA * 1.01, ALPHA * 1.1):
        for n in SIZES:
            notice(f"validity: risk {risk:.4f}, {n:,} items")
            share = falsely_certified(n, risk, sets)
            validity.append({"risk": risk, "items": n, "candidates": CANDIDATES, **share.figures})
    late = []
    for good, bad in JUMPS:
        notice(f"delay: {bad:.0%} after {good:,} good audits")
        late.append({"good": good, "bad": bad, **asdict(delay(good, bad, runs // 2))})
    notice(f"false alarms over {steps:,} audits")
    return {
        "alpha": ALPHA,
        "delta": DELTA,
        "validity": validity,
        "power": [{"test": j, "n": n, "certified": row} for j in (1, 3) for n, row in powers(j=j)],
        "risks": list(RISKS),
        "false_alarms": {"steps": steps, **false_alarms(runs, steps).figures},
        "delays": late,
    }


def show(found: Mapping[str, Any]) -> None:
    print(f"falsely certified at alpha = delta = {ALPHA}, {CANDIDATES} candidates a set (n sets, 99 % interval)")
    for row in found["validity"]:
        print(f"  {row['items']:5} items, true risk {row['risk']:.4f}: {_told(row)}")
    print(f"certified by a test, by number of answers, at true risk {', '.join(f'{r:.0%}' for r in RISKS)} (exact)")
    for row in found["power"]:
        print(f"  test {row['test']}, {row['n']:5} answers: " + "  ".join(f"{p:.3f}" for p in row["certified"]))
    alarms = found["false_alarms"]
    print(f"false alarms at exactly {ALPHA}, looked at each of {alarms['steps']:,} audits: {_told(alarms)}")
    print("audits until demotion when the error jumps from 2 %: median (99 % interval), 90 % of the runs")
    for row in found["delays"]:
        told = f"{row['median']:.0f} [{row['low']:.0f}, {row['high']:.0f}], {row['p90']:.0f}"
        runs = f"n {row['runs']:,}, {row['missed']} missed"
        print(f"  to {row['bad']:.0%} after {row['good']:5} good audits: {told}  ({runs})")


def _told(row: Mapping[str, Any]) -> str:
    return f"{row['share']:.4f} [{row['low']:.4f}, {row['high']:.4f}] (n {row['n']:,})"


def plot(path: Path, runs: int) -> None:
    """How many answers it takes to be certified, and how many audits to be demoted, as SVG or PNG by the ending."""
    from matplotlib import rc_context  # slow to import, and only needed here
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    sizes = [*range(60, 300, 10), *range(300, 1_000, 50), *range(1_000, 5_001, 250)]
    rows = powers(sizes=sizes)
    for place, risk in enumerate(RISKS):
        left.plot(sizes, [row[place] for _, row in rows], label=f"{risk:.0%}", linewidth=1)
    left.set(xscale="log", xlabel="answers on certify items", ylabel="certified by the first test", ylim=(0, 1.02))
    above: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "frameon": False, "fontsize": "small"}
    left.legend(title="true error", ncols=5, **above)
    for good, bad in JUMPS:
        late = np.sort(delays(good, bad, runs))
        share = np.arange(1, len(late) + 1) / len(late)
        thin = slice(None, None, max(1, len(late) // 200))
        style = "-" if bad > ALPHA * 2 else "--"
        right.plot(late[thin], share[thin], style, label=f"to {bad:.0%} after {good:,}", linewidth=1)
    right.set(xscale="log", xlabel="audits since the jump", ylabel="demoted", ylim=(0, 1.02))
    right.legend(title="error jumps from 2 %, after so many good audits", ncols=3, **above)
    with rc_context({"svg.hashsalt": "certificates", "svg.fonttype": "none"}):
        figure.savefig(path, dpi=100, metadata={"Date": None} if path.suffix == ".svg" else None)


def main(args: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.simulations", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="seconds, wider intervals")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--plot", type=Path, help="power and delays as a picture (.svg or .png)")
    given = parser.parse_args(args)
    found = document(given.quick, lambda line: print(line, file=sys.stderr, flush=True))
    if given.plot:
        plot(given.plot, 300 if given.quick else 2_000)
    if given.json:
        print(json.dumps(found))
    else:
        show(found)


if __name__ == "__main__":
    main()
