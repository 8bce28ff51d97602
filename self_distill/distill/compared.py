"""A model beside certified rules on the certify items: whether it may audit them, and who is right more often."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from self_distill.certificates.bounds import paired, upper_bound
from self_distill.distill.trial import Outcome
from self_distill.door import Door, Errand
from self_distill.errors import AnswerError
from self_distill.task import Task
from self_distill.types import Json, Ruled, Usage

MOST = 400
"""Items that a model is asked at most: it costs its tokens, and the bound moves little beyond."""


@dataclass(frozen=True, slots=True)
class Compared:
    """On `n` items that the rules answered. `losses`: rules wrong and model right; `wins`: the reverse. The bounds hold
    with confidence 1 − `delta` each. An answer outside the answer space disagrees and is wrong."""

    model: str
    n: int
    disagreed: int
    losses: int
    wins: int
    delta: float
    usage: Usage

    @property
    def bound(self) -> float:
        """How often the model disagrees with the rules, at most: the share of answers that it may call wrong."""
        return upper_bound(self.disagreed, self.n, self.delta)

    def as_json(self) -> dict[str, Any]:
        """`given_up` is the accuracy that the rules give up against the model, `bound` it at most; below nought is in
        the rules' favour."""
        by_pairs = paired(self.losses, self.wins, self.n, self.delta)
        return {
            "model": self.model,
            "n": self.n,
            "disagreed": self.disagreed,
            "disagreement_bound": self.bound,
            "rules_wrong_model_right": self.losses,
            "rules_right_model_wrong": self.wins,
            "given_up": by_pairs.difference,
            "bound": by_pairs.bound,
            "tokens": self.usage.total,
        }


async def compared(task: Task, outcomes: Sequence[Outcome], door: Door, errand: Errand, delta: float) -> Compared:
    """Asks the model what the rules answered, the first `MOST` of it. Raises what a call through the door raises; what
    is on the door's tape is not asked again."""
    answered = [outcome for outcome in outcomes if isinstance(outcome.decision, Ruled)][:MOST]
    replies = await asyncio.gather(
        *(
            door.ask(task.request(door.client.name, one.example.text, label=f"beside {task.name}"), errand)
            for one in answered
        )
    )
    said = [_said(task, reply.text) for reply in replies]
    agreed = [what is not None and task.score(_value(one), what) for one, what in zip(answered, said, strict=True)]
    right = [what is not None and task.score(what, one.example.label) for one, what in zip(answered, said, strict=True)]
    losses = sum(model and not one.right for one, model in zip(answered, right, strict=True))
    wins = sum(one.right is True and not model for one, model in zip(answered, right, strict=True))
    usage = sum((reply.usage for reply in replies), Usage())
    return Compared(door.client.name, len(answered), agreed.count(False), losses, wins, delta, usage)


def _said(task: Task, reply: str) -> Json:
    try:
        return task.parse(reply)
    except AnswerError:
        return None


def _value(outcome: Outcome) -> Json:
    assert isinstance(outcome.decision, Ruled)
    return outcome.decision.value
