"""exp006: long contexts, asked plainly, by the loop, and by the loop with certified rules behind macros."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from experiments import table
from experiments.command import Parser
from experiments.figures import report
from experiments.harness import Arm, Experiment, Ran
from experiments.harness import Options as RunOptions
from experiments.long_contexts import KIND, SIZES, LongItem, counted, looked_up, messages
from self_distill import wire
from self_distill.background import run_sync
from self_distill.budget import Limits
from self_distill.clients.cassette import Recorder
from self_distill.clients.tap import Tap
from self_distill.distill.distillation import Job
from self_distill.distiller import Order, distilled
from self_distill.door import NoTape, Tape
from self_distill.errors import AnswerError, LimitError, SafetyError, SettingsError
from self_distill.macros.scrub import NoMacros
from self_distill.protocols import Client
from self_distill.recursion import Asked, Places, Recursion
from self_distill.rlm.loop import Options
from self_distill.rules.store import Store
from self_distill.sandbox.session import Cells
from self_distill.settings import Settings, load_settings
from self_distill.tracking.ledger import RunLedger
from self_distill.types import MeasureRow, ModelRequest, Reply, Sampling

NAME = "exp006"
EXAMPLES = 1_500
"""Messages that the rule is learned and certified from; their seed is no item's."""
ARMS = (
    Arm("plain"),
    Arm("loop"),
    Arm("loop + rules + macros", baseline="loop", macros=True, rules="certified"),
)
EXPERIMENT = Experiment(NAME, "Long contexts: plain call, loop, loop with certified rules behind macros", (), ARMS)
LIMITS = Limits(calls=60, depth=1, seconds=3_000)
err = Console(stderr=True)


@dataclass(slots=True)
class Helped:
    """Turns of a loop and plain calls go to one model, sub-calls to a cheaper one."""

    client: Client
    helper: Client
    routes: dict[bytes, Client] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.client.name

    def encode(self, request: ModelRequest) -> bytes:
        chosen = self.client if request.label.startswith("rlm ") else self.helper
        body = chosen.encode(replace(request, model=chosen.name))
        self.routes[body] = chosen
        return body

    async def send(self, body: bytes) -> Reply:
        return await self.routes[body].send(body)

    async def close(self) -> None:
        await self.client.close()
        await self.helper.close()


def parser(prog: str) -> argparse.ArgumentParser:
    p = Parser(prog=prog or None, description=__doc__, allow_abbrev=False)
    p.add_argument("--model", default="", help="answers: local/smollm2, openai/NAME, replay/CASSETTE …")
    p.add_argument("--sub", default="", help="a cheaper model for sub-calls")
    p.add_argument("--count", type=int, default=len(SIZES), help="items of counting, 8 K to 1 M characters")
    p.add_argument("--lookup", type=int, default=len(SIZES), help="items of kv_retrieval (needs --data)")
    p.add_argument("--arms", default=",".join(arm.name for arm in ARMS))
    p.add_argument("--fits", type=int, default=16_000, help="characters that a plain call is tried with")
    p.add_argument("--turns", type=int, default=8, help="of a loop at most")
    p.add_argument("--room", type=int, default=2_048, help="tokens of a reply at most")
    p.add_argument("--seed", type=int, default=42)
    p.add_argument("--data", type=Path, help="folder that holds the public data sets")
    p.add_argument("--tools", type=Path, help="folder of the certified rule; it is made there if it is empty")
    p.add_argument("--record", type=Path, help="cassette that keeps the model's replies")
    p.add_argument("--at-once", type=int, default=16, help="items under way")
    p.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return p


def main(args: Sequence[str] | None = None, prog: str = "") -> dict[str, Any]:
    given = parser(prog).parse_args(args)
    settings = load_settings(data=given.data)
    arms = tuple(arm for arm in ARMS if arm.name in given.arms.split(","))
    if not arms:
        raise SettingsError(f"--arms: there are {', '.join(arm.name for arm in ARMS)}")
    ledger = wire.make_ledger(settings)
    try:
        with ledger.run(
            NAME, {"model_name": given.model or settings.model, "seed": given.seed, "arms": given.arms}
        ) as run:
            document = report(run_sync(conducted(given, arms, settings, run)))
            for tool in document["tools"]:
                tool["accuracy"] = None  # a rule is asked about a record, the truth is that of the whole item
    finally:
        ledger.close()
    if given.json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        table.show(document, table.console())
    return document


def asked(given: argparse.Namespace, data: Path | None) -> list[LongItem]:
    """Counting first; sizes mixed within a cell."""
    found = [counted(at, SIZES[at % len(SIZES)], given.seed) for at in range(given.count)]
    if given.lookup and data is None:
        raise SettingsError("kv_retrieval needs --data; or give --lookup 0")
    return found + [looked_up(at, SIZES[at % len(SIZES)], given.seed, data) for at in range(given.lookup) if data]


async def conducted(given: argparse.Namespace, arms: tuple[Arm, ...], settings: Settings, run: RunLedger) -> Ran:
    items = {item.id: item for item in asked(given, settings.data)}
    tools = given.tools or settings.state / "runs" / NAME / "tools"
    if any(arm.rules == "certified" for arm in arms) and not Store((tools,)).rules():
        order = Order(Job(KIND, messages(EXAMPLES, given.seed + 1_000_003), "inductive"), tools)
        done, _ = await distilled(order, settings)
        err.print(f"[dim]rule for {KIND.name}: {[final.certified for final in done.finals]}", highlight=False)
    client = wire.make_client(settings, given.model)
    if given.sub:
        client = Helped(client, wire.make_client(settings, given.sub))
    tape = Recorder(given.record, client.name, settings.carried) if given.record else NoTape()
    bench = Bench(given, settings.model_copy(update={"tools": (tools,), "remembered": 0}), Tap(client), tape)
    try:
        await asyncio.gather(*(bench.arm(arm, list(items.values()), run.arm(arm.name)) for arm in arms))
    finally:
        await client.close()
    constants = {}
    for task in {item.task.name for item in items.values()}:
        truths = [item.example.label for item in items.values() if item.task.name == task]
        constants[task] = Counter(map(str, truths)).most_common(1)[0][0]
    options = RunOptions(client.name, (), arms, given.seed)
    making = dict.fromkeys((arm.name for arm in arms), 0)
    return Ran(EXPERIMENT, options, run, items, constants, making, Store((tools,)))


@dataclass(frozen=True, slots=True)
class Bench:
    """One tape for all arms: a file has one writer."""

    given: argparse.Namespace
    settings: Settings
    client: Tap
    tape: Tape

    async def arm(self, arm: Arm, items: Sequence[LongItem], ledger: RunLedger) -> None:
        sandbox, cells = wire.make_sandbox(), Cells()
        store = Store(self.settings.tool_folders if arm.rules == "certified" else ())
        door = wire.make_door(self.settings, self.client, ledger)
        door.tape = self.tape
        tools = wire.Tools(store, sandbox)
        macros = wire.macros_in_use(self.settings) if arm.macros else NoMacros()
        parts = wire.make_parts(self.settings, door, macros=macros, tools=tools, routed=False)
        tasks = wire.answered(tools.trust(self.settings, macros), {KIND.name: KIND})
        recursion = Recursion(parts, cells, Places(self.settings.state, 1), tasks)
        fits = [item for item in items if arm.name != "plain" or item.size <= self.given.fits]
        slots = asyncio.Semaphore(self.given.at_once)
        try:
            await asyncio.gather(*(self.ask(recursion, arm, item, ledger, slots) for item in fits))
        finally:
            await parts.watcher.close()
            await sandbox.close()
            await cells.close()

    async def ask(
        self, recursion: Recursion, arm: Arm, item: LongItem, ledger: RunLedger, slots: asyncio.Semaphore
    ) -> None:
        room = Sampling(max_tokens=self.given.room)
        way = Options(turns=self.given.turns, sampling=room, direct="always" if arm.name == "plain" else "never")
        question = Asked(item.example.text, item.context, item.task, LIMITS, way, item=item.id)
        async with slots:
            with self.client.watching(item.values) as seen:
                try:
                    solved = await recursion.solve(question)
                    right = solved.complete and item.task.score(solved.answer.value, item.example.label)
                except (AnswerError, LimitError, SafetyError):
                    right = False
        ledger.record(
            MeasureRow("", "correct", float(right), item.id),
            MeasureRow("", "exposures", float(seen.exposures), item.id),
        )
        err.print(f"[dim]{arm.name}, {item.id}: {'right' if right else 'wrong'}", highlight=False)


if __name__ == "__main__":
    main()
