"""CoLA (Warstadt, Singh & Bowman, 2019): is the sentence acceptable English? "yes" or "no".

The third column, the author's star, gives the label away: it is dropped here and never leaves.
"""

from __future__ import annotations

from pathlib import Path

from self_distill.errors import DataError
from self_distill.types import Example

FOLDERS = ("cola/raw", "cola_public/raw", "cola", ".")
SPLITS = {"train": "in_domain_train.tsv", "test": "in_domain_dev.tsv", "out_of_domain": "out_of_domain_dev.tsv"}
"""The public test set has no labels, so "test" is the in-domain dev set."""
LABELS = {"1": "yes", "0": "no"}


def load(folder: Path, split: str) -> list[Example]:
    """All rows of a split, in the file's order; a text that stands twice in it, once."""
    path = folder / SPLITS[split]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path}: cannot be read; CoLA has {', '.join(SPLITS.values())}") from None
    rows: dict[str, Example] = {}
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if len(cells) != 4 or cells[1] not in LABELS or not cells[3].strip():
            raise DataError(f"{path}: row {number} is not source, label (0 or 1), mark and sentence")
        text = cells[3].strip()
        rows.setdefault(text, Example(f"cola-{split}-{number}", text, LABELS[cells[1]]))
    return list(rows.values())
