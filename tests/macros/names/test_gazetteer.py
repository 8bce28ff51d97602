from __future__ import annotations

from importlib.resources import files

import pytest

from self_distill.macros.names import gazetteer
from self_distill.macros.names.gazetteer import COMMON, FIRST, HARMLESS, LAST, NATION, PLACE, bits_of, letters


@pytest.mark.parametrize(
    ("word", "bits"),
    [("Patricia", FIRST), ("KOWALSKI", LAST), ("lisbon", PLACE), ("table", COMMON), ("Polish", NATION)],
)
def test_a_word_is_known_in_any_case(word: str, bits: int) -> None:
    assert bits_of(word) & bits


@pytest.mark.parametrize("word", ["will", "may", "rose", "reading", "math", "diamond"])
def test_a_name_that_is_a_word_stays_a_word(word: str) -> None:
    assert bits_of(word) & HARMLESS


@pytest.mark.parametrize("word", ["patricia", "john", "lisbon"])
def test_a_name_that_is_hardly_ever_a_word_is_no_word(word: str) -> None:
    assert not bits_of(word) & HARMLESS


def test_an_unlisted_double_name_is_known_by_its_parts() -> None:
    assert bits_of("Patricia-Nakamura") == bits_of("patricia") | bits_of("nakamura")


@pytest.mark.parametrize("word", ["xqzzt", "", "-", "12"])
def test_what_nobody_knows_has_no_bits(word: str) -> None:
    assert bits_of(word) == 0
    assert letters(0) == "-"


def test_the_word_list_and_the_weights_are_small_and_their_sources_are_named() -> None:
    folder = files(gazetteer.__package__)
    assert sum(len(folder.joinpath(name).read_bytes()) for name in ("words.xz", "weights.xz")) < 5_000_000
    assert len(gazetteer.words()) > 200_000
    sources = folder.joinpath("SOURCES.md").read_text(encoding="utf-8")
    assert all(name in sources for name in ("Faker", "GeoNames", "symspellpy", "licence"))
