from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from self_distill.errors import DataError, SandboxBroken
from self_distill.sandbox.limits import Limits
from self_distill.sandbox.session import Cells, Session


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    cells = Cells(Limits(seconds=0.3, memory=1 << 28), trips=20)
    async with cells.session() as one:
        yield one
    await cells.close()


async def host(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    match name:
        case "twice":
            return args[0] * 2
        case "fail":
            raise (args[0] == "data" and DataError("disk")) or RuntimeError("said no")
    raise NameError(f"name {name!r} is not defined")


async def test_a_cell_sees_what_earlier_cells_made(session: Session) -> None:
    await session.feed("x = twice(21)", host)
    ran = await session.feed("print(x)\nx", host)
    assert (ran.value, ran.output, ran.printed, ran.trouble) == (42, "42\n", 3, None)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("x = 1\n1 / 0", "line 2: 1 / 0\nZeroDivisionError: division by zero"),
        ("def f():\n    return nope\nf()", "line 2: return nope\nNameError: name 'nope' is not defined"),
        ("x = (1\ny", "line 2: y\nSyntaxError"),
        ("fail('x')", "line 1: fail('x')\nRuntimeError: said no"),
        ("raise TimeoutError('mine')", "line 1: raise TimeoutError('mine')\nTimeoutError: mine"),
    ],
)
async def test_trouble_names_the_line_and_leaves_the_variables(session: Session, code: str, told: str) -> None:
    await session.feed("kept = 7", host)
    ran = await session.feed(code, host)
    assert str(ran.trouble).startswith(told)
    assert (await session.feed("kept", host)).value == 7


@pytest.mark.parametrize(
    "code",
    [
        "x = 1\nwhile True:\n    pass",
        "while True:\n    try:\n        x = 1\n    except BaseException:\n        pass",
        "while True:\n    x = twice(1)",
    ],
)
async def test_a_cell_that_is_stopped_leaves_the_world_as_it_was_before(session: Session, code: str) -> None:
    await session.feed("x = 0", host)
    ran = await session.feed(code, host)
    assert ran.trouble and ran.trouble.lost and "is lost" in str(ran.trouble)
    assert (await session.feed("x", host)).value == 0


@pytest.mark.parametrize("code", ["'a' * 10**10", "[0] * 10**12", "10 ** 10**8", "def f():\n    return f()\nf()"])
async def test_memory_and_depth_and_what_takes_too_long_are_bounded(session: Session, code: str) -> None:
    ran = await session.feed(code, host)
    assert ran.trouble and ran.trouble.kind in ("MemoryError", "RecursionError", "TimeoutError")
    assert (await session.feed("1", host)).value == 1


async def test_a_dump_goes_on_in_another_session(session: Session) -> None:
    await session.feed("x = [1]\ndef f():\n    return x", host)
    dump = await session.dump()
    await session.feed("x = 0", host)
    other = Cells()
    async with other.session() as second:
        await second.restore(dump)
        assert (await second.feed("f()", host)).value == [1]
    await other.close()


async def test_errors_that_are_let_through_end_the_cell_and_leave_the_world_as_it_was(session: Session) -> None:
    await session.feed("x = 1", host)
    with pytest.raises(DataError):
        await session.feed("x = 2\nfail('data')", host, let_through=(DataError,))
    assert (await session.feed("x", host)).value == 1


async def test_a_cell_that_is_cancelled_leaves_the_world_as_it_was(session: Session) -> None:
    async def never(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        await asyncio.sleep(3600)

    await session.feed("x = 1", host)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await session.feed("x = 2\nwait()", never)
    assert (await session.feed("x", host)).value == 1


async def test_output_is_kept_from_both_ends(session: Session) -> None:
    ran = await session.feed("print('a' * 300_000)\nprint('b' * 300_000)", host)
    assert ran.printed == 600_002 and len(ran.output) < 400_100
    assert ran.output.startswith("aaa") and ran.output.endswith("bbb\n") and "[… 200,002 characters …]" in ran.output


async def test_without_a_worker_the_sandbox_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTY_BIN", "/nonexistent/monty")
    with pytest.raises(SandboxBroken, match="reinstall"):
        async with Cells().session():
            pass
