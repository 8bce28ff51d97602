"""Sub-calls of the same shape, found in what was asked: words that stay around a text that changes. Each is a task
that a rule may learn."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from self_distill.task import Task
from self_distill.types import AnswerRow, Json

FEWEST = 5
"""Different texts that make a shape."""
FRAME = 12
"""Characters that stay, at least."""
LABELS, LABEL = 12, 30
"""So many different answers of so many characters at most are a set of labels."""
_HEAD = re.compile(r"(?s).*(?:[:?>\"'`]\s+|\n)")
_TAIL = re.compile(r"(?s)(?:\n|\s*[\"'`<]|\s(?=\S)).*")
_WORD = re.compile(r"[a-z0-9]+")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Shape:
    """`tokens` are those of all its calls, `examples` its texts with the answers that the model gave."""

    task: Task
    calls: int
    tokens: int
    examples: dict[str, Json] = field(repr=False)

    @property
    def per_call(self) -> float:
        return self.tokens / self.calls

    def lines(self) -> str:
        rows = ({"text": text, "label": label} for text, label in self.examples.items())
        return "".join(json.dumps(row) + "\n" for row in rows)


def shapes(rows: Iterable[AnswerRow]) -> list[Shape]:
    """The shapes among free-form calls that a model answered, those that cost most first."""
    asked = [row for row in rows if row.by.startswith("model:") and row.text and not row.error]
    found: list[Shape] = []
    rest = {row.text for row in asked}
    for side in (_by_beginning, _by_end):
        for group in list(side(sorted(rest))):
            shape = _shape(group, [row for row in asked if row.text in group])
            if shape is not None:
                found.append(shape)
                rest -= group
    return sorted(_named(found), key=lambda shape: -shape.tokens)


def _by_beginning(texts: Sequence[str]) -> Iterator[set[str]]:
    return _runs(sorted(texts), lambda a, b: len(_common([a, b])) >= FRAME)


def _by_end(texts: Sequence[str]) -> Iterator[set[str]]:
    backwards = sorted(texts, key=lambda text: text[::-1])
    return _runs(backwards, lambda a, b: len(_common([a[::-1], b[::-1]])) >= FRAME)


def _runs(texts: Sequence[str], alike: Callable[[str, str], bool]) -> Iterator[set[str]]:
    run: list[str] = []
    for text in texts:
        if run and not alike(run[0], text):
            yield set(run)
            run = []
        run.append(text)
    yield set(run)


def _shape(group: set[str], rows: Sequence[AnswerRow]) -> Shape | None:
    if len(group) < FEWEST:
        return None
    before, after = _frame(sorted(group))
    if len(before.strip()) + len(after.strip()) < FRAME or "{text}" in before + after:
        return None
    examples = {row.text[len(before) : len(row.text) - len(after)]: row.value for row in rows}
    labels, answer = _space(list(examples.values()))
    words = f"{before.strip()} {after.strip()}".strip()
    name = "-".join(_WORD.findall(words.casefold())[:5])
    name = name if name[:1].isalpha() else f"task-{name}"
    task = Task(name, words, labels=labels, answer=answer, prompt=f"{before}{{text}}{after}")  # type: ignore[arg-type]  # one of its kinds
    return Shape(task, len(rows), sum(row.usage.total for row in rows), examples)


def _frame(texts: Sequence[str]) -> tuple[str, str]:
    """What all texts begin and end with, cut back to where a text can begin and end."""
    before = _common(texts)
    shortest = min(len(text) for text in texts)
    after = _common([text[::-1] for text in texts])[::-1][-max(1, shortest - len(before)) :]
    after = after if len(before) < shortest else ""
    head, tail = _HEAD.match(before), _TAIL.search(after)
    before = head[0] if head else before[: before.rfind(" ") + 1]
    return before, tail[0] if tail else ""


def _common(texts: Sequence[str]) -> str:
    """What all begin with: it is enough to compare the first and the last in order."""
    first, last = min(texts), max(texts)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return first[: sum(1 for _ in same)]


def _space(values: Sequence[Json]) -> tuple[tuple[str, ...], str]:
    """Labels if the answers are few and short, else what kind they are of."""
    texts = [str(value).strip() for value in values]
    counts = Counter(texts)
    if len(counts) <= min(LABELS, len(texts) // 3) and all(0 < len(text) <= LABEL for text in counts):
        return tuple(sorted(counts)), "label"
    return (), "number" if all(_NUMBER.fullmatch(text) for text in texts) else "string"


def _named(found: Sequence[Shape]) -> Iterator[Shape]:
    """No two with one name."""
    seen: Counter[str] = Counter()
    for shape in found:
        seen[shape.task.name] += 1
        if (times := seen[shape.task.name]) > 1:
            named = Task(
                f"{shape.task.name}-{times}",
                shape.task.instructions,
                labels=shape.task.labels,
                answer=shape.task.answer,
                prompt=shape.task.prompt,
            )
            yield Shape(named, shape.calls, shape.tokens, shape.examples)
        else:
            yield shape
