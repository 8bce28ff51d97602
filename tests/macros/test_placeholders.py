from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros.placeholders import Beginnings, candidates, canonical, forms_at, label, masked, unfinished

NAMES = Beginnings(("EMAIL_1", "EMAIL_12", "HOME_ADDRESS_3", "IP_3F9A0C11D2E4"))
texts = st.text(alphabet="[]［］\\_ -aEM1x(", max_size=40)


def forms(text: str) -> list[tuple[int, int, str, str]]:
    return [tuple(form) for start in candidates(text) for form in forms_at(text, start)][:1]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("[EMAIL_1]", "EMAIL_1", "whole"),
        ("[email 1]", "EMAIL_1", "whole"),
        ("[ Home-Address_3 ]", "HOME_ADDRESS_3", "whole"),
        ("［EMAIL_1］", "EMAIL_1", "whole"),
        ("\\[EMAIL\\_1\\]", "EMAIL_1", "escaped"),
        ("[EMAIL_1", "EMAIL_1", "unclosed"),
        ("EMAIL_1]", "EMAIL_1", "unopened"),
        ("EMAIL_1", "EMAIL_1", "bare"),
        ("[IP_3f9a0c11d2e4]", "IP_3F9A0C11D2E4", "whole"),
    ],
)
def test_every_declared_form_is_read(text: str, name: str, kind: str) -> None:
    assert forms(text) == [(0, len(text), name, kind)]
    assert forms(f"so {text} ") == [(3, 3 + len(text), name, kind)]


@pytest.mark.parametrize(
    "text", ["[1]", "[EMAIL]", "[EMAIL_]", "[_1]", "email_1", "[E_1234567890]", "a[1]_b", "x_y", "[", ""]
)
def test_other_brackets_and_words_are_no_placeholders(text: str) -> None:
    assert forms(text) == []


@given(texts)
def test_forms_lie_in_the_text_where_it_says_so(text: str) -> None:
    starts = list(candidates(text))
    assert starts == sorted(set(starts))
    for start in starts:
        for form in forms_at(text, start):
            assert form.start == start < form.end <= len(text)
            assert canonical(text[form.start : form.end].strip("[]［］\\ ")) == form.name


@given(texts, texts)
def test_what_more_text_makes_a_placeholder_was_held_back(text: str, more: str) -> None:
    limit = unfinished(text, 0, NAMES)
    for start in candidates(text + more):
        for form in forms_at(text + more, start):
            if form.name in NAMES.whole and start < len(text) < form.end:
                assert limit <= start


@given(texts)
def test_no_more_is_held_back_than_the_longest_name_needs(text: str) -> None:
    assert len(text) - unfinished(text, 0, NAMES) <= 2 * NAMES.longest + 8
    assert unfinished(text, 0, Beginnings(())) == len(text)


@given(st.lists(st.text(alphabet="ab", max_size=4)), st.text(alphabet="ab", max_size=4))
def test_beginnings_are_those_of_the_words(words: list[str], start: str) -> None:
    assert (start in Beginnings(words)) == any(word.startswith(start) for word in words)


@given(st.text(max_size=60))
def test_every_type_makes_a_name_that_is_read_again(type_: str) -> None:
    assert forms(f"[{label(type_)}_7]") == [(0, len(label(type_)) + 4, f"{label(type_)}_7", "whole")]


def test_masks_are_spelled_as_the_predecessor_did() -> None:
    assert masked("EMAIL") == "[EMAIL_MASKED]" and masked("employee id") == "[EMPLOYEE_ID_MASKED]"
