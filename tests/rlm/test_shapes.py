from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.cli import main
from self_distill.rlm.shapes import shapes
from self_distill.task import load_task
from self_distill.types import AnswerRow, Json, Usage

READY = '```repl\nanswer["content"] = {}\nanswer["ready"] = True\n```'


def row(text: str, value: Json, by: str = "model:m", error: str = "") -> AnswerRow:
    return AnswerRow("t", "free", by, text, value, Usage(30, 2), error=error)


def test_prompts_with_the_same_words_around_a_text_are_one_shape() -> None:
    rows = [row(f"Is this fruit ripe? {'ab'[n % 2]}-{n}\nSay yes or no.", "no" if n % 2 else "yes") for n in range(12)]
    [shape] = shapes([*rows, rows[0], row("Something else entirely.", "x")])
    assert shape.task.prompt == "Is this fruit ripe? {text}\nSay yes or no."
    assert (shape.task.labels, shape.calls, shape.tokens, shape.per_call) == (("no", "yes"), 13, 13 * 32, 32)
    assert shape.examples["b-3"] == "no" and len(shape.examples) == 12
    assert shape.task.name == "is-this-fruit-ripe-say"


def test_the_words_may_stand_behind_the_text_only() -> None:
    rows = [
        row(f"{word}\n\nHow many letters has this word?", len(word)) for word in ("a", "bc", "def", "ghij", "klmno")
    ]
    [shape] = shapes(rows)
    assert shape.task.prompt == "{text}\n\nHow many letters has this word?"
    assert (shape.task.kind, list(shape.examples.values())) == ("number", [1, 2, 3, 4, 5])


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(f"What is the colour of {n}?", "red") for n in range(4)],
        [row("What is the colour of one thing?", "red")] * 40,
        [row(f"What is the colour of {n}?", "red", by="rule:a/b@1") for n in range(40)],
        [row(f"What is the colour of {n}?", None, error="AnswerError") for n in range(40)],
        [row(f"{n}? {n}", "red") for n in range(40)],
    ],
)
def test_few_texts_repeats_rules_and_failures_make_no_shape(rows: list[AnswerRow]) -> None:
    assert not shapes(rows)


@given(
    before=st.sampled_from(["Name the colour in this text: ", "Classify the following line.\n", "Text:\n"]),
    after=st.sampled_from(["", "\nOne word only, please.", "\n\nAnswer with a number and nothing else."]),
    texts=st.sets(st.text("abcxyz .", min_size=1, max_size=20), min_size=5, max_size=12),
)
def test_a_shape_gives_back_the_prompts_it_was_made_from(before: str, after: str, texts: set[str]) -> None:
    prompts = {f"{before}{text}{after}" for text in texts}
    for shape in shapes(row(prompt, "answer") for prompt in prompts):
        head, tail = shape.task.parts
        assert {head + text + tail for text in shape.examples} <= prompts


def test_what_a_loop_asked_is_suggested_written_and_answered_by_a_rule_from_then_on(
    world: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ask = "xs = [llm_query(f'Is this word long? {w}') for w in context.split()]"
    w = world(f"```repl\n{ask}\n```", READY.format("xs"), sub=lambda prompt: "yes" if len(prompt) > 24 else "no")
    w.ask("apple pear fig banana kiwi cranberry plum redcurrant", run="run")
    with pytest.raises(SystemExit):
        main(["tasks", "suggest", "--json", "--write", str(tmp_path / "found")])
    [told] = json.loads(capfd.readouterr().out)
    assert (told["prompt"], told["labels"], told["calls"]) == ("Is this word long? {text}", ["no", "yes"], 8)
    task = load_task(tmp_path / "found" / f"{told['name']}.toml")
    assert task.prompt == told["prompt"] and task.labels == ("no", "yes")
    lines = (tmp_path / "found" / f"{told['name']}.jsonl").read_text(encoding="utf-8").splitlines()
    assert {"text": "banana", "label": "yes"} in map(json.loads, lines) and len(lines) == 8
