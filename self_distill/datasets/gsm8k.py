"""GSM8K (Cobbe et al., 2110.14168): word problems; the label is the number after ####."""

from __future__ import annotations

from math import isfinite, nan
from pathlib import Path

from self_distill.datasets.files import numbered
from self_distill.errors import DataError
from self_distill.types import Example

FOLDERS = ("gsm8k", "grade_school_math/data", ".")
SPLITS = {"train": "train.jsonl", "test": "test.jsonl"}


def load(folder: Path, split: str) -> list[Example]:
    path = folder / SPLITS[split]
    found = []
    for number, row in numbered(path):
        text, answer = row.get("question"), row.get("answer")
        if not isinstance(text, str) or not isinstance(answer, str) or "####" not in answer:
            raise DataError(f"{path}: row {number} has no 'question', or no 'answer' with ####")
        found.append(Example(f"gsm8k-{split}-{number}", text, _number(answer, path, number)))
    return found


def _number(answer: str, path: Path, row: int) -> int | float:
    try:
        value = float(answer.rsplit("####", 1)[1].strip().replace(",", "").replace("$", ""))
    except ValueError:
        value = nan
    if not isfinite(value):
        raise DataError(f"{path}: row {row} has no number after ####")
    return int(value) if value.is_integer() else value
