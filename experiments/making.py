"""Tools for an experiment: a maker is asked for each once; what it writes becomes a candidate on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.mix import TOOLS, ToolPlan
from self_distill import wire
from self_distill.distill.maker import Attempt, Effort, ModelMaker, best_of, spent
from self_distill.door import Errand
from self_distill.macros.vault import Vault
from self_distill.rules import toolkit
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.settings import Settings
from self_distill.tracking.ledger import RunLedger
from self_distill.types import MeasureRow

MAKING = "making"
"""The arm of a run that tools and guides are made in."""

Notice = Callable[[str, int, int], None]
"""Hears (what, done, of) as work goes on."""


@dataclass(frozen=True, slots=True)
class Making:
    """`record` keeps the maker's replies; tools are written to `folder`."""

    maker: str
    folder: Path
    record: Path | None = None


async def make_tools(making: Making, settings: Settings, ledger: RunLedger, notice: Notice) -> Store:
    """Has the maker write every tool that is not in the folder yet."""
    folder = making.folder
    sandbox = wire.make_sandbox()
    door = wire.make_door(settings, wire.make_client(settings, making.maker), ledger, making.record)
    try:
        for number, plan in enumerate(TOOLS):
            notice(f"making {plan.path}", number, len(TOOLS))
            if Store((folder,)).named(plan.path) is None:
                maker = ModelMaker(door, sandbox, Effort(), toolkit.summary())
                attempts = await maker.make(plan.task, plan.examples(), Errand(ledger.id, Vault(), "making"))
                _keep(plan, attempts, maker.name, folder, ledger)
    finally:
        await door.close()
        await sandbox.close()
    notice("making", len(TOOLS), len(TOOLS))
    return Store((folder,))


def _keep(plan: ToolPlan, attempts: Sequence[Attempt], maker: str, folder: Path, ledger: RunLedger) -> None:
    """The best attempt becomes a candidate, which no pipeline uses but an experiment."""
    for attempt in attempts:
        trial, name = attempt.trial, f"{plan.path} {attempt.name}"
        ledger.record(MeasureRow(ledger.id, "made", float(trial is not None), name))
        if trial:
            ledger.record(MeasureRow(ledger.id, "train_right", float(trial.answered - trial.wrong), name))
            ledger.record(MeasureRow(ledger.id, "train_wrong", float(trial.wrong), name))
    best = best_of(attempts, plan.task.risk)
    if best is not None:
        rule = Rule.candidate(
            plan.path,
            plan.joins,
            best.code,
            maker=maker,
            tokens_making=spent(attempts).total,
            label=plan.label,
        )
        Store.write(rule, folder)
