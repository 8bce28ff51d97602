"""What the tagger learns from is no text that we report on."""

from __future__ import annotations

import ast
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RUN = 4
SLOT = re.compile(r"\{\{\w+\}\}|\{\w+(?:\.\w+)?\}")


def words(text: str) -> list[str]:
    return re.findall(r"\0|[\w']+", SLOT.sub(" \0 ", text).lower())


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Stretches of four words, a slot counting as one, with three words at least that are none."""
    row = words(text)
    for at in range(len(row) - RUN + 1):
        run = tuple(row[at : at + RUN])
        if run.count("\0") < 2:
            yield run


def frames() -> list[str]:
    kinds = tomllib.loads((ROOT / "scripts" / "names_frames.toml").read_text(encoding="utf-8"))
    return [frame for row in kinds.values() for frame in row]


def test_every_slot_of_a_frame_is_one_that_the_script_fills() -> None:
    script = (ROOT / "scripts" / "train_names.py").read_text(encoding="utf-8")
    keys = {node.value for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Constant)}
    assert {slot for frame in frames() for slot in re.findall(r"\{(.*?)\}", frame)} <= keys
    assert len(frames()) == len(set(frames())) > 500


@pytest.mark.skipif("SELF_DISTILL_DATA" not in os.environ, reason="needs the public data sets")
def test_no_frame_shares_four_words_in_a_row_with_a_bench_set() -> None:
    folder = Path(os.environ["SELF_DISTILL_DATA"])
    synth = json.loads((folder / "pii_presidio_synth" / "synth_dataset_v2.json").read_text(encoding="utf-8"))
    benches = [row["masked"] for row in synth]
    for row in json.loads((folder / "pii_syn_nano" / "pii_syn_nano_en.json").read_text(encoding="utf-8")):
        text = row["text"]
        for entity in row["NER"] or ():
            text = text.replace(entity.get("entity") or "\0", "{x}")
        benches.append(text)
    theirs = {run for text in benches for run in runs(text)}
    assert len(theirs) > 1000
    assert [frame for frame in frames() if not theirs.isdisjoint(runs(frame))] == []
