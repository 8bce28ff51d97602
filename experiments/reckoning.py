"""Word problems of GSM8K, and the sub-task in them that a rule can learn: the value of an arithmetic expression."""

from __future__ import annotations

import random
from fractions import Fraction

from experiments.long_contexts import LongItem
from self_distill import wire
from self_distill.datasets.load import load_dataset
from self_distill.settings import Settings
from self_distill.task import Task
from self_distill.types import Example

ARITHMETIC = Task(
    "arithmetic",
    "The text is an expression of numbers, + - * / and parentheses. What is its value?",
    answer="number",
)
DEEP = 3


def expressions(n: int, seed: int) -> list[Example]:
    """Different expressions with their values, of those that have at most two decimals."""
    draw, found = random.Random(seed), dict[str, Example]()
    while len(found) < n:
        text, value = expression(draw, draw.randint(1, DEEP))
        if value is not None and (value * 100).denominator == 1 and abs(value) < 10**7:
            found.setdefault(text, Example("", text, int(value) if value.denominator == 1 else float(value)))
    return list(found.values())


def expression(draw: random.Random, deep: int) -> tuple[str, Fraction | None]:
    """Without a value where it divides by nought. Each operation but the outermost stands in parentheses or is a
    chain of one kind, as word problems are written out."""
    if not deep or draw.random() < 0.3:
        return number(draw)
    (left, a), (right, b) = expression(draw, deep - 1), expression(draw, deep - 1)
    sign = draw.choice("+-*/")
    if a is None or b is None or (sign == "/" and not b):
        return "", None
    blank = draw.choice(("", " ", " "))
    left, right = (f"({part})" if set(part) & set("+-*/") else part for part in (left, right))
    text = f"{left}{blank}{sign}{blank}{right}"
    return text, {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else None}[sign]


def number(draw: random.Random) -> tuple[str, Fraction]:
    kind = draw.random()
    if kind < 0.1:
        value = draw.randrange(1_000, 100_000)
        return f"{value:,}", Fraction(value)
    if kind < 0.3:
        cents = draw.randrange(1, 10_000)
        return f"{cents / 100:.2f}", Fraction(cents, 100)
    value = draw.randrange(1, 100) if kind < 0.8 else draw.randrange(100, 1_000)
    return str(value), Fraction(value)


def worded(n: int, seed: int, settings: Settings) -> list[LongItem]:
    """Problems of the test part; the problem is the context."""
    if not n:
        return []
    task = wire.make_tasks(settings)["gsm8k"]
    rows = load_dataset("gsm8k", "test", n, seed, settings.data)
    question = "The context is a word problem. What is its answer?"
    return [
        LongItem(f"gsm8k:{at}", task, Example(f"{at}", question, row.label), row.text) for at, row in enumerate(rows)
    ]
