"""What a maker is asked for: a rule that answers, or a macro that finds. The rest of the making is the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from self_distill.distill import prompts
from self_distill.distill.trial import Outcome, Trial, finding, tried
from self_distill.protocols import Interpreter
from self_distill.rules.finder import called, places
from self_distill.task import Task
from self_distill.types import Example, Fault, Message, Ruled

MACRO_SYSTEM = """\
You write a Python program that finds one kind of value in texts, so that it can be masked before anybody else
reads them.

Reply with exactly one ```python block that defines

    def find(text: str):

`find` gets one text and returns a list of (start, end) offsets in characters, end exclusive, one pair for each value
of the asked kind; [] if there is none. A value that is missed costs far more than text that is masked for nothing, but
masking what merely looks similar makes texts useless.

The program is tested on texts that you have not seen. Work out the form of the values from the description and the
examples, whose values are random look-alikes: their shape is right, check digits are not. Do not list values. At most
300 lines and 20,000 characters. No clock, no randomness, no state between calls.

It runs in a small Python 3: functions, comprehensions, match, try; modules re, math, json, collections, itertools,
functools, bisect, unicodedata. It lacks files, network, yield, del, class inheritance, re.sub with a function, and the
modules string, statistics, operator, enum. One call may take 0.2 seconds.
"""


class Craft(Protocol):
    system: str
    entry: str

    def ask(
        self, task: Task, examples: Sequence[Example], toolkit: str, number: int, of: int
    ) -> tuple[Message, ...]: ...

    async def tried(self, code: str, task: Task, examples: Sequence[Example], at: Interpreter) -> Trial: ...

    def finding(self, trial: Trial) -> str:
        """What a maker is told of its program on train."""


class RuleCraft:
    system, entry = prompts.SYSTEM, "run"

    def ask(self, task: Task, examples: Sequence[Example], toolkit: str, number: int, of: int) -> tuple[Message, ...]:
        return prompts.ask(task, examples, toolkit, number, of)

    async def tried(self, code: str, task: Task, examples: Sequence[Example], at: Interpreter) -> Trial:
        return await tried(code, task, examples, at)

    def finding(self, trial: Trial) -> str:
        return finding(trial)


class MacroCraft:
    """An example is right when every value is masked and nothing else is; its label are the values' offsets."""

    system, entry = MACRO_SYSTEM, "find"

    def ask(self, task: Task, examples: Sequence[Example], toolkit: str, number: int, of: int) -> tuple[Message, ...]:
        parts = (
            f"Kind of value: {task.name}. {task.instructions.strip()}",
            f"These functions are already defined:\n{toolkit}" if toolkit else "",
            "Examples, each with the values in it:\n" + "\n".join(map(_shown, examples)),
            f"Write candidate {number} of {of}.",
        )
        return Message("system", self.system), Message("user", "\n\n".join(part for part in parts if part))

    async def tried(self, code: str, task: Task, examples: Sequence[Example], at: Interpreter) -> Trial:
        decisions = await at.run_many(called(code), [example.text for example in examples])
        outcomes = []
        for example, decision in zip(examples, decisions, strict=True):
            found = places(decision, example.text)
            if isinstance(found, Fault):
                outcomes.append(Outcome(example, found, None))
            else:
                gold = [(span.start, span.end) for span in example.spans]
                outcomes.append(Outcome(example, Ruled(found, ""), found == gold))
        return Trial(tuple(outcomes))

    def finding(self, trial: Trial, most: int = 8) -> str:
        bad = [outcome for outcome in trial.outcomes if outcome.right is not True]
        lines = [f"On {trial.n} training examples: {trial.n - len(bad)} right, {len(bad)} not."]
        for outcome in bad[:most]:
            got = outcome.decision
            told = f"failed with {got.kind}: {got.detail}" if isinstance(got, Fault) else _values(outcome)
            lines.append(f"{_shown(outcome.example)}\n   but the program {told}")
        return "\n".join(lines)


def _values(outcome: Outcome) -> str:
    value = outcome.decision.value if isinstance(outcome.decision, Ruled) else []
    pairs = value if isinstance(value, list | tuple) else []
    text = outcome.example.text
    return "found " + json.dumps([text[start:end] for start, end in pairs], ensure_ascii=False)


def _shown(example: Example) -> str:
    values = [example.text[span.start : span.end] for span in example.spans]
    return f"<example>\n{example.text}\n</example> -> {json.dumps(values, ensure_ascii=False)}"
