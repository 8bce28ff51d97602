from __future__ import annotations

import json
from pathlib import Path

import pytest

from self_distill.datasets import load_dataset
from self_distill.errors import DataError


def folder(tmp_path: Path, *answers: object) -> Path:
    inside = tmp_path / "gsm8k"
    inside.mkdir(exist_ok=True)
    rows = [{"question": f"Question {i}?", "answer": answer} for i, answer in enumerate(answers, 1)]
    (inside / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_the_label_is_the_number_behind_the_hashes(tmp_path: Path) -> None:
    data = folder(tmp_path, "2+2=<<2+2=4>>4\n#### 4", "#### 1,234", "#### -3", "#### $2.50", "#### of ####7 ")
    found = {row.text: row.label for row in load_dataset("GSM8K", "test", data=data)}
    assert [found[f"Question {i}?"] for i in range(1, 6)] == [4, 1234, -3, 2.5, 7]
    assert isinstance(found["Question 1?"], int)


@pytest.mark.parametrize("answer", ["42", "#### many", "#### inf", "#### nan", "####", 42, None])
def test_an_answer_without_its_number_is_named(tmp_path: Path, answer: object) -> None:
    with pytest.raises(DataError, match=r"test\.jsonl: row 2 has no"):
        load_dataset("gsm8k", "test", data=folder(tmp_path, "#### 1", answer))


def test_the_public_set_has_its_known_sizes(public: Path) -> None:
    assert (len(load_dataset("gsm8k", "train", data=public)), len(load_dataset("gsm8k", "test", data=public))) == (
        7473,
        1319,
    )
