"""From examples to rules that act: evidence, making, choice, one test on the certify items, certificate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from self_distill.certificates.bounds import smallest_n, spend
from self_distill.certificates.certificate import GOLD, Certificate
from self_distill.certificates.counter import Tally
from self_distill.certificates.economics import break_even
from self_distill.certificates.issue import Pay, Refusal, Terms, Verdict, barred, judge
from self_distill.distill.cascade import Candidate, Run, chosen, ranked, seen, tried, tried_apart
from self_distill.distill.compared import MOST, Compared
from self_distill.distill.evidence import Evidence, gather
from self_distill.distill.maker import Attempt, spent
from self_distill.distill.scrubbing import Covered, covered
from self_distill.distill.trial import Trial
from self_distill.errors import LimitError, ModelError
from self_distill.macros.scrub import Macros, NoMacros
from self_distill.protocols import Interpreter, Ledger
from self_distill.rules.toolkit import VERSION as TOOLKIT
from self_distill.sandbox.limits import VERSION as SANDBOX
from self_distill.task import Task
from self_distill.types import Example, Json, MeasureRow, Usage

FINALS = 2
"""Cascades that are tested on the certify items at most: each test makes the next one harder."""
CHARS = 4
"""Characters of a token, where nobody counted."""

Make = Callable[[Evidence, Covered], Awaitable[list[Attempt]]]
Compare = Callable[[Trial, Covered], Awaitable[Compared]]
Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be distilled. `teacher` says whose answers the labels are; `test` is a part that the data set keeps
    for itself; `requests` are expected in use; `audit` is the share of answers that a model as teacher checks;
    `macros` names the version of the macros that scrub; `scrubbed` examples, those of a ledger, went through them
    already."""

    task: Task
    examples: Sequence[Example]
    maker: str
    test: Sequence[Example] | None = None
    teacher: str = GOLD
    requests: int | None = None
    audit: float = 0.02
    macros: str = ""
    scrubbed: bool = False


@dataclass(frozen=True, slots=True)
class Final:
    """A cascade that was put to the test. Without a `verdict` it was refused before anybody looked at its right and
    wrong answers. `certify` is what it did on the certify items."""

    cascade: tuple[Candidate, ...]
    certify: Run
    refusals: tuple[Refusal, ...]
    verdict: Verdict | None = None

    @property
    def certified(self) -> bool:
        return self.verdict is not None and self.verdict.certified


@dataclass(frozen=True, slots=True)
class Distilled:
    """All that came out. `finals` are in the order of their tests; the last one is certified or none is."""

    job: Job
    evidence: Evidence
    attempts: tuple[Attempt, ...]
    candidates: tuple[Candidate, ...]
    select: Run
    test: Run
    finals: tuple[Final, ...]
    pay: Pay
    certificate: Certificate | None = None
    compared: Compared | None = None

    @property
    def tokens_making(self) -> int:
        """Of all attempts; a model that was asked beside the rules is apart, in `compared`."""
        return spent(self.attempts).total

    @property
    def auditors(self) -> dict[str, float]:
        found, alpha = self.compared, self.job.task.risk
        return {found.model: found.bound} if found and found.may_audit(alpha) else {}

    @property
    def final(self) -> Final | None:
        return self.finals[-1] if self.finals else None

    @property
    def cascade(self) -> tuple[Candidate, ...]:
        """What was certified, or came nearest to it."""
        return self.finals[-1 if self.certificate else 0].cascade if self.finals else ()


async def distil(
    job: Job,
    macros: Macros | NoMacros,
    make: Make,
    sandbox: Interpreter,
    tally: Tally,
    ledger: Ledger,
    notice: Notice = lambda line: None,
    compare: Compare | None = None,
) -> Distilled:
    """Raises `DataError` where the examples can prove nothing, before anything is paid for. A refusal is a result."""
    task = job.task
    hidden = covered(task, [*job.examples, *(job.test or ())], NoMacros() if job.scrubbed else macros)
    own = hidden.examples[len(job.examples) :] if job.test is not None else None
    evidence = gather(task, hidden.examples[: len(job.examples)], test=own)
    evidence.check_enough(task.risk, task.confidence, claims=Terms.of(task).claims)
    notice("making: " + ", ".join(f"{len(rows):,} {part}" for part, rows in evidence.parts.items()))
    attempts = await make(evidence, hidden)
    keep(ledger, task, attempts)
    candidates = unlike(attempts, job.maker)
    notice(f"choosing among {len(candidates):,} programs")
    select = await tried(task, evidence.select, candidates, sandbox)
    pay = paying(job, evidence, spent(attempts), 0.0)
    finals: list[Final] = []
    for cascade in proposals(select, candidates, task.risk):
        notice(f"testing {len(cascade)} rules on {len(evidence.certify):,} items")
        final, pay = await put_to_test(job, evidence, cascade, spent(attempts), sandbox, tally)
        finals.append(final)
        if final.certified:
            break
    test = await tried(task, evidence.test, candidates, sandbox)
    done = Distilled(job, evidence, tuple(attempts), candidates, select, test, tuple(finals), pay)
    if not finals or not finals[-1].certified:
        return done
    return certified(await beside(done, hidden, compare, notice) if compare else done)


async def beside(done: Distilled, hidden: Covered, compare: Compare, notice: Notice) -> Distilled:
    """With a model's answers to the certify items; where it then may audit, that costs tokens in use. A comparison that
    would make the rules too dear, or fails, is left out with a notice: they are certified without it."""
    final, pay, job = done.finals[-1], done.pay, done.job
    trial = final.certify.trial(final.cascade)
    audits = pay.with_rules + (job.audit * trial.coverage * pay.baseline if job.teacher == GOLD else 0.0)
    dear = replace(pay, making=pay.making + min(MOST, trial.answered) * pay.baseline, with_rules=audits)
    even = break_even(dear.making, dear.baseline, dear.with_rules)
    if even is None or (pay.requests is not None and even > pay.requests):
        notice("not compared with the auditor: its tokens would not be paid back")
        return done
    notice("asking the auditor about the certify items")
    try:
        found = await compare(trial, hidden)
    except (ModelError, LimitError) as error:
        notice(f"not compared with the auditor: {error}")
        return done
    pay = replace(pay, making=pay.making + found.usage.total)
    return replace(done, compared=found, pay=replace(pay, with_rules=audits) if found.may_audit(job.task.risk) else pay)


def keep(ledger: Ledger, task: Task, attempts: Sequence[Attempt]) -> None:
    """Every attempt in the ledger: whether there was a program, and what it did on train."""
    for attempt in attempts:
        trial, name = attempt.trial, f"{task.name} {attempt.name}"
        ledger.record(MeasureRow("", "made", float(trial is not None), name))
        if trial:
            ledger.record(MeasureRow("", "train_right", float(trial.answered - trial.wrong), name))
            ledger.record(MeasureRow("", "train_wrong", float(trial.wrong), name))


def unlike(attempts: Sequence[Attempt], maker: str) -> tuple[Candidate, ...]:
    """Each program once, in the order of writing."""
    found: dict[str, Candidate] = {}
    for attempt in attempts:
        if attempt.code:
            candidate = Candidate(attempt.code, maker, attempt.name)
            found.setdefault(candidate.hash, candidate)
    return tuple(found.values())


def proposals(select: Run, candidates: Sequence[Candidate], risk: float) -> list[tuple[Candidate, ...]]:
    """The cascade that is worth most on the select items; then, if that fails, the one program that errs least there
    and answers most."""
    best = tuple(chosen(select, candidates, risk))
    if not best:
        return []

    def care(candidate: Candidate) -> tuple[int, int]:
        trial = select.trial([candidate])
        return trial.wrong, -trial.answered

    careful = min(ranked(select, candidates, risk), key=care)
    both = [best, (careful,)] if select.trial([careful]).answered else [best]
    return list(dict.fromkeys(both))[:FINALS]


async def put_to_test(
    job: Job, evidence: Evidence, cascade: tuple[Candidate, ...], making: Usage, sandbox: Interpreter, tally: Tally
) -> tuple[Final, Pay]:
    """One test on the certify items, paid for before anybody looks; none where it could not succeed anyway."""
    task, terms = job.task, Terms.of(job.task)
    certify = await tried(task, evidence.certify, cascade, sandbox)
    changed = certify.changed(cascade, await tried_apart(task, evidence.certify, cascade, sandbox))
    trial = certify.trial(cascade)
    pay = paying(job, evidence, making, trial.coverage)
    refusals = barred(terms, evidence.constant_error(task), changed, pay)
    what = f"{task.name} {terms} {' '.join(c.hash for c in cascade)}"
    if refusals or (refusals := hopeless(trial.answered, trial.n, terms, tally.following(evidence.touched))):
        return Final(cascade, certify, refusals), pay
    claim = tally.claim(what, evidence.touched, today())
    verdict = claim.verdict or judge(seen(task, trial, evidence.constant), terms, claim.j)
    tally.settle(claim, verdict)
    return Final(cascade, certify, verdict.refusals, verdict), pay


def hopeless(answered: int, n: int, terms: Terms, j: int) -> tuple[Refusal, ...]:
    """Refused by the number of answers alone: even without an error they could prove nothing, so no test is spent."""
    needed = smallest_n(0, terms.alpha, spend(terms.delta, j) / terms.claims)
    if answered >= needed:
        return ()
    return (Refusal("few", f"it answers {answered:,} of {n:,} items, and test {j} needs {needed:,} without an error"),)


def paying(job: Job, evidence: Evidence, making: Usage, coverage: float) -> Pay:
    """Tokens of one request, by the characters of prompt and answer on the certify items. Audits cost tokens where
    a model is the teacher."""
    baseline = per_request(job.task, evidence.certify)
    audits = 0.0 if job.teacher == GOLD else job.audit * coverage * baseline
    return Pay(making.total, baseline, (1 - coverage) * baseline + audits, job.requests)


def per_request(task: Task, rows: Sequence[Example]) -> float:
    if not rows:
        return 0.0
    before, after = task.parts
    frame = len(task.system) + len(before) + len(after)
    return sum(frame + len(row.text) + len(_written(row.label)) for row in rows) / len(rows) / CHARS


def _written(label: Json) -> str:
    return label if isinstance(label, str) else str(label)


def certified(done: Distilled) -> Distilled:
    final, job, evidence = done.finals[-1], done.job, done.evidence
    assert final.verdict
    certificate = Certificate(
        task=job.task.name,
        rules=tuple(candidate.hash for candidate in final.cascade),
        terms=Terms.of(job.task),
        verdict=final.verdict,
        splits=evidence.hashes,
        data=evidence.digest,
        toolkit=TOOLKIT,
        sandbox=SANDBOX,
        date=today(),
        macros=job.macros,
        teacher=job.teacher,
        tokens_making=done.tokens_making,
        auditors=done.auditors,
    )
    return replace(done, certificate=certificate)


def today() -> str:
    return datetime.now(UTC).date().isoformat()
