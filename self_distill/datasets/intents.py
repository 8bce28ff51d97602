"""Sets of short texts with an intent or a question class: banking77, clinc150, snips and trec.

Casanueva et al., 2003.04807; Larson et al., 1909.02027; Coucke et al., 1805.10190; Li & Roth, COLING 2002.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars

from self_distill.errors import DataError
from self_distill.types import Example

OUT_OF_SCOPE = "oos"
"""Label of clinc150's texts that have none of its intents: no task answers it, so only abstaining is right."""

Pair = tuple[str, str]
"""Text and label."""


@dataclass(frozen=True, slots=True)
class IntentSet:
    """`splits` names for each split a file that must be there; `pairs` reads a split from the set's folder."""

    name: str
    splits: Mapping[str, str]
    pairs: Callable[[Path, str], Iterator[Pair]]

    @property
    def FOLDERS(self) -> tuple[str, ...]:
        return (self.name, ".")

    @property
    def SPLITS(self) -> Mapping[str, str]:
        return self.splits

    def load(self, folder: Path, split: str) -> list[Example]:
        """In the files' order. Raises `DataError` for a file that is not of the set's form."""
        try:
            pairs = list(self.pairs(folder, split))
        except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, polars.exceptions.PolarsError):
            raise DataError(f"{folder}: {split} cannot be read as {self.name}: fetch the set again") from None
        return [Example(f"{self.name}-{split}-{i}", text.strip(), label) for i, (text, label) in enumerate(pairs, 1)]


def _banking(folder: Path, split: str) -> Iterator[Pair]:
    table = polars.read_csv(folder / BANKING77.splits[split])
    yield from zip(table["text"].to_list(), table["category"].to_list(), strict=True)


def _clinc(folder: Path, split: str) -> Iterator[Pair]:
    """ "train" has the validation part too; out-of-scope texts are among each split."""
    parts = {"train": ("train", "val", "oos_train", "oos_val"), "test": ("test", "oos_test")}[split]
    data = _json(folder / CLINC150.splits[split])
    for part in parts:
        for text, label in data[part]:
            yield str(text), str(label)


def _snips(folder: Path, split: str) -> Iterator[Pair]:
    pattern = {"train": "*/train_*_full.json", "test": "*/validate_*.json"}[split]
    for path in sorted(folder.glob(pattern)):
        intent = path.parent.name
        for row in _json(path)[intent]:
            yield "".join(str(chunk["text"]) for chunk in row["data"]), intent


def _trec(folder: Path, split: str) -> Iterator[Pair]:
    """The six coarse classes."""
    for line in (folder / TREC.splits[split]).read_text(encoding="latin-1").splitlines():
        label, _, text = line.partition(" ")
        yield text, label.split(":")[0]


def _json(path: Path) -> Any:
    data = path.read_bytes()
    try:
        return json.loads(data)
    except UnicodeDecodeError:
        return json.loads(data.decode("latin-1"))


BANKING77 = IntentSet("banking77", {"train": "train.csv", "test": "test.csv"}, _banking)
CLINC150 = IntentSet("clinc150", {"train": "data_full.json", "test": "data_full.json"}, _clinc)
SNIPS = IntentSet(
    "snips",
    {"train": "GetWeather/train_GetWeather_full.json", "test": "GetWeather/validate_GetWeather.json"},
    _snips,
)
TREC = IntentSet("trec", {"train": "qc/train.txt", "test": "qc/test.txt"}, _trec)
INTENTS = {one.name: one for one in (BANKING77, CLINC150, SNIPS, TREC)}
