"""BIG-Bench Hard (Suzgun et al., 2210.09261): 18 of its tasks, each a set "bbh/<task>" with one split.

The files' canary, which marks them for who filters training data, stays in them and reaches no prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from self_distill.errors import DataError
from self_distill.types import Example

TASKS = (
    "boolean_expressions", "causal_judgement", "date_understanding", "disambiguation_qa", "formal_fallacies",
    "hyperbaton", "logical_deduction_three_objects", "logical_deduction_five_objects",
    "logical_deduction_seven_objects", "movie_recommendation", "navigate", "reasoning_about_colored_objects",
    "ruin_names", "salient_translation_error_detection", "snarks", "tracking_shuffled_objects_three_objects",
    "tracking_shuffled_objects_seven_objects", "word_sorting",
)  # fmt: skip
TRACES = ("cot", "direct")
"""How code-davinci-002 was asked for its recorded replies: with a chain of thought, or for the answer alone."""
_ANSWER = re.compile(r"[Tt]he answer is\s+(.*?)\.?\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class BbhTask:
    """The gold answers of a task, or with `trace` the recorded ones of code-davinci-002 to the same texts."""

    task: str
    trace: str = ""

    @property
    def FOLDERS(self) -> tuple[str, ...]:
        return ("bbh/bbh", "bbh", ".")

    @property
    def SPLITS(self) -> Mapping[str, str]:
        return {"train": f"{self.task}.json", "test": f"{self.task}.json"}

    def load(self, folder: Path, split: str) -> list[Example]:
        path = folder / f"{self.task}.json"
        try:
            rows = json.loads(path.read_bytes())["examples"]
            found = [Example(f"{self.task}-{i}", row["input"], row["target"]) for i, row in enumerate(rows)]
        except (OSError, ValueError, KeyError, TypeError):
            raise DataError(f"{path} is no BBH task: fetch it again") from None
        return self._answered(folder, found) if self.trace else found

    def _answered(self, folder: Path, rows: list[Example]) -> list[Example]:
        root = next((r for r in (folder.parents[1], folder.parent, folder) if (r / "traces").is_dir()), folder)
        path = root / "traces" / "bbh_code_davinci_002" / self.trace / f"{self.task}.jsonl"
        try:
            said = [json.loads(line)["prediction"] for line in path.read_text(encoding="utf-8").splitlines()]
            pairs = list(zip(rows, said, strict=True))
        except (OSError, ValueError, KeyError, TypeError):
            raise DataError(f"{path} does not hold the recorded answers to {self.task}") from None
        return [Example(row.id, row.text, answer_in(reply), group=row.group) for row, reply in pairs]


def answer_in(reply: str) -> str:
    """What a recorded reply comes to: what follows "the answer is", else all of it."""
    found = _ANSWER.search(reply)
    return (found[1] if found else reply).strip()


SETS = {f"bbh/{task}": BbhTask(task) for task in TASKS} | {
    f"traces/bbh/{trace}/{task}": BbhTask(task, trace) for task in TASKS for trace in TRACES
}
