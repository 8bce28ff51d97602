from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros.names.candidates import CHUNK, SNAP, opens, windows
from self_distill.macros.names.tokens import scannable

PROSE = "The pump fills the tank. When it is full, a float stops it. I think I'm late. "


def seen(text: str, word: str) -> bool:
    at = text.index(word)
    return any(low <= at and at + len(word) <= high for low, high in windows(text))


@given(st.text(st.sampled_from("aAbB .,\n'\"-é🙂1"), max_size=400))
def test_windows_are_inside_the_text_in_order_and_apart(text: str) -> None:
    found = windows(text)
    assert all(0 <= low < high <= len(text) for low, high in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))


def test_plain_prose_has_no_candidates() -> None:
    assert windows(PROSE * 100) == []


@pytest.mark.parametrize("word", ["Wojciech", "Zsófia", "xander", "Ōtsu"])
@pytest.mark.parametrize("before", [0, 7, 200])
def test_a_name_is_seen_wherever_it_stands(word: str, before: int) -> None:
    assert seen(PROSE * before + f"ask {word} about it. " + PROSE * 3, word)


@given(st.integers(0, 3 * CHUNK))
def test_a_name_is_seen_and_not_cut_at_any_distance_from_the_border_of_a_chunk(pad: int) -> None:
    text = ("so on and " * CHUNK)[:pad] + " we met Wojciech Nakamura there " + "and so on " * 30
    assert seen(text, "Wojciech Nakamura")


def test_a_window_cuts_no_word() -> None:
    text = "unquestionably interdisciplinary Wojciech institutionalisation " * 40
    for low, high in windows(text):
        assert low == 0 or text[low - 1] == " "
        assert high == len(text) or text[high] == " "


def test_a_window_in_a_text_without_blanks_stays_bounded() -> None:
    text = "-" * 5000 + "Wojciech" + "-" * 5000
    assert sum(high - low for low, high in windows(text)) < 4 * SNAP + 200


@pytest.mark.parametrize(
    ("text", "answer"), [("A", True), ("so. A", True), ('"A', True), ("the A", False), ("\nA", True)]
)
def test_a_capital_is_explained_by_what_stands_before_it(text: str, answer: bool) -> None:
    assert opens(text, len(text) - 1) is answer


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_has_windows_once_it_is_scannable(text: str) -> None:
    windows(scannable(text))
