from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros.normalise import GAP, LETTER, OTHER, Subject, subject

ANY = st.characters(exclude_categories=[])  # lone surrogates too
ODD = st.sampled_from("\u200b\u200d\xad\u0301\ufeff１٣－＠。’а£🙂\ud83d\0 a7")
TEXTS = st.text(ANY | ODD) | st.text(ODD) | st.text(st.sampled_from("abcdefghijkl \u2019\xad"), min_size=40)


@given(TEXTS)
def test_any_text_becomes_one_byte_for_each_character_that_shows(text: str) -> None:
    seen = subject(text)
    assert len(seen.data) + len(seen.gone) == len(text)


@given(TEXTS)
def test_a_text_looks_the_same_character_by_character(text: str) -> None:
    assert subject(text).data == b"".join(subject(char).data for char in text)


@given(TEXTS)
def test_each_byte_is_led_back_to_the_character_it_came_from(text: str) -> None:
    seen = subject(text)
    for place in range(len(seen.data)):
        start, end = seen.span(place, place + 1)
        assert end == start + 1 and subject(text[start:end]).data == seen.data[place : place + 1]


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_ascii_stays_as_it_is(text: str) -> None:
    assert subject(text) == Subject(text.encode("ascii"))


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("４１１１", b"4111"),
        ("٤١١١ ४१", b"4111 41"),
        ("𝟏𝟐𝟑", b"123"),
        ("a＠b．c", b"a@b.c"),
        ("a@b。c", b"a@b.c"),
        ("раураl", b"paypal"),  # the first five letters are Cyrillic
        ("555\u200b-\u2060123", b"555-123"),
        ("555\u2011123\u2212456\u2013789", b"555-123-456-789"),
        ("555\u00a0123\u2009456", b"555 123 456"),
        ("cafe\u0301", b"cafe"),
    ],
)
def test_what_is_written_to_evade_becomes_plain(written: str, plain: bytes) -> None:
    assert subject(written).data == plain


def test_a_span_over_what_is_gone_covers_it() -> None:
    text = "x 1\u200b2\u200b\u200b3 y"
    start, end = subject(text).span(2, 5)
    assert text[start:end] == "1\u200b2\u200b\u200b3"


def test_foreign_letters_and_lone_surrogates_have_their_own_bytes() -> None:
    assert subject("ß我\ud83d☃").data == (LETTER * 2 + OTHER * 2).encode("latin-1")


@given(st.characters(categories=["Nd"]))
def test_every_decimal_digit_of_any_script_is_that_digit(char: str) -> None:
    assert subject(char).data == str(unicodedata.decimal(char)).encode()


def test_the_gap_between_texts_stays_a_gap() -> None:
    assert subject("é" + GAP + "é").data == b"\xe9" + GAP.encode() + b"\xe9"
