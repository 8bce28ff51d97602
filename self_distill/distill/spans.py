"""A macro from labelled texts: evidence, making on look-alikes, one test of recall and over-masking, certificate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from self_distill.certificates.bounds import certified, interval, spend, upper_bound
from self_distill.certificates.certificate import GOLD, Certificate
from self_distill.certificates.counter import Tally
from self_distill.certificates.issue import Count, Refusal, Terms, Verdict
from self_distill.distill.craft import MacroCraft
from self_distill.distill.distillation import today
from self_distill.distill.evidence import Evidence, gather
from self_distill.distill.lookalike import shown
from self_distill.distill.maker import Attempt, spent
from self_distill.distill.trial import Outcome, Trial
from self_distill.errors import DataError
from self_distill.macros.scrub import Macros, NoMacros
from self_distill.macros.vault import Vault
from self_distill.protocols import Interpreter
from self_distill.rules.finder import KIND
from self_distill.rules.rule import Card, Rule
from self_distill.rules.store import Store
from self_distill.rules.toolkit import VERSION as TOOLKIT
from self_distill.sandbox.limits import VERSION as SANDBOX
from self_distill.sandbox.pool import hash_of
from self_distill.task import Task
from self_distill.types import Example, Ruled

OVER = "over-masking"
"""The second claim: texts without a value in which something is masked all the same."""
FOLDER = "macros"

MakeMacro = Callable[[Sequence[Example], Vault], Awaitable[list[Attempt]]]
"""Takes train examples as a maker may see them, and a vault of all that it may not."""


@dataclass(frozen=True, slots=True)
class Tested:
    """On texts: `missed` of those with values were not masked whole; `touched` of those without were masked
    somewhere; a text that the program failed on counts as both. `precision` is of masked characters."""

    holding: int
    missed: int
    clean: int
    touched: int
    precision: float | None

    @property
    def recall(self) -> tuple[float, float] | None:
        """Interval of the share of texts whose values are masked whole, at 95 %."""
        return interval(self.holding - self.missed, self.holding) if self.holding else None


@dataclass(frozen=True, slots=True)
class Macro:
    """What came out of a making. `code` is the program that was put to the test, if there was one."""

    task: Task
    maker: str
    evidence: Evidence
    attempts: tuple[Attempt, ...]
    code: str = ""
    verdict: Verdict | None = None
    refusal: str = ""
    test: Tested | None = None

    @property
    def certified(self) -> bool:
        return self.verdict is not None and self.verdict.certified

    @property
    def why(self) -> str:
        if self.refusal or self.verdict is None:
            return self.refusal
        if self.verdict.certified:
            risk, over = self.verdict.risk, self.verdict.critical[OVER]
            return f"masks at least {1 - risk.bound:.1%} of texts whole, touches at most {over.bound:.1%} of clean ones"
        return "; ".join(refusal.told for refusal in self.verdict.refusals)


async def distil_macro(
    task: Task,
    examples: Sequence[Example],
    maker: str,
    macros: Macros | NoMacros,
    make: MakeMacro,
    sandbox: Interpreter,
    tally: Tally,
) -> Macro:
    """`task.name` is the type. Examples have spans; those of other types are not looked at. Raises `DataError` where
    they can prove nothing, before anything is paid for."""
    evidence = gather(task, [_labelled(example, task.name) for example in examples])
    _enough(task, evidence)
    hidden = shown(evidence.train, macros)
    attempts = await make(hidden, _known(evidence.train, macros, task.name))
    begun = Macro(task, maker, evidence, tuple(attempts))
    craft = MacroCraft()
    codes = list(dict.fromkeys(attempt.code for attempt in attempts if attempt.code))
    if not codes:
        return replace(begun, refusal="the maker wrote no program")
    trials = {code: await craft.tried(code, task, evidence.select, sandbox) for code in codes}
    best = max(codes, key=lambda code: (_worth(tested(trials[code])), -len(code)))
    if tested(trials[best]).missed == tested(trials[best]).holding:
        return replace(begun, refusal="no program finds anything on the select items")
    return await _put_to_test(replace(begun, code=best), craft, sandbox, tally)


async def _put_to_test(begun: Macro, craft: MacroCraft, sandbox: Interpreter, tally: Tally) -> Macro:
    task, evidence = begun.task, begun.evidence
    terms = Terms(task.risk, 1 - task.confidence, critical=(OVER,))
    claim = tally.claim(f"{KIND}{task.name} {terms} {hash_of(begun.code)}", evidence.touched, today())
    trial = await craft.tried(begun.code, task, evidence.certify, sandbox)
    verdict = claim.verdict or judged(tested(trial), terms, claim.j)
    tally.settle(claim, verdict)
    return replace(begun, verdict=verdict, test=tested(await craft.tried(begun.code, task, evidence.test, sandbox)))


def judged(found: Tested, terms: Terms, j: int) -> Verdict:
    """Both claims share the j-th part of delta: of texts with values at most alpha are not masked whole, of clean
    texts at most alpha are touched (exact binomial tails, Clopper & Pearson 1934)."""
    level = spend(terms.delta, j) / terms.claims
    risk = Count(found.missed, found.holding, upper_bound(found.missed, found.holding, level))
    over = Count(found.touched, found.clean, upper_bound(found.touched, found.clean, level))
    refusals = []
    if not certified(risk.wrong, risk.n, terms.alpha, level):
        refusals.append(
            Refusal("risk", f"{risk.wrong} of {risk.n} texts are not masked whole (below {risk.bound:.1%})")
        )
    if not certified(over.wrong, over.n, terms.alpha, level):
        refusals.append(
            Refusal("critical", f"{over.wrong} of {over.n} clean texts are touched (below {over.bound:.1%})")
        )
    items = found.holding + found.clean
    return Verdict(j, items, risk, (0.0, 1.0), 0.0, {}, {OVER: over}, tuple(refusals))


def tested(trial: Trial) -> Tested:
    holding = [outcome for outcome in trial.outcomes if outcome.example.spans]
    clean = [outcome for outcome in trial.outcomes if not outcome.example.spans]
    masked = [(outcome, _covered(outcome)) for outcome in trial.outcomes]
    right = sum(len(found & _gold(outcome)) for outcome, found in masked)
    everything = sum(len(found) for _, found in masked)
    return Tested(
        len(holding),
        sum(not _gold(outcome) <= _covered(outcome) for outcome in holding),
        len(clean),
        sum(outcome.right is not True for outcome in clean),
        right / everything if everything else None,
    )


def _covered(outcome: Outcome) -> set[int]:
    value = outcome.decision.value if isinstance(outcome.decision, Ruled) else []
    pairs = value if isinstance(value, list | tuple) else []
    return {at for start, end in pairs for at in range(start, end)}


def _gold(outcome: Outcome) -> set[int]:
    return {at for span in outcome.example.spans for at in range(span.start, span.end)}


def _worth(found: Tested) -> float:
    missed = found.missed / found.holding if found.holding else 1.0
    return -missed - (found.touched / found.clean if found.clean else 0.0)


def _labelled(example: Example, type_: str) -> Example:
    spans = tuple(span for span in example.spans if span.type == type_)
    return replace(example, spans=spans, label=[[span.start, span.end] for span in spans])


def _enough(task: Task, evidence: Evidence) -> None:
    holding = [row for row in evidence.certify if row.spans]
    for name, rows in (("with", holding), ("without", [row for row in evidence.certify if not row.spans])):
        replace(evidence, certify=tuple(rows)).check_enough(task.risk, task.confidence, claims=2)
        if not rows:
            raise DataError(f"no text {name} a value of {task.name}: both kinds are needed")


def _known(rows: Sequence[Example], macros: Macros | NoMacros, type_: str) -> Vault:
    """Everything that a maker must not see: what the macros mask, and the values of the new type."""
    known = Vault()
    for example, scrubbed in zip(rows, macros.scrub_many([row.text for row in rows]), strict=True):
        for value, kind in scrubbed.vault.noted():
            known.note(value, kind)
        for span in example.spans:
            known.note(example.text[span.start : span.end], type_)
    return known


def install_macro(done: Macro, folder: Path) -> Rule:
    """Writes the program that was tested, certified or as a candidate."""
    task = f"{KIND}{done.task.name}"
    certificate = _certificate(done, task) if done.certified else None
    card = Card(
        task,
        hash_of(done.code),
        "certified" if certificate else "candidate",
        maker=done.maker,
        tokens_making=spent(done.attempts).total,
        made=today(),
        certificate=certificate.as_json() if certificate else None,
        history=((today(), "certified" if certificate else "candidate", done.why),),
    )
    rule = Rule(f"{FOLDER}/{done.task.name.lower()}", done.code, card)
    Store.write(rule, folder)
    return rule


def _certificate(done: Macro, task: str) -> Certificate:
    assert done.verdict
    return Certificate(
        task=task,
        rules=(hash_of(done.code),),
        terms=Terms(done.task.risk, 1 - done.task.confidence, critical=(OVER,)),
        verdict=done.verdict,
        splits=done.evidence.hashes,
        data=done.evidence.digest,
        toolkit=TOOLKIT,
        sandbox=SANDBOX,
        date=today(),
        teacher=GOLD,
        tokens_making=spent(done.attempts).total,
    )
