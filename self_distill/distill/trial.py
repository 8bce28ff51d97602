"""A program tried on labelled examples, in the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from self_distill.errors import AnswerError
from self_distill.protocols import Interpreter
from self_distill.task import Task
from self_distill.types import Abstain, Decision, Example, Fault, Json, Ruled


@dataclass(frozen=True, slots=True)
class Outcome:
    """`right` is None where the program gave no answer."""

    example: Example
    decision: Decision
    right: bool | None


@dataclass(frozen=True, slots=True)
class Trial:
    outcomes: tuple[Outcome, ...]

    @property
    def n(self) -> int:
        return len(self.outcomes)

    @property
    def answered(self) -> int:
        return sum(o.right is not None for o in self.outcomes)

    @property
    def wrong(self) -> int:
        return sum(o.right is False for o in self.outcomes)

    @property
    def faults(self) -> int:
        return sum(isinstance(o.decision, Fault) for o in self.outcomes)

    @property
    def coverage(self) -> float:
        return self.answered / self.n if self.n else 0.0

    def net(self, risk: float) -> float:
        """Right answers minus what wrong ones cost: at the tolerated risk a program is worth nothing."""
        return self.answered - self.wrong - self.wrong * (1 - risk) / risk


def value_of(task: Task, decision: Decision) -> Decision:
    """An answer outside the answer space is a fault of the program, not an answer."""
    if not isinstance(decision, Ruled):
        return decision
    try:
        return Ruled(task.checked(decision.value), decision.by, decision.reason)
    except AnswerError:
        return Fault("AnswerError", f"{type(decision.value).__name__} outside the answer space")


def judged(task: Task, example: Example, decision: Decision) -> Outcome:
    checked = value_of(task, decision)
    right = task.score(checked.value, example.label) if isinstance(checked, Ruled) else None
    return Outcome(example, checked, right)


async def tried(code: str, task: Task, examples: Sequence[Example], interpreter: Interpreter) -> Trial:
    decisions = await interpreter.run_many(code, [example.text for example in examples])
    return Trial(tuple(judged(task, e, d) for e, d in zip(examples, decisions, strict=True)))


def majority(examples: Sequence[Example]) -> Json:
    """The most frequent label; the first in order of text among equals."""
    counts: dict[str, tuple[int, Json]] = {}
    for example in examples:
        key = repr(example.label)
        counts[key] = (counts.get(key, (0, None))[0] + 1, example.label)
    best = min(counts, key=lambda key: (-counts[key][0], key), default="")
    return counts[best][1] if best else None


def finding(trial: Trial, most: int = 6) -> str:
    """What a maker is told of a trial on train: counts, and a bounded sample of failures."""
    lines = [
        f"On {trial.n} training examples: {trial.answered - trial.wrong} right, {trial.wrong} wrong, "
        f"{trial.n - trial.answered - trial.faults} None, {trial.faults} failed."
    ]
    bad = [o for o in trial.outcomes if o.right is False or isinstance(o.decision, Fault)]
    missed = [o for o in trial.outcomes if isinstance(o.decision, Abstain)]
    for outcome in (*bad[:most], *missed[: max(0, most - len(bad))]):
        lines.append(f"<example>\n{outcome.example.text}\n</example> -> {_expected(outcome)}")
    return "\n".join(lines)


def _expected(outcome: Outcome) -> str:
    match outcome.decision:
        case Fault(kind, detail):
            got = f"failed with {kind}: {detail}"
        case Abstain():
            got = "None"
        case Ruled(value):
            got = f"{value!r}"
    return f"expected {outcome.example.label!r}, got {got}"
