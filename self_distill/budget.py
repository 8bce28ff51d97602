"""One budget for a whole tree of calls: spending is reserved before a call and settled after it.

No concurrency can exceed it, because a call that does not fit whole is refused before it is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from self_distill.errors import LimitError
from self_distill.types import ModelRequest, Usage


@dataclass(frozen=True, slots=True)
class Limits:
    """`None` is no limit. Tokens are in + out; `seconds` is wall time from the budget's start."""

    tokens: int | None = None
    calls: int | None = None
    seconds: float | None = None


def worst_case(request: ModelRequest) -> int:
    """Tokens that a call can use at most: a token is at least one UTF-8 byte of the prompt, chat templates
    add a few per message, and the answer is bounded by `max_tokens`."""
    prompt = sum(len(m.content.encode("utf-8", "surrogatepass")) + 16 for m in request.messages)
    return prompt + request.sampling.max_tokens


@dataclass(slots=True)
class Budget:
    """Thread-safe. `spent` is what settled calls used, `held` what calls under way have reserved."""

    limits: Limits = Limits()
    spent: Usage = field(default_factory=Usage)
    calls: int = 0
    held: int = 0
    started: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def reserve(self, request: ModelRequest) -> Iterator[Reservation]:
        """Holds the worst case of `request` until the block ends; raises `LimitError` if it does not fit.
        A block that ends without `settle` is charged what it held: nobody knows what the server did."""
        amount = worst_case(request)
        with self._lock:
            self._check(amount)
            self.held += amount
            self.calls += 1
        reservation = Reservation(amount)
        try:
            yield reservation
        finally:
            with self._lock:
                self.held -= amount
                self.spent += reservation.charged

    def _check(self, amount: int) -> None:
        limits = self.limits
        if limits.calls is not None and self.calls >= limits.calls:
            raise LimitError(f"the budget of {limits.calls} calls is spent: raise it or ask for less")
        if limits.tokens is not None and self.spent.total + self.held + amount > limits.tokens:
            raise LimitError(
                f"the next call may need {amount} tokens and {limits.tokens - self.spent.total - self.held} "
                f"of the budget's {limits.tokens} are left: raise it or ask for less"
            )
        if limits.seconds is not None and time.monotonic() - self.started > limits.seconds:
            raise LimitError(f"the budget of {limits.seconds:g} s is spent: raise it or ask for less")


@dataclass(slots=True)
class Reservation:
    """`charged` starts at the worst case; `settle` replaces it by what the call really used."""

    amount: int
    charged: Usage = field(init=False)

    def __post_init__(self) -> None:
        self.charged = Usage(self.amount, 0, "reserved")

    def settle(self, usage: Usage) -> None:
        self.charged = usage
