from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros.names.tokens import scannable, tokens


@given(st.text())
def test_tokens_are_pieces_of_the_text_in_order_and_apart(text: str) -> None:
    text = scannable(text)
    found = tokens(text)
    assert all(text[t.start : t.end] == t.text for t in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.text(), st.integers(0, 1000))
def test_an_offset_shifts_every_place(text: str, offset: int) -> None:
    text = scannable(text)
    shifted = [(t.start - offset, t.end - offset, t.text) for t in tokens(text, offset)]
    assert shifted == [(t.start, t.end, t.text) for t in tokens(text)]


@given(st.text(st.characters(codec=None), max_size=50))
def test_a_scannable_text_can_be_encoded_and_keeps_its_places(text: str) -> None:
    plain = scannable(text)
    assert len(plain) == len(text)
    plain.encode()
    assert all(a == b or "\ud800" <= a <= "\udfff" for a, b in zip(text, plain, strict=True))


def test_names_with_hyphens_and_apostrophes_are_one_token_and_a_possessive_is_not() -> None:
    assert [t.text for t in tokens("Anne-Lotte O'Brien's 12b\n")] == [
        "Anne-Lotte",
        "O'Brien",
        "'",
        "s",
        "12",
        "b",
        "\n",
    ]
