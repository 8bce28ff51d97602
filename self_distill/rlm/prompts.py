"""What a loop says to its model. Short: every turn pays for it again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from self_distill.task import Task
from self_distill.types import Json, Message

LIMIT = 2_000
"""Characters of the system prompt at most, hints for tasks included."""
PREVIEW = 400

SYSTEM = """\
You answer a question about `context`, a variable of a Python REPL that may be far too long to read. Each turn, say \
in a sentence what you do, then write code in ```repl blocks. What they print comes back, cut at {shown:,} characters. \
Variables stay.

In the REPL:
- llm_query(prompt) -> str: asks a model that sees this prompt and nothing else. llm_query_batched(prompts) -> list \
asks many at once.
- rlm_query(question, context) -> str: a helper with a REPL of its own, for a part that needs several steps; \
rlm_query_batched(questions, contexts).
- SHOW_VARS(): names and types of your variables.
- answer = {{"content": "", "ready": False}}. To finish: answer["content"] = …; answer["ready"] = True
{rules}
Look first (len, slices, one record). Let code search, split, count and compare; ask models only what needs \
reading, with the text inside the prompt, in batches. Print little. Check a result before you finish.
Names like [EMAIL_1] stand for hidden values: copy them whole.
The REPL has re, json, math, datetime, collections, itertools, functools, random, csv, decimal, base64, hashlib. It \
has no files, network or other modules, no `del`, `yield`, class inheritance, or function in re.sub."""

_RULES = "- rules.<task>(text): free and certified; None where unsure. Tasks: {tasks}\n"

DIRECT = "Answer the question from the context below it. Give the answer only."
NO_CODE = (
    "There was no code to run. Write Python in a ```repl block. If you have the answer, set it in one:\n"
    '```repl\nanswer["content"] = …\nanswer["ready"] = True\n```'
)
REBOUND = '`answer` is again the dict {"content": …, "ready": …}; set answer["ready"] = True to finish.'
EMPTY = 'answer["content"] is empty: set it, then answer["ready"] = True.'
LAST = 'This is the last turn: set answer["content"] and answer["ready"] = True now.'


def system(tasks: Mapping[str, Task], shown: int) -> str:
    """With as many tasks as there is room for."""
    hints: list[str] = []
    for name, task in tasks.items():
        hints.append(f"{name} ({_space(task)})")
        if len(_filled(hints, shown)) > LIMIT:
            hints.pop()
            break
    return _filled(hints, shown)


def _filled(hints: list[str], shown: int) -> str:
    return SYSTEM.format(shown=shown, rules=_RULES.format(tasks=", ".join(hints)) if hints else "")


def _space(task: Task) -> str:
    return "|".join(task.labels)[:60] if task.labels else task.kind


def typed(task: Task | None) -> str:
    """What follows the system prompt where the answer is checked."""
    if task is None:
        return ""
    schema = "" if task.schema is None else f"\nIts JSON Schema: {json.dumps(task.schema)}"
    return f"\nThe answer is checked. {task.system}{schema}"


def first(question: str, context: Json) -> str:
    """The question, what the context is, and how it begins."""
    return f"Question: {question}\n\n{described(context)}"


def described(context: Json) -> str:
    text = context if isinstance(context, str) else repr(context)
    if not text:
        return "`context` is empty."
    size = f"{len(text):,} characters"
    if isinstance(context, list | dict):
        size = f"{len(context):,} entries, {size}"
    head = text[:PREVIEW]
    begins = "It is" if len(text) <= PREVIEW else "It begins"
    return f"`context` is a {type(context).__name__} of {size}. {begins}:\n{head}"


def direct(question: str, text: str, task: Task | None) -> tuple[Message, ...]:
    """The plain call for a context that fits: what comes last is read best, so the question does."""
    instructions = task.system if task else DIRECT
    return Message("system", instructions), Message("user", f"{text}\n\nQuestion: {question}".strip())


def cut(output: str, room: int) -> str:
    """Head and tail of what is too long, and how much is not shown."""
    if len(output) <= room:
        return output
    tail = room // 4
    gap = f"\n[… {len(output) - room:,} of {len(output):,} characters not shown …]\n"
    return output[: room - tail] + gap + output[len(output) - tail :]


def told(parts: list[str], turn: int, turns: int) -> str:
    """The message that follows a reply."""
    ending = LAST if turn + 1 >= turns else f"Turn {turn + 1} of {turns}."
    return "\n\n".join([*parts, ending])
