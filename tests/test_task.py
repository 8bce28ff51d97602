from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.errors import AnswerError, SettingsError
from self_distill.settings import shipped
from self_distill.task import Task, load_task, load_tasks, parse_task
from self_distill.types import Matching, OneOf

YES_NO = Task("acceptability", "Is it acceptable?", labels=("yes", "no"))
TYPES = Task("pii", "Which types?", labels=("EMAIL", "PHONE"), many=True)


@pytest.mark.parametrize("reply", ["yes", " Yes.", "**yes**", "Answer: yes", "I say yes, surely"])
def test_one_label_is_read_however_the_model_dresses_it(reply: str) -> None:
    assert YES_NO.parse(reply) == "yes"


@pytest.mark.parametrize("reply", ["", "perhaps", "yes or no", "yesterday"])
def test_a_reply_without_exactly_one_label_is_no_answer(reply: str) -> None:
    with pytest.raises(AnswerError):
        YES_NO.parse(reply)


@given(st.sets(st.sampled_from(TYPES.labels)), st.sampled_from([", ", " and ", '", "']))
def test_a_set_of_labels_is_read_from_a_list_or_from_prose(labels: set[str], joint: str) -> None:
    assert TYPES.parse(joint.join(sorted(labels)) or "[]") == sorted(labels)


def test_the_empty_set_must_be_said() -> None:
    assert TYPES.parse("none") == []
    with pytest.raises(AnswerError):
        TYPES.parse("I cannot tell")


@pytest.mark.parametrize(("reply", "number"), [("so 3+4=7\n#### 1,234", 1234), ("it is 2.5", 2.5), ("#### -8", -8)])
def test_a_number_is_the_one_after_the_hashes_else_the_last(reply: str, number: float) -> None:
    task = Task("sum", "Add.", answer="number")
    assert task.parse(reply) == number
    assert task.score(number, f"{number:,}")


def test_sets_are_scored_as_sets_and_strings_by_their_normaliser() -> None:
    assert TYPES.score(["PHONE", "EMAIL"], ["EMAIL", "PHONE"])
    assert not TYPES.score(["PHONE"], ["EMAIL", "PHONE"])
    assert Task("t", "i", answer="string", normaliser="squeeze").score(" A  b", "a B")
    assert not Task("t", "i", answer="string").score("A b", "a B")


def test_a_request_carries_its_constraint_and_marks_what_is_constant() -> None:
    request = Task("t", "Say.", labels=("a", "b"), prompt="Text: {text}!").request("m", "hello {text}")
    assert request.messages[1].content == "Text: hello {text}!"
    assert request.constraint == OneOf(("a", "b"))
    assert all("hello" not in frame for frame in request.frames)
    assert isinstance(TYPES.request("m", "x").constraint, Matching)


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ({"name": "t"}, "instructions"),
        ({"name": "t", "instructions": "i", "lables": ["a"]}, "lables"),
        ({"name": "t", "instructions": "i"}, "labels"),
        ({"name": "t", "instructions": "i", "labels": ["a", "a"]}, "repeated"),
        ({"name": "t", "instructions": "i", "labels": ["a"], "risk": 2}, "risk"),
        ({"name": "t", "instructions": "i", "labels": ["a"], "risk": "low"}, "risk"),
        ({"name": "t", "instructions": "i", "labels": ["a"], "critical": ["b"]}, "critical"),
        ({"name": "t", "instructions": "i", "labels": ["a"], "prompt": "no place"}, "{text}"),
        ({"name": "a b", "instructions": "i", "labels": ["a"]}, "name"),
    ],
)
def test_a_typo_in_a_task_file_is_named(table: dict[str, object], word: str) -> None:
    with pytest.raises(SettingsError, match=word) as caught:
        parse_task(table)
    assert "\n" not in str(caught.value)


def test_a_missing_or_broken_task_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such task file"):
        load_task(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"broken\.toml"):
        load_task(tmp_path / "broken.toml")


def test_the_shipped_tasks_load() -> None:
    assert {"acceptability", "pii", "gsm8k"} <= set(load_tasks(shipped("tasks")))
