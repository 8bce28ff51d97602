from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.errors import AnswerError
from self_distill.fits import misfit
from self_distill.task import Task

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "age": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2},
        "mail": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "@"}]},
    },
    "required": ["name"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"name": "x"}, ""),
        ({"name": "x", "age": 3.0, "tags": ["a", "b"], "mail": None}, ""),
        ({"name": "x", "mail": "a@b"}, ""),
        ([], "it is not of type object"),
        ({}, "it has no 'name'"),
        ({"name": ""}, "it.name has 0 characters"),
        ({"name": "x", "age": True}, "it.age is not of type integer"),
        ({"name": "x", "age": -1}, "it.age is out of bounds"),
        ({"name": "x", "age": 1.5}, "it.age is not of type integer"),
        ({"name": "x", "tags": ["c"]}, "it.tags[0] is not one of a, b"),
        ({"name": "x", "tags": ["a", "a", "a"]}, "it.tags has 3 entries"),
        ({"name": "x", "mail": "ab"}, "it.mail fits none of the forms allowed"),
        ({"name": "x", "more": 1}, "it.more is not allowed"),
    ],
)
def test_the_first_misfit_is_told_with_its_place(value: Any, problem: str) -> None:
    assert misfit(value, PERSON) == problem


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_everything_fits_what_asks_for_nothing(value: Any) -> None:
    assert misfit(value, {}) == misfit(value, True) == ""
    assert misfit(value, False)


def test_a_task_with_a_schema_accepts_what_fits_and_says_what_does_not() -> None:
    task = Task("person", "Who?", schema=PERSON)
    assert task.parse('```json\n{"name": "x"}\n```') == {"name": "x"}
    with pytest.raises(AnswerError, match="it has no 'name'"):
        task.parse("{}")
    with pytest.raises(AnswerError, match="not of type object"):
        task.checked([])
