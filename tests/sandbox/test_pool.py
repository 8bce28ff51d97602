from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from self_distill.sandbox.pool import Sandbox
from self_distill.types import Abstain, Fault, Ruled


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    made = Sandbox("def helper(x):\n    return x + 1\n")
    yield made
    await made.close()


def body(line: str) -> str:
    return f"def run(text):\n    {line}\n"


async def test_a_program_answers_abstains_and_may_say_why(sandbox: Sandbox) -> None:
    code = body("return None if text == 'b' else ('yes', 'because') if text == 'c' else len(text)")
    first, second, third = await sandbox.run_many(code, ["aa", "b", "c"])
    assert isinstance(first, Ruled) and first.value == 2
    assert second == Abstain()
    assert isinstance(third, Ruled) and (third.value, third.reason) == ("yes", "because")


async def test_the_toolkit_is_there(sandbox: Sandbox) -> None:
    decision = await sandbox.run(body("return helper(1)"), "")
    assert isinstance(decision, Ruled) and decision.value == 2


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("while True: pass", "TimeoutError"),
        ("return run(text)", "RecursionError"),
        ("return 'a' * 10**10", "MemoryError"),
        ("return [0] * 10**10", "MemoryError"),
        ("return 10**10**8", "MemoryError"),
        ("return open('/etc/passwd').read()", "PermissionError"),
        ("import os; return os.environ", "RuntimeError"),
        ("import os; return os.listdir('/')", "PermissionError"),
        ("import socket", "ModuleNotFoundError"),
        ("import subprocess", "ModuleNotFoundError"),
        ("return ().__class__.__bases__[0].__subclasses__()", "AttributeError"),
        ("return lambda: 1", "AnswerError"),
        ("return {1, 2}", "AnswerError"),
        ("return float('nan')", "AnswerError"),
        ("return 'x' * 200_000", "AnswerError"),
        ("return undefined_name", "NameError"),
        ("raise ValueError('x')", "ValueError"),
        ("x = []; x.append(x); return x", "AnswerError"),
    ],
)
async def test_what_a_program_may_not_do_is_a_fault_and_harms_nothing(sandbox: Sandbox, line: str, kind: str) -> None:
    decision = await sandbox.run(body(line), "text")
    assert isinstance(decision, Fault) and decision.kind == kind
    after = await sandbox.run(body("return 1"), "")
    assert isinstance(after, Ruled) and after.value == 1


async def test_a_catastrophic_pattern_ends_by_itself_or_in_time(sandbox: Sandbox) -> None:
    decision = await sandbox.run(body("import re; return bool(re.match('(a+)+$', 'a' * 40 + 'b'))"), "")
    assert decision == Ruled(False, decision.by, "") if isinstance(decision, Ruled) else isinstance(decision, Fault)


async def test_one_text_that_loops_does_not_cost_the_others_their_answers(sandbox: Sandbox) -> None:
    code = "def run(text):\n    while text == '7': pass\n    return text\n"
    decisions = await sandbox.run_many(code, [str(i) for i in range(100)])
    assert [d.value if isinstance(d, Ruled) else d.kind for d in decisions if not isinstance(d, Abstain)] == [
        "TimeoutError" if i == 7 else str(i) for i in range(100)
    ]


async def test_a_program_that_always_loops_is_given_up(sandbox: Sandbox) -> None:
    decisions = await sandbox.run_many(body("while True: pass"), ["x"] * 1000)
    assert len(decisions) == 1000
    assert all(isinstance(d, Fault) and d.kind == "TimeoutError" for d in decisions)


@pytest.mark.parametrize("code", ["x =", "y = 1\n", "raise RuntimeError\n", "import numpy\n", "def run(text"])
async def test_a_program_that_cannot_be_loaded_is_a_fault_for_each_text(sandbox: Sandbox, code: str) -> None:
    decisions = await sandbox.run_many(code, ["a", "b"])
    assert len(decisions) == 2 and all(isinstance(d, Fault) for d in decisions)


async def test_a_call_knows_nothing_of_the_call_before(sandbox: Sandbox) -> None:
    code = "SEEN = []\ndef run(text):\n    SEEN.append(text)\n    return len(SEEN)\n"
    decisions = [await sandbox.run(code, "x") for _ in range(3)]
    assert [d.value for d in decisions if isinstance(d, Ruled)] == [1, 1, 1]


async def test_clock_and_chance_are_always_the_same(sandbox: Sandbox) -> None:
    code = "import random, datetime\ndef run(text):\n    return [random.random(), str(datetime.datetime.now())]\n"
    decisions = [await sandbox.run(code, "x") for _ in range(2)]
    assert decisions[0] == decisions[1] and isinstance(decisions[0], Ruled)


async def test_a_fault_says_nothing_of_the_text(sandbox: Sandbox) -> None:
    secret = "ada@example.org"
    for line in ("raise ValueError(text)", "return int(text)", "return {}[text]", "assert text == 1, text"):
        decision = await sandbox.run(body(line), secret)
        assert isinstance(decision, Fault) and "ada" not in decision.detail


async def test_prints_go_nowhere(sandbox: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    decision = await sandbox.run(body("print(text * 100_000); return 1"), "secret")
    assert isinstance(decision, Ruled)
    assert capfd.readouterr() == ("", "")


async def test_odd_texts_arrive(sandbox: Sandbox) -> None:
    decisions = await sandbox.run_many(body("return len(text)"), ["", "\0", "\ud800", "é" * 1000])
    assert [d.value for d in decisions if isinstance(d, Ruled)] == [0, 1, 1, 1000]


def test_one_sandbox_serves_several_loops_and_starts_again_after_closing() -> None:
    made = Sandbox()

    async def many() -> int:
        decisions = await asyncio.gather(*(made.run(body("return 1"), "") for _ in range(50)))
        return sum(isinstance(d, Ruled) for d in decisions)

    assert asyncio.run(many()) == 50
    assert asyncio.run(many()) == 50
    asyncio.run(made.close())
    assert asyncio.run(many()) == 50
    asyncio.run(made.close())
