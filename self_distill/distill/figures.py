"""The figures of a distillation as one JSON document, which the report shows too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from self_distill.budget import MILLION, Price
from self_distill.certificates.bounds import interval, upper_bound
from self_distill.certificates.certificate import GOLD
from self_distill.certificates.economics import break_even, savings
from self_distill.distill.cascade import Candidate
from self_distill.distill.distillation import Distilled, Final
from self_distill.distill.maker import Attempt, spent
from self_distill.distill.program import measure
from self_distill.distill.trial import Trial
from self_distill.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Prices:
    """Of the maker's tokens and of those of the model in use; a price of nothing is none."""

    maker: Price
    use: Price


FREE = Prices(Price(), Price())


def figures(done: Distilled, rules: Sequence[Rule] = (), prices: Prices = FREE) -> dict[str, Any]:
    """As the command line contract has it. With a model as teacher `accuracy` is null and `agreement` set. `money` is
    in the currency of the price table, and null without one."""
    task, evidence = done.job.task, done.evidence
    final = next((f for f in done.finals if f.cascade == done.cascade), None)
    pay = done.pay
    return {
        "task": task.name,
        "maker": done.job.maker,
        "teacher": done.job.teacher,
        "risk": task.risk,
        "confidence": task.confidence,
        "splits": {part: len(rows) for part, rows in evidence.parts.items()},
        "found": {name: getattr(evidence.found, name) for name in evidence.found.__slots__},
        "near_copies": evidence.near_copies(),
        "constant_error": evidence.constant_error(task),
        "attempts": [attempted(attempt) for attempt in done.attempts],
        "tokens_making": done.tokens_making + (done.compared.usage.total if done.compared else 0),
        "tokens_counted": spent(done.attempts).counted,
        "tokens_per_request": {"without": pay.baseline, "with": pay.with_rules, "counted": "characters/4"},
        "break_even": break_even(pay.making, pay.baseline, pay.with_rules) if done.certificate else None,
        "rules": [ruled(done, rule, place, final) for place, rule in enumerate(rules)],
        "others": [other(done, c) for c in done.candidates if c not in done.cascade],
        "finals": [_final(f) for f in done.finals],
        "cascade": {
            "status": "certified" if done.certificate else "refused",
            "reason": why(done),
            "certify": _certify(final),
            "test": tested(done, done.test.trial(done.cascade)) if done.cascade else None,
        },
        "savings": savings(pay.making, pay.baseline, pay.with_rules) if done.certificate else {},
        "compared": {**done.compared.as_json(), "audits": bool(done.auditors)} if done.compared else None,
        "money": money(done, prices) if prices != FREE else None,
    }


def money(done: Distilled, prices: Prices) -> dict[str, Any]:
    """Making, one request, break-even and savings. The tokens of a request are taken for tokens in, which is nearly all
    of them where answers are short."""
    pay = done.pay
    making = prices.maker.of(spent(done.attempts))
    if done.compared:
        making += prices.use.of(done.compared.usage)
    without, with_rules = (tokens * prices.use.tokens_in / MILLION for tokens in (pay.baseline, pay.with_rules))
    return {
        "making": making,
        "per_request": {"without": without, "with": with_rules},
        "break_even": break_even(making, without, with_rules) if done.certificate else None,
        "savings": savings(making, without, with_rules) if done.certificate else {},
    }


def why(done: Distilled) -> str:
    if done.certificate:
        return done.certificate.claim
    if done.finals:
        return "; ".join(refusal.told for refusal in done.finals[0].refusals)
    if not done.candidates:
        return "the maker wrote no program"
    return "no program is worth its errors on the select items"


def attempted(attempt: Attempt) -> dict[str, Any]:
    trial = attempt.trial
    return {
        "name": attempt.name,
        "tokens": attempt.usage.total,
        "problem": attempt.problem,
        "train": {"n": trial.n, "answered": trial.answered, "wrong": trial.wrong, "faults": trial.faults}
        if trial
        else None,
    }


def ruled(done: Distilled, rule: Rule, place: int, final: Final | None) -> dict[str, Any]:
    """A rule at its place of the cascade. A bound of its own has only the rule of a cascade of one: the test was of
    the whole."""
    alone = len(done.cascade) == 1
    certify = final.certify.at_place(done.cascade, place) if final else None
    counts = {"n": certify.n, "answered": certify.answered, "wrong": certify.wrong} if certify else {}
    extra = {"bound": None, "j": final.verdict.j if final and final.verdict else None}
    size = measure(rule.code)
    return {
        "name": rule.name,
        "hash": rule.hash,
        "status": rule.status,
        "reason": why(done),
        "made": done.cascade[place].made,
        "lines": size.lines,
        "branches": size.branches,
        "certify": _certify(final) if alone and final and final.verdict else {**counts, **extra},
        "test": tested(done, done.test.at_place(done.cascade, place)),
    }


def other(done: Distilled, candidate: Candidate) -> dict[str, Any]:
    select = done.select.trial([candidate])
    told = f"on {select.n:,} select items it answers {select.answered:,}, {select.wrong:,} wrong"
    size = candidate.size
    return {
        "made": candidate.made,
        "hash": candidate.hash,
        "status": "not selected",
        "reason": told,
        "lines": size.lines,
        "branches": size.branches,
        "test": tested(done, done.test.trial([candidate])),
    }


def tested(done: Distilled, trial: Trial) -> dict[str, Any]:
    """On the test part, which nothing was chosen on. `interval` is of accuracy among the answered, at 95 %."""
    right = trial.answered - trial.wrong
    name = "accuracy" if done.job.teacher == GOLD else "agreement"
    return {
        "n": trial.n,
        "answered": trial.answered,
        "wrong": trial.wrong,
        "faults": trial.faults,
        "coverage": trial.coverage,
        "accuracy": None,
        name: right / trial.answered if trial.answered else None,
        "interval": list(interval(right, trial.answered)) if trial.answered else None,
    }


def _certify(final: Final | None) -> dict[str, Any] | None:
    if final is None:
        return None
    if final.verdict:
        return dict(final.verdict.figures)
    trial = final.certify.trial(final.cascade)
    return {"n": trial.n, "answered": trial.answered, "wrong": None, "bound": None, "j": None}


def _final(final: Final) -> dict[str, Any]:
    return {
        "rules": [candidate.hash for candidate in final.cascade],
        "certify": _certify(final),
        "refusals": [{"why": refusal.why, "told": refusal.told} for refusal in final.refusals],
    }


def curve(done: Distilled) -> list[dict[str, float]]:
    """Risk against coverage on the select items as programs are added, best first; `bound` is exact at the asked
    confidence for each point alone."""
    points = []
    for k in range(1, len(done.candidates) + 1):
        order = [*done.cascade, *(c for c in done.candidates if c not in done.cascade)][:k]
        trial = done.select.trial(order)
        bound = upper_bound(trial.wrong, trial.answered, 1 - done.job.task.confidence) if trial.answered else 1.0
        risk = trial.wrong / trial.answered if trial.answered else 0.0
        points.append({"coverage": trial.coverage, "risk": risk, "bound": bound, "rules": k})
    return points
