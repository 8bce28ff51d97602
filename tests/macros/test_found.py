"""What the detectors find, by both engines, in texts of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.datasets import synthetic_pii
from self_distill.errors import SettingsError
from self_distill.macros.detectors import DetectorSettings, PatternDetector
from self_distill.macros.resolve import resolve

FAST, PLAIN = PatternDetector(), PatternDetector(engine_name="re2")
FOUND = {
    "Write to ada.byron+x@example.co.uk.": ("EMAIL", "ada.byron+x@example.co.uk"),
    "Call +44 20 7946 0958 now": ("PHONE", "+44 20 7946 0958"),
    "Phone: (415) 555-0132": ("PHONE", "(415) 555-0132"),
    "SSN 536-22-8714": ("SSN", "536-22-8714"),
    "card 4539 5787 6362 1486": ("CREDIT_CARD", "4539 5787 6362 1486"),
    "IBAN DE89 3704 0044 0532 0130 00 please": ("IBAN", "DE89 3704 0044 0532 0130 00"),
    "from 203.0.113.77 today": ("IP", "203.0.113.77"),
    "at 2001:db8::8a2e:370:7334 now": ("IP", "2001:db8::8a2e:370:7334"),
    "MAC 3c:22:fb:9a:41:d7": ("MAC", "3c:22:fb:9a:41:d7"),
    "token ghp_9fK2mQx7LwZ4tRb8VnY3cHd6JsP1gTe5aUo0": ("API_KEY", "ghp_9fK2mQx7LwZ4tRb8VnY3cHd6JsP1gTe5aUo0"),
    "pay 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2": ("CRYPTO_ADDRESS", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
    "She was born on 14 March 1971.": ("DATE_OF_BIRTH", "14 March 1971"),
    "My DNI is 12345678Z.": ("NATIONAL_ID", "12345678Z"),
    "ABA routing 021000021": ("BANK_ROUTING", "021000021"),
    "see https://svc:hunter2x@db.example/x": ("URL_CREDENTIALS", "https://svc:hunter2x@db.example/x"),
    "mail ａda＠example。org": ("EMAIL", "ａda＠example。org"),
    "SSN ５３６-22-８714": ("SSN", "５３６-22-８714"),
    "mail a\u200bda@exam\u200bple.org": ("EMAIL", "a\u200bda@exam\u200bple.org"),
}
CLEAN = (
    "On 2024-05-17 at 10:30 we sold 1,250 lamps for $3,499.00 each.",
    "Version 10.4.12 replaces 10.4.11; see section 3.2.1.",
    "The matrix is 3 x 4, the sum 1 000 000.",
    "std::vector<int> at 12:30:45",
    "ISBN 978-3-16-148410-0, order A-123456",
    "He said: @home, we are 5 @ 3.",
)


@pytest.mark.parametrize("text", FOUND)
def test_each_type_is_found_where_it_stands(text: str) -> None:
    type_, value = FOUND[text]
    for detector in (FAST, PLAIN):
        regions = [(r.best.type, text[r.start : r.end]) for r in resolve(detector.find(text))]
        assert regions == [(type_, value)]


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_alike_is_left_alone(text: str) -> None:
    assert FAST.find(text) == []


PIECES = st.sampled_from(
    [*FOUND, *CLEAN, "@", "1", " ", "-", ".", "\n", "é", "\ud800", "\0", "a.a.", "((", "://", "0x"]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join))
def test_both_engines_give_the_same_spans_inside_the_text(text: str) -> None:
    found = FAST.find(text)
    assert found == PLAIN.find(text)
    assert all(0 <= span.start < span.end <= len(text) for span in found)


@given(st.lists(st.lists(PIECES, max_size=4).map("".join), max_size=6))
def test_documents_together_give_what_each_gives_alone(texts: list[str]) -> None:
    assert FAST.find_many(texts) == [FAST.find(text) for text in texts]


def test_generated_values_are_covered() -> None:
    """Recall on 400 texts of our generator, by type; names and places are another detector's."""
    missed, n = [], 0
    for example in synthetic_pii.generate(400, 11):
        regions = resolve(FAST.find(example.text))
        for span in example.spans:
            if span.type in ("PERSON", "ADDRESS", "LOCATION", "ORGANISATION"):
                continue
            n += 1
            if not any(r.start <= span.start and r.end >= span.end for r in regions):
                missed.append(span.type)
    assert n > 200 and len(missed) / n < 0.03, missed


def test_settings_add_words_patterns_thresholds_and_exceptions() -> None:
    own = DetectorSettings(
        deny={"PROJECT": ("Bluebird", "Zoë's")},
        patterns={"EMPLOYEE_ID": (r"\bE-\d{5}\b",)},
        allow=("info@example.org",),
        thresholds={"EMAIL": 1.0},
    )
    text = "BLUEBIRD and Zoë's E-12345 wrote to info@example.org and me@example.org; Bluebirds too"
    found = [(span.type, text[span.start : span.end]) for span in PatternDetector(own).find(text)]
    assert found == [("PROJECT", "BLUEBIRD"), ("PROJECT", "Zoë's"), ("EMPLOYEE_ID", "E-12345")]


@pytest.mark.parametrize("pattern", ["(a)\\1", "(?=x)", "(", "a*"])
def test_a_pattern_that_the_engine_cannot_take_is_refused_with_the_reason(pattern: str) -> None:
    with pytest.raises(SettingsError, match=r"patterns\.X"):
        PatternDetector(DetectorSettings(patterns={"X": (pattern,)}))


@pytest.mark.parametrize("unit", [".", "1", "1-", "a.a.", "((", "eyJ", "@", "://a:", "x" * 30 + " ", "🙂", "\u200f"])
def test_a_storm_of_matches_ends_and_hides_no_less(unit: str) -> None:
    text = unit * (200_000 // len(unit)) + " ada@example.org"
    assert any(text[s.start : s.end].endswith("ada@example.org") for s in FAST.find(text))
