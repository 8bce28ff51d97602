"""What the official library (rlms 0.1.3) and dspy.RLM get wrong, each as a test that passes here."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from self_distill.background import run_sync
from self_distill.budget import Budget, Limits, Price
from self_distill.errors import SandboxBroken
from self_distill.rlm.compat import RLM
from self_distill.rlm.loop import REPLY
from self_distill.sandbox.limits import Limits as CellLimits
from self_distill.sandbox.session import Cells
from self_distill.types import Usage

READY = '```repl\nanswer["content"] = {}\nanswer["ready"] = True\n```'
ASK_CHILD = '```repl\nx = rlm_query("Which?", "ctx")\n```'


def test_1_usage_of_children_is_part_of_the_usage(world: Any) -> None:
    w = world(ASK_CHILD, READY.format("x"), children={1: ['```repl\ny = llm_query("inner")\n```', READY.format("y")]})
    solved = w.ask()
    rows = w.calls(solved)
    assert len(rows) == len(w.client.sent) == 5
    assert sum((row.usage for row in rows), Usage()) == solved.answer.usage == solved.budget.spent
    assert {row.depth for row in rows} == {0, 1}


def test_2_an_exception_keeps_the_variables_and_what_was_paid_for(world: Any) -> None:
    w = world('```repl\nx = llm_query("dear")\n1 / 0\n```', READY.format("x"))
    assert w.ask().answer.value == "heard 4"
    assert w.prompts == ["dear"]


def test_3_loops_side_by_side_do_not_see_each_others_output(world: Any) -> None:
    child = ["```repl\nfor i in range(200):\n    print(context * 40)\n```", READY.format("context")]
    names = [f"<{n}>" for n in range(8)]
    w = world(f"```repl\nxs = rlm_query_batched({names}, {names})\n```", READY.format("xs"), children={1: child})
    assert w.ask(shown=100_000).answer.value == names
    cells = [e for e in w.of("cell") if e.node != "0" and "range" in e.text]
    assert len(cells) == 8 and {len(e.output) for e in cells} == {200 * (40 * 3 + 1)}
    assert all(len(set(e.output.split())) == 1 for e in cells)


@pytest.mark.parametrize(
    "code",
    [
        'open("/etc/passwd").read()',
        'import os\nos.listdir("/")',
        'import os\nos.environ["HOME"]',
        'import pathlib\npathlib.Path("/etc/passwd").read_text()',
        'import subprocess\nsubprocess.run("ls")',
        "import socket\nsocket.socket()",
        '__import__("os").system("ls")',
        "().__class__.__bases__[0].__subclasses__()",
    ],
)
def test_4_code_reaches_no_file_and_no_process(world: Any, code: str) -> None:
    w = world(f"```repl\n{code}\n```", READY.format("1"))
    assert w.ask().complete
    assert "Error in line" in w.told[1] and "root" not in w.told[1]


def test_5_a_block_has_a_time_limit_and_what_was_there_before_it_is_kept(world: Any) -> None:
    w = world('```repl\nx = llm_query("dear")\n```', "```repl\ny = 1\nwhile True:\n    pass\n```", READY.format("x"))
    w.pipeline.recursion = replace(w.pipeline.recursion, cells=Cells(CellLimits(seconds=0.2, memory=1 << 28)))
    assert w.ask().answer.value == "heard 4"
    assert "TimeoutError" in w.told[2] and "What this block assigned is lost" in w.told[2]
    run_sync(w.pipeline.recursion.cells.close())


def test_6_children_at_once_share_one_budget_in_money(world: Any) -> None:
    child = ["```repl\nx = llm_query_batched([context + str(i) for i in range(20)])\n```", READY.format("'done'")]
    names = list("abcd")
    call = f"try:\n    x = rlm_query_batched({names}, {names})\nexcept RuntimeError as e:\n    print(e)"
    turn = f"```repl\n{call}\n```"
    w = world(turn, READY.format("'end'"), children={1: child})
    w.pipeline.recursion = replace(w.pipeline.recursion, price=Price(1.0, 2.0))
    solved = w.ask(limits=Limits(depth=2, money=0.05), sampling=replace(REPLY, max_tokens=200))
    spent = sum((row.usage for row in w.calls(solved)), Usage())
    assert 0 < Price(1.0, 2.0).of(spent) <= 0.05
    assert solved.budget.spent == spent and solved.budget.money <= 0.05


def test_7_every_prompt_of_a_batch_is_charged_its_own_usage(world: Any) -> None:
    w = world('```repl\nxs = llm_query_batched(["a" * 40, "b" * 400, "c" * 4000])\n```', READY.format("xs"))
    solved = w.ask()
    frame = w.of("answer")[0].usage.tokens_in - 10
    assert [e.usage.tokens_in - frame for e in w.of("answer")] == [10, 100, 1000]
    assert sum((e.usage for e in [*w.of("answer"), *w.of("reply")]), Usage()) == solved.budget.spent


def test_8_children_have_the_settings_of_their_parent(world: Any) -> None:
    w = world(ASK_CHILD, READY.format("x"), children={1: [ASK_CHILD, READY.format("x")], 2: [READY.format("1")]})
    sampling = replace(REPLY, temperature=0.5, seed=7, max_tokens=300)
    w.ask(limits=Limits(depth=3), sampling=sampling, system="Do it.", turns=4)
    turns = [r for r in w.requests if r.label.startswith("rlm turn")]
    assert {r.label for r in turns} == {f"rlm turn at depth {n}" for n in range(3)}
    assert {r.sampling for r in turns} == {sampling}
    assert {r.messages[0].content for r in turns} == {"Do it."}
    assert all("of 4" in r.messages[-1].content for r in turns if len(r.messages) > 2)


def test_9_callbacks_of_turns_and_sub_calls_are_called(world: Any) -> None:
    w = world(ASK_CHILD, READY.format("x"), children={1: [READY.format("1")]})
    seen: list[tuple[Any, ...]] = []
    rlm = RLM(
        pipeline=w.pipeline,
        max_depth=2,
        on_iteration_start=lambda depth, number: seen.append(("turn", depth, number)),
        on_iteration_complete=lambda depth, number, seconds: seen.append(("turned", depth, number)),
        on_subcall_start=lambda depth, model, preview: seen.append(("call", depth, preview)),
        on_subcall_complete=lambda depth, model, seconds, error: seen.append(("called", depth, error)),
    )
    rlm.completion("text")
    assert seen == [
        ("turn", 0, 1),
        ("call", 1, "Which?"),
        ("turn", 1, 1),
        ("turned", 1, 1),
        ("called", 1, None),
        ("turned", 0, 1),
        ("turn", 0, 2),
        ("turned", 0, 2),
    ]


def test_dspy_1_a_broken_interpreter_ends_the_run_with_an_error(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTY_BIN", "/nonexistent/monty")
    w = world(READY.format("1"))
    with pytest.raises(SandboxBroken, match="no sandbox for the loop"):
        w.ask()
    assert not w.client.sent, "nobody was asked for an answer that no code has seen"


def test_dspy_2_a_helper_is_a_loop_and_its_tokens_are_limited(world: Any) -> None:
    careful = '```repl\ntry:\n    x = rlm_query("Which?", "ctx")\nexcept RuntimeError as e:\n    x = str(e)\n```'
    w = world(careful, READY.format("x"), children={1: ["```repl\nprint(context)\n```"]})
    solved = w.ask(limits=Limits(depth=2, tokens=15_000))
    assert solved.complete and "the helper did not finish: the next call may need" in solved.answer.value
    assert len([e for e in w.of("cell") if e.node == "0.1"]) > 1
    assert solved.budget.spent.total <= 15_000


def test_calls_of_all_threads_are_counted_in_one_budget() -> None:
    budget = Budget(Limits(turns=50))
    done: list[int] = []

    def work() -> None:
        share = budget.share(1.0)
        while True:
            try:
                share.turn()
            except Exception:
                return
            done.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == budget.turns == 50
