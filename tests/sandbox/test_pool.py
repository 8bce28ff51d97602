from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from self_distill.errors import SandboxBroken
from self_distill.sandbox.pool import CALLS, Sandbox
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
        ("return '%1000000000d' % 1", "MemoryError"),
        ("return pow(7, 10**7)", "TimeoutError"),
        ("return max(range(10**10))", "TimeoutError"),
        ("import itertools; return sum(1 for _ in itertools.count())", "TimeoutError"),
        ("import re; return bool(re.search(r'(a*)*\\1b', 'a' * 50))", "error"),
        ("return open('/etc/passwd').read()", "PermissionError"),
        ("import os; return os.environ", "RuntimeError"),
        ("import os; return os.listdir('/')", "PermissionError"),
        ("import socket", "ModuleNotFoundError"),
        ("import subprocess", "ModuleNotFoundError"),
        ("return ().__class__.__bases__[0].__subclasses__()", "AttributeError"),
        ("return lambda: 1", "AnswerError"),
        ("return {1, 2}", "AnswerError"),
        ("return {b'x'}", "AnswerError"),
        ("return b'x'", "AnswerError"),
        ("return run", "AnswerError"),
        ("return [[run]]", "AnswerError"),
        ("return getattr(run, '__glo' + 'bals__')", "AttributeError"),
        ("import pathlib; return pathlib.Path('/etc/passwd').read_text()", "PermissionError"),
        ("import os; return os.system('ls')", "AttributeError"),
        ("import self_distill", "ModuleNotFoundError"),
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


KEEPING = {
    "a list": "SEEN = []\ndef run(text):\n    SEEN.append(text)\n    return len(SEEN)\n",
    "a dictionary": "SEEN = {'n': 0}\ndef run(text):\n    SEEN['n'] += 1\n    return SEEN['n']\n",
    "an alias": "SEEN = {'n': [0]}\ndef run(text):\n    x = SEEN['n']\n    x[0] = 1 - x[0]\n    return x\n",
    "a global": "N = 0\ndef run(text):\n    global N\n    N += 1\n    return N\n",
    "a default": "def run(text, seen=[]):\n    seen.append(1)\n    return len(seen)\n",
    "a closure": (
        "def make():\n    seen = []\n    def f(text):\n        seen.append(1)\n        return len(seen)\n"
        "    return f\nrun = make()\n"
    ),
    "a class": "class A:\n    n = 0\ndef run(text):\n    A.n += 1\n    return A.n\n",
    "an iterator": "IT = iter([1, 2, 3, 4, 5])\ndef run(text):\n    return next(IT)\n",
    "a counter": "import itertools\nIT = itertools.count()\ndef run(text):\n    for n in IT:\n        return n\n",
    "chance": "import random\ndef run(text):\n    return random.random()\n",
    "evaluated code": "SEEN = []\ndef run(text):\n    return exec('SEEN.append(1)') or len(SEEN)\n",
    "the toolkit": "def run(text):\n    LIST.append(text)\n    return len(LIST)\n",
}


@pytest.mark.parametrize("way", KEEPING)
async def test_a_call_knows_nothing_of_the_call_before(way: str) -> None:
    sandbox = Sandbox("LIST = []\n")
    try:
        first = await sandbox.run(KEEPING[way], "x")
        assert isinstance(first, Ruled)
        assert await sandbox.run_many(KEEPING[way], ["x"] * 3) == [first] * 3
        assert await sandbox.run(KEEPING[way], "x") == first
    finally:
        await sandbox.close()


async def test_many_calls_of_many_programs_are_those_of_each_alone(sandbox: Sandbox) -> None:
    programs = [body(f"return [{n}, text]") for n in range(20)]
    for _ in range(2):
        decisions = await asyncio.gather(*(sandbox.run(code, str(n)) for n, code in enumerate(programs)))
        assert [d.value for d in decisions if isinstance(d, Ruled)] == [[n, str(n)] for n in range(20)]
    found = await sandbox.run_many(programs[0], [str(n) for n in range(CALLS + 10)])
    assert [d.value for d in found if isinstance(d, Ruled)] == [[0, str(n)] for n in range(CALLS + 10)]


async def test_clock_and_chance_are_always_the_same(sandbox: Sandbox) -> None:
    code = "import random, datetime\ndef run(text):\n    return [random.random(), str(datetime.datetime.now())]\n"
    decisions = [await sandbox.run(code, "x") for _ in range(2)]
    assert decisions[0] == decisions[1] and isinstance(decisions[0], Ruled)


@pytest.mark.parametrize(
    "line",
    [
        "raise ValueError(text)",
        "raise TypeError(text)",
        "return int(text)",
        "return {}[text]",
        "assert text == 1, text",
        "return getattr(text, text)",
        "return eval(text)",
        "return exec('import ' + text)",
        "return exec('def ' + text.split()[0] + '(): pass\\n' + text.split()[0] + '(1)')",
        "return open(text)",
        "return run(**{text: 1})",
        "import json; return json.loads(text)",
        "import re; return re.compile(text + '(')",
    ],
)
@pytest.mark.parametrize("secret", ["ada lovelace", "it's ada's 'ada' ada", 'an "ada" ada', "ada.b@c", "ada"])
async def test_a_fault_says_nothing_of_the_text(sandbox: Sandbox, line: str, secret: str) -> None:
    decision = await sandbox.run(body(line), secret)
    assert isinstance(decision, Fault) and "ada" not in decision.detail


@pytest.mark.parametrize("line", ["while True: pass", "return 'a' * 10**10", "return run(text)", "x.y", "return 1 +"])
async def test_a_fault_says_the_same_each_time(line: str) -> None:
    found = []
    for _ in range(2):
        sandbox = Sandbox()
        found += [await sandbox.run(body(line), "text"), (await sandbox.run_many(body(line), ["text"] * 2))[1]]
        await sandbox.close()
    assert isinstance(found[0], Fault) and found == [found[0]] * 4


@pytest.mark.parametrize("line", ["no_such_name", "open('/x')", "eval('print(1)', {})"])
async def test_asking_the_host_in_a_loop_ends_too(sandbox: Sandbox, line: str) -> None:
    code = body(f"while True:\n        try: {line}\n        except Exception: pass")
    assert isinstance(await sandbox.run(code, ""), Fault)


@pytest.mark.parametrize(
    "call",
    [
        "return 1",
        "return [1]",
        "return [1, 2, 3]",
        "return ['[1, 2]', True]",
        "return ['[1]', True]",
        "return ['[NaN, \"\"]', True]",
        'return [\'["\\\\ud800", ""]\', True]',
        "return ['[' * 100_000, True]",
        "return [b'x', True]",
        "return [lambda: 1, True]",
        "raise SystemExit",
    ],
)
async def test_a_program_that_replaces_what_packs_its_answer_gains_nothing(sandbox: Sandbox, call: str) -> None:
    code = f"def _sd_call(entry, text, room, watched):\n    {call}\ndef run(text):\n    return 1\n"
    for decision in await sandbox.run_many(code, ["a", "b"]):
        assert isinstance(decision, Fault) and "'" not in decision.detail


async def test_own_names_for_built_in_ones_do_not_disturb_the_packing(sandbox: Sandbox) -> None:
    code = "def len(x):\n    return 10**9\ndef repr(x):\n    return 'y'\ntype = 3\n" + body("return ('a', 'why')")
    decision = await sandbox.run(code, "")
    assert isinstance(decision, Ruled) and (decision.value, decision.reason) == ("a", "why")


@pytest.mark.parametrize(
    "line", ["print(text * 100_000)", "eval('print(text)')", "exec('print(1)', {})", "global print; print = 3"]
)
async def test_prints_go_nowhere(sandbox: Sandbox, capfd: pytest.CaptureFixture[str], line: str) -> None:
    decision = await sandbox.run(f"print('loaded')\n{body(line + '; return 1')}", "secret")
    assert isinstance(decision, Ruled)
    assert capfd.readouterr() == ("", "")


async def test_bombs_cost_the_calls_beside_them_nothing(sandbox: Sandbox) -> None:
    bombs = ["while True: pass", "return pow(7, 10**7)", "return 'a' * 10**10", "return run(text)"]
    calls = [body(bombs[n // 5]) if n % 5 == 0 else body("return text") for n in range(20)]
    decisions = await asyncio.gather(*(sandbox.run(code, str(n)) for n, code in enumerate(calls)))
    for n, decision in enumerate(decisions):
        assert isinstance(decision, Fault) if n % 5 == 0 else decision == Ruled(str(n), decision.by)  # type: ignore[union-attr]


def children() -> list[int]:
    tasks = Path(f"/proc/{os.getpid()}/task")
    found: list[int] = []
    for task in tasks.iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread of an earlier test may just be ending
            found += map(int, (task / "children").read_text().split())
    return found


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds worker processes through /proc")
async def test_a_worker_that_somebody_kills_is_replaced(sandbox: Sandbox) -> None:
    before = set(children())
    for n in range(3):
        decision = await sandbox.run(body("return 1"), "")
        other = await sandbox.run(body(f"return {n}"), "")
        assert isinstance(decision, Ruled) and isinstance(other, Ruled) and other.value == n
        workers = set(children()) - before
        assert workers
        for pid in workers:
            os.kill(pid, signal.SIGKILL)


async def test_a_run_that_is_cancelled_does_not_go_on(sandbox: Sandbox) -> None:
    code = body("for i in range(10**5): i += 1\n    return 1")
    many = asyncio.create_task(sandbox.run_many(code, ["x"] * 10**6))
    await asyncio.sleep(0.1)
    many.cancel()
    with pytest.raises(asyncio.CancelledError):
        await many
    assert isinstance(await sandbox.run(body("return 1"), ""), Ruled)


@pytest.mark.parametrize("binary", ["/nonexistent/monty", "/bin/false", "/bin/true"])
async def test_without_a_worker_the_sandbox_is_broken(binary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTY_BIN", binary)
    sandbox = Sandbox()
    with pytest.raises(SandboxBroken, match="reinstall"):
        await sandbox.run(body("return 1"), "")
    await sandbox.close()


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
