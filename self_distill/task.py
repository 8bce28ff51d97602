"""A task: a named sub-task: its instructions, its answer space, how to prompt for, parse and score it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from self_distill.errors import AnswerError, SettingsError
from self_distill.fits import misfit
from self_distill.types import Constraint, Json, Matching, Message, ModelRequest, OneOf, Sampling

AnswerKind = Literal["label", "labels", "string", "number", "spans", "json"]
Normaliser = Literal["strip", "casefold", "squeeze", "none"]
NOTHING = "none"
"""What a model writes for the empty set of labels."""

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_WORD = re.compile(r"[\w'&/.+-]*[\w+]")


@dataclass(frozen=True, slots=True)
class Task:
    """`labels` with `many` asks for a set of labels, without for exactly one; `pattern` is a regular
    expression that a string answer matches whole; `schema` is a JSON Schema. `mask` limits the macros to
    these types (empty: all). `risk` and `confidence` are what a certificate must prove."""

    name: str
    instructions: str
    labels: tuple[str, ...] = ()
    many: bool = False
    answer: AnswerKind = "label"
    schema: Mapping[str, Json] | None = None
    pattern: str = ""
    normaliser: Normaliser = "strip"
    prompt: str = "{text}"
    critical: tuple[str, ...] = ()
    per_label: bool = False
    group: str = ""
    mask: tuple[str, ...] = ()
    risk: float = 0.05
    confidence: float = 0.95
    max_tokens: int = 0
    parts: tuple[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise SettingsError(f"task {self.name or '?'}: {problem}")
        before, _, after = self.prompt.partition("{text}")
        object.__setattr__(self, "parts", (before, after))

    @property
    def kind(self) -> AnswerKind:
        if self.labels:
            return "labels" if self.many else "label"
        if self.schema is not None:
            return "json"
        return self.answer

    @property
    def constraint(self) -> Constraint | None:
        if self.kind == "label":
            return OneOf(self.labels)
        if self.kind == "labels":
            items: Json = {"type": "string", "enum": self.labels}
            return Matching({"type": "array", "items": items, "maxItems": len(self.labels)})
        return Matching(self.schema) if self.schema is not None else None

    @property
    def system(self) -> str:
        return f"{self.instructions.strip()}\n{self._form()}".strip()

    def _form(self) -> str:
        match self.kind:
            case "label":
                return f"Answer with exactly one of: {', '.join(self.labels)}."
            case "labels":
                labels = ", ".join(self.labels)
                return f"Answer with a JSON list of those that apply ([] for none), of: {labels}."
            case "number":
                return "End with the answer as a number after ####."
            case "json" | "spans":
                return "Answer with JSON only."
            case _:
                return ""

    def request(self, model: str, text: str, sampling: Sampling | None = None, label: str = "") -> ModelRequest:
        """The call that asks a model for the answer to one (scrubbed) text."""
        before, after = self.parts
        messages = (Message("system", self.system), Message("user", before + text + after))
        sampling = sampling or Sampling(max_tokens=self.max_tokens or _room(self.kind))
        frames = tuple(part for part in (self.system, before, after) if part.strip())
        return ModelRequest(model, messages, sampling, self.constraint, label or f"task {self.name}", frames)

    def parse(self, reply: str) -> Json:
        """The answer in a model's reply; raises `AnswerError` when there is none in the answer space."""
        match self.kind:
            case "label":
                return self._one(reply)
            case "labels":
                return self._set(reply)
            case "number":
                return _number(reply)
            case "json" | "spans":
                return self.checked(_json(reply))
            case _:
                return self.checked(reply.strip())

    def checked(self, value: Json) -> Json:
        """`value` if it lies in the answer space (a rule's answer, a gold label); raises `AnswerError`."""
        match self.kind:
            case "label" if value in self.labels:
                return value
            case "labels" if isinstance(value, list | tuple) and all(item in self.labels for item in value):
                return sorted({str(item) for item in value})
            case "number" if isinstance(value, int | float | str) and not isinstance(value, bool):
                return _number(str(value))
            case "string" if isinstance(value, str) and re.fullmatch(self.pattern or r"(?s).*", value):
                return value
            case "json" | "spans" if value is not None or self.schema is not None:
                if problem := misfit(value, self.schema or {}):
                    raise AnswerError(f"task {self.name}: {problem}")
                return value
        raise AnswerError(f"task {self.name}: the answer is not in the answer space ({self.kind})")

    def score(self, value: Json, gold: Json) -> bool:
        if self.kind == "labels":
            return _as_set(value) == _as_set(gold)
        if self.kind == "string":
            return self._normal(value) == self._normal(gold)
        if self.kind == "number":
            return _same_number(value, gold)
        return bool(value == gold)

    def _normal(self, value: Json) -> str:
        text = str(value)
        match self.normaliser:
            case "strip":
                return text.strip()
            case "casefold":
                return text.strip().casefold()
            case "squeeze":
                return " ".join(text.split()).casefold()
            case _:
                return text

    def _one(self, reply: str) -> str:
        by_fold = {label.casefold(): label for label in self.labels}
        whole = reply.strip().strip(".!\"'*` ").casefold()
        if whole in by_fold:
            return by_fold[whole]
        found = {by_fold[w] for w in (m.group().casefold() for m in _WORD.finditer(reply)) if w in by_fold}
        if len(found) == 1:
            return found.pop()
        raise AnswerError(f"task {self.name}: the reply names {len(found)} labels instead of one")

    def _set(self, reply: str) -> Json:
        by_fold = {label.casefold(): label for label in self.labels}
        words = [m.group().casefold() for m in _WORD.finditer(reply)]
        found = sorted({by_fold[w] for w in words if w in by_fold})
        if not found and NOTHING not in words and "".join(reply.split()) != "[]":
            raise AnswerError(f"task {self.name}: the reply names no label and not '{NOTHING}'")
        return found


def _problems(task: Task) -> list[str]:
    problems = []
    if not re.fullmatch(r"[A-Za-z][\w-]*(/[\w-]+)?", task.name):
        problems.append("`name` is a word of letters, digits, - and _")
    if not task.instructions.strip():
        problems.append("`instructions` is empty")
    if task.labels and (len(set(task.labels)) != len(task.labels) or "" in task.labels):
        problems.append("`labels` has an empty or a repeated label")
    if task.answer == "label" and not task.labels and task.schema is None:
        problems.append("needs `labels`, or `answer` = string | number | spans, or `schema`")
    if task.answer not in get_args(AnswerKind):
        problems.append(f"`answer` is one of {', '.join(get_args(AnswerKind))}")
    if task.normaliser not in get_args(Normaliser):
        problems.append(f"`normaliser` is one of {', '.join(get_args(Normaliser))}")
    if "{text}" not in task.prompt:
        problems.append("`prompt` has no {text} in it")
    if unknown := [label for label in task.critical if label not in task.labels]:
        problems.append(f"`critical` names {unknown[0]!r}, which is not among `labels`")
    if not (0 < task.risk < 1 and 0 < task.confidence < 1):
        problems.append("`risk` and `confidence` lie between 0 and 1")
    return problems


def _room(kind: AnswerKind) -> int:
    """Tokens an answer of this kind may take."""
    return {"label": 32, "labels": 96}.get(kind, 512)


def _number(reply: str) -> Json:
    """GSM8K's convention: the number after ####, else the last one (Cobbe et al., 2110.14168)."""
    tail = reply.rsplit("####", 1)[-1]
    found = _NUMBER.findall(tail) or _NUMBER.findall(reply)
    if not found:
        raise AnswerError("the reply has no number in it")
    value = float((found[0] if "####" in reply else found[-1]).replace(",", ""))
    return int(value) if value.is_integer() else value


def _same_number(value: Json, gold: Json) -> bool:
    try:
        return abs(float(str(value).replace(",", "")) - float(str(gold).replace(",", ""))) < 1e-6
    except ValueError:
        return False


def _json(reply: str) -> Json:
    text = reply.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    try:
        value: Json = json.loads(text)
    except ValueError:
        raise AnswerError("the reply is not JSON") from None
    return value


def _as_set(value: Json) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list | tuple) else frozenset({str(value)})


def parse_task(table: Mapping[str, Any], where: str = "task") -> Task:
    """A `Task` from the table of a TOML file; a key it does not know is an error, for it is a typo."""
    known = {f.name: f for f in fields(Task) if f.init}
    if unknown := sorted(set(table) - set(known)):
        raise SettingsError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    if missing := [key for key in ("name", "instructions") if key not in table]:
        raise SettingsError(f"{where}: the key {missing[0]!r} is missing")
    values: dict[str, Any] = {}
    for key, value in table.items():
        kind = _kind_of(known[key].default)
        value = tuple(value) if isinstance(value, list) else value
        if not isinstance(value, kind) or (isinstance(value, bool) and bool not in kind):
            raise SettingsError(f"{where}: `{key}` is not of type {kind[-1].__name__}")
        values[key] = value
    return Task(**values)


def _kind_of(default: object) -> tuple[type, ...]:
    """The types a key of a task file may have, told by the default of its field."""
    match default:
        case bool() | tuple():
            return (type(default),)
        case float() | int():
            return (int, type(default))
        case None:
            return (dict,)
        case _:
            return (str,)


def task_file(task: Task) -> str:
    """The TOML that `parse_task` reads as this task: name, instructions, and what is not as it is anyway."""
    given = {f.name: getattr(task, f.name) for f in fields(Task) if f.init and getattr(task, f.name) != f.default}
    return "".join(f"{key} = {_toml(value)}\n" for key, value in given.items())


def _toml(value: object) -> str:
    match value:
        case Mapping():
            return "{" + ", ".join(f"{_toml(str(key))} = {_toml(inner)}" for key, inner in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case str():  # TOML's strings are JSON's, but for characters beyond 16 bits and for DEL
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return json.dumps(value)


def load_task(path: Path) -> Task:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such task file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None
    return parse_task(table, str(path))


def load_tasks(folder: Path) -> dict[str, Task]:
    tasks = [load_task(path) for path in sorted(folder.rglob("*.toml"))]
    return {task.name: task for task in tasks}
