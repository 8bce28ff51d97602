"""Distillations of an experiment, cell by cell: each kept as a file when it is done, so that a run can go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from experiments.beside import beside
from experiments.perturbed import PERTURBED, SYMMETRIC, perturbed
from self_distill import wire
from self_distill.background import run_sync
from self_distill.certificates.certificate import GOLD
from self_distill.datasets.bbh import TASKS as BBH
from self_distill.datasets.load import load_dataset
from self_distill.distill.cascade import tried
from self_distill.distill.distillation import Distilled, Job
from self_distill.distill.figures import figures, tested
from self_distill.distill.maker import Attempt, Effort
from self_distill.distill.trial import Trial
from self_distill.distiller import Order, distilled
from self_distill.errors import DataError, ModelError
from self_distill.settings import Settings
from self_distill.task import Task
from self_distill.types import Example, Sampling

COPIES = 100
"""Perturbed copies that a rule is tried on."""
SEED = 42
GROUPS = ("bbh", "intents", "cola", "logs", "own")
SIZES = (500, 2_000, 0)
"""Examples that a rule for intents is distilled from; 0 is all."""
OWN = 2_000
"""Texts of our own generator."""
LOGS = ("bbh/cot/navigate", "bbh/cot/tracking_shuffled_objects_seven_objects", "gsm8k/gpt-4o-mini-2024-07-18")
"""Recorded answers that stand for a teacher."""
EFFORTS = {
    "strong": {"bbh": (3, 2), "intents": (1, 1), "cola": (2, 1), "logs": (1, 1), "own": (2, 1)},
    "weak": {"bbh": (1, 0), "intents": (1, 0), "cola": (1, 0), "logs": (1, 0), "own": (1, 0)},
}
"""(candidates, repairs) by the group of a cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One distillation: `source` is the data set, `n` how many of its examples (0: all), `held` whether it keeps a
    test part of its own. With a `teacher` the labels are a model's, and `gold` is the set that has the true ones."""

    group: str
    task: str
    source: str
    n: int = 0
    held: bool = False
    teacher: str = GOLD
    gold: str = ""

    @property
    def name(self) -> str:
        return self.source.replace("/", "-") + (f"-{self.n}" if self.n else "")


def cells(groups: Sequence[str]) -> list[Cell]:
    found = {
        "bbh": [Cell("bbh", f"bbh/{task}", f"bbh/{task}") for task in BBH],
        "intents": [
            Cell("intents", f"intents/{name}", name, n, held=True)
            for name in ("snips", "trec", "banking77", "clinc150")
            for n in SIZES
        ],
        "cola": [Cell("cola", "acceptability", "cola", held=True)],
        "logs": [_log(source) for source in LOGS],
        "own": [Cell("own", "pii", "pii", OWN)],
    }
    if unknown := [group for group in groups if group not in found]:
        raise DataError(f"no group {unknown[0]!r}; there are {', '.join(found)}")
    return [cell for group in groups for cell in found[group]]


def _asked(task: Task, row: Example) -> Example:
    """Our generator labels with all types of value; of a set, a task asks for its own labels."""
    if not task.many or not isinstance(row.label, list | tuple):
        return row
    return replace(row, label=[label for label in row.label if label in task.labels])


def _log(source: str) -> Cell:
    kind, _, name = source.rpartition("/")
    if kind == "gsm8k":
        return Cell("logs", "gsm8k", f"traces/{source}", teacher=name, gold="gsm8k")
    return Cell("logs", f"bbh/{name}", f"traces/{source}", teacher="code-davinci-002", gold=f"bbh/{name}")


@dataclass(frozen=True, slots=True)
class Bench:
    """What the cells of a run share. `tape` names the cassette of a cell; with `replay` it is played."""

    settings: Settings
    maker: str
    folder: Path
    tools: Path
    cassettes: Path | None
    replay: bool
    notice: Callable[[str], None]

    def run(self, cell: Cell) -> dict[str, Any]:
        """The cell's row, from its file if it was done before."""
        kept = self.folder / f"{cell.group}-{cell.name}.json"
        if kept.exists():
            row: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
            return row
        row = self._row(cell)
        part = kept.with_suffix(".part")
        part.write_text(json.dumps(row, indent=1), encoding="utf-8")
        part.replace(kept)
        return row

    def _row(self, cell: Cell) -> dict[str, Any]:
        task = wire.make_tasks(self.settings)[cell.task]
        examples = [_asked(task, row) for row in self._examples(cell.source, "train", cell.n)]
        own = self._examples(cell.source, "test", 0) if cell.held else None
        tape = self.cassettes / f"{cell.group}-{cell.name}.jsonl" if self.cassettes else None
        maker = f"replay/{tape}" if self.replay else self.maker
        if self.replay and not (tape and tape.exists()):
            raise DataError(f"{tape}: not recorded; run with --maker and --record first")
        job = Job(task, examples, maker, own, cell.teacher)
        settings, tools = self._world(cell)
        order = Order(
            job,
            tools,
            None if self.replay else tape,
            effort=self._effort(cell),
            notice=self.notice,
            told=self._told,
        )
        done, rules = run_sync(distilled(order, settings))
        found = {"group": cell.group, "source": cell.source, "n": len(examples), **figures(done, rules)}
        found["maker"] = self.maker
        found["perturbed"] = self._on_copies(cell, done)
        found["gold"] = self._on_gold(cell, done)
        found["beside"] = beside(task, self.settings.data) if cell.group == "bbh" else {}
        return found

    def _world(self, cell: Cell) -> tuple[Settings, Path]:
        """Who has 500 examples only has never tested on the others: each size counts its tests for itself."""
        if not cell.n or cell.group == "own":
            return self.settings, self.tools
        state = self.settings.state / f"only-{cell.n}"
        return self.settings.model_copy(update={"state": state}), self.tools / f"only-{cell.n}"

    def _examples(self, source: str, split: str, n: int) -> list[Example]:
        return load_dataset(source, split, n or None, SEED, self.settings.data)

    def _effort(self, cell: Cell) -> Effort:
        candidates, repairs = EFFORTS["weak" if self.maker.startswith("local/") else "strong"][cell.group]
        room = 1024 if self.maker.startswith("local/") else 4096
        return Effort(candidates, repairs, sampling=Sampling(max_tokens=room))

    def _told(self, attempt: Attempt) -> None:
        trial = attempt.trial
        counts = f"{trial.answered} of {trial.n} answered, {trial.wrong} wrong" if trial else attempt.problem
        self.notice(f"{attempt.name}: {counts}")

    def _on_copies(self, cell: Cell, done: Distilled) -> dict[str, Any] | None:
        """On perturbed copies, whose answers an independent solver gives, or where `by` says so a symmetry."""
        name = cell.source.rpartition("/")[2]
        if cell.group != "bbh" or name not in PERTURBED or not done.cascade:
            return None
        rows = perturbed(name, self._examples(cell.source, "train", 0), COPIES, SEED)
        by = "symmetry" if name in SYMMETRIC else "solver"
        return {"by": by, **tested(done, self._trial(done, rows))}

    def _on_gold(self, cell: Cell, done: Distilled) -> dict[str, Any] | None:
        """What the test items that were answered come to by the true labels, where the teacher was a model."""
        if not cell.gold or not done.cascade:
            return None
        truth = {row.text: row.label for row in self._examples(cell.gold, "test", 0)}
        rows = [replace(row, label=truth[row.text]) for row in done.evidence.test if row.text in truth]
        judged = replace(done, job=replace(done.job, teacher=GOLD))
        return tested(judged, self._trial(done, rows))

    def _trial(self, done: Distilled, rows: Sequence[Example]) -> Trial:
        async def work() -> Trial:
            sandbox = wire.make_sandbox()
            try:
                run = await tried(done.job.task, rows, done.cascade, sandbox)
                return run.trial(done.cascade)
            finally:
                await sandbox.close()

        return run_sync(work())


def failed(cell: Cell, maker: str, error: DataError | ModelError) -> dict[str, Any]:
    """A cell that could not be run, told as such."""
    return {"group": cell.group, "source": cell.source, "n": cell.n, "maker": maker, "error": str(error)}
