"""What a run comes to: every figure is computed from the ledger's rows of its arms, nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.harness import Arm, Ran
from experiments.mix import Item
from self_distill.certificates.bounds import interval
from self_distill.certificates.economics import break_even
from self_distill.rules.rule import Rule
from self_distill.types import AnswerRow, CallRow, LedgerRow, MeasureRow, RuleRow

ROUTING = "task_classifier"


@dataclass(frozen=True, slots=True)
class Rate:
    """`k` of `n` were right; `low` and `high` are the exact 95 % interval (Clopper & Pearson)."""

    k: int
    n: int

    def as_json(self) -> dict[str, Any] | None:
        if not self.n:
            return None
        low, high = interval(self.k, self.n)
        return {"value": self.k / self.n, "low": low, "high": high, "n": self.n}


def rate(verdicts: Iterable[bool]) -> Rate:
    listed = list(verdicts)
    return Rate(sum(listed), len(listed))


@dataclass(frozen=True, slots=True)
class ArmRows:
    """The rows of one arm, by what they are; of an item asked again after a failure the last answer counts."""

    calls: tuple[CallRow, ...]
    executions: tuple[RuleRow, ...]
    answers: Mapping[str, AnswerRow]
    correct: Mapping[str, bool]
    exposures: int
    items: Mapping[str, Item]

    @classmethod
    def of(cls, rows: Sequence[LedgerRow], items: Mapping[str, Item]) -> ArmRows:
        measured = {(r.name, r.item): r.value for r in rows if isinstance(r, MeasureRow)}
        correct = {item: value == 1 for (name, item), value in measured.items() if name == "correct"}
        return cls(
            tuple(r for r in rows if isinstance(r, CallRow) and r.phase == "use"),
            tuple(r for r in rows if isinstance(r, RuleRow)),
            {r.item: r for r in rows if isinstance(r, AnswerRow) and r.item in correct},
            correct,
            int(sum(value for (name, _), value in measured.items() if name == "exposures")),
            {item: items[item] for item in correct},
        )

    @property
    def tokens(self) -> tuple[int, int]:
        return sum(c.usage.tokens_in for c in self.calls), sum(c.usage.tokens_out for c in self.calls)

    def accuracy(self, constants: Mapping[str, object]) -> dict[str, Any]:
        """Of rule answers, of the model's (one outside the answer space is wrong), of all, and of who always
        says the most frequent label of train."""
        ours = self.correct
        by = {item: answered_by(row) for item, row in self.answers.items()}
        constant = (i.task.score(constants[i.task.name], i.example.label) for i in self.items.values())  # type: ignore[arg-type]  # a label of train
        return {
            "all": rate(ours.values()).as_json(),
            "rule": rate(ours[item] for item, who in by.items() if who == "rule").as_json(),
            "model": rate(ours[item] for item, who in by.items() if who == "model").as_json(),
            "majority": rate(constant).as_json(),
        }

    def of_task(self, task: str) -> ArmRows:
        items = {name: item for name, item in self.items.items() if item.task.name == task}
        answers = {name: row for name, row in self.answers.items() if name in items}
        correct = {name: right for name, right in self.correct.items() if name in items}
        return ArmRows(self.calls, self.executions, answers, correct, self.exposures, items)


def answered_by(row: AnswerRow) -> str:
    """ "rule", "model", or "" for a request that was refused before anybody answered."""
    return "model" if row.error == "AnswerError" else row.by.partition(":")[0].replace("macro", "rule")


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value with at least `share` of all at or below it."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)] if ordered else None


def report(ran: Ran) -> dict[str, Any]:
    """The document that `run --json` prints (design.md, command line contract), with accuracy by task."""
    arms = {arm.name: ArmRows.of(ran.ledger.arm(arm.name).rows(), ran.items) for arm in ran.options.arms}
    rows = [_row(arm, arms, ran) for arm in ran.options.arms]
    return {
        "experiment": ran.experiment.name,
        "title": ran.experiment.title,
        "model": ran.options.model,
        "maker": ran.options.maker or _makers(ran),
        "seed": ran.options.seed,
        "run": ran.ledger.id,
        "rows": rows,
        "tools": _tools(arms.values(), ran),
        "refused": _refused(arms),
    }


def _makers(ran: Ran) -> str:
    return ", ".join(sorted({rule.card.maker for rule in ran.tools.rules()}))


def _row(arm: Arm, arms: Mapping[str, ArmRows], ran: Ran) -> dict[str, Any]:
    rows, making = arms[arm.name], ran.making[arm.name]
    tokens_in, tokens_out = rows.tokens
    latencies = [answer.latency_ms for answer in rows.answers.values()]
    return {
        "approach": arm.name,
        "n": len(rows.correct),
        "calls": sum(call.status == "ok" for call in rows.calls),
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
        "tokens_making": making,
        "baseline": arm.baseline or None,
        "change": _change(rows, making, arms.get(arm.baseline)),
        "break_even": _break_even(rows, making, arms.get(arm.baseline)),
        "accuracy": rows.accuracy(ran.constants),
        "by_task": {
            task: rows.of_task(task).accuracy(ran.constants)
            for task in sorted({item.task.name for item in rows.items.values()})
        },
        "exposures": rows.exposures,
        "latency_ms": {"p50": percentile(latencies, 0.5), "p95": percentile(latencies, 0.95)},
        "uncertified": arm.rules == "uncertified",
    }


def _change(rows: ArmRows, making: int, base: ArmRows | None) -> float | None:
    """All tokens, making included, against the baseline's; a fraction."""
    if base is None or not sum(base.tokens):
        return None
    return (sum(rows.tokens) + making) / sum(base.tokens) - 1


def _break_even(rows: ArmRows, making: int, base: ArmRows | None) -> int | None:
    if base is None or not base.correct or not rows.correct:
        return None
    return break_even(making, sum(base.tokens) / len(base.correct), sum(rows.tokens) / len(rows.correct))


def _tools(arms: Iterable[ArmRows], ran: Ran) -> list[dict[str, Any]]:
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    right: dict[str, list[bool]] = defaultdict(list)
    rules = {rule.name: rule for rule in ran.tools.rules()}
    for rows in arms:
        items = {answer.trace: rows.items[item] for item, answer in rows.answers.items()}
        for execution in rows.executions:
            outcomes[execution.tool][execution.outcome] += 1
            item = items.get(execution.trace)
            if execution.outcome == "answer" and item and execution.tool in rules:
                right[execution.tool].append(_right(rules[execution.tool], execution, item))
    return [
        {
            "name": name,
            "executions": counts.total(),
            "answers": counts["answer"],
            "abstentions": counts["abstain"],
            "faults": counts["fault"],
            "accuracy": rate(right[name]).as_json(),
        }
        for name, counts in sorted(outcomes.items())
    ]


def _right(rule: Rule, execution: RuleRow, item: Item) -> bool:
    """Whether a tool's own answer is right; on a text of another task that was routed to it, none is."""
    if rule.task == ROUTING:
        return execution.value == item.task.name
    if rule.task != item.task.name:
        return False
    if rule.label:
        held = rule.label in item.example.label  # type: ignore[operator]  # the label of a set task is a list
        return execution.value == ("yes" if held else "no")
    return item.task.score(execution.value, item.example.label)


def _refused(arms: Mapping[str, ArmRows]) -> dict[str, dict[str, int]]:
    """Requests without an answer, by kind of error and arm."""
    return {
        name: dict(Counter(answer.error for answer in rows.answers.values() if answer.error))
        for name, rows in arms.items()
    }
