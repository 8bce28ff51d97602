"""When a rule has paid for its making. All in tokens (or all in money) per request."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, isinf

VOLUMES = (100, 1_000, 10_000, 1_000_000)


def break_even(making: float, baseline: float, with_rules: float) -> int | None:
    """The first number of requests at which making plus use costs no more than the baseline; None: never."""
    if making <= 0 and with_rules <= baseline:
        return 0
    if with_rules >= baseline:
        return None
    requests = making / (baseline - with_rules)
    return None if isinf(requests) else ceil(requests)


def saving(making: float, baseline: float, with_rules: float, requests: int) -> float:
    """What `requests` requests save, making included; negative below the break-even."""
    return (baseline - with_rules) * requests - making


def savings(making: float, baseline: float, with_rules: float, volumes: Iterable[int] = VOLUMES) -> dict[str, float]:
    """The saving at each volume: a single percentage would hide that it depends on it."""
    return {str(n): saving(making, baseline, with_rules, n) for n in volumes}
