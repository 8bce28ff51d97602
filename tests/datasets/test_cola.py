from __future__ import annotations

from pathlib import Path

import pytest

from self_distill.datasets import load_dataset
from self_distill.errors import DataError

TRAIN = ("m\t1\t\tThe dog sleeps.", "m\t0\t*\tThe dog sleep.", "m\t1\t\tThe dog sleeps.", "m\t0\t??\tBoth of.")
DEV = ("n\t0\t*\tBoth of.", 'n\t1\t\tShe "left" early.')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    raw = tmp_path / "cola" / "raw"
    raw.mkdir(parents=True)
    (raw / "in_domain_train.tsv").write_text("\n".join(TRAIN) + "\n")
    (raw / "in_domain_dev.tsv").write_text("\n".join(DEV) + "\n")
    return tmp_path


def test_labels_are_yes_and_no_and_the_authors_star_is_nowhere(folder: Path) -> None:
    rows = load_dataset("cola", "test", data=folder)
    assert {row.text: row.label for row in rows} == {"Both of.": "no", 'She "left" early.': "yes"}
    assert not any("*" in repr(row) or "m\t" in repr(row) for row in rows)


def test_train_has_each_sentence_once_and_none_of_the_other_splits(folder: Path) -> None:
    rows = load_dataset("CoLA", "train", data=folder)
    assert sorted((row.text, row.id) for row in rows) == [
        ("The dog sleep.", "cola-train-2"),
        ("The dog sleeps.", "cola-train-1"),
    ]


def test_a_sentence_with_both_labels_is_left_out(folder: Path) -> None:
    dev = folder / "cola" / "raw" / "in_domain_dev.tsv"
    dev.write_text(dev.read_text() + "n\t1\t\tBoth of.\n")
    assert [row.text for row in load_dataset("cola", "test", data=folder)] == ['She "left" early.']


@pytest.mark.parametrize("row", ["m\t1\tNo mark.", "m\t2\t\tA label.", "m\t1\t\t ", ""])
def test_a_broken_row_is_named(folder: Path, row: str) -> None:
    dev = folder / "cola" / "raw" / "in_domain_dev.tsv"
    dev.write_text("\n".join([DEV[1], row, DEV[1]]))
    with pytest.raises(DataError, match=r"in_domain_dev\.tsv: row 2 is not"):
        load_dataset("cola", "test", data=folder)


def test_the_folder_may_be_the_one_with_the_files(folder: Path) -> None:
    assert len(load_dataset("cola", "test", data=folder / "cola" / "raw")) == 2


def test_the_public_corpus_has_its_known_sizes_and_no_sentence_in_two_parts(public: Path) -> None:
    train, test = (load_dataset("cola", split, data=public) for split in ("train", "test"))
    assert (len(train), len(test), len(load_dataset("cola", "out_of_domain", data=public))) == (8504, 527, 512)
    assert not {row.text for row in train} & {row.text for row in test}
    assert sum(row.label == "yes" for row in test) == 367
