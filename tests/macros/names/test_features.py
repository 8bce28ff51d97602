from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros.names.features import features, kind_of, role, seen, shape_of
from self_distill.macros.names.gazetteer import bits_of
from self_distill.macros.names.tokens import scannable, tokens


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("1999", "d4"),
        ("123456789", "d7"),
        ("\n", "nl"),
        (",", ","),
        ("A", "X"),
        ("USA", "XX"),
        ("NAMED", "XXX"),
        ("word", "x"),
        ("Word", "Xx"),
        ("Anne-Lise", "Xx-Xx"),
        ("McKay", "XxX"),
        ("iPod", "xX"),
    ],
)
def test_the_shape_of_a_token(text: str, shape: str) -> None:
    assert shape_of(text) == shape


@pytest.mark.parametrize(
    ("word", "kind"),
    [("dr", "title"), ("gmbh", "legal"), ("suite", "unit"), ("avenue", "road"), ("hauptstraße", "road")],
)
def test_the_kind_of_a_word(word: str, kind: str) -> None:
    assert kind_of(word, bits_of(word)) == kind


def test_a_word_outside_the_vocabulary_has_no_feature_of_its_own() -> None:
    assert seen("Wojciech", frozenset({"ask"}))[0] == "?"
    assert seen("Ask", frozenset({"ask"}))[0] == "ask"


@given(st.text(max_size=80))
def test_every_token_has_as_many_features_as_any_other(text: str) -> None:
    texts = [token.text for token in tokens(scannable(text))]
    found = features([seen(t, frozenset()) for t in texts], texts)
    assert [len(names) for names in found] == [22] * len(texts)


@given(st.text(min_size=1, max_size=40))
def test_a_role_is_short_whatever_the_word(text: str) -> None:
    for token in tokens(scannable(text)):
        assert len(role(seen(token.text, frozenset()))) <= 8
