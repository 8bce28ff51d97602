"""One budget for the whole tree, whatever its shape."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from self_distill.budget import Limits, Price
from self_distill.clients.scripted import Scripted
from self_distill.macros.scrub import NoMacros
from self_distill.recursion import Asked, Places, Recursion, Solved
from self_distill.rlm.loop import Options
from self_distill.rules.store import Store
from self_distill.sandbox.session import Cells
from self_distill.settings import load_settings
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import CallRow, ModelRequest, Reply, Sampling, Usage
from self_distill.wire import Tools, make_door, make_parts, make_sandbox

SHAPE = st.recursive(
    st.fixed_dictionaries({"llm": st.integers(0, 5), "kids": st.just([])}),
    lambda kids: st.fixed_dictionaries({"llm": st.integers(0, 4), "kids": st.lists(kids, max_size=3)}),
    max_leaves=6,
)
"""A loop: how many sub-calls it makes at once, and which loops it starts at once."""


class Counting(Scripted):
    """A server that counts what it is asked for, and answers after other calls had their turn."""

    def __init__(self) -> None:
        super().__init__(follow)
        self.usage, self.under_way, self.most = Usage(), 0, 0

    async def send(self, body: bytes) -> Reply:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        reply = await super().send(body)
        self.usage += reply.usage
        self.under_way -= 1
        return reply


def follow(request: ModelRequest) -> str:
    """Each loop does what the shape in its context says, whatever fails."""
    if not request.label.startswith("rlm turn"):
        return "y" * (len(request.messages[-1].content) % 50)
    if sum(m.role == "assistant" for m in request.messages) == 1:
        return '```repl\nanswer["content"] = "done"\nanswer["ready"] = True\n```'
    return """```repl
import json
shape = json.loads(context)
try:
    llm_query_batched([shape["path"] + " " + str(n) * (n + 1) for n in range(shape["llm"])])
except RuntimeError as e:
    print(e)
kids = [json.dumps(dict(kid, path=shape["path"] + "." + str(n))) for n, kid in enumerate(shape["kids"])]
try:
    rlm_query_batched(["kid"] * len(kids), kids)
except RuntimeError as e:
    print(e)
```"""


@pytest.fixture(scope="module")
def cells() -> Any:
    """One event loop and one pool for all examples."""
    runner = asyncio.Runner()
    pool = Cells()
    yield runner, pool
    runner.run(pool.close())
    runner.close()


LIMITS = st.builds(
    Limits,
    tokens=st.none() | st.integers(0, 60_000),
    calls=st.none() | st.integers(0, 25),
    tokens_in=st.none() | st.integers(0, 50_000),
    tokens_out=st.none() | st.integers(0, 9_000),
    money=st.none() | st.floats(0, 0.1),
    turns=st.none() | st.integers(0, 12),
    depth=st.integers(1, 4),
    at_once=st.none() | st.integers(1, 6),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=SHAPE, limits=LIMITS)
def test_spending_stays_inside_the_budget_and_the_ledger_says_what_the_server_counted(
    cells: Any, shape: dict[str, Any], limits: Limits
) -> None:
    runner, pool = cells
    server, ledger = Counting(), SqlLedger()
    solved = runner.run(solve(server, ledger, pool, json.dumps({**shape, "path": "r"}), limits))
    rows = [e.row for e in ledger.trace(solved.answer.trace) if isinstance(e.row, CallRow)]
    ledger.close()
    spent = solved.budget.spent
    asked = [row for row in rows if row.status == "ok"]
    assert sum((row.usage for row in rows), Usage()).total == server.usage.total == spent.total
    assert len(asked) == len(server.sent) == solved.budget.calls
    assert solved.budget.held == 0
    within = (
        (limits.tokens, spent.total),
        (limits.tokens_in, spent.tokens_in),
        (limits.tokens_out, spent.tokens_out),
        (limits.calls, solved.budget.calls),
        (limits.turns, solved.budget.turns),
        (limits.money, solved.budget.money),
        (limits.at_once, server.most),
    )
    assert all(limit is None or used <= limit for limit, used in within)
    deepest = max((row.depth for row in rows), default=0)
    assert deepest < (limits.depth or 1)


async def solve(server: Scripted, ledger: SqlLedger, pool: Cells, context: str, limits: Limits) -> Solved:
    given_settings = load_settings(model="scripted", remembered=0)
    sandbox = make_sandbox()
    tools = Tools(Store(()), sandbox)
    parts = make_parts(
        given_settings, make_door(given_settings, server, ledger), macros=NoMacros(), tools=tools, routed=False
    )
    recursion = Recursion(parts, pool, Places(given_settings.state, 1.0), {}, Price(1.0, 3.0))
    options = Options(direct="never", sampling=Sampling(max_tokens=400), sub_tokens=60, turns=3)
    return await recursion.solve(Asked("What?", context, limits=limits, options=options))
