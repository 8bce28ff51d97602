"""What every bench prints: rows with ours beside the peer's, as JSON or as a table."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from math import floor, log10
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from self_distill import __version__

Notice = Callable[[str], None]
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` above 1 is in our favour, and `low` to `high` is its interval. Where a ratio says nothing it is None,
    and `low` to `high` is the interval of `ours`. `n` counts what was measured: rounds, values or sizes."""

    case: str
    ours: float
    unit: str
    n: int
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


def document(bench: str, rows: Sequence[Row], packages: Sequence[str]) -> dict[str, Any]:
    order = ("case", "ours", "peer", "peer_name", "unit", "ratio", "low", "high", "n")
    shown = [{key: asdict(row)[key] for key in order} for row in rows]
    return {"bench": bench, "machine": machine(), "versions": versions(packages), "rows": shown}


def machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def versions(packages: Sequence[str]) -> dict[str, str]:
    found = {"python": platform.python_version(), "self-distill": __version__}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def figure(value: float | None) -> str:
    """Three digits that count, in full: "1,980", "0.934", "7.62"."""
    if value is None:
        return NOTHING
    places = 2 - floor(log10(abs(value))) if value else 0
    return f"{round(value, places):,.{min(max(places, 0), 6)}f}"


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    interval = NOTHING if row["low"] is None else f"{figure(row['low'])} to {figure(row['high'])}"
    ratio = NOTHING if row["ratio"] is None else f"{figure(row['ratio'])} x"
    peer = figure(row["peer"]) + (f" ({row['peer_name']})" if row["peer_name"] else "")
    return row["case"], f"{figure(row['ours'])} {row['unit']}", peer, ratio, interval, f"{row['n']:,}"


def show(found: dict[str, Any], console: Console) -> None:
    table = Table("case", "ours", "peer", "ratio", "interval", "n", box=None, pad_edge=False)
    for row in found["rows"]:
        table.add_row(*map(escape, cells(row)))
    console.print(f"[bold]{escape(found['bench'])}[/] on {escape(found['machine'])}")
    console.print(table)
    console.print(f"[dim]{escape(', '.join(f'{name} {number}' for name, number in found['versions'].items()))}")
