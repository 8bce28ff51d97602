"""The ledger: an append-only record of every call, execution and answer, from which every figure is computed."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from sqlalchemy import Connection, delete, insert, select, union, update

from self_distill.errors import DataError, SettingsError
from self_distill.tracking.database import MEMORY, Database
from self_distill.tracking.tables import (
    METADATA,
    SCHEMA,
    TABLES,
    Entry,
    answers,
    audits,
    forgotten,
    meta,
    pack,
    plain,
    runs,
    unpack,
)
from self_distill.tracking.verify import Verdict, guard_appending, verdict
from self_distill.types import AnswerRow, AuditRow, Json, LedgerRow, RuleRow

FINAL = ("", "AnswerError", "EgressBlocked", "MacroFailed")
"""How an answer may have ended so that asking again would change nothing."""
TOGETHER = 1_000
"""Rows of rules at work that wait at most."""
LOOKED_UP = 500
"""Items that one query names."""


@dataclass(frozen=True, slots=True)
class Run:
    """`status` is "running", "done", "interrupted" or "failed"; a process that was killed leaves "running".
    Times are seconds since 1970."""

    id: str
    experiment: str
    params: Mapping[str, Json]
    started: float
    finished: float | None
    status: str


class SqlLedger:
    """Fits `protocols.Ledger`. `where` is a path, ":memory:" (gone with the object) or a PostgreSQL URL;
    raises `SettingsError` when it cannot be opened or another version wrote it. Threads and processes may
    write at once."""

    def __init__(self, where: str | Path = MEMORY) -> None:
        self._waiting: dict[type, list[dict[str, object]]] = {}
        self._held = False
        self.writes = 0
        """Transactions of rows so far."""
        self._lock = threading.RLock()
        self._db = Database(str(where))
        with self._db.write() as db:
            self._db.lock_setup(db)
            METADATA.create_all(db)
            if self._db.sqlite:
                guard_appending(db)
            version = db.scalar(select(meta.c.value).where(meta.c.key == "schema"))
            if version is None:
                db.execute(insert(meta).values(key="schema", value=str(SCHEMA)))
        if version not in (None, str(SCHEMA)):
            raise SettingsError(
                f"the ledger {self._db.shown} has schema {version}, this program writes {SCHEMA}: use another"
            )

    def record(self, *rows: LedgerRow) -> None:
        self.append(rows)

    def append(self, rows: Iterable[LedgerRow], run: str = "", approach: str = "") -> None:
        """Appends rows in one transaction, all or none. Rows of rules at work wait for the next row of another kind:
        a transaction for each would cost more than the rule."""
        rows, now = tuple(rows), time.time()
        with self._lock, self._db.plain_errors():
            after = {kind: [*values] for kind, values in self._waiting.items()}
            for row in rows:
                after.setdefault(type(row), []).append(pack(row, run, approach, now))
            free = all(_light(row) or (self._held and _ruled(row)) for row in rows)
            if not free or sum(map(len, after.values())) >= TOGETHER:
                self._write(after)
                after = {}
            self._waiting = after

    def hold(self, on: bool = True) -> None:
        """From now on, until it is off, the answers of rules wait too, for who answers many texts. Whoever reads sees
        them all the same; what was paid for is written at once, with what waits."""
        self._held = on

    def flush(self) -> None:
        """Writes the rows that wait, all or none."""
        with self._lock:
            if self._waiting:
                self._write(self._waiting)
                self._waiting = {}

    def _write(self, packed: Mapping[type, list[dict[str, object]]]) -> None:
        with self._db.write() as db:
            for kind, values in packed.items():
                db.execute(insert(TABLES[kind]), values)
        self.writes += 1

    def _read(self) -> AbstractContextManager[Connection]:
        self.flush()
        return self._db.read()

    def run(self, experiment: str, params: Mapping[str, Json], resume: bool = False) -> RunLedger:
        """A new run; with `resume` the latest one of the same experiment and params that is not done, if
        there is one."""
        stored = json.dumps(params, sort_keys=True)
        same = (runs.c.experiment == experiment) & (runs.c.params == stored) & (runs.c.status != "done")
        with self._db.write() as db:
            found = db.scalar(select(runs.c.id).where(same).order_by(runs.c.started.desc())) if resume else None
            if found:
                db.execute(update(runs).where(runs.c.id == found).values(status="running", finished=None))
            else:
                values = {"experiment": experiment, "params": stored, "started": time.time()}
                found = f"{experiment}-{secrets.token_hex(4)}"
                db.execute(insert(runs).values(id=found, status="running", **values))
        return RunLedger(self, found)

    def runs(self, experiment: str = "") -> list[Run]:
        """Latest first."""
        query = select(runs).order_by(runs.c.started.desc())
        with self._read() as db:
            found = db.execute(query.where(runs.c.experiment == experiment) if experiment else query)
            return [Run(**{**row, "params": json.loads(row["params"])}) for row in found.mappings()]

    def finish(self, run: str, status: str) -> None:
        self.flush()
        with self._db.write() as db:
            db.execute(update(runs).where(runs.c.id == run).values(status=status, finished=time.time()))

    def entries(
        self,
        *,
        trace: str | None = None,
        run: str | None = None,
        approach: str | None = None,
        since: float = 0.0,
        kinds: Iterable[type[LedgerRow]] = tuple(TABLES),
    ) -> list[Entry]:
        """The rows that fit everything given, in the order of their writing."""
        wanted = {"trace": trace, "run": run, "approach": approach}
        found: list[tuple[float, int, Entry]] = []
        with self._read() as db:
            for order, kind in enumerate(kinds):
                table = TABLES[kind]
                fits = [table.c[name] == plain(value) for name, value in wanted.items() if value is not None]
                query = select(table).where(table.c.at >= since, *fits).order_by(table.c.id)
                found += [(entry.at, order, entry) for entry in _unpacked(db.execute(query).mappings(), kind)]
        return [entry for _, _, entry in sorted(found, key=lambda one: one[:2])]

    def traces_of(self, task: str, items: Iterable[str]) -> dict[str, list[str]]:
        """For each item the traces that answered it for this task, in their order."""
        found: dict[str, list[str]] = {}
        names = [plain(item) for item in items]
        with self._read() as db:
            for start in range(0, len(names), LOOKED_UP):
                among = answers.c.item.in_(names[start : start + LOOKED_UP])
                query = select(answers.c.item, answers.c.trace).where(answers.c.task == plain(task), among)
                for item, trace in db.execute(query.order_by(answers.c.id)):
                    found.setdefault(item, []).append(trace)
        return found

    def audited(self, task: str) -> list[AuditRow]:
        """What the coin chose of the answers to a task, and what became of it, in their order."""
        query = select(audits).where(audits.c.task == plain(task), audits.c.outcome != "passed")
        with self._read() as db:
            entries = _unpacked(db.execute(query.order_by(audits.c.id)).mappings(), AuditRow)
        return [entry.row for entry in entries if isinstance(entry.row, AuditRow)]

    def recent(self, n: int = 20) -> list[Entry]:
        """The last `n` answers (`AnswerRow`), latest first."""
        query = select(answers).order_by(answers.c.id.desc()).limit(n)
        with self._read() as db:
            return _unpacked(db.execute(query).mappings(), AnswerRow)

    def trace(self, trace: str) -> list[Entry]:
        """All that happened for one request; raises `DataError` when the ledger knows nothing of it."""
        if not (found := self.entries(trace=trace)):
            raise DataError(f"the ledger {self._db.shown} has no trace {trace!r}; `ledger show` lists them")
        return found

    def export(self, out: TextIO, trace: str | None = None) -> None:
        """All rows as JSON lines; ASCII, so that any text survives any terminal."""
        for entry in self.trace(trace) if trace else self.entries():
            out.write(json.dumps(entry.as_json()) + "\n")

    def done_items(self, run: str, approach: str) -> set[str]:
        """The items of an approach that have their answer, or an error that asking again would repeat."""
        fits = (answers.c.run == run, answers.c.approach == plain(approach), answers.c.item != "")
        with self._read() as db:
            return set(db.scalars(select(answers.c.item).where(*fits, answers.c.error.in_(FINAL))))

    def forget(self, older_than: float) -> int:
        """Deletes rows written before `older_than` (seconds since 1970), for good; returns how many."""
        total = 0
        self.flush()
        with self._db.write() as db:
            for table in TABLES.values():
                gone = db.execute(delete(table).where(table.c.at < older_than)).rowcount
                total += gone
                if gone:
                    db.execute(insert(forgotten).values(table=table.name, rows=gone, at=time.time()))
            kept = union(*(select(table.c.run) for table in TABLES.values()))
            db.execute(delete(runs).where(runs.c.finished < older_than, runs.c.id.not_in(kept)))
        self._db.sweep()
        return total

    def verify(self) -> Verdict:
        with self._read() as db:
            return verdict(db, sqlite=self._db.sqlite)

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._db.close()


@dataclass(frozen=True, slots=True)
class RunLedger:
    """A ledger whose rows belong to one run and one approach of it. As a context manager it marks the run as
    done, interrupted or failed."""

    ledger: SqlLedger
    id: str
    approach: str = ""

    def arm(self, approach: str) -> RunLedger:
        return RunLedger(self.ledger, self.id, approach)

    def record(self, *rows: LedgerRow) -> None:
        self.ledger.append(rows, self.id, self.approach)

    def rows(self) -> list[LedgerRow]:
        """The rows of this approach; without an approach, of the whole run."""
        return [entry.row for entry in self.ledger.entries(run=self.id, approach=self.approach or None)]

    def done_items(self) -> set[str]:
        return self.ledger.done_items(self.id, self.approach)

    def __enter__(self) -> RunLedger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        status = "done" if kind is None else "failed" if issubclass(kind, Exception) else "interrupted"
        self.ledger.finish(self.id, status)


def _light(row: LedgerRow) -> bool:
    """Of a rule at work, before its answer."""
    return isinstance(row, RuleRow) or (isinstance(row, AuditRow) and row.outcome == "passed")


def _ruled(row: LedgerRow) -> bool:
    return isinstance(row, AnswerRow) and row.by.startswith("rule:")


def _unpacked(found: Iterable[Mapping[Any, Any]], kind: type[LedgerRow]) -> list[Entry]:
    return [unpack(kind, row) for row in found]
