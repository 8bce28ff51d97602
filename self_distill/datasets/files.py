"""Rows of local files: JSON lines, CSV with a header, Parquet; as they are, or as examples.

A row in an error message is counted from 1: lines of a JSONL file, records below the header of a CSV file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from self_distill.errors import DataError
from self_distill.types import Example, Json, Span

CELL = 2**31 - 1  # characters; Python's default of 131,072 refuses long documents

Row = Mapping[str, Any]


def read_rows(path: Path) -> Iterator[Row]:
    """One row at a time; JSONL and CSV in constant memory, Parquet by the batch. Raises `DataError` that names
    file and row."""
    return (row for _, row in numbered(path))


def numbered(path: Path) -> Iterator[tuple[int, Row]]:
    """Rows with their numbers. A blank line of a JSONL file is no row, and counts."""
    if path.suffix not in READERS:
        raise DataError(f"{path}: a data file ends with {', '.join(READERS)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    module, _, function = READERS[path.suffix].partition(":")
    return _readable(path, getattr(import_module(module), function)(path))


def _readable(path: Path, rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    try:
        yield from rows
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None


def json_rows(path: Path) -> Iterator[tuple[int, Row]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                raise DataError(f"{path}: row {number} is not JSON") from None
            if not isinstance(row, dict):
                raise DataError(f"{path}: row {number} is not a JSON object")
            yield number, row


def csv_rows(path: Path) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(CELL)
    number = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            for number, row in enumerate(csv.DictReader(file, strict=True), 1):
                if None in row or None in row.values():
                    raise DataError(f"{path}: row {number} has more or fewer cells than the header")
                yield number, row
        except (csv.Error, UnicodeDecodeError):
            raise DataError(f"{path}: row {number + 1} is not CSV in UTF-8") from None


READERS = {
    ".jsonl": f"{__name__}:json_rows",
    ".csv": f"{__name__}:csv_rows",
    ".parquet": "self_distill.datasets.parquet:parquet_rows",
}


def read_examples(path: Path, labelled: bool = True) -> list[Example]:
    """Rows of {text, label} or {text, spans: [{start, end, type}]}, each with an optional id and group, and
    logged requests {messages, response | choices}. With `labelled`, a row without label and spans is an error.
    """
    return [example(row, path, number, labelled) for number, row in numbered(path)]


def example(row: Row, path: Path, number: int, labelled: bool = True) -> Example:
    try:
        text, label = logged(row) if "messages" in row else (row["text"], row.get("label"))
        spans = spans_of(row.get("spans"), text)
    except KeyError as error:
        raise DataError(f"{path}: row {number} has no {error.args[0]!r}") from None
    except (ValueError, TypeError, AttributeError, IndexError):
        raise DataError(f"{path}: row {number}: its spans or messages are not of the documented form") from None
    if not isinstance(text, str):
        raise DataError(f"{path}: row {number}: 'text' is not a string")
    if label is None and row.get("spans") is not None:
        label = sorted({span.type for span in spans})
    if labelled and label in (None, ""):
        raise DataError(f"{path}: row {number} has no 'label' and no 'spans'")
    group = row.get("group")
    name = row.get("id")
    return Example(
        f"{path.stem}-{number}" if name in (None, "") else str(name),
        text,
        label,
        spans,
        None if group in (None, "") else str(group),
    )


def spans_of(raw: Any, text: str) -> tuple[Span, ...]:
    """`raw` as a list of spans, or (a cell of a CSV file) as the JSON of one."""
    listed = json.loads(raw) if isinstance(raw, str) and raw else raw or []
    spans = tuple(sorted(Span(s["start"], s["end"], s["type"], detector="gold") for s in listed))
    if any(span.end > len(text) for span in spans):
        raise ValueError("a span ends behind the text")
    return spans


def logged(row: Row) -> tuple[str, Json]:
    """The last thing a user said and what the assistant answered: in `choices`, in `response` (text, message or
    whole reply), else as the last of the messages."""
    messages = list(row["messages"])
    answer = row.get("response", row.get("choices"))
    if answer is None and messages and messages[-1]["role"] == "assistant":
        answer = messages.pop()
    said = [message for message in messages if message["role"] == "user"]
    if not said:
        raise KeyError("message of a user")
    return words(said[-1]) or "", words(answer)


def words(reply: Any) -> str | None:
    """The text of a message, a reply with `choices`, or a list of either choices or content parts."""
    if reply is None or isinstance(reply, str):
        return reply
    if isinstance(reply, Mapping):
        inner = next((reply[k] for k in ("choices", "message", "body", "content", "text") if k in reply), None)
        return words(inner)
    if isinstance(reply, Sequence) and reply and "message" in reply[0]:
        return words(reply[0])
    return "".join(words(part) or "" for part in reply)
