"""What a loop is handed: the way to models and rules, where its events go, where its state is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from self_distill.budget import Budget
from self_distill.task import Task
from self_distill.types import Json, Message, ModelRequest, Usage

CACHE = "cache"
"""Who answered when the same call was answered before: nothing was sent."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back from a call; still scrubbed. `by` is "model:<name>", "rule:<name>@<hash>" or "cache"; `usage`
    is what was bought for it."""

    value: Json
    by: str
    usage: Usage = field(default_factory=Usage)

    @property
    def text(self) -> str:
        return self.value if isinstance(self.value, str) else str(self.value)


class Way(Protocol):
    """The pipeline as a loop sees it. All that goes out by it is scrubbed with the one vault of the tree and paid
    from `budget`; every method but `clean` and `inner` raises `SafetyError`, `ModelError`, `LimitError` or, where
    the answer is not in the answer space, `AnswerError`."""

    @property
    def model(self) -> str: ...

    @property
    def budget(self) -> Budget: ...

    @property
    def tasks(self) -> Mapping[str, Task]:
        """Tasks that a rule may answer, by the name they have in code."""

    def clean(self, text: str, own: bool = False) -> str:
        """Text made of scrubbed pieces, scrubbed as a whole: fit for a log. `own` says that a model wrote it, who
        can know no value: then only those in the vault are masked, and code stays code."""

    async def ask(self, request: ModelRequest) -> Heard:
        """A turn of a loop: the model and nobody else."""

    async def sub(self, text: str, task: str, max_tokens: int) -> Heard:
        """A sub-call: rules, cache, model."""

    async def rule(self, task: str, text: str) -> Heard | None:
        """What the certified rules of a task say; None where they do not know."""

    def inner(self, budget: Budget) -> Way:
        """The way of a loop inside this one."""


@dataclass(slots=True)
class State:
    """What a loop knows beside its REPL. `direct` is the plain question while it has not been tried; `value` the
    best answer so far; `idle` counts turns in a row that brought nothing; `calls` names sub-calls."""

    messages: list[Message]
    direct: Sequence[Message] = ()
    turn: int = 0
    value: Json = None
    idle: int = 0
    calls: int = 0


Save = Callable[[State, bytes], Awaitable[None]]
"""Keeps the state of the outermost loop and a dump of its REPL; raises `DataError` when it cannot."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a loop ended; `value` is scrubbed. Without `complete` it is the best answer so far, which may be None,
    and `reason` says what ended the loop."""

    value: Json
    complete: bool
    by: str
    turns: int
    reason: str = ""
