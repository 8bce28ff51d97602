"""A report as people read it: a table in the terminal, Markdown for the log, a plot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

COLUMNS = (
    "approach", "n", "calls", "tokens in", "out", "making", "change", "break-even",
    "accuracy (all)", "by rules", "by the model", "always majority", "exposures", "p50 / p95 ms",
)  # fmt: skip
TASK_COLUMNS = ("approach: task", "accuracy (all)", "by rules", "by the model", "always majority")
TOOL_COLUMNS = ("tool", "executions", "answers", "abstentions", "faults", "accuracy of its answers")
NOTHING = "–"


def console() -> Console:
    """Stdout; in a pipe, wide enough that no figure is broken."""
    found = Console()
    return found if found.is_terminal else Console(width=120)


def share(value: Mapping[str, Any] | None) -> str:
    """ "0.68 [0.53, 0.80] n=50" """
    if value is None:
        return NOTHING
    return f"{value['value']:.2f} [{value['low']:.2f}, {value['high']:.2f}] n={value['n']}"


def arm_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    change, even, p50 = row["change"], row["break_even"], row["latency_ms"]["p50"]
    return (
        row["approach"] + (" *" if row["uncertified"] else ""),
        str(row["n"]),
        str(row["calls"]),
        f"{row['tokens_in']:,}",
        f"{row['tokens_out']:,}",
        f"{row['tokens_making']:,}",
        NOTHING if change is None else f"{change:+.0%} against {row['baseline']}",
        NOTHING if row["baseline"] is None else "never" if even is None else f"{even:,} requests",
        *(share(row["accuracy"][part]) for part in ("all", "rule", "model", "majority")),
        str(row["exposures"]),
        NOTHING if p50 is None else f"{p50:,.1f} / {row['latency_ms']['p95']:,.1f}",
    )


def tables(report: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """(title, columns, rows) of the three tables of a report."""
    by_task = [
        (f"{row['approach']}: {task}", *(share(found[part]) for part in ("all", "rule", "model", "majority")))
        for row in report["rows"]
        for task, found in row["by_task"].items()
    ]
    tools = [
        (
            t["name"],
            *(str(t[k]) for k in ("executions", "answers", "abstentions", "faults")),
            share(t["accuracy"]),
        )
        for t in report["tools"]
    ]
    found = [
        ("Approaches", COLUMNS, [arm_cells(row) for row in report["rows"]]),
        ("Accuracy by task, with 95 % intervals", TASK_COLUMNS, by_task),
        ("Tools", TOOL_COLUMNS, tools),
    ]
    return [part for part in found if part[2]]


def footnotes(report: Mapping[str, Any]) -> list[str]:
    notes = [f"model {report['model']}, tools by {report['maker'] or 'nobody'}, seed {report['seed']}"]
    if any(row["uncertified"] for row in report["rows"]):
        notes.append("* its tools have no certificate: they act in experiments only")
    notes += [f"{arm}: {count} x {kind}" for arm, kinds in report["refused"].items() for kind, count in kinds.items()]
    return notes


def show(report: Mapping[str, Any], console: Console) -> None:
    console.print(f"\n[bold]{escape(report['experiment'])}[/]  {escape(report['title'])}")
    for title, columns, rows in tables(report):
        if title == "Approaches":
            columns, rows = _turned(columns, rows)
        table = Table(*map(escape, columns), title=title, title_justify="left", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*map(escape, row))
        console.print(table)
    for note in footnotes(report):
        console.print(f"[dim]{escape(note)}")


def _turned(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Figures down, approaches across: fourteen columns fit no terminal."""
    turned = list(zip(columns, *rows, strict=True))
    return turned[0], turned[1:]


def markdown(report: Mapping[str, Any]) -> str:
    parts = []
    for _, columns, rows in tables(report):
        lines = [columns, tuple("---" for _ in columns), *rows]
        parts.append("\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines))
    return "\n\n".join([*parts, *footnotes(report)]) + "\n"


def plot(report: Mapping[str, Any], path: Path) -> None:
    """Tokens and accuracy of each approach, side by side, as PNG or SVG by the path's ending."""
    from matplotlib.figure import Figure  # slow to import, and only needed here

    rows = report["rows"]
    names = [row["approach"] for row in rows]
    figure = Figure(figsize=(10, 1.8 + 0.6 * len(rows)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    start = [0] * len(rows)
    for part, colour in (("tokens_making", "#9aa5b1"), ("tokens_in", "#3b7dd8"), ("tokens_out", "#f0883e")):
        widths = [row[part] for row in rows]
        left.barh(names, widths, left=start, label=part.replace("_", " "), color=colour)
        start = [a + b for a, b in zip(start, widths, strict=True)]
    left.set_xlabel("tokens")
    left.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize="small")
    for offset, part, colour in ((-0.12, "all", "#2e7d32"), (0.12, "majority", "#9e9e9e")):
        found = [(i, row["accuracy"][part]) for i, row in enumerate(rows) if row["accuracy"][part]]
        values = [f["value"] for _, f in found]
        low = [f["value"] - f["low"] for _, f in found]
        high = [f["high"] - f["value"] for _, f in found]
        at = [i + offset for i, _ in found]
        label = "all answers" if part == "all" else "always majority"
        right.errorbar(values, at, xerr=[low, high], fmt="o", color=colour, label=label, capsize=3)
    right.set(xlabel="accuracy, 95 % interval", xlim=(0, 1))
    right.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize="small")
    left.invert_yaxis()
    figure.suptitle(f"{report['experiment']} with {report['model']}")
    figure.savefig(path, dpi=120)
