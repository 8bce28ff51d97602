from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.budget import Budget, Limits, worst_case
from self_distill.clients.cassette import Recorder, request_key
from self_distill.clients.openai import OpenAI
from self_distill.clients.options import ClientOptions
from self_distill.clients.scripted import Scripted
from self_distill.door import Door, Errand, NoJournal, Retry
from self_distill.errors import BadReply, EgressBlocked, LimitError, ModelRefused, ModelUnavailable
from self_distill.macros.vault import Vault
from self_distill.protocols import Client
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import CallRow, Message, ModelRequest, Reply, Sampling, Usage

AT_ONCE = Retry(attempts=3, base=0.0)


def request(text: str = "hello", **more: Any) -> ModelRequest:
    return ModelRequest("m", (Message("user", text),), Sampling(0.5, 3, 10), label="test", **more)


def errand(vault: Vault | None = None, **more: Any) -> Errand:
    return Errand("t", vault or Vault(), **more)


def door(client: Client, **options: Any) -> tuple[Door, SqlLedger]:
    ledger = SqlLedger()
    return Door(client, ledger, **{"retry": AT_ONCE, **options}), ledger


def holding(value: str, kind: str = "EMAIL") -> Vault:
    vault = Vault()
    vault.note(value, kind)
    return vault


def calls(ledger: SqlLedger) -> list[CallRow]:
    return [entry.row for entry in ledger.entries() if isinstance(entry.row, CallRow)]


class Notes(NoJournal):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def hold(self, request: ModelRequest) -> None:
        self.notes.append("hold")

    def keep(self, reply: Reply) -> None:
        self.notes.append(f"keep {reply.text}")

    def drop(self) -> None:
        self.notes.append("drop")


async def test_a_call_leaves_a_row_with_all_that_is_known_of_it() -> None:
    one, ledger = door(Scripted(["1234"], name="model"))
    await one.ask(request(), errand(depth=2, phase="making"))
    (row,) = calls(ledger)
    assert (row.trace, row.model, row.label, row.key) == ("t", "model", "test", request_key(request()))
    assert (row.status, row.phase, row.depth, row.attempts) == ("ok", "making", 2, 1)
    assert (row.usage, row.temperature, row.seed) == (Usage(2, 1, "characters/4"), 0.5, 3)


async def test_a_passing_failure_is_tried_again_and_told() -> None:
    client, budget = Scripted([ModelUnavailable("busy"), ModelUnavailable("busy", 0.0), "at last"]), Budget()
    one, ledger = door(client)
    assert (await one.ask(request(), errand(budget=budget))).text == "at last"
    (row,) = calls(ledger)
    assert (row.status, row.attempts, len(client.sent), len(set(client.sent))) == ("ok", 3, 3, 1)
    assert budget.spent == row.usage and budget.calls == 1


async def test_a_server_that_stays_busy_is_given_up_after_all_attempts() -> None:
    one, ledger = door(Scripted(lambda _: ModelUnavailable("busy")))
    with pytest.raises(ModelUnavailable):
        await one.ask(request(), errand())
    (row,) = calls(ledger)
    assert (row.status, row.attempts, row.error) == ("failed", 3, "ModelUnavailable")


@pytest.mark.parametrize("error", [ModelRefused("no"), BadReply("what"), ZeroDivisionError("a fault of an adapter")])
async def test_any_other_failure_is_not_tried_again_and_costs_its_reservation(error: Exception) -> None:
    client, budget = Scripted([error, "yes"]), Budget()
    one, ledger = door(client)
    with pytest.raises(type(error)):
        await one.ask(request(), errand(budget=budget))
    (row,) = calls(ledger)
    assert (row.status, row.error, len(client.sent)) == ("failed", type(error).__name__, 1)
    assert budget.spent.total == worst_case(request())


async def test_real_servers_fail_and_recover(serve: Callable[..., Any]) -> None:
    completion = {"choices": [{"message": {"content": "fine"}}], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}
    server = await serve((500, b"oops"), (429, {}, {"retry-after": "0"}), "drop", (200, completion))
    one, ledger = door(OpenAI("openai/m", ClientOptions(base_url=server.url)), retry=Retry(attempts=4, base=0.0))
    assert (await one.ask(request(), errand())).text == "fine"
    await one.close()
    (row,) = calls(ledger)
    assert (row.status, row.attempts, row.usage, len(server.seen)) == ("ok", 4, Usage(5, 2), 4)
    assert len({body for _, _, body in server.seen}) == 1


async def test_an_exact_repeat_is_remembered_if_wanted() -> None:
    one, ledger = door(Scripted(["one", "two", "three"]), remembered=1)
    texts = [(await one.ask(request(text), errand())).text for text in ("a", "a", "b", "a")]
    assert texts == ["one", "one", "two", "three"]
    assert [(row.status, row.usage.total > 0) for row in calls(ledger)] == [
        ("ok", True),
        ("cached", False),
        ("ok", True),
        ("ok", True),
    ]


async def test_another_seed_is_another_request() -> None:
    one, _ = door(Scripted(["one", "two"]), remembered=9)
    seeds = [ModelRequest("m", request().messages, Sampling(1.0, seed)) for seed in (1, 2)]
    assert [(await one.ask(asked, errand())).text for asked in seeds] == ["one", "two"]


async def test_the_guard_sees_the_bytes_that_would_leave_and_nothing_is_charged() -> None:
    client, budget, journal = Scripted(["never"]), Budget(Limits(tokens=worst_case(request()) * 9)), Notes()
    one, ledger = door(client)
    with pytest.raises(EgressBlocked) as caught:
        await one.ask(
            request("mail ada@example.org"), errand(holding("ada@example.org"), budget=budget, journal=journal)
        )
    assert client.sent == [] and (budget.spent.total, budget.held) == (0, 0) and "ada" not in str(caught.value)
    assert (calls(ledger)[0].status, calls(ledger)[0].error) == ("refused", "EgressBlocked")
    assert journal.notes == ["hold", "drop"]


async def test_a_value_that_the_vault_learns_between_two_attempts_stops_the_second() -> None:
    vault, journal, budget = Vault(), Notes(), Budget()

    def busy(_: ModelRequest) -> Exception:
        vault.note("ada@example.org", "EMAIL")
        return ModelUnavailable("busy")

    client = Scripted(busy)
    one, ledger = door(client)
    asked = request("mail ada@example.org")
    with pytest.raises(EgressBlocked):
        await one.ask(asked, errand(vault, journal=journal, budget=budget))
    assert len(client.sent) == 1 and journal.notes == ["hold"] and budget.spent.total == worst_case(asked)
    assert calls(ledger)[0].status == "refused"


async def test_frames_and_the_models_own_name_are_no_values() -> None:
    asked = ModelRequest("claude-x", request("Reply as Claude would").messages, frames=("Reply as Claude would",))
    client = Scripted(["fine"], name="openai/claude-x")
    one, _ = door(client)
    assert (await one.ask(asked, errand(holding("Claude", "PERSON")))).text == "fine"
    with pytest.raises(EgressBlocked):
        await one.ask(request("tell me of Claude"), errand(holding("Claude", "PERSON")))
    with pytest.raises(EgressBlocked):
        await one.ask(request("is it claude-x or Claude?"), errand(holding("Claude", "PERSON")))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=9), st.integers(0, 400))
def test_calls_side_by_side_never_spend_more_than_their_budget(lengths: list[int], tokens: int) -> None:
    client, budget = Scripted(lambda _: "x" * 12), Budget(Limits(tokens=tokens))
    one, _ = door(client)

    async def ask_all() -> list[Reply | BaseException]:
        asked = [request("word " * length) for length in lengths]
        work = (one.ask(one_of, errand(budget=budget)) for one_of in asked)
        return await asyncio.gather(*work, return_exceptions=True)

    done = asyncio.run(ask_all())
    assert all(isinstance(result, Reply | LimitError) for result in done)
    assert budget.spent.total <= tokens and budget.held == 0
    assert len(client.sent) == sum(isinstance(result, Reply) for result in done)


async def test_a_call_beyond_the_budget_leaves_a_row_too() -> None:
    one, ledger = door(Scripted(["never"]))
    with pytest.raises(LimitError):
        await one.ask(request(), errand(budget=Budget(Limits(tokens=1))))
    assert [(row.status, row.error) for row in calls(ledger)] == [("failed", "LimitError")]


async def test_a_cancelled_call_is_charged_and_leaves_a_row(serve: Callable[..., Any]) -> None:
    server, budget = await serve("hang"), Budget()
    one, ledger = door(OpenAI("openai/m", ClientOptions(base_url=server.url)))
    call = asyncio.create_task(one.ask(request(), errand(budget=budget)))
    while not server.seen:
        await asyncio.sleep(0.001)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await one.close()
    assert calls(ledger)[0].error == "CancelledError" and budget.spent.total == worst_case(request())


async def test_a_call_that_is_cancelled_in_the_queue_costs_nothing() -> None:
    client, budget, journal = Slow(), Budget(), Notes()
    one, ledger = door(client, at_once=1)
    first = asyncio.create_task(one.ask(request("first"), errand()))
    second = asyncio.create_task(one.ask(request("second"), errand(budget=budget, journal=journal)))
    await client.reached.wait()
    second.cancel()
    await asyncio.sleep(0)
    client.go.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    assert client.most == 1 and budget.spent.total == 0 and journal.notes == []
    assert sorted(row.status for row in calls(ledger)) == ["failed", "ok"]


class Slow(Scripted):
    """Waits for `go`, and counts how many calls wait with it."""

    def __init__(self) -> None:
        super().__init__(lambda _: "x")
        self.under_way = self.most = 0
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def send(self, body: bytes) -> Reply:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.reached.set()
        await self.go.wait()
        self.under_way -= 1
        return await super().send(body)


async def test_at_most_so_many_calls_are_under_way() -> None:
    client = Slow()
    one, _ = door(client, at_once=3)
    work = asyncio.create_task(one.ask_many([request(str(n)) for n in range(9)], errand()))
    await client.reached.wait()
    client.go.set()
    assert len(await work) == 9 and client.most == 3


def test_one_door_serves_one_loop_after_another() -> None:
    one, _ = door(Scripted(lambda _: "x"), at_once=1)
    for _ in range(2):
        replies = asyncio.run(one.ask_many([request(str(n)) for n in range(4)], errand()))
        assert len(replies) == 4


async def test_what_the_tape_holds_is_not_asked_again(tmp_path: Path) -> None:
    path, client = tmp_path / "c.jsonl", Scripted(["one", "two"])
    first, _ = door(client, tape=Recorder(path, client.name))
    reply = await first.ask(request(), errand())
    again, ledger = door(client, tape=Recorder(path, client.name))
    assert await again.ask(request(), errand()) == reply
    assert (await again.ask(request(), errand())).text == "two"
    first_row, second_row = calls(ledger)
    assert (first_row.status, first_row.usage, len(client.sent)) == ("ok", reply.usage, 2)
    assert second_row.status == "ok"


async def test_a_journal_hears_of_a_call_before_it_is_sent_and_of_its_reply() -> None:
    journal, client = Notes(), Scripted([ModelUnavailable("busy"), "fine"])
    one, _ = door(client)
    await one.ask(request(), errand(journal=journal))
    assert journal.notes == ["hold", "keep fine"]


async def test_the_bytes_that_were_guarded_are_the_bytes_that_were_sent() -> None:
    client = Scripted(["x"])
    one, _ = door(client)
    await one.ask(request("a \ud800 é"), errand())
    assert client.sent == [client.encode(request("a \ud800 é"))]
    assert json.loads(client.sent[0])["label"] == "test"


@given(st.integers(0, 30), st.none() | st.floats(0, 1e9))
def test_a_pause_is_bounded_and_what_a_server_asks_wins(attempt: int, asked: float | None) -> None:
    retry = Retry(base=0.5, cap=20)
    pause = retry.pause(attempt, asked)
    assert 0 <= pause <= min(20, 0.5 * 2**attempt if asked is None else asked)
