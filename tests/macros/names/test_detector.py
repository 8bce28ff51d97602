from __future__ import annotations

import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.datasets.synthetic_pii import generate
from self_distill.macros.names import NamesDetector, NamesSettings
from self_distill.macros.names.tagger import TYPES

DETECTOR = NamesDetector()
WORDS = "Wojciech Nakamura Lisbon Street 12 Ltd the and met , . \n ( ’s 🙂 é \ud800".split(" ")


def found(text: str) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.type) for s in DETECTOR.find(text)]


@pytest.mark.parametrize(
    ("text", "name", "type_"),
    [
        ("Please ask Zsófia Nakamura about the ladder.", "Zsófia Nakamura", "PERSON"),
        ("Dear Mr Brzezinski,\nthe lamp is broken.", "Brzezinski", "PERSON"),
        ("can somebody tell patricia that we are late", "patricia", "PERSON"),
        ("The ferry to Lisbon was full.", "Lisbon", "LOCATION"),
        ("They were sued by Brightwater Systems Ltd in spring.", "Brightwater Systems Ltd", "ORGANISATION"),
        ("Leave it at 48 Harbour Street, please.", "48 Harbour Street", "ADDRESS"),
        ("his name is Xqrim", "Xqrim", "PERSON"),
        ("his name is Dr. House", "House", "PERSON"),
        ("Ask Frau Zwölf.", "Zwölf", "PERSON"),
    ],
)
def test_names_are_found_by_list_by_context_and_by_shape(text: str, name: str, type_: str) -> None:
    assert (name, type_) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "The pump fills the tank. When it is full, a float stops it.",
        "Will you mark the right answer in May? I hope so.",
        "Didn't they say that it couldn't be repaired?",
        "He carried 20 new boxes and 3 old ones to the yard.",
        "Press Enter, then click Save and close the file.",
        "In March the days grow longer. Sunday is a day of rest.",
        "They sold three TVs, two T-shirts and a box of CDs at 70 degrees Fahrenheit on Halloween.",
        "",
        "   \n\n",
    ],
)
def test_a_text_without_names_has_none(text: str) -> None:
    assert found(text) == []


def test_a_verb_between_two_names_belongs_to_neither() -> None:
    assert {name for name, _ in found("Yesterday Patricia swatted Wojciech with a towel.")} == {"Patricia", "Wojciech"}


@pytest.mark.parametrize(("text", "names"), [("I think Mr. Table is in.", ["Table"]), ("I think Table is in.", [])])
def test_a_plain_word_alone_is_a_name_only_behind_a_title(text: str, names: list[str]) -> None:
    assert [name for name, _ in found(text)] == names


def test_a_plain_word_that_opens_the_sentence_is_no_part_of_the_name() -> None:
    assert found("Tomorrow, Patricia sings.") == [("Patricia", "PERSON")]


@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_spans_lie_inside_the_text_are_apart_and_have_their_types(parts: list[str]) -> None:
    text = " ".join(parts)
    spans = DETECTOR.find(text)
    assert all(0 <= s.start < s.end <= len(text) and s.type in TYPES for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


@given(st.text(st.characters(codec=None), max_size=200))
def test_no_text_makes_it_fail_lone_surrogates_included(text: str) -> None:
    for span in DETECTOR.find(text):
        assert span.end <= len(text)


def test_a_lone_surrogate_beside_a_name_does_not_hide_it() -> None:
    assert ("Wojciech", "PERSON") in found("\ud83d ask Wojciech about it \udc00")


def test_only_the_types_that_were_asked_for_are_found() -> None:
    text = "Wojciech Nakamura moved to Lisbon."
    only = NamesDetector(NamesSettings(types=("LOCATION",)))
    assert {span.type for span in only.find(text)} == {"LOCATION"}


def test_an_allowed_name_is_left_and_a_threshold_drops_what_is_less_sure() -> None:
    text = "Wojciech moved to Lisbon."
    assert [text[s.start : s.end] for s in NamesDetector(NamesSettings(allow=("LISBON",))).find(text)] == ["Wojciech"]
    strict = NamesDetector(NamesSettings(thresholds={"PERSON": 0.95}))
    assert {span.type for span in strict.find(text)} == {"LOCATION"}


def calls(text: str) -> int:
    """Python and C functions called to read `text`: the work, without a clock."""
    counted = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        DETECTOR.find(text)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize(
    "unit", ["Ana ", "Aa", "Ana.Ana", "A. ", "\nAna", "12 Ana Street, ", "’", "ana-", "Ńé🙂 ", "A" * 50]
)
def test_the_work_grows_with_the_text_and_not_faster(unit: str) -> None:
    assert calls(unit * 800) <= 2.2 * calls(unit * 400) + 500


def test_most_names_of_templates_that_training_never_saw_are_covered() -> None:
    names = covered = 0
    for example in generate(600, 5, clean_share=0):
        if str(example.group).split(".")[1] not in {"chat", "note"}:
            continue
        places = {at for s in DETECTOR.find(example.text) for at in range(s.start, s.end)}
        for gold in example.spans:
            if gold.type in TYPES:
                names += 1
                covered += places.issuperset(range(gold.start, gold.end))
    assert names > 200
    assert covered / names > 0.85
