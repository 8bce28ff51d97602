"""A task from examples: the answer space is what their labels show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isfinite

from self_distill.errors import DataError
from self_distill.task import Task
from self_distill.types import Example, Json

MOST_LABELS = 200
REPEATED = 5
"""Examples that a label has on the average, where answers are labels and no free text."""


def new_task(name: str, instructions: str, examples: Sequence[Example]) -> Task:
    """Raises `DataError` where no example has a label."""
    labels = [row.label for row in examples if row.label not in (None, "")]
    if not labels:
        raise DataError("no example has a label, so there is no answer space to see")
    return _guessed(name, instructions, labels, any(row.group for row in examples))


def _guessed(name: str, instructions: str, labels: Sequence[Json], grouped: bool) -> Task:
    group = "group" if grouped else ""
    if all(isinstance(label, list | tuple) for label in labels):
        single = sorted({str(item) for label in labels if isinstance(label, list | tuple) for item in label})
        return Task(name, instructions, tuple(single), many=True, group=group)
    if all(_number(label) for label in labels):
        return Task(name, instructions, answer="number", group=group)
    if not all(isinstance(label, str | bool | int | float) for label in labels):
        return Task(name, instructions, answer="json", group=group)
    counts = Counter(str(label) for label in labels)
    few = len(counts) <= MOST_LABELS and len(counts) * REPEATED <= len(labels)
    if few and len(counts) > 1 and all(isinstance(label, str) for label in labels):
        return Task(name, instructions, tuple(sorted(counts)), group=group)
    return Task(name, instructions, answer="string", group=group)


def _number(label: Json) -> bool:
    if isinstance(label, bool):
        return False
    if isinstance(label, int | float):
        return True
    try:
        return isinstance(label, str) and isfinite(float(label.replace(",", "")))
    except ValueError:
        return False
