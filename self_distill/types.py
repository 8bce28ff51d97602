"""The values everything else speaks in. Standard library only; every value is frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
Phase: TypeAlias = Literal["use", "making", "audit"]
"""What a model call was for: answering, writing a tool, or checking one."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` to `end` (half-open) of a text hold a value of `type`.

    `score` is in (0, 1]; `detector` names who found it.
    """

    start: int
    end: int
    type: str
    score: float = 1.0
    detector: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, not {self.start}..{self.end}")
        if not 0 < self.score <= 1:
            raise ValueError(f"a span's score is in (0, 1], not {self.score}")


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model is to choose its tokens; `max_tokens` bounds the answer, in the model's own tokens."""

    temperature: float = 0.0
    seed: int = 0
    max_tokens: int = 256


@dataclass(frozen=True, slots=True)
class OneOf:
    """The reply must be exactly one of `labels`."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """The reply must be JSON that fits `schema` (JSON Schema)."""

    schema: Mapping[str, Json]


Constraint: TypeAlias = OneOf | Matching


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call as a client encodes it. `label` says in a few words which prompt it is and never holds text
    of a user; `frames` are the constant parts of the prompt, which the egress guard does not search."""

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    constraint: Constraint | None = None
    label: str = ""
    frames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or more calls; `counted` names who counted: "server", "tokenizer" or "characters/4"."""

    tokens_in: int = 0
    tokens_out: int = 0
    counted: str = "server"

    @property
    def total(self) -> int:
        return self.tokens_in + self.tokens_out

    def __add__(self, other: Usage) -> Usage:
        ways = {u.counted for u in (self, other) if u.total} or {self.counted}
        return Usage(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, "+".join(sorted(ways)))


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    usage: Usage
    latency_ms: float
    model: str
    sampling: Sampling


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule answered. `reason` is what the rule says of itself, for `explain`."""

    value: Json
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Abstain:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A program failed: `kind` is the class of failure (SyntaxError, TimeoutError …), `detail` one line."""

    kind: str
    detail: str = ""


Decision: TypeAlias = Ruled | Abstain | Fault


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller gets. `value` is parsed and restored; `by` is "rule:<name>@<hash>", "model:<name>" …;
    `lost` are placeholders that could not be restored, `withheld` those left in place on purpose."""

    value: Json
    by: str
    trace: str
    usage: Usage = Usage()
    latency_ms: float = 0.0
    lost: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """One row of a data set. `group` ties rows that must stay in one split (template, customer)."""

    id: str
    text: str
    label: Json = None
    spans: tuple[Span, ...] = ()
    group: str | None = None


@dataclass(frozen=True, slots=True)
class CallRow:
    """Ledger: one model call as the door saw it. `key` is the hash of model + messages + sampling."""

    trace: str
    model: str
    label: str
    key: str
    status: Literal["ok", "cached", "refused", "failed"]
    phase: Phase = "use"
    usage: Usage = Usage()
    latency_ms: float = 0.0
    attempts: int = 1
    depth: int = 0
    error: str = ""
    temperature: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RuleRow:
    """Ledger: one execution of a tool. `micros` is its wall time in microseconds."""

    trace: str
    tool: str
    code_hash: str
    outcome: Literal["answer", "abstain", "fault"]
    detail: str = ""
    value: Json = None
    micros: float = 0.0


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """Ledger: one answered request. `text` and `value` are scrubbed; the original values are nowhere."""

    trace: str
    task: str
    by: str
    text: str
    value: Json
    usage: Usage = Usage()
    latency_ms: float = 0.0
    masked: Mapping[str, int] = field(default_factory=dict)
    item: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """Ledger: one measured value, for figures that other rows cannot give: whether the answer to `item` was
    "correct" (1 or 0), how many values of it a model saw ("exposures")."""

    trace: str
    name: str
    value: float
    item: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Ledger: the coin of one answer by certified rules, or what came of its audit. `certificate` is its id; the coin
    chose the answer where `point` is below `rate`. "passed" is an answer that it did not choose, "waits" one that
    waits for gold, "notice" a verdict that is no evidence; "failed" is an audit that came to nothing. `value` is what
    the auditor says, scrubbed; `detail` says why, in one line."""

    trace: str
    task: str
    certificate: str
    outcome: Literal["passed", "waits", "right", "wrong", "failed", "notice"]
    point: float = 0.0
    rate: float = 0.0
    auditor: str = ""
    value: Json = None
    item: str = ""
    detail: str = ""

    @property
    def chosen(self) -> bool:
        return self.point < self.rate


LedgerRow: TypeAlias = CallRow | RuleRow | AnswerRow | MeasureRow | AuditRow
