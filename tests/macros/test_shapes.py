from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros.detectors import PatternDetector
from self_distill.macros.detectors.context import SURE, weighed
from self_distill.macros.detectors.detector import REGIONS, THRESHOLD
from self_distill.macros.detectors.family import pattern
from self_distill.macros.detectors.numbers import Numbers
from self_distill.macros.detectors.shapes import ANY, CHARS
from self_distill.macros.scan import run_at

FIND = PatternDetector().find
PIECES = st.sampled_from(
    [*"0123456789", *" ().+/-\n", "555", "2125550142", "212-555-0142", "+44 20 7946 0958", "078-05-1120", "card ",
     "4111 1111 1111 1111", "call ", " is my ssn", "2024-05-17", "0.25", "order ", "x"]
)  # fmt: skip


def found(text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.type) for span in FIND(text)]


@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_the_engine_passes_over_would_not_reach_its_threshold(text: str) -> None:
    data, numbers = text.encode(), Numbers(REGIONS)
    runs = {run_at(data, match.end(), 0, CHARS) for match in pattern(ANY).finditer(data)}
    reached = [
        (find.start, find.end)
        for run in runs
        for find in numbers.read(data, run.low, run.high)
        if find.score >= SURE or weighed(data, find, THRESHOLD)[0] >= THRESHOLD
    ]
    assert {(span.start, span.end) for span in FIND(text)} >= set(reached)


@pytest.mark.parametrize("text", ["0.12345678", "-0.12345678", "344844079642", "a::b", "Lot 34649/18, order 4855594"])
def test_numbers_and_names_of_programs_are_no_values(text: str) -> None:
    assert found(text) == []


def test_two_telephone_numbers_side_by_side_are_two() -> None:
    assert found("212-555-0142 646-555-0199") == [("212-555-0142", "PHONE"), ("646-555-0199", "PHONE")]


@pytest.mark.parametrize("unit", ["1.25.3.17.", "12.53 13.71 ", "12 34 567 8910 ", "7"])
def test_a_long_table_of_numbers_is_not_hidden(unit: str) -> None:
    assert FIND(unit * (200_000 // len(unit))) == []


@pytest.mark.parametrize(
    "value", ["+44 20 7946 0958", "212-555-0142", "4111 1111 1111 1111", "078-05-1120", "call 5550142x12"]
)
def test_a_value_in_a_long_table_is_found(value: str) -> None:
    table = "12.53 13.71\t" * 400
    text = f"{table}\t{value}\t{table}"
    at = len(table) + 1
    assert any(at <= span.start and span.end <= at + len(value) for span in FIND(text))


@pytest.mark.parametrize("behind", [" ", " (", "\n", ", my number"])
def test_a_number_needs_its_word_on_either_side(behind: str) -> None:
    assert found(f"call me: 2125550142{behind}") == [("2125550142", "PHONE")]
    assert found(f"2125550142{behind}") == []
