"""Negative controls: rules learned from shuffled labels, which nothing can predict, are put to the gate.

`self-distill run exp005 --groups controls`. None may be certified at 5 %; at a risk just below their true error, which
is known because the labels were drawn without looking at the texts, at most a share delta of them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from self_distill import wire
from self_distill.background import run_sync
from self_distill.certificates.bounds import interval
from self_distill.certificates.issue import Terms, barred, judge
from self_distill.datasets.bbh import TASKS as BBH
from self_distill.datasets.load import load_dataset
from self_distill.distill.cascade import Candidate, Run, seen, tried
from self_distill.distill.distillation import Job, paying
from self_distill.distill.evidence import Evidence, gather
from self_distill.distill.inductive import induce
from self_distill.protocols import Interpreter
from self_distill.rules.store import Store
from self_distill.settings import Settings
from self_distill.task import Task
from self_distill.types import Example, Ruled, Usage

SETS = {
    **{f"bbh/{task}": f"bbh/{task}" for task in BBH if task != "word_sorting"},
    **{f"intents/{name}": name for name in ("snips", "trec", "banking77", "clinc150")},
    "acceptability": "cola",
}
"""Task -> data set; word_sorting has as many labels as texts, and shuffling them leaves nothing to learn."""
SHUFFLES = 10
MOST = 600
NEAR = 0.98
"""Share of the true error that is asked for in the second control."""


@dataclass(frozen=True, slots=True)
class Control:
    """One rule on shuffled labels; `error` is its true error rate there."""

    source: str
    answered: int
    wrong: int
    error: float
    at_task: bool
    at_near: bool


def controls(settings: Settings, tools: Path, notice: Callable[[str], None]) -> dict[str, Any]:
    """All sets; also programs that were made for the true labels and lie in `tools`."""
    tasks = wire.make_tasks(settings)
    store = Store((tools,))
    found: list[Control] = []
    sandbox = wire.make_sandbox()
    try:
        for name, source in SETS.items():
            rows = load_dataset(source, "train", data=settings.data)
            made = [rule.code for rule in store.rules() if rule.task == name]
            for shuffle in range(SHUFFLES):
                found += _shuffled(tasks[name], source, rows, shuffle, made, sandbox)
            notice(f"{source}: {sum(c.source == source for c in found)} candidates")
    finally:
        run_sync(sandbox.close())
    return summary(found)


def _shuffled(
    task: Task, source: str, rows: Sequence[Example], seed: int, made: Sequence[str], sandbox: Interpreter
) -> Iterator[Control]:
    rng = random.Random(seed)
    rows = rng.sample(list(rows), min(MOST, len(rows)))
    labels = [row.label for row in rows]
    rng.shuffle(labels)
    evidence = gather(task, [replace(row, label=label) for row, label in zip(rows, labels, strict=True)])
    codes = [*induce(task, evidence.train, evidence.select), *made]
    for code in dict.fromkeys(codes):
        candidate = Candidate(code, "control", "")
        run = run_sync(tried(task, evidence.certify, [candidate], sandbox))
        yield _control(task, source, evidence, run, candidate)


def _control(task: Task, source: str, evidence: Evidence, run: Run, candidate: Candidate) -> Control:
    trial = run.trial([candidate])
    error = _true_error(task, evidence, run, candidate)

    def passes(alpha: float) -> bool:
        if not 0 < alpha < 1:
            return False
        terms = replace(Terms.of(task), alpha=alpha)
        pay = paying(Job(task, (), "control"), evidence, Usage(), trial.coverage)
        if barred(terms, evidence.constant_error(task), 0, pay):
            return False
        return judge(seen(task, trial, evidence.constant), terms, 1).certified

    return Control(source, trial.answered, trial.wrong, error, passes(task.risk), passes(error * NEAR))


def _true_error(task: Task, evidence: Evidence, run: Run, candidate: Candidate) -> float:
    """Of an answer to a text whose label is drawn from all labels of the set."""
    rows = [row for part in evidence.parts.values() for row in part]
    shares = Counter(str(row.label) for row in rows)
    answers = [str(d.value) for d in run.decisions[candidate.hash] if isinstance(d, Ruled)]
    return 1 - sum(shares[a] for a in answers) / len(answers) / len(rows) if answers else 1.0


def summary(found: Sequence[Control]) -> dict[str, Any]:
    answering = [c for c in found if c.answered]

    def share(k: int, n: int) -> dict[str, Any]:
        low, high = interval(k, n)
        return {"k": k, "n": n, "low": low, "high": high}

    return {
        "sets": len({c.source for c in found}),
        "candidates": len(found),
        "answering": len(answering),
        "certified_at_risk": share(sum(c.at_task for c in found), len(found)),
        "certified_just_below_true_error": share(sum(c.at_near for c in answering), len(answering)),
    }
