from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.datasets import load_dataset
from self_distill.errors import DataError


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps({"text": f"text {i}", "label": i}) + "\n" for i in range(30)))
    return str(path)


def ids(name: str, **how: int) -> list[str]:
    return [row.id for row in load_dataset(name, **how)]  # type: ignore[arg-type]  # n and seed are integers


def test_a_smaller_draw_is_the_beginning_of_a_larger_one(file: str) -> None:
    assert ids(file, n=20, seed=3)[:7] == ids(file, n=7, seed=3)
    assert ids("pii", n=20, seed=3)[:7] == ids("pii", n=7, seed=3)


def test_the_seed_decides_the_draw(file: str) -> None:
    assert ids(file, n=30, seed=1) != ids(file, n=30, seed=2)
    assert sorted(ids(file, n=30, seed=1)) == sorted(ids(file, n=30, seed=2)) == sorted(ids(file))


def test_more_rows_than_there_are_cannot_be_had(file: str) -> None:
    with pytest.raises(DataError, match=r"own\.jsonl has 30 rows, 31 were asked for"):
        load_dataset(file, n=31)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        DataError, match=r"no data set 'colla'; there are cola, .*bbh/<task>, pii, acceptability, or give a file"
    ):
        load_dataset("colla")


@pytest.mark.parametrize("name", ["cola", "GSM8K", "pii", "acceptability"])
def test_an_unknown_split_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(DataError, match=rf"{name} has no split 'dev'; there are .*train"):
        load_dataset(name, "dev")


def test_a_folder_without_the_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no cola/raw/in_domain_dev\.tsv: give the folder that holds cola/"):
        load_dataset("cola", data=tmp_path)


def test_the_environment_gives_the_folder_when_nobody_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test.jsonl").write_text('{"question": "1 + 1?", "answer": "#### 2"}\n')
    monkeypatch.setenv("SELF_DISTILL_DATA", str(tmp_path))
    assert [row.label for row in load_dataset("gsm8k")] == [2]


def test_the_splits_of_a_generated_set_share_no_row() -> None:
    test, train = ({row.text for row in load_dataset("pii", split, n=200)} for split in ("test", "train"))
    assert len(test & train) < 5  # short texts without a value may repeat


@given(st.integers(min_value=-(10**6), max_value=-1))
def test_a_negative_number_of_rows_is_refused(n: int) -> None:
    with pytest.raises(DataError, match="cannot take"):
        load_dataset("pii", n=n)
