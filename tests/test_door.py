from __future__ import annotations

import asyncio
import json

import pytest

from self_distill.budget import Budget, Limits, worst_case
from self_distill.clients.scripted import Scripted
from self_distill.clients.tap import Tap
from self_distill.door import Door, Errand, Retry
from self_distill.errors import EgressBlocked, LimitError, ModelRefused, ModelUnavailable
from self_distill.macros.vault import Vault
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import CallRow, Message, ModelRequest, Sampling

AT_ONCE = Retry(attempts=3, base=0.0)


def request(text: str = "hello", label: str = "test") -> ModelRequest:
    return ModelRequest("m", (Message("user", text),), Sampling(max_tokens=10), label=label)


def door(client: Scripted, **options: int) -> tuple[Door, SqlLedger]:
    ledger = SqlLedger()
    return Door(client, ledger, retry=AT_ONCE, **options), ledger


def calls(ledger: SqlLedger) -> list[CallRow]:
    return [entry.row for entry in ledger.entries() if isinstance(entry.row, CallRow)]


async def test_a_passing_failure_is_tried_again_and_told() -> None:
    client = Scripted([ModelUnavailable("busy"), ModelUnavailable("busy", 0.0), "at last"])
    one, ledger = door(client)
    assert (await one.ask(request(), Errand("t", Vault()))).text == "at last"
    (row,) = calls(ledger)
    assert (row.status, row.attempts, row.trace, row.label, len(client.sent)) == ("ok", 3, "t", "test", 3)


async def test_a_refusal_is_not_tried_again() -> None:
    client = Scripted([ModelRefused("no"), "yes"])
    one, ledger = door(client)
    with pytest.raises(ModelRefused):
        await one.ask(request(), Errand("t", Vault()))
    assert (calls(ledger)[0].status, calls(ledger)[0].error, len(client.sent)) == ("failed", "ModelRefused", 1)


async def test_an_exact_repeat_is_remembered_if_wanted() -> None:
    client = Scripted(["one", "two"])
    one, ledger = door(client, remembered=1)
    texts = [(await one.ask(request(), Errand("t", Vault()))).text for _ in range(2)]
    assert texts == ["one", "one"] and [row.status for row in calls(ledger)] == ["ok", "cached"]
    assert calls(ledger)[1].usage.total == 0


async def test_the_guard_sees_the_bytes_that_would_leave_and_nothing_is_charged() -> None:
    client, vault, budget = Scripted(["never"]), Vault(), Budget()
    vault.note("ada@example.org", "EMAIL")
    one, ledger = door(client)
    with pytest.raises(EgressBlocked) as caught:
        await one.ask(request("mail ada@example.org"), Errand("t", vault, budget=budget))
    assert client.sent == [] and budget.spent.total == 0 and "ada" not in str(caught.value)
    assert (calls(ledger)[0].status, calls(ledger)[0].error) == ("refused", "EgressBlocked")


async def test_a_call_beyond_the_budget_is_not_made() -> None:
    client = Scripted(lambda _: "x")
    budget = Budget(Limits(tokens=worst_case(request()) * 2))
    one, _ = door(client)
    done = await asyncio.gather(
        *(one.ask(request(), Errand("t", Vault(), budget=budget)) for _ in range(9)), return_exceptions=True
    )
    assert all(isinstance(d, LimitError) or d.text == "x" for d in done if not isinstance(d, BaseException) or d)
    assert budget.spent.total <= worst_case(request()) * 2 and len(client.sent) >= 2


async def test_a_failed_call_is_charged_its_reservation() -> None:
    budget = Budget()
    one, _ = door(Scripted([ModelRefused("no")]))
    with pytest.raises(ModelRefused):
        await one.ask(request(), Errand("t", Vault(), budget=budget))
    assert budget.spent.total == worst_case(request())


async def test_a_tap_counts_values_in_what_was_sent_by_task() -> None:
    client = Scripted(lambda _: "x")
    tap = Tap(client)
    one = Door(tap, SqlLedger(), retry=AT_ONCE)

    async def seen(text: str, values: list[str]) -> int:
        with tap.watching(values) as watched:
            await one.ask(request(text), Errand("t", Vault()))
            await asyncio.sleep(0)
        return watched.exposures

    assert await asyncio.gather(seen("ada and bob", ["ada", "bob"]), seen("carl", ["ada"])) == [2, 0]
    assert json.loads(client.sent[0])["messages"][0][1] == "ada and bob"
