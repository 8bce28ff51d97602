"""The one way an experiment runs: load, make, ask arm by arm, record; every figure comes from the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from experiments.making import MAKING, Making, Notice, make_tools
from experiments.mix import Item, Share, items, train
from self_distill import wire
from self_distill.clients.tap import Tap
from self_distill.distill import prompts
from self_distill.distill.trial import majority
from self_distill.door import Errand
from self_distill.errors import AnswerError, SafetyError
from self_distill.macros.placeholders import label as placeholder_label
from self_distill.macros.scrub import NoMacros
from self_distill.macros.vault import Vault
from self_distill.pipeline import Parts, Request, Rules, solve
from self_distill.rules.dispatch import Dispatched, Dispatcher
from self_distill.rules.router import NoRouter
from self_distill.rules.store import Store
from self_distill.settings import Settings
from self_distill.task import Task
from self_distill.tracking.ledger import RunLedger
from self_distill.types import CallRow, MeasureRow, ModelRequest, Ruled, RuleRow, Sampling


@dataclass(frozen=True, slots=True)
class Arm:
    """One approach. `baseline` names the arm it is compared with; `scale` multiplies the shares; `spans`
    answers which types a text has from what the macros put into it."""

    name: str
    baseline: str = ""
    macros: bool = False
    rules: Literal["off", "certified", "uncertified"] = "off"
    routed: bool = False
    guided: bool = False
    spans: bool = False
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Experiment:
    name: str
    title: str
    shares: tuple[Share, ...]
    arms: tuple[Arm, ...]
    scales: tuple[int, ...] = ()
    """For an experiment at several scales: its arms are repeated at each."""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    model: str
    shares: tuple[Share, ...]
    arms: tuple[Arm, ...]
    seed: int = 42
    maker: str = ""
    data: Path | None = None
    tools: Path | None = None
    record: Path | None = None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run: its rows are in `ledger`; `constants` is the majority label of each task's train part."""

    experiment: Experiment
    options: Options
    ledger: RunLedger
    items: Mapping[str, Item]
    constants: Mapping[str, object]
    making: Mapping[str, int]
    """Tokens that making cost, by arm."""
    tools: Store


class SpansDispatcher:
    """Answers which types a scrubbed text has from the placeholders in it; all else goes to the rules."""

    def __init__(self, inner: Rules, tasks: Mapping[str, Task]) -> None:
        self._inner = inner
        self._labels = {name: task.labels for name, task in tasks.items() if task.many}

    async def decide(self, task_name: str, text: str, many: bool = False, mask: Collection[str] = ()) -> Dispatched:
        if task_name not in self._labels:
            return await self._inner.decide(task_name, text, many=many, mask=mask)
        found = [label for label in self._labels[task_name] if f"[{placeholder_label(label)}_" in text]
        row = RuleRow("", "macro:spans", "", "answer", value=found)
        return Dispatched(Ruled(found, "macro:spans"), (row,))


async def run(experiment: Experiment, options: Options, settings: Settings, ledger: RunLedger, notice: Notice) -> Ran:
    """Runs what is not done yet; raises what makes all further items pointless (a model that is down)."""
    tasks = wire.make_tasks(settings)
    sandbox = wire.make_sandbox()
    client = Tap(wire.make_client(settings, options.model))
    try:
        store = Store((options.tools,) if options.tools else settings.tool_folders)
        if options.maker:
            folder = options.tools or settings.state / "runs" / ledger.id / "tools"
            plan = Making(options.maker, folder, options.record)
            store = await make_tools(plan, settings, ledger.arm(MAKING), notice)
        bench = _Bench(options, settings, ledger, tasks, wire.Tools(store, sandbox), client, notice)
        asked: dict[str, Item] = {}
        for arm in options.arms:
            asked |= await bench.arm(arm)
        making = {arm.name: bench.making(arm) for arm in options.arms}
        return Ran(experiment, options, ledger, asked, bench.constants(), making, store)
    finally:
        await client.close()
        await sandbox.close()


@dataclass(slots=True)
class _Bench:
    """What the arms of one run share."""

    options: Options
    settings: Settings
    ledger: RunLedger
    tasks: dict[str, Task]
    tools: wire.Tools
    client: Tap
    notice: Notice
    guides: dict[str, str] = field(default_factory=dict)

    async def arm(self, arm: Arm) -> dict[str, Item]:
        asked = items(self.options.shares, self.tasks, self.options.seed, self.options.data, arm.scale)
        ledger = self.ledger.arm(arm.name)
        tasks = await self._guided() if arm.guided else self.tasks
        parts = self._parts(arm, ledger, tasks)
        # An answer without its measures was cut off between the two: it is asked again.
        measured = {row.item for row in ledger.rows() if isinstance(row, MeasureRow) and row.name == "exposures"}
        done = ledger.done_items() & measured
        for number, item in enumerate(asked):
            self.notice(arm.name, number, len(asked))
            if item.id not in done:
                await self._ask(parts, arm, replace(item, task=tasks[item.task.name]), ledger)
        await parts.watcher.close()
        self.notice(arm.name, len(asked), len(asked))
        return {item.id: item for item in asked}

    async def _ask(self, parts: Parts, arm: Arm, item: Item, ledger: RunLedger) -> None:
        task = None if arm.routed else item.task
        request = Request(item.example.text, task, item=item.id, otherwise=item.task)
        with self.client.watching(item.gold_values) as seen:
            try:
                answer = await solve(parts, request)
                correct = item.task.score(answer.value, item.example.label)
            except (AnswerError, SafetyError):
                correct = False
        ledger.record(
            MeasureRow("", "correct", float(correct), item.id),
            MeasureRow("", "exposures", float(seen.exposures), item.id),
        )

    def _parts(self, arm: Arm, ledger: RunLedger, tasks: dict[str, Task]) -> Parts:
        store = self.tools.store if arm.rules != "off" else Store(())
        tools = replace(self.tools, store=store, uncertified=arm.rules == "uncertified")
        mine = {share.task: tasks[share.task] for share in self.options.shares}
        # Repeats are part of what is measured, so no reply is remembered.
        fresh = self.settings.model_copy(update={"remembered": 0})
        door = wire.make_door(fresh, self.client, ledger, self._record())
        macros = wire.macros_in_use(self.settings) if arm.macros else NoMacros()
        trust = tools.trust(self.settings, macros)
        dispatcher = Dispatcher(trust, tools.sandbox)
        rules = SpansDispatcher(dispatcher, mine) if arm.spans else dispatcher
        router = wire.make_router(trust, mine, tools.sandbox) if arm.routed else NoRouter()
        watcher = wire.make_watcher(self.settings, store, ledger, door)
        return Parts(macros, rules, router, door, ledger, mine, watcher)

    def _record(self) -> Path | None:
        """One cassette holds one model's replies: with a maker it is the maker's."""
        return None if self.options.maker else self.options.record

    async def _guided(self) -> dict[str, Task]:
        """The tasks with a guide in their instructions, which the model writes once per run."""
        for share in self.options.shares:
            if share.task not in self.guides and share.n:
                task = self.tasks[share.task]
                few = train(share, task, 12, self.options.data)
                request = ModelRequest(
                    self.client.name,
                    prompts.guide(task, few),
                    Sampling(max_tokens=256),
                    label=f"guide {task.name}",
                )
                door = wire.make_door(self.settings, self.client, self.ledger.arm(MAKING), self._record())
                reply = await door.ask(request, Errand(self.ledger.id, Vault(), "making"))
                self.guides[task.name] = reply.text.strip()
        return {
            name: replace(task, instructions=f"{task.instructions}\n{self.guides.get(name, '')}".strip())
            for name, task in self.tasks.items()
        }

    def constants(self) -> dict[str, object]:
        return {
            share.task: majority(train(share, self.tasks[share.task], 500, self.options.data))
            for share in self.options.shares
            if share.n
        }

    def making(self, arm: Arm) -> int:
        """Guides are paid in this run; tools when they were made, as their cards say."""
        total = 0
        if arm.guided:
            total += sum(
                row.usage.total
                for row in self.ledger.arm(MAKING).rows()
                if isinstance(row, CallRow) and row.label.startswith("guide ")
            )
        mine = {share.task for share in self.options.shares}
        for rule in self.tools.store.rules():
            certified = arm.rules == "certified" and rule.status == "certified" and rule.task in mine
            total += rule.card.tokens_making if certified or arm.rules == "uncertified" else 0
        return total
