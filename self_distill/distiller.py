"""Settings become a distillation: the library's way to `self-distill distill`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from self_distill import wire
from self_distill.budget import Budget, Limits
from self_distill.certificates.counter import Tally
from self_distill.clients.replay import author
from self_distill.distill.compared import Compared, compared
from self_distill.distill.craft import MacroCraft
from self_distill.distill.distillation import Compare, Distilled, Job, Make, Notice, distil, keep
from self_distill.distill.evidence import Evidence
from self_distill.distill.inductive import NAME, InductiveMaker
from self_distill.distill.install import install
from self_distill.distill.lock import alone
from self_distill.distill.maker import Attempt, Effort, ModelMaker
from self_distill.distill.scrubbing import Covered
from self_distill.distill.spans import Macro, MakeMacro, distil_macro, install_macro
from self_distill.distill.trial import Trial, tried
from self_distill.door import Door, Errand
from self_distill.errors import DataError
from self_distill.macros.scrub import Macros, NoMacros
from self_distill.macros.vault import Vault
from self_distill.macros.version import macro_version
from self_distill.protocols import Interpreter
from self_distill.rules import toolkit
from self_distill.rules.rule import Rule
from self_distill.sandbox.pool import Sandbox
from self_distill.settings import Settings
from self_distill.tracking.ledger import RunLedger
from self_distill.types import Example, Sampling, Usage

ROOM = 4096
"""Tokens of one program at most."""


@dataclass(frozen=True, slots=True)
class Order:
    """What `distill` is called with. `record` keeps the maker's replies; without it they are kept in the state folder,
    so that an interrupted making is not paid twice. `given` rules are put to the test instead of new ones. `macros` are
    those that the rules will act behind, if not those of the settings. `auditor` is a model that is asked about the
    certify items too: it may audit the certified rules, and is compared with them."""

    job: Job
    folder: Path
    record: Path | None = None
    tokens: int | None = None
    effort: Effort = field(default_factory=lambda: Effort(sampling=Sampling(max_tokens=ROOM)))
    by_hand: bool = False
    given: tuple[Rule, ...] = ()
    macros: Macros | NoMacros | None = None
    auditor: str = ""
    notice: Notice = lambda line: None
    told: Callable[[Attempt], None] = lambda attempt: None


async def distilled(order: Order, settings: Settings) -> tuple[Distilled, tuple[Rule, ...]]:
    """The outcome and the rules written to the folder. Raises `DataError` for examples that can prove nothing, and
    what a failing macro or sandbox raises; a maker that fails is a refusal."""
    job, folder = order.job, _made(order.folder)
    ledger, sandbox = wire.make_ledger(settings), wire.make_sandbox()
    door: Door | None = None
    second: Door | None = None
    budget = Budget(Limits(tokens=order.tokens))
    try:
        with alone(settings.state, job.task.name, folder), ledger.run("distill", _params(job)) as run:
            if order.given:
                make = as_given(order, sandbox)
            elif job.maker == NAME:
                make = by_induction(order, sandbox)
            else:
                door = _door(order, settings, run, job.maker)
                make = by_model(order, door, sandbox, run, budget)
                job = replace(job, maker=author(job.maker))
            tally = Tally(settings.state, folder)
            # The macros that will be there where these rules act: those of their own folder.
            macros = order.macros or wire.macros_in_use(settings.model_copy(update={"tools": (folder,)}))
            job = replace(job, macros=macro_version(macros, job.task.mask), audit=settings.audit_rate)
            compare: Compare | None = None
            if order.auditor:
                second = _door(order, settings, run, order.auditor, "beside ")
                compare = by_auditor(order, second, run, budget)
            done = await distil(job, macros, make, sandbox, tally, run, order.notice, compare)
            return done, install(done, folder, order.by_hand or settings.approve_by_hand, order.given)
    finally:
        for one in (door, second):
            if one:
                await one.close()
        await sandbox.close()
        ledger.close()


async def distilled_macro(order: Order, settings: Settings) -> tuple[Macro, Rule | None]:
    """The same for a macro: the task's name is the type of value. The rule is what was written to the folder."""
    job, folder = order.job, _made(order.folder)
    ledger, sandbox = wire.make_ledger(settings), wire.make_sandbox()
    door: Door | None = None
    try:
        with alone(settings.state, f"macro {job.task.name}", folder), ledger.run("distill", _params(job)) as run:
            door = _door(order, settings, run, job.maker)
            make = macro_by_model(order, door, sandbox, run)
            macros, tally = wire.make_macros(settings.macros), Tally(settings.state, folder)
            done = await distil_macro(job.task, job.examples, author(job.maker), macros, make, sandbox, tally)
            return done, install_macro(done, folder) if done.code else None
    finally:
        if door:
            await door.close()
        await sandbox.close()
        ledger.close()


def macro_by_model(order: Order, door: Door, sandbox: Sandbox, run: RunLedger) -> MakeMacro:
    budget = Budget(Limits(tokens=order.tokens))

    async def make(train: Sequence[Example], known: Vault) -> list[Attempt]:
        maker = ModelMaker(door, sandbox, order.effort, toolkit.summary(), order.told, MacroCraft())
        rows = Covered(tuple(train), known).tellable(train)
        attempts = await maker.make(order.job.task, rows, Errand(run.id, known, "making", budget=budget))
        keep(run, order.job.task, attempts)
        return attempts

    return make


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror or error}") from None
    return folder


def by_model(order: Order, door: Door, sandbox: Sandbox, run: RunLedger, budget: Budget) -> Make:
    """A model writes programs; it sees only train items in which no masked value stands in clear."""

    async def make(evidence: Evidence, hidden: Covered) -> list[Attempt]:
        maker = ModelMaker(door, sandbox, order.effort, toolkit.summary(), order.told)
        errand = Errand(run.id, hidden.known, "making", budget=budget)
        return await maker.make(order.job.task, hidden.tellable(evidence.train), errand)

    return make


def by_auditor(order: Order, door: Door, run: RunLedger, budget: Budget) -> Compare:
    """A model that is asked what the certified rules answered, with what making left of the budget."""
    task = order.job.task

    async def compare(trial: Trial, hidden: Covered) -> Compared:
        tellable = {example.text for example in hidden.tellable([one.example for one in trial.outcomes])}
        asked = [one for one in trial.outcomes if one.example.text in tellable]
        errand = Errand(run.id, hidden.known, "making", budget=budget)
        return await compared(task, asked, door, errand, 1 - task.confidence)

    return compare


def by_induction(order: Order, sandbox: Interpreter) -> Make:
    """Nobody is asked: rules are learned from train, and select says how sure they must be to answer."""

    async def make(evidence: Evidence, hidden: Covered) -> list[Attempt]:
        maker = InductiveMaker(evidence.select, sandbox, order.told)
        return await maker.make(order.job.task, evidence.train)

    return make


def as_given(order: Order, sandbox: Interpreter) -> Make:
    """Rules that are there already, at the price that their making had."""

    async def make(evidence: Evidence, hidden: Covered) -> list[Attempt]:
        return [
            Attempt(
                place,
                0,
                Usage(rule.card.tokens_making),
                rule.code,
                await tried(rule.code, order.job.task, evidence.train, sandbox),
            )
            for place, rule in enumerate(order.given, 1)
        ]

    return make


def _params(job: Job) -> dict[str, str | int | float]:
    return {"task": job.task.name, "maker": job.maker, "teacher": job.teacher, "risk": job.task.risk}


def _door(order: Order, settings: Settings, run: RunLedger, model: str, what: str = "") -> Door:
    """Its replies are kept, those of `what` beside the maker's, so that an interrupted making pays them once."""
    name = hashlib.sha256(f"{what}{order.job.task.name}\n{model}".encode()).hexdigest()[:16]
    tape: Path | None = settings.state / "making" / f"{name}.jsonl"
    if model.startswith("replay/") or (order.record and not what):
        tape = order.record if not what else None
    elif order.record:
        tape = order.record.with_stem(f"{order.record.stem}-auditor")
    return wire.make_door(settings, wire.make_client(settings, model), run, tape)
