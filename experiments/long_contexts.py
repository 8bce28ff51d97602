"""Questions about long contexts whose answers are known: look one key up, count records by what they ask for."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from experiments.mix import Item
from self_distill.errors import DataError
from self_distill.task import Task
from self_distill.types import Example

SIZES = (8_000, 16_000, 32_000, 64_000, 125_000, 250_000, 500_000, 1_000_000)
"""Characters of a context, about."""
KIND = Task(
    "request_kind",
    "What does the customer ask for?",
    labels=("refund", "delivery", "login", "cancel", "invoice"),
)
COUNT = Task("count", "Answer with the number of records.", answer="number")
LOOKUP = Task("lookup", "Answer with the value that belongs to the key, and nothing else.", answer="string")
REGIONS = ("north", "south", "east", "west")
_FIRST = ("Ada", "Ben", "Cora", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jon", "Kira", "Leo", "Mona", "Nils")
_LAST = ("Abel", "Brandt", "Castro", "Dahl", "Evans", "Fischer", "Grant", "Holm", "Ivanov", "Jansen", "Keller", "Lund")
_THINGS = ("kettle", "lamp", "desk", "jacket", "phone case", "rucksack", "bike light", "blender", "chair", "monitor")
_WHEN = ("yesterday", "last week", "on Monday", "two days ago", "this morning", "in March", "a month ago")
_ASKS = {
    "refund": (
        "The {thing} I got {when} is broken, please send my money back.",
        "I returned the {thing} {when} and still wait for the refund.",
        "When do I get the money for the {thing} that I sent back {when}?",
        "You charged me twice for the {thing} {when}, I want one payment returned.",
    ),
    "delivery": (
        "Where is my parcel? The {thing} should have come {when}.",
        "The tracking page of the {thing} has not moved since it was shipped {when}.",
        "My {thing} was to arrive {when}, when will the courier come?",
        "The driver left the parcel with the {thing} somewhere {when} and I cannot find it.",
    ),
    "login": (
        "I cannot sign in since {when}, I only wanted to look at a {thing}.",
        "The reset link for my password does not work since {when}; the {thing} is in my basket.",
        "My account is locked since {when} and the {thing} is still in my basket.",
        "The code for signing in never came {when}, so I could not pay for the {thing}.",
    ),
    "cancel": (
        "Please cancel the {thing} that I ordered {when}.",
        "I do not need the {thing} any more, stop the order from {when}.",
        "I ordered the {thing} by mistake {when}, call the order off.",
        "Take the {thing} out of my order from {when} before it is packed.",
    ),
    "invoice": (
        "I need a receipt for the {thing} that I bought {when}.",
        "The bill for the {thing} from {when} has the wrong company name on it.",
        "Please send the invoice for the {thing} from {when} as a PDF.",
        "Our accountants miss the tax number on the bill for the {thing} from {when}.",
    ),
}
_OLD = "I have been a customer for years."
_CHATTER = ("", "Hello,", "Good day.", "Hi there,", "Dear team,", "Quick question:", _OLD)


@dataclass(frozen=True, slots=True)
class LongItem(Item):
    """The text of the example is the question; `values` are those in the context that no model is to see."""

    context: str | dict[str, str] = ""
    values: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.context if isinstance(self.context, str) else json.dumps(self.context))


def message(draw: random.Random) -> Example:
    label = draw.choice(KIND.labels)
    text = draw.choice(_ASKS[label]).format(thing=draw.choice(_THINGS), when=draw.choice(_WHEN))
    return Example("", f"{draw.choice(_CHATTER)} {text}".strip(), label)


def messages(n: int, seed: int) -> list[Example]:
    """Different texts with what they ask for: what a rule is learned from."""
    draw, found = random.Random(seed), dict[str, Example]()
    while len(found) < n:
        one = message(draw)
        found.setdefault(one.text, one)
    return list(found.values())


def counted(number: int, size: int, seed: int) -> LongItem:
    """Records with a sender; the question names a kind and a region."""
    draw = random.Random(f"count {seed} {number}")
    kind, region = draw.choice(KIND.labels), draw.choice(REGIONS)
    lines, values, length, truth = list[str](), list[str](), 0, 0
    while length < size:
        one, where = message(draw), draw.choice(REGIONS)
        values.append(f"{draw.choice(_FIRST)}.{draw.choice(_LAST)}{draw.randrange(10, 9999)}@mail.example".lower())
        lines.append(f"{len(lines) + 1} | {where} | {values[-1]} | {one.text}")
        length += len(lines[-1]) + 1
        truth += one.label == kind and where == region
    kinds = ", ".join(KIND.labels)
    question = (
        "Each line of the context is a record: number | region | sender | message of a customer. A message asks for "
        f"one of: {kinds} (the task {KIND.name}). How many records of the region {region} ask for {kind}?"
    )
    return LongItem(f"count:{number}", COUNT, Example(f"{number}", question, truth), "\n".join(lines), tuple(values))


@cache
def _pairs(data: Path) -> tuple[tuple[str, str], ...]:
    path = data / "kv_retrieval" / "kv-retrieval-75_keys.jsonl.gz"
    if not path.exists():
        raise DataError(f"{path} is not there: give the folder of the public data sets with --data")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line)["ordered_kv_records"] for line in lines]
    return tuple(dict((key, value) for row in rows for key, value in row).items())


def looked_up(number: int, size: int, seed: int, data: Path) -> LongItem:
    """Keys and values of many rows of kv_retrieval, as one object."""
    draw = random.Random(f"lookup {seed} {number}")
    pairs = draw.sample(_pairs(data), size // 82)
    key, value = draw.choice(pairs)
    question = f"The context is an object of keys and values. Which value has the key {key}?"
    return LongItem(f"lookup:{number}", LOOKUP, Example(f"{number}", question, value), dict(pairs))
