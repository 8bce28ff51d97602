from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import corpora, texts
from self_distill.errors import DataError
from self_distill.macros.detectors import PatternDetector
from self_distill.macros.names import NamesDetector

REAL = corpora.real_names()


@pytest.mark.parametrize(
    "find", ["Mary", "mary", "New York", "Captain Wentworth", "Tom, Dick", "Mary's", "Anne Elliott"]
)
def test_a_real_name_is_one(find: str) -> None:
    assert REAL.hold(find)


@pytest.mark.parametrize("find", ["Table", "High School", "Mary swam", "12", "of the", "Captain", "New"])
def test_anything_else_is_a_false_positive(find: str) -> None:
    assert not REAL.hold(find)


def test_held_out_kinds_are_the_only_ones_when_asked_for() -> None:
    docs = corpora.generated(200, 3, corpora.HELD_OUT)
    assert {doc.group.split(".")[1] for doc in docs} == set(corpora.HELD_OUT)
    assert all(doc.text[g.start : g.end].strip() for doc in docs for g in doc.golds)


def test_a_folder_without_the_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="synth_dataset"):
        corpora.synth(tmp_path)


@pytest.mark.skipif("SELF_DISTILL_DATA" not in os.environ, reason="needs the public data sets")
def test_the_public_sets_are_read_whole() -> None:
    folder = Path(os.environ["SELF_DISTILL_DATA"])
    assert sum(len(doc.golds) for doc in corpora.synth(folder)) == 2863
    assert len(corpora.nano(folder)) == 149
    assert len(corpora.clean("CoLA", folder)) > 9000


@pytest.mark.parametrize("make", [texts.prose, texts.numbers, texts.dense])
def test_a_text_has_the_size_and_is_the_same_again(make: object) -> None:
    assert callable(make)
    assert len(make(5000, 1)) == 5000
    assert make(5000, 1) == make(5000, 1) != make(5000, 2)


def test_clean_prose_holds_nothing_and_dense_text_much() -> None:
    prose, dense = texts.prose(20_000), texts.dense(20_000)
    assert [*PatternDetector().find(prose), *NamesDetector().find(prose)] == []
    assert len(PatternDetector().find(dense)) > 100


@pytest.mark.parametrize("name", texts.UNITS)
def test_an_attack_has_the_size_that_was_asked_for(name: str) -> None:
    assert len(texts.attack(name, 1000)) == 1000


def test_there_are_enough_attacks() -> None:
    assert len(texts.UNITS) >= 20
