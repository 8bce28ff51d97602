from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from self_distill.rules.router import NoRouter, Router
from self_distill.rules.rule import Rule
from self_distill.types import Abstain, Decision, Fault, Ruled

RULE = Rule.candidate("classifiers/task_classifier", "task_classifier", "code", maker="m", tokens_making=1)


class Saying:
    """An interpreter that always says the same."""

    def __init__(self, decision: Decision) -> None:
        self._decision = decision

    async def run(self, code: str, text: str) -> Decision:
        return self._decision

    async def run_many(self, code: str, texts: Sequence[str]) -> list[Decision]:
        return [self._decision] * len(texts)

    async def close(self) -> None: ...


async def test_the_router_takes_the_task_that_its_program_names() -> None:
    routed = await Router(("pii", "other"), RULE, Saying(Ruled("pii", "", "an address"))).route("x")
    (row,) = routed.rows
    assert routed.task == "pii"
    assert (row.tool, row.code_hash, row.outcome, row.detail) == (RULE.name, RULE.hash, "answer", "an address")


@pytest.mark.parametrize("value", ["unknown", "PII", 3, None, True, ["pii"], {"task": "pii"}])
async def test_a_task_that_does_not_exist_is_no_task(value: Any) -> None:
    assert (await Router(("pii",), RULE, Saying(Ruled(value, ""))).route("x")).task is None


@pytest.mark.parametrize(("decision", "outcome"), [(Abstain(), "abstain"), (Fault("ValueError"), "fault")])
async def test_a_program_that_does_not_know_routes_nowhere_and_its_execution_is_told(
    decision: Decision, outcome: str
) -> None:
    routed = await Router(("pii",), RULE, Saying(decision)).route("x")
    assert routed.task is None and [row.outcome for row in routed.rows] == [outcome]


async def test_what_a_demoted_router_says_does_not_count() -> None:
    demoted = RULE.with_card(status="demoted")
    assert (await Router(("pii",), demoted, Saying(Ruled("pii", ""))).route("x")).task is None


async def test_without_a_router_no_text_has_a_task() -> None:
    assert (await NoRouter().route("x")).task is None
