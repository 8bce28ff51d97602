"""A model beside certified rules, asked about the certify items."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from self_distill.clients.scripted import Line, Scripted
from self_distill.distill.compared import MOST, Compared, compared
from self_distill.distill.trial import Outcome
from self_distill.door import Door, Errand, Retry
from self_distill.errors import ModelRefused, ModelUnavailable
from self_distill.macros.vault import Vault
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import Example, ModelRequest, Ruled
from tests.distill.parity import PARITY, examples

DELTA = 0.05


def answered(rows: Sequence[Example]) -> list[Outcome]:
    """Rules that are right on all of them."""
    return [Outcome(row, Ruled(row.label, "rule"), True) for row in rows]


def ask(rows: Sequence[Example], says: Callable[[ModelRequest], Line]) -> tuple[Compared, Scripted]:
    client = Scripted(says)
    door = Door(client, SqlLedger(), retry=Retry(attempts=1))
    return asyncio.run(compared(PARITY, answered(rows), door, Errand("t", Vault()), DELTA)), client


def right(request: ModelRequest) -> str:
    return "even" if request.messages[-1].content.count("x") % 2 == 0 else "odd"


def test_a_model_that_agrees_may_audit_within_its_bound() -> None:
    frame = PARITY.request("m", "").messages[-1].content.count("x")
    assert frame % 2 == 0, "the frame of the prompt does not change what is even"
    found, client = ask(examples(600), right)
    assert (found.n, found.disagreed, len(client.sent)) == (MOST, 0, MOST)
    assert found.bound < 0.01 and found.may_audit(0.05)


def test_who_is_asked_is_a_draw_whatever_the_order_of_the_file() -> None:
    rows = examples(900)
    found, _ = ask(rows, lambda request: "even")
    by_label, _ = ask(sorted(rows, key=lambda row: str(row.label)), lambda request: "even")
    assert found == by_label and 150 < found.disagreed < 250 and not found.may_audit(0.05)


def test_an_item_that_the_model_refuses_counts_against_it_and_the_others_are_asked() -> None:
    refused: list[int] = []

    def says(request: ModelRequest) -> Line:
        if not refused:
            refused.append(1)
            return ModelRefused("content filter")
        return right(request)

    found, client = ask(examples(200), says)
    assert (found.disagreed, found.wins, len(client.sent)) == (1, 1, 200)


def test_a_model_that_is_down_ends_the_comparison() -> None:
    with pytest.raises(ModelUnavailable):
        ask(examples(300), lambda request: ModelUnavailable("down"))


def test_nothing_that_was_answered_makes_nobody_an_auditor() -> None:
    found, _ = ask([], right)
    assert found.bound == 1 and not found.may_audit(0.05)
