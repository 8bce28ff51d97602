"""Gold for answers that the coin chose: evidence for the watch. What somebody volunteers on others is a notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from self_distill.certificates.certificate import GOLD, Certificate
from self_distill.certificates.lock import locked
from self_distill.datasets.files import Row, numbered
from self_distill.errors import AnswerError, DataError
from self_distill.macros.scrub import Macros, NoMacros
from self_distill.rules.store import Store
from self_distill.task import Task
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import AnswerRow, AuditRow, Json
from self_distill.watcher import Watcher

Outcome = Literal["right", "wrong", "notice", "known", "unknown"]
OPEN, JUDGED = ("waits", "failed"), ("right", "wrong")
"""Audits that a verdict may still decide, and those that one decided: the first one stands."""


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict on the answer of `trace`, or on that to `item`: the right `label`, or whether it was `right`."""

    trace: str = ""
    item: str = ""
    label: Json = None
    right: bool | None = None


def read_feedback(path: Path, task: Task, macros: Macros | NoMacros) -> list[Said]:
    """Raises `DataError` that names file and row."""
    return [_said(row, task, macros, f"{path}: row {number}") for number, row in numbered(path)]


def _said(row: Row, task: Task, macros: Macros | NoMacros, where: str) -> Said:
    trace, item = ("" if row.get(key) is None else str(row[key]) for key in ("trace", "id"))
    label, right = row.get("label"), row.get("right")
    if not trace and not item:
        raise DataError(f"{where} has no `trace` and no `id`")
    if isinstance(right, bool):
        return Said(trace, item, right=right)
    if label is None:
        raise DataError(f"{where} has no `label` (nor `right`: true or false)")
    try:
        label = task.checked(label)
    except AnswerError as error:
        raise DataError(f"{where}: {error}") from None
    if isinstance(label, str) and macros.scrub(label, only=task.mask or None).text != label:
        raise DataError(
            f"{where}: the record has no personal data to compare this label with: say `right`: true or false"
        )
    return Said(trace, item, label)


class Feedback:
    """On the answers of one task in `ledger`; the certificates are those of the tools in `store`."""

    def __init__(self, task: Task, store: Store, watcher: Watcher, ledger: SqlLedger, lock: Path) -> None:
        self._task = task
        self._watcher = watcher
        self._ledger = ledger
        self._lock = lock
        self._certificates = certificates(store, task.name)

    def take(self, said: Sequence[Said]) -> dict[Outcome, int]:
        """How many verdicts were evidence (right or wrong), notices, known before, or on nothing in the ledger."""
        found: Counter[Outcome] = Counter()
        with self._alone():
            items = self._ledger.traces_of(self._task.name, {one.item for one in said if not one.trace})
            for one in said:
                traces = [one.trace] if one.trace else items.get(one.item, [])
                found[self._one(one, traces)] += 1
        return {outcome: found[outcome] for outcome in get_args(Outcome)}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two processes with the same verdicts count them once."""
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(self._lock))
            except OSError as error:
                raise DataError(f"{self._lock} cannot be used: {error.strerror or error}") from None
            yield

    def waiting(self) -> list[AnswerRow]:
        """The chosen answers that nobody has judged yet."""
        audits = self._ledger.audited(self._task.name)
        judged = {row.trace for row in audits if row.outcome in JUDGED}
        waits = (row.trace for row in audits if row.outcome == "waits" and row.auditor == GOLD)
        open_ = dict.fromkeys(trace for trace in waits if trace not in judged)
        return [seen.answer for trace in open_ if (seen := self._seen(trace))]

    def _one(self, said: Said, traces: Sequence[str]) -> Outcome:
        """One item is one piece of evidence, however often it was answered."""
        found = [seen for trace in traces if (seen := self._seen(trace))]
        if not found:
            return "unknown"
        judged = {audit.certificate for seen in found for audit in seen.audits if audit.outcome in JUDGED}
        open_ = [seen for seen in found if seen.open and seen.open.certificate not in judged]
        if judged and not open_:
            return "known"
        seen = open_[0] if open_ else found[-1]
        right = self._task.score(seen.answer.value, said.label) if said.right is None else said.right
        certificate = self._certificates.get(seen.open.certificate) if seen.open else None
        if seen.open and certificate and certificate.tolerated(GOLD) is not None:
            row = replace(seen.open, auditor=GOLD, value=said.label, detail="")
            self._watcher.judged(certificate, row, right)
            return "right" if right else "wrong"
        row = AuditRow(seen.answer.trace, self._task.name, "", "notice", auditor=GOLD, value=said.label)
        self._ledger.record(replace(row, item=seen.answer.item, detail="right" if right else "wrong"))
        return "notice"

    def _seen(self, trace: str) -> _Seen | None:
        rows = [entry.row for entry in self._ledger.entries(trace=trace, kinds=(AnswerRow, AuditRow))]
        mine = [row for row in rows if isinstance(row, AnswerRow | AuditRow) and row.task == self._task.name]
        answers = [row for row in mine if isinstance(row, AnswerRow) and not row.error]
        audits = tuple(row for row in mine if isinstance(row, AuditRow))
        return _Seen(answers[-1], audits, len(answers) == 1) if answers else None


@dataclass(frozen=True, slots=True)
class _Seen:
    """`alone` says that the trace has one answer of this task, so that a verdict can only be on that."""

    answer: AnswerRow
    audits: tuple[AuditRow, ...]
    alone: bool

    @property
    def open(self) -> AuditRow | None:
        """The audit that a verdict decides."""
        found = [audit for audit in self.audits if audit.chosen and audit.outcome in OPEN]
        return found[-1] if found and self.alone and self.answer.by.startswith("rule:") else None


def certificates(store: Store, task: str) -> dict[str, Certificate]:
    """By id, of the tools of a task, whatever their status."""
    found = {}
    for rule in store.rules():
        if rule.task == task and rule.card.certificate:
            try:
                certificate = Certificate.from_json(rule.card.certificate)
            except DataError:
                continue
            found[certificate.id] = certificate
    return found
