from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.datasets.files import example, numbered, read_examples, read_rows
from self_distill.errors import DataError
from self_distill.types import Example, Span

ROWS = [{"text": 'one, "two"\nlines', "label": "a"}, {"text": "Zoë 😀\u2028\x85", "label": "b"}]


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(DataError) as error:
        read_examples(path)
    assert "\n" not in str(error.value) and str(path) in str(error.value)
    return str(error.value)


def test_the_three_kinds_of_file_give_the_same_rows(tmp_path: Path) -> None:
    jsonl, csv, parquet = (tmp_path / f"x.{kind}" for kind in ("jsonl", "csv", "parquet"))
    lines(jsonl, *ROWS)
    pl.DataFrame(ROWS).write_csv(csv)
    pl.DataFrame(ROWS).write_parquet(parquet)
    assert list(read_rows(jsonl)) == list(read_rows(csv)) == list(read_rows(parquet)) == ROWS


def test_examples_take_id_group_and_spans_where_there_are_any(tmp_path: Path) -> None:
    spans = [{"start": 8, "end": 11, "type": "PERSON"}, {"start": 0, "end": 2, "type": "AGE"}]
    path = lines(tmp_path / "x.jsonl", {"text": "42 years Ada", "spans": spans, "id": 7, "group": 3}, ROWS[0])
    first, second = read_examples(path)
    assert (first.id, first.group, first.label) == ("7", "3", ["AGE", "PERSON"])
    assert first.spans == (Span(0, 2, "AGE", detector="gold"), Span(8, 11, "PERSON", detector="gold"))
    assert second == Example("x-2", str(ROWS[0]["text"]), "a")


def test_spans_in_a_cell_of_a_csv_file_are_json(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('text,spans\nAda here,"[{""start"": 0, ""end"": 3, ""type"": ""PERSON""}]"\n')
    assert read_examples(path)[0].label == ["PERSON"]


@pytest.mark.parametrize("broken", ["{", "[1]", "7", '{"a": NaN', "\udcff", '{"a": ' + "[" * 100_000])
def test_a_line_that_is_no_object_is_named_by_its_number_in_the_file(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "x.jsonl"
    good = json.dumps(ROWS[0])
    path.write_bytes(f"{good}\n\n{broken}\n{good}\n".encode(errors="surrogateescape"))
    assert "row 3 is not" in refused(path)


def test_the_row_without_a_text_or_a_label_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    assert "row 2 has no 'text'" in refused(lines(path, ROWS[0], {"label": "a"}))
    assert "row 1 has no 'label'" in refused(lines(path, {"text": "x"}))
    assert "row 1: 'text' is not a string" in refused(lines(path, {"text": 5, "label": "a"}))
    lines(path, {"text": "x"})
    assert read_examples(path, labelled=False) == [Example("x-1", "x")]


@pytest.mark.parametrize(
    "spans", [[{"start": 0, "end": 9, "type": "A"}], [{"start": 2, "end": 2, "type": "A"}], 5, [5]]
)
def test_spans_that_do_not_fit_their_text_are_refused(tmp_path: Path, spans: object) -> None:
    assert "row 1: its spans" in refused(lines(tmp_path / "x.jsonl", {"text": "short", "spans": spans}))


def test_a_csv_row_with_too_few_or_too_many_cells_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text,label\nx,a\ny\n")
    assert "row 2 has more or fewer cells" in refused(path)
    path.write_text("text,label\nx,a,b\n")
    assert "row 1 has more or fewer cells" in refused(path)


def test_a_csv_file_in_another_encoding_or_with_a_loose_quote_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("text,label\nZoë,a\n".encode("latin-1"))
    assert "not CSV in UTF-8" in refused(path)
    path.write_text('text,label\n"x"y,a\n')
    assert "row 1 is not CSV" in refused(path)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("\ufefftext,label\nx,a\n", encoding="utf-8")
    assert read_examples(tmp_path / "x.csv")[0].text == "x"


def test_a_cell_may_be_longer_than_pythons_limit(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"text,label\n{'x' * 200_000},a\n")
    assert len(read_examples(tmp_path / "x.csv")[0].text) == 200_000


def test_what_is_not_parquet_inside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1 not really")
    assert "cannot be read as Parquet" in refused(path)


def test_parquet_is_read_over_the_border_of_a_batch(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"text": [str(i) for i in range(40_001)]}).write_parquet(path)
    found = list(numbered(path))
    assert len(found) == 40_001 and found[-1] == (40_001, {"text": "40000"})


def test_a_file_that_is_missing_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "x.csv")
    assert "a data file ends with .jsonl, .csv, .parquet" in refused(tmp_path / "x.txt")


USER = {"role": "user", "content": "What now?"}
SAID = {"role": "assistant", "content": "This."}


@pytest.mark.parametrize(
    "logged",
    [
        {"messages": [USER], "response": "This."},
        {"messages": [USER], "response": SAID},
        {"messages": [USER], "response": {"choices": [{"message": SAID}]}},
        {"messages": [USER], "choices": [{"message": SAID}]},
        {"messages": [USER, SAID]},
        {"messages": [USER], "response": {"body": {"choices": [{"message": SAID}]}}},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "What now?"}]}], "response": "This."},
    ],
)
def test_a_logged_request_is_an_example_whatever_its_shape(logged: dict[str, object]) -> None:
    assert example(logged, Path("log.jsonl"), 1) == Example("log-1", "What now?", "This.")


@pytest.mark.parametrize("logged", [{"messages": []}, {"messages": [SAID]}, {"messages": 5}, {"messages": [5]}])
def test_a_log_without_a_users_message_is_refused(tmp_path: Path, logged: dict[str, object]) -> None:
    assert "row 1" in refused(lines(tmp_path / "x.jsonl", logged))


@given(st.lists(st.text(st.characters()), min_size=1, max_size=5))
def test_any_text_comes_back_from_json_lines(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("any") / "x.jsonl"
    lines(path, *({"text": text, "label": 1} for text in texts))
    assert [row.text for row in read_examples(path)] == texts
