"""A model beside certified rules on the certify items: whether it may audit them, and who is right more often."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from self_distill.certificates.bounds import paired, upper_bound
from self_distill.clients.replay import author
from self_distill.distill.items import item_hash
from self_distill.distill.trial import Outcome
from self_distill.door import Door, Errand
from self_distill.errors import AnswerError, BadReply, EgressBlocked, ModelRefused, SelfDistillError
from self_distill.task import Task
from self_distill.types import Json, Reply, Ruled, Usage

MOST = 400
"""Items that a model is asked at most: it costs its tokens, and the bound moves little beyond."""
MOST_TOLERATED = 2
"""Times the asked risk that an auditor may disagree with the rules at most."""
NO_ANSWER = (ModelRefused, BadReply, EgressBlocked)
"""What goes wrong with one item and says nothing of the others."""


@dataclass(frozen=True, slots=True)
class Compared:
    """On `n` items that the rules answered. `losses`: rules wrong and model right; `wins`: the reverse. The bounds hold
    with confidence 1 − `delta` each. An answer outside the answer space, or none, disagrees and is wrong."""

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
        return upper_bound(self.disagreed, self.n, self.delta) if self.n else 1.0

    def may_audit(self, alpha: float) -> bool:
        """A model that disagrees more often than that would hide an error rate of several times `alpha`."""
        return self.bound <= MOST_TOLERATED * alpha

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
    """Asks the model what the rules answered: `MOST` of it, in the order of the items' hashes, which is a draw. Raises
    what makes further requests pointless, when those under way have ended; what is on the door's tape is not asked
    again."""
    answered = sorted((o for o in outcomes if isinstance(o.decision, Ruled)), key=lambda o: item_hash(o.example))[:MOST]
    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(_asked(task, one, door, errand)) for one in answered]
    except* SelfDistillError as several:
        raise several.exceptions[0] from None
    replies = [one.result() for one in asked]
    said = [_said(task, reply) for reply in replies]
    agreed = [what is not None and task.score(_value(one), what) for one, what in zip(answered, said, strict=True)]
    right = [what is not None and task.score(what, one.example.label) for one, what in zip(answered, said, strict=True)]
    losses = sum(model and not one.right for one, model in zip(answered, right, strict=True))
    wins = sum(one.right is True and not model for one, model in zip(answered, right, strict=True))
    usage = sum((reply.usage for reply in replies if reply), Usage())
    return Compared(author(door.client.name), len(answered), agreed.count(False), losses, wins, delta, usage)


async def _asked(task: Task, one: Outcome, door: Door, errand: Errand) -> Reply | None:
    try:
        request = task.request(door.client.name, one.example.text, label=f"beside {task.name}")
        return await door.ask(request, errand)
    except NO_ANSWER:
        return None


def _said(task: Task, reply: Reply | None) -> Json:
    try:
        return task.parse(reply.text) if reply else None
    except AnswerError:
        return None


def _value(outcome: Outcome) -> Json:
    assert isinstance(outcome.decision, Ruled)
    return outcome.decision.value
