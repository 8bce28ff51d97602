"""What others reach on a BBH task: code-davinci-002 by its recorded answers (Suzgun et al., 2210.09261), scored here on
all items, and LATM (Cai et al., 2305.17126: GPT-3.5 with tools of GPT-4), which still asks a model at every item."""

from __future__ import annotations

from pathlib import Path

from self_distill.datasets.bbh import TRACES
from self_distill.datasets.load import load_dataset
from self_distill.errors import DataError
from self_distill.task import Task

LATM = {"logical_deduction_five_objects": 0.797, "word_sorting": 0.983}
"""As the paper reports them, where the task is the same."""


def beside(task: Task, data: Path | None) -> dict[str, float]:
    """Accuracy by name; empty where the recorded answers are not there."""
    name = task.name.rpartition("/")[2]
    found = {}
    try:
        gold = load_dataset(f"bbh/{name}", data=data)
        for trace in TRACES:
            said = load_dataset(f"traces/bbh/{trace}/{name}", data=data)
            right = sum(task.score(a.label, b.label) for a, b in zip(said, gold, strict=True))
            found[f"code-davinci-002 {trace}"] = right / len(gold)
    except DataError:
        return {}
    return found | ({"LATM": LATM[name]} if name in LATM else {})
