"""exp005: rules for real data by three makers, each certified or refused: `self-distill run exp005`.

The makers of a folder of tools are to be run in the order strong model, inductive, weak model: every test on the same
items makes the next one harder.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from experiments.cells import GROUPS, Bench, Cell, cells, failed
from experiments.certified_plot import plot
from experiments.command import Parser
from experiments.controls import controls
from self_distill.certificates.certificate import GOLD
from self_distill.errors import DataError, ModelError
from self_distill.settings import Settings, load_settings, shipped

NAME = "exp005"
CONTROLS = "controls"
RECORDED = "claude"
"""The maker whose replies come with the project."""
err = Console(stderr=True)


def parser(prog: str) -> argparse.ArgumentParser:
    p = Parser(prog=prog or None, description=__doc__, allow_abbrev=False)
    p.add_argument("--maker", default=RECORDED, help="inductive, a model, or `claude`: the recorded strong model")
    p.add_argument("--groups", default=",".join(GROUPS), help=f"of cells, and {CONTROLS}")
    p.add_argument("--only", default="", help="sources whose name has this in it")
    p.add_argument("--data", type=Path, help="folder that holds the public data sets")
    p.add_argument("--tools", type=Path, help="folder that the rules are written to")
    p.add_argument("--record", type=Path, help="folder of cassettes that keep the maker's replies")
    p.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return p


def main(args: Sequence[str] | None = None, prog: str = "") -> dict[str, Any]:
    given = parser(prog).parse_args(args)
    settings = load_settings(data=given.data)
    bench = _bench(given, settings)
    groups = [group for group in given.groups.split(",") if group != CONTROLS]
    chosen = [cell for cell in cells(groups) if given.only in cell.source]
    rows = []
    with err.status("") as status:
        for number, cell in enumerate(chosen, 1):
            status.update(f"[dim]{number} of {len(chosen)}: {cell.name}")
            rows.append(_row(bench, cell))
            err.print(f"[dim]{cell.name}: {escape(_outcome(rows[-1]))}", highlight=False)
        found = controls(settings, bench.tools, status.update) if CONTROLS in given.groups.split(",") else None
    document = {"experiment": NAME, "maker": given.maker, "rows": rows, CONTROLS: found}
    (bench.folder / "report.md").write_text(markdown(document), encoding="utf-8")
    plot(rows, bench.folder / "report.svg")
    err.print(f"[dim]report and plot: {bench.folder}", highlight=False)
    if given.json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        show(document)
    return document


def _bench(given: argparse.Namespace, settings: Settings) -> Bench:
    folder = settings.state / "runs" / NAME / given.maker.replace("/", "-")
    folder.mkdir(parents=True, exist_ok=True)
    replay = given.maker == RECORDED
    cassettes = shipped("experiments") / "cassettes" / NAME if replay else given.record
    tools = given.tools or settings.state / "runs" / NAME / "tools"
    return Bench(settings, given.maker, folder, tools, cassettes, replay, lambda line: None)


def _row(bench: Bench, cell: Cell) -> dict[str, Any]:
    try:
        return bench.run(cell)
    except (DataError, ModelError) as error:
        return failed(cell, bench.maker, error)


def _outcome(row: dict[str, Any]) -> str:
    if "error" in row:
        return str(row["error"])
    return f"{row['cascade']['status']}: {row['cascade']['reason']}"


COLUMNS = (
    "set", "examples", "outcome", "wrong of answered / certify items (test j)", "error below", "coverage on test",
    "right among answered, test", "on perturbed copies, or by gold", "tokens of making", "break-even", "beside it",
)  # fmt: skip


def markdown(document: dict[str, Any]) -> str:
    """The table for the log; refusals with their reasons below."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    for row in document["rows"]:
        cells = cells_of(row)
        lines.append(f"| {' | '.join(cells + ('',) * (len(COLUMNS) - len(cells)))} |")
    refused = [row for row in document["rows"] if "error" not in row and row["cascade"]["status"] != "certified"]
    lines += ["", *(f"- {row['source']} ({row['n']:,}): {row['cascade']['reason']}{best(row)}" for row in refused)]
    return "\n".join(lines) + "\n"


def best(row: dict[str, Any]) -> str:
    """The best candidate of a making that none came out of to be tested."""
    if row["finals"] or not row["others"]:
        return ""
    found = max(row["others"], key=lambda other: other["test"]["answered"] - 20 * other["test"]["wrong"])
    test = found["test"]
    return f"; the best: {found['reason']}; on test {test['answered']} of {test['n']}, {test['wrong']} wrong"


def show(document: dict[str, Any]) -> None:
    console = Console() if Console().is_terminal else Console(width=220)
    table = Table(*COLUMNS, box=None)
    for row in document["rows"]:
        table.add_row(*map(escape, cells_of(row)))
    if document["rows"]:
        console.print(table)
    if found := document[CONTROLS]:
        risk, near = found["certified_at_risk"], found["certified_just_below_true_error"]
        console.print(
            f"shuffled labels: {found['candidates']} candidates on {found['sets']} sets, {found['answering']} answer; "
            f"certified at the task's risk {risk['k']} of {risk['n']} (at most {risk['high']:.1%}), just below their "
            f"true error {near['k']} of {near['n']} (at most {near['high']:.1%})"
        )


def cells_of(row: dict[str, Any]) -> tuple[str, ...]:
    if "error" in row:
        return (row["source"], str(row["n"] or "all"), row["error"])
    certify, test, copies = row["cascade"]["certify"] or {}, row["cascade"]["test"], row["perturbed"] or row["gold"]
    even, wrong = row["break_even"], certify.get("wrong")
    return (
        row["source"],
        f"{row['n']:,}",
        row["cascade"]["status"],
        f"{'–' if wrong is None else wrong} of {certify['answered']:,} / {certify['n']:,} ({certify['j'] or 'none'})"
        if certify
        else "–",
        f"{certify['bound']:.1%}" if certify.get("bound") is not None else "–",
        f"{test['coverage']:.0%} of {test['n']:,}" if test else "–",
        _share(test, row["teacher"]),
        _share(copies, GOLD) + (" (by symmetry)" if copies and copies.get("by") == "symmetry" else ""),
        f"{row['tokens_making']:,}",
        "–" if even is None else f"{even:,}",
        ", ".join(f"{name} {value:.3f}" for name, value in row["beside"].items()) or "–",
    )


def _share(test: dict[str, Any] | None, teacher: str) -> str:
    if not test or not test["interval"]:
        return "–"
    value = test["accuracy"] if teacher == GOLD else test["agreement"]
    low, high = test["interval"]
    return f"{value:.3f} [{low:.3f}, {high:.3f}] n={test['answered']}"


if __name__ == "__main__":
    main()
