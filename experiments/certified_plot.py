"""Coverage, accuracy and what others reach, set by set, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

COLOURS = {"certified": "#a9c8f2", "refused": "#d3d9df"}
MARKS = (
    ("code-davinci-002 cot", "x", "#b26a00", "code-davinci-002, chain of thought"),
    ("LATM", "+", "#7b1fa2", "LATM"),
)


def plot(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Bars: the share of the test part that the rules answer. Points: the share of it that is right, with an exact
    95 % interval. As SVG or PNG by the path's ending; nothing for rows that could not be run."""
    from matplotlib.figure import Figure  # slow to import, and only needed here

    shown = [row for row in rows if "error" not in row]
    if not shown:
        return
    figure = Figure(figsize=(9, 1.4 + 0.32 * len(shown)), layout="constrained")
    axes = figure.subplots()
    names = [f"{row['source'].removeprefix('bbh/')} ({row['n']:,})" for row in shown]
    for status, colour in COLOURS.items():
        at = [i for i, row in enumerate(shown) if row["cascade"]["status"] == status]
        widths = [(shown[i]["cascade"]["test"] or {"coverage": 0})["coverage"] for i in at]
        axes.barh(at, widths, color=colour, height=0.7, label=f"answered, {status}")
    tested = [(i, row["cascade"]["test"]) for i, row in enumerate(shown)]
    points = [(i, 1 - t["wrong"] / t["answered"], t["interval"]) for i, t in tested if t and t["answered"]]
    ends = [[value - span[0] for _, value, span in points], [span[1] - value for _, value, span in points]]
    axes.errorbar(
        [value for _, value, _ in points], [i for i, _, _ in points], xerr=ends,
        fmt="o", ms=4, color="#1b5e20", capsize=2, lw=1, label="right among answered, 95 %",
    )  # fmt: skip
    for name, mark, colour, label in MARKS:
        found = [(row["beside"][name], i) for i, row in enumerate(shown) if name in row["beside"]]
        if found:
            axes.scatter(*zip(*found, strict=True), marker=mark, color=colour, zorder=3, label=label)
    axes.set(xlabel="share of the test part", xlim=(0, 1.02), yticks=range(len(shown)))
    axes.set_yticklabels(names, fontsize="small")
    axes.invert_yaxis()
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3, frameon=False, fontsize="small")
    figure.savefig(path, dpi=120)
