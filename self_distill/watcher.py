"""The watch of certified rules in use: a coin for each of their answers, an audit where it says so, demotion at once.

One object for library, batch and gateway. An audit runs beside the answer and never breaks it, and whatever becomes
of it is a row in the ledger.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import reduce
from typing import Protocol

from self_distill.background import begin
from self_distill.budget import Budget
from self_distill.certificates.certificate import GOLD, Certificate
from self_distill.certificates.watch import Watch, toss
from self_distill.certificates.watches import Watches
from self_distill.door import NO_JOURNAL, Door, Errand
from self_distill.errors import SelfDistillError
from self_distill.protocols import Ledger
from self_distill.rules.store import Store
from self_distill.task import Task
from self_distill.types import AuditRow, Json

logger = logging.getLogger(__name__)

UNDER_WAY = 64
"""Audits that may be under way; where there are more, answers wait for them: none goes unwatched."""
TOGETHER = 200
"""Requests whose abstentions are written together; a crash may lose as many, and they only make notices."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """One request that certified rules were asked. `text` and `value` are scrubbed."""

    task: Task
    certificate: Certificate
    text: str
    errand: Errand
    item: str = ""
    answered: bool = False
    value: Json = None

    @property
    def coin(self) -> str:
        """Several answers of one trace have several coins."""
        text = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{self.errand.trace} {text}"


class Watching(Protocol):
    counts: Counter[str]

    async def see(self, ruling: Ruling) -> None: ...

    async def close(self) -> None: ...


class NoWatch:
    """Where no certified rule acts."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    async def see(self, ruling: Ruling) -> None: ...

    async def close(self) -> None: ...


class Watcher:
    """`door` is the pipeline's own, if there is one; `doors` opens one to another model by its name; `rate` is the
    share of answers that are audited."""

    def __init__(
        self,
        watches: Watches,
        store: Store,
        ledger: Ledger,
        rate: float,
        doors: Callable[[str], Door],
        door: Door | None = None,
    ) -> None:
        self.watches = watches
        self._store = store
        self._ledger = ledger
        self._own = door.client.name if door else ""
        self._doors = {self._own: door} if door else {}
        self._open = doors
        self._rate = rate
        self.counts: Counter[str] = Counter()
        """Rows of each outcome that were written here."""
        self._audits: set[Future[None]] = set()
        self._pending: dict[str, list[bool]] = {}
        self._certificates: dict[str, Certificate] = {}
        self._lock = threading.Lock()

    async def see(self, ruling: Ruling) -> None:
        """Counts the request, tosses for its answer, and starts the audit. Raises nothing of the watch's own."""
        row = AuditRow(ruling.errand.trace, ruling.task.name, ruling.certificate.id, "passed", item=ruling.item)
        try:
            self._asked(ruling)
            if not ruling.answered:
                return
            tossed = toss(self.watches.key, ruling.coin, self._rate)
            row = replace(row, point=tossed.point, rate=tossed.rate)
            if not tossed.audit:
                self._record(row)
                return
            row = replace(row, outcome="waits", auditor=self._auditor(ruling.certificate))
            self._record(row)
            if row.auditor != GOLD:
                await self._start(ruling, row)
        except SelfDistillError as error:
            self._failed(row, error)

    def judged(self, certificate: Certificate, row: AuditRow, right: bool) -> None:
        """Takes in a verdict on an answer that the coin chose; raises `DataError` when the watch cannot be kept."""
        limit = certificate.tolerated(row.auditor)
        assert limit is not None, "nobody audits whom the certificate does not name"
        pending = self._taken(certificate)

        def change(watch: Watch) -> Watch:
            return reduce(Watch.asked, pending, watch).audited(not right, limit)

        before, after = self.watches.change(certificate, change)
        rang = after.demoted and not before.demoted
        told = after.notices[0] if rang else row.detail
        self._record(replace(row, outcome="right" if right else "wrong", detail=told))
        self._tell(certificate, before, after)

    async def close(self) -> None:
        """Waits for the audits under way, and writes what is not written yet."""
        for audit in tuple(self._audits):
            await asyncio.wait([asyncio.wrap_future(audit)])
        for certificate in tuple(self._certificates.values()):
            try:
                self._flush(certificate)
            except SelfDistillError as error:
                logger.warning("%s: the watch could not be kept: %s", certificate.task, error)
        for name, door in self._doors.items():
            if name != self._own:
                await door.close()

    def _record(self, row: AuditRow) -> None:
        self._ledger.record(row)
        self.counts[row.outcome] += 1

    def _auditor(self, certificate: Certificate) -> str:
        """The model at hand where the certificate lets it audit, else the teacher."""
        mine = self._own
        return mine if mine and certificate.tolerated(mine) is not None else certificate.teacher

    async def _start(self, ruling: Ruling, row: AuditRow) -> None:
        while len(self._audits) >= UNDER_WAY:
            under_way = [asyncio.wrap_future(audit) for audit in tuple(self._audits)]
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        audit = begin(self._audit(ruling, row))
        self._audits.add(audit)
        audit.add_done_callback(self._audits.discard)

    async def _audit(self, ruling: Ruling, row: AuditRow) -> None:
        """What goes wrong here is a row and a notice."""
        task = ruling.task
        try:
            door = self._way_to(row.auditor)
            request = task.request(door.client.name, ruling.text, label=f"audit {task.name}")
            errand = replace(ruling.errand, phase="audit", budget=Budget(), journal=NO_JOURNAL)
            said = task.parse((await door.ask(request, errand)).text)
            self.judged(ruling.certificate, replace(row, value=said), task.score(ruling.value, said))
        except Exception as error:
            self._failed(row, error)
        except BaseException as error:
            self._failed(row, error)
            raise

    def _way_to(self, auditor: str) -> Door:
        if auditor not in self._doors:
            self._doors[auditor] = self._open(auditor)
        return self._doors[auditor]

    def _failed(self, row: AuditRow, error: BaseException) -> None:
        self._record(replace(row, outcome="failed", detail=type(error).__name__))
        told = error if isinstance(error, SelfDistillError) else type(error).__name__
        logger.warning("%s: an audit by %s failed: %s", row.task, row.auditor or "nobody", told)

    def _asked(self, ruling: Ruling) -> None:
        with self._lock:
            self._certificates[ruling.certificate.id] = ruling.certificate
            pending = self._pending.setdefault(ruling.certificate.id, [])
            pending.append(ruling.answered)
        if len(pending) >= TOGETHER:
            self._flush(ruling.certificate)

    def _taken(self, certificate: Certificate) -> list[bool]:
        with self._lock:
            return self._pending.pop(certificate.id, [])

    def _flush(self, certificate: Certificate) -> None:
        if pending := self._taken(certificate):
            self._tell(certificate, *self.watches.change(certificate, lambda w: reduce(Watch.asked, pending, w)))

    def _tell(self, certificate: Certificate, before: Watch, after: Watch) -> None:
        """A notice once, when its time has come; a demotion also on the cards."""
        for notice in after.since(before):
            logger.warning("%s: %s", certificate.task, notice)
        if after.demoted and not before.demoted:
            demote(self._store, certificate, after.notices[0])


def demote(store: Store, certificate: Certificate, why: str) -> None:
    """All rules of the certificate, for none has a bound of its own. Where a card cannot be written, the state of the
    watch keeps them from acting."""
    store.fresh(certificate.task)
    for rule in store.cascade(certificate.task):
        if rule.status == "certified" and rule.hash in certificate.rules:
            try:
                store.enter(rule.name, "demoted", why)
            except SelfDistillError as error:
                logger.warning("%s: its card does not say that it is demoted: %s", rule.name, error)
