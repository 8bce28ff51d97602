"""The rules of a task, in their order; the first that answers wins. For a set of labels, each label's program says
whether its label belongs to it."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from self_distill.certificates.certificate import Certificate
from self_distill.protocols import Interpreter
from self_distill.rules.rule import Rule
from self_distill.rules.trust import Trusting
from self_distill.types import Abstain, Decision, Fault, Ruled, RuleRow

Outcome = Literal["answer", "abstain", "fault"]
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Dispatched:
    """`rows` are the executions, for the ledger, without a trace yet; `certificate` is that of the rules that were
    asked."""

    decision: Decision
    rows: tuple[RuleRow, ...] = ()
    certificate: Certificate | None = None


class Dispatcher:
    def __init__(self, trust: Trusting, sandbox: Interpreter) -> None:
        self._trust = trust
        self._sandbox = sandbox

    async def decide(self, task_name: str, text: str, many: bool = False, mask: Collection[str] = ()) -> Dispatched:
        """`mask` are the types that the macros were limited to when they scrubbed `text`."""
        standing = self._trust.standing(task_name, mask)
        return replace(await self._decided(standing.rules, text, many), certificate=standing.certificate)

    async def _decided(self, cascade: Sequence[Rule], text: str, many: bool) -> Dispatched:
        whole = [rule for rule in cascade if not rule.label]
        parts = [rule for rule in cascade if rule.label] if many else []
        rows: list[RuleRow] = []
        for rule in whole:
            decision, row = await executed(rule, text, self._sandbox)
            rows.append(row)
            if isinstance(decision, Ruled):
                return Dispatched(_of(rule, decision), tuple(rows))
        if parts:
            return await self._joined(parts, text, rows)
        return Dispatched(Abstain("no rule answers"), tuple(rows))

    async def _joined(self, parts: list[Rule], text: str, rows: list[RuleRow]) -> Dispatched:
        """The set of labels whose programs said yes; nothing if one of them does not know."""
        found: list[str] = []
        unsure = ""
        for rule in parts:
            decision, row = await executed(rule, text, self._sandbox)
            rows.append(row)
            if not isinstance(decision, Ruled) or rule.status == "demoted" or decision.value not in (YES, NO):
                unsure = unsure or rule.name
            elif decision.value == YES:
                found.append(rule.label)
        if unsure:
            return Dispatched(Abstain(f"{unsure} does not know"), tuple(rows))
        by = "+".join(rule.by for rule in parts)
        return Dispatched(Ruled(sorted(found), by), tuple(rows))


async def executed(rule: Rule, text: str, sandbox: Interpreter) -> tuple[Decision, RuleRow]:
    started = time.perf_counter()
    decision = await sandbox.run(rule.code, text)
    micros = (time.perf_counter() - started) * 1e6
    outcome, detail = _told(decision)
    value = decision.value if isinstance(decision, Ruled) else None
    return decision, RuleRow("", rule.name, rule.hash, outcome, detail, value, micros)


def _of(rule: Rule, decision: Ruled) -> Decision:
    if rule.status == "demoted":
        return Abstain(f"{rule.name} is demoted")
    return Ruled(decision.value, rule.by, decision.reason)


def _told(decision: Decision) -> tuple[Outcome, str]:
    match decision:
        case Ruled(reason=reason):
            return "answer", reason
        case Abstain(reason):
            return "abstain", reason
        case Fault(kind, detail):
            return "fault", f"{kind}: {detail}" if detail else kind
