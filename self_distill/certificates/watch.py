"""Whether a certified rule still keeps its promise: audits chosen by a coin, evidence that may be looked at after
every one of them, and demotion by itself. Pure values that a ledger or a store can keep as JSON.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import pi
from typing import Any

from self_distill.errors import DataError

RESTART = 50
"""A new process begins every so many observations, so that a late change is not held back by a good past."""
BETS = ((2.0, 0.75), (8.0, 0.25))
"""(factor on the tolerated odds that is bet on, share of the stake): a slow change and a break."""


@dataclass(frozen=True, slots=True)
class Toss:
    """The coin of one answer, as it is logged. `point` is uniform on [0, 1) for who does not know the key."""

    trace: str
    point: float
    rate: float

    @property
    def audit(self) -> bool:
        return self.point < self.rate


def toss(key: bytes, trace: str, rate: float) -> Toss:
    """Decided by a keyed hash of the trace, so that a replay decides the same."""
    digest = hmac.new(key, trace.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return Toss(trace, int.from_bytes(digest[:7], "big") / 2**56, rate)


def grown(wealth: Any, loss: Any, limit: float, factor: float) -> Any:
    """What a stake becomes after one observation (numbers or arrays of them).

    It bets that the rate lies at `factor` times the odds of `limit`. The factor of wealth is 1 + λ (loss − limit),
    never negative, with an expectation of at most 1 while the rate, given all that was seen, is at most `limit`
    (Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting, JRSS B 86, 2024). For losses
    of 0 and 1 it is the likelihood ratio of the two rates."""
    odds = factor * limit / (1 - limit)
    stake = (odds / (1 + odds) - limit) / (limit * (1 - limit))
    return wealth * (1 + stake * (loss - limit))


def fresh(k: int) -> float:
    """The stake of the k-th restart, from 1: 6/(π²k²), all together 1."""
    return 6 / (pi * k) ** 2


@dataclass(frozen=True, slots=True)
class Alarm:
    """Evidence against "the rate is at most `limit`" that rings with probability at most `delta` while that holds,
    however long it is watched.

    `wealth` is, for each bet, the sum over all restarts of what their stakes have become: with the stakes not yet
    made it is a non-negative supermartingale that begins at 1, so it reaches 1/delta with probability at most delta
    (Ville 1939; restarts as in Shin, Ramdas & Rinaldo, E-detectors, NEJSDS 2, 2024)."""

    limit: float
    delta: float
    n: int = 0
    hits: float = 0.0
    wealth: tuple[float, ...] = (0.0,) * len(BETS)
    rang: int | None = None

    def __post_init__(self) -> None:
        if not (0 < self.limit <= 1 and 0 < self.delta < 1 and len(self.wealth) == len(BETS)):
            raise ValueError("an alarm needs 0 < limit <= 1, 0 < delta < 1 and one wealth for each bet")

    @property
    def evidence(self) -> float:
        """Of what was seen, against the limit; the alarm rings where it reaches 1/delta."""
        return sum(self.wealth)

    def after(self, loss: float, limit: float = 0.0) -> Alarm:
        """The state after one observation in [0, 1], judged by a `limit` of its own if one is given. Once it rang
        (at observation number `rang`), it stays so."""
        seen = replace(self, n=self.n + 1, hits=self.hits + loss)
        limit = limit or self.limit
        if self.rang is not None or limit == 1:  # nothing exceeds 1
            return seen
        new = fresh(self.n // RESTART + 1) if self.n % RESTART == 0 else 0.0
        wealth = tuple(
            grown(old + share * new, loss, limit, factor)
            for old, (factor, share) in zip(self.wealth, BETS, strict=True)
        )
        return replace(seen, wealth=wealth, rang=seen.n if sum(wealth) >= 1 / self.delta else None)


@dataclass(frozen=True, slots=True)
class Watch:
    """All that is watched of one certificate. `errors` sees audits, `silent` and `talking` every request: the rate
    of abstaining above, or of answering above, what the certify items made likely."""

    errors: Alarm
    silent: Alarm
    talking: Alarm

    @classmethod
    def over(cls, alpha: float, delta: float, answering: tuple[float, float]) -> Watch:
        """`answering` is an interval of the rate of answering on the certify items. Demotion has `delta` for
        itself; the notice of drift is no claim and has as much."""
        low, high = answering
        return cls(Alarm(alpha, delta), Alarm(1 - low, delta / 2), Alarm(high, delta / 2))

    def asked(self, answered: bool) -> Watch:
        """After one request to the rule."""
        return replace(self, silent=self.silent.after(not answered), talking=self.talking.after(answered))

    def audited(self, wrong: bool, limit: float = 0.0) -> Watch:
        """After one audit that the coin chose; an answer that somebody volunteers a verdict on is none. `limit` is
        what the certificate tolerates of this auditor, where that is not its risk."""
        return replace(self, errors=self.errors.after(wrong, limit))

    @property
    def demoted(self) -> bool:
        return self.errors.rang is not None

    @property
    def notices(self) -> tuple[str, ...]:
        """What an operator is to read, one line each."""
        return tuple(self._told().values())

    def since(self, before: Watch) -> tuple[str, ...]:
        """The notices that `before` had not."""
        known = before._told()
        return tuple(line for name, line in self._told().items() if name not in known)

    def _told(self) -> dict[str, str]:
        told = {}
        if self.demoted:
            errors = self.errors
            told["errors"] = (
                f"demoted at audit {errors.rang:,}: {errors.hits:g} of {errors.n:,} audited answers were wrong, "
                f"against a tolerated share of {errors.limit:.3g}"
            )
        if self.silent.rang is not None:
            told["silent"] = f"abstains more often than on the certify items: {_share(self.silent)} of its requests"
        if self.talking.rang is not None:
            told["talking"] = f"answers more often than on the certify items: {_share(self.talking)} of its requests"
        return told

    def as_json(self) -> dict[str, Any]:
        return {name: {**asdict(alarm), "wealth": list(alarm.wealth)} for name, alarm in self._alarms().items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Watch:
        """Raises `DataError` for what is no watch."""
        try:
            return cls(**{name: Alarm(**{**alarm, "wealth": tuple(alarm["wealth"])}) for name, alarm in data.items()})
        except (TypeError, ValueError, KeyError, AttributeError):
            raise DataError("the state of a watch cannot be read: certify the rule again") from None

    def _alarms(self) -> dict[str, Alarm]:
        return {"errors": self.errors, "silent": self.silent, "talking": self.talking}


def _share(alarm: Alarm) -> str:
    return f"{alarm.hits / alarm.n:.1%}"
