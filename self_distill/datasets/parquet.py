"""Parquet by the batch. In a file of its own, for polars takes longer to import than most files to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from self_distill.errors import DataError

BATCH = 20_000
"""Rows in memory at a time."""


def parquet_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    start = 0
    while True:
        try:
            batch = pl.scan_parquet(path, glob=False).slice(start, BATCH).collect()
        except (OSError, pl.exceptions.PolarsError):
            raise DataError(f"{path}: cannot be read as Parquet from row {start + 1} on") from None
        yield from enumerate(batch.iter_rows(named=True), start + 1)
        if batch.height < BATCH:
            return
        start += BATCH
