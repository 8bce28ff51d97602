"""What an experiment asks: shares of data sets, mixed into one seeded stream of items, and what to make tools from."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from self_distill.datasets import acceptability, load_dataset, synthetic_pii
from self_distill.errors import DataError
from self_distill.task import Task
from self_distill.types import Example

TRAIN_SEED = 7_000_003
"""Far from any seed that a run gets: what tools are made from is never what they are tested on."""
POOL = 12
"""How many texts are generated for each that is asked."""


@dataclass(frozen=True, slots=True)
class Share:
    """`flags` are the option's names, of the predecessor too; `split` is what is asked, never what is learned."""

    flags: tuple[str, ...]
    dataset: str
    task: str
    n: int
    split: str = "test"


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    task: Task
    example: Example

    @property
    def gold_values(self) -> tuple[str, ...]:
        return tuple({self.example.text[s.start : s.end] for s in self.example.spans})


def items(shares: Sequence[Share], tasks: dict[str, Task], seed: int, data: Path | None, scale: int = 1) -> list[Item]:
    """The shares, `scale` times as large, shuffled; a smaller scale asks a part of what a larger one asks."""
    mixed = [
        Item(f"{share.dataset}:{e.id}", tasks[share.task], e)
        for share in shares
        if share.n
        for e in drawn(share.dataset, share.split, tasks[share.task], share.n * scale, seed, data)
    ]
    random.Random(seed).shuffle(mixed)
    return mixed


def for_task(task: Task, example: Example) -> Example:
    """A set of labels, cut to those that the task asks about; its spans stay, for exposures count all values."""
    if task.kind != "labels" or not isinstance(example.label, list | tuple):
        return example
    return replace(example, label=[label for label in example.label if label in task.labels])


def drawn(dataset: str, split: str, task: Task, n: int, seed: int, data: Path | None) -> list[Example]:
    """`n` examples. Most generated texts hold none of the types that a set task asks about, and the empty set
    would be right nearly always: of those, only every third example may be one."""
    if task.kind != "labels":
        return load_dataset(dataset, split, n=n, seed=seed, data=data)
    kept: list[Example] = []
    for example in load_dataset(dataset, split, n=n * POOL, seed=seed, data=data):
        cut = for_task(task, example)
        if cut.label or sum(not e.label for e in kept) * 3 < len(kept):
            kept.append(cut)
        if len(kept) == n:
            return kept
    raise DataError(f"{dataset}: too few texts hold one of {', '.join(task.labels)}")


def train(share: Share, task: Task, n: int, data: Path | None) -> list[Example]:
    return drawn(share.dataset, "train", task, n, TRAIN_SEED, data)


@dataclass(frozen=True, slots=True)
class ToolPlan:
    """A tool that a maker is asked for: where it goes (`category/name`), which task's cascade it joins, for
    which label of a set if for one, and what it is made from."""

    path: str
    joins: str
    task: Task
    examples: Callable[[], list[Example]]
    label: str = ""


def _detector(type_: str, question: str) -> ToolPlan:
    name = type_.lower()
    task = Task(f"pii_{name}", question, labels=("yes", "no"))

    def examples() -> list[Example]:
        texts = synthetic_pii.generate(600, TRAIN_SEED)
        rows = [replace(e, label="yes" if type_ in e.label else "no") for e in texts]  # type: ignore[operator]  # labels of this generator are lists
        return _balanced(rows, 40)

    return ToolPlan(f"pii/{name}_detector", "pii", task, examples, type_)


def _balanced(rows: Sequence[Example], each: int) -> list[Example]:
    by_label: dict[str, list[Example]] = {}
    for row in rows:
        by_label.setdefault(str(row.label), []).append(row)
    return [row for label in sorted(by_label) for row in by_label[label][:each]]


def _routing() -> list[Example]:
    sentences = [replace(e, label="acceptability") for e in acceptability.generate(40, TRAIN_SEED)]
    return sentences + [replace(e, label="pii") for e in synthetic_pii.generate(40, TRAIN_SEED)]


CLASSIFIER = Task(
    "task_classifier",
    "Which sub-task is this text for? acceptability: one sentence whose grammar is to be judged. "
    "pii: a message, form, note or log that is to be searched for personal data.",
    labels=("acceptability", "pii"),
)
GRAMMAR = Task("acceptability", "Is the sentence grammatically acceptable English?", labels=("yes", "no"))

TOOLS = (
    ToolPlan("classifiers/task_classifier", "task_classifier", CLASSIFIER, _routing),
    ToolPlan("grammar/basic_grammar", "acceptability", GRAMMAR, lambda: acceptability.generate(120, TRAIN_SEED)),
    _detector("EMAIL", "Does the text contain an e-mail address?"),
    _detector("PHONE", "Does the text contain a telephone number?"),
    _detector("SSN", "Does the text contain a US social security number?"),
    _detector("IP", "Does the text contain an IP address (version 4 or 6)?"),
)
