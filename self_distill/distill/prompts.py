"""What a maker is told. Constant frames stand here once: the guard knows them, and a change is seen."""

from __future__ import annotations

import json
from collections.abc import Sequence

from self_distill.task import Task
from self_distill.types import Example, Json, Message

SYSTEM = """\
You write a Python program that answers a sub-task instead of a language model, millions of times.

Reply with exactly one ```python block that defines

    def run(text: str):

`run` gets one text and returns its answer, or None where it is not sure: then a language model is asked.
A wrong answer costs far more than None. It may return (answer, reason) with a reason of a few words.

The program is tested on texts that you have not seen. Write general rules that a person can read, not tables
of the examples: code that repeats eight consecutive words of an example is refused. At most 300 lines and
20,000 characters. Same text, same answer: no clock, no randomness, no state between calls.

It runs in a small Python 3: functions, comprehensions, match, try, plain classes; modules re, math, json,
datetime, collections (Counter, defaultdict, deque, namedtuple), itertools, functools, bisect, decimal,
unicodedata. It lacks files, network, yield, del, class inheritance, decorators of methods, str.translate,
unbound methods such as str.lower (write lambda s: s.lower()), re.sub with a function, date.toordinal, and the
modules string, statistics, operator, enum, heapq, difflib, fractions. One call may take 0.2 seconds.
"""

STRATEGIES = (
    "the complete method: work out how the answer follows from the text, and compute it",
    "few and simple rules that are nearly always right; None for everything else",
    "many small signals that are weighed; an answer only where they agree",
    "what an expert would look at first, then exceptions, then None",
)


def ask(task: Task, examples: Sequence[Example], toolkit: str, number: int, of: int) -> tuple[Message, ...]:
    """The request for candidate `number` (from 1) of `of`: another strategy each, so that they differ."""
    strategy = STRATEGIES[(number - 1) % len(STRATEGIES)]
    parts = (
        f"Sub-task: {task.instructions.strip()}",
        f"Answer: {form(task)}",
        f"These functions are already defined:\n{toolkit}" if toolkit else "",
        "Examples:\n" + "\n".join(shown(example.text, example.label) for example in examples),
        f"Write candidate {number} of {of}. Its strategy: {strategy}.",
    )
    return Message("system", SYSTEM), Message("user", "\n\n".join(part for part in parts if part))


def repair(asked: tuple[Message, ...], reply: str, finding: str) -> tuple[Message, ...]:
    """`finding` says what went wrong with the program in `reply`, from train only."""
    text = f"{finding}\n\nReply with the whole corrected program in one ```python block."
    return (*asked, Message("assistant", reply), Message("user", text))


def form(task: Task) -> str:
    match task.kind:
        case "label":
            return f"one of the strings {', '.join(map(json.dumps, task.labels))}."
        case "labels":
            return f"a list of those that apply, of {', '.join(map(json.dumps, task.labels))}; [] for none."
        case "number":
            return "a number."
        case "string":
            return "a string, exactly as in the examples."
        case _:
            return "a JSON value like those in the examples."


def shown(text: str, label: Json) -> str:
    return f"<example>\n{text}\n</example> -> {json.dumps(label, ensure_ascii=False)}"


TEXT_SYSTEM = """\
You write a short guide that helps a language model to answer a sub-task. At most 120 words: what to look at,
what decides, typical traps. Plain text, no examples copied.
"""


def guide(task: Task, examples: Sequence[Example]) -> tuple[Message, ...]:
    """The request for a text tool: a guide that is put into every prompt."""
    rows = "\n".join(shown(example.text, example.label) for example in examples)
    parts = (f"Sub-task: {task.instructions.strip()}\nAnswer: {form(task)}", f"Examples:\n{rows}", "Write the guide.")
    user = "\n\n".join(parts)
    return Message("system", TEXT_SYSTEM), Message("user", user)
