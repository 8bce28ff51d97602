"""How fast: two things timed in turns, in seconds of one core that they really had; and how time grows with size."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

Work = Callable[[], object]
AT_LEAST = 0.05
"""Seconds that one measurement takes at least: fast work is repeated."""


@dataclass(frozen=True, slots=True)
class Paired:
    """Seconds of ours and theirs (medians), the median of the ratios theirs/ours, the smallest and largest ratio: with
    seven rounds a 98 % interval of the median, with three a 75 % one."""

    ours: float
    theirs: float
    ratio: float
    low: float
    high: float
    n: int


def seconds(work: Work) -> float:
    """Of one call, over as many as fill `AT_LEAST`."""
    times, total = 0, 0.0
    while total < AT_LEAST:
        start = time.thread_time()
        work()
        total += time.thread_time() - start
        times += 1
    return total / times


def paired(ours: Work, theirs: Work, rounds: int) -> Paired:
    ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    ratios = [b / a for a, b in pairs]
    return Paired(
        median(a for a, _ in pairs),
        median(b for _, b in pairs),
        median(ratios),
        min(ratios),
        max(ratios),
        rounds,
    )


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The slope of log time over log size (least squares): 1 is linear, 2 quadratic."""
    xs, ys = [math.log(s) for s in sizes], [math.log(t) for t in times]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def growth(
    work: Callable[[str], object],
    make: Callable[[int], str],
    sizes: Sequence[int],
    tries: int,
    patience: float = math.inf,
) -> tuple[float, int]:
    """The exponent over the fastest of `tries` runs at each size (in characters), and how many sizes it rests on: after
    a run of more than `patience` seconds no larger one is tried."""
    times: list[float] = []
    for size in sizes:
        text = make(size)
        best = math.inf
        for _ in range(tries):
            start = time.thread_time()
            work(text)
            best = min(best, time.thread_time() - start)
        times.append(best)
        if best > patience:
            break
    if len(times) < 2:
        return math.inf, len(times)
    return exponent(sizes[: len(times)], times), len(times)
