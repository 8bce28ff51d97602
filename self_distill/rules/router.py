"""Which task is this text? A tool says so, like any other tool; where it does not know, nobody guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from self_distill.protocols import Interpreter
from self_distill.rules.dispatch import executed
from self_distill.rules.rule import Rule
from self_distill.types import Ruled, RuleRow


@dataclass(frozen=True, slots=True)
class Routed:
    """`task` is a known task's name, or None; `rows` are the executions, without a trace yet."""

    task: str | None
    rows: tuple[RuleRow, ...] = ()


class Router:
    def __init__(self, tasks: Sequence[str], rule: Rule, sandbox: Interpreter) -> None:
        self._tasks = frozenset(tasks)
        self._rule = rule
        self._sandbox = sandbox

    async def route(self, text: str) -> Routed:
        decision, row = await executed(self._rule, text, self._sandbox)
        named = decision.value if isinstance(decision, Ruled) and self._rule.status != "demoted" else None
        return Routed(named if isinstance(named, str) and named in self._tasks else None, (row,))


class NoRouter:
    async def route(self, text: str) -> Routed:
        return Routed(None)
