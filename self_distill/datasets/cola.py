"""CoLA (Warstadt, Singh & Bowman, 2019): is the sentence acceptable English? "yes" or "no".

The third column, the author's star, gives the label away: it is dropped here and never leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from self_distill.errors import DataError
from self_distill.types import Example

FOLDERS = ("cola/raw", "cola_public/raw", "cola", ".")
SPLITS = {"train": "in_domain_train.tsv", "test": "in_domain_dev.tsv", "out_of_domain": "out_of_domain_dev.tsv"}
"""The public test set has no labels, so "test" is the in-domain dev set."""
LABELS = {"1": "yes", "0": "no"}


def load(folder: Path, split: str) -> list[Example]:
    """The rows of a split, in the file's order. A sentence that stands there twice is taken once, and not at all
    when its labels contradict each other; "train" lacks what also stands in another split."""
    rows: dict[str, Example] = {}
    doubtful = set()
    for example in _rows(folder / SPLITS[split], split):
        if rows.setdefault(example.text, example).label != example.label:
            doubtful.add(example.text)
    if split == "train":
        others = (folder / file for other, file in SPLITS.items() if other != split)
        doubtful |= {example.text for path in others if path.is_file() for example in _rows(path, "")}
    return [example for text, example in rows.items() if text not in doubtful]


def _rows(path: Path, split: str) -> Iterator[Example]:
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path}: cannot be read; CoLA has {', '.join(SPLITS.values())}") from None
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if len(cells) != 4 or cells[1] not in LABELS or not cells[3].strip():
            raise DataError(f"{path}: row {number} is not source, label (0 or 1), mark and sentence")
        yield Example(f"cola-{split}-{number}", cells[3].strip(), LABELS[cells[1]])
