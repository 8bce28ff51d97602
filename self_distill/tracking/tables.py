"""The ledger's tables and how a row gets into one and out again.

Texts and values are stored as JSON with ASCII escapes: NUL and lone surrogates, which databases refuse or
mangle, survive. `seal` is a hash over the row as stored, for `SqlLedger.verify`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import Field, asdict, dataclass, fields
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from self_distill.types import AnswerRow, AuditRow, CallRow, LedgerRow, MeasureRow, RuleRow, Usage

SCHEMA = 1
_JSON_FIELDS = frozenset({"text", "value", "masked"})
_KINDS: dict[Any, Callable[[Any], Any]] = {"int": int, "float": lambda value: float(value) + 0.0}
METADATA = MetaData()
# SQLite counts up by itself only in a column that is called exactly INTEGER.
_ID = BigInteger().with_variant(Integer, "sqlite")

meta = Table("meta", METADATA, Column("key", String, primary_key=True), Column("value", String))
runs = Table(
    "runs",
    METADATA,
    Column("id", String, primary_key=True),
    Column("experiment", String, nullable=False),
    Column("params", Text, nullable=False),
    Column("started", Double, nullable=False),
    Column("finished", Double),
    Column("status", String, nullable=False),
)
forgotten = Table(
    "forgotten",
    METADATA,
    Column("table", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("at", Double, nullable=False),
)


def _table(name: str, row: type) -> Table:
    columns = [column for field in fields(row) for column in _columns(field.name, str(field.type))]
    return Table(
        name,
        METADATA,
        Column("id", _ID, primary_key=True, autoincrement=True),
        Column("run", String, nullable=False),
        Column("approach", String, nullable=False),
        Column("at", Double, nullable=False),
        *columns,
        Column("seal", String, nullable=False),
        Index(f"{name}_by_trace", "trace"),
        Index(f"{name}_by_run", "run", "approach"),
        sqlite_autoincrement=True,
    )


def _columns(name: str, kind: str) -> list[Column[Any]]:
    if name == "usage":
        counts = [Column(part, Integer, nullable=False) for part in ("tokens_in", "tokens_out")]
        return [*counts, Column("counted", String, nullable=False)]
    return [Column(name, {"int": BigInteger, "float": Double}.get(kind, Text), nullable=False)]


calls = _table("calls", CallRow)
executions = _table("executions", RuleRow)
answers = _table("answers", AnswerRow)
measures = _table("measures", MeasureRow)
audits = _table("audits", AuditRow)
TABLES: dict[type, Table] = {
    CallRow: calls,
    RuleRow: executions,
    AnswerRow: answers,
    MeasureRow: measures,
    AuditRow: audits,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as the ledger keeps it: whose it is, and when (seconds since 1970)."""

    row: LedgerRow
    run: str
    approach: str
    at: float

    def as_json(self) -> dict[str, Any]:
        kind = TABLES[type(self.row)].name
        return {"kind": kind, "at": self.at, "run": self.run, "approach": self.approach, **asdict(self.row)}


def _as_json(field: Field[Any]) -> bool:
    return field.name in _JSON_FIELDS and field.type != "float"


LARGEST = 2**63 - 1


def pack(row: LedgerRow, run: str, approach: str, at: float) -> dict[str, Any]:
    stored: dict[str, Any] = {"run": plain(run), "approach": plain(approach), "at": at}
    for field in fields(row):
        value = getattr(row, field.name)
        if _as_json(field):
            stored[field.name] = json.dumps(value, sort_keys=True)
        elif isinstance(value, Usage):
            stored |= {"tokens_in": value.tokens_in, "tokens_out": value.tokens_out}
            stored["counted"] = plain(value.counted)
        else:
            # The database gives a float column back as float, and -0.0 as 0.0; the seal must not depend on that.
            stored[field.name] = plain(value) if isinstance(value, str) else _KINDS[field.type](value)
    if any(isinstance(value, int) and abs(value) > LARGEST for value in stored.values()):
        raise OverflowError(f"a number in a row of {type(row).__name__} is too large")
    return stored | {"seal": seal(stored)}


def unpack(row: type[LedgerRow], stored: Mapping[Any, Any]) -> Entry:
    values: dict[str, Any] = {}
    for field in fields(row):
        if field.name == "usage":
            values["usage"] = Usage(stored["tokens_in"], stored["tokens_out"], stored["counted"])
        elif _as_json(field):
            values[field.name] = json.loads(stored[field.name])
        else:
            values[field.name] = stored[field.name]
    return Entry(row(**values), stored["run"], stored["approach"], stored["at"])


def seal(stored: Mapping[Any, Any]) -> str:
    """A hash over a stored row. It shows damage and edits by hand; who knows it can forge it."""
    parts = sorted((key, value) for key, value in stored.items() if key not in ("id", "seal"))
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def plain(text: str) -> str:
    """A text as a database takes it: also the form to look it up by."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
