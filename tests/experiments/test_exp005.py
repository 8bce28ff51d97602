"""exp005 on a made-up set in the form of a public one."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from experiments.cells import Cell, cells
from experiments.controls import Control, summary
from experiments.exp005_certified_rules import cells_of, main, markdown
from self_distill.errors import DataError

CUES = {"NUM": ("how many", "how much"), "HUM": ("who was", "whose"), "LOC": ("where is", "which town")}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """TREC's files with questions of ours: the first words give the class away."""
    rng = random.Random(1)
    folder = tmp_path / "trec" / "qc"
    folder.mkdir(parents=True)
    for name, n in (("train", 600), ("test", 80)):
        rows = []
        for i in range(n):
            label = rng.choice(list(CUES))
            words = " ".join(rng.choices(("pump", "tank", "valve", "gate", "lamp", "roof"), k=4))
            rows.append(f"{label}:x {rng.choice(CUES[label])} {words} {name} {i} ?")
        (folder / f"{name}.txt").write_text("\n".join(rows))
    return tmp_path


def test_a_cell_is_distilled_reported_and_not_done_twice(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    args = ["--maker", "inductive", "--groups", "intents", "--only", "trec", "--data", str(data), "--json"]
    document = main(args)
    first, again = json.loads(capfd.readouterr().out), main(args)
    whole = next(row for row in document["rows"] if row.get("n") == 600)
    assert whole["cascade"]["status"] == "certified" and whole["cascade"]["test"]["coverage"] > 0.5
    assert first["rows"] == again["rows"]
    assert [row.get("error", "")[:4] for row in document["rows"]] == ["", "trec", ""], "2,000 are not there"
    assert "certified" in markdown(document) and len(cells_of(whole)) == 11


def test_without_its_recording_a_strong_maker_is_told_as_such(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    document = main(["--maker", "claude", "--groups", "intents", "--only", "nothing-like-that", "--data", str(data)])
    assert document["rows"] == []


def test_groups_are_known_by_name_and_sets_by_group() -> None:
    assert Cell("bbh", "bbh/navigate", "bbh/navigate") in cells(["bbh"]) and len(cells(["bbh"])) == 18
    with pytest.raises(DataError, match="no group"):
        cells(["bhb"])


def test_controls_are_summed_with_their_intervals() -> None:
    found = [Control("a", 10, 5, 0.5, False, i == 0) for i in range(20)] + [Control("b", 0, 0, 1.0, False, False)]
    told = summary(found)
    assert (told["sets"], told["candidates"], told["answering"]) == (2, 21, 20)
    assert told["certified_at_risk"]["k"] == 0 and told["certified_just_below_true_error"]["high"] < 0.25
