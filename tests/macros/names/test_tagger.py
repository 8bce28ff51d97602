from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from self_distill.macros.names.tagger import LABELS, Floats, allowed, model, tag, viterbi
from self_distill.macros.names.tokens import scannable, tokens


def well_formed(labels: list[str]) -> bool:
    before = ["O", *labels][: len(labels)]
    return all(label[0] != "I" or b[1:] == label[1:] for b, label in zip(before, labels, strict=True))


@given(st.text(max_size=120), st.floats(-50, 50))
def test_an_inside_label_only_follows_a_label_of_its_type(text: str, caution: float) -> None:
    row = tokens(scannable(text))
    labels = tag(row, caution)
    assert len(labels) == len(row)
    assert well_formed(labels)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_the_path_found_is_the_best_of_all_paths(seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    size = 4
    emissions: Floats = rng.normal(size=(length, size)).astype(np.float32)
    steps: Floats = rng.normal(size=(size, size)).astype(np.float32)

    def worth(path: tuple[int, ...]) -> float:
        through = sum(float(steps[a, b]) for a, b in pairwise(path))
        return through + sum(float(emissions[i, label]) for i, label in enumerate(path))

    best = max(worth(path) for path in np.ndindex(*[size] * length))
    assert worth(tuple(viterbi(emissions, steps))) == pytest.approx(best, abs=1e-4)


def test_no_path_begins_inside_a_name() -> None:
    emissions = np.zeros((2, len(LABELS)), np.float32)
    emissions[:, LABELS.index("I-PERSON")] = 100
    assert [LABELS[i] for i in viterbi(emissions, allowed())] == ["B-PERSON", "I-PERSON"]


def test_more_caution_finds_no_more() -> None:
    row = tokens("Wojciech met Zsófia Nakamura in Lisbon, at 12 Harbour Street, for Brightwater Ltd.")
    found = [sum(label != "O" for label in tag(row, caution)) for caution in (-20, 0, 20, 1e6)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == 0


def test_nothing_has_no_labels() -> None:
    assert tag([], 0.0) == []


def test_the_weights_belong_to_the_labels_and_an_unknown_feature_weighs_nothing() -> None:
    m = model()
    assert m.weights.shape == (len(m.rows) + 1, len(LABELS))
    assert not m.weights[-1].any()
