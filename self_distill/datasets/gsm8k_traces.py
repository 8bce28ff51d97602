"""Recorded replies of chat models to GSM8K's test questions (ZeroEval): "traces/gsm8k/<model>", the label being what
the model answered, right or not."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from self_distill.errors import DataError
from self_distill.types import Example, Json

MODELS = ("gpt-4o-mini-2024-07-18", "claude-3-haiku-20240307", "gpt-3.5-turbo-0125")
_ANSWER = re.compile(r'"answer"\s*:\s*"?([^"\n}]*)')
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Replies:
    model: str

    @property
    def FOLDERS(self) -> tuple[str, ...]:
        return ("traces/zeroeval_gsm8k", "zeroeval_gsm8k", ".")

    @property
    def SPLITS(self) -> Mapping[str, str]:
        return {"test": f"{self.model}.json", "train": f"{self.model}.json"}

    def load(self, folder: Path, split: str) -> list[Example]:
        """A reply without a number has the label None: nobody learns from it."""
        path = folder / f"{self.model}.json"
        try:
            rows = json.loads(path.read_bytes())
            return [Example(str(row["id"]), row["question"], _answer(str(row["output"]))) for row in rows]
        except (OSError, ValueError, KeyError, TypeError):
            raise DataError(f"{path} does not hold the recorded replies of {self.model}") from None


def _answer(output: str) -> Json:
    """The number in the reply's field "answer"; the reply is often no valid JSON."""
    try:
        text = str(ast.literal_eval(output)[0])
    except (ValueError, SyntaxError, IndexError):
        text = output
    found = _ANSWER.findall(text)
    numbers = _NUMBER.findall(found[-1].replace("$", "")) if found else []
    return numbers[-1].replace(",", "") if numbers else None


SETS = {f"traces/gsm8k/{model}": Replies(model) for model in MODELS}
