from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.datasets.acceptability import ADJECTIVES, KINDS, MANNERS, PEOPLE, THINGS, generate
from self_distill.errors import DataError


@given(st.integers(), st.integers(0, 20), st.integers(0, 20))
def test_a_row_depends_on_the_seed_and_its_place_alone(seed: int, n: int, more: int) -> None:
    assert generate(n + more, seed)[:n] == generate(n, seed)


def test_both_labels_and_all_kinds_are_about_equally_frequent() -> None:
    rows = generate(3600, 1)
    kinds = Counter(row.group for row in rows)
    assert 0.45 < sum(row.label == "yes" for row in rows) / 3600 < 0.55
    assert len(kinds) == len(KINDS) and min(kinds.values()) > 130


def test_no_sentence_is_both_acceptable_and_not() -> None:
    labels = defaultdict(set)
    for row in generate(20_000, 2):
        labels[row.text].add(row.label)
    assert not [text for text, found in labels.items() if len(found) > 1]


def test_sentences_hardly_repeat() -> None:
    assert len({row.text for row in generate(1000, 3)}) > 980


def test_two_seeds_hardly_share_a_sentence() -> None:
    one, other = ({row.text for row in generate(500, seed)} for seed in (4, 5))
    assert len(one & other) < 25


def test_every_sentence_begins_and_ends_like_one() -> None:
    for row in generate(2000, 6):
        assert row.text[0].isupper() and row.text[-1] in ".?" and "  " not in row.text and "{" not in row.text


def test_what_may_stand_behind_the_article_a_begins_with_a_consonant() -> None:
    for word in (*PEOPLE, *THINGS, *ADJECTIVES, *MANNERS):
        assert word[0] not in "aeiou"


def test_fewer_than_no_sentence_cannot_be_had() -> None:
    with pytest.raises(DataError, match="n >= 0"):
        generate(-1, 1)
