"""The recursive loop beside the official library: what each adds to a model that answers at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.report import Notice, Row, document
from self_distill.background import run_sync
from self_distill.clients.connect import ClientOptions, connect
from self_distill.rlm import RLM
from self_distill.wire import Pipeline

PEER = "rlms"
PACKAGES = ("rlms", "pydantic-monty", "aiohttp", "openai")
TENTH = 10
"""The peer runs so many times fewer completions where there are many, one by one: side by side in threads its REPLs
write into each other's output, and it stood still. Its time is scaled up."""
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Scale:
    rounds: int = 7
    parallel: int = 100
    context: int = 10_000_000


QUICK = Scale(3, 30, 1_000_000)


def run(quick: bool, data: Path | None, notice: Notice) -> dict[str, Any]:
    """Wall time of one completion; both libraries ask the same server, in turns."""
    scale = QUICK if quick else Scale()
    if find_spec("rlm") is None:
        notice(f"{PEER}: not installed (uv sync --group bench); its column stays empty")
    with server() as url, TemporaryDirectory() as folder, ours(url, Path(folder)) as mine:
        theirs = peer(url)
        text = "The quick brown fox jumps over the lazy dog.\n" * 20
        long = text * (scale.context // len(text))
        cases = (
            ("5 turns, 4 sub-calls", text, 1),
            (f"{scale.parallel} completions at once", text, scale.parallel),
            (f"a context of {scale.context // 1_000_000} MB", long, 1),
        )
        rows = []
        for name, context, at_once in cases:
            notice(f"rlm: {name}")
            fewer = max(1, at_once // TENTH)
            other = None if theirs is None else one_by_one(theirs, context, fewer)
            rows.append(row(name, together(mine, context, at_once), other, scale.rounds, at_once / fewer))
    return document("rlm", rows, PACKAGES)


def row(name: str, mine: Work, theirs: Work | None, rounds: int, factor: float) -> Row:
    """Medians, and the median of the ratios in pairs with the smallest and the largest."""
    mine()
    if theirs is None:
        return Row(name, median(timed(mine) for _ in range(rounds)), "s", rounds)
    theirs()
    pairs = [(timed(mine), timed(theirs) * factor) for _ in range(rounds)]
    ratios = [b / a for a, b in pairs]
    took, peers = (median(one) for one in zip(*pairs, strict=True))
    return Row(name, took, "s", rounds, peers, PEER, median(ratios), min(ratios), max(ratios))


def timed(work: Work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def together(rlm: RLM, context: str, at_once: int) -> Work:
    async def all_of_them() -> None:
        found = await asyncio.gather(*(rlm.acompletion(context) for _ in range(at_once)))
        assert {one.response for one in found} == {str(len(context))}

    return lambda: run_sync(all_of_them())


def one_by_one(completion: Callable[[str], str], context: str, times: int) -> Work:
    def all_of_them() -> None:
        for _ in range(times):
            assert completion(context) == str(len(context))

    return all_of_them


@contextmanager
def ours(url: str, folder: Path) -> Iterator[RLM]:
    """Macros, egress guard and ledger are on, as in use; the cache is off, so that every call is sent."""
    client = connect("openai/instant", ClientOptions(base_url=url, api_key="none"))
    settings: dict[str, Any] = {"ledger": str(folder / "ledger.db"), "state": folder, "remembered": 0}
    with Pipeline("openai/instant", client=client, **settings) as pipeline:
        yield RLM(pipeline=pipeline)


def peer(url: str) -> Callable[[str], str] | None:
    if find_spec("rlm") is None:
        return None
    from rlm import RLM as Official  # the peer is optional

    kwargs = {"model_name": "instant", "base_url": url, "api_key": "none"}

    def completion(context: str) -> str:
        return str(Official(backend="openai", backend_kwargs=kwargs).completion(context).response)

    return completion


@contextmanager
def server() -> Iterator[str]:
    """The instant model, in a process of its own."""
    command = [sys.executable, "-m", "bench.instant"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()
