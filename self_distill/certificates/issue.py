"""The gate: what a cascade did on the certify items becomes a verdict.

Pure. A refusal is a value with its reason; who wants to try again pays with the next, smaller share of delta.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from self_distill.certificates.bounds import (
    certified,
    interval,
    labels_certified,
    prevalence_test,
    sign_test,
    spend,
    upper_bound,
)
from self_distill.certificates.economics import break_even
from self_distill.errors import DataError
from self_distill.task import Task

Why = Literal["changing", "trivial", "dear", "few", "silent", "risk", "constant", "prevalence", "label", "critical"]


@dataclass(frozen=True, slots=True)
class Refusal:
    why: Why
    told: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be proved. `labels` is how many the task has; `critical` are those that may not be missed."""

    alpha: float
    delta: float
    labels: int = 0
    per_label: bool = False
    critical: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (0 < self.alpha < 1 and 0 < self.delta < 1):
            raise ValueError("alpha and delta lie between 0 and 1")
        if self.per_label and not self.labels:
            raise ValueError("bounds for each label need a task with labels")

    @classmethod
    def of(cls, task: Task) -> Terms:
        return cls(task.risk, 1 - task.confidence, len(task.labels), task.per_label, task.critical)

    @property
    def claims(self) -> int:
        """Among how many claims a test's share of delta is divided: the risk (of all answers, or label by label,
        which implies it) and the critical labels."""
        return 2 if self.critical else 1


@dataclass(frozen=True, slots=True)
class Seen:
    """One certify item: the true labels, those answered (None: abstained), whether that is right, and whether the
    constant, train's majority answer, is. A string or a number is the one label that it is."""

    truth: tuple[str, ...]
    answer: tuple[str, ...] | None
    right: bool
    constant: bool


@dataclass(frozen=True, slots=True)
class Count:
    """`wrong` of `n`; the error rate is below `bound`."""

    wrong: int
    n: int
    bound: float


@dataclass(frozen=True, slots=True)
class Pay:
    """Tokens: of making, and per request without and with the rules, audits included. `requests` are expected."""

    making: float
    baseline: float
    with_rules: float
    requests: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`items` were looked at in test number `j`; `answering` is an interval of the share that is answered,
    `beats` the p-value against the constant."""

    j: int
    items: int
    risk: Count
    answering: tuple[float, float]
    beats: float
    labels: Mapping[str, Count] = field(default_factory=dict)
    critical: Mapping[str, Count] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()

    @property
    def certified(self) -> bool:
        return not self.refusals

    @property
    def figures(self) -> dict[str, int | float]:
        """As a report shows them."""
        risk = self.risk
        return {"n": self.items, "answered": risk.n, "wrong": risk.wrong, "bound": risk.bound, "j": self.j}

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "answering": list(self.answering), "refusals": [asdict(r) for r in self.refusals]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """Raises `DataError` for what is no verdict."""
        try:
            refusals = tuple(Refusal(**refusal) for refusal in data["refusals"])
            if any(refusal.why not in get_args(Why) for refusal in refusals):
                raise ValueError
            counts = {kind: {k: Count(**c) for k, c in data[kind].items()} for kind in ("labels", "critical")}
            low, high = data["answering"]
            changed = {"risk": Count(**data["risk"]), "answering": (low, high), "refusals": refusals, **counts}
            return cls(**{**data, **changed})
        except (KeyError, TypeError, ValueError, AttributeError):
            raise DataError("a stored verdict cannot be read") from None


def barred(terms: Terms, constant_error: float, changed: int, pay: Pay) -> tuple[Refusal, ...]:
    """What rules a cascade out before anybody looks at its right and wrong answers, so that no test is spent.
    `constant_error` is always-majority's; `changed` counts answers that were others on a second run."""
    found = []
    if changed:
        found.append(Refusal("changing", f"{changed:,} answers changed when the same texts were run again"))
    if terms.alpha >= constant_error:
        found.append(
            Refusal(
                "trivial",
                f"always answering the most frequent label errs on {constant_error:.1%}, and the asked "
                f"risk is {terms.alpha:.1%}: ask for less",
            )
        )
    pays = break_even(pay.making, pay.baseline, pay.with_rules)
    if pays is None:
        found.append(Refusal("dear", "a request costs no less with the rules than without, so they never pay"))
    elif pay.requests is not None and pays > pay.requests:
        found.append(
            Refusal("dear", f"their making is paid back after {pays:,} requests, and {pay.requests:,} are expected")
        )
    return tuple(found)


def judge(seen: Sequence[Seen], terms: Terms, j: int) -> Verdict:
    """The `j`-th test on these items. All claims must hold, each proved at its part of the j-th share of delta;
    the tests against constants take the whole share, for they only take away (an intersection of claims is
    tested at the level of each: Berger, Technometrics 24, 1982)."""
    answered = [item for item in seen if item.answer is not None]
    share = spend(terms.delta, j)
    level = share / terms.claims
    wrong = sum(not item.right for item in answered)
    risk = Count(wrong, len(answered), upper_bound(wrong, len(answered), level))
    against, beats = _against(seen, answered)
    labels = _labels(answered, level / terms.labels) if terms.per_label else {}
    critical = _critical(seen, terms.critical, level)
    refusals = []
    if not answered:
        refusals.append(Refusal("silent", f"it answers none of {len(seen):,} items"))
    elif not certified(wrong, len(answered), terms.alpha, level):
        refusals.append(Refusal("risk", f"{_told(risk)}, which does not prove {terms.alpha:.1%} in test {j}"))
    if answered and beats > share:
        refusals.append(Refusal(against, _BEATEN[against] + f" (p = {beats:.3g}, needs {share:.3g})"))
    passed = labels_certified({k: (c.wrong, c.n) for k, c in labels.items()}, terms.labels, terms.alpha, level)
    refusals += [Refusal("label", f"label {k!r}: {_told(labels[k])}") for k, ok in passed.items() if not ok]
    for name, count in critical.items():
        if not certified(count.wrong, count.n, terms.alpha, level / len(critical)):
            refusals.append(Refusal("critical", f"critical label {name!r} missed: {_told(count)}"))
    covered = interval(len(answered), len(seen))
    return Verdict(j, len(seen), risk, covered, beats, labels, critical, tuple(refusals))


_BEATEN: dict[Why, str] = {
    "constant": "it is not shown to beat train's majority label on what it answers",
    "prevalence": "it answers one label only, and is not shown to beat how frequent that is",
}


def _against(seen: Sequence[Seen], answered: Sequence[Seen]) -> tuple[Why, float]:
    """Which constant the answers must beat, and the p-value of "they do not". Chance would pick its answers from
    these very items without putting back, and so hit no more often than the binomial says (Hoeffding, JASA 58, 1963).
    """
    kinds = {item.answer for item in answered}
    if len(kinds) == 1:
        (only,) = kinds
        prevalence = sum(item.truth == only for item in seen) / len(seen)
        return "prevalence", prevalence_test(sum(item.right for item in answered), len(answered), prevalence)
    wins = sum(item.right and not item.constant for item in answered)
    losses = sum(item.constant and not item.right for item in answered)
    return "constant", sign_test(wins, losses)


def _labels(answered: Iterable[Seen], level: float) -> dict[str, Count]:
    """For each label that was answered: how often, and how often it was not true."""
    n: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for item in answered:
        for label in item.answer or ():
            n[label] += 1
            wrong[label] += label not in item.truth
    return {label: Count(wrong[label], n[label], upper_bound(wrong[label], n[label], level)) for label in sorted(n)}


def _critical(seen: Iterable[Seen], labels: Sequence[str], level: float) -> dict[str, Count]:
    """For each critical label: of all items that have it, how many were answered without it."""
    found = {}
    for label in labels:
        having = [item for item in seen if label in item.truth]
        missed = sum(item.answer is not None and label not in item.answer for item in having)
        found[label] = Count(missed, len(having), upper_bound(missed, len(having), level / len(labels)))
    return found


def _told(count: Count) -> str:
    return f"{count.wrong:,} wrong of {count.n:,} (below {count.bound:.2%})"
