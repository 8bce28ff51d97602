"""A linear-chain tagger: weights of our own training, decoded by Viterbi."""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from self_distill.macros.names.features import (
    FIRST_BEHIND,
    Seen,
    of_ending,
    of_neighbours,
    of_roles,
    of_word,
    padded,
    role,
    seen,
)
from self_distill.macros.names.tokens import Token

TYPES = ("PERSON", "LOCATION", "ORGANISATION", "ADDRESS")
LABELS = ("O", *(f"{mark}-{type_}" for type_ in TYPES for mark in "BI"))
FORBIDDEN = -1e6
REMEMBERED = 1 << 14
Floats = NDArray[np.float32]


def allowed() -> Floats:
    """[from, to]: 0 where `to` may follow `from`, else very negative; I-x follows B-x or I-x only."""
    table = np.zeros((len(LABELS), len(LABELS)), np.float32)
    for f, before in enumerate(LABELS):
        for t, after in enumerate(LABELS):
            if after[0] == "I" and before[1:] != after[1:]:
                table[f, t] = FORBIDDEN
    return table


@dataclass(frozen=True, slots=True)
class Model:
    """`rows`: feature -> row of `weights` [features + 1, labels], the last one zero; `steps`: [from, to]."""

    vocabulary: frozenset[str]
    rows: Mapping[str, int]
    weights: Floats
    steps: Floats


@cache
def model() -> Model:
    """Raises nothing for a package as we ship it: weights and code travel together."""
    head, _, body = lzma.decompress(files(__package__).joinpath("weights.xz").read_bytes()).partition(b"\0")
    vocabulary, names, scale = head.decode().split("\x01")
    listed = names.split("\x02")
    size = len(LABELS)
    flat = np.frombuffer(body, np.int8).astype(np.float32) * float(scale)
    table = flat.reshape(-1, size)
    weights = np.vstack([table[size:], np.zeros((1, size), np.float32)])
    return Model(
        frozenset(vocabulary.split("\x02")),
        {name: i for i, name in enumerate(listed)},
        weights,
        table[:size] + allowed(),
    )


def viterbi(emissions: Floats, steps: Floats) -> list[int]:
    """The best path through [tokens, labels] scores; an I- label cannot come first."""
    start = steps[0] * (steps[0] < FORBIDDEN / 2)
    best = emissions[0] + start
    back = []
    for row in emissions[1:]:
        through = best[:, None] + steps
        came = through.argmax(0)
        best = through[came, np.arange(len(best))] + row
        back.append(came)
    path = [int(best.argmax())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    return path[::-1]


def rows_of(names: Iterable[str]) -> tuple[int, ...]:
    m = model()
    known, unknown = m.rows.get, len(m.weights) - 1
    return tuple(known(name, unknown) for name in names)


# What these remember are plain words, signs and classes of words, never a word of a text that is not plain.
@lru_cache(REMEMBERED)
def word_rows(here: Seen, first: bool, known_behind: str) -> tuple[int, ...]:
    return rows_of(of_word(here, first, known_behind))


@lru_cache(REMEMBERED)
def neighbour_rows(back2: str, back: str, here: str, ahead: str, ahead2: str) -> tuple[int, ...]:
    return rows_of(of_neighbours(back2, back, here, ahead, ahead2))


@lru_cache(REMEMBERED)
def role_rows(back2: str, back: str, here: str, ahead: str, ahead2: str) -> tuple[int, ...]:
    return rows_of(of_roles(back2, back, here, ahead, ahead2))


def indexed(texts: Sequence[str]) -> list[tuple[int, ...]]:
    """The rows of the weights for each token: as `features` names them."""
    vocabulary = model().vocabulary
    views = padded([seen(text, vocabulary) for text in texts])
    roles = [role(view) for view in views]
    words = [view[0] for view in views]
    return [
        word_rows(views[i + 2], views[i + 1][3] in FIRST_BEHIND, views[i + 1][2])
        + rows_of(of_ending(text, views[i + 2]))
        + neighbour_rows(words[i], words[i + 1], roles[i + 2], words[i + 3], words[i + 4])
        + role_rows(*roles[i : i + 5])
        for i, text in enumerate(texts)
    ]


def tag(row: Sequence[Token], caution: float) -> list[str]:
    """A label for each token; `caution` is added to the score of "O": higher means fewer finds."""
    if not row:
        return []
    m = model()
    emissions: Floats = m.weights[np.array(indexed([token.text for token in row]))].sum(1)
    emissions[:, 0] += caution
    return [LABELS[label] for label in viterbi(emissions, m.steps)]
