"""Data sets by name, or a file of one's own: a seeded sample of one split."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from self_distill.datasets import acceptability, bbh, cola, gsm8k, gsm8k_traces, synthetic_pii
from self_distill.datasets.fetch import REMOTE, cache_folder, fetched
from self_distill.datasets.files import READERS, read_examples
from self_distill.datasets.intents import INTENTS
from self_distill.errors import DataError
from self_distill.types import Example


class Source(Protocol):
    """A public set: folders it may lie in, and for each split a file that must be there."""

    @property
    def FOLDERS(self) -> tuple[str, ...]: ...

    @property
    def SPLITS(self) -> Mapping[str, str]: ...

    def load(self, folder: Path, split: str) -> list[Example]: ...


PUBLIC: dict[str, Source] = {"cola": cola, "gsm8k": gsm8k, **INTENTS, **bbh.SETS, **gsm8k_traces.SETS}
GENERATED: dict[str, Callable[[int, int], list[Example]]] = {
    "pii": synthetic_pii.generate,
    "acceptability": acceptability.generate,
}
"""Made on the spot, any size. Their "train" and "test" are different seeds: `TRAIN_SHIFT` lies between them."""
TRAIN_SHIFT = 1_000_003
DEFAULT_N = 200


def load_dataset(
    name: str, split: str = "test", n: int | None = None, seed: int = 42, data: Path | None = None
) -> list[Example]:
    """`n` examples of a split (all of a public one without `n`), drawn and ordered by `seed`; a smaller draw is
    the beginning of a larger one.

    `name` is one of `PUBLIC` ("cola", "gsm8k", "banking77", "bbh/word_sorting" …) or `GENERATED`, in any case, or a
    path to .jsonl, .csv or .parquet, which has one split only. Public sets are read from `data`, else from
    SELF_DISTILL_DATA, else downloaded once (cola and gsm8k). Raises
    `DataError` for an unknown name or split, a broken row, or fewer rows than `n`.
    """
    if n is not None and n < 0:
        raise DataError(f"{name}: cannot take {n} rows")
    if Path(name).suffix in READERS:
        return _sample(read_examples(Path(name)), n, seed, name)
    known = name.lower()
    if known in GENERATED:
        shift = {"test": 0, "train": TRAIN_SHIFT}
        if split not in shift:
            raise DataError(f"{name} has no split {split!r}; there are test, train")
        return GENERATED[known](DEFAULT_N if n is None else n, seed + shift[split])
    if known not in PUBLIC:
        short = [name for name in PUBLIC if "/" not in name]
        names = ", ".join([*short, "bbh/<task>", *GENERATED])
        raise DataError(f"no data set {name!r}; there are {names}, or give a file ({', '.join(READERS)})")
    source = PUBLIC[known]
    if split not in source.SPLITS:
        raise DataError(f"{name} has no split {split!r}; there are {', '.join(source.SPLITS)}")
    rows = source.load(_folder(known, source.FOLDERS, source.SPLITS[split], data), split)
    return _sample(rows, n, seed, f"{name} ({split})")


def _folder(name: str, inside: tuple[str, ...], file: str, data: Path | None) -> Path:
    """Where the set's files are: in the folder that was given, else in the cache."""
    given = data or (Path(found) if (found := os.environ.get("SELF_DISTILL_DATA")) else None)
    if given is None and name not in REMOTE:
        raise DataError(f"{name} is not downloaded: give the folder that holds it with --data or SELF_DISTILL_DATA")
    root = given or fetched(REMOTE[name], cache_folder())
    for part in inside:
        if (root / part / file).is_file():
            return root / part
    raise DataError(f"{root} has no {inside[0]}/{file}: give the folder that holds {inside[0].split('/')[0]}/")


def _sample(rows: list[Example], n: int | None, seed: int, name: str) -> list[Example]:
    if n is not None and n > len(rows):
        raise DataError(f"{name} has {len(rows):,} rows, {n:,} were asked for: ask for fewer")
    random.Random(seed).shuffle(rows)
    return rows if n is None else rows[:n]
