from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.budget import Budget, Limits, worst_case
from self_distill.errors import LimitError
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
