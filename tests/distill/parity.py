"""A task with a right answer to every text, for tests."""

from __future__ import annotations

import random
from collections.abc import Sequence

from self_distill.task import Task
from self_distill.types import Example

PARITY = Task("parity", "Is the number of x odd or even?", labels=("odd", "even", "neither"))
RIGHT = """
def run(text: str):
    n = text.count("x")
    return ("even" if n % 2 == 0 else "odd"), f"{n} x"
"""
HALF = RIGHT.replace("    n =", '    if "z" not in text:\n        return None\n    n =')
WORDS = ("xa", "xx", "ab", "zz", "qx", "mno", "xyx", "tt")


def examples(n: int, seed: int = 0, labels: Sequence[str] = ("odd", "even")) -> list[Example]:
    rng = random.Random(seed)
    texts = {" ".join(rng.choices(WORDS, k=9)) for _ in range(2 * n)}
    return [
        Example(str(i), text, labels[1] if text.count("x") % 2 == 0 else labels[0])
        for i, text in enumerate(sorted(texts)[:n])
    ]
