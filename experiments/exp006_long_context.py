"""exp006: long contexts and word problems, asked plainly, by the loop, by the loop with certified rules, and by `rlms`.

The arm `rlms` runs only where it is named: that library runs what a model wrote without a sandbox.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from experiments import table
from experiments.command import Parser
from experiments.figures import report
from experiments.harness import Arm, Experiment, Ran
from experiments.harness import Options as RunOptions
from experiments.long_contexts import COUNT, KIND, SIZES, LongItem, counted, looked_up, messages
from experiments.peer import Peer, check
from experiments.reckoning import ARITHMETIC, expressions, worded
from self_distill import wire
from self_distill.background import run_sync
from self_distill.budget import Limits
from self_distill.clients.cassette import Recorder
from self_distill.clients.tap import Tap
from self_distill.distill.distillation import Job
from self_distill.distill.figures import why
from self_distill.distill.inductive import NAME as INDUCTIVE
from self_distill.distiller import Order, distilled
from self_distill.door import Door, NoTape, Tape
from self_distill.errors import AnswerError, DataError, LimitError, SafetyError, SettingsError
from self_distill.macros.scrub import NoMacros
from self_distill.protocols import Client
from self_distill.recursion import Asked, Places, Recursion
from self_distill.rlm.loop import Options
from self_distill.rules.store import Store
from self_distill.sandbox.session import Cells
from self_distill.settings import Settings, load_settings, shipped
from self_distill.task import Task
from self_distill.tracking.ledger import RunLedger
from self_distill.types import MeasureRow, ModelRequest, Reply, Sampling

NAME = "exp006"
EXAMPLES, EXPRESSIONS = 1_500, 600
"""Messages and arithmetic that the rules are made and certified from; their seed is no item's."""
PEER = Arm("rlms", baseline="loop")
ARMS = (
    Arm("plain"),
    Arm("loop"),
    Arm("loop + rules", baseline="loop", rules="certified"),
    Arm("loop + rules + macros", baseline="loop", macros=True, rules="certified"),
    PEER,
)
EXPERIMENT = Experiment(NAME, "Long contexts: plain call, loop, with certified rules, behind macros, rlms", (), ARMS)
RULED = {COUNT.name: KIND, "gsm8k": ARITHMETIC}
"""The sub-task of an item's task that a rule answers."""
RECORDED, MAKING = "claude", f"{NAME}-arithmetic-claude.jsonl"
"""The maker of the rule for arithmetic, and its replies that come with the project."""
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
    p.add_argument("--gsm8k", type=int, default=0, help="word problems of its test part (needs --data)")
    p.add_argument("--arms", default=",".join(arm.name for arm in ARMS if arm != PEER))
    p.add_argument("--maker", default=RECORDED, help=f"of the rule for arithmetic; {RECORDED}: its recorded replies")
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
    if PEER in arms:
        check()
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


def asked(given: argparse.Namespace, settings: Settings) -> list[LongItem]:
    """Counting first; sizes mixed within a cell."""
    found = [counted(at, SIZES[at % len(SIZES)], given.seed) for at in range(given.count)]
    data = settings.data
    if (given.lookup or given.gsm8k) and data is None:
        raise SettingsError("kv_retrieval and GSM8K need --data; or give --lookup 0 --gsm8k 0")
    found += [looked_up(at, SIZES[at % len(SIZES)], given.seed, data) for at in range(given.lookup) if data]
    return found + worded(given.gsm8k, given.seed, settings)


async def conducted(given: argparse.Namespace, arms: tuple[Arm, ...], settings: Settings, run: RunLedger) -> Ran:
    items = {item.id: item for item in asked(given, settings)}
    stores = {arm.name: Store(await ruled(given, arm, items.values(), settings)) for arm in arms}
    client = wire.make_client(settings, given.model)
    if given.sub:
        client = Helped(client, wire.make_client(settings, given.sub))
    tape = Recorder(given.record, client.name, settings.carried) if given.record else NoTape()
    bench = Bench(given, settings.model_copy(update={"remembered": 0}), Tap(client), tape)
    try:
        await asyncio.gather(
            *(bench.arm(arm, list(items.values()), run.arm(arm.name), stores[arm.name]) for arm in arms)
        )
    finally:
        await client.close()
    constants = {}
    for task in {item.task.name for item in items.values()}:
        truths = [item.example.label for item in items.values() if item.task.name == task]
        constants[task] = Counter(map(str, truths)).most_common(1)[0][0]
    options = RunOptions(client.name, (), arms, given.seed)
    making = {
        name: sum({rule.task: rule.card.tokens_making for rule in store.rules() if rule.status == "certified"}.values())
        for name, store in stores.items()
    }
    return Ran(EXPERIMENT, options, run, items, constants, making, stores[arms[-1].name])


def ruled_by(task: str) -> dict[str, Task]:
    return {RULED[task].name: RULED[task]} if task in RULED else {}


async def ruled(given: argparse.Namespace, arm: Arm, items: Iterable[LongItem], settings: Settings) -> tuple[Path, ...]:
    """The folders of the arm's certified rules, made where they are empty: a rule acts only behind the macros that it
    was tested behind, so each kind of arm has its own."""
    if arm.rules != "certified":
        return ()
    root = given.tools or settings.state / "runs" / NAME / "tools"
    found = []
    for task in dict.fromkeys(RULED[item.task.name] for item in items if item.task.name in RULED):
        made = f"{given.seed}-{(given.maker if task is ARITHMETIC else INDUCTIVE).replace('/', '-')}"
        folder = root / ("masked" if arm.macros else "clear") / made / task.name
        if not Store((folder,)).rules():
            own = None if arm.macros else NoMacros()
            done, _ = await distilled(Order(job(task, given), folder, making_tape(given), macros=own), settings)
            if given.maker == RECORDED and not done.certificate:
                raise DataError(f"no rule for {task.name}: {why(done)}")
            told = "certified" if done.certificate else "refused"
            err.print(f"[dim]{arm.name}, rule for {task.name}: {told}", highlight=False)
        found.append(folder)
    return tuple(found)


def making_tape(given: argparse.Namespace) -> Path | None:
    """Beside the cassette of the answers: what the rules were made from is replayed for itself."""
    return given.record.with_name(MAKING) if given.record and given.maker != RECORDED else None


def job(task: Task, given: argparse.Namespace) -> Job:
    """Of the same generators as the items, with other seeds."""
    if task is KIND:
        return Job(KIND, messages(EXAMPLES, given.seed + 1_000_003), INDUCTIVE)
    maker = f"replay/{shipped('experiments') / 'cassettes' / MAKING}" if given.maker == RECORDED else given.maker
    return Job(ARITHMETIC, expressions(EXPRESSIONS, given.seed + 1_000_003), maker)


@dataclass(frozen=True, slots=True)
class Bench:
    """One tape for all arms: a file has one writer."""

    given: argparse.Namespace
    settings: Settings
    client: Tap
    tape: Tape

    async def arm(self, arm: Arm, items: Sequence[LongItem], ledger: RunLedger, store: Store) -> None:
        sandbox, cells = wire.make_sandbox(), Cells()
        door = wire.make_door(self.settings, self.client, ledger)
        door.tape = self.tape
        tools = wire.Tools(store, sandbox)
        macros = wire.macros_in_use(self.settings) if arm.macros else NoMacros()
        parts = wire.make_parts(self.settings, door, macros=macros, tools=tools, routed=False)
        trust = tools.trust(self.settings, macros)
        places = Places(self.settings.state, 1)
        loops = {
            task: Recursion(
                parts, cells, places, wire.answered(trust, {RULED[task].name: RULED[task]} if task in RULED else {})
            )
            for task in {item.task.name for item in items}
        }
        fits = [item for item in items if arm.name != "plain" or item.size <= self.given.fits]
        slots = asyncio.Semaphore(self.given.at_once)
        try:
            if arm is PEER:
                await self.peer(door, items, ledger)
            else:
                await asyncio.gather(*(self.ask(loops[item.task.name], arm, item, ledger, slots) for item in fits))
        finally:
            await parts.watcher.close()
            await sandbox.close()
            await cells.close()

    async def peer(self, door: Door, items: Sequence[LongItem], ledger: RunLedger) -> None:
        """One item after another: the library's REPLs are one process each, and its threads share their output."""
        async with Peer(door, self.given.turns, self.given.room) as peer:
            for item in items:
                with self.client.watching(item.values) as seen:
                    right = await peer.ask(item)
                self.measured(PEER, item, right, seen.exposures, ledger)

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
        self.measured(arm, item, right, seen.exposures, ledger)

    def measured(self, arm: Arm, item: LongItem, right: bool, exposures: int, ledger: RunLedger) -> None:
        ledger.record(
            MeasureRow("", "correct", float(right), item.id),
            MeasureRow("", "exposures", float(exposures), item.id),
        )
        err.print(f"[dim]{arm.name}, {item.id}: {'right' if right else 'wrong'}", highlight=False)


if __name__ == "__main__":
    main()
