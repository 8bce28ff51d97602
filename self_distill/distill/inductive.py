"""A maker without a model: rules learned from labelled texts, written out as programs that can be read.

Three kinds, each where it fits: points (marks speak for answers, the one that leads answers), a decision list (the
first mark decides), and a computation (the answer follows from the text by a small known program).
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from self_distill.distill import marks as runtime
from self_distill.distill.computed import NUMBERS, STRINGS, Computation
from self_distill.distill.decisions import decided
from self_distill.distill.items import label_key
from self_distill.distill.maker import Attempt
from self_distill.distill.marks import CUT, WORD, by_first, marks, ranked
from self_distill.distill.program import MOST_BYTES, MOST_LINES, NoProgram, Rows, program
from self_distill.distill.threshold import Scored, best_cut
from self_distill.distill.trial import tried
from self_distill.distill.weights import learned
from self_distill.door import Errand
from self_distill.errors import AnswerError
from self_distill.protocols import Interpreter
from self_distill.task import Task
from self_distill.types import Example, Json, Usage

NAME = "inductive"
MOST_ANSWERS, MOST_NAMES = 200, MOST_BYTES // 2
"""Lines of a table, and bytes of what stands before their marks: rarer answers are left to the model."""
ABSTAIN = "null"
"""Answer to texts whose label is outside the answer space: that they are such texts can be learned too."""
CAREFUL = 4
"""Care of a rule that should hardly fail: its chance of passing counts so many times."""
REPEATED = 3
"""Examples that an answer has on the average, where answers are labels in effect."""
TRIED = 1_000
"""Train rows that a finished rule is run on: they show that it runs, not what it is worth."""

_HEAD = """\
# Learned from {n:,} labelled texts, without a model: {kind}.
# A mark is a word cut to {cut} letters, two neighbours as a_b (^ and $ are the ends), # a number, ~8 fewer than
# eight words, ~Cap or ~CAPS capitals within.
import json
import re

CUT = {cut}
WORD = re.compile(r"{word}")


"""
_POINTS = '''\
# An answer has the points that stand before its marks; it is given when it leads by LEAD.
LEAD = {lead}
TABLE = r"""
{table}
"""


def run(text):
    return by_points(marks(text), TABLE, LEAD)
'''
_LIST = '''\
# The first line that has one of the text's marks decides.
TABLE = r"""
{table}
"""


def run(text):
    return by_first(marks(text), TABLE)
'''
_COMPUTED = """\
# Found among {of} small programs on {n:,} labelled texts, without a model.
import math
import re


{source}

def run(text):
    return {name}(text)
"""


@dataclass(frozen=True, slots=True)
class Learning:
    """What a rule is learned from: `classes` are the answers worth learning, in JSON, the most frequent first."""

    task: Task
    train: Sequence[Example]
    select: Sequence[Example]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, task: Task, train: Sequence[Example], select: Sequence[Example]) -> Learning:
        counts = Counter(_key(task, row.label) for row in train)
        frequent = sorted(counts, key=lambda key: (-counts[key], key))
        few = task.labels or len(frequent) * REPEATED <= len(train)
        sizes = accumulate(len(f"{key} <-  \n".encode()) for key in frequent)
        fitting = [key for key, size in zip(frequent, sizes, strict=True) if size <= MOST_NAMES]
        return cls(task, train, select, tuple(fitting[:MOST_ANSWERS]) if few else ())

    @property
    def places(self) -> list[int]:
        """For each train row the place of its answer; behind the last one for what is not worth learning."""
        place = {key: i for i, key in enumerate(self.classes)}
        return [place.get(_key(self.task, row.label), len(place)) for row in self.train]

    @property
    def delta(self) -> float:
        return 1 - self.task.confidence

    def right(self, answer: str, row: Example) -> bool:
        return self.task.score(json.loads(answer), row.label)


def _key(task: Task, label: Json) -> str:
    """JSON in which no arrow stands, for that ends it in a table."""
    try:
        task.checked(label)
    except AnswerError:
        return ABSTAIN
    return label_key(label).replace("<", "\\u003c")


def induce(task: Task, train: Sequence[Example], select: Sequence[Example]) -> list[str]:
    """Programs for the task, none where nothing fits. `select` sets how sure they must be to answer."""
    learning = Learning.of(task, train, select)
    codes: list[str] = []
    if len(learning.classes) > 1:
        found = [marks(row.text) for row in train]
        codes = [*_points(learning, found), _list(learning, found)]
    computed = _computed(learning) if task.kind in ("string", "number") else ""
    return [code for code in (*codes, computed) if code]


@dataclass(frozen=True, slots=True)
class InductiveMaker:
    """Stands where a `ModelMaker` does and costs no token. `select` is the part for thresholds."""

    select: Sequence[Example]
    interpreter: Interpreter
    notice: Callable[[Attempt], None] = lambda attempt: None

    @property
    def name(self) -> str:
        return NAME

    async def make(self, task: Task, train: Sequence[Example], errand: Errand | None = None) -> list[Attempt]:
        """One attempt for each kind of rule that fits; one with a problem where none does."""
        codes = await asyncio.to_thread(induce, task, train, self.select)
        rows = Rows(row.text for row in (*train, *self.select))
        attempts = []
        for number, code in enumerate(codes, 1):
            try:
                checked = program(f"```python\n{code}```", rows)
            except NoProgram as error:
                attempts.append(Attempt(number, 0, Usage(), problem=str(error)))
            else:
                trial = await tried(checked, task, train[:TRIED], self.interpreter)
                attempts.append(Attempt(number, 0, Usage(), checked, trial))
        if not attempts:
            told = "answers are no labels that repeat, and none of the small programs computes them from the text"
            attempts.append(Attempt(1, 0, Usage(), problem=f"the inductive maker has nothing for this task: {told}"))
        for attempt in attempts:
            self.notice(attempt)
        return attempts


def _points(learning: Learning, found: Sequence[set[str]]) -> list[str]:
    """Two rules from one table: one that can expect to answer most, one more careful, should the first fail."""
    head = _head(learning, "words and their points", runtime.ranked, runtime.by_points)
    room = MOST_BYTES - len((head + _POINTS).encode())
    lines = sum(len(f"{answer} <-  \n".encode()) for answer in learning.classes)
    tables = learned(found, learning.places, room - lines)[: len(learning.classes)]
    table = _fitted(dict(zip(learning.classes, tables, strict=False)), room)
    if not table:
        return []
    scored = []
    for row in learning.select:
        (points, answer, _), (second, _, _) = ranked(marks(row.text), table)[:2]
        if points > second and answer != ABSTAIN:
            scored.append(Scored(points - second, learning.right(answer, row)))
    cuts = [best_cut(scored, learning.task.risk, learning.delta, care) for care in (1, CAREFUL)]
    leads = dict.fromkeys(int(cut.sure) for cut in cuts if cut)
    return [head + _POINTS.format(lead=lead, table=table) for lead in leads]


def _fitted(tables: dict[str, dict[str, int]], room: int) -> str:
    """The table, after the weakest marks of the longest lines have made room."""
    lines = {answer: _line(answer, points) for answer, points in tables.items() if points}
    while sum(len(line.encode()) + 1 for line in lines.values()) > room:
        longest = max(lines, key=lambda answer: len(lines[answer]) - len(answer))
        lines[longest] = lines[longest].rstrip().rsplit(" ", 1)[0] + " "
    return "\n".join(lines.values())


def _line(answer: str, points: dict[str, int]) -> str:
    """`"label" <- 7 mark mark 3 mark`, the strongest first."""
    groups: dict[int, list[str]] = {}
    for mark, value in points.items():
        groups.setdefault(value, []).append(mark)
    listed = (f"{value} {' '.join(sorted(groups[value]))}" for value in sorted(groups, reverse=True))
    return f"{answer} <- {' '.join(listed)} "


def _list(learning: Learning, found: Sequence[set[str]]) -> str:
    """As many of the surest marks as the select part bears out and a person may read."""
    entries = [entry for entry in decided(found, learning.places) if entry[2] < len(learning.classes)]
    head = _head(learning, "a decision list", runtime.by_first)
    frame = head + _LIST
    most, room = MOST_LINES - len(frame.splitlines()), MOST_BYTES - len(frame.encode())
    shares = {mark: share for share, mark, _ in entries}
    table = _joined(entries, learning.classes, most, room)
    if not table:
        return ""
    scored = []
    for row in learning.select:
        first = by_first(marks(row.text), table)
        if first is not None and first[0] is not None:
            scored.append(Scored(shares[first[1]], learning.task.score(first[0], row.label)))
    cut = best_cut(scored, learning.task.risk, learning.delta, CAREFUL)
    if cut is None:
        return ""
    sure = [entry for entry in entries if entry[0] >= cut.sure]
    return head + _LIST.format(table=_joined(sure, learning.classes, most, room))


def _joined(entries: Iterable[tuple[float, str, int]], classes: Sequence[str], most: int, room: int) -> str:
    """The table: marks in order, neighbours with one answer on one line, as long as lines and bytes last."""
    lines: list[tuple[str, list[str]]] = []
    for _, mark, place in entries:
        answer = classes[place]
        new = not lines or lines[-1][0] != answer
        room -= len(mark.encode()) + 1 + (len(f"{answer} <-  ".encode()) if new else 0)
        if room < 0 or (new and len(lines) == most):
            break
        if new:
            lines.append((answer, []))
        lines[-1][1].append(mark)
    return "\n".join(f"{answer} <- {' '.join(listed)} " for answer, listed in lines)


def _head(learning: Learning, kind: str, *functions: Callable[..., object]) -> str:
    head = _HEAD.format(n=len(learning.train), kind=kind, cut=CUT, word=WORD.pattern)
    return head + "\n\n".join(_sources((runtime.marks, runtime.places, *functions))) + "\n\n"


def _sources(functions: Iterable[Callable[..., object]]) -> Iterator[str]:
    """As they stand in their file, for a sandbox that has neither its imports nor its types."""
    for function in functions:
        yield inspect.getsource(function).replace(" -> Any:", ":").replace(" -> Json:", ":")


def _computed(learning: Learning) -> str:
    """The computation with the most right answers on train and select, if it is right half of the time."""
    task, rows = learning.task, [*learning.train, *learning.select]
    choice: tuple[Computation, ...] = NUMBERS if task.kind == "number" else (*STRINGS, *NUMBERS)

    def right(compute: Computation) -> int:
        return sum(_scores(task, compute(row.text), row.label) for row in rows)

    best = max(choice, key=right)
    if right(best) * 2 < len(rows):
        return ""
    (source,) = _sources((best,))
    return _COMPUTED.format(of=len(choice), n=len(rows), source=source, name=best.__name__)


def _scores(task: Task, value: Json, label: Json) -> bool:
    return value is not None and task.score(value, label)
