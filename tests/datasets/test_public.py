"""Public sets in made-up files of their form; the real ones where they lie beside the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from self_distill.datasets.bbh import answer_in
from self_distill.datasets.load import PUBLIC, load_dataset
from self_distill.errors import DataError

REAL = Path(__file__).parents[2].parent / "shared" / "data"
COUNTS = {"banking77": 3_080, "clinc150": 5_500, "snips": 700, "trec": 500, "bbh/word_sorting": 250}


def laid(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def pairs(name: str, split: str, root: Path) -> set[tuple[str, object]]:
    return {(row.text, row.label) for row in load_dataset(name, split, data=root)}


def test_banking77_is_a_table_of_texts_and_intents(tmp_path: Path) -> None:
    root = laid(tmp_path, {"banking77/test.csv": 'text,category\n"Where, please?",card\nHow much?,fee\n'})
    assert pairs("banking77", "test", root) == {("Where, please?", "card"), ("How much?", "fee")}


def test_out_of_scope_texts_of_clinc150_are_among_both_splits(tmp_path: Path) -> None:
    parts = ("train", "val", "test", "oos_train", "oos_val", "oos_test")
    data = {part: [[f"text of {part}", "oos" if "oos" in part else "alarm"]] for part in parts}
    root = laid(tmp_path, {"clinc150/data_full.json": json.dumps(data)})
    assert pairs("clinc150", "test", root) == {("text of test", "alarm"), ("text of oos_test", "oos")}
    assert len(load_dataset("clinc150", "train", data=root)) == 4


def test_snips_joins_the_chunks_of_an_utterance_whatever_the_file_s_encoding(tmp_path: Path) -> None:
    row = {"data": [{"text": "play "}, {"text": "Beyoncé", "entity": "artist"}]}
    music = json.dumps({"PlayMusic": [row]}, ensure_ascii=False).encode("latin-1")
    files = {
        "snips/GetWeather/train_GetWeather_full.json": json.dumps({"GetWeather": []}),
        "snips/PlayMusic/train_PlayMusic_full.json": music,
    }
    assert pairs("snips", "train", laid(tmp_path, files)) == {("play Beyoncé", "PlayMusic")}


def test_trec_gives_the_coarse_class(tmp_path: Path) -> None:
    root = laid(tmp_path, {"trec/qc/test.txt": b"NUM:dist How far is it ?\nHUM:ind Who was Z\xe9 ?\n"})
    assert pairs("trec", "test", root) == {("How far is it ?", "NUM"), ("Who was Zé ?", "HUM")}


def test_a_bbh_task_gives_inputs_and_targets_and_never_its_canary(tmp_path: Path) -> None:
    task = {"canary": "do not train on this", "examples": [{"input": "not True is", "target": "False"}]}
    root = laid(tmp_path, {"bbh/bbh/boolean_expressions.json": json.dumps(task)})
    assert pairs("bbh/boolean_expressions", "test", root) == {("not True is", "False")}


def test_recorded_answers_to_a_bbh_task_stand_in_place_of_gold(tmp_path: Path) -> None:
    task = {"canary": "", "examples": [{"input": "not True is", "target": "False"}]}
    reply = json.dumps({"prediction": "Not True is False. So the answer is True.", "target": "False"})
    files = {
        "bbh/bbh/boolean_expressions.json": json.dumps(task),
        "traces/bbh_code_davinci_002/cot/boolean_expressions.jsonl": reply + "\n",
    }
    root = laid(tmp_path, files)
    assert pairs("traces/bbh/cot/boolean_expressions", "test", root) == {("not True is", "True")}


@pytest.mark.parametrize(
    ("reply", "answer"), [("(B)", "(B)"), (" valid\n", "valid"), ("Hence so. So the answer is (C).", "(C)")]
)
def test_the_answer_in_a_recorded_reply(reply: str, answer: str) -> None:
    assert answer_in(reply) == answer


def test_recorded_replies_to_gsm8k_are_read_though_their_json_is_broken(tmp_path: Path) -> None:
    def row(i: int, output: str) -> dict[str, str]:
        return {"id": f"q{i}", "question": f"question {i}", "output": repr([output])}

    said = ['{"reasoning": "2 + 2 = 4", "answer": "$1,004"}', '{"reasoning": "so "four"", "answer": 4', "no idea"]
    rows = [row(i, text) for i, text in enumerate(said)]
    root = laid(tmp_path, {"traces/zeroeval_gsm8k/gpt-3.5-turbo-0125.json": json.dumps(rows)})
    found = pairs("traces/gsm8k/gpt-3.5-turbo-0125", "test", root)
    assert found == {("question 0", "1004"), ("question 1", "4"), ("question 2", None)}


@pytest.mark.parametrize("name", ["banking77", "clinc150", "snips", "trec", "bbh/navigate"])
def test_a_file_of_another_form_and_a_missing_folder_are_one_line(name: str, tmp_path: Path) -> None:
    file = PUBLIC[name].SPLITS["test"]
    root = laid(tmp_path, {f"{PUBLIC[name].FOLDERS[0]}/{file}": b"\xff{"})
    if name != "trec":  # any line of text is a row of it
        with pytest.raises(DataError, match="again"):
            load_dataset(name, "test", data=root)
    with pytest.raises(DataError, match="--data"):
        load_dataset(name, "test")


@pytest.mark.parametrize("name", COUNTS)
def test_the_real_sets_have_as_many_rows_as_their_source_says(name: str) -> None:
    if not REAL.is_dir():
        pytest.skip("the data sets do not lie beside the project")
    assert len(load_dataset(name, "test", data=REAL)) == COUNTS[name]
