from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from self_distill.datasets import acceptability, load_dataset
from self_distill.datasets.fetch import Remote, fetched
from self_distill.datasets.files import read_examples
from self_distill.errors import DataError


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tiny made-up sets in the public formats."""
    raw = tmp_path / "data/cola/raw"
    raw.mkdir(parents=True)
    rows = [f"src\t{i % 2}\t{'' if i % 2 else '*'}\tSentence number {i} was made here." for i in range(20)]
    for name in ("in_domain_train.tsv", "in_domain_dev.tsv", "out_of_domain_dev.tsv"):
        (raw / name).write_text("\n".join([*rows, rows[0]]) + "\n")
    gsm = tmp_path / "data/gsm8k"
    gsm.mkdir()
    problems = [
        {"question": f"{i} and {i}?", "answer": f"{i}+{i}=<<{i}+{i}={2 * i}>>\n#### {2 * i:,}"} for i in range(900, 910)
    ]
    for name in ("train.jsonl", "test.jsonl"):
        (gsm / name).write_text("".join(json.dumps(p) + "\n" for p in problems))
    return tmp_path / "data"


def test_cola_has_yes_and_no_and_nothing_of_the_authors_star(folder: Path) -> None:
    rows = load_dataset("CoLA", "test", data=folder)
    assert len(rows) == 20 and {row.label for row in rows} == {"yes", "no"}
    assert not any("*" in repr(row) for row in rows)


def test_gsm8k_has_the_number_behind_the_hashes(folder: Path) -> None:
    rows = load_dataset("gsm8k", "train", data=folder)
    assert {row.text: row.label for row in rows}["909 and 909?"] == 1818


def test_a_smaller_draw_is_the_beginning_of_a_larger_one(folder: Path) -> None:
    large = load_dataset("cola", n=12, seed=3, data=folder)
    assert load_dataset("cola", n=5, seed=3, data=folder) == large[:5]
    assert load_dataset("cola", n=12, seed=4, data=folder) != large
    assert load_dataset("pii", n=4, seed=3) == load_dataset("pii", n=9, seed=3)[:4]


def test_train_and_test_of_a_generated_set_are_different_texts() -> None:
    train, test = (load_dataset("pii", split, n=50) for split in ("train", "test"))
    assert not {row.text for row in train if row.spans} & {row.text for row in test if row.spans}


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("cola", "test", 21), "20 rows, 21 were asked"),
        (("cola", "validation"), "there are train, test"),
        (("glue",), "no data set 'glue'"),
        (("nowhere.jsonl",), "no such file"),
        (("pii", "dev"), "there are test, train"),
        (("cola", "test", -1), "cannot take -1"),
    ],
)
def test_what_cannot_be_had_is_said_in_a_line(folder: Path, args: tuple[str, ...], word: str) -> None:
    with pytest.raises(DataError, match=word):
        load_dataset(*args, data=folder)  # type: ignore[arg-type]  # names and a number


def test_a_folder_without_the_set_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="give the folder that holds cola/"):
        load_dataset("cola", data=tmp_path)


@pytest.mark.parametrize("line", ["src\t2\t\tx", "src\t1\tx", "src\t1\t\t ", "only"])
def test_a_broken_row_of_cola_is_named(folder: Path, line: str) -> None:
    path = folder / "cola/raw/in_domain_dev.tsv"
    path.write_text(f"src\t1\t\tFine.\n{line}\n")
    with pytest.raises(DataError, match="row 2"):
        load_dataset("cola", data=folder)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.jsonl", '{"text": "a", "label": "x"}\nnonsense\n', "row 2 is not JSON"),
        ("b.jsonl", '{"text": "a", "label": "x"}\n{"label": "x"}\n', "row 2 has no 'text'"),
        ("c.jsonl", '{"text": "a"}\n', "row 1 has no 'label'"),
        ("d.csv", "text,label\na,x\nb\n", "row 2 has more or fewer cells"),
        ("e.csv", "words,label\na,x\n", "row 1 has no 'text'"),
        ("f.parquet", "no parquet", "cannot be read as Parquet"),
    ],
)
def test_a_broken_row_of_a_file_is_named(tmp_path: Path, name: str, content: str, word: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=word):
        read_examples(tmp_path / name)


def test_the_same_rows_come_out_of_every_kind_of_file(tmp_path: Path) -> None:
    import polars as pl

    rows = [{"id": str(i), "text": f"text, {i}", "label": "yes"} for i in range(5)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    frame = pl.DataFrame(rows)
    frame.write_csv(tmp_path / "a.csv")
    frame.write_parquet(tmp_path / "a.parquet")
    found = [read_examples(tmp_path / f"a.{ending}") for ending in ("jsonl", "csv", "parquet")]
    assert found[0] == found[1] == found[2] and found[0][2].text == "text, 2"


def test_logged_requests_are_examples(tmp_path: Path) -> None:
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]
    answers = [
        {"messages": [*messages, {"role": "assistant", "content": "a"}]},
        {"messages": messages, "response": "a"},
        {"messages": messages, "response": {"choices": [{"message": {"role": "assistant", "content": "a"}}]}},
        {"messages": messages, "choices": [{"message": {"content": [{"type": "text", "text": "a"}]}}]},
    ]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answers))
    assert [(e.text, e.label) for e in read_examples(tmp_path / "log.jsonl")] == [("q", "a")] * 4


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    (tmp_path / "web").mkdir()
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "web")))
    thread = Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}", tmp_path / "web"
    http.shutdown()
    http.server_close()
    thread.join()


def test_a_download_is_checked_and_kept(web: tuple[str, Path], tmp_path: Path) -> None:
    url, served = web
    (served / "x.tsv").write_bytes(b"content")
    good = Remote("set/x.tsv", f"{url}/x.tsv", hashlib.sha256(b"content").hexdigest())
    fetched([good], tmp_path / "cache")
    (served / "x.tsv").unlink()
    assert (fetched([good], tmp_path / "cache") / "set/x.tsv").read_bytes() == b"content"


def test_another_file_than_the_known_one_is_not_kept(web: tuple[str, Path], tmp_path: Path) -> None:
    url, served = web
    (served / "x.tsv").write_bytes(b"changed")
    with pytest.raises(DataError, match="SHA-256"):
        fetched([Remote("x.tsv", f"{url}/x.tsv", "0" * 64)], tmp_path / "cache")
    assert os.listdir(tmp_path / "cache") == []


def test_no_network_says_to_give_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data"):
        fetched([Remote("x.tsv", "http://127.0.0.1:9/x.tsv", "0" * 64)], tmp_path / "cache")
    assert os.listdir(tmp_path / "cache") == []


def test_minimal_pairs_differ_in_their_label_and_come_in_all_kinds() -> None:
    rows = acceptability.generate(600, 1)
    assert {row.group for row in rows} == {kind.__name__ for kind in acceptability.KINDS}
    assert 250 < sum(row.label == "yes" for row in rows) < 350
    by_text = {row.text: row.label for row in rows}
    assert all(by_text[row.text] == row.label for row in rows)
    assert acceptability.generate(600, 1)[:50] == acceptability.generate(50, 1)
