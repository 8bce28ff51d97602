"""Is the ledger whole? Cheap and honest: shows damage, edits by hand and missing rows, not a forger who
recomputes seals and counters."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from self_distill.tracking.tables import TABLES, answers, calls, executions, forgotten, runs, seal


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rows` per table. `unfinished` counts requests that have calls or executions but no answer: cut off by
    a kill, or still under way; that is no problem of the ledger. Of a damaged file nothing is counted."""

    rows: dict[str, int]
    unfinished: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        counts = ", ".join(f"{count:,} {table}" for table, count in self.rows.items())
        if self.problems:
            return f"NOT whole: {'; '.join(self.problems)}" + (f" ({counts})" if counts else "")
        return f"whole: {counts}" + (f"; {self.unfinished} requests without an answer" if self.unfinished else "")


def guard_appending(db: Connection) -> None:
    """SQLite itself refuses to change a row."""
    for table in TABLES.values():
        db.execute(
            text(
                f"CREATE TRIGGER IF NOT EXISTS {table.name}_append_only BEFORE UPDATE ON {table.name} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
        )


def verdict(db: Connection, sqlite: bool) -> Verdict:
    problems = _damage(db) if sqlite else []
    rows: dict[str, int] = {}
    if problems:
        return Verdict(rows, 0, tuple(problems))
    for table in TABLES.values():
        rows[table.name] = db.scalar(select(func.count()).select_from(table)) or 0
        problems += _edited(db, table)
        problems += _strangers(db, table)
        if sqlite:
            problems += _holes(db, table, rows[table.name])
    return Verdict(rows, _unfinished(db), tuple(problems))


def _damage(db: Connection) -> list[str]:
    try:
        found = db.scalars(text("PRAGMA integrity_check(5)")).all()
    except DBAPIError as error:
        found = [str(error.orig)]
    return [f"the file is damaged: {line}" for line in found if line != "ok"]


def _edited(db: Connection, table: Table) -> list[str]:
    found = db.execute(select(table).order_by(table.c.id)).mappings()
    changed = [row["id"] for row in found if seal(row) != row["seal"]]
    return [f"{table.name}: {len(changed)} rows were changed, first {changed[0]}"] if changed else []


def _holes(db: Connection, table: Table, count: int) -> list[str]:
    """SQLite numbers rows without a gap, so what is neither here nor forgotten was taken out."""
    last = db.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}) or 0
    gone = db.scalar(select(func.sum(forgotten.c.rows)).where(forgotten.c.table == table.name)) or 0
    missing = last - gone - count
    return [f"{table.name}: {missing} rows are missing"] if missing else []


def _strangers(db: Connection, table: Table) -> list[str]:
    known = select(runs.c.id)
    strange = (table.c.run != "") & table.c.run.not_in(known)
    count = db.scalar(select(func.count()).select_from(table).where(strange))
    return [f"{table.name}: {count} rows belong to no run"] if count else []


def _unfinished(db: Connection) -> int:
    begun = select(calls.c.trace).where(calls.c.phase == "use").union(select(executions.c.trace)).subquery()
    open_ = select(func.count()).select_from(begun).where(begun.c.trace.not_in(select(answers.c.trace)))
    return db.scalar(open_) or 0
