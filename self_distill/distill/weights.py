"""Points for marks: which of them speak for which answer, how strongly, in a table that must stay short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

OFTEN = 2
"""In how many texts a mark must occur: what occurs once says more of its text than of its label."""
MOST_MARKS = 30_000
BATCH, RATE, SHRINK = 128, 0.5, 2e-4
PASSES, AGAIN = 8, 4
"""Over the examples: when learning from nothing, and after each pruning."""
PRUNING = (4.0, 2.0, 1.0)
"""Multiples of the room that the table shrinks to, relearning what is left each time."""
GRAIN = 3
"""Points per unit of log-odds."""


def vocabulary(found: Sequence[set[str]]) -> dict[str, int]:
    """The marks that are worth counting, the most frequent if there are too many, and their places."""
    counts = Counter(mark for marks in found for mark in marks)
    often = sorted((-n, mark) for mark, n in counts.items() if n >= OFTEN)[:MOST_MARKS]
    return {mark: place for place, mark in enumerate(sorted(mark for _, mark in often))}


def learned(found: Sequence[set[str]], answers: Sequence[int], room: int) -> list[dict[str, int]]:
    """For each answer (0, 1, …) its marks with their points, together at most `room` bytes of a table.

    Softmax regression on marks with weights that cannot be negative, so that a person can read them as points in
    favour; AdaGrad (Duchi, Hazan & Singer, JMLR 12, 2011). What adds least per byte is pruned."""
    names = vocabulary(found)
    if not names:
        return [{} for _ in range(max(answers) + 1)]
    rows = [np.array(sorted(names[m] for m in marks if m in names), dtype=np.int64) for marks in found]
    y = np.array(answers)
    size = np.array([[len(name.encode()) + 1.3] for name in names], dtype=np.float32)
    often = np.sqrt(np.bincount(np.concatenate(rows), minlength=len(names)))[:, None]
    weights = np.zeros((len(names), int(y.max()) + 1), dtype=np.float32)
    _fit(weights, rows, y, PASSES, RATE)
    for factor in PRUNING:
        keep = _kept(weights * often / size, size, room * factor)
        weights *= keep
        _fit(weights, rows, y, AGAIN, RATE / 2, keep)
    points = np.rint(weights * GRAIN).astype(int)
    listed = list(names)
    return [{listed[i]: int(column[i]) for i in np.flatnonzero(column)} for column in points.T]


def _fit(
    weights: Floats, rows: Sequence[Places], y: Places, passes: int, rate: float, keep: Floats | None = None
) -> None:
    """Learns in place; weights where `keep` is 0 stay 0."""
    rng = np.random.default_rng(0)
    squares = np.full(weights.shape, 1e-6, dtype=np.float32)
    for _ in range(passes):
        order = rng.permutation(len(rows))
        for at in range(0, len(order), BATCH):
            batch = order[at : at + BATCH]
            places, inverse = np.unique(np.concatenate([rows[i] for i in batch]), return_inverse=True)
            seen = np.zeros((len(batch), len(places)), dtype=np.float32)
            seen[np.repeat(np.arange(len(batch)), [len(rows[i]) for i in batch]), inverse] = 1
            part = weights[places]
            error = _chances(seen @ part)
            error[np.arange(len(batch)), y[batch]] -= 1
            slope = seen.T @ error + SHRINK * len(batch) * part
            squares[places] += slope * slope
            part = np.maximum(part - rate * slope / np.sqrt(squares[places]), 0)
            weights[places] = part if keep is None else part * keep[places]


def _chances(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def _kept(worth: Floats, size: Floats, room: float) -> Floats:
    """1 for the weights that are worth most per byte and fit into the room."""
    order = np.argsort(-worth, axis=None, kind="stable")
    used = np.cumsum(np.broadcast_to(size, worth.shape).ravel()[order])
    most = min(int(np.searchsorted(used, room)), int((worth > 0).sum()))
    keep = np.zeros(worth.size, dtype=np.float32)
    keep[order[:most]] = 1
    return keep.reshape(worth.shape)
