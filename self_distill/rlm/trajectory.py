"""What happened in a run, as events; a tree of nodes is folded from them. All text in them is scrubbed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from self_distill.types import Usage

Kind = Literal["start", "turn", "reply", "cell", "call", "answer", "end"]
ROOT = "0"


@dataclass(frozen=True, slots=True)
class Event:
    """`node` is a path: "0.2.1" is the first call that the second call of the outermost loop made.

    start: a loop begins, `text` its question. turn: a turn begins. reply: the model's `text`. cell: a block of
    code (`text`) ran and printed `output`. call: a sub-call, `text` its prompt, `output` its kind (llm, rlm or
    rule). answer: what it brought. end: a loop's answer; `error` says why it is incomplete.
    `seconds` is how long it took, `at` when it was, from the start of the run."""

    kind: Kind
    node: str
    turn: int = 0
    text: str = ""
    output: str = ""
    by: str = ""
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    error: str = ""
    at: float = 0.0

    @property
    def depth(self) -> int:
        return self.node.count(".")

    def as_json(self) -> dict[str, Any]:
        kept = {key: value for key, value in asdict(self).items() if value or key in ("kind", "node")}
        if not self.usage.total:
            kept.pop("usage", None)
        return kept

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Event:
        usage = Usage(**data.pop("usage")) if "usage" in data else Usage()
        return cls(usage=usage, **data)


Listener = Callable[[Event], None]


@dataclass(slots=True)
class Node:
    """A loop or a sub-call. `usage` is its own, without its children."""

    path: str
    kind: str = ""
    text: str = ""
    answer: str = ""
    by: str = ""
    error: str = ""
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    turn: int = 0
    done: bool = False
    events: list[Event] = field(default_factory=list)
    children: dict[str, Node] = field(default_factory=dict)

    @property
    def total(self) -> Usage:
        return sum((child.total for child in self.children.values()), self.usage)

    def below(self) -> int:
        return sum(1 + child.below() for child in self.children.values())


class Tree:
    """Folds events, one by one, into nodes."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.root = Node(ROOT)
        self._nodes = {ROOT: self.root}
        for event in events:
            self.add(event)

    def node(self, path: str) -> Node:
        if path not in self._nodes:
            parent = self.node(path.rpartition(".")[0])
            self._nodes[path] = parent.children[path] = Node(path)
        return self._nodes[path]

    def add(self, event: Event) -> None:
        node = self.node(event.node)
        match event.kind:
            case "start" | "call":
                node.kind = event.output or node.kind or "rlm"
                node.text = node.text or event.text
            case "turn":
                node.turn = event.turn
                node.events.append(event)
            case "reply":
                node.usage += event.usage
                node.events.append(event)
            case "cell":
                node.events.append(event)
            case "answer" | "end":
                node.answer, node.by = event.text, event.by or node.by
                node.error, node.done = event.error, True
                node.seconds = max(node.seconds, event.seconds)
                if event.kind == "answer" and not node.events:
                    node.usage += event.usage
