from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.budget import Budget, Limits, Price, worst_case
from self_distill.errors import LimitError, SettingsError
from self_distill.types import Message, ModelRequest, Sampling, Usage


def request(text: str = "hi", max_tokens: int = 10) -> ModelRequest:
    return ModelRequest("m", (Message("user", text),), Sampling(max_tokens=max_tokens))


@given(st.lists(st.tuples(st.text(max_size=40), st.integers(1, 50)), max_size=12), st.integers(0, 600))
def test_spending_never_exceeds_the_budget_whatever_is_asked(calls: list[tuple[str, int]], tokens: int) -> None:
    budget = Budget(Limits(tokens=tokens))
    for text, most in calls:
        asked = request(text, most)
        try:
            with budget.reserve(asked) as reservation:
                reservation.settle(Usage(worst_case(asked) - most, most))
        except LimitError:
            continue
    assert budget.spent.total <= tokens
    assert budget.held == 0


def test_calls_at_once_share_one_budget_without_exceeding_it() -> None:
    budget = Budget(Limits(tokens=worst_case(request()) * 5))

    def call(_: int) -> int:
        try:
            with budget.reserve(request()) as reservation:
                reservation.settle(Usage(worst_case(request()), 0))
                return 1
        except LimitError:
            return 0

    with ThreadPoolExecutor(16) as pool:
        done = sum(pool.map(call, range(64)))
    assert done == 5
    assert budget.spent.total == budget.limits.tokens


def test_a_call_that_ends_unsettled_is_charged_what_it_held() -> None:
    budget = Budget()
    with pytest.raises(RuntimeError), budget.reserve(request()):
        raise RuntimeError
    assert budget.spent.total == worst_case(request())


@pytest.mark.parametrize("limits", [Limits(tokens=1), Limits(calls=0), Limits(seconds=0)])
def test_a_spent_budget_says_what_to_do(limits: Limits) -> None:
    with pytest.raises(LimitError, match="raise it or ask for less"), Budget(limits).reserve(request()):
        raise AssertionError("the block must not run")


@pytest.mark.parametrize(
    ("limits", "unit"),
    [
        (Limits(tokens_in=10), "tokens in"),
        (Limits(tokens_out=5), "tokens out"),
        (Limits(money=1e-9), "may cost"),
        (Limits(seconds=0), "0 s"),
        (Limits(turns=0), "turns"),
    ],
)
def test_each_kind_of_limit_refuses_what_does_not_fit(limits: Limits, unit: str) -> None:
    budget = Budget(limits, price=Price(1.0, 1.0))
    with pytest.raises(LimitError, match=unit), budget.reserve(request()):
        budget.turn()
    assert budget.calls == (1 if limits.turns == 0 else 0)


def test_a_limit_in_money_without_a_price_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match="price_table"):
        Budget(Limits(money=1.0))


@given(
    parts=st.lists(st.floats(0, 1), max_size=4),
    tokens=st.integers(0, 2_000),
    calls=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 60)), max_size=12),
)
def test_what_shares_spend_their_parents_spend_too_and_none_exceeds_its_limit(
    parts: list[float], tokens: int, calls: list[tuple[int, int]]
) -> None:
    budgets = [Budget(Limits(tokens=tokens))]
    for part in parts:
        budgets.append(budgets[-1].share(part))
    for place, most in calls:
        asked = request(max_tokens=most)
        try:
            with budgets[min(place, len(budgets) - 1)].reserve(asked) as reservation:
                reservation.settle(Usage(worst_case(asked) - most, most))
        except LimitError:
            continue
    spent = [budget.spent.total for budget in budgets]
    assert spent == sorted(spent, reverse=True)
    assert all(b.spent.total <= (b.limits.tokens or 0) and b.held == 0 for b in budgets)


def test_a_share_is_a_part_of_what_is_left() -> None:
    budget = Budget(Limits(tokens=1_000, calls=9, turns=None, money=2.0, depth=3), price=Price(1.0, 1.0))
    budget.charge(Usage(200, 200), calls=1)
    share = budget.share(0.5)
    assert (share.limits.tokens, share.limits.calls, share.limits.turns, share.limits.depth) == (300, 4, None, 3)
    assert share.limits.money == pytest.approx(1.0 - 0.0002)
    with pytest.raises(LimitError), share.reserve(request("x" * 300)):
        raise AssertionError("the block must not run")
    assert (budget.calls, budget.held) == (1, 0), "a call that a share refuses holds nothing of its parent"


def test_money_is_counted_per_million_tokens() -> None:
    assert Price(3.0, 15.0).of(Usage(1_000_000, 100_000)) == pytest.approx(4.5)
    budget = Budget(price=Price(3.0, 15.0))
    budget.charge(Usage(1_000_000, 100_000))
    assert budget.money == pytest.approx(4.5)
