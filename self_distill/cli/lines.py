"""JSONL in, scrubbed JSONL out, line by line and in order; an interrupted file goes on where it ended."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rich.progress import Progress

from self_distill.datasets.files import numbered
from self_distill.errors import DataError
from self_distill.macros.report import Totals
from self_distill.macros.scrub import Macros, Scrubbed
from self_distill.macros.vault import Vault

AT_ONCE = 2_000
"""Lines that are scanned together: the engine is fastest in bulk."""


@dataclass(frozen=True, slots=True)
class Lines:
    """With a `vault` a value has the same placeholder in all lines; without, each line has its own."""

    source: Path
    target: Path
    keep: bool = False
    resume: bool = False
    vault: Vault | None = None

    @property
    def part(self) -> Path:
        """What is written until all is done; then it takes the place of `target`."""
        return self.target.with_name(f".{self.target.name}.part")


def scrub_lines(macros: Macros, lines: Lines, bars: Progress, totals: Totals | None = None) -> int:
    """Lines written in all; `totals` takes in those of this call. Raises `DataError` for a line without `text`;
    what was written stays for `--resume`."""
    done = _done(lines.part) if lines.resume else 0
    if lines.resume and not lines.part.exists() and lines.target.exists():
        if _count(lines.target) != (there := sum(1 for _ in numbered(lines.source))):
            raise DataError(f"{lines.target} is finished and {lines.source} has {there:,} lines: give another --out")
        return there
    bar = bars.add_task(lines.source.name, total=None, completed=done)
    rows = islice(numbered(lines.source), done, None)
    try:
        out = lines.part.open("ab" if lines.resume else "wb")
    except OSError as error:
        raise DataError(f"{lines.target}: {error.strerror or error}") from None
    with out:
        os.chmod(out.fileno(), 0o600) if lines.keep else None
        while chunk := list(islice(rows, AT_ONCE)):
            texts = [_text(row, lines.source, number) for number, row in chunk]
            started = time.perf_counter()
            scrubbed = macros.scrub_many(texts, [lines.vault] * len(texts) if lines.vault else None)
            if totals is not None:
                totals.seconds += time.perf_counter() - started
                for text, one in zip(texts, scrubbed, strict=True):
                    totals.add(text, one)
            pairs = zip(chunk, scrubbed, strict=True)
            written = [_line(row, one, done + i, lines.keep) for i, ((_, row), one) in enumerate(pairs)]
            out.write("".join(written).encode())
            out.flush()
            done += len(chunk)
            bars.update(bar, completed=done)
    lines.part.replace(lines.target)
    return done


def _line(row: Mapping[str, Any], scrubbed: Scrubbed, number: int, keep: bool) -> str:
    """One line of output. ASCII escapes keep lone surrogates, which a text may hold and UTF-8 may not."""
    spans = [
        {"start": s.start, "end": s.end, "type": s.type, "score": s.score, "detector": s.detector}
        for s in scrubbed.spans
    ]
    kept = dict(row) if keep else {}
    return json.dumps({**kept, "id": row.get("id", number), "text": scrubbed.text, "spans": spans}) + "\n"


def _text(row: Mapping[str, Any], source: Path, number: int) -> str:
    text = row.get("text")
    if not isinstance(text, str):
        raise DataError(f"{source}, line {number}: no field `text` that is a string")
    return text


def _done(part: Path) -> int:
    """Whole lines in `part`; a last line that was cut is taken away."""
    if not part.exists():
        return 0
    with part.open("rb+") as file:
        count = end = 0
        for line in file:
            if line.endswith(b"\n"):
                count, end = count + 1, end + len(line)
        file.truncate(end)
    return count


def _count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
