"""One budget for a whole tree of calls: spending is reserved before a call and settled after it.

No concurrency can exceed it, because a call that does not fit whole is refused before it is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from self_distill.errors import LimitError, SettingsError
from self_distill.types import ModelRequest, Usage

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """`None` is no limit. `tokens` are in + out; `money` is in the currency of the budget's price; `seconds` is
    wall time from the budget's start; `turns` are those of all loops of the tree; `depth` is how many loops may
    stand inside one another; `at_once` calls may be under way, further ones wait."""

    tokens: int | None = None
    calls: int | None = None
    seconds: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    money: float | None = None
    turns: int | None = None
    depth: int | None = None
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million tokens."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def of(self, usage: Usage) -> float:
        return (usage.tokens_in * self.tokens_in + usage.tokens_out * self.tokens_out) / MILLION


def worst_usage(request: ModelRequest) -> Usage:
    """What a call can use at most: a token is at least one UTF-8 byte of the prompt, chat templates add a few
    per message, and the answer is bounded by `max_tokens`."""
    prompt = sum(len(m.content.encode("utf-8", "surrogatepass")) + 16 for m in request.messages)
    return Usage(prompt, request.sampling.max_tokens, "reserved")


def worst_case(request: ModelRequest) -> int:
    """`worst_usage` in tokens."""
    return worst_usage(request).total


@dataclass(slots=True)
class Budget:
    """Thread-safe. `spent` is what settled calls used, `held_in` and `held_out` what calls under way have
    reserved. What a `share` spends, its parent spends too."""

    limits: Limits = Limits()
    spent: Usage = field(default_factory=Usage)
    calls: int = 0
    held_in: int = 0
    held_out: int = 0
    turns: int = 0
    started: float = field(default_factory=time.monotonic)
    price: Price = Price()
    parent: Budget | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        if self.limits.money is not None and self.price == Price():
            raise SettingsError("a limit in money needs a price: set `price_table`, or limit tokens")

    @property
    def held(self) -> int:
        return self.held_in + self.held_out

    @property
    def money(self) -> float:
        return self.price.of(self.spent)

    @property
    def seconds_left(self) -> float | None:
        limit = self.limits.seconds
        return None if limit is None else max(0.0, limit - (time.monotonic() - self.started))

    @contextmanager
    def reserve(self, request: ModelRequest) -> Iterator[Reservation]:
        """Holds the worst case of `request` until the block ends; raises `LimitError` if it does not fit.
        A block that ends without `settle` is charged what it held: nobody knows what the server did."""
        most = worst_usage(request)
        with self._lock:
            for budget in self._line():
                budget._check(most)
            for budget in self._line():
                budget._hold(most, 1)
                budget.calls += 1
        reservation = Reservation(most)
        try:
            yield reservation
        finally:
            with self._lock:
                for budget in self._line():
                    budget._hold(most, -1)
                    budget.spent += reservation.charged

    def turn(self) -> None:
        """Counts one turn of a loop; raises `LimitError` when there is none left, or no time."""
        with self._lock:
            for budget in self._line():
                budget._check_time()
                if budget.limits.turns is not None and budget.turns >= budget.limits.turns:
                    raise LimitError(_spent(f"{budget.limits.turns} turns"))
            for budget in self._line():
                budget.turns += 1

    def charge(self, usage: Usage, calls: int = 0, turns: int = 0) -> None:
        """Takes in what was spent elsewhere, such as before a run was killed."""
        with self._lock:
            for budget in self._line():
                budget.spent += usage
                budget.calls += calls
                budget.turns += turns

    def share(self, part: float) -> Budget:
        """A budget inside this one: it may spend `part` of what is left now, and never more than what will be
        left then."""
        with self._lock:
            limits, held = self.limits, Usage(self.held_in, self.held_out)
            spent = self.spent + held

            def of(limit: int | None, used: int) -> int | None:
                return None if limit is None else max(0, int((limit - used) * part))

            money = None if limits.money is None else max(0.0, (limits.money - self.price.of(spent)) * part)
            inner = Limits(
                tokens=of(limits.tokens, spent.total),
                calls=of(limits.calls, self.calls),
                tokens_in=of(limits.tokens_in, spent.tokens_in),
                tokens_out=of(limits.tokens_out, spent.tokens_out),
                money=money,
                turns=of(limits.turns, self.turns),
                seconds=limits.seconds,
                depth=limits.depth,
                at_once=limits.at_once,
            )
            return Budget(inner, started=self.started, price=self.price, parent=self, _lock=self._lock)

    def _line(self) -> Iterator[Budget]:
        """This budget and those it is a share of."""
        budget: Budget | None = self
        while budget is not None:
            yield budget
            budget = budget.parent

    def _hold(self, most: Usage, sign: int) -> None:
        self.held_in += sign * most.tokens_in
        self.held_out += sign * most.tokens_out

    def _check(self, most: Usage) -> None:
        limits = self.limits
        if limits.calls is not None and self.calls >= limits.calls:
            raise LimitError(_spent(f"{limits.calls} calls"))
        wanted = (
            ("tokens", limits.tokens, self.spent.total + self.held, most.total),
            ("tokens in", limits.tokens_in, self.spent.tokens_in + self.held_in, most.tokens_in),
            ("tokens out", limits.tokens_out, self.spent.tokens_out + self.held_out, most.tokens_out),
        )
        for unit, limit, used, amount in wanted:
            if limit is not None and used + amount > limit:
                raise LimitError(
                    f"the next call may need {amount} {unit} and {max(0, limit - used)} of the budget's {limit} are "
                    "left: raise it or ask for less"
                )
        held = Usage(self.held_in, self.held_out)
        if limits.money is not None and self.price.of(self.spent + held + most) > limits.money:
            left = max(0.0, limits.money - self.price.of(self.spent + held))
            raise LimitError(
                f"the next call may cost {self.price.of(most):.4g} and {left:.4g} of the budget's {limits.money:g} "
                "is left: raise it or ask for less"
            )
        self._check_time()

    def _check_time(self) -> None:
        if self.limits.seconds is not None and time.monotonic() - self.started > self.limits.seconds:
            raise LimitError(_spent(f"{self.limits.seconds:g} s"))


def _spent(what: str) -> str:
    return f"the budget of {what} is spent: raise it or ask for less"


@dataclass(slots=True)
class Reservation:
    """`charged` starts at the worst case; `settle` replaces it by what the call really used."""

    most: Usage
    charged: Usage = field(init=False)

    def __post_init__(self) -> None:
        self.charged = self.most

    def settle(self, usage: Usage) -> None:
        self.charged = usage
