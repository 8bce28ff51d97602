from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.cli import main
from self_distill.distill.newtask import new_task
from self_distill.errors import DataError
from self_distill.task import parse_task, task_file
from self_distill.types import Example, Json


def rows(labels: Sequence[Json]) -> list[Example]:
    return [Example(str(i), f"text {i}", label) for i, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["spam", "ham"] * 10, "label"),
        ([["EMAIL"], ["EMAIL", "IP"], []] * 5, "labels"),
        ([1, 2.5, "3,000", "-1"], "number"),
        (["nan", "inf", "1"], "string"),
        ([f"answer {i}" for i in range(30)], "string"),
        ([{"a": 1}, {"a": 2}], "json"),
    ],
)
def test_the_labels_show_the_answer_space(labels: Sequence[Json], kind: str) -> None:
    assert new_task("t", "Do it.", rows(labels)).kind == kind


@given(st.lists(st.text(min_size=1, max_size=10), min_size=2, max_size=5, unique=True), st.text(min_size=1))
def test_a_written_file_is_read_as_the_same_task(labels: list[str], instructions: str) -> None:
    if not instructions.strip():
        return
    task = new_task("t", instructions, rows(labels * 5))
    assert parse_task(tomllib.loads(task_file(task))) == task


def test_without_a_label_there_is_nothing_to_see() -> None:
    with pytest.raises(DataError, match="no example has a label"):
        new_task("t", "Do it.", rows([None, ""]))


def test_the_command_writes_a_file_and_never_over_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "x.jsonl", tmp_path / "t.toml"
    source.write_text("\n".join(json.dumps({"text": f"t {i}", "label": "ab"[i % 2]}) for i in range(20)))
    args = ["task", "new", "--name", "t", "--instructions", "Which?", "--examples", str(source), "--out", str(target)]
    codes = []
    for more in ([], [], ["--force"]):
        with pytest.raises(SystemExit) as stop:
            main([*args, *more])
        codes.append(stop.value.code)
    assert codes == [0, 2, 0] and "is there already" in capfd.readouterr().err
    assert tomllib.loads(target.read_text())["labels"] == ["a", "b"]
