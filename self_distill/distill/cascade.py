"""A cascade: the candidates of a task in their order, the first that answers wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from self_distill.certificates.issue import Seen
from self_distill.distill.program import Size, measure
from self_distill.distill.trial import Outcome, Trial, judged
from self_distill.protocols import Interpreter
from self_distill.sandbox.pool import hash_of
from self_distill.task import Task
from self_distill.types import Abstain, Decision, Example, Json, Ruled


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program that a maker wrote; `made` says by which attempt."""

    code: str = field(repr=False)
    maker: str
    made: str

    @property
    def hash(self) -> str:
        return hash_of(self.code)

    @property
    def size(self) -> Size:
        return measure(self.code)


@dataclass(frozen=True, slots=True)
class Run:
    """What candidates decided about the examples of one part, each about each: `decisions` by code hash."""

    task: Task
    examples: tuple[Example, ...]
    decisions: dict[str, list[Decision]]

    def trial(self, cascade: Sequence[Candidate]) -> Trial:
        """How the cascade answers, as it would in use: an answer outside the answer space ends it."""
        rows = zip(*(self.decisions[c.hash] for c in cascade), strict=True)
        firsts = (next((d for d in row if isinstance(d, Ruled)), row[-1]) for row in rows)
        return Trial(tuple(judged(self.task, e, d) for e, d in zip(self.examples, firsts, strict=True)))

    def at_place(self, cascade: Sequence[Candidate], place: int) -> Trial:
        """What the candidate at `place` answers, of what those before it leave."""
        before = [self.decisions[c.hash] for c in cascade[:place]]
        own = self.decisions[cascade[place].hash]
        left = [
            decision if not any(isinstance(d[i], Ruled) for d in before) else Abstain("answered before")
            for i, decision in enumerate(own)
        ]
        return Trial(tuple(judged(self.task, e, d) for e, d in zip(self.examples, left, strict=True)))

    def changed(self, cascade: Sequence[Candidate], again: Run) -> int:
        """On how many examples the answer was another one in a second run."""
        pairs = zip(self.trial(cascade).outcomes, again.trial(cascade).outcomes, strict=True)
        return sum(_answer(one) != _answer(other) for one, other in pairs)


def _answer(outcome: Outcome) -> object:
    return ("answer", outcome.decision.value) if isinstance(outcome.decision, Ruled) else "none"


async def tried(task: Task, examples: Sequence[Example], candidates: Sequence[Candidate], at: Interpreter) -> Run:
    texts = [example.text for example in examples]
    return Run(task, tuple(examples), {c.hash: await at.run_many(c.code, texts) for c in candidates})


async def tried_apart(task: Task, examples: Sequence[Example], candidates: Sequence[Candidate], at: Interpreter) -> Run:
    """The same in another order and one by one, which shows a program whose answers hang on what it saw before."""
    found = {}
    for candidate in candidates:
        decisions = [await at.run(candidate.code, example.text) for example in reversed(examples)]
        found[candidate.hash] = decisions[::-1]
    return Run(task, tuple(examples), found)


def ranked(run: Run, candidates: Sequence[Candidate], risk: float) -> list[Candidate]:
    """By what they are worth alone; the shorter of two equals first."""
    return sorted(candidates, key=lambda c: (-run.trial([c]).net(risk), len(c.code), c.hash))


def chosen(run: Run, candidates: Sequence[Candidate], risk: float, most: int = 3) -> list[Candidate]:
    """The cascade that is worth most on `run`, built greedily: the best candidate, then whichever adds most.
    Empty where no answer is worth its risk."""
    cascade: list[Candidate] = []
    worth = 0.0
    left = ranked(run, candidates, risk)
    while left and len(cascade) < most:
        best = max(left, key=lambda c: run.trial([*cascade, c]).net(risk))
        more = run.trial([*cascade, best]).net(risk)
        if more <= worth:
            break
        cascade.append(best)
        left.remove(best)
        worth = more
    return cascade


def seen(task: Task, trial: Trial, constant: Json) -> list[Seen]:
    """The outcomes as the gate takes them; `constant` is train's majority answer."""
    return [
        Seen(
            truth=_labels(task, outcome.example.label),
            answer=_labels(task, outcome.decision.value) if isinstance(outcome.decision, Ruled) else None,
            right=outcome.right is True,
            constant=task.score(constant, outcome.example.label),
        )
        for outcome in trial.outcomes
    ]


def _labels(task: Task, value: Json) -> tuple[str, ...]:
    if task.kind == "labels" and isinstance(value, list | tuple):
        return tuple(sorted(map(str, value)))
    return (str(value),)
